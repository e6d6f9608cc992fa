package extract

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/publication/internal/xmltext"
)

// sharedString is a text that cells point to, in the pieces in which it stands in its file.
type sharedString []hiddenText

const sharedStrings = "xl/sharedStrings.xml"

// workbook reads an xlsx: each sheet row by row with tabs between cells, hidden ones too.
func (w *writer) workbook(files map[string][]byte, done map[string]bool) error {
	shared, err := w.sharedStrings(files[sharedStrings])
	if err != nil {
		return err
	}
	done[sharedStrings] = true
	used := make([]bool, len(shared))
	sheets, err := Sheets(files)
	if err != nil {
		w.part = w.prefix + "xl/workbook.xml"
		return err
	}
	for i, s := range sheets {
		if files[s.File] == nil {
			continue
		}
		w.part = w.prefix + s.File
		done[s.File] = true
		place := Sheet
		if s.Hidden {
			place = Hidden
		}
		w.begin(Part{Place: place, Name: s.Name, Number: i + 1})
		if err := w.sheet(s.File, files[s.File], shared, used); err != nil {
			return err
		}
	}
	w.part = w.prefix + sharedStrings
	w.begin(Part{Place: Markup, Name: w.prefix + sharedStrings}) // texts that no cell shows any more
	for i, s := range shared {
		if used[i] {
			continue
		}
		for _, piece := range s {
			w.write(piece.text, piece.seg)
		}
		w.gap('\n')
		if err := w.check(); err != nil {
			return err
		}
	}
	return nil
}

// SheetFile is a sheet of a workbook and the file it stands in.
type SheetFile struct {
	Name, File, ID string
	Hidden         bool
}

