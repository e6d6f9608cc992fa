package registry

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// index prepares the search. Traditional characters are folded to simplified ones by a table that is learnt from the divisions
// which have both names, so that 长丰县 is found by 長豐 and a village without a traditional name is found as well.
func (s *Snapshot) index() {
	s.fold = map[rune]rune{}
	for _, d := range s.order {
		hans, hant := []rune(d.Name.Hans), []rune(d.Name.Hant)
		if len(hans) != len(hant) {
			continue
		}
		for i, r := range hant {
			if r != hans[i] {
				s.fold[r] = hans[i]
			}
		}
	}
	s.folded = make([]string, len(s.order))
	for i, d := range s.order {
		s.folded[i] = s.foldText(d.Name.Hans)
		if d.Name.En != "" {
			s.folded[i] += "\n" + s.foldText(d.Name.En)
		}
	}
}

func (s *Snapshot) foldText(text string) string {
	return strings.Map(func(r rune) rune {
		if to, ok := s.fold[r]; ok {
			return to
		}
		return unicode.ToLower(r)
	}, text)
}

// Find returns up to limit divisions by words of their name in simplified or traditional characters or English, or by the
// beginning of their code. The last word is looked for in the name itself, the words before it in the names of the divisions
// above: "合肥 长丰". Names that are the word come first, then those that begin with it, then the rest; higher levels before
// lower ones.
func (s *Snapshot) Find(words string, limit int) []*Division {
	terms := strings.Fields(s.foldText(words))
	if len(terms) == 0 || limit <= 0 {
		return nil
	}
	last, before := terms[len(terms)-1], terms[:len(terms)-1]
	type hit struct {
		d    *Division
		rank int
	}
	var hits []hit
	for i, d := range s.order {
		rank := s.rank(i, last)
		if rank == noHit && len(terms) > 1 {
			// English names have several words: "hefei shi" is one name as well.
			rank = s.rank(i, strings.Join(terms, " "))
			if rank != noHit {
				hits = append(hits, hit{d, rank})
			}
			continue
		}
		if rank != noHit && s.liesIn(d, before) {
			hits = append(hits, hit{d, rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.d.Level, b.d.Level))
	})
	found := make([]*Division, 0, min(limit, len(hits)))
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, h.d)
	}
	return found
}

const noHit = -1

// rank says how well a term fits the i-th division: 0 it is the name, 1 the name begins with it, 2 the name contains it.
func (s *Snapshot) rank(i int, term string) int {
	if term[0] >= '0' && term[0] <= '9' && strings.HasPrefix(s.order[i].Code, term) {
		return 1
	}
	at := strings.Index(s.folded[i], term)
	if at < 0 {
		return noHit
	}
	best := 2
	for name := range strings.SplitSeq(s.folded[i], "\n") {
		switch {
		case name == term:
			return 0
		case strings.HasPrefix(name, term):
			best = 1
		}
	}
	return best
}

// liesIn reports whether each term stands in the name of the division or of one above it.
func (s *Snapshot) liesIn(d *Division, terms []string) bool {
	for _, term := range terms {
		found := false
		for at := d; at != nil && !found; at = s.above(at) {
			found = strings.Contains(s.foldText(at.Name.Hans), term) || strings.Contains(s.foldText(at.Name.En), term)
		}
		if !found {
			return false
		}
	}
	return true
}
