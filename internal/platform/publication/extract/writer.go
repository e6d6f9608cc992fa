package extract

import (
	"context"
	"fmt"
	"strings"
)

// writer gathers the text of a document.
type writer struct {
	ctx      context.Context //nolint:containedctx // lives as long as one call of Text
	typ      Type
	limits   Limits
	left     int // bytes that may still be unpacked
	depth    int // of documents in documents
	part     string
	b        strings.Builder
	parts    []Part
	unread   []Unread
	segments []Segment
	prefix   string // of the names of files in a document in the document
	steps    int
	pieces   int // that were written or wait to be
}

// begin begins a part.
func (w *writer) begin(p Part) {
	w.end()
	p.From = w.b.Len()
	w.parts = append(w.parts, p)
}

// end ends the last part. One that holds nothing is dropped.
func (w *writer) end() {
	n := len(w.parts)
	if n == 0 || w.parts[n-1].To != 0 {
		return
	}
	if w.parts[n-1].From == w.b.Len() {
		w.parts = w.parts[:n-1]
		return
	}
	w.parts[n-1].To = w.b.Len()
	w.b.WriteString("\n")
}

// check ends the work when its time or its room has run out.
func (w *writer) check() error {
	if w.steps++; w.steps%256 == 0 {
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
	if w.pieces > w.limits.Pieces {
		return fmt.Errorf("%w: more than %d pieces of text", ErrLimit, w.limits.Pieces)
	}
	if w.b.Len() > w.limits.Text {
		return fmt.Errorf("%w: more than %d bytes of text", ErrLimit, w.limits.Text)
	}
	return nil
}

// spend takes unpacked bytes from what is allowed.
func (w *writer) spend(n int) error {
	if w.left -= n; w.left < 0 {
		return fmt.Errorf("%w: more than %d bytes unpacked", ErrLimit, w.limits.Unpacked)
	}
	return nil
}

// write writes text that stands in a place of a file.
func (w *writer) write(text string, s Segment) {
	if text == "" {
		return
	}
	s.From = w.b.Len()
	w.b.WriteString(text)
	s.To = w.b.Len()
	w.segments = append(w.segments, s)
	w.pieces++
}

// later keeps a piece that is written when the part that is being read has ended.
func (w *writer) later(list []hiddenText, text string, s Segment) []hiddenText {
	w.pieces++
	return append(list, hiddenText{text, s})
}

// gap writes a character between pieces of text: a tab after each cell, anything else only once.
func (w *writer) gap(c byte) {
	s := w.b.String()
	n := len(s)
	if c == '\t' {
		w.b.WriteByte(c)
		return
	}
	start := 0
	if len(w.parts) > 0 {
		start = w.parts[len(w.parts)-1].From
	}
	if n > start && s[n-1] != '\n' && s[n-1] != c {
		w.b.WriteByte(c)
	}
}
