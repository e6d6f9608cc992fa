package procedure

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/rules"
)

// TestLicence plays a licence with correction, hearing and refusal through the file of testdata, and reads the effects that a
// host acts on.
func TestLicence(t *testing.T) {
	d := readFile(t, "licence.bpmn")
	e := &Engine{Due: func(spec TimerSpec, from time.Time) (time.Time, error) {
		if spec.Rule != "licence.accept.correction" {
			t.Fatalf("timer of rule %q", spec.Rule)
		}
		return from.AddDate(0, 0, 7), nil // five working days from a Monday
	}}
	p := play(t, e, d, `
		start => examine`)
	p.want("status submitted, status examining, arm-timer deemed 2026-03-09, open-task examine by window")
	p.line(`complete examine complete=false => correct`)
	p.want("close-task examine, disarm-timer deemed, status correction, open-task correct by applicant")
	p.line(`complete correct => examine`)
	p.line(`complete examine complete=true => review`)
	p.want("close-task examine, disarm-timer deemed, clock decide start licence.decide, document acceptance-slip, status accepted, open-task review by reviewer")
	p.line(`message hearing.requested => hold, review`)
	p.want("clock decide pause licence.pause.hearing, open-task hold by reviewer")
	p.line(`complete review => decide, hold`)
	p.line(`complete hold => decide`)
	p.want("close-task hold, clock decide resume")
	p.line(`complete decide granted=false => reasons`)
	p.want("close-task decide, clock decide stop, document decision, publish licence-decision, status decided, open-task reasons by window")
	p.line(`complete reasons => ended completed`)
	p.want("close-task reasons, status refused, ended refused completed")
	if title := d.Element("deemed").Title; title.Hans != "五日未通知视为受理" || title.Hant != "五日未通知視為受理" || title.En == "" {
		t.Errorf("title %+v", title)
	}
	if s := d.Element("decide").Separate; len(s) != 1 || s[0] != "review" {
		t.Errorf("four eyes: %v", s)
	}
}

// TestDeemedAcceptance: without a notice in five working days the application is accepted (行政许可法 art. 32). Received on Friday
// 26 September 2025; the 28th is a make-up working day (国办发明电〔2024〕12号), 1–8 October are holidays, so the five days are 28, 29 and
// 30 September and 9 and 10 October.
func TestDeemedAcceptance(t *testing.T) {
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	law, err := statute.Load(rules.Files, statute.Chain("cn")...)
	if err != nil {
		t.Fatal(err)
	}
	d := readFile(t, "licence.bpmn")
	e := &Engine{Due: Lawful(cal, law)}
	at := func(m time.Month, day, hour, minute int) time.Time {
		return time.Date(2025, m, day, hour, minute, 0, 0, calendar.Zone)
	}
	s, _, err := e.Step(d, State{}, Input{Kind: InputStart}, at(time.September, 26, 10, 0))
	if err != nil {
		t.Fatal(err)
	}
	if s, _, err = e.Step(d, s, Input{Kind: InputAdvance}, at(time.October, 10, 23, 59)); err != nil || s.Tokens[0].Element != "examine" {
		t.Fatalf("the fifth day still runs, yet %v %+v", err, s)
	}
	if s, _, err = e.Step(d, s, Input{Kind: InputAdvance}, at(time.October, 11, 0, 0)); err != nil || s.Tokens[0].Element != "review" {
		t.Fatalf("the fifth day is over, yet %v %+v", err, s)
	}
	working := mustDraw(t, `
		start s
		catch c workdays=P5D
		s -> c`)
	s, _, err = e.Step(working, State{}, Input{Kind: InputStart}, at(time.September, 26, 10, 0))
	if due, ok := s.NextDue(); err != nil || !ok || !due.Equal(at(time.October, 11, 0, 0)) {
		t.Errorf("five working days: %v %v", due, err)
	}
	if _, _, err := (&Engine{}).Step(working, State{}, Input{Kind: InputStart}, epoch); err == nil || !strings.Contains(err.Error(), "needs a calendar") {
		t.Errorf("without a calendar: %v", err)
	}
	if _, err := Lawful(cal, law)(TimerSpec{Rule: "nobody.knows"}, epoch); err == nil {
		t.Error("a rule that nobody knows has a due date")
	}
}

func TestLicenceIsSound(t *testing.T) {
	law, err := statute.Load(rules.Files, statute.Chain("cn")...)
	if err != nil {
		t.Fatal(err)
	}
	known := func(id string) bool { _, ok := law.Parameter(id); return ok }
	if found := Check(readFile(t, "licence.bpmn"), Options{KnownRule: known}); len(found) > 0 {
		t.Errorf("findings: %v", found)
	}
}

