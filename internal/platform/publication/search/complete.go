package search

import (
	"cmp"
	"maps"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
)

func sortByDocs(segments []segment) {
	slices.SortStableFunc(segments, func(a, b segment) int { return cmp.Compare(b.docs, a.docs) })
}

// commonest returns the n keys with the largest counts of which ok is true.
func commonest(counts map[rune]int, n int, ok func(rune) (bool, error)) (out []rune, err error) {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b rune) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	const patience = 400
	for _, r := range keys[:min(len(keys), patience)] {
		good, err := ok(r)
		if err != nil {
			return nil, err
		}
		if good {
			out = append(out, r)
		}
		if len(out) == n {
			break
		}
	}
	return out, nil
}

// completions are the titles in which all words stand: those that begin with what was typed first, then the shorter ones.
func completions(ids []store.ID, texts map[store.ID]Text, words Words, n int) []string {
	type completion struct {
		title string
		begin int // where the first word stands
		n     int // how many records have the title
	}
	var all []completion
	known := map[string]int{}
	for _, id := range ids {
		t, ok := texts[id]
		if !ok {
			continue
		}
		folded := lang.Fold(t.Title)
		begin := len(folded)
		for _, p := range words.wanted() {
			at, _ := p.find(folded, 0)
			begin = min(begin, at)
		}
		if begin < 0 {
			continue
		}
		if i, twice := known[t.Title]; twice {
			all[i].n++
			continue
		}
		known[t.Title] = len(all)
		all = append(all, completion{t.Title, begin, 1})
	}
	slices.SortStableFunc(all, func(a, b completion) int {
		return cmp.Or(cmp.Compare(min(a.begin, 1), min(b.begin, 1)), cmp.Compare(b.n, a.n), cmp.Compare(len(a.title), len(b.title)))
	})
	var out []string
	for _, c := range all[:min(n, len(all))] {
		out = append(out, c.title)
	}
	return out
}
