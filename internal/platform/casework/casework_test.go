package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/rules"
)

// hall is a runtime with one kind of case, "licence", on a clock that the test moves.
type hall struct {
	*casework.Runtime
	t  testing.TB
	db *store.DB

	mu  sync.Mutex
	now time.Time
}

func (h *hall) time() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// at sets the clock to a day and hour in Shanghai.
func (h *hall) at(day string, hour int) {
	h.t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		h.t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = d.Start().Add(time.Duration(hour) * time.Hour)
}

// postPolicy is the smallest policy that tells roles apart.
type postPolicy struct{}

func (postPolicy) Allow(p identity.Principal, action string, on identity.Resource) error {
	switch {
	case p.Kind == identity.System,
		action == casework.ActionComplete && p.Post.Has(on.Role) && p.Post.Body == on.Body,
		action == casework.ActionAssign && p.Post.Body == on.Body,
		p.Party().ID != 0 && p.Party().ID == on.Owner:
		return nil
	}
	return &identity.Denied{Action: action}
}

const series = "11340000000000000A01101000100001"

var stepForms = fstest.MapFS{
	"receive.json": {Data: []byte(`{"type":"object","properties":{"outcome":{"enum":["accept"],"x-public":true,"x-variable":true}},"required":["outcome"],"additionalProperties":false}`)},
	"examine.json": {Data: []byte(`{"type":"object","properties":{
		"outcome":{"enum":["approve","hearing"],"x-public":true,"x-variable":true},"opinion":{"type":"string","minLength":4}},
		"required":["outcome","opinion"],"additionalProperties":false}`)},
	"decide.json": {Data: []byte(`{"type":"object","properties":{
		"outcome":{"enum":["grant","refuse"],"x-public":true,"x-variable":true},"reason":{"type":"string","minLength":4}},
		"required":["outcome"],"if":{"properties":{"outcome":{"const":"refuse"}}},"then":{"required":["reason"]},"additionalProperties":false}`)},
}

func open(t testing.TB, db *store.DB) *hall {
	t.Helper()
	return openNode(t, db, 1)
}

func openNode(t testing.TB, db *store.DB, node int) *hall {
	t.Helper()
	return openKind(t, db, node, nil)
}

type changed = func(context.Context, *store.Tx, *casework.Case, casework.Happened) error

func openKind(t testing.TB, db *store.DB, node int, changed changed) *hall {
	t.Helper()
	h := &hall{t: t, db: db}
	h.at("2026-03-02", 10)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cal, err := calendar.Load(rules.Files, "calendar")
	must(err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(node, time.Now)
	must(err)
	forms, err := casework.LoadForms(stepForms, ".", nil)
	must(err)
	kind := casework.Kind{Name: "licence", Title: lang.Text{Hans: "许可"}, Begin: begin, Changed: changed}
	h.Runtime, err = casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: h.time, Calendar: func() *calendar.Calendar { return cal }, Rules: law,
		Policy: postPolicy{}, Kinds: []casework.Kind{kind}, Forms: forms,
	})
	must(err)
	t.Cleanup(h.Close)
	xml, err := os.ReadFile("testdata/licence.bpmn")
	must(err)
	_, err = h.PublishProcedure(t.Context(), "licence", xml)
	must(err)
	return h
}

func begin(_ context.Context, s casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	if s.Subject == "cancelled" {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedCancelled}
	}
	days := func(n int) term.Length { return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide"} }
	return casework.Beginning{
		Title: lang.Text{Hans: "取水许可"}, Division: "340100000000", Body: "water", Procedure: "licence", Series: series,
		Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}},
	}, nil
}

var (
	citizen  = identity.Principal{Account: 100, Kind: identity.Person, Name: "王小明"}
	other    = identity.Principal{Account: 101, Kind: identity.Person}
	clerk    = staff(1, "window")
	reviewer = staff(2, "reviewer")
	head     = staff(3, "head")
)

func staff(id store.ID, role string) identity.Principal {
	return identity.Principal{Account: id, Kind: identity.Staff,
		Post: identity.Post{ID: "water-" + role, Body: "water", Division: "340100000000", Roles: []string{role}}}
}

var keyCount struct {
	sync.Mutex
	n int
}

func newKey() string {
	keyCount.Lock()
	defer keyCount.Unlock()
	keyCount.n++
	return fmt.Sprint("key-", keyCount.n)
}

