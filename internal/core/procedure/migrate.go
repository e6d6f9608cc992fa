package procedure

import (
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/lang"
)

// Mapping says which element of a newer version takes the place of which of an older one. Elements that it does not name keep their id.
type Mapping map[string]string

// to returns the id in the newer version.
func (m Mapping) to(id string) string {
	if n, ok := m[id]; ok {
		return n
	}
	return id
}

// maxMoved bounds the states that are looked at after a case was moved to another version.
const maxMoved = 2_000

// Migrate moves a running case to another version (办件迁移): it returns the state as it stands there, with every token on the element that
// takes the place of its own. What stands in the way is named with the element of the older version and the remedy; with any, the case
// stays where it is. Nothing is done again and nothing skipped: what the case waits for is the same afterwards, so timers keep their days.
func Migrate(from, to *Definition, s State, m Mapping) (State, []Finding) {
	x := migration{from: from, to: to, m: m, next: s}
	if s.Ended() {
		return s, []Finding{moveFinding(from.Main.ID, from.Main.Name, ended)}
	}
	if f := to.defect(); f != nil {
		return s, []Finding{*f}
	}
	x.next.Process = to.Main.ID
	x.next.Tokens, x.next.Timers, x.next.Scopes = slices.Clone(s.Tokens), slices.Clone(s.Timers), slices.Clone(s.Scopes)
	for i := range x.next.Scopes {
		if p := x.next.Scopes[i].Process; p != "" && to.Process(m.to(p)) == nil {
			x.add(moveFinding(p, p, noProcess))
		} else if p != "" {
			x.next.Scopes[i].Process = m.to(p)
		}
	}
	for i := range x.next.Tokens {
		x.token(&x.next.Tokens[i])
	}
	for i := range x.next.Timers {
		x.timer(&x.next.Timers[i])
	}
	if len(x.found) > 0 {
		return s, x.found
	}
	if still := standstill(to, x.next); len(still) > 0 {
		return s, still
	}
	return x.next, nil
}

type migration struct {
	from, to *Definition
	m        Mapping
	next     State
	found    []Finding
}

func (x *migration) add(f Finding) {
	if !slices.ContainsFunc(x.found, func(g Finding) bool { return g.Element == f.Element && g.Code == f.Code }) {
		x.found = append(x.found, f)
	}
}

// token moves one token to its new element.
func (x *migration) token(t *Token) {
	was := x.from.Element(t.Element)
	if was == nil {
		x.add(moveFinding(t.Element, "", noElement))
		return
	}
	is := x.to.Element(x.m.to(t.Element))
	switch {
	case is == nil:
		x.add(moveFinding(was.ID, was.Name, noElement))
		return
	case is.Kind != was.Kind || is.Trigger != was.Trigger || is.Ref != was.Ref || (is.Multi == nil) != (was.Multi == nil) || x.m.to(was.Called) != is.Called:
		x.add(moveFinding(was.ID, was.Name, otherKind))
	case !x.sameBody(was, is):
		x.add(moveFinding(was.ID, was.Name, otherPlace))
	case !slices.Equal(x.waits(was, x.m), x.waits(is, nil)):
		x.add(moveFinding(was.ID, was.Name, otherWaits))
	}
	if t.Flow != "" {
		to := x.m.to(t.Flow)
		if !slices.ContainsFunc(is.Incoming, func(f *Flow) bool { return f.ID == to }) {
			x.add(moveFinding(was.ID, was.Name, otherWay))
		}
		t.Flow = to
	}
	t.Element = is.ID
}

// sameBody reports whether two elements stand in the same process or sub-process of the two versions.
func (x *migration) sameBody(was, is *Element) bool {
	a, b := was.Body, is.Body
	if a.Owner == nil || b.Owner == nil {
		return a.Owner == nil && b.Owner == nil && (x.m.to(a.Process.ID) == b.Process.ID || a.Process == x.from.Main && b.Process == x.to.Main)
	}
	return x.m.to(a.Owner.ID) == b.Owner.ID
}

// waits lists the timers that run while a token stands on an element: those on its border, and those behind an event gateway.
func (x *migration) waits(e *Element, m Mapping) []string {
	var ids []string
	add := func(w *Element) {
		if w.Trigger == TimerTrigger {
			ids = append(ids, m.to(w.ID))
		}
	}
	for _, b := range e.Boundary {
		add(b)
	}
	if e.Kind == EventGateway {
		for _, f := range e.Outgoing {
			add(f.To)
		}
	}
	slices.Sort(ids)
	return ids
}

