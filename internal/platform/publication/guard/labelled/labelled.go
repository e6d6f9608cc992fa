// Package labelled is the labelled set on which the privacy guard is measured, and the arithmetic of the measure.
//
// The set has two halves, [Halves]. "tuned" is the one that the guard was tuned on; "held-out" was written before the guard ran for the
// first time and tells how it does on texts that it was not made for. Half of the cases are hard negatives: document numbers, credit codes,
// amounts, dates, hotlines, tables, names of officials. All people, numbers and addresses are invented; the formats are real.
//
// A file is a list of cases that begin with "===". What is to be found stands in ⟦kind|text⟧:
//
//	=== positive
//	投诉人⟦name|陈晓梅⟧来电，手机号⟦mobile|15155512345⟧
package labelled

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/publication/guard"
)

//go:embed *.txt
var files embed.FS

// Halves lists the names of the halves.
func Halves() []string { return []string{"held-out", "tuned"} }

// Case is one text with what is to be found in it.
type Case struct {
	Number   int
	Text     string
	Expected []guard.Finding // kind and place
}

// Load reads one half.
func Load(half string) ([]Case, error) {
	data, err := files.ReadFile(half + ".txt")
	if err != nil {
		return nil, fmt.Errorf("labelled set: %w", err)
	}
	var cases []Case
	for i, part := range strings.Split(string(data), "\n=== ")[1:] {
		_, text, ok := strings.Cut(part, "\n")
		if !ok {
			return nil, fmt.Errorf("labelled set %s: case %d has no text", half, i+1)
		}
		c, err := parse(strings.TrimSuffix(text, "\n"))
		if err != nil {
			return nil, fmt.Errorf("labelled set %s: case %d: %w", half, i+1, err)
		}
		c.Number = i + 1
		cases = append(cases, c)
	}
	return cases, nil
}

func parse(marked string) (Case, error) {
	var c Case
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(marked, "⟦")
		b.WriteString(plain)
		if !found {
			c.Text = b.String()
			return c, nil
		}
		label, rest, ok := strings.Cut(rest, "⟧")
		kind, text, ok2 := strings.Cut(label, "|")
		if !ok || !ok2 || !slices.Contains(guard.Kinds(), guard.Kind(kind)) {
			return c, fmt.Errorf("%q is no label", label)
		}
		c.Expected = append(c.Expected, guard.Finding{Kind: guard.Kind(kind), From: b.Len(), To: b.Len() + len(text)})
		b.WriteString(text)
		marked = rest
	}
}

// Score counts what was found rightly, wrongly, and not.
type Score struct{ Right, Wrong, Missed int }

// Add adds up scores.
func (s *Score) Add(o Score) {
	s.Right, s.Wrong, s.Missed = s.Right+o.Right, s.Wrong+o.Wrong, s.Missed+o.Missed
}

// Recall is the share of what is there that was found; 1 of nothing.
func (s Score) Recall() float64 { return share(s.Right, s.Missed) }

// Precision is the share of what was found that is there; 1 of nothing.
func (s Score) Precision() float64 { return share(s.Right, s.Wrong) }

func share(n, other int) float64 {
	if n+other == 0 {
		return 1
	}
	return float64(n) / float64(n+other)
}

// String writes the score for people.
func (s Score) String() string {
	return fmt.Sprintf("recall %.3f precision %.3f (%d right, %d wrong, %d missed)", s.Recall(), s.Precision(), s.Right, s.Wrong, s.Missed)
}

// Judge scans the cases and counts by kind. Only what a policy acts upon by default counts as found: the confidence is Likely or more.
// A finding is right when kind and place are exactly those of the label. Each fault is handed to fault, if there is one.
func Judge(cases []Case, fault func(c Case, f guard.Finding, wrong string)) map[guard.Kind]Score {
	scores := map[guard.Kind]Score{}
	for _, c := range cases {
		found := slices.DeleteFunc(guard.Scan(c.Text), func(f guard.Finding) bool { return f.Confidence < guard.Likely })
		same := func(a guard.Finding) func(b guard.Finding) bool {
			return func(b guard.Finding) bool { return a.Kind == b.Kind && a.From == b.From && a.To == b.To }
		}
		for _, e := range c.Expected {
			s := scores[e.Kind]
			if slices.ContainsFunc(found, same(e)) {
				s.Right++
			} else {
				s.Missed++
				if fault != nil {
					fault(c, e, "missed")
				}
			}
			scores[e.Kind] = s
		}
		for _, f := range found {
			if !slices.ContainsFunc(c.Expected, same(f)) {
				s := scores[f.Kind]
				s.Wrong++
				scores[f.Kind] = s
				if fault != nil {
					fault(c, f, "wrong")
				}
			}
		}
	}
	return scores
}