func (h *hall) do(p identity.Principal, id store.ID, act casework.Act) (casework.Receipt, error) {
	return h.Do(h.t.Context(), casework.Command{Key: newKey(), Actor: p, Case: id, Act: act})
}

func (h *hall) must(p identity.Principal, id store.ID, act casework.Act) casework.Receipt {
	h.t.Helper()
	rec, err := h.do(p, id, act)
	if err != nil {
		h.t.Fatal(err)
	}
	return rec
}

func (h *hall) apply() casework.Receipt {
	h.t.Helper()
	return h.must(citizen, 0, application())
}

func application() casework.Submit {
	return casework.Submit{Kind: "licence", Subject: "water-intake", Channel: casework.Online,
		Applicant: casework.Applicant{Party: citizen.Account, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X"},
		Form:      json.RawMessage(`{"place":"巢湖"}`)}
}

func (h *hall) load(id store.ID) *casework.Case {
	h.t.Helper()
	c, err := h.Get(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// step does the only open task.
func (h *hall) step(p identity.Principal, id store.ID, data string) (casework.Receipt, error) {
	h.t.Helper()
	tasks := h.load(id).Tasks()
	if len(tasks) != 1 {
		h.t.Fatalf("open tasks: %+v; want one", tasks)
	}
	return h.do(p, id, casework.Complete{Token: tasks[0].Token, Data: json.RawMessage(data)})
}

func (h *hall) kinds(id store.ID) string {
	h.t.Helper()
	events, err := h.Events(h.t.Context(), id, 0, 200)
	if err != nil {
		h.t.Fatal(err)
	}
	var kinds []string
	for i, e := range events {
		if e.Seq != int64(i+1) {
			h.t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
		kinds = append(kinds, e.Kind)
	}
	return strings.Join(kinds, " ")
}

func wantRefusal(t *testing.T, err error, code string) {
	t.Helper()
	_ = refusalOf(t, err, code)
}

func refusalOf(t *testing.T, err error, code string) casework.Refusal {
	t.Helper()
	var r *casework.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("%v; want the refusal %s", err, code)
	}
	return *r
}

func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{casework.Schema()}, func(t *testing.T, db *store.DB) { test(t, open(t, db)) })
}

func TestACaseFromApplicationToDecision(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		rec := h.apply()
		if want := series + "20260302" + "0001"; rec.Number != want || rec.Seq != 1 || len(rec.Leaf) != 32 {
			t.Fatalf("receipt %+v; want number %s, event 1, a leaf", rec, want)
		}
		c := h.load(rec.Case)
		if c.Status != "received" || len(c.Tasks()) != 1 || c.Tasks()[0].Role != "window" {
			t.Fatalf("after the application: %s, %+v", c.Status, c.Tasks())
		}
		if _, err := h.step(clerk, rec.Case, `{"outcome":"accept"}`); err != nil {
			t.Fatal(err)
		}
		c = h.load(rec.Case)
		// Accepted on Monday 2026-03-02: 10 working days end on Monday 03-16 at 24:00, 20 on Monday 03-30.
		if got := c.PromiseDue; c.Status != "accepted" || !got.Equal(calendar.Day(2026, 3, 16).End()) {
			t.Fatalf("status %s, promise %s; want accepted, end of 2026-03-16", c.Status, got)
		}
		if !c.StatuteDue.Equal(calendar.Day(2026, 3, 30).End()) {
			t.Fatalf("statute %s; want the end of 2026-03-30", c.StatuteDue)
		}

		_, err := h.step(reviewer, rec.Case, `{"outcome":"approve","opinion":"短"}`)
		if r := refusalOf(t, err, casework.RefusedForm); len(r.Fields) != 1 || r.Fields[0].Path != "/opinion" || r.Fields[0].Code != "minLength" {
			t.Errorf("fields %+v; want /opinion minLength", r.Fields)
		}
		if _, err = h.step(reviewer, rec.Case, `{"outcome":"hearing","opinion":"涉及他人重大利益"}`); err != nil {
			t.Fatal(err)
		}
		if k := h.load(rec.Case).Clock("decide"); !k.Term.Paused() {
			t.Fatal("the clock runs during the hearing")
		}
		h.at("2026-03-09", 9)
		if _, err = h.step(reviewer, rec.Case, `{"outcome":"approve","opinion":"听证会已举行"}`); err != nil {
			t.Fatal(err)
		}
		// Paused from 03-02 to 03-09: the working days 02 to 06 are taken out; the 2nd was the start day, so four of them counted.
		if c = h.load(rec.Case); !c.PromiseDue.Equal(calendar.Day(2026, 3, 20).End()) {
			t.Fatalf("promise %s; want the end of 2026-03-20", c.PromiseDue)
		}
		// Four eyes: whoever examined cannot decide, even holding the post.
		both := reviewer
		both.Post.Roles = []string{"reviewer", "head"}
		_, err = h.step(both, rec.Case, `{"outcome":"grant"}`)
		wantRefusal(t, err, casework.RefusedSamePerson)
		_, err = h.step(head, rec.Case, `{"outcome":"refuse"}`)
		if r := refusalOf(t, err, casework.RefusedForm); r.Fields[0].Path != "/reason" || r.Fields[0].Code != "required" {
			t.Errorf("fields %+v; want /reason required (行政许可法 38)", r.Fields)
		}
		if _, err = h.step(head, rec.Case, `{"outcome":"grant"}`); err != nil {
			t.Fatal(err)
		}
		for since, want := range map[time.Time]int{h.time(): 1, h.time().Add(time.Second): 0} {
			if list, err := h.List(t.Context(), casework.Filter{Body: "water", Ended: since}); err != nil || len(list) != want {
				t.Errorf("%d cases ended since %s, %v; want %d", len(list), since, err, want)
			}
		}
		c = h.load(rec.Case)
		if c.Open() || c.Result != "granted" || !c.WakeAt.IsZero() || len(c.Tasks()) != 0 {
			t.Fatalf("at the end: %+v", c)
		}
		if want := "case.submitted task.completed task.completed task.completed task.completed"; h.kinds(rec.Case) != want {
			t.Errorf("events %q; want %q", h.kinds(rec.Case), want)
		}
		if docs := c.Documents(); len(docs) != 2 || docs[0].Seq != 2 || docs[1].Kind != "decision" || docs[1].Seq != 5 {
			t.Errorf("documents %+v; want the slip of event 2 and the decision of event 5", docs)
		}
	})
}

