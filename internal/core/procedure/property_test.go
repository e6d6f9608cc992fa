package procedure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// journal is what a case went through: inputs with their instants, and the states after them as stored.
type journal struct {
	inputs []Input
	at     []time.Time
	states []string
}

// TestBlocks runs random well-formed procedures beside the tree they were drawn from. After every step the same tasks are open, so
// no token is lost or doubled; every task opened is closed once; the process ends when the tree is done, and once; the same
// inputs give the same states and effects, with the state stored as JSON in between or not; the checker finds nothing.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t, budget: 14}
		root := g.block(4, false)
		text, vars := sketchOf(root)
		d, err := Parse(draw(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, f := range Check(d, Options{Plain: true, MaxStates: 500}) {
			if f.Level == Error {
				t.Fatalf("the checker has %v in a sound model\n%s", f, text)
			}
		}
		if again, err := Parse(d.Marshal()); err != nil || !bytes.Equal(again.Marshal(), d.Marshal()) {
			t.Fatalf("the document is not given back: %v", err)
		}
		j := walk(t, d, begin(root, 0), vars, text)
		replay(t, d, j)
	})
}

// walk goes through a case by chance, with the tree beside it.
func walk(t *rapid.T, d *Definition, tree *live, vars Variables, text string) journal {
	e := &Engine{}
	var j journal
	var s State
	open := map[int]bool{}
	ended := 0
	in := Input{Kind: InputStart, Vars: vars}
	for now := epoch; ; now = now.Add(time.Minute) {
		next, effects, err := e.Step(d, s, in, now)
		if err != nil {
			t.Fatalf("%+v: %v\n%s", in, err, text)
		}
		for _, f := range effects {
			switch f.Kind {
			case OpenTask:
				if open[f.Token] {
					t.Fatalf("task %s opened twice", f.Element)
				}
				open[f.Token] = true
			case CloseTask:
				if !open[f.Token] {
					t.Fatalf("task %s closed without being open", f.Element)
				}
				delete(open, f.Token)
			case Ended:
				ended++
			}
		}
		stored, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		j.inputs, j.at, j.states = append(j.inputs, in), append(j.at, now), append(j.states, string(stored))
		s = State{}
		if err := json.Unmarshal(stored, &s); err != nil {
			t.Fatal(err)
		}
		items, err := e.Open(d, s)
		if err != nil {
			t.Fatal(err)
		}
		todo := tree.open()
		if got, want := namesOf(items), liveNames(todo); got != want {
			t.Fatalf("after %+v\n got %s\nwant %s\n%s", in, got, want, text)
		}
		if s.Ended() != tree.done || tree.done != (ended == 1) || len(open) != len(items) {
			t.Fatalf("ended %v (%d times), the tree %v; %d tasks open, %d counted", s.Ended(), ended, tree.done, len(items), len(open))
		}
		if tree.done {
			return j
		}
		in = chance(t, tree, todo, len(j.inputs) > 60)
	}
}

// chance does one of the open tasks, or sends a message; a case that has lasted long hurries to its end.
func chance(t *rapid.T, tree *live, todo []*live, hurry bool) Input {
	l := rapid.SampledFrom(todo).Draw(t, "task")
	again := !hurry && rapid.IntRange(0, 3).Draw(t, "again") == 0
	if l.b.kind == "message" && rapid.Bool().Draw(t, "interrupt") {
		for _, o := range todo { // of several instances the message reaches the one that has waited longest
			if o.b == l.b && o != l {
				l = nil
				break
			}
		}
		if l != nil {
			l.interrupt()
			tree.settle(false)
			return Input{Kind: InputMessage, Name: l.b.id}
		}
		l = todo[0]
	}
	l.complete()
	tree.settle(again)
	return Input{Kind: InputComplete, Element: l.b.id, Index: l.index, Vars: Variables{"again": again}}
}

func namesOf(items []OpenItem) string {
	var names []string
	for _, o := range items {
		names = append(names, fmt.Sprintf("%s[%d]", o.Element.ID, o.Index))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func liveNames(todo []*live) string {
	var names []string
	for _, l := range todo {
		names = append(names, fmt.Sprintf("%s[%d]", l.b.id, l.index))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// replay goes through the journal again without storing the state in between, on a definition read anew.
func replay(t *rapid.T, d *Definition, j journal) {
	again, err := Parse(d.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	for i, in := range j.inputs {
		if s, _, err = (&Engine{}).Step(again, s, in, j.at[i].In(time.FixedZone("", 3600))); err != nil {
			t.Fatalf("replay: %v", err)
		}
		stored, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if string(stored) != j.states[i] {
			t.Fatalf("replay gives another state after %+v:\n%s\n%s", in, stored, j.states[i])
		}
	}
}

// TestNothingStandsStill breaks random procedures by giving a gateway another kind. Either the checker says so, or a case that goes
// on by chance comes to its end.
func TestNothingStandsStill(t *testing.T) {
	broken := 0
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t, budget: 10}
		root := g.block(3, true)
		text, vars := sketchOf(root)
		lines := strings.Split(text, "\n")
		var gateways []int
		for i, l := range lines {
			switch kind, _, _ := strings.Cut(l, " "); kind {
			case "and", "or", "xor":
				gateways = append(gateways, i)
			}
		}
		if len(gateways) == 0 {
			return
		}
		i := rapid.SampledFrom(gateways).Draw(t, "gateway")
		_, id, _ := strings.Cut(lines[i], " ")
		lines[i] = rapid.SampledFrom([]string{"and ", "or ", "xor "}).Draw(t, "kind") + id
		text = strings.Join(lines, "\n")
		d, err := Parse(draw(text))
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(Check(d, Options{Plain: true}), func(f Finding) bool {
			return f.Code == CodeStuck || f.Code == CodeTooLarge || f.Code == CodeCannotEnd
		}) {
			broken++
			return
		}
		e := &Engine{}
		vars["again"] = false
		s, _, err := e.Step(d, State{}, Input{Kind: InputStart, Vars: vars}, epoch)
		for n := 0; err == nil && !s.Ended(); n++ {
			items, openErr := e.Open(d, s)
			if openErr != nil || len(items) == 0 || n > 300 {
				t.Fatalf("stands still after %d steps: %+v %v\n%s", n, s, openErr, text)
			}
			s, _, err = e.Step(d, s, Input{Kind: InputComplete, Token: rapid.SampledFrom(items).Draw(t, "task").Token}, epoch)
		}
		if err != nil && !strings.Contains(err.Error(), ErrNoFlow.Error()) {
			t.Fatalf("%v\n%s", err, text)
		}
	})
	if broken == 0 {
		t.Error("no broken procedure was found, so the checker was not tried")
	}
}
