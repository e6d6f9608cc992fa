package cleanup_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/cleanup"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// A round from its draft to the last case that went over: what is delegated goes to the city from its day on, with its open cases once the
// city has taken over; what is cancelled cannot be applied for from the first moment of its day.
func TestRoundTakesEffect(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if w.Founded() || !w.Standing("nothing", "nobody", on("2026-03-02")).Kept {
			t.Error("nothing is held against anybody before the register has been founded")
		}
		w.found()
		if st := w.Standing("clinic", "health", on("2026-03-02")); !w.Founded() || !st.Kept || w.Standing("clinic", "city-health", on("2026-03-02")).Kept {
			t.Errorf("founded: %+v", st)
		}
		number := w.begin("第一批")
		w.put(number, delegated("clinic"))
		w.put(number, cancelled("spa", "health"))
		open, err := w.apply("clinic", "health")
		must(t, err)
		w.publish(number)
		w.work()
		if len(w.owed) != 4 || w.owed["cleanup-followup/"+lineKey(w, number, "clinic")+"/1"].Due != on("2026-09-30") || len(w.published) != 2 {
			t.Errorf("owed %v, published %d", w.owed, len(w.published))
		}
		given, err := w.Handovers(ctx, "city-health")
		must(t, err)
		if len(given) != 1 || given[0].State != cleanup.HandoverOpen || !given[0].Cases {
			t.Fatalf("hand-overs: %+v", given)
		}
		h := given[0].Number
		c, err := w.cases.Get(ctx, given[0].ID)
		must(t, err)
		if c.Body != "health" || !c.StatuteDue.Equal(on("2026-03-31").End()) {
			t.Errorf("the hand-over lies at %s and is due at %s", c.Body, c.StatuteDue)
		}
		_, err = w.HandOver(ctx, healthy, h, []int{1, 2, 3}, "", w.key())
		must(t, err)
		late := cleanup.Taking{Outcome: cleanup.Taken, Points: []int{1, 2}, Trained: 3, Training: on("2026-03-20"), Seal: on("2026-04-01")}
		if _, err := w.TakeOver(ctx, cityHead, h, late, w.key()); !fieldOf(err, "/points") {
			t.Errorf("taken over without the seal: %v", err)
		}
		_, err = w.TakeOver(ctx, cityHead, h, cleanup.Taking{Outcome: cleanup.Incomplete, Points: []int{1}, Remark: "印章没有到"}, w.key())
		must(t, err)
		_, err = w.HandOver(ctx, healthy, h, []int{1, 2, 3}, "已补齐", w.key())
		must(t, err)
		late.Points = []int{1, 2, 3}
		_, err = w.TakeOver(ctx, cityHead, h, late, w.key())
		must(t, err)
		w.work()
		if where(t, w, open) != "health" || w.settled != 0 {
			t.Error("something followed before the date of effect")
		}

		w.at("2026-04-01", 0)
		if st := w.Standing("spa", "health", on("2026-04-01")); st.Kept || st.Gone == nil || st.Gone.Reason != "没有法律依据" || st.Gone.On != on("2026-04-01") {
			t.Errorf("cancelled: %+v", st)
		}
		if _, err := w.apply("spa", "health"); err == nil {
			t.Error("what was cancelled can still be applied for")
		}
		if _, err := w.apply("clinic", "city-health"); err != nil {
			t.Errorf("what was delegated cannot be applied for below: %v", err)
		}
		w.work()
		done := w.settled
		w.work() // does nothing twice
		if where(t, w, open) != "city-health" || w.settled != done || !w.gone["spa"] || !slices.Equal(w.items["clinic"], []string{"city-health"}) {
			t.Errorf("after the date: case at %s, settled %d then %d, %v", where(t, w, open), done, w.settled, w.items)
		}
	})
}

