package joint_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/procedures"
)

// manner is what one of two departments does.
type manner struct {
	comes bool
	says  string // agree, disagree, bare or never
	late  bool   // after the default
}

func (m manner) String() string {
	return fmt.Sprintf("comes %v, says %s, late %v", m.comes, m.says, m.late)
}

// expected works out by the rules alone what becomes of two departments of which the refusal of the first ends all. order is who speaks first.
func expected(m [2]manner, order [2]int) (states [2]joint.PartState, causes [2]string, result string) {
	for i := range m {
		states[i] = joint.Open
		if !m[i].comes {
			states[i], causes[i] = joint.Deemed, joint.CauseAbsent
		}
	}
	stopped := false
	for _, i := range order {
		if states[i] != joint.Open || m[i].late || m[i].says == "never" || stopped {
			continue
		}
		switch m[i].says {
		case "agree":
			states[i] = joint.Agreed
		case "bare":
			states[i], causes[i] = joint.Deemed, joint.CauseNoReason
		case "disagree":
			states[i], stopped = joint.Refused, i == 0
		}
	}
	agreed, refused := 0, 0
	for i := range states {
		switch {
		case states[i] != joint.Open:
		case stopped:
			states[i] = joint.Discontinued
		default:
			states[i], causes[i] = joint.Deemed, joint.CauseLate
		}
		switch states[i] {
		case joint.Agreed, joint.Deemed:
			agreed++
		case joint.Refused:
			refused++
		}
	}
	switch {
	case stopped, agreed == 0:
		result = "refused"
	case refused > 0:
		result = "joint-partial"
	default:
		result = "granted"
	}
	return states, causes, result
}

// TestEveryCourseOfTwo: all courses that two departments can take, each against what the rules say of it; a late opinion undoes nothing.
func TestEveryCourseOfTwo(t *testing.T) {
	w := onSQLite(t)
	w.pair()
	var manners []manner
	for _, comes := range []bool{true, false} {
		for _, says := range []string{"agree", "disagree", "bare"} {
			manners = append(manners, manner{comes, says, false})
		}
		manners = append(manners, manner{comes, "disagree", true}, manner{comes, "never", false})
	}
	type course struct {
		m     [2]manner
		order [2]int
		id    store.ID
	}
	var courses []*course
	for _, a := range manners {
		for _, b := range manners {
			courses = append(courses, &course{m: [2]manner{a, b}, order: [2]int{0, 1}})
			if speaks := func(m manner) bool { return m.comes && !m.late && m.says != "never" }; speaks(a) && speaks(b) {
				courses = append(courses, &course{m: [2]manner{a, b}, order: [2]int{1, 0}})
			}
		}
	}
	keys := [2]string{"food", "fire"}
	for _, c := range courses {
		c.id = w.apply(pairApplication()).Case
		w.do(c.id, clerk, "receive", map[string]any{"outcome": "accept"})
	}
	w.settle()
	for _, c := range courses {
		w.do(c.id, clerk, "summon", map[string]any{"date": "2026-03-02", "hour": "10:00", "place": "现场"})
		came, absent := []string{}, []string{}
		for i := range keys {
			if n := fmt.Sprint(i + 1); c.m[i].comes {
				came = append(came, n)
			} else {
				absent = append(absent, n)
			}
		}
		w.do(c.id, clerk, "hold", map[string]any{"attended": came, "absent": absent, "minutes": "已到场查看"})
	}
	w.settle()
	w.days(1)
	for turn := range 2 {
		for _, c := range courses {
			i := c.order[turn]
			if e := w.part(c.id, keys[i]); e.State == joint.Open && !c.m[i].late && c.m[i].says != "never" {
				w.say(e, c.m[i].says)
			}
		}
		w.settle()
	}
	w.days(22)
	for _, c := range courses {
		for i := range keys {
			if e := w.part(c.id, keys[i]); c.m[i].late && e.State == joint.Deemed {
				w.do(e.Case, of(e.Body, "reviewer"), "late-opinion", map[string]any{"opinion": c.m[i].says, "reasons": "补出"})
			}
		}
	}
	for _, c := range courses {
		w.finish(c.id)
		states, causes, result := expected(c.m, c.order)
		x := w.whole(c.id)
		if x.Open() || x.Status != result {
			t.Errorf("%v, first %d: ended %s, want %s", c.m, c.order[0], x.Status, result)
		}
		for i := range keys {
			if e := x.Parts[i]; e.State != states[i] || e.Cause != causes[i] || e.LateWord != "" && e.State != joint.Deemed {
				t.Errorf("%v, first %d: %s is %s %q, want %s %q", c.m, c.order[0], e.Key, e.State, e.Cause, states[i], causes[i])
			}
		}
	}
	t.Logf("%d courses", len(courses))
}