// TestCamunda plays a file with the extensions of Camunda: opinions of departments, three of five suffice, while a fee is awaited.
func TestCamunda(t *testing.T) {
	e := &Engine{AutoServices: true}
	const opinions = "Activity_opinions, Activity_opinions"
	play(t, e, readFile(t, "camunda.bpmn"), `
		start departments=["water","fire","land","roads","health"] => `+opinions+`, `+opinions+`, Activity_opinions, Catch_late, Catch_paid
		complete Activity_opinions[3] => `+opinions+`, `+opinions+`, Catch_late, Catch_paid
		+P2D                          => `+opinions+`, `+opinions+`, Catch_late, Catch_paid
		message paid                  => `+opinions+`, `+opinions+`
		complete Activity_opinions[0] => `+opinions+`, Activity_opinions
		complete Activity_opinions[4] => Activity_decide
		complete Activity_decide      => ended completed`)
	play(t, e, readFile(t, "camunda.bpmn"), `
		start departments=["water"]   => Activity_opinions, Catch_late, Catch_paid
		+P3D                          => ended terminated`)
	found := Check(readFile(t, "camunda.bpmn"), Options{})
	if len(found) != 2 || found[0].Code != CodeLaneMissing || found[1].Code != CodeLaneMissing {
		t.Errorf("findings: %v", found)
	}
	if found := Check(readFile(t, "camunda.bpmn"), Options{Plain: true}); len(found) > 0 {
		t.Errorf("findings of plain BPMN: %v", found)
	}
}

// TestBPMNIO plays a drawing for people: default namespace, a pool without a process, a message without a name, nested lanes.
func TestBPMNIO(t *testing.T) {
	d := readFile(t, "bpmnio.bpmn")
	play(t, &Engine{}, d, `
		start          => Draft
		complete Draft => ended completed`)
	play(t, &Engine{}, d, `
		message Application    => refused no start event waits`)
	if lane := d.Element("Check").Lane; lane == nil || lane.ID != "Lane_clerk" || lane.Parent.ID != "Lane_front" {
		t.Errorf("lane of Check: %+v", lane)
	}
	if lane := d.Element("Draft").Lane; lane == nil || lane.ID != "Lane_back" {
		t.Errorf("lane of Draft, which stands in a sub-process: %+v", lane)
	}
	g := d.Diagram()
	if len(g.Shapes) != 3 || len(g.Edges) != 1 {
		t.Fatalf("diagram %+v", g)
	}
	if s := g.Shapes[1]; s != (Shape{Element: "Received", Bounds: Bounds{222, 142.5, 36, 36}, Label: Bounds{200, 185, 80, 27}}) {
		t.Errorf("shape %+v", s)
	}
	if !g.Shapes[0].Horizontal || !g.Shapes[2].Expanded || g.Edges[0].Element != "f1" || g.Edges[0].Points[1] != (Point{310, 160}) {
		t.Errorf("diagram %+v", g)
	}
}

