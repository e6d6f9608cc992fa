package extract

import (
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/publication/internal/xmltext"
)

// word reads the files of a docx that hold text: what is seen on the pages first.
func (w *writer) word(files map[string][]byte, names []string, done map[string]bool) error {
	order := []string{"word/document.xml"}
	for _, name := range names {
		if wordPlace(name) != "" && !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	for _, name := range order {
		w.part = w.prefix + name
		done[name] = true
		w.begin(Part{Place: wordPlace(name), Name: w.prefix + name})
		if err := w.paragraphs(name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// wordPlace says what a file of a docx holds; empty for those that hold no paragraphs.
func wordPlace(name string) Place {
	base, ok := strings.CutPrefix(name, "word/")
	if !ok || !strings.HasSuffix(base, ".xml") || strings.Contains(base, "/") {
		return ""
	}
	switch {
	case base == "document.xml":
		return Body
	case strings.HasPrefix(base, "header"), strings.HasPrefix(base, "footer"):
		return Header
	case base == "footnotes.xml", base == "endnotes.xml":
		return Footnote
	case base == "comments.xml":
		return Comment
	}
	return ""
}

// paragraphs reads the text of a file of WordprocessingML. What was deleted under tracking, and attributes, follow in parts of their own.
func (w *writer) paragraphs(name string, data []byte) error {
	r := xmltext.NewReader(data)
	var t xmltext.Token
	var deleted, attrs []hiddenText
	depth, cells, fallback := 0, 0, 0
	in := "" // the element whose character data counts
	file := w.prefix + name
	for r.Next(&t) {
		if err := w.check(); err != nil {
			return err
		}
		local := t.Local()
		switch t.Kind {
		case xmltext.Text:
			s := Segment{File: file, RawFrom: t.From, RawTo: t.To}
			text := t.Value(data)
			if fallback > 0 { // the same once more, for old programs
				attrs = w.later(attrs, text, s)
				continue
			}
			switch in {
			case "t":
				w.write(text, s)
			case "delText", "instrText", "delInstrText":
				deleted = w.later(deleted, text, s)
			default:
				if strings.TrimSpace(text) != "" {
					w.write(text, s)
				}
			}
		case xmltext.Start, xmltext.Empty:
			for _, a := range t.Attrs {
				if s := xmltext.Unescape(data[a.Value.From:a.Value.To]); !strings.HasPrefix(a.Name, "xmlns") && tellingXML(a.Local(), s) {
					attrs = w.later(attrs, s, Segment{File: file, RawFrom: a.Value.From, RawTo: a.Value.To, Form: AttrValue})
				}
			}
			switch local {
			case "tab":
				w.gap('\t')
			case "br", "cr":
				w.gap('\n')
			case "tc":
				cells += b2i(t.Kind == xmltext.Start)
			}
			if t.Kind == xmltext.Empty {
				continue
			}
			if depth++; depth > w.limits.Depth {
				return fmt.Errorf("%w: elements more than %d deep", ErrLimit, w.limits.Depth)
			}
			in = local
			fallback += b2i(local == "Fallback")
		case xmltext.End:
			depth = max(0, depth-1)
			in = ""
			if local == "Fallback" {
				fallback = max(0, fallback-1)
			}
			switch {
			case local == "tc":
				cells = max(0, cells-1)
				w.gap('\t')
			case local == "tr", local == "p" && cells == 0:
				w.gap('\n')
			case local == "p":
				w.gap(' ')
			}
		default:
		}
	}
	if err := w.separate(Part{Place: Deleted, Name: file}, deleted); err != nil {
		return err
	}
	return w.separate(Part{Place: Markup, Name: file}, attrs)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// separate writes pieces into a part of their own. Pieces of the same element belong together.
func (w *writer) separate(p Part, pieces []hiddenText) error {
	if len(pieces) == 0 {
		return nil
	}
	w.begin(p)
	for _, h := range pieces {
		w.write(h.text, h.seg)
		if p.Place != Deleted {
			w.gap('\n')
		}
		if err := w.check(); err != nil {
			return err
		}
	}
	return nil
}
