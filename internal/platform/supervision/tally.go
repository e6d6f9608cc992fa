package supervision

import (
	"cmp"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
)

// Grades is the number of grades of a rating (好差评): 1 very dissatisfied to 5 very satisfied.
const Grades = 5

// Tally counts what happened to cases, and says of those that are open now how they stand.
type Tally struct {
	Received int64 // 收件: applications that came in; of a post: that it took in
	Accepted int64 // 受理: whose clock began to run
	Ended    int64 // 办结: in whatever way
	Granted  int64 // 准予
	Refused  int64 // 不予
	Warned   int64 // lines that were about to pass
	Yellow   int64 // promises missed
	Red      int64 // statutes missed
	Overtime int64 // steps that took longer than their own term
	Rated    [Grades]int64

	// Of the cases that ended: working days from receipt to end, and those among them on which a clock stood still.
	Gross, Paused int64

	Gauge
}

// Gauge is how open cases stand now. It is kept on the day 0 alone.
type Gauge struct {
	Standing                    int64 // 中止: a clock stands still
	LitAmber, LitYellow, LitRed int64 // by the colour of their lamp
}

// Open is the number of cases that came in and have not ended, where the tally is that of all days.
func (t *Tally) Open() int64 { return t.Received - t.Ended }

// Green is the number of open cases that are in time, where the tally is that of all days.
func (t *Tally) Green() int64 { return t.Open() - t.LitAmber - t.LitYellow - t.LitRed }

// Ratings is the number of ratings, and Average their mean; 0 when there is none.
func (t *Tally) Ratings() (n int64) {
	for _, r := range t.Rated {
		n += r
	}
	return n
}

// Average is the mean grade; 0 when nobody has rated.
func (t *Tally) Average() float64 {
	sum, n := int64(0), t.Ratings()
	for i, r := range t.Rated {
		sum += int64(i+1) * r
	}
	if n == 0 {
		return 0
	}
	return float64(sum) / float64(n)
}

// tallyColumns are the columns of supervision_count that hold a tally, in the order of fields.
const tallyColumns = `received, accepted, ended, granted, refused, warned, yellow, red, overtime, rated1, rated2, rated3, rated4, rated5,
	gross, paused, standing, lit_amber, lit_yellow, lit_red`

var tallyNames = strings.Fields(strings.ReplaceAll(tallyColumns, ",", " "))

func (t *Tally) fields() []*int64 {
	return []*int64{&t.Received, &t.Accepted, &t.Ended, &t.Granted, &t.Refused, &t.Warned, &t.Yellow, &t.Red, &t.Overtime,
		&t.Rated[0], &t.Rated[1], &t.Rated[2], &t.Rated[3], &t.Rated[4], &t.Gross, &t.Paused,
		&t.Standing, &t.LitAmber, &t.LitYellow, &t.LitRed}
}

// scan returns where a row's columns go, behind those of its key.
func (t *Tally) scan(key ...any) []any {
	for _, f := range t.fields() {
		key = append(key, f)
	}
	return key
}

func (t *Tally) add(o Tally) {
	from := o.fields()
	for i, f := range t.fields() {
		*f += *from[i]
	}
}

func (g Gauge) minus(o Gauge) Gauge {
	return Gauge{g.Standing - o.Standing, g.LitAmber - o.LitAmber, g.LitYellow - o.LitYellow, g.LitRed - o.LitRed}
}

// View is what a line of the counters is about: a scope, whole or for one item, and the part of it.
type View struct {
	Scope string // d:DIVISION with all below it, b:BODY, p:POST at a window
	Kind  string // of the cases
	Item  string // empty: all
	Part  By     // ByTotal, ByDivision, ByBody, ByItem or ByPost
	Key   string // of the part
}

// Place is a view on one day; day 0 is ever.
type Place struct {
	View
	Day calendar.Date
}

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Part, b.Part),
		cmp.Compare(a.Day, b.Day), cmp.Compare(a.Key, b.Key))
}

const (
	ofDivision = "d:"
	ofBody     = "b:"
	ofPost     = "p:"
)

// itemOf is what a subject is counted under: the basic code of an item (基本编码), which every body that carries it out shares, when
// the subject is an implementation code (实施编码) of 31 characters; else the subject itself.
func itemOf(subject string) string {
	const length, basicAt = 31, 19
	if len(subject) == length {
		return subject[basicAt:]
	}
	return subject
}

// ancestors returns the division and all above it, the highest first, by the digits of its code alone.
func ancestors(division string) []string {
	own := casework.Subtree(division)
	var up []string
	for _, n := range []int{2, 4, 6, 9} {
		if n < len(own) && len(division) == 12 {
			up = append(up, division[:n]+strings.Repeat("0", 12-n))
		}
	}
	return append(up, division)
}

// views returns the lines in which a case of a body is counted.
func views(division, body, item, kind string) []View {
	up := ancestors(division)
	list := make([]View, 0, 5*len(up)+3)
	for i, a := range up {
		scope := ofDivision + a
		part, key := ByBody, body
		if a != division {
			part, key = ByDivision, up[i+1]
		}
		list = append(list, View{scope, kind, "", ByTotal, ""}, View{scope, kind, item, ByTotal, ""}, View{scope, kind, "", part, key},
			View{scope, kind, item, part, key}, View{scope, kind, "", ByItem, item})
	}
	scope := ofBody + body
	return append(list, View{scope, kind, "", ByTotal, ""}, View{scope, kind, item, ByTotal, ""}, View{scope, kind, "", ByItem, item})
}

// postViews returns the lines in which a case is counted for the post that took it in.
func postViews(post, body, item, kind string) []View {
	scope := ofPost + post
	return []View{{scope, kind, "", ByTotal, ""}, {scope, kind, item, ByTotal, ""}, {scope, kind, "", ByItem, item},
		{scope, kind, "", ByBody, body}, {ofBody + body, kind, "", ByPost, post}}
}

// counters are sums by place.
type counters map[Place]Tally

// add adds what happened on a day, and how open cases stand since.
func (c counters) add(list []View, day calendar.Date, t Tally) {
	if t == (Tally{}) {
		return
	}
	flow := t
	flow.Gauge = Gauge{}
	for _, v := range list {
		if flow != (Tally{}) {
			c.plus(Place{v, day}, flow)
		}
		c.plus(Place{v, 0}, t)
	}
}

func (c counters) plus(p Place, t Tally) {
	sum := c[p]
	sum.add(t)
	c[p] = sum
}