// Killed between any two steps of the work, nothing is lost and nothing done twice.
func TestWorkGoesOn(t *testing.T) {
	w := onSQLite(t)
	w.found()
	number := w.begin("第一批")
	l := delegated("clinic")
	l.On = on("2026-03-02")
	l.Follow[0].Due = on("2026-12-31")
	w.put(number, l)
	ids := map[string]bool{}
	for range 7 {
		id, err := w.apply("clinic", "health")
		must(t, err)
		ids[id.String()] = true
	}
	w.publish(number)
	w.work()
	given, err := w.Handovers(t.Context(), "city-health")
	must(t, err)
	_, err = w.HandOver(t.Context(), healthy, given[0].Number, []int{1, 2, 3}, "", w.key())
	must(t, err)
	_, err = w.TakeOver(t.Context(), cityHead, given[0].Number, cleanup.Taking{Outcome: cleanup.Taken, Points: []int{1, 2, 3}, Trained: 1, Training: on("2026-03-02"), Seal: on("2026-03-02")}, w.key())
	must(t, err)
	// Some have gone over already when the process was killed before it could note that.
	from := casework.Place{Body: "health", Division: anhui, Subject: "clinic@health"}
	to := casework.Place{Body: "city-health", Division: hefei, Subject: "clinic@city-health"}
	list, err := w.cases.OpenOn(t.Context(), from.Body, from.Subject, 0, 3)
	must(t, err)
	for _, c := range list {
		must(t, w.cases.HandOver(t.Context(), c.ID, from, to, number))
	}
	w.work()
	over, err := w.cases.OpenOn(t.Context(), to.Body, to.Subject, 0, 100)
	must(t, err)
	for _, c := range over {
		moved := 0
		events, err := w.cases.Events(t.Context(), c.ID, 0, 100)
		must(t, err)
		for _, e := range events {
			if e.Kind == casework.HandedOver {
				moved++
			}
		}
		if moved != 1 || !ids[c.ID.String()] {
			t.Errorf("case %s went over %d times", c.Number, moved)
		}
	}
	if left, err := w.cases.OpenOn(t.Context(), from.Body, from.Subject, 0, 100); err != nil || len(left) != 0 || len(over) != 7 {
		t.Errorf("%d left behind, %d went over, %v", len(left), len(over), err)
	}
}