// Sheets lists the sheets of a workbook in their order.
func Sheets(files map[string][]byte) ([]SheetFile, error) {
	targets := map[string]string{}
	doc := files["xl/_rels/workbook.xml.rels"]
	var t xmltext.Token
	for r := xmltext.NewReader(doc); r.Next(&t); {
		if t.Local() == "Relationship" {
			id, _ := t.Attr(doc, "Id")
			target, _ := t.Attr(doc, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join("xl", target)
			}
			targets[id] = strings.TrimPrefix(target, "/")
		}
	}
	doc = files["xl/workbook.xml"]
	var sheets []SheetFile
	for r := xmltext.NewReader(doc); r.Next(&t); {
		if t.Local() != "sheet" || t.Kind == xmltext.End {
			continue
		}
		s := SheetFile{}
		s.Name, _ = t.Attr(doc, "name")
		for _, a := range t.Attrs {
			if a.Local() == "id" && a.Name != "id" { // r:id, under whatever prefix
				s.ID = string(doc[a.Value.From:a.Value.To])
			}
		}
		state, _ := t.Attr(doc, "state")
		s.Hidden = state == "hidden" || state == "veryHidden"
		if s.File = targets[s.ID]; s.File == "" {
			return nil, fmt.Errorf("%w: sheet %q stands in no file", ErrBroken, s.Name)
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// sharedStrings reads the texts that cells share.
func (w *writer) sharedStrings(data []byte) ([]sharedString, error) {
	w.part = w.prefix + sharedStrings
	var list []sharedString
	var t xmltext.Token
	in := ""
	for r := xmltext.NewReader(data); r.Next(&t); {
		if err := w.check(); err != nil {
			return nil, err
		}
		switch t.Kind {
		case xmltext.Start:
			if t.Local() == "si" {
				list, w.pieces = append(list, nil), w.pieces+1
			}
			in = t.Local()
		case xmltext.Empty:
			if t.Local() == "si" {
				list, w.pieces = append(list, nil), w.pieces+1
			}
		case xmltext.Text:
			if n := len(list); n > 0 && in == "t" {
				list[n-1] = w.later(list[n-1], t.Value(data), Segment{File: w.prefix + sharedStrings, RawFrom: t.From, RawTo: t.To})
			}
		case xmltext.End:
			in = ""
		default:
		}
	}
	return list, nil
}

// sheet reads the cells of a sheet, then its headers and footers, then its formulas and attributes.
func (w *writer) sheet(name string, data []byte, shared []sharedString, used []bool) error {
	file := w.prefix + name
	var t xmltext.Token
	var formulas, attrs, headers []hiddenText
	var c cellRead
	in, depth, column := "", 0, 0
	for r := xmltext.NewReader(data); r.Next(&t); {
		if err := w.check(); err != nil {
			return err
		}
		local := t.Local()
		switch t.Kind {
		case xmltext.Start, xmltext.Empty:
			if local == "c" {
				c = cellRead{from: t.From}
				c.kind, _ = t.Attr(data, "t")
				if ref, ok := t.Attr(data, "r"); ok {
					for n := columnOf(ref); column < n && column < maxGap; column++ { // cells that are empty are not in the file
						w.gap('\t')
					}
				}
			} else {
				for _, a := range t.Attrs {
					if s := xmltext.Unescape(data[a.Value.From:a.Value.To]); !strings.HasPrefix(a.Name, "xmlns") && tellingXML(a.Local(), s) {
						attrs = w.later(attrs, s, Segment{File: file, RawFrom: a.Value.From, RawTo: a.Value.To, Form: AttrValue})
					}
				}
			}
			if t.Kind == xmltext.Start {
				if depth++; depth > w.limits.Depth {
					return fmt.Errorf("%w: elements more than %d deep", ErrLimit, w.limits.Depth)
				}
				in = local
			} else if local == "c" {
				w.gap('\t')
				column++
			}
		case xmltext.Text:
			seg := Segment{File: file, RawFrom: t.From, RawTo: t.To}
			text := t.Value(data)
			switch in {
			case "v", "t":
				c.pieces = w.later(c.pieces, text, seg)
			case "f", "formula1", "formula2", "formula":
				formulas = w.later(formulas, text, seg)
			case "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter":
				headers = w.later(headers, text, seg)
			default:
				if strings.TrimSpace(text) != "" {
					attrs = w.later(attrs, text, seg)
				}
			}
		case xmltext.End:
			in = ""
			depth = max(0, depth-1)
			switch local {
			case "c":
				w.cell(&c, t.To, file, shared, used)
				w.gap('\t')
				column++
			case "row":
				w.gap('\n')
				column = 0
			}
		default:
		}
	}
	if err := w.separate(Part{Place: Header, Name: file}, headers); err != nil {
		return err
	}
	if err := w.separate(Part{Place: Formula, Name: file}, formulas); err != nil {
		return err
	}
	return w.separate(Part{Place: Markup, Name: file}, attrs)
}

// maxGap is how many empty columns are kept.
const maxGap = 256

// columnOf returns the number of the column of a reference, from 0: C5 is 2.
func columnOf(ref string) int {
	n := 0
	for _, r := range ref {
		if r < 'A' || r > 'Z' || n > maxGap {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	return max(0, n-1)
}

// cellRead is a cell that is being read.
type cellRead struct {
	from   int
	kind   string // s shared, str, inlineStr; empty or n: a number
	pieces []hiddenText
}

// cell writes what a cell shows.
func (w *writer) cell(c *cellRead, to int, file string, shared []sharedString, used []bool) {
	for _, p := range c.pieces {
		switch c.kind {
		case "s":
			i, err := strconv.Atoi(strings.TrimSpace(p.text))
			if err == nil && i >= 0 && i < len(shared) {
				used[i] = true
				for _, piece := range shared[i] {
					w.write(piece.text, piece.seg)
				}
			}
		case "str", "inlineStr", "d", "e":
			w.write(p.text, p.seg)
		case "b":
		default:
			w.write(Number(p.text), Segment{File: file, RawFrom: c.from, RawTo: to, Form: NumberXML})
		}
	}
}

// Number writes the number of a cell as people do: 1.3800000001E10 is 13800000001.
func Number(s string) string {
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, "eE") {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f > 1e21 || f < -1e21 {
		return s
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
