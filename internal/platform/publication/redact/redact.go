package redact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/guard"
)

// Passage is a stretch of the extracted text that is not published as it is.
type Passage struct {
	From, To int
	Mask     string // what stands in its place; ignored where there is a ground
	Ground   string // why it is withheld: printed in its place
}

// Masks makes passages of findings.
func Masks(findings []guard.Finding) []Passage {
	list := make([]Passage, 0, len(findings))
	for _, f := range findings {
		list = append(list, Passage{From: f.From, To: f.To, Mask: f.Mask})
	}
	return list
}

// replacement returns what is written in place of the passage.
func (p Passage) replacement() string {
	if p.Ground != "" {
		return "［不予公开：" + p.Ground + "］"
	}
	return p.Mask
}

// Report says what became of a document.
type Report struct {
	Passages int              // how many were withheld
	Dropped  []string         // what was left out: comments, properties, hidden sheets …
	Unread   []extract.Unread // what was kept although no program can read it: somebody has to look
}

func (r *Report) drop(what string) {
	if !slices.Contains(r.Dropped, what) {
		r.Dropped = append(r.Dropped, what)
	}
}

// What is wrong with an order to redact.
var (
	ErrPassage = errors.New("passage")
	// ErrLeft says that a withheld text could still be read in the copy. There is no copy then.
	ErrLeft = errors.New("withheld text is still in the copy")
)

// File makes the copy of a document in which the passages are withheld.
func File(ctx context.Context, typ extract.Type, content []byte, limits extract.Limits, passages []Passage) ([]byte, Report, error) {
	doc, err := extract.Text(ctx, typ, content, limits)
	if err != nil {
		return nil, Report{}, err
	}
	passages, err = sorted(doc.Text, passages)
	if err != nil {
		return nil, Report{}, err
	}
	report := Report{Passages: len(passages)}
	var public []byte
	switch typ {
	case extract.TXT:
		public, err = plain(content, passages)
	case extract.HTML:
		public, err = htmlFile(content, doc, passages, &report)
	case extract.DOCX, extract.XLSX:
		public, err = officeFile(typ, content, limits, doc, passages, &report)
	case extract.PDF:
		public, err = pdfFile(ctx, content, limits, doc, passages, &report)
	default:
		err = extract.ErrType
	}
	if err != nil {
		return nil, report, fmt.Errorf("redact %s: %w", typ, err)
	}
	again, err := extract.Text(ctx, typ, public, limits)
	if err != nil {
		return nil, report, fmt.Errorf("read the redacted copy: %w", err)
	}
	if err := gone(doc, again.Text, passages); err != nil {
		return nil, report, err
	}
	report.Unread = again.Unread
	return public, report, nil
}

// sorted checks passages, sorts them and joins those that overlap.
func sorted(text string, passages []Passage) ([]Passage, error) {
	list := slices.Clone(passages)
	slices.SortStableFunc(list, func(a, b Passage) int { return a.From - b.From })
	kept := list[:0]
	for _, p := range list {
		if p.From < 0 || p.To > len(text) || p.From >= p.To {
			return nil, fmt.Errorf("%w %d–%d lies outside of the %d bytes of the text", ErrPassage, p.From, p.To, len(text))
		}
		if n := len(kept); n > 0 && p.From < kept[n-1].To {
			last := &kept[n-1]
			if last.Ground == "" && p.Ground != "" { // what is withheld whole is not shown in part
				last.Ground = p.Ground
			}
			if last.Ground == "" && p.To > last.To {
				last.Mask = strings.Repeat("*", 4)
			}
			last.To = max(last.To, p.To)
			continue
		}
		kept = append(kept, p)
	}
	return kept, nil
}

// gone checks that no withheld text can be read in the copy more often than it stood outside of the passages, in parts that are kept.
func gone(before *extract.Document, after string, passages []Passage) error {
	var b strings.Builder
	next := 0
	for _, part := range before.Parts {
		if !shown(part.Place) && part.Place != extract.Markup {
			continue
		}
		at := part.From
		for next < len(passages) && passages[next].To <= at { // both stand in their order
			next++
		}
		for i := next; i < len(passages) && passages[i].From < part.To; i++ {
			p := passages[i]
			if p.From > at {
				b.WriteString(before.Text[at:p.From])
			}
			b.WriteString(p.replacement())
			at = min(p.To, part.To)
		}
		b.WriteString(before.Text[at:part.To])
		b.WriteByte('\n')
	}
	rest := squeeze(b.String())
	copied := squeeze(after)
	looked := map[string]bool{} // the same name may be withheld in a thousand places
	for _, p := range passages {
		secret := squeeze(before.Text[p.From:p.To])
		if len(secret) < 2 || secret == squeeze(p.replacement()) || looked[secret] {
			continue
		}
		looked[secret] = true
		if strings.Count(copied, secret) > strings.Count(rest, secret) {
			return fmt.Errorf("%w: bytes %d–%d of the text", ErrLeft, p.From, p.To)
		}
	}
	return nil
}

// squeeze takes white space out: it differs from reading to reading.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// plain rewrites a plain text in its own encoding.
func plain(content []byte, passages []Passage) ([]byte, error) {
	enc := extract.Encoding(content)
	text, err := enc.NewDecoder().Bytes(content)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	out := splice(string(bytes.ToValidUTF8(text, []byte("�"))), passages)
	encoded, err := enc.NewEncoder().Bytes([]byte(out))
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return encoded, nil
}

// splice writes the replacements of passages into a text.
func splice(text string, passages []Passage) string {
	var b strings.Builder
	at := 0
	for _, p := range passages {
		b.WriteString(text[at:p.From])
		b.WriteString(p.replacement())
		at = p.To
	}
	b.WriteString(text[at:])
	return b.String()
}