func readFile(t testing.TB, name string) *Definition {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// want compares the effects of the last line.
func (p *player) want(want string) {
	p.t.Helper()
	var got []string
	for _, f := range p.effects {
		words := []string{string(f.Kind)}
		switch f.Kind {
		case OpenTask:
			words = append(words, f.Element, "by", f.Role)
		case CloseTask, DisarmTimer:
			words = append(words, f.Element)
		case ArmTimer:
			words = append(words, f.Element, f.Due.In(calendar.Zone).Format(time.DateOnly))
		case SetClock:
			words = append(words, f.Name, f.Clock.Action, f.Clock.Rule+f.Clock.Ground)
		case Ended:
			words = append(words, f.Element, string(f.Outcome))
		default:
			words = append(words, f.Name)
		}
		if f.Interrupted {
			words = append(words, "interrupted")
		}
		if f.Node == nil || f.Node.ID != f.Element {
			p.t.Errorf("effect %+v has another element", f)
		}
		got = append(got, strings.TrimSpace(strings.Join(words, " ")))
	}
	if s := strings.Join(got, ", "); s != want {
		p.t.Errorf("effects\n got %s\nwant %s", s, want)
	}
}

// TestEffectsOfCancellation: what was open is closed as interrupted, inside out, and timers are disarmed.
func TestEffectsOfCancellation(t *testing.T) {
	p := play(t, &Engine{}, mustDraw(t, `
		start s
		sub p {
			start ps
			and g
			user x
			service y
			catch c timer=P9D
			ps -> g
			g -> x
			g -> y
			g -> c
		}
		boundary t on=p timer=P1D
		throw m message=late
		end e
		s -> p
		t -> m
		m -> e`), `
		start => c, x, y`)
	p.line(`+P1D => ended completed`)
	p.want("close-task x interrupted, close-task y interrupted, disarm-timer c, send-message late, ended e completed")
	if at := p.effects[0].At; !at.Equal(epoch.AddDate(0, 0, 1)) {
		t.Errorf("at %s", at)
	}
}

func TestTokenInput(t *testing.T) {
	d := mustDraw(t, `
		start s
		user a mi=parallel card=2
		boundary t on=a timer=P1D
		end e
		s -> a
		a -> e
		t -> e`)
	e := &Engine{}
	s, effects, err := e.Step(d, State{}, Input{Kind: InputStart}, epoch)
	if err != nil {
		t.Fatal(err)
	}
	var open []int
	timer := 0
	for _, f := range effects {
		switch f.Kind {
		case OpenTask:
			open = append(open, f.Token)
		case ArmTimer:
			timer = f.Timer
		}
	}
	if len(open) != 2 || timer == 0 {
		t.Fatalf("effects %+v", effects)
	}
	after, _, err := e.Step(d, s, Input{Kind: InputComplete, Token: open[1]}, epoch)
	if err != nil || len(after.Tokens) != len(s.Tokens)-1 {
		t.Errorf("complete by token: %v %+v", err, after)
	}
	for _, c := range []struct {
		in   Input
		at   time.Time
		want error
	}{
		{Input{Kind: InputComplete, Token: 999}, epoch, ErrNotOpen},
		{Input{Kind: InputComplete, Element: "e"}, epoch, ErrNotOpen},
		{Input{Kind: InputTimer, Timer: timer}, epoch, ErrNotDue},
		{Input{Kind: InputTimer, Timer: 77}, epoch, ErrNoTimer},
		{Input{Kind: InputMessage, Name: ""}, epoch, ErrNotAwaited},
		{Input{Kind: InputStart}, epoch, ErrStarted},
		{Input{Kind: "dance"}, epoch, fmt.Errorf("unknown input")},
	} {
		same, effects, err := e.Step(d, s, c.in, c.at)
		if err == nil || !strings.Contains(err.Error(), c.want.Error()) || effects != nil || len(same.Tokens) != len(s.Tokens) {
			t.Errorf("%+v: %v %v", c.in, effects, err)
		}
	}
	if done, _, err := e.Step(d, s, Input{Kind: InputTimer, Timer: timer}, epoch.AddDate(0, 0, 1)); err != nil || done.Outcome != Completed {
		t.Errorf("timer by number: %v %+v", err, done)
	}
	other := mustDraw(t, `
		start s
		user b
		s -> b`)
	if _, _, err := e.Step(other, s, Input{Kind: InputAdvance}, epoch); err == nil || !strings.Contains(err.Error(), "use the version") {
		t.Errorf("a state of another definition: %v", err)
	}
}

// TestDamagedState: a state that was changed by hand is an error, never a panic.
func TestDamagedState(t *testing.T) {
	d := mustDraw(t, scenarios[0].model)
	for _, s := range []State{
		{Process: "main"},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1, Host: 4}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}, {ID: 2, Host: 4}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}}, Tokens: []Token{{ID: 2, Element: "a", Scope: 5}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}}, Tokens: []Token{{ID: 3, Element: "a", Scope: 1}, {ID: 2, Element: "a", Scope: 1}}},
		{Process: "main", Next: 2, Scopes: []Scope{{ID: 1}}, Tokens: []Token{{ID: 3, Element: "a", Scope: 1}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}, {ID: 4, Host: 3}}, Tokens: []Token{{ID: 3, Element: "a", Scope: 4}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}, {ID: 4, Host: 5}}, Tokens: []Token{{ID: 5, Element: "a", Scope: 4}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}}, Timers: []Timer{{ID: 4, Token: 3}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}}, Tokens: []Token{{ID: 3, Element: "nobody", Scope: 1}}},
		{Process: "main", Next: 9, Scopes: []Scope{{ID: 1}}, Tokens: []Token{{ID: 3, Element: "a", Scope: 1}}, Timers: []Timer{{ID: 4, Token: 3, Element: "b"}}},
	} {
		if _, _, err := (&Engine{}).Step(d, s, Input{Kind: InputAdvance}, epoch); err == nil {
			t.Errorf("accepted: %+v", s)
		}
		if _, err := (&Engine{}).Open(d, s); err == nil && len(s.Timers) == 0 {
			t.Errorf("opened: %+v", s)
		}
	}
}
