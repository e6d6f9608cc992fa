package draw

import (
	"cmp"
	"slices"
)

// Rule is how bids are compared (评价办法).
type Rule string

// The rules.
const (
	Lowest Rule = "lowest" // 最低价
	Scored Rule = "scored" // 综合评分
)

// Valid reports whether there is such a rule.
func (r Rule) Valid() bool { return r == Lowest || r == Scored }

// Weights of the scored rule, in hundredths: price, days, ratings. They are parts of the whole.
type Weights struct{ Price, Days, Rating int64 }

// Bid (报价) is what an agency offered.
type Bid struct {
	Number string // of the agency
	Fen    int64
	Days   int
	Rating int64 // of the agency when the bids were opened: 0 to 500, in hundredths of a grade
	Order  int64 // in which it came in
}

// Placed is a bid with its score and place.
type Placed struct {
	Bid
	Score int64 // in ten-thousandths; 0 with the rule Lowest
}

// Rank puts bids in their order, the winner first. Scores are integers, so that everybody gets the same: the lowest price and the fewest
// days get the full part of their weight, others as much less as they are higher. Equal bids stand in the order in which they came in.
func Rank(rule Rule, w Weights, bids []Bid) []Placed {
	list := make([]Placed, 0, len(bids))
	if len(bids) == 0 {
		return list
	}
	cheapest := slices.MinFunc(bids, func(a, b Bid) int { return cmp.Compare(a.Fen, b.Fen) }).Fen
	quickest := slices.MinFunc(bids, func(a, b Bid) int { return cmp.Compare(a.Days, b.Days) }).Days
	for _, b := range bids {
		p := Placed{Bid: b}
		if rule == Scored {
			p.Score = w.Price*part(cheapest, b.Fen) + w.Days*part(int64(quickest), int64(b.Days)) + w.Rating*b.Rating*hundred/best
		}
		list = append(list, p)
	}
	Sort(rule, list)
	return list
}

// Sort puts bids that have their scores in their order.
func Sort(rule Rule, list []Placed) {
	slices.SortFunc(list, func(a, b Placed) int {
		score := 0
		if rule == Scored {
			score = cmp.Compare(b.Score, a.Score)
		}
		return cmp.Or(score, cmp.Compare(a.Fen, b.Fen), cmp.Compare(a.Days, b.Days), cmp.Compare(a.Order, b.Order))
	})
}

// Edge is what put the first bid before the second.
type Edge string

// The edges.
const (
	NoEdge  Edge = ""
	Alone   Edge = "alone" // there is no second
	ByScore Edge = "score"
	ByPrice Edge = "price"
	ByDays  Edge = "days"
	ByOrder Edge = "order" // it came in first
)

// Decided says what put the first of bids in their order before the second.
func Decided(rule Rule, sorted []Placed) Edge {
	switch {
	case len(sorted) == 0:
		return NoEdge
	case len(sorted) == 1:
		return Alone
	}
	a, b := sorted[0], sorted[1]
	switch {
	case rule == Scored && a.Score != b.Score:
		return ByScore
	case a.Fen != b.Fen:
		return ByPrice
	case a.Days != b.Days:
		return ByDays
	default:
		return ByOrder
	}
}

const (
	hundred = 100
	best    = 500 // the best rating
)

// part is the least divided by a value, in hundredths: the least gets 100.
func part(least, value int64) int64 {
	if value <= 0 {
		return hundred
	}
	return least * hundred / value
}