// 行政许可法 32: without a notice within five working days the application is accepted.
func TestSilenceAcceptsTheApplication(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		rec := h.apply() // Monday 2026-03-02: five working days end on Monday 03-09 at 24:00
		wake := func() {
			t.Helper()
			if _, err := h.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		h.at("2026-03-09", 23)
		wake()
		if c := h.load(rec.Case); c.Status != "received" {
			t.Fatalf("an hour before the end of the fifth day: %s", c.Status)
		}
		h.at("2026-03-10", 0)
		wake()
		c := h.load(rec.Case)
		if c.Status != "accepted" || c.Tasks()[0].Element != "examine" {
			t.Fatalf("after the fifth day: %s, %+v", c.Status, c.Tasks())
		}
		if d := c.Done(); len(d) != 1 || !d[0].Cut || d[0].Element != "receive" {
			t.Errorf("done %+v; want the window's step cut short", d)
		}
		if want := "case.submitted step.overtime timer.fired"; h.kinds(rec.Case) != want {
			t.Errorf("events %q; want %q", h.kinds(rec.Case), want)
		}
	})
}

func TestLinesAreNoticedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		rec := h.apply()
		if _, err := h.step(clerk, rec.Case, `{"outcome":"accept"}`); err != nil {
			t.Fatal(err)
		}
		for _, day := range []struct {
			day   string
			lamp  casework.Lamp
			added string
		}{
			{"2026-03-12", casework.Green, ""},
			{"2026-03-13", casework.Amber, " line.warned"}, // the working day before Monday the 16th is Friday
			{"2026-03-16", casework.Amber, ""},
			{"2026-03-17", casework.Yellow, " line.promise-missed step.overtime"},
			{"2026-03-30", casework.Yellow, ""},
			{"2026-03-31", casework.Red, " line.statute-missed"},
			{"2026-06-01", casework.Red, ""},
		} {
			before := h.kinds(rec.Case)
			h.at(day.day, 1)
			for range 3 { // as often as the poller may come by
				if _, err := h.Wake(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.TrimPrefix(h.kinds(rec.Case), before); got != day.added {
				t.Errorf("%s: new events %q; want %q", day.day, got, day.added)
			}
			if c := h.load(rec.Case); c.Lamp != day.lamp {
				t.Errorf("%s: lamp %d; want %d", day.day, c.Lamp, day.lamp)
			}
		}
	})
}

func TestRefusalsChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		_, err := h.do(citizen, 0, casework.Submit{Kind: "licence", Subject: "cancelled"})
		wantRefusal(t, err, casework.RefusedCancelled)
		_, err = h.do(citizen, 0, casework.Submit{Kind: "nothing"})
		wantRefusal(t, err, casework.RefusedSubject)
		_, err = h.do(citizen, 42, casework.Send{Message: "withdraw"})
		wantRefusal(t, err, casework.RefusedNoCase)

		rec := h.apply()
		if rec.Number[len(rec.Number)-4:] != "0001" {
			t.Fatalf("number %s: a refused application took one", rec.Number)
		}
		if _, err = h.step(reviewer, rec.Case, `{"outcome":"accept"}`); err == nil {
			t.Error("a reviewer did the window's step")
		}
		if _, err = h.do(other, rec.Case, casework.Send{Message: "withdraw"}); err == nil {
			t.Error("a stranger withdrew the application")
		}
		_, err = h.do(citizen, rec.Case, casework.Send{Message: "no such message"})
		wantRefusal(t, err, casework.RefusedMessage)
		_, err = h.do(citizen, rec.Case, casework.Rate{Grade: 5})
		wantRefusal(t, err, casework.RefusedNotEnded)
		_, err = h.Do(t.Context(), casework.Command{Key: newKey(), Seq: 7, Actor: citizen, Case: rec.Case, Act: casework.Send{Message: "withdraw"}})
		wantRefusal(t, err, casework.RefusedStale)
		_, err = h.do(clerk, rec.Case, casework.Assign{Token: h.load(rec.Case).Tasks()[0].Token, To: 9, ToPost: identity.Post{Body: "police", Roles: []string{"window"}}})
		wantRefusal(t, err, casework.RefusedTransfer)
		if got := h.kinds(rec.Case); got != "case.submitted" {
			t.Fatalf("events %q: a refusal left a trace", got)
		}

		token := h.load(rec.Case).Tasks()[0].Token
		h.must(clerk, rec.Case, casework.Assign{Token: token, To: 9, ToPost: identity.Post{ID: "water-window-2", Body: "water", Roles: []string{"window"}}})
		_, err = h.do(clerk, rec.Case, casework.Complete{Token: token, Data: json.RawMessage(`{"outcome":"accept"}`)})
		wantRefusal(t, err, casework.RefusedTaskHeld)
		second := staff(9, "window")
		h.must(second, rec.Case, casework.Complete{Token: token, Data: json.RawMessage(`{"outcome":"accept"}`)})
		_, err = h.do(second, rec.Case, casework.Complete{Token: token, Data: json.RawMessage(`{"outcome":"accept"}`)})
		if r := refusalOf(t, err, casework.RefusedTaskDone); r.Args["Post"] != "water-window" {
			t.Errorf("the refusal names %v as who did it", r.Args)
		}

		h.must(citizen, rec.Case, casework.Send{Message: "withdraw", Reason: "不再需要"})
		c := h.load(rec.Case)
		if c.Open() || c.Result != "withdrawn" {
			t.Fatalf("after the withdrawal: %q", c.Result)
		}
		_, err = h.do(citizen, rec.Case, casework.Send{Message: "withdraw"})
		wantRefusal(t, err, casework.RefusedEnded)
		_, err = h.do(citizen, rec.Case, casework.Rate{Grade: 6})
		wantRefusal(t, err, casework.RefusedForm)
		h.must(citizen, rec.Case, casework.Rate{Grade: 4})
		_, err = h.do(citizen, rec.Case, casework.Rate{Grade: 1})
		wantRefusal(t, err, casework.RefusedRated)
	})
}

func TestACommandSentTwiceHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		cmd := casework.Command{Key: "same", Actor: citizen, Act: application()}
		var wg sync.WaitGroup
		got := make([]casework.Receipt, 20)
		for i := range got {
			wg.Go(func() {
				rec, err := h.Do(t.Context(), cmd)
				if err != nil {
					t.Error(err)
				}
				got[i] = rec
			})
		}
		wg.Wait()
		fresh := 0
		for _, rec := range got {
			if !rec.Replay {
				fresh++
			}
			if rec.Case != got[0].Case || rec.Number != got[0].Number {
				t.Fatalf("receipts differ: %+v, %+v", rec, got[0])
			}
		}
		if fresh != 1 {
			t.Errorf("%d of 20 were carried out; want one", fresh)
		}
		cmd.Act = casework.Send{Message: "withdraw"}
		cmd.Case = got[0].Case
		_, err := h.Do(t.Context(), cmd)
		wantRefusal(t, err, casework.RefusedReplay)
		// Another person's command with the same key is another command.
		cmd.Actor = other
		if _, err = h.Do(t.Context(), cmd); err == nil {
			t.Error("a stranger withdrew the application")
		}
	})
}

func TestNumbersHaveNoGapAndNoDuplicate(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const n = 300
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		for i := range n {
			wg.Go(func() {
				if i%3 == 0 { // refused ones in between must not leave a gap
					_, _ = h.do(other, 0, application())
				}
				rec, err := h.do(citizen, 0, application())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if seen[rec.Number] {
					t.Errorf("number %s twice", rec.Number)
				}
				seen[rec.Number] = true
			})
		}
		wg.Wait()
		for i := range n {
			if number := fmt.Sprintf("%s20260302%04d", series, i+1); !seen[number] {
				t.Fatalf("number %s is missing", number)
			}
		}
	})
}

// What is personal stands neither in the log nor in the clear anywhere in the database.
func TestPersonalDataIsSealed(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		rec := h.apply()
		e, err := h.Event(t.Context(), rec.Case, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"王小明", "11010519491231002X", "巢湖"} {
			if strings.Contains(string(e.Content), secret) {
				t.Errorf("%s stands in the log: %s", secret, e.Content)
			}
		}
		d, err := h.Dossier(t.Context(), rec.Case)
		if err != nil || d.Applicant.Name != "王小明" || string(d.Form) != `{"place":"巢湖"}` {
			t.Errorf("dossier %+v, %v", d, err)
		}
		draft, err := h.NewDraft(t.Context(), citizen.Account, "licence", "water-intake", casework.DraftContent{Form: json.RawMessage(`{"place":"太湖"}`)})
		if err != nil {
			t.Fatal(err)
		}
		var sealed []byte
		if err := h.db.Read().QueryRow(t.Context(), `SELECT sealed FROM draft WHERE id = $1`, int64(draft.ID)).Scan(&sealed); err != nil || strings.Contains(string(sealed), "太湖") {
			t.Errorf("the draft is stored in clear (%v)", err)
		}
		if _, err := h.Draft(t.Context(), other.Account, draft.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("somebody else's draft: %v; want not found", err)
		}
		if _, err := h.SaveDraft(t.Context(), draft); err != nil {
			t.Error(err)
		}
		if _, err := h.SaveDraft(t.Context(), draft); !errors.Is(err, casework.ErrDraftMoved) {
			t.Errorf("a draft saved from an old page: %v; want ErrDraftMoved", err)
		}
		c := h.load(rec.Case)
		if _, err := h.Track(t.Context(), c.Number, "22222222"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a wrong query code: %v", err)
		}
		if got, err := h.Track(t.Context(), c.Number, h.Code(c)); err != nil || got.ID != c.ID {
			t.Errorf("the right query code: %v", err)
		}
	})
}

func TestQueueIsSortedByWhatIsMostUrgent(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var want []store.ID
		for _, day := range []string{"2026-03-02", "2026-03-03", "2026-03-04"} {
			h.at(day, 9)
			want = append(want, h.apply().Case)
		}
		var got []store.ID
		f := casework.QueueFilter{Body: "water", Role: "window", Limit: 2}
		for {
			items, err := h.Queue(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				got = append(got, it.Case.ID)
			}
			if len(items) < 2 {
				break
			}
			f.After = &items[1]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("queue %v; want %v", got, want)
		}
		if n, err := h.QueueLength(t.Context(), "water", "window"); err != nil || n != 3 {
			t.Errorf("length %d, %v; want 3", n, err)
		}
		list, err := h.List(t.Context(), casework.Filter{Party: citizen.Account, OpenOnly: true})
		if err != nil || len(list) != 3 || list[0].ID != want[2] {
			t.Errorf("my matters: %d, %v; want 3, the newest first", len(list), err)
		}
	})
}