// pair builds a joint matter of two items with a joint survey, the refusal of the first of which ends all.
func (w *world) pair() {
	w.t.Helper()
	asks := `{"type":"object","required":["site"],"properties":{"site":{"type":"string","title":"地点","x-title":{"zh-Hant":"地點","en":"Site"}}}}`
	w.putItem("food", "market-regulation", asks)
	w.putItem("fire", "emergency", asks)
	code, _, page := w.post(manager, "/desk/joint/matters", url.Values{"key": {"pair"}, "title-hans": {"开餐馆"}, "title-hant": {"開餐館"}, "title-en": {"Open a restaurant"},
		"serves": {"organisation"}, "item-0": {"food"}, "stage-0": {"1"}, "refusal-0": {"all"}, "item-1": {"fire"}, "stage-1": {"1"}, "refusal-1": {"own"},
		"meeting-1": {"survey"}, "act": {"publish"}})
	if code != http.StatusSeeOther {
		w.t.Fatalf("build: %d %s", code, page)
	}
}

func pairApplication() joint.Application {
	return joint.Application{Matter: "pair", Division: hefei, Channel: casework.Window, Applicant: enterprise().Applicant,
		Sent: joint.Sent{Parts: []string{}, Answers: json.RawMessage(`{"site":"虚构路1号"}`)}, Files: []casework.FileRef{}}
}

// say gives the opinion of a department without bringing it to the whole.
func (w *world) say(e joint.Entry, opinion string) {
	w.t.Helper()
	data := map[string]any{"opinion": opinion}
	if opinion == "disagree" {
		data["basis"], data["reasons"] = "《某法》第一条", "不符合条件"
	}
	w.do(e.Case, of(e.Body, "reviewer"), "review", data)
	w.do(e.Case, of(e.Body, "head"), "sign", map[string]any{"outcome": "issue"})
}

// deed is what somebody did in a world, as the log has it.
type deed struct {
	at    time.Time
	id    store.ID
	env   casework.Envelope
	whole string // number of the whole
	part  int    // ordinal; 0: the whole itself
	form  map[string]json.RawMessage
	c     *casework.Case
}

// deeds reads the whole log of joint matters, in its order.
func (w *world) deeds() []deed {
	w.t.Helper()
	var list []deed
	for _, kind := range []string{joint.WholeKind, joint.PartKind} {
		cases, before := []*casework.Case{}, store.ID(0)
		for more := true; more; {
			page, err := w.cases.List(w.t.Context(), casework.Filter{Kind: kind, Before: before, Limit: 200})
			if err != nil {
				w.t.Fatal(err)
			}
			if more = len(page) > 0; more {
				before = page[len(page)-1].ID
				cases = append(cases, page...)
			}
		}
		for _, c := range cases {
			d := deed{c: c, whole: c.Number}
			if kind == joint.PartKind {
				e, err := w.EntryOf(w.t.Context(), c.ID)
				if err != nil {
					w.t.Fatal(err)
				}
				d.whole, d.part = w.whole(e.Whole).Number, e.Ordinal
			}
			private, err := w.cases.Private(w.t.Context(), c.ID)
			if err != nil {
				w.t.Fatal(err)
			}
			sealed := map[int64]map[string]json.RawMessage{}
			for _, p := range private {
				sealed[p.Seq] = p.Fields
			}
			events, err := w.cases.Events(w.t.Context(), c.ID, 0, 500)
			if err != nil {
				w.t.Fatal(err)
			}
			for i := range events {
				x := d
				if x.env, err = events[i].Envelope(); err != nil {
					w.t.Fatal(err)
				}
				x.at, x.id, x.form = events[i].At, events[i].ID, sealed[events[i].Seq]
				list = append(list, x)
			}
		}
	}
	slices.SortFunc(list, func(a, b deed) int {
		if d := a.at.Compare(b.at); d != 0 {
			return d
		}
		return int(a.id - b.id)
	})
	return list
}

// by is who did it.
func (d *deed) by() identity.Principal {
	people := []identity.Principal{clerk, leadHead, manager}
	for _, x := range departments {
		people = append(people, of(x, "reviewer"), of(x, "head"))
	}
	for _, p := range people {
		if p.Post.ID == d.env.Actor.Post {
			return p
		}
	}
	return applicant
}

