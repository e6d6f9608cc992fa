package procedures_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/rules"
)

// hall runs one case without a database.
type hall struct {
	t      *testing.T
	engine procedure.Engine
	d      *procedure.Definition
	s      procedure.State
	at     time.Time
}

func newHall(t *testing.T, key string) *hall {
	t.Helper()
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	return &hall{t: t, engine: procedure.Engine{Due: procedure.Lawful(cal, law(t))}, d: read(t, key),
		at: time.Date(2026, 3, 2, 9, 0, 0, 0, calendar.Zone)} // a Monday; no holiday until 清明, 4 April
}

// do applies one line and returns what the host is told, and what is open then. A line is: start; TASK or TASK=OUTCOME, a step that
// is done; message NAME; until TIME, which fires what falls due.
func (h *hall) do(line string) (string, error) {
	h.t.Helper()
	verb, arg, _ := strings.Cut(line, " ")
	in := procedure.Input{Kind: procedure.InputStart}
	switch verb {
	case "start":
	case "message":
		in = procedure.Input{Kind: procedure.InputMessage, Name: arg}
	case "until":
		at, err := time.ParseInLocation("2006-01-02T15:04", arg, calendar.Zone)
		if err != nil {
			h.t.Fatal(err)
		}
		in.Kind, h.at = procedure.InputAdvance, at
	default:
		task, outcome, given := strings.Cut(verb, "=")
		in = procedure.Input{Kind: procedure.InputComplete, Element: task}
		in.Vars = procedure.Variables{}
		if given {
			in.Vars["outcome"] = outcome
		}
		for _, more := range strings.Fields(arg) { // NAME=JSON
			name, value, _ := strings.Cut(more, "=")
			v, err := feel.FromJSON([]byte(value))
			if err != nil {
				h.t.Fatal(err)
			}
			in.Vars[name] = v
		}
	}
	s, effects, err := h.engine.Step(h.d, h.s, in, h.at)
	if err != nil {
		return "", err
	}
	h.s = s
	var told []string
	for _, f := range effects {
		switch f.Kind {
		case procedure.SetStatus, procedure.MakeDoc, procedure.Publish:
			told = append(told, f.Name)
		case procedure.SetClock:
			told = append(told, strings.TrimSpace(f.Clock.Action+" "+f.Clock.Name+" "+f.Clock.Rule+f.Clock.Ground))
		}
	}
	return strings.TrimSpace(strings.Join(told, ", ") + " | " + h.open()), nil
}

