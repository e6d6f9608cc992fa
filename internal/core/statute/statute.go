package statute

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// Confidence says how we know a value.
type Confidence string

// The three degrees of confidence.
const (
	Verified   Confidence = "verified"   // read in the law's own text
	Practice   Confidence = "practice"   // seen in real practice or in a real document
	Local      Confidence = "local"      // no law names a number: each province sets its own, and what ships is a proposal
	Unverified Confidence = "unverified" // from memory or from an excerpt: to be read by somebody before it is relied on
)

// Tighter says in which direction a lower jurisdiction may move a value.
type Tighter string

// The directions of tightening.
const (
	Less  Tighter = "less"  // a term of an authority, a fee, a cap: less is tighter
	More  Tighter = "more"  // a term that protects a citizen, a minimum: more is tighter
	Fixed Tighter = "fixed" // no lower jurisdiction may change it
)

// Direction says how a stretch of time relates to the event that it is counted from.
type Direction string

// The directions of a term. Only parameters in a unit of time have one.
const (
	Within  Direction = "within"   // done at the latest that long after the event
	AtLeast Direction = "at-least" // must last at least that long from the event
	Before  Direction = "before"   // done at the latest that long before the event
	Every   Direction = "every"    // repeated in that period
)

// Source is where a value stands written.
type Source struct {
	Law      lang.Text `json:"law"`
	Document string    `json:"document,omitempty"` // number of the document, such as 国务院令第711号
	Article  string    `json:"article"`            // numbers of articles, such as "33" or "34–36", or the heading of a text without articles
	URL      string    `json:"url,omitempty"`

	headings *headings // what the headings of the law are called in other languages; nil: it has none that are cited
}

// headings are the headings of a text without articles, as it writes them, in all three languages.
type headings map[string]lang.Text

// sectionSigns are what the number of a section of a notice is written with, such as 二（六） or 一–六.
const sectionSigns = "（）–、一二三四五六七八九十"

// digits are the numerals below ten, each in its place.
const digits = "〇一二三四五六七八九"

// itemsInEnglish writes the items (项) of an article, or a section, as English does: 二（六） is 2(6), 十二 is 12.
func itemsInEnglish(article string) string {
	var out strings.Builder
	for rest := article; rest != ""; {
		numeral := len(rest) - len(strings.TrimLeft(rest, digits+"十"))
		if numeral > 0 {
			out.WriteString(strconv.Itoa(below100(rest[:numeral])))
			rest = rest[numeral:]
			continue
		}
		sign, size := utf8.DecodeRuneInString(rest)
		switch sign {
		case '（':
			out.WriteByte('(')
		case '）':
			out.WriteByte(')')
		case '、':
			out.WriteString(", ")
		default:
			out.WriteRune(sign)
		}
		rest = rest[size:]
	}
	return out.String()
}

// below100 is the number of a numeral such as 三, 十二 or 二十一.
func below100(numeral string) int {
	digit := func(s string) (n int) {
		for _, r := range s {
			n = 10*n + strings.IndexRune(digits, r)/len("一")
		}
		return n
	}
	tens, units, ten := strings.Cut(numeral, "十")
	switch {
	case !ten:
		return digit(numeral)
	case tens == "":
		return 10 + digit(units)
	default:
		return 10*digit(tens) + digit(units)
	}
}

// Cite names the source in one phrase, such as 《政府信息公开条例》第33条 or 《政府信息公开条例》第36条第（一）、（二）项.
func (s Source) Cite(tag lang.Tag) string {
	numbered := s.Article != "" && s.Article[0] >= '0' && s.Article[0] <= '9'
	several := strings.ContainsAny(s.Article, ",–") || strings.Contains(strings.ReplaceAll(s.Article, "）、（", ""), "、") && !numbered
	section := strings.Trim(s.Article, sectionSigns) == ""
	switch {
	case tag == lang.En && numbered && several:
		return s.Law.In(tag) + ", arts. " + s.Article
	case tag == lang.En && numbered:
		return s.Law.In(tag) + ", art. " + itemsInEnglish(s.Article)
	case tag == lang.En && section && several:
		return s.Law.In(tag) + ", sections " + itemsInEnglish(s.Article)
	case tag == lang.En && section && s.Article != "":
		return s.Law.In(tag) + ", section " + itemsInEnglish(s.Article)
	case tag == lang.En:
		return s.Law.In(tag) + ", " + s.heading(tag)
	case numbered && tag == lang.Hant:
		return "《" + s.Law.In(tag) + "》第" + articles(s.Article, "條", "項")
	case numbered:
		return "《" + s.Law.In(tag) + "》第" + articles(s.Article, "条", "项")
	default:
		return "《" + s.Law.In(tag) + "》" + s.heading(tag)
	}
}

