package feed

import (
	"encoding/xml"
	"io"
	"strconv"
)

// AtomType is the media type of Atom.
const AtomType = "application/atom+xml; charset=utf-8"

// Atom writes the entries as an Atom feed (RFC 4287).
func Atom(out io.Writer, c Channel, entries Entries) error {
	w := newWriter(out)
	w.text(xml.Header)
	w.text(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="`)
	w.escaped(c.Language)
	w.text(`">` + "\n")
	w.element("id", c.Self)
	w.element("title", c.Title)
	w.element("subtitle", c.Subtitle)
	w.element("updated", instant(c.Updated))
	if c.Part == "" {
		w.link("self", "application/atom+xml", c.Self, "", 0)
	} else {
		w.link("self", "application/atom+xml", c.Part, "", 0)
		w.link("first", "application/atom+xml", c.Self, "", 0)
	}
	w.link("alternate", "text/html", c.Home, "", 0)
	if c.Next != "" {
		w.link("next", "application/atom+xml", c.Next, "", 0)
	}
	if c.Icon != "" {
		w.element("icon", c.Icon)
	}
	w.text("<author>")
	w.element("name", c.Publisher)
	w.text("</author>\n")
	if err := w.each(entries, func(_ int, e *Entry) { w.atomEntry(e) }); err != nil {
		return err
	}
	w.text("</feed>\n")
	return w.end()
}

func (w *writer) atomEntry(e *Entry) {
	w.text("<entry>\n")
	w.element("id", e.URL)
	w.element("title", e.Title)
	w.element("updated", instant(e.Updated))
	w.element("published", dayTime(e.Published))
	w.text("<author>")
	w.element("name", e.Body)
	if e.BodyURL != "" {
		w.element("uri", e.BodyURL)
	}
	w.text("</author>\n")
	w.link("alternate", "text/html", e.URL, "", 0)
	for _, f := range e.Files {
		w.link("enclosure", f.Type, f.URL, f.Name, f.Size)
	}
	w.category(e.CategoryKey, e.Category)
	for _, k := range e.Keywords {
		w.category(k, "")
	}
	w.element("summary", e.Summary)
	w.text("</entry>\n")
}

func (w *writer) escaped(s string) {
	if w.err == nil {
		w.err = xml.EscapeText(w.Writer, []byte(s))
	}
}

func (w *writer) element(name, value string) {
	w.text("<" + name + ">")
	w.escaped(value)
	w.text("</" + name + ">\n")
}

func (w *writer) attribute(name, value string) {
	if value != "" {
		w.text(" " + name + `="`)
		w.escaped(value)
		w.text(`"`)
	}
}

func (w *writer) link(rel, media, href, title string, size int64) {
	w.text("<link")
	w.attribute("rel", rel)
	w.attribute("type", media)
	w.attribute("href", href)
	w.attribute("title", title)
	if size > 0 {
		w.attribute("length", strconv.FormatInt(size, 10))
	}
	w.text("/>\n")
}

func (w *writer) category(term, label string) {
	if term != "" {
		w.text("<category")
		w.attribute("term", term)
		w.attribute("label", label)
		w.text("/>\n")
	}
}
