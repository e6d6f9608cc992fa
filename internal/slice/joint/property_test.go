package joint_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/joint"
)

// conduct is what one department does: whether it comes to the joint acceptance, what it says, and after how many working days.
type conduct struct {
	comes   bool
	opinion string // never: it says nothing until the default, or until the supervisor has made it answer
	after   int
}

// TestEveryCourseEnds: for every subset and order of answers, absences and delays of five departments, the joint matter ends, on time or with
// its cards, every part is answered or not needed any more, a default is called one, and when people do again what the log says that they
// did, everything else follows again.
func TestEveryCourseEnds(t *testing.T) {
	if err := flag.Set("rapid.checks", "12"); err != nil {
		t.Fatal(err)
	}
	w := onSQLite(t)
	keys := []string{"planning-check", "fire-acceptance", "soil-acceptance", "roads", "record"}
	rapid.Check(t, func(rt *rapid.T) {
		course := map[string]conduct{}
		for _, key := range keys {
			course[key] = conduct{
				comes:   rapid.Bool().Draw(rt, key+" comes"),
				opinion: rapid.SampledFrom([]string{"agree", "disagree", "bare", "forward", "never"}).Draw(rt, key+" says"),
				after:   rapid.IntRange(0, 9).Draw(rt, key+" after"),
			}
		}
		order := rapid.Permutation(keys).Draw(rt, "order")
		w.run(rt, course, order)
	})
	until := w.time()
	w.pass(dayAfter(until))
	again := onSQLite(t)
	log := w.deeds()
	again.replay(log)
	again.pass(dayAfter(until))
	sameTale(t, log, again.deeds(), until)
}

// run lets the departments act day by day until the matter has ended, and tells what became of it.
func (w *world) run(rt *rapid.T, course map[string]conduct, order []string) {
	for !w.cal.Working(calendar.Of(w.time())) {
		w.pass(w.time().Add(24 * time.Hour))
	}
	w.pass(calendar.Of(w.time()).Start().Add(10 * time.Hour))
	a := joint.Application{Matter: "construction-completion", Division: hefei, Channel: casework.Online, Applicant: enterprise().Applicant, Sent: joint.Sent{Parts: []string{},
		Answers: []byte(`{"client":"合肥青禾","uscc":"91340104MA9Y00012N","project":"一号厂房","site":"虚构路","permit":"340100001","completed":"2026-02-01","floorArea":1,
			"contractor":"虚构建设","contact":"陈","telephone":"13800000001"}`)}}
	for _, m := range []string{"as-built", "fire-test", "completion-report"} {
		a.Files = append(a.Files, w.upload(m))
	}
	id := w.accepted(a)
	w.do(id, clerk, "summon", map[string]any{"date": calendar.Of(w.time()).String(), "hour": "9:30", "place": "现场"})
	w.settle()
	came, absent := []string{}, []string{}
	for i, key := range []string{"planning-check", "fire-acceptance", "soil-acceptance", "roads"} {
		if n := fmt.Sprint(i + 1); course[key].comes {
			came = append(came, n)
		} else {
			absent = append(absent, n)
		}
	}
	w.do(id, clerk, "hold", map[string]any{"attended": came, "absent": absent, "minutes": "验收"})
	w.settle()
	const patience = 40 // working days: then somebody has answered for what no default answers for
	for day := 0; ; day++ {
		if c, err := w.cases.Get(w.t.Context(), id); err != nil || open(c, "conclude") {
			break
		}
		if day > patience {
			rt.Fatalf("the matter does not come to an end: %s", states(w.whole(id)))
		}
		for _, key := range order {
			e := w.part(id, key)
			x := course[key]
			if e.State != joint.Open || e.Case == 0 {
				continue
			}
			opened := w.cal.Count(calendar.Of(e.OpenedAt), calendar.Of(w.time()))
			switch {
			case x.opinion == "never" && opened > 20:
				w.opine(id, key, "agree")
			case x.opinion != "never" && opened >= x.after:
				w.opine(id, key, x.opinion)
			}
		}
		w.days(1)
	}
	w.finish(id)
	w.outcome(rt, id)
}

func open(c *casework.Case, element string) bool {
	return slices.ContainsFunc(c.Tasks(), func(t casework.Task) bool { return t.Element == element })
}

// outcome checks what must hold of every ended matter.
func (w *world) outcome(rt *rapid.T, id store.ID) {
	x := w.whole(id)
	if x.Open() || x.Status == "" {
		rt.Fatalf("it has not ended: %s", x.Status)
	}
	for _, e := range x.Parts {
		if !e.State.Answered() {
			rt.Fatalf("%s is neither answered nor discontinued: %s", e.Key, e.State)
		}
		if (e.State == joint.Deemed) != (e.Cause != "") {
			rt.Fatalf("%s: a default without a cause, or a cause without a default: %s %q", e.Key, e.State, e.Cause)
		}
		if e.Key == "fire-acceptance" && e.State == joint.Deemed && e.Cause != joint.CauseNoReason {
			rt.Fatalf("a law forbids it, and it was deemed: %s", e.Cause)
		}
		if e.Case == 0 {
			continue
		}
		kinds := w.kinds(e.Case)
		late := !e.AnsweredAt.IsZero() && e.AnsweredAt.After(e.DueAt) && e.State != joint.Discontinued
		if late && !slices.Contains(kinds, casework.PromiseMissed) && !slices.Contains(kinds, casework.StatuteMissed) {
			rt.Fatalf("%s was late and no line was noticed: %v", e.Key, kinds)
		}
	}
}

// kinds lists the events of a case until its part in the matter was over.
func (w *world) kinds(id store.ID) []string {
	events, err := w.cases.Events(w.t.Context(), id, 0, 200)
	if err != nil {
		w.t.Fatal(err)
	}
	var list []string
	for i := range events {
		env, err := events[i].Envelope()
		if err != nil {
			w.t.Fatal(err)
		}
		if env.Actor.Kind == identity.System && events[i].Kind == casework.StepOvertime {
			continue // of the late opinion, which may come after the matter has ended
		}
		list = append(list, events[i].Kind)
	}
	return list
}