// heading is the article in a language, where it is a heading that has words in that language.
func (s Source) heading(tag lang.Tag) string {
	if s.headings != nil {
		if words, ok := (*s.headings)[s.Article]; ok {
			return words.In(tag)
		}
	}
	return s.Article
}

// articles writes numbers of articles, and the items of one that has any.
func articles(numbers, article, item string) string {
	if number, items, ok := strings.Cut(numbers, "（"); ok {
		return number + article + "第（" + items + item
	}
	return strings.ReplaceAll(numbers, ", ", "、") + article
}

// CiteText is Cite in all three languages.
func (s Source) CiteText() lang.Text {
	return lang.Text{Hans: s.Cite(lang.Hans), Hant: s.Cite(lang.Hant), En: s.Cite(lang.En)}
}

// Entry is one of a closed list, such as a way in which a request for information can end. Entries form a tree by Parent.
type Entry struct {
	Code   string `json:"code" yaml:"code"`
	Parent string `json:"parent,omitempty" yaml:"parent"` // code of the entry it belongs under; empty at the top
	Number string `json:"number,omitempty" yaml:"number"` // its number or heading in the source, such as （三）
	// Article is where in the law of the value it stands, when that is narrower than the article of the value.
	Article string    `json:"article,omitempty" yaml:"article"`
	Title   lang.Text `json:"title" yaml:"title"`
}

// YearlyDate is a day of every year.
type YearlyDate struct {
	Month int `json:"month"`
	Day   int `json:"day"`
}

// Value is what a parameter was worth from one day until another.
type Value struct {
	From         calendar.Date `json:"from"`            // the first day on which it holds, in Asia/Shanghai
	Until        calendar.Date `json:"until,omitempty"` // the first day on which it no longer holds; zero: it still holds
	Unit         Unit          `json:"unit"`
	Amount       int64         `json:"amount"`            // in Unit; 0 for lists, grounds, bands and yearly dates
	Bands        Bands         `json:"bands,omitempty"`   // a fee scale in Unit fen
	Entries      []Entry       `json:"entries,omitempty"` // a closed list
	Yearly       YearlyDate    `json:"yearly,omitzero"`
	Source       Source        `json:"source"`
	Confidence   Confidence    `json:"confidence"`
	Note         string        `json:"note,omitempty"`
	Jurisdiction string        `json:"jurisdiction"` // the layer that set it, such as cn-ah
}

// In reports whether the value is in force on the day d.
func (v Value) In(d calendar.Date) bool { return d >= v.From && (v.Until == 0 || d < v.Until) }

// Entry returns the entry of a closed list by its code.
func (v Value) Entry(code string) (Entry, bool) {
	i := slices.IndexFunc(v.Entries, func(e Entry) bool { return e.Code == code })
	if i < 0 {
		return Entry{}, false
	}
	return v.Entries[i], true
}

// Leaf reports whether no entry stands under the one with this code: only leaves can be chosen.
func (v Value) Leaf(code string) bool {
	_, there := v.Entry(code)
	return there && !slices.ContainsFunc(v.Entries, func(e Entry) bool { return e.Parent == code })
}

// Parameter is one rule of the law over time.
type Parameter struct {
	ID        string    `json:"id"`
	Title     lang.Text `json:"title"`
	Unit      Unit      `json:"unit"` // of the latest value; a value carries its own
	Tighter   Tighter   `json:"tighter"`
	Direction Direction `json:"direction,omitempty"` // of a term; empty for what is not time
	Extends   string    `json:"extends,omitempty"`   // id of the term that this one prolongs
	Times     int       `json:"times,omitempty"`     // how often it may prolong it
	Approver  lang.Text `json:"approver,omitzero"`   // who may decide to prolong
	Pauses    []string  `json:"pauses,omitempty"`    // of a ground: ids of the terms that it lets stand still
	Values    []Value   `json:"values"`              // without gap or overlap, oldest first
}

// At returns the value in force on the day d. The error is a *[NotInForceError].
func (p Parameter) At(d calendar.Date) (Value, error) {
	for _, v := range p.Values {
		if v.In(d) {
			return v, nil
		}
	}
	e := &NotInForceError{ID: p.ID, On: d}
	if n := len(p.Values); n > 0 {
		e.From, e.Until = p.Values[0].From, p.Values[n-1].Until
	}
	return Value{}, e
}

