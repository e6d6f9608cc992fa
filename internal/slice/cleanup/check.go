package cleanup

import (
	"context"
	"slices"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// Bounds of a line, in characters and things.
const (
	maxText  = 1000
	maxPoint = 100
	maxList  = 30
)

// lineCheck holds a line against the registry, the register and the catalogue.
type lineCheck struct {
	*Service

	round Round
	line  *register.Line
	reg   *registry.Snapshot
	today calendar.Date
	found []casework.FieldError
}

// check says what is wrong with a line as of today.
func (s *Service) check(ctx context.Context, r Round, l *register.Line) ([]casework.FieldError, error) {
	k := &lineCheck{Service: s, round: r, line: l, reg: s.Registry.Now(), today: s.today()}
	k.item()
	k.date()
	k.texts()
	if l.Fate.Takes() && l.Fate.Known() {
		k.receivers()
		k.cases()
		k.checklist()
		k.follow()
	}
	if r.Founding {
		return k.found, nil
	}
	again, err := s.elsewhere(ctx, l)
	if again {
		k.fail("/item", "twice", twice)
	}
	return k.found, err
}

func (k *lineCheck) fail(path, code string, text lang.Text) {
	k.found = append(k.found, fault(path, code, text))
}

// there returns a body that is there on a day, or nil.
func (k *lineCheck) there(key string, on calendar.Date) *registry.Body {
	b := k.reg.Body(key)
	if b == nil || registry.Over(b.Ended, max(on, k.today).Start()) {
		return nil
	}
	return b
}

// item checks what is decided about, and whose it is.
func (k *lineCheck) item() {
	l := k.line
	_, known := k.Catalogue.Item(l.Item)
	known = known || k.Register().Known(l.Item, l.From) // one that is gone from the catalogue stays in the register
	switch {
	case l.Item == "":
		k.fail("/item", "required", noItem)
	case !known && (l.Fate.Takes() || l.Name.Hans == ""):
		k.fail("/item", "unknown", noItem)
	}
	from := k.there(l.From, 0)
	switch {
	case from == nil:
		k.fail("/from", "unknown", noBody)
	case !k.reg.Contains(k.round.Division, from.Division):
		k.fail("/from", "outside", outside)
	}
	switch {
	case !l.Fate.Known():
		k.fail("/fate", "required", noFate)
	case k.round.Founding && l.Fate.Takes():
		k.fail("/fate", "founding", founding)
	case k.round.Founding:
	case l.Fate.Takes() && !k.Register().Kept(l.Item, l.From, max(k.today, l.On.Add(-1))):
		k.fail("/from", "not-held", notHeld)
	case !l.Fate.Takes() && k.Register().Kept(l.Item, l.From, max(k.today, l.On)):
		k.fail("/fate", "held", isHeld)
	}
}

func (k *lineCheck) date() {
	switch l := k.line; {
	case l.On == 0:
		k.fail("/on", "required", noDate)
	case l.On < k.today && !k.round.Founding:
		k.fail("/on", "past", past)
	}
}

func (k *lineCheck) texts() {
	l := k.line
	need := func(path, value string, needed bool) {
		switch n := utf8.RuneCountInString(value); {
		case n == 0 && needed:
			k.found = append(k.found, casework.FieldError{Path: path, Code: "required"})
		case n > maxText:
			k.found = append(k.found, casework.FieldError{Path: path, Code: "maxLength"})
		}
	}
	need("/basis", l.Basis, true)
	need("/reason", l.Reason, l.Fate.Takes() && l.Fate.Known())
	need("/manner", l.Manner, l.Fate == register.Otherwise)
}

// receivers checks who takes the item over.
func (k *lineCheck) receivers() {
	l := k.line
	if !l.Fate.Gives() {
		return
	}
	if l.Fate == register.Delegated && len(l.To) == 0 {
		k.fail("/to", "required", noHeir)
		return
	}
	if l.Fate == register.Merged {
		switch _, ok := k.Catalogue.Item(l.Into); {
		case !ok:
			k.fail("/into", "required", noInto)
			return
		case l.Into == l.Item:
			k.fail("/into", "self", intoSelf)
			return
		}
	}
	for i, key := range l.Receivers() {
		if slices.Contains(l.Receivers()[:i], key) {
			k.fail("/to", "twice", heirTwice)
			return
		}
		if text, code := k.receiver(key); code != "" {
			path := "/to"
			if len(l.To) == 0 {
				path = "/into"
			}
			k.fail(path, code, text)
			return
		}
	}
}

// receiver checks one receiving body.
func (k *lineCheck) receiver(key string) (text lang.Text, code string) {
	l := k.line
	to, from := k.there(key, l.On), k.reg.Body(l.From)
	if to == nil {
		return noBody, "unknown"
	}
	if l.Fate == register.Merged && !k.Register().Kept(l.Into, key, max(k.today, l.On)) {
		return intoHeld, "not-held"
	}
	if from == nil || l.Fate == register.Merged && to.Key == from.Key {
		return text, ""
	}
	if to.Key == from.Key {
		return heirSelf, "self"
	}
	if !k.reg.Contains(from.Division, to.Division) {
		return heirArea, "outside"
	}
	if l.Fate == register.Merged {
		return text, ""
	}
	above, below := k.reg.Division(from.Division), k.reg.Division(to.Division)
	if above == nil || below == nil || below.Level <= above.Level {
		return heirLevel, "level"
	}
	if it, ok := k.Catalogue.Item(l.Item); ok && to.Kind != it.Kind && to.Kind != "township" {
		return heirKind, "kind"
	}
	if to.USCC == "" || to.Consult == "" || to.Complaint == "" || k.reg.Centre(to.Centre) == nil {
		return heirCode, "incomplete"
	}
	return text, ""
}

func (k *lineCheck) cases() {
	switch l := k.line; {
	case l.Cases != register.Finish && l.Cases != register.Move:
		k.fail("/cases", "required", noCases)
	case l.Cases == register.Move && !l.Fate.Gives():
		k.fail("/cases", "nobody", cannot)
	}
}

// handsOver reports whether anything goes from one body to another.
func handsOver(l *register.Line) bool {
	return slices.ContainsFunc(l.Receivers(), func(to string) bool { return to != l.From })
}

func (k *lineCheck) checklist() {
	l := k.line
	if handsOver(l) && len(l.Checklist) == 0 {
		k.fail("/checklist", "required", noList)
		return
	}
	long := func(point string) bool { return utf8.RuneCountInString(point) > maxPoint }
	if len(l.Checklist) > maxList || slices.ContainsFunc(l.Checklist, long) {
		k.fail("/checklist", "maxLength", longList)
	}
}

func (k *lineCheck) follow() {
	l := k.line
	if len(l.Follow) == 0 {
		if l.Fate != register.Merged {
			k.fail("/follow", "required", noFollow)
		}
		return
	}
	for _, f := range l.Follow {
		switch {
		case f.What == "" || f.Body == "" || f.Due == 0:
			k.fail("/follow", "incomplete", followAll)
			return
		case k.there(f.Body, f.Due) == nil:
			k.fail("/follow", "unknown", noBody)
			return
		case f.Due < l.On:
			k.fail("/follow", "past", followDay)
			return
		}
	}
}
