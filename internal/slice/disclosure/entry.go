package disclosure

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// line is a record in a list.
type line struct {
	href     string
	lang     string // in which title and summary are written, for the markup
	title    search.Snippet
	summary  search.Snippet
	body     string
	bodyHref string
	place    string
	category string
	number   string
	day      string
	validity publication.Validity
	policy   bool // whether its validity is worth a badge
}

// lineOf shows an entry in a list.
func (s *Service) lineOf(l *web.Localizer, e *publication.Entry, today calendar.Date) line {
	return line{
		href: recordPath(e.Index), lang: cmp.Or(e.Language, string(lang.Hans)), title: search.Snippet{Text: e.Title}, summary: search.Snippet{Text: e.Summary}, body: l.Text(s.bodyName(e.Body)), bodyHref: bodyPath(e.Body),
		place: s.placeName(l.Tag(), e.Division), category: l.Text(s.categoryName(e.Category)), number: e.DocumentNumber, day: l.Date(e.First), validity: e.ValidOn(today),
		policy: isPolicy(e.Category) || e.Repealed != 0,
	}
}

func (s *Service) linesOf(l *web.Localizer, entries []publication.Entry, today calendar.Date) []line {
	lines := make([]line, len(entries))
	for i := range entries {
		lines[i] = s.lineOf(l, &entries[i], today)
	}
	return lines
}

// isPolicy reports whether records of a category bind people, so that readers have to know whether they are in force.
func isPolicy(category string) bool {
	switch category {
	case "statutory.1", "statutory.1.rule", "statutory.1.normative", "statutory.1.other":
		return true
	}
	return false
}

// validityTag is the badge of a validity.
func validityTag(v publication.Validity) ui.TagKind {
	switch v {
	case publication.InForce:
		return ui.TagGood
	case publication.NotYet:
		return ui.TagWarn
	default:
		return ui.TagBad
	}
}

// entryOf is a record as lists show it.
func entryOf(r *publication.Record) publication.Entry {
	return publication.Entry{
		ID: r.ID, Index: r.Index, Title: r.Title, Summary: r.Summary, DocumentNumber: r.DocumentNumber, Division: r.Division, Body: r.Body, Category: r.Category,
		Genre: r.Genre, Language: r.Language, First: r.First, Day: r.Day, Made: r.Made, Effective: r.Effective, Repealed: r.Repealed, Version: r.Version, UpdatedAt: r.UpdatedAt,
	}
}

// marked shows a text with what was looked for in it. It is written here and not in a template, since a template would set spaces between the
// pieces, which split Chinese words.
func marked(s search.Snippet) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		if s.Begun {
			b.WriteString("…")
		}
		for _, piece := range pieces(s) {
			if piece.mark {
				b.WriteString(`<mark class="oh-mark">` + templ.EscapeString(piece.text) + `</mark>`)
			} else {
				b.WriteString(templ.EscapeString(piece.text))
			}
		}
		if s.Ended {
			b.WriteString("…")
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return fmt.Errorf("write a text with marks: %w", err)
		}
		return nil
	})
}

// lineMarks are the marks that package publication sets at the beginning of headings and items of lists; see [blocks].
var lineMarks = []string{"## ", "# ", "- "}

// unmarked is a piece of a text without the marks of headings and lists, which no reader should see. A piece that is cut out begins with a
// line or in the middle of one: a mark of a heading tells that it is a line.
func unmarked(s search.Snippet) search.Snippet {
	var b strings.Builder
	places := make([]int, 0, len(s.Text)+1) // of each byte in what is left
	start := true
	for at := 0; at < len(s.Text); {
		if start {
			if i := slices.IndexFunc(lineMarks, func(mark string) bool {
				return strings.HasPrefix(s.Text[at:], mark) && (at > 0 || !s.Begun || mark[0] == '#')
			}); i >= 0 {
				for range lineMarks[i] {
					places = append(places, b.Len())
				}
				at += len(lineMarks[i])
				start = false
				continue
			}
		}
		places = append(places, b.Len())
		start = s.Text[at] == '\n'
		b.WriteByte(s.Text[at])
		at++
	}
	places = append(places, b.Len())
	marks := make([]search.Span, 0, len(s.Marks))
	for _, m := range s.Marks {
		if m.Begin < len(places) && m.End < len(places) {
			marks = append(marks, search.Span{Begin: places[m.Begin], End: places[m.End]})
		}
	}
	s.Text, s.Marks = b.String(), marks
	return s
}

// piece is a part of a text that was searched.
type piece struct {
	text string
	mark bool
}

// pieces cuts a snippet at its marks.
func pieces(s search.Snippet) []piece {
	var out []piece
	at := 0
	for _, m := range s.Marks {
		if m.Begin < at || m.End > len(s.Text) || m.End <= m.Begin {
			continue
		}
		if m.Begin > at {
			out = append(out, piece{text: s.Text[at:m.Begin]})
		}
		out = append(out, piece{s.Text[m.Begin:m.End], true})
		at = m.End
	}
	if at < len(s.Text) {
		out = append(out, piece{text: s.Text[at:]})
	}
	return out
}
