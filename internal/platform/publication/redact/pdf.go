package redact

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/signintech/gopdf"

	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/internal/pdf"
)

// Reasons for which a passage cannot be taken out; both are an ErrLeft.
var (
	// ErrPicture says that a withheld text stands in a picture of a kind that cannot be changed here: the passage has to be taken out in the
	// program that the document comes from.
	ErrPicture = fmt.Errorf("%w: it stands in a picture that cannot be changed", ErrLeft)
	// ErrLabel says that a ground holds a character that no font has.
	ErrLabel = fmt.Errorf("%w: a ground cannot be printed", ErrLeft)
)

// pdfFile takes passages out of the pages of a PDF and writes the pages into a new file.
func pdfFile(ctx context.Context, content []byte, limits extract.Limits, doc *extract.Document, passages []Passage, report *Report) ([]byte, error) {
	f, err := pdf.Open(ctx, content, extract.PDFLimits(limits))
	if err != nil {
		return nil, err
	}
	bases := map[int]int{} // where the text of each page begins
	for _, p := range doc.Parts {
		if p.Place == extract.Page && p.Number > 0 && !strings.Contains(p.Name, "!") {
			bases[p.Number-1] = p.From
		} else if p.Place != extract.Page {
			report.drop(string(p.Place))
		}
	}
	if f.Earlier {
		report.drop("earlier version")
	}
	var pages []*pdf.Page
	var cuts []pdf.Cut
	next := 0
	for n := range f.Pages() {
		p, err := f.Read(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", n+1, err)
		}
		pages = append(pages, p)
		base, ok := bases[n]
		if !ok {
			continue
		}
		t := p.Arrange()
		for next < len(passages) && passages[next].To <= base {
			next++ // in a part that is dropped
		}
		glyph := 0
		for i := next; i < len(passages) && passages[i].From < base+len(t.Text); i++ {
			from, to, label := cutOut(doc.Text, passages[i])
			c := pdf.Cut{Page: n, Label: label}
			for glyph < len(t.To) && t.To[glyph] <= from-base {
				glyph++
			}
			for g := glyph; g < len(t.From) && t.From[g] < to-base; g++ {
				if t.To[g] > from-base {
					c.Glyphs = append(c.Glyphs, g)
				}
			}
			if len(c.Glyphs) > 0 {
				cuts = append(cuts, c)
			}
		}
	}
	labels, err := labelFont(ctx, cuts, extract.PDFLimits(limits))
	if errors.Is(err, pdf.ErrLabel) {
		return nil, ErrLabel
	}
	if err != nil {
		return nil, err
	}
	out, err := f.Rewrite(ctx, pages, cuts, labels)
	if errors.Is(err, pdf.ErrPicture) {
		return nil, ErrPicture
	}
	return out, err
}

// cutOut returns which bytes of the text go and what is printed on the bar. Where the mask keeps the beginning and the end of what it masks,
// those stay as they are drawn.
func cutOut(text string, p Passage) (from, to int, label string) {
	if p.Ground != "" {
		return p.From, p.To, "不予公开：" + p.Ground
	}
	old, mask := text[p.From:p.To], p.Mask
	head := 0
	for head < len(old) && head < len(mask) {
		a, size := utf8.DecodeRuneInString(old[head:])
		b, _ := utf8.DecodeRuneInString(mask[head:])
		if a != b {
			break
		}
		head += size
	}
	tail := 0
	for head+tail < len(old) && head+tail < len(mask) {
		a, size := utf8.DecodeLastRuneInString(old[:len(old)-tail])
		b, _ := utf8.DecodeLastRuneInString(mask[:len(mask)-tail])
		if a != b || head+tail+size > len(old) || head+tail+size > len(mask) {
			break
		}
		tail += size
	}
	if middle := mask[head : len(mask)-tail]; strings.Trim(middle, "*") != "" {
		return p.From, p.To, mask
	}
	return p.From + head, p.To - tail, ""
}

// labelFont makes the font of what is printed on the bars, embedded as the characters that are needed.
func labelFont(ctx context.Context, cuts []pdf.Cut, limits pdf.Limits) (*pdf.LabelFont, error) {
	all := map[rune]bool{}
	for _, c := range cuts {
		for _, r := range c.Label {
			all[r] = true
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	for _, r := range "0123456789 " {
		all[r] = true
	}
	for _, bold := range [...]bool{true, false} {
		l, err := labelsIn(ctx, bold, all, limits)
		if err != nil || l.Has(all) {
			return l, err
		}
	}
	return nil, pdf.ErrLabel
}

// labelsIn makes the font of labels of one of the fonts of letters.
func labelsIn(ctx context.Context, bold bool, all map[rune]bool, limits pdf.Limits) (*pdf.LabelFont, error) {
	data, err := document.SerifFont(bold)
	if err != nil {
		return nil, err
	}
	sheet := &gopdf.GoPdf{}
	sheet.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	sheet.AddPage()
	if err := sheet.AddTTFFontData("label", data); err != nil {
		return nil, fmt.Errorf("font of labels: %w", err)
	}
	if err := sheet.SetFont("label", "", 10); err != nil {
		return nil, fmt.Errorf("font of labels: %w", err)
	}
	for n, r := range slices.Sorted(maps.Keys(all)) {
		sheet.SetXY(float64(10+n%50*11), float64(20+n/50*12))
		if err := sheet.Text(string(r)); err != nil {
			return nil, fmt.Errorf("font of labels: U+%04X: %w", r, err)
		}
	}
	content, err := sheet.GetBytesPdfReturnErr()
	if err != nil {
		return nil, fmt.Errorf("font of labels: %w", err)
	}
	return pdf.NewLabelFont(ctx, content, limits)
}
