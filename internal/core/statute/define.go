package statute

import (
	"fmt"
	"regexp"
	"slices"
)

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$`)

// define checks a new parameter and turns it into its final form. What is wrong is noted; the result is then not used.
func (l *loader) define(file string, raw rawParameter) Parameter {
	id := raw.ID
	if !idPattern.MatchString(id) {
		l.refuse(file, id, "id", "write lower-case words joined by dots, such as licence.decide")
	}
	l.requireText(file, id, "title", raw.Title)
	if !raw.Unit.known() {
		l.refuse(file, id, "unit", "unknown unit %q; write one such as working-day, calendar-day, month, fen, percent, list", raw.Unit)
		return Parameter{}
	}
	if raw.Tighter == "" && !ordered(raw.Unit) {
		raw.Tighter = Fixed
	}
	if !slices.Contains([]Tighter{Less, More, Fixed}, raw.Tighter) || (raw.Tighter != Fixed && !ordered(raw.Unit)) {
		l.refuse(file, id, "tighter", "%q; write less, more or fixed (a list, a ground and a scale are always fixed)", raw.Tighter)
	}
	if raw.Direction == "" && raw.Unit.IsTime() {
		raw.Direction = Within
	}
	if raw.Unit.IsTime() != slices.Contains([]Direction{Within, AtLeast, Before, Every}, raw.Direction) {
		l.refuse(file, id, "direction", "%q; a term is within, at-least, before or every, and nothing else has a direction", raw.Direction)
	}
	l.checkRelation(file, raw)
	p := Parameter{
		ID: id, Title: raw.Title, Unit: raw.Unit, Tighter: raw.Tighter, Direction: raw.Direction,
		Extends: raw.Extends, Times: raw.Times, Approver: raw.Approver, Pauses: raw.Pauses,
		Values: l.values(file, raw, raw.Unit),
	}
	if n := len(p.Values); n > 0 {
		p.Unit = p.Values[n-1].Unit
	}
	if p.Tighter != Fixed && slices.ContainsFunc(p.Values, func(v Value) bool { return len(v.Bands) > 0 }) {
		l.refuse(file, id, "tighter", "%q; two scales cannot be compared, write fixed", raw.Tighter)
	}
	return p
}

// ordered reports whether two values of a unit can be told tighter or looser.
func ordered(u Unit) bool { return u != List && u != Ground }

// checkRelation checks the keys that bind a parameter to others: an extension has a number of times and an approver, a ground
// names the terms that it pauses.
func (l *loader) checkRelation(file string, raw rawParameter) {
	if raw.Extends == "" {
		if raw.Times != 0 || !raw.Approver.IsZero() {
			l.refuse(file, raw.ID, "extends", "missing; times and approver belong to a rule that extends another")
		}
	} else {
		if raw.Times < 1 {
			l.refuse(file, raw.ID, "times", "missing; write how often the term may be extended, 1 or more")
		}
		l.requireText(file, raw.ID, "approver", raw.Approver)
	}
	if (raw.Unit == Ground) != (len(raw.Pauses) > 0) {
		l.refuse(file, raw.ID, "pauses", "a rule in unit ground lists the terms that it pauses, and no other rule does")
	}
}

// values checks the dated values of a parameter: each by itself, and that they follow each other without gap or overlap.
func (l *loader) values(file string, raw rawParameter, unit Unit) []Value {
	if len(raw.Values) == 0 {
		l.refuse(file, raw.ID, "values", "missing; a rule has at least one dated value")
	}
	var values []Value
	sound := true // the dates of the value before
	for i, rv := range raw.Values {
		prefix := fmt.Sprintf("values[%d].", i)
		v, ok := l.value(file, raw.ID, prefix, rv, unit)
		if i > 0 && ok && sound {
			l.checkSequence(file, raw.ID, prefix, values[i-1], v)
		}
		values, sound = append(values, v), ok
	}
	return values
}

// checkSequence refuses a gap or an overlap between two values that follow each other.
func (l *loader) checkSequence(file, id, prefix string, before, v Value) {
	switch {
	case before.Until == 0:
		l.refuse(file, id, prefix+"from", "overlap: the value before has no until, so both hold from %s; write `until: %s` there", v.From, v.From)
	case v.From < before.Until:
		l.refuse(file, id, prefix+"from", "overlap: %s lies before %s, when the value before ends", v.From, before.Until)
	case v.From > before.Until:
		l.refuse(file, id, prefix+"from", "gap: no value from %s until %s; let one value begin on the day the other ends", before.Until, v.From)
	}
}

// value checks one dated value, and reports whether its dates can be read.
func (l *loader) value(file, id, prefix string, raw rawValue, unit Unit) (Value, bool) {
	v := Value{
		Unit: unit, Bands: raw.Bands, Entries: raw.Entries,
		Confidence: raw.Confidence, Note: raw.Note, Jurisdiction: l.jurisdiction,
	}
	if raw.Unit != "" {
		v.Unit = raw.Unit
		if !raw.Unit.IsTime() || !unit.IsTime() {
			l.refuse(file, id, prefix+"unit", "%q; only a term may have been counted in another unit at another time", raw.Unit)
		}
	}
	var ok bool
	v.From, v.Until, ok = l.span(file, id, prefix, raw.From, raw.Until)
	l.checkContent(file, id, prefix, raw, &v)
	if !slices.Contains([]Confidence{Verified, Practice, Local, Unverified}, raw.Confidence) {
		l.refuse(file, id, prefix+"confidence", "%q; write verified, practice, local or unverified", raw.Confidence)
	}
	if cited, found := l.cite(file, id, prefix, raw.Source); found {
		v.Source = cited.source
		if ok {
			l.checkInForce(file, id, prefix, v, cited)
		}
	}
	return v, ok
}

// checkContent checks that a value holds exactly what its unit asks for: an amount, a scale, a list, a day of the year, or nothing.
func (l *loader) checkContent(file, id, prefix string, raw rawValue, v *Value) {
	wants := "amount"
	switch {
	case v.Unit == List:
		wants = "entries"
	case v.Unit == EveryYear:
		wants = "yearly"
	case v.Unit == Ground:
		wants = ""
	case v.Unit == Fen && len(raw.Bands) > 0:
		wants = "bands"
	}
	has := map[string]bool{
		"amount": raw.Amount != nil, "bands": len(raw.Bands) > 0, "entries": len(raw.Entries) > 0, "yearly": raw.Yearly != "",
	}
	for _, key := range []string{"amount", "bands", "entries", "yearly"} {
		if key == wants && !has[key] {
			l.refuse(file, id, prefix+key, "missing; a value in %s has %s", v.Unit, key)
			return
		}
		if key != wants && has[key] {
			l.refuse(file, id, prefix+key, "does not belong to a value in %s; remove it", v.Unit)
		}
	}
	switch wants {
	case "amount":
		v.Amount = *raw.Amount
		l.checkAmount(file, id, prefix, v.Unit, v.Amount)
	case "bands":
		l.checkBands(file, id, prefix, raw.Bands)
	case "entries":
		l.checkEntries(file, id, prefix, raw.Entries)
	case "yearly":
		day, err := yearly(raw.Yearly)
		if err != nil {
			l.refuse(file, id, prefix+"yearly", "bad date: %v", err)
		}
		v.Yearly = day
	}
}

func (l *loader) checkAmount(file, id, prefix string, unit Unit, amount int64) {
	low, high := int64(1), int64(1e15)
	switch unit {
	case Flag:
		low, high = 0, 1
	case Percent:
		high = 100
	case Fen, Count:
		low = 0
	default: // a term of more than a century is a slip of the pen
		high = 36_500
	}
	if amount < low || amount > high {
		l.refuse(file, id, prefix+"amount", "%d is outside %d to %d for a value in %s", amount, low, high, unit)
	}
}

// checkBands checks that a scale begins at 1, has no hole, and only its last band is open.
func (l *loader) checkBands(file, id, prefix string, bands Bands) {
	next := int64(1)
	for i, b := range bands {
		last := i == len(bands)-1
		if b.From != next || (b.To == 0) != last || (!last && b.To < b.From) || b.Each < 0 || b.Rise < 0 || (b.Size > 0) != (b.Rise > 0) || (b.Size > 0 && !last) {
			l.refuse(file, id, fmt.Sprintf("%sbands[%d]", prefix, i),
				"must begin at %d and end with to, the last band without; size and rise go together in the last band", next)
			return
		}
		next = b.To + 1
	}
}

// checkEntries checks that the codes of a list are single, its titles translated and its parents named before their children.
func (l *loader) checkEntries(file, id, prefix string, entries []Entry) {
	seen := map[string]bool{}
	for i, e := range entries {
		key := fmt.Sprintf("%sentries[%d]", prefix, i)
		switch {
		case e.Code == "":
			l.refuse(file, id, key+".code", "missing; every entry has a code")
		case seen[e.Code]:
			l.refuse(file, id, key+".code", "%q stands twice; a code stands once in a list", e.Code)
		case e.Parent != "" && !seen[e.Parent]:
			l.refuse(file, id, key+".parent", "%q is no entry above this one; write the parent first", e.Parent)
		}
		seen[e.Code] = true
		l.requireText(file, id, key+".title", e.Title)
	}
}

// cite resolves the law that a value cites, with the article.
func (l *loader) cite(file, id, prefix string, raw rawSource) (law, bool) {
	if raw.Law == "" || raw.Article == "" {
		l.refuse(file, id, prefix+"source", "missing; every value cites a law and its article, such as {law: licence, article: \"42\"}")
		return law{}, false
	}
	cited, ok := l.laws[raw.Law]
	if !ok {
		l.refuse(file, id, prefix+"source.law", "%q is not in %s; add it there with its title, document and dates", raw.Law, lawsFile)
		return law{}, false
	}
	cited.source.Article = raw.Article
	if raw.URL != "" {
		cited.source.URL = raw.URL
	}
	return cited, true
}

// checkInForce refuses a value that begins before the law that it cites, or outlives it.
func (l *loader) checkInForce(file, id, prefix string, v Value, cited law) {
	if v.From < cited.from {
		l.refuse(file, id, prefix+"from", "%s is before %s, when the law cited came into force; cite the law of that time", v.From, cited.from)
	}
	if cited.until != 0 && (v.Until == 0 || v.Until > cited.until) {
		l.refuse(file, id, prefix+"until", "the law cited ended on %s; let the value end there and cite the law that follows", cited.until)
	}
}