// Whoever tries to have something exercised that is in no round makes a case for supervision, once a day.
func TestAttempt(t *testing.T) {
	w := onSQLite(t)
	w.found()
	for range 2 {
		must(t, w.Attempted(t.Context(), healthy, "massage", text("按摩许可"), []string{"city-health"}))
	}
	list, err := w.cases.List(t.Context(), casework.Filter{Body: "city-health", Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].Kind != cleanup.AttemptKind || list[0].Open() {
		t.Fatalf("cases: %+v", list)
	}
	e, err := w.cases.Event(t.Context(), list[0].ID, 1)
	must(t, err)
	env, err := e.Envelope()
	must(t, err)
	if env.Data["attempt"] != true || env.Data["item"] != "massage" || env.Data["by"] != healthy.Post.ID {
		t.Errorf("what the log says: %v", env.Data)
	}
}

// Every mistake in a line is told by its field.
func TestLinesAreChecked(t *testing.T) {
	w := onSQLite(t)
	w.found()
	number := w.begin("第一批")
	w.put(number, cancelled("spa", "health"))
	second := w.begin("第二批")
	for name, row := range map[string]struct {
		path   string
		change func(l *register.Line)
	}{
		"no such item":               {"/item", func(l *register.Line) { l.Item = "nothing" }},
		"no such body":               {"/from", func(l *register.Line) { l.From = "nobody" }},
		"a body without the item":    {"/from", func(l *register.Line) { l.From = "city-health" }},
		"a date in the past":         {"/on", func(l *register.Line) { l.On = on("2026-03-01") }},
		"no date":                    {"/on", func(l *register.Line) { l.On = 0 }},
		"no fate":                    {"/fate", func(l *register.Line) { l.Fate = "" }},
		"retained again":             {"/fate", func(l *register.Line) { l.Fate, l.Cases, l.Follow = register.Retained, "", nil }},
		"no receiver":                {"/to", func(l *register.Line) { l.To = nil }},
		"a receiver that is unknown": {"/to", func(l *register.Line) { l.To = []string{"nobody"} }},
		"a receiver that has ended":  {"/to", func(l *register.Line) { l.To = []string{"old-health"} }},
		"a receiver twice":           {"/to", func(l *register.Line) { l.To = []string{"city-health", "city-health"} }},
		"to itself":                  {"/to", func(l *register.Line) { l.To = []string{"health"} }},
		"to the same level":          {"/to", func(l *register.Line) { l.To = []string{"supervision"} }},
		"to another department":      {"/to", func(l *register.Line) { l.To = []string{"city-water"} }},
		"to one without a code":      {"/to", func(l *register.Line) { l.To = []string{"bare-health"} }},
		"no rule for open cases":     {"/cases", func(l *register.Line) { l.Cases = "" }},
		"no checklist":               {"/checklist", func(l *register.Line) { l.Checklist = nil }},
		"no supervision":             {"/follow", func(l *register.Line) { l.Follow = nil }},
		"supervision before":         {"/follow", func(l *register.Line) { l.Follow[0].Due = on("2026-03-31") }},
		"supervision by nobody":      {"/follow", func(l *register.Line) { l.Follow[0].Body = "nobody" }},
		"half a supervision":         {"/follow", func(l *register.Line) { l.Follow[0].What = "" }},
		"no basis":                   {"/basis", func(l *register.Line) { l.Basis = "" }},
		"no reason":                  {"/reason", func(l *register.Line) { l.Reason = "" }},
		"no manner":                  {"/manner", func(l *register.Line) { l.Fate, l.To, l.Cases = register.Otherwise, nil, register.Finish }},
		"nobody to move to":          {"/cases", func(l *register.Line) { l.Fate, l.To = register.Cancelled, nil }},
		"merged into nothing":        {"/into", func(l *register.Line) { l.Fate, l.To = register.Merged, nil }},
		"merged into itself":         {"/into", func(l *register.Line) { l.Fate, l.To, l.Into = register.Merged, nil, "clinic" }},
		"merged where it is not":     {"/into", func(l *register.Line) { l.Fate, l.To, l.Into = register.Merged, nil, "hygiene" }},
		"twice, in another round":    {"/item", func(l *register.Line) { *l = cancelled("spa", "health") }},
		"too long a list":            {"/checklist", func(l *register.Line) { l.Checklist = []string{strings.Repeat("长", 101)} }},
	} {
		l := delegated("clinic")
		l.Follow = slices.Clone(l.Follow)
		row.change(&l)
		if err := w.Put(t.Context(), drafter, second, 0, 0, l); !fieldOf(err, row.path) {
			t.Errorf("%s: %v; want a fault at %s", name, err, row.path)
		}
	}
	w.put(second, delegated("clinic"))
	if err := w.Put(t.Context(), drafter, second, 0, 0, delegated("clinic")); !fieldOf(err, "/item") {
		t.Errorf("an item twice in a round: %v", err)
	}
	// A city below does not delegate upwards, and one city is not below another.
	up := cancelled("nurse", "city-health")
	up.Fate, up.To, up.Checklist = register.Delegated, []string{"other-health"}, []string{"档案"}
	if err := w.Put(t.Context(), drafter, second, 0, 0, up); !fieldOf(err, "/to") {
		t.Errorf("to another city: %v", err)
	}
	if _, err := w.Begin(t.Context(), healthy, "越权批次", "皖政〔2026〕2号", w.key()); !fieldOf(err, "/body") {
		t.Errorf("a department that is no reform office begins a round: %v", err)
	}
	if err := w.Put(t.Context(), healthy, second, 0, 0, delegated("clinic")); err == nil {
		t.Error("somebody else writes a line")
	}
}

// Four eyes, and no approval once the first day has passed.
func TestDecisions(t *testing.T) {
	w := onSQLite(t)
	w.found()
	number := w.begin("第一批")
	if _, err := w.Hand(t.Context(), drafter, number, w.key()); !fieldOf(err, "/lines") {
		t.Errorf("an empty round is handed on: %v", err)
	}
	w.put(number, cancelled("spa", "health"))
	_, err := w.Hand(t.Context(), drafter, number, w.key())
	must(t, err)
	var refusal *casework.Refusal
	if _, err := w.Decide(t.Context(), drafter, number, cleanup.Pass, "", w.key()); !errors.As(err, &refusal) || refusal.Code != casework.RefusedSamePerson {
		t.Errorf("the drafter reviews: %v", err)
	}
	if err := w.Put(t.Context(), drafter, number, 0, 0, delegated("clinic")); !errors.As(err, new(*cleanup.MovedError)) {
		t.Errorf("a line is written after the round was handed on: %v", err)
	}
	_, err = w.Decide(t.Context(), reviewer, number, cleanup.Return, "理由写清楚", w.key())
	must(t, err)
	w.put(number, delegated("clinic"))
	_, err = w.Hand(t.Context(), drafter, number, w.key())
	must(t, err)
	_, err = w.Decide(t.Context(), reviewer, number, cleanup.Pass, "", w.key())
	must(t, err)
	w.at("2026-04-02", 9)
	if _, err := w.Decide(t.Context(), head, number, cleanup.Approve, "", w.key()); !fieldOf(err, "/outcome") {
		t.Errorf("approved after its first day: %v", err)
	}
	_, err = w.Decide(t.Context(), head, number, cleanup.Return, "改生效日期", w.key())
	must(t, err)
	if _, err := w.Hand(t.Context(), drafter, number, w.key()); err == nil {
		t.Error("handed on with dates in the past")
	}
}

func fieldOf(err error, path string) bool {
	var refusal *casework.Refusal
	return errors.As(err, &refusal) && slices.ContainsFunc(refusal.Fields, func(f casework.FieldError) bool { return f.Path == path })
}

func where(t *testing.T, w *world, id interface{ String() string }) string {
	t.Helper()
	for _, body := range []string{"health", "city-health", "county-health", "other-health"} {
		list, err := w.cases.List(t.Context(), casework.Filter{Body: body, Limit: 100})
		must(t, err)
		for _, c := range list {
			if c.ID.String() == id.String() {
				return body
			}
		}
	}
	return ""
}

func lineKey(w *world, number, item string) string {
	w.t.Helper()
	for _, l := range w.Register().All() {
		if l.Round == number && l.Item == item {
			return itoa(l.ID)
		}
	}
	return ""
}

// today is the day of the world.
func today(w *world) calendar.Date { return calendar.Of(w.time()) }
