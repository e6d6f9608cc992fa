package redact

import (
	"bytes"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/publication/extract"
)

// edit is a stretch of a file and what is written in its place.
type edit struct {
	from, to int
	text     string
}

// apply writes edits into a file. One that lies inside another is left to the outer one.
func apply(doc []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue
		}
		out.Write(doc[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(doc[at:])
	return out.Bytes()
}

// place is where a segment stands.
type place struct {
	file     string
	from, to int
	text     int // which of the attributes of one tag; 0 elsewhere
}

func placeOf(s extract.Segment) place {
	p := place{s.File, s.RawFrom, s.RawTo, 0}
	if s.File == "" && s.Form == extract.AttrValue {
		p.text = s.From
	}
	return p
}

// change is a stretch of the text of one segment and what is written in its place.
type change struct {
	from, to int
	text     string
}

// changed is a segment with its old and its new text.
type changed struct {
	extract.Segment
	old, text string
}

// changes spreads passages over the segments that they stand in. The first segment of a passage gets what is written in its place; the others
// lose their share. A segment that the text shows several times (a shared string) is changed by all passages on it.
func changes(doc *extract.Document, passages []Passage) []changed {
	byPlace := map[place][]change{}
	first := map[place]extract.Segment{}
	next := 0
	order := make([]place, 0, len(doc.Segments))
	for _, s := range doc.Segments {
		key := placeOf(s)
		if _, ok := first[key]; !ok {
			first[key] = s
			order = append(order, key)
		}
	}
	segments := slices.Clone(doc.Segments)
	slices.SortStableFunc(segments, func(a, b extract.Segment) int { return a.From - b.From })
	for _, p := range passages {
		for next < len(segments) && segments[next].To <= p.From {
			next++
		}
		written := false
		for i := next; i < len(segments) && segments[i].From < p.To; i++ {
			s := segments[i]
			c := change{from: max(p.From, s.From) - s.From, to: min(p.To, s.To) - s.From}
			if c.from >= c.to {
				continue
			}
			if !written {
				c.text, written = p.replacement(), true
			}
			key := placeOf(s)
			byPlace[key] = append(byPlace[key], c)
		}
	}
	secrets := secretsOf(doc.Text, passages)
	var out []changed
	for _, key := range order {
		s := first[key]
		old := doc.Text[s.From:s.To]
		text := spliceChanges(old, byPlace[key])
		if !shown(doc.PartAt(s.From).Place) { // caches and attributes repeat what cells and paragraphs say
			text = secrets.Replace(text)
		}
		if text != old {
			out = append(out, changed{s, old, text})
		}
	}
	return out
}

// shown reports whether readers see the text of a part.
func shown(p extract.Place) bool {
	switch p {
	case extract.Body, extract.Page, extract.Sheet, extract.Header, extract.Footnote:
		return true
	default:
		return false
	}
}

// leastSecret is how many bytes a withheld text has at least to be looked for elsewhere: a single character stands everywhere.
const leastSecret = 6

// secretsOf replaces withheld texts where they are repeated.
func secretsOf(text string, passages []Passage) *strings.Replacer {
	var pairs []string
	for _, p := range passages {
		if s := text[p.From:p.To]; len(s) >= leastSecret {
			pairs = append(pairs, s, p.replacement())
		}
	}
	return strings.NewReplacer(pairs...)
}

func spliceChanges(text string, list []change) string {
	slices.SortStableFunc(list, func(a, b change) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, c := range list {
		if c.from < at {
			at = max(at, c.to)
			continue
		}
		b.WriteString(text[at:c.from])
		b.WriteString(c.text)
		at = c.to
	}
	b.WriteString(text[at:])
	return b.String()
}
