package difference

import "slices"

// run is a stretch of both sequences that is the same, or that differs.
type run struct {
	same           bool
	a0, a1, b0, b1 int
}

// maxEdits bounds the work of one comparison: sequences that need more edits than this, after what only stands once has been used to
// cut them, are taken as replaced.
const maxEdits = 1_500

// compare finds the runs of two sequences. It cuts them at what both hold exactly once, in the same order (patience), and compares what
// lies between by Myers' algorithm (An O(ND) Difference Algorithm, 1986).
func compare(a, b []string) []run {
	c := comparison{a: a, b: b}
	c.between(0, len(a), 0, len(b))
	return c.runs
}

type comparison struct {
	a, b []string
	runs []run
}

// add appends a stretch and joins it with one of the same sort before it.
func (c *comparison) add(r run) {
	if r.a0 == r.a1 && r.b0 == r.b1 {
		return
	}
	if last := len(c.runs) - 1; last >= 0 && c.runs[last].same == r.same {
		c.runs[last].a1, c.runs[last].b1 = r.a1, r.b1
		return
	}
	c.runs = append(c.runs, r)
}

// between compares one stretch of each sequence.
func (c *comparison) between(a0, a1, b0, b1 int) {
	head := 0
	for a0+head < a1 && b0+head < b1 && c.a[a0+head] == c.b[b0+head] {
		head++
	}
	c.add(run{true, a0, a0 + head, b0, b0 + head})
	a0, b0 = a0+head, b0+head
	tail := 0
	for a1-tail > a0 && b1-tail > b0 && c.a[a1-tail-1] == c.b[b1-tail-1] {
		tail++
	}
	c.middle(a0, a1-tail, b0, b1-tail)
	c.add(run{true, a1 - tail, a1, b1 - tail, b1})
}

// middle compares stretches that begin and end differently.
func (c *comparison) middle(a0, a1, b0, b1 int) {
	if a0 == a1 || b0 == b1 {
		c.add(run{false, a0, a1, b0, b1})
		return
	}
	const short = 64 // below this, Myers alone is as good and needs no table
	if a1-a0+b1-b0 > short {
		if anchors := c.anchors(a0, a1, b0, b1); len(anchors) > 0 {
			for _, m := range anchors {
				if m.a < a0 || m.b < b0 {
					continue // swallowed by what is the same around the anchor before
				}
				c.between(a0, m.a, b0, m.b)
				c.add(run{true, m.a, m.a + 1, m.b, m.b + 1})
				a0, b0 = m.a+1, m.b+1
			}
			c.between(a0, a1, b0, b1)
			return
		}
	}
	c.myers(a0, a1, b0, b1)
}

// anchors returns the longest sequence of what stands exactly once in either stretch and comes in the same order in both.
func (c *comparison) anchors(a0, a1, b0, b1 int) []match {
	type place struct{ a, b, inA, inB int }
	places := make(map[string]*place, a1-a0)
	for i := a0; i < a1; i++ {
		p := places[c.a[i]]
		if p == nil {
			p = &place{}
			places[c.a[i]] = p
		}
		p.a, p.inA = i, p.inA+1
	}
	for j := b0; j < b1; j++ {
		if p := places[c.b[j]]; p != nil {
			p.b, p.inB = j, p.inB+1
		}
	}
	var unique []match
	for i := a0; i < a1; i++ {
		if p := places[c.a[i]]; p.inA == 1 && p.inB == 1 {
			unique = append(unique, match{p.a, p.b})
		}
	}
	return increasing(unique)
}

// increasing returns the longest part of a list, ordered by a, whose b increases too (patience sorting).
func increasing(list []match) []match {
	var piles []int // index of the last match of the best sequence of each length
	before := make([]int, len(list))
	for i, m := range list {
		at, _ := slices.BinarySearchFunc(piles, m.b, func(p, b int) int { return list[p].b - b })
		before[i] = -1
		if at > 0 {
			before[i] = piles[at-1]
		}
		if at == len(piles) {
			piles = append(piles, i)
		} else {
			piles[at] = i
		}
	}
	if len(piles) == 0 {
		return nil
	}
	out := make([]match, 0, len(piles))
	for i := piles[len(piles)-1]; i >= 0; i = before[i] {
		out = append(out, list[i])
	}
	slices.Reverse(out)
	return out
}

// myers finds a shortest list of edits. It keeps the furthest point of each diagonal for each number of edits, to walk back on.
func (c *comparison) myers(a0, a1, b0, b1 int) {
	n, m := a1-a0, b1-b0
	limit := min(n+m, maxEdits)
	furthest := make([]int, 2*limit+3)
	at := func(k int) int { return k + limit + 1 }
	var trail [][]int
	for d := 0; d <= limit; d++ {
		trail = append(trail, slices.Clone(furthest[at(-d-1):at(d+1)+1]))
		for k := -d; k <= d; k += 2 {
			x := furthest[at(k-1)] + 1
			if k == -d || k != d && furthest[at(k-1)] < furthest[at(k+1)] {
				x = furthest[at(k+1)]
			}
			y := x - k
			for x < n && y < m && x >= 0 && y >= 0 && c.a[a0+x] == c.b[b0+y] {
				x, y = x+1, y+1
			}
			furthest[at(k)] = x
			if x >= n && y >= m {
				c.walk(trail, a0, b0, n, m)
				return
			}
		}
	}
	c.add(run{false, a0, a1, b0, b1})
}

// walk follows the trail of Myers' algorithm back to the beginning and adds the runs in order.
func (c *comparison) walk(trail [][]int, a0, b0, n, m int) {
	var back []run
	x, y := n, m
	for d := len(trail) - 1; d > 0; d-- {
		k := x - y
		v := func(k int) int { return trail[d][k+d+1] }
		before := k - 1
		if k == -d || k != d && v(k-1) < v(k+1) {
			before = k + 1
		}
		px := v(before)
		py := px - before
		sx, sy := px+1, py // after the edit
		if before == k+1 {
			sx, sy = px, py+1
		}
		back = append(back, run{true, a0 + sx, a0 + x, b0 + sy, b0 + y}, run{false, a0 + px, a0 + sx, b0 + py, b0 + sy})
		x, y = px, py
	}
	back = append(back, run{true, a0, a0 + x, b0, b0 + y})
	slices.Reverse(back)
	for _, r := range back {
		c.add(r)
	}
}
