package supervision_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/rules"
)

const oneStep = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:openhall="https://openhall.org/schema/procedure/1"
  id="test" targetNamespace="https://openhall.org/test">
  <process id="licence" isExecutable="true">
    <laneSet id="lanes"><lane id="l" name="审查" openhall:role="reviewer"><flowNodeRef>start</flowNodeRef><flowNodeRef>examine</flowNodeRef><flowNodeRef>end</flowNodeRef></lane></laneSet>
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="examine"/>
    <userTask id="examine" name="审查"><extensionElements>
      <openhall:assign to="reviewer"/>
      <openhall:status value="accepted" on="enter"/>
      <openhall:clock name="decide" action="start" on="enter" rule="licence.decide"/>
      <openhall:clock name="decide" action="stop" on="leave"/>
      <openhall:term length="5" unit="working-day" basis="test"/>
    </extensionElements></userTask>
    <sequenceFlow id="f2" sourceRef="examine" targetRef="end"/>
    <endEvent id="end"><extensionElements><openhall:status value="granted" on="enter"/></extensionElements></endEvent>
  </process>
</definitions>`

type anybody struct{}

func (anybody) Allow(identity.Principal, string, identity.Resource) error { return nil }

// A case of the real runtime that is late in every way: what is expected here is worked out from the notices on holidays, by
// hand. It begins on Monday 2026-03-02; there is no holiday in March.
func TestALateCase(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var now time.Time
		on := func(text string, hour int) {
			t.Helper()
			day, err := calendar.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			now = day.Start().Add(time.Duration(hour) * time.Hour)
		}
		on("2026-03-02", 10)
		runtime := newRuntime(t, db, func() time.Time { return now })
		reviewer := identity.Principal{Account: 2, Kind: identity.Staff, Post: identity.Post{ID: "p", Body: "water", Roles: []string{"reviewer"}}}
		received, err := runtime.Do(t.Context(), casework.Command{Key: "1", Actor: identity.Principal{Account: 1, Kind: identity.Person}, Act: casework.Submit{
			Kind: "licence", Subject: "water-intake", Channel: casework.Online,
			Applicant: casework.Applicant{Party: 1, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X"}, Form: json.RawMessage(`{}`),
		}})
		if err != nil {
			t.Fatal(err)
		}
		token := regexp.MustCompile(`/\d+`)
		for _, day := range []struct {
			day  string
			hour int
			want string
		}{
			{"2026-03-09", 23, ""}, // the step's five working days end today at 24:00
			{"2026-03-10", 0, "overtime examine 2026-03-09"},
			{"2026-03-16", 12, "overtime examine 2026-03-09; reminder decide 2026-03-16"}, // the last of the ten promised
			{"2026-03-17", 0, "overtime examine 2026-03-09; reminder decide 2026-03-16 overtook; yellow decide 2026-03-16"},
			{"2026-03-31", 0, "overtime examine 2026-03-09; reminder decide 2026-03-16 overtook; yellow decide 2026-03-16; red decide 2026-03-30"},
		} {
			on(day.day, day.hour)
			for n := 1; n > 0; {
				if n, err = runtime.Wake(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.follow()
			if got := token.ReplaceAllString(w.cards(supervision.CardFilter{}), ""); got != day.want {
				t.Fatalf("on %s: %s\nwant: %s", day.day, got, day.want)
			}
		}
		due, err := w.Due(t.Context(), supervision.DueFilter{Lamp: casework.Red, Division: "340000000000"})
		if err != nil || len(due) != 1 || due[0].ID != received.Case || due[0].Title.Hans != "取水许可" {
			t.Fatalf("under the red lamp: %+v, %v; want the case", due, err)
		}
		c, err := runtime.Get(t.Context(), received.Case)
		if err != nil {
			t.Fatal(err)
		}
		done, err := runtime.Do(t.Context(), casework.Command{Key: "2", Actor: reviewer, Case: c.ID, Act: casework.Complete{Token: c.Tasks()[0].Token, Data: json.RawMessage(`{}`)}})
		if err != nil {
			t.Fatal(err)
		}
		w.follow()
		want := "overtime examine 2026-03-09 done; reminder decide 2026-03-16 overtook; yellow decide 2026-03-16 stopped; red decide 2026-03-30 stopped"
		if got := token.ReplaceAllString(w.cards(supervision.CardFilter{}), ""); got != want {
			t.Errorf("at the end: %s\nwant: %s", got, want)
		}
		counts, err := w.Counts(t.Context(), supervision.Scope{Division: "340100000000"}, supervision.ByBody, 0, 0)
		// 2026-03-02 to 03-31 are 21 working days after the day of receipt: there is no holiday in March.
		if err != nil || len(counts) != 1 || counts[0].Key != "water" ||
			counts[0].Tally != (supervision.Tally{Received: 1, Accepted: 1, Ended: 1, Granted: 1, Warned: 1, Yellow: 1, Red: 1, Overtime: 1, Gross: 21}) {
			t.Errorf("counts %+v, %v; want one of each but refused", counts, err)
		}
		if diffs, err := w.Recount(t.Context()); err != nil || len(diffs) != 0 {
			t.Errorf("recount: %+v, %v", diffs, err)
		}
		receipt, err := w.log.Receipt(t.Context(), done.Event)
		if err != nil || receipt.Leaf != merkle.Hash(done.Leaf) || strings.Contains(receipt.Entry, "王小明") {
			t.Errorf("receipt of the decision: %+v, %v; want the leaf that casework has promised, and no name", receipt, err)
		}
	})
}

func newRuntime(t *testing.T, db *store.DB, now func() time.Time) *casework.Runtime {
	t.Helper()
	cal, err := calendar.Load(rules.Files, "calendar")
	must(t, err)
	law, err := statute.Load(rules.Files, "cn", "cn-ah")
	must(t, err)
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(t, err)
	ids, err := store.NewIDs(1, time.Now)
	must(t, err)
	days := func(n int) term.Length {
		return term.Length{N: n, Unit: statute.WorkingDay, Rule: "licence.decide"}
	}
	begin := func(context.Context, casework.Submit, calendar.Date) (casework.Beginning, error) {
		return casework.Beginning{
			Title: lang.Text{Hans: "取水许可"}, Division: "340100000000", Body: "water", Procedure: "licence", Series: "11340000000000000A01101000100001",
			Terms: map[string]casework.Terms{"licence.decide": {Statutory: days(20), Promised: days(10)}},
		}, nil
	}
	r, err := casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: now, Calendar: func() *calendar.Calendar { return cal }, Rules: law, Policy: anybody{},
		Kinds: []casework.Kind{{Name: "licence", Title: lang.Text{Hans: "许可"}, Begin: begin}},
	})
	must(t, err)
	t.Cleanup(r.Close)
	_, err = r.PublishProcedure(t.Context(), "licence", []byte(oneStep))
	must(t, err)
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("set up: %w", err))
	}
}
