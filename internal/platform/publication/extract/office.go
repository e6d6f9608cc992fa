package extract

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/publication/internal/archive"
	"openhall.org/openhall/internal/platform/publication/internal/xmltext"
)

// maxNesting is how deep documents in documents are followed.
const maxNesting = 3

// hasEntry reports whether an archive holds files below a folder. It reads the names that stand before the files and in the directory
// at the end.
func hasEntry(content []byte, folder string) bool { return bytes.Contains(content, []byte(folder)) }

// office reads a docx or xlsx: an archive of XML files (ECMA-376).
func (w *writer) office(content []byte) error {
	entries, wrong, err := archive.Read(content, w.left, w.limits.Parts)
	if err != nil {
		w.part = w.prefix + wrong
		switch {
		case errors.Is(err, archive.ErrLimit):
			return fmt.Errorf("%w: %w", ErrLimit, err)
		case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")):
			return ErrEncrypted
		}
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	files := map[string][]byte{}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if err := w.spend(len(e.Data)); err != nil {
			w.part = w.prefix + e.Name
			return err
		}
		files[e.Name] = e.Data
		names = append(names, e.Name)
	}
	slices.Sort(names)
	done := map[string]bool{}
	switch {
	case files["word/document.xml"] != nil:
		err = w.word(files, names, done)
	case files["xl/workbook.xml"] != nil:
		err = w.workbook(files, done)
	default:
		return fmt.Errorf("%w: neither word/document.xml nor xl/workbook.xml is in it", ErrBroken)
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if done[name] {
			continue
		}
		w.part = w.prefix + name
		if err := w.other(name, files[name]); err != nil {
			return err
		}
	}
	w.part = ""
	return nil
}

// other reads a file of the archive that holds no text of the document itself.
func (w *writer) other(name string, data []byte) error {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".xml", ".rels", ".vml":
		place := Markup
		switch {
		case strings.HasPrefix(name, "docProps/"):
			place = Property
		case strings.Contains(name, "omment") || strings.Contains(name, "person"):
			place = Comment
		case strings.Contains(name, "/charts/"), strings.Contains(name, "/drawings/"), strings.Contains(name, "/diagrams/"):
			place = Body
		}
		w.begin(Part{Place: place, Name: w.prefix + name})
		return w.markup(name, data)
	case ".docx", ".xlsx", ".docm", ".xlsm":
		return w.inner(name, data)
	case ".txt", ".html", ".htm", ".csv":
		w.begin(Part{Place: Attachment, Name: w.prefix + name})
		return w.plainInner(data)
	case ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".svg", ".webp", ".wdp":
		w.unread = append(w.unread, Unread{w.prefix + name, Picture})
	default:
		if TypeOf(name, data) == PDF {
			return w.pdfInner(name, data)
		}
		if !strings.HasPrefix(path.Base(name), "printerSettings") && ext != ".odttf" && ext != ".fntdata" {
			w.unread = append(w.unread, Unread{w.prefix + name, Object})
		}
	}
	return nil
}

// inner reads a document in the document.
func (w *writer) inner(name string, data []byte) error {
	if w.depth >= maxNesting {
		return fmt.Errorf("%w: documents in documents, more than %d deep", ErrLimit, maxNesting)
	}
	before, prefix := len(w.parts), w.prefix
	w.depth++
	w.prefix += name + "!"
	err := w.office(data)
	w.prefix = prefix
	w.depth--
	if err != nil {
		return err
	}
	w.end()
	for i := before; i < len(w.parts); i++ {
		w.parts[i].Place = Attachment
	}
	return nil
}

func (w *writer) plainInner(data []byte) error {
	text, err := Encoding(data).NewDecoder().Bytes(data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	w.b.Write(bytes.ToValidUTF8(text, []byte("�")))
	return w.check()
}

// markup reads all character data of an XML file and those of its attributes that may tell something.
func (w *writer) markup(name string, data []byte) error {
	r := xmltext.NewReader(data)
	var t xmltext.Token
	depth := 0
	for r.Next(&t) {
		if err := w.check(); err != nil {
			return err
		}
		switch t.Kind {
		case xmltext.Text:
			if s := t.Value(data); strings.TrimSpace(s) != "" {
				w.write(s, Segment{File: w.prefix + name, RawFrom: t.From, RawTo: t.To})
			}
		case xmltext.Comment:
			w.write(string(data[t.From:t.To]), Segment{File: w.prefix + name, RawFrom: t.From, RawTo: t.To, Form: AttrValue})
		case xmltext.Start, xmltext.Empty:
			w.attributes(name, data, &t)
			if t.Kind == xmltext.Start {
				if depth++; depth > w.limits.Depth {
					return fmt.Errorf("%w: elements more than %d deep", ErrLimit, w.limits.Depth)
				}
			}
			if t.Local() == "p" || t.Local() == "br" {
				w.gap('\n')
			}
		case xmltext.End:
			depth = max(0, depth-1)
			if l := t.Local(); l != "r" && l != "t" && l != "rPr" { // runs of a paragraph belong together
				w.gap('\n')
			}
		default:
		}
	}
	return nil
}

// attributes writes the attributes of an element that may tell something.
func (w *writer) attributes(name string, data []byte, t *xmltext.Token) {
	for _, a := range t.Attrs {
		if strings.HasPrefix(a.Name, "xmlns") {
			continue
		}
		if s := xmltext.Unescape(data[a.Value.From:a.Value.To]); tellingXML(a.Local(), s) {
			w.write(s, Segment{File: w.prefix + name, RawFrom: a.Value.From, RawTo: a.Value.To, Form: AttrValue})
			w.gap('\n')
		}
	}
}

// tellingXML leaves out what office programs number their things with.
func tellingXML(attr, s string) bool {
	switch attr {
	case "paraId", "textId", "rsidR", "rsidRPr", "rsidRDefault", "rsidP", "rsidTr", "rsidSect", "durableId", "uid", "uri", "ascii", "hAnsi", "eastAsia", "cs", "typeface",
		"xr", "guid", "formatCode", "panose", "val1":
		return false
	}
	return Telling(s)
}