// timer moves an armed timer. It keeps the instant at which it falls due.
func (x *migration) timer(t *Timer) {
	was, is := x.from.Element(t.Element), x.to.Element(x.m.to(t.Element))
	if is == nil || is.Trigger != TimerTrigger || was == nil || was.Timer.Cycle != is.Timer.Cycle {
		name := ""
		if was != nil {
			name = was.Name
		}
		x.add(moveFinding(t.Element, name, otherWaits))
		return
	}
	t.Element = is.ID
}

// standstill looks ahead from a state with the checker's own walk: where the case could come to stand still for ever.
func standstill(d *Definition, s State) []Finding {
	c := checker{d: d}
	own := *d
	x := explorer{d: &own, index: map[string]int{}, pile: spareTokens + len(d.order)}
	first := explored{state: s, quiet: true}
	x.index[first.key()] = 0
	x.nodes = append(x.nodes, first)
	done := 0
	for ; done < len(x.nodes) && len(x.nodes) < maxMoved; done++ {
		x.expand(done)
	}
	for i := done; i < len(x.nodes); i++ {
		x.nodes[i].ends = true
	}
	c.stuck(&x)
	return c.found
}

// CodeMigration is the kind of finding that keeps a case from moving to another version.
const CodeMigration Code = "migration"

var (
	ended      = lang.Text{Hans: "办件已办结，不能再换流程版本", Hant: "辦件已辦結，不能再換流程版本", En: "the case has ended and stays on its version"}
	noProcess  = lang.Text{Hans: "新版本中没有这个被调用的流程；请补上或写明对应", Hant: "新版本中沒有這個被調用的流程；請補上或寫明對應", En: "the newer version has no such called process: add it, or say which takes its place"}
	noElement  = lang.Text{Hans: "办件正停在此处，新版本中没有这个节点；请写明由哪个节点接替", Hant: "辦件正停在此處，新版本中沒有這個節點；請寫明由哪個節點接替", En: "the case waits here and the newer version has no such element: say which takes its place"}
	otherKind  = lang.Text{Hans: "新版本中对应的节点类型或触发条件不同；请另选一个节点", Hant: "新版本中對應的節點類型或觸發條件不同；請另選一個節點", En: "in the newer version it is of another kind or waits for something else: choose another element"}
	otherPlace = lang.Text{Hans: "新版本中对应的节点在另一个子流程里；请另选一个节点", Hant: "新版本中對應的節點在另一個子流程裡；請另選一個節點", En: "in the newer version it stands in another sub-process: choose another element"}
	otherWaits = lang.Text{Hans: "办件正在计时，新版本在此处的定时不同；请先办完这一步再换版本", Hant: "辦件正在計時，新版本在此處的定時不同；請先辦完這一步再換版本", En: "a timer is running and the newer version has other timers here: finish this step first"}
	otherWay   = lang.Text{Hans: "已到达汇合处的分支在新版本中没有对应的连线；请保留该连线或写明对应", Hant: "已到達匯合處的分支在新版本中沒有對應的連線；請保留該連線或寫明對應", En: "a branch has arrived at this join by a flow that the newer version lacks: keep the flow, or say which takes its place"}
)

func moveFinding(id, name string, text lang.Text) Finding {
	return Finding{Code: CodeMigration, Level: Error, Element: id, Name: name, Message: text}
}

// CheckMapping names what a mapping says of elements that are not there: of the older version on the left, of the newer on the right.
func CheckMapping(from, to *Definition, m Mapping) []Finding {
	var out []Finding
	for _, id := range sortedKeys(m) {
		known := from.Element(id) != nil || slices.ContainsFunc(flowsOf(from), func(f *Flow) bool { return f.ID == id })
		there := to.Element(m[id]) != nil || slices.ContainsFunc(flowsOf(to), func(f *Flow) bool { return f.ID == m[id] })
		if !known {
			out = append(out, moveFinding(id, "", words("旧版本中没有节点 %q", "舊版本中沒有節點 %q", "the older version has no element %q", id)))
		}
		if !there {
			out = append(out, moveFinding(id, "", words("新版本中没有节点 %q", "新版本中沒有節點 %q", "the newer version has no element %q", m[id])))
		}
	}
	return out
}

func words(hans, hant, en, id string) lang.Text {
	return lang.Text{Hans: fmt.Sprintf(hans, id), Hant: fmt.Sprintf(hant, id), En: fmt.Sprintf(en, id)}
}

func flowsOf(d *Definition) []*Flow {
	var out []*Flow
	for _, e := range d.order {
		out = append(out, e.Outgoing...)
	}
	return out
}

func sortedKeys(m Mapping) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