func (h *hall) open() string {
	if h.s.Ended() {
		return "end"
	}
	items, err := h.engine.Open(h.d, h.s)
	if err != nil {
		h.t.Fatal(err)
	}
	var ids []string
	for _, i := range items {
		ids = append(ids, i.Element.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

// TestWays plays the ways through each procedure. A line is what happens, and what follows from it: statuses, documents, clocks
// and publications in their order, then what is open.
func TestWays(t *testing.T) {
	accepted := `
		start           => received | receive
		receive=accept  => acceptance-slip, start decide licence.decide, accepted | examine`
	corrected := `
		start           => received | receive
		receive=correct => correction-notice, supplement | supplement
		supplement      => received | recheck`
	explained := `
		start        => start explain oversight.explain, explaining | explain-head
		explain-head => stop explain, verifying | verify`
	for _, row := range []struct{ name, key, script string }{
		{"a licence is granted", "general-licence", accepted + `
			examine=approve => | decide
			decide=grant    => stop decide, decision-grant, licence.decision, decided | deliver
			deliver         => delivery-receipt, granted | end`},
		{"a licence is refused (art. 38)", "general-licence", accepted + `
			examine=refuse => | decide
			decide=refuse  => stop decide, decision-refusal, licence.decision, decided | deliver
			deliver        => delivery-receipt, refused | end`},
		{"not accepted (art. 32)", "general-licence", `
			start          => received | receive
			receive=reject => rejection-slip, not-accepted | end`},
		{"corrected once, then accepted (art. 32)", "general-licence", corrected + `
			recheck=accept => acceptance-slip, start decide licence.decide, accepted | examine`},
		{"corrected, and not accepted all the same", "general-licence", corrected + `
			recheck=reject => rejection-slip, not-accepted | end`},
		{"a card is explained, returned once, upheld and accounted for", "oversight-card", explained + `
			verify=return => start explain oversight.explain, explaining | explain-head
			explain-head  => stop explain, verifying | verify
			verify=upheld => accounting | account
			account       => upheld | end`},
		{"a card is excused", "oversight-card", explained + `
			verify=excused => excused | end`},
		{"a card was wrong", "oversight-card", explained + `
			verify=wrong => wrong | end`},
		// Ten working days after Monday 2 March end with the 16th.
		{"nobody explains", "oversight-card", `
			start                  => start explain oversight.explain, explaining | explain-head
			until 2026-03-16T23:59 => | explain-head
			until 2026-03-17T00:00 => stop explain, verifying | verify`},
		{"an order is answered twice", "oversight-order", `
			start            => start answer oversight.order, answering | answer-head
			answer-head=done => stop answer, order-answered | look-at
			look-at=return   => start answer oversight.order, answering | answer-head
			answer-head=done => stop answer, order-answered | look-at
			look-at=accepted => order-settled | end`},
		{"nothing supplied within thirty days", "general-licence", `
			start                  => received | receive
			receive=correct        => correction-notice, supplement | supplement
			until 2026-04-01T08:59 => | supplement
			until 2026-04-02T00:00 => lapsed | end`},
		{"no notice within five working days: accepted from the day of receipt (art. 32)", "general-licence", `
			start                  => received | receive
			until 2026-03-09T23:59 => | receive
			until 2026-03-10T00:00 => start decide licence.decide, deemed-acceptance-notice, accepted | examine`},
		{"the clock stands still for a hearing, an inspection and experts (art. 45)", "general-licence", accepted + `
			examine=hearing    => pause decide licence.pause.hearing, pause-notice, paused | hearing
			hearing            => resume decide, accepted | examine
			examine=inspection => pause decide licence.pause.inspection, pause-notice, paused | inspect
			inspect=pass       => resume decide, accepted | examine
			examine=expert     => pause decide licence.pause.expert-review, pause-notice, paused | expert-review
			expert-review=fail => resume decide, accepted | examine
			examine=approve    => | decide`},
		{"the head gives more time (art. 42)", "general-licence", accepted + `
			examine=extend        => | approve-extension
			approve-extension=yes => extend decide licence.decide.extension, extension-notice | examine`},
		{"the head gives no more time", "general-licence", accepted + `
			examine=extend       => | approve-extension
			approve-extension=no => | examine`},
		{"the head asks for another examination", "general-licence", accepted + `
			examine=approve => | decide
			decide=return   => | examine
			examine=refuse  => | decide`},

		{"granted on the spot (art. 34)", "on-the-spot", `
			start        => received, start decide licence.decide | handle
			handle=grant => stop decide, decision-grant, delivery-receipt, granted | end`},
		{"refused on the spot", "on-the-spot", `
			start         => received, start decide licence.decide | handle
			handle=refuse => stop decide, decision-refusal, delivery-receipt, refused | end`},
		{"not accepted at the window", "on-the-spot", `
			start         => received, start decide licence.decide | handle
			handle=reject => stop decide, rejection-slip, not-accepted | end`},
		{"corrected and granted at the window", "on-the-spot", `
			start                  => received, start decide licence.decide | handle
			handle=correct         => stop decide, correction-notice, supplement | supplement
			supplement             => start decide licence.decide, received | handle-corrected
			handle-corrected=grant => stop decide, decision-grant, delivery-receipt, granted | end`},
		{"corrected and not accepted at the window", "on-the-spot", `
			start                   => received, start decide licence.decide | handle
			handle=correct          => stop decide, correction-notice, supplement | supplement
			supplement              => start decide licence.decide, received | handle-corrected
			handle-corrected=reject => stop decide, rejection-slip, not-accepted | end`},
		{"nothing brought to the window within thirty days", "on-the-spot", `
			start                  => received, start decide licence.decide | handle
			handle=correct         => stop decide, correction-notice, supplement | supplement
			until 2026-04-02T00:00 => lapsed | end`},

		{"registered", "registration", accepted + `
			examine=grant => stop decide, decision-grant, decided | deliver
			deliver       => delivery-receipt, granted | end`},
		{"registration refused", "registration", accepted + `
			examine=refuse => stop decide, decision-refusal, decided | deliver
			deliver        => delivery-receipt, refused | end`},
		{"a silent registry has not accepted: art. 32 is of licences", "registration", `
			start                  => received | receive
			until 2026-06-01T00:00 => | receive`},
		{"a service, after a correction", "service", corrected + `
			recheck=accept => acceptance-slip, start decide licence.decide, accepted | examine
			examine=grant  => stop decide, decision-grant, decided | deliver
			deliver        => delivery-receipt, granted | end`},

		{"a benefit without objections", "benefit", inquiry + `
			until 2026-03-09T08:59 => | notice
			until 2026-03-10T00:00 => accepted | decide
			decide=grant           => stop decide, decision-grant, decided | deliver
			deliver                => delivery-receipt, granted | end`},
		{"objections do not shorten the notice, and it is decided when they are answered", "benefit", inquiry + `
			message objection          => | handle-objection, notice
			message objection          => | handle-objection, handle-objection, notice
			handle-objection=dismissed => | handle-objection, notice
			until 2026-03-10T00:00     => | handle-objection
			handle-objection=upheld    => accepted | decide
			decide=refuse              => stop decide, decision-refusal, decided | deliver
			deliver                    => delivery-receipt, refused | end`},
		{"a bad rating is answered, corrected and called back", "rating-followup", `
			start             => start close rating.bad.close, following | contact
			contact=reached   => | correct
			correct=corrected => revisiting | revisit
			revisit=satisfied => settled | end`},
		{"what was not corrected is sent back, and not reaching the rater ends it", "rating-followup", `
			start             => start close rating.bad.close, following | contact
			contact=unreached => | correct
			correct=planned   => revisiting | revisit
			revisit=again     => | correct
			correct=corrected => revisiting | revisit
			revisit=unreached => unreached | end`},
		{"the clock of a bad rating passes, and it goes on", "rating-followup", `
			start                  => start close rating.bad.close, following | contact
			until 2026-04-02T00:00 => | contact
			contact=reached        => | correct
			correct=explained      => revisiting | revisit
			revisit=dissatisfied   => unsettled | end`},
		{"a complaint is answered by the body, and nothing more is said", "complaint", `
			start                  => received | accept
			accept=accept          => start answer complaint.answer, accepted | investigate
			investigate=upheld     => | reply
			reply=upheld           => stop answer, answered | judge
			until 2026-03-16T23:59 => | judge
			until 2026-03-17T00:00 => closed | end`}, // ten working days after Monday, 2 March
		{"a complaint is reviewed once", "complaint", `
			start                 => received | accept
			accept=accept         => start answer complaint.answer, accepted | investigate
			investigate=unfounded => | reply
			reply=unfounded       => stop answer, answered | judge
			judge=escalate        => start review complaint.review, reviewing | review
			review=changed        => stop review, reviewed | end`},
		{"a complaint out of remit", "complaint", `
			start         => received | accept
			accept=reject => not-accepted | end`},
		{"who does not qualify is not put on notice", "benefit", `
			start              => received | receive
			receive=accept     => acceptance-slip, start decide licence.decide, accepted | investigate
			investigate=refuse => accepted | decide
			decide=return      => | investigate`},
	} {
		t.Run(row.key+": "+row.name, func(t *testing.T) {
			h := newHall(t, row.key)
			for line := range strings.Lines(strings.TrimSpace(row.script)) {
				do, want, _ := strings.Cut(line, "=>")
				got, err := h.do(strings.TrimSpace(do))
				if err != nil {
					t.Fatalf("%s: %v", do, err)
				}
				if want = strings.TrimSpace(want); got != want {
					t.Fatalf("%s\n got %s\nwant %s", do, got, want)
				}
			}
		})
	}
}

const inquiry = `
	start               => received | receive
	receive=accept      => acceptance-slip, start decide licence.decide, accepted | investigate
	investigate=approve => benefit.notice, notice | notice`

// TestWithdraw: an application can be taken back at every step until it is decided, and not afterwards.
func TestWithdraw(t *testing.T) {
	for _, row := range []struct{ key, path string }{
		{"general-licence", ""},
		{"general-licence", "receive=correct"},
		{"general-licence", "receive=correct supplement"},
		{"general-licence", "receive=accept"},
		{"general-licence", "receive=accept examine=hearing"},
		{"general-licence", "receive=accept examine=inspection"},
		{"general-licence", "receive=accept examine=expert"},
		{"general-licence", "receive=accept examine=extend"},
		{"general-licence", "receive=accept examine=approve"},
		{"on-the-spot", ""},
		{"on-the-spot", "handle=correct"},
		{"on-the-spot", "handle=correct supplement"},
		{"registration", ""},
		{"registration", "receive=correct"},
		{"registration", "receive=accept"},
		{"service", "receive=correct supplement"},
		{"service", "receive=accept"},
		{"benefit", "receive=accept"},
		{"benefit", "receive=accept investigate=approve"},
		{"benefit", "receive=accept investigate=refuse"},
	} {
		t.Run(fmt.Sprint(row.key, ": ", row.path), func(t *testing.T) {
			h := along(t, row.key, row.path)
			got, err := h.do("message withdraw")
			if err != nil || got != "withdrawn | end" {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
	for _, row := range []struct{ key, path string }{
		{"general-licence", "receive=accept examine=approve decide=grant"},
		{"registration", "receive=accept examine=refuse"},
		{"service", "receive=accept examine=grant"},
		{"benefit", "receive=accept investigate=refuse decide=refuse"},
	} {
		if got, err := along(t, row.key, row.path).do("message withdraw"); err == nil {
			t.Errorf("%s is decided, yet %s", row.key, got)
		}
	}
}

func along(t *testing.T, key, path string) *hall {
	t.Helper()
	h := newHall(t, key)
	for _, line := range append([]string{"start"}, strings.Fields(path)...) {
		if _, err := h.do(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return h
}

// TestOneNotice: a second notice of correction has no way on (行政许可法 art. 32: 一次告知).
func TestOneNotice(t *testing.T) {
	for _, row := range []struct{ key, path, again string }{
		{"general-licence", "receive=correct supplement", "recheck=correct"},
		{"registration", "receive=correct supplement", "recheck=correct"},
		{"service", "receive=correct supplement", "recheck=correct"},
		{"benefit", "receive=correct supplement", "recheck=correct"},
		{"on-the-spot", "handle=correct supplement", "handle-corrected=correct"},
	} {
		if got, err := along(t, row.key, row.path).do(row.again); err == nil {
			t.Errorf("%s: a second notice leads to %s", row.key, got)
		}
	}
}

// TestFourEyes: who examined does not decide.
func TestFourEyes(t *testing.T) {
	for key, want := range map[string]string{"general-licence": "examine", "benefit": "investigate", "complaint": "investigate", "request": "draft", "request-2008": "draft"} {
		last := "decide"
		if key == "complaint" {
			last = "reply"
		}
		if got := read(t, key).Element(last).Separate; !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %s is separate from %v, want %s", key, last, got, want)
		}
	}
}

// TestRoles: the roles that posts carry do the steps.
func TestRoles(t *testing.T) {
	want := map[string]string{"supplement": "applicant", "receive": "window", "recheck": "window", "deliver": "window", "handle": "window",
		"handle-corrected": "window", "examine": "reviewer", "hearing": "reviewer", "inspect": "reviewer", "expert-review": "reviewer",
		"investigate": "reviewer", "handle-objection": "reviewer", "decide": "head", "approve-extension": "head",
		"contact": "reviewer", "correct": "head", "revisit": "complaints",
		"accept": "complaints", "inquire": "complaints", "reply": "head", "judge": "applicant", "review": "supervisor",
		"explain-window": "window", "explain-reviewer": "reviewer", "explain-head": "head", "verify": "supervisor", "account": "supervisor",
		"secrecy-review": "reviewer", "refer": "head", "revise": "disclosure", "release": "publisher", "take-down": "head",
		"confirm": "reviewer", "check": "reviewer", "explain": "applicant", "weigh": "reviewer", "third-party": "reviewer", "agencies": "reviewer",
		"joint": "reviewer", "payment": "reviewer", "hand-over": "reviewer", "draft": "reviewer", "conclude": "reviewer", "approve": "head",
		"answer-head": "head", "answer-supervisor": "supervisor", "look-at": "supervisor",
		"compile-report": "reviewer", "approve-report": "head",
		"make-good": "applicant", "check-good": "window", "broken-promise": "window", "summon": "window", "hold": "window", "opinion": "department",
		"sign": "head", "late-opinion": "reviewer", "mend": "reviewer", "revoke": "head",
		"draft-round": "reviewer", "review-round": "reviewer", "approve-round": "head", "take-over": "head", "first-review": "reviewer",
		"start-draw": "applicant", "draw-agency": "publisher", "open-bids": "publisher", "confirm-contract": "agency", "deliver-result": "agency", "grade-result": "reviewer",
		"examine-agency": "reviewer", "mend-application": "applicant", "state-case": "agency", "decide-sanction": "head",
		"decide-lift": "head"}
	// The same name is done by others there: the lead window concludes, and a department reviews.
	also := map[string]string{"joint-whole/conclude": "window", "joint-part/review": "reviewer"}
	seen := map[string]bool{}
	for _, key := range keys {
		for _, e := range read(t, key).Elements() {
			if !e.Kind.ByPerson() {
				continue
			}
			seen[e.ID] = true
			if role := cmp.Or(also[key+"/"+e.ID], want[e.ID]); e.Role() != role {
				t.Errorf("%s: %s is done by %q, want %q", key, e.ID, e.Role(), role)
			}
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d different steps, want %d", len(seen), len(want))
	}
}
