package extract

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/internal/pdf"
)

// PDFLimits are the limits for package pdf.
func PDFLimits(l Limits) pdf.Limits {
	return pdf.Limits{Unpacked: l.Unpacked, Objects: max(l.Parts, 1000) * 5, Depth: l.Depth, Glyphs: l.Pieces}
}

// fewLetters is how many characters a page has whose text is probably in its picture.
const fewLetters = 20

// pdf reads the pages, then what else holds text.
func (w *writer) pdf(content []byte) error {
	limits := w.limits
	limits.Unpacked = w.left // a document in a document takes from what is left for the whole
	f, err := pdf.Open(w.ctx, content, PDFLimits(limits))
	if err != nil {
		return pdfError(err)
	}
	defer func() { w.left = min(w.left, f.Left()) }()
	for i := range f.Pages() {
		w.part = fmt.Sprintf("%spage %d", w.prefix, i+1)
		p, err := f.Read(w.ctx, i)
		if err != nil {
			return pdfError(err)
		}
		t := p.Arrange()
		w.begin(Part{Place: Page, Name: w.part, Number: i + 1})
		w.b.WriteString(guard.Unify(t.Text))
		w.unreadPage(f, p, &t, i)
		if len(p.Marked) > 0 {
			w.begin(Part{Place: Markup, Name: w.part, Number: i + 1})
			w.b.WriteString(strings.Join(p.Marked, "\n"))
		}
		if err := w.check(); err != nil {
			return err
		}
	}
	if f.Earlier {
		w.unread = append(w.unread, Unread{"earlier version", Object})
	}
	return w.pdfObjects(f)
}

func pdfError(err error) error {
	switch {
	case errors.Is(err, pdf.ErrLimit):
		return fmt.Errorf("%w: %w", ErrLimit, err)
	case errors.Is(err, pdf.ErrEncrypted):
		return ErrEncrypted
	case errors.Is(err, pdf.ErrBroken):
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return err
}

// unreadPage notes what of a page nobody has read.
func (w *writer) unreadPage(f *pdf.File, p *pdf.Page, t *pdf.Text, n int) {
	if t.Unknown > 0 {
		w.unread = append(w.unread, Unread{w.part, NoLetter})
	}
	hidden := 0
	for i := range p.Glyphs {
		if p.Glyphs[i].Hidden {
			hidden++
		}
	}
	area := 0.0
	for _, i := range p.Images {
		area = max(area, i.Area())
	}
	few := len(p.Glyphs) < fewLetters
	if hidden == 0 && (area > f.PageSize(n)/4 || few && len(p.Images) > 0 || few && p.Paths > 500) {
		w.unread = append(w.unread, Unread{w.part, Picture})
	}
}

// pdfObjects reads the strings of all objects that are not on pages: properties, annotations, bookmarks, attachments, and whatever programs
// have left in the file.
func (w *writer) pdfObjects(f *pdf.File) error {
	lines := map[Place][]string{}
	info, _ := f.Trailer["Info"].(pdf.Ref)
	for _, n := range f.Numbers() {
		o := f.Load(n)
		place := Markup
		switch v := o.(type) {
		case pdf.Dict:
			switch role := pdf.RoleOf(v); {
			case n == info.Number:
				place = Property
			case role == pdf.Annotation:
				place = Annotation
			case role == pdf.Outline:
				place = Bookmark
			}
		case *pdf.Stream:
			if err := w.pdfStream(f, n, v, lines); err != nil {
				return err
			}
		}
		pdf.Strings(o, 0, func(s string) { lines[place] = append(lines[place], s) })
	}
	pdf.Strings(f.Trailer, 0, func(s string) { lines[Markup] = append(lines[Markup], s) })
	for _, place := range [...]Place{Property, Annotation, Bookmark, Markup} {
		list := lines[place]
		slices.Sort(list) // the order of the keys of a dictionary is none
		list = slices.Compact(list)
		if len(list) == 0 {
			continue
		}
		w.begin(Part{Place: place})
		for _, s := range list {
			w.b.WriteString(s)
			w.b.WriteByte('\n')
			if err := w.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// pdfStream reads a stream that is not the content of a page.
func (w *writer) pdfStream(f *pdf.File, n int, s *pdf.Stream, lines map[Place][]string) error {
	w.part = fmt.Sprintf("%sobject %d", w.prefix, n)
	switch {
	case s.Dict["Subtype"] == pdf.Name("Form"):
		p, err := f.ReadForm(w.ctx, n)
		if err != nil {
			return pdfError(err)
		}
		if t := p.Arrange(); t.Text != "" {
			lines[Annotation] = append(lines[Annotation], t.Text)
		}
	case s.Dict["Type"] == pdf.Name("Metadata"):
		data, _, err := f.Data(s)
		if err != nil {
			return pdfError(err)
		}
		w.begin(Part{Place: Property, Name: w.part})
		return w.markup("", data)
	case s.Dict["Type"] == pdf.Name("EmbeddedFile"):
		data, _, err := f.Data(s)
		if err != nil {
			return pdfError(err)
		}
		return w.attached(data)
	}
	return nil
}

// attached reads a document that is attached to a PDF.
func (w *writer) attached(data []byte) error {
	name := w.part
	typ := TypeOf(name+".txt", data)
	if w.depth++; w.depth > maxNesting {
		return fmt.Errorf("%w: documents in documents, more than %d deep", ErrLimit, maxNesting)
	}
	defer func() { w.depth-- }()
	before := len(w.parts)
	var err error
	switch typ {
	case DOCX, XLSX:
		prefix := w.prefix
		w.prefix += name + "!"
		err = w.office(data)
		w.prefix = prefix
	case PDF:
		prefix := w.prefix
		w.prefix += name + "!"
		err = w.pdf(data)
		w.prefix = prefix
	case TXT, HTML:
		w.begin(Part{Place: Attachment, Name: name})
		err = w.plainInner(data)
	default:
		w.unread = append(w.unread, Unread{name, Object})
	}
	w.end()
	for i := min(before, len(w.parts)); i < len(w.parts); i++ {
		w.parts[i].Place = Attachment
	}
	return err
}

// pdfInner reads a PDF in an archive.
func (w *writer) pdfInner(name string, data []byte) error {
	part := w.part
	w.part = w.prefix + name
	err := w.attached(data)
	w.part = part
	return err
}
