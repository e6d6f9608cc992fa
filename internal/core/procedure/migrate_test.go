package procedure

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// at runs a case of small until it waits for the step.
func at(t testing.TB, d *Definition, step string) State {
	t.Helper()
	s, _, err := (&Engine{}).Step(d, State{}, Input{Kind: InputStart}, epoch)
	for err == nil && !slices.ContainsFunc(s.Tokens, func(x Token) bool { return x.Element == step }) {
		s, _, err = (&Engine{}).Step(d, s, Input{Kind: InputComplete, Token: s.Tokens[0].ID}, epoch)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMigrateMovesEveryTokenOrNone(t *testing.T) {
	older := parsed(t, small)
	renamed := strings.NewReplacer(`"decide"`, `"approve"`, `>decide<`, `>approve<`).Replace(small)
	split := strings.NewReplacer(`<bpmn:userTask id="review" name="审查">`, `<bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/><bpmn:userTask id="second"/><bpmn:userTask id="review" name="审查">`,
		`<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>`, `<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="fork"/><bpmn:sequenceFlow id="f4" sourceRef="fork" targetRef="review"/><bpmn:sequenceFlow id="f5" sourceRef="fork" targetRef="second"/><bpmn:sequenceFlow id="f6" sourceRef="second" targetRef="join"/><bpmn:sequenceFlow id="f7" sourceRef="join" targetRef="decide"/>`,
		`<bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="decide"/>`, `<bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="join"/>`).Replace(small)
	timed := strings.NewReplacer(`<bpmn:endEvent id="end"/>`, `<bpmn:endEvent id="end"/><bpmn:boundaryEvent id="late" attachedToRef="review"><bpmn:timerEventDefinition><bpmn:timeDuration>P5D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:sequenceFlow id="f9" sourceRef="late" targetRef="end"/>`).Replace(small)
	machine := strings.NewReplacer(`<bpmn:userTask id="decide" name="决定"><bpmn:extensionElements>`, `<bpmn:serviceTask id="decide" name="决定"><bpmn:extensionElements>`, `basis="内部"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:endEvent`, `basis="内部"/></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:endEvent`).Replace(small)
	for _, c := range []struct {
		name, to, step string
		mapping        Mapping
		lands          string // where the token stands afterwards; empty: it is kept back
		code           Code
	}{
		{"another name of the same step", strings.Replace(small, `name="审查"`, `name="审核"`, 1), "review", nil, "review", ""},
		{"a step that is elsewhere unknown", renamed, "decide", nil, "", CodeMigration},
		{"and says what takes its place", renamed, "decide", Mapping{"decide": "approve"}, "approve", ""},
		{"before the renamed step", renamed, "review", nil, "review", ""},
		{"of another kind", machine, "decide", nil, "", CodeMigration},
		{"a new timer on the step", timed, "review", nil, "", CodeMigration},
		{"a new timer on another step", timed, "decide", nil, "decide", ""},
		{"a join whose other branch never comes", split, "review", nil, "", CodeStuck},
		{"past the join", split, "decide", nil, "decide", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := at(t, older, c.step)
			next, found := Migrate(older, parsed(t, c.to), s, c.mapping)
			if c.lands == "" {
				if len(found) == 0 || found[0].Code != c.code || found[0].Element == "" || !found[0].Message.Complete() {
					t.Fatalf("found %v", found)
				}
				if next.Tokens[0].Element != c.step {
					t.Errorf("a case that stays was changed: %v", next.Tokens)
				}
				return
			}
			if len(found) > 0 || next.Tokens[0].Element != c.lands {
				t.Fatalf("stands at %v, found %v", next.Tokens, found)
			}
			if s.Tokens[0].Element != c.step {
				t.Error("the state that was given was changed")
			}
		})
	}
	over := State{Process: "p", Outcome: Completed}
	if _, found := Migrate(older, older, over, nil); len(found) != 1 {
		t.Errorf("an ended case: %v", found)
	}
	if found := CheckMapping(older, older, Mapping{"nowhere": "review", "review": "nothing"}); len(found) != 2 {
		t.Errorf("mapping: %v", found)
	}
}

// Moved to the very same version a case stands as it stood, wherever that is, and goes on.
func TestMigrateToItselfChangesNothing(t *testing.T) {
	d := readFile(t, "licence.bpmn")
	e := &Engine{Due: func(_ TimerSpec, from time.Time) (time.Time, error) { return from.AddDate(0, 0, 7), nil }, AutoServices: true}
	rapid.Check(t, func(t *rapid.T) {
		s, _, err := e.Step(d, State{}, Input{Kind: InputStart, Vars: Variables{"item": "food"}}, epoch)
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			if err != nil || s.Ended() {
				break
			}
			token := rapid.SampledFrom(s.Tokens).Draw(t, "token")
			next, _, err := e.Step(d, s, Input{Kind: InputComplete, Token: token.ID, Vars: Variables{"complete": rapid.Bool().Draw(t, "complete")}}, epoch)
			if err == nil {
				s = next
			}
		}
		if s.Ended() {
			return
		}
		moved, found := Migrate(d, d, s, nil)
		if len(found) > 0 {
			t.Fatalf("kept back: %v", found)
		}
		a, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(moved)
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("was %s\nis  %s (%v)", a, b, err)
		}
	})
}