// NotInForceError says that a parameter has no value on a day.
type NotInForceError struct {
	ID    string
	On    calendar.Date
	From  calendar.Date // the first day on which it has a value
	Until calendar.Date // the first day on which it no longer has one; zero: it still has
}

func (e *NotInForceError) Error() string {
	span := "from " + e.From.String()
	if e.Until != 0 {
		span += " until " + e.Until.String() + " (exclusive)"
	}
	return fmt.Sprintf("rule %s is not in force on %s: it holds %s; give a day within", e.ID, e.On, span)
}

// Rules is a rule set: the parameters that hold in one jurisdiction, its own and those of the jurisdictions above it. It is safe for
// concurrent use, while another set takes its place too.
type Rules struct{ set atomic.Pointer[ruleSet] }

// ruleSet is what was loaded at once. It never changes.
type ruleSet struct {
	chain  []string
	byID   map[string]Parameter
	ids    []string // sorted
	laws   map[string]law
	digest string
}

func newRules(s ruleSet) *Rules {
	r := &Rules{}
	r.set.Store(&s)
	return r
}

// Adopt puts another rule set in the place of this one, for all who hold it: a new version was published. Values are dated, so that
// matters of earlier days keep theirs.
func (r *Rules) Adopt(next *Rules) { r.set.Store(next.set.Load()) }

// Jurisdiction returns the code of the lowest jurisdiction, whose rules these are.
func (r *Rules) Jurisdiction() string {
	chain := r.set.Load().chain
	return chain[len(chain)-1]
}

// Digest identifies this version of the rule set: the SHA-256, in hexadecimal, of the files that it was read from. A decision
// stores it, so that a matter is never judged again by other numbers.
func (r *Rules) Digest() string { return r.set.Load().digest }

// Law returns the law that is cited by a key of laws.yaml, without an article. Other rules that are data, such as those of
// supervision, cite the same laws.
func (r *Rules) Law(key string) (Source, bool) {
	l, ok := r.set.Load().laws[key]
	return l.source, ok
}

// Parameter returns the parameter with this id.
func (r *Rules) Parameter(id string) (Parameter, bool) {
	p, ok := r.set.Load().byID[id]
	return p, ok
}

// All returns every parameter, sorted by id.
func (r *Rules) All() []Parameter {
	set := r.set.Load()
	all := make([]Parameter, len(set.ids))
	for i, id := range set.ids {
		all[i] = set.byID[id]
	}
	return all
}

// Lookup returns the parameter with this id. The error is an *[UnknownError].
func (r *Rules) Lookup(id string) (Parameter, error) {
	p, ok := r.set.Load().byID[id]
	if !ok {
		return Parameter{}, &UnknownError{ID: id, Near: r.near(id)}
	}
	return p, nil
}

// At returns the value of a parameter on a day. The error is an *[UnknownError] or a *[NotInForceError].
func (r *Rules) At(id string, d calendar.Date) (Value, error) {
	p, err := r.Lookup(id)
	if err != nil {
		return Value{}, err
	}
	return p.At(d)
}

// Extension returns the parameter that prolongs the term id.
func (r *Rules) Extension(id string) (Parameter, bool) {
	set := r.set.Load()
	for _, other := range set.ids {
		if p := set.byID[other]; p.Extends == id {
			return p, true
		}
	}
	return Parameter{}, false
}

// PauseGrounds returns the grounds on which the clock of the term id stands still, sorted by id.
func (r *Rules) PauseGrounds(id string) []Parameter {
	set := r.set.Load()
	var grounds []Parameter
	for _, other := range set.ids {
		if p := set.byID[other]; slices.Contains(p.Pauses, id) {
			grounds = append(grounds, p)
		}
	}
	return grounds
}

// UnknownError says that a rule set has no parameter with an id.
type UnknownError struct {
	ID   string
	Near []string // ids of the same family, to choose from
}

func (e *UnknownError) Error() string {
	if len(e.Near) == 0 {
		return fmt.Sprintf("there is no rule %q; `openhall rules list` shows all ids", e.ID)
	}
	return fmt.Sprintf("there is no rule %q; of the same family are: %s", e.ID, strings.Join(e.Near, ", "))
}

// near lists the ids that share the first word of id.
func (r *Rules) near(id string) []string {
	set := r.set.Load()
	family, _, _ := strings.Cut(id, ".")
	var ids []string
	for _, other := range set.ids {
		if first, _, _ := strings.Cut(other, "."); first == family {
			ids = append(ids, other)
		}
	}
	return ids
}