// data is what was entered in a step: what the log shows of its form, and what it keeps sealed.
func (d *deed) data(w *world) map[string]any {
	w.t.Helper()
	_, def, err := w.cases.Procedure(w.t.Context(), d.c.Procedure)
	if err != nil {
		w.t.Fatal(err)
	}
	task, _ := d.env.Data["task"].(string)
	raw, err := procedures.Files.ReadFile("forms/" + def.Element(task).Form + ".json")
	if err != nil {
		w.t.Fatal(err)
	}
	var form struct{ Properties map[string]any }
	if err := json.Unmarshal(raw, &form); err != nil {
		w.t.Fatal(err)
	}
	data := map[string]any{}
	for name := range form.Properties {
		if v, ok := d.env.Data[name]; ok {
			data[name] = v
		} else if v, ok := d.form[name]; ok {
			data[name] = v
		}
	}
	return data
}

// replay lets people do in a new world, at the same instants, what the log of another says that they did. What follows by itself follows.
func (w *world) replay(log []deed) {
	w.t.Helper()
	for i := range log {
		d := &log[i]
		if d.env.Actor.Kind == identity.System {
			continue
		}
		w.pass(d.at)
		w.set(d.at)
		switch d.env.Kind {
		case casework.Submitted:
			var sent joint.Sent
			if err := json.Unmarshal(d.form["form"], &sent); err != nil {
				w.t.Fatal(err)
			}
			var files []casework.FileRef
			if err := json.Unmarshal(d.form["files"], &files); err != nil {
				w.t.Fatal(err)
			}
			matter, division, _ := strings.Cut(d.env.Subject, "/")
			a := joint.Application{Matter: matter, Division: division, Channel: casework.Online, Applicant: enterprise().Applicant, Sent: sent, Files: []casework.FileRef{}}
			for _, f := range files {
				a.Files = append(a.Files, w.upload(f.Material))
			}
			if rec := w.apply(a); rec.Number != d.whole {
				w.t.Fatalf("replayed as %s, it was %s", rec.Number, d.whole)
			}
		case casework.Completed:
			x, err := w.ByNumber(w.t.Context(), d.whole)
			if err != nil {
				w.t.Fatal(err)
			}
			id := x.Case
			for j := range x.Parts {
				if x.Parts[j].Ordinal == d.part {
					id = x.Parts[j].Case
				}
			}
			task, _ := d.env.Data["task"].(string)
			w.do(id, d.by(), task, d.data(w))
		default:
			w.t.Fatalf("%s by %s is not replayed", d.env.Kind, d.env.Actor.Kind)
		}
		w.settle()
	}
}

// tale tells for each matter what the log says, without what differs from world to world: identifiers, digests, and the order of what
// happened at one instant.
func tale(log []deed) map[string][]string {
	all := map[string][]string{}
	for i := range log {
		d := &log[i]
		data := maps.Clone(d.env.Data)
		answer := data["task"] == "opinion" // of several answers that come at one instant any may be the one that goes on
		maps.DeleteFunc(data, func(name string, _ any) bool {
			return name == "files" || name == "token" || answer && (name == "opened" || name == "cut")
		})
		raw, err := json.Marshal(data)
		if err != nil {
			raw = []byte(err.Error())
		}
		key := fmt.Sprintf("%s part %d", d.whole, d.part)
		all[key] = append(all[key], d.env.At+" "+d.env.Kind+" "+d.env.Actor.Post+" "+string(raw))
	}
	for _, lines := range all {
		slices.Sort(lines)
	}
	return all
}

// sameTale fails unless two logs tell the same of every matter.
func sameTale(t *testing.T, was, is []deed, until time.Time) {
	t.Helper()
	before := func(log []deed) []deed {
		return slices.DeleteFunc(slices.Clone(log), func(d deed) bool { return d.at.After(until) })
	}
	a, b := tale(before(was)), tale(before(is))
	if len(a) != len(b) {
		t.Errorf("%d cases, and %d at replay", len(a), len(b))
	}
	for key, lines := range a {
		if !slices.Equal(lines, b[key]) {
			t.Errorf("%s went\n%s\nand at replay\n%s", key, strings.Join(lines, "\n"), strings.Join(b[key], "\n"))
			return
		}
	}
}

// dayAfter is the morning after a day.
func dayAfter(t time.Time) time.Time { return (calendar.Of(t) + 1).Start() }
