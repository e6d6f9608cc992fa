package procedure

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/feel"
)

// A block is a piece of a well-formed procedure: a tree whose meaning is plain without tokens. The tests draw random trees as BPMN
// and compare the engine with the tree, which is interpreted by live.
type block struct {
	kind string // task, seq, xor, or, and, loop, sub, call, parallel, sequential, message
	id   string
	kids []*block
	pick int // xor: the branch taken; or: the set of branches as bits; parallel, sequential: how many
}

// generator makes blocks with ids of their own and bounded size.
type generator struct {
	t      *rapid.T
	ids    int
	budget int
}

func (g *generator) id(prefix string) string {
	g.ids++
	return fmt.Sprintf("%s%d", prefix, g.ids)
}

func (g *generator) block(depth int, inMulti bool) *block {
	g.budget--
	kinds := []string{"task"}
	if depth > 0 && g.budget > 0 {
		kinds = append(kinds, "seq", "xor", "and", "or", "loop", "sub", "call", "message")
		if !inMulti { // so that a task and its index name one instance
			kinds = append(kinds, "parallel", "sequential")
		}
	}
	b := &block{kind: rapid.SampledFrom(kinds).Draw(g.t, "kind")}
	b.id = g.id(b.kind)
	n := 1
	switch b.kind {
	case "task":
		return b
	case "seq", "and":
		n = rapid.IntRange(2, 3).Draw(g.t, "n")
	case "xor":
		n = rapid.IntRange(2, 3).Draw(g.t, "n")
		b.pick = rapid.IntRange(0, n-1).Draw(g.t, "branch")
	case "or":
		n = rapid.IntRange(2, 3).Draw(g.t, "n")
		b.pick = rapid.IntRange(1, 1<<n-1).Draw(g.t, "branches")
	case "parallel", "sequential":
		b.pick = rapid.IntRange(0, 3).Draw(g.t, "instances")
		inMulti = true
	}
	for range n {
		b.kids = append(b.kids, g.block(depth-1, inMulti))
	}
	return b
}

// sketch draws a block between two elements that exist: an arrow comes from entry (with its condition), and goes to exit.
type sketch struct {
	lines     strings.Builder
	processes strings.Builder
	vars      Variables
}

func (s *sketch) add(format string, args ...any) { fmt.Fprintf(&s.lines, format+"\n", args...) }

// draw adds the block and returns its first and last element.
func (s *sketch) draw(b *block) (first, last string) {
	switch b.kind {
	case "task":
		s.add("user %s", b.id)
		return b.id, b.id
	case "seq":
		for i, k := range b.kids {
			f, l := s.draw(k)
			if i == 0 {
				first = f
			} else {
				s.add("%s -> %s", last, f)
			}
			last = l
		}
		return first, last
	case "and", "xor", "or":
		first, last = b.id+"_split", b.id+"_join"
		s.add("%s %s", b.kind, first)
		s.add("%s %s", b.kind, last)
		for i, k := range b.kids {
			f, l := s.draw(k)
			condition := ""
			switch b.kind {
			case "xor":
				condition = fmt.Sprintf(" if %s = %d", b.id, i)
				s.vars[b.id] = feel.Int(int64(b.pick))
			case "or":
				condition = fmt.Sprintf(" if %s_%d", b.id, i)
				s.vars[fmt.Sprintf("%s_%d", b.id, i)] = b.pick&(1<<i) != 0
			}
			s.add("%s -> %s%s", first, f, condition)
			s.add("%s -> %s", l, last)
		}
		return first, last
	case "loop": // do the body, ask whether to go again
		first, last = b.id+"_merge", b.id+"_split"
		s.add("xor %s", first)
		s.add("xor %s", last)
		s.add("user %s", b.id)
		f, l := s.draw(b.kids[0])
		s.add("%s -> %s", first, f)
		s.add("%s -> %s", l, b.id)
		s.add("%s -> %s", b.id, last)
		s.add("%s -> %s if again = true", last, first)
		s.add("task %s_out", b.id)
		s.add("%s -> %s_out default", last, b.id)
		return first, b.id + "_out"
	case "message": // a task that a message interrupts
		s.add("user %s", b.id)
		s.add("boundary %s_b on=%s message=%s", b.id, b.id, b.id)
		s.add("xor %s_join", b.id)
		f, l := s.draw(b.kids[0])
		s.add("%s -> %s_join", b.id, b.id)
		s.add("%s_b -> %s", b.id, f)
		s.add("%s -> %s_join", l, b.id)
		return b.id, b.id + "_join"
	case "call":
		s.add("call %s of=%s_p", b.id, b.id)
		inner := &sketch{vars: s.vars}
		inner.body(b.kids[0], b.id)
		fmt.Fprintf(&s.processes, "process %s_p {\n%s}\n%s", b.id, inner.lines.String(), inner.processes.String())
		return b.id, b.id
	default: // sub, parallel, sequential
		multi := ""
		if b.kind != "sub" {
			multi = fmt.Sprintf(" mi=%s card=%d", b.kind, b.pick)
		}
		s.add("sub %s%s {", b.id, multi)
		s.body(b.kids[0], b.id)
		s.add("}")
		return b.id, b.id
	}
}

func (s *sketch) body(b *block, name string) {
	s.add("start %s_start", name)
	s.add("end %s_end", name)
	f, l := s.draw(b)
	s.add("%s_start -> %s", name, f)
	s.add("%s -> %s_end", l, name)
}

func sketchOf(b *block) (string, Variables) {
	s := &sketch{vars: Variables{}}
	s.body(b, "main")
	return s.lines.String() + s.processes.String(), s.vars
}

// live is a block that runs.
type live struct {
	b     *block
	index int // of the instance it is in
	kids  []*live
	next  int  // seq, sequential: kids begun
	done  bool // a task: completed
	moved bool // message: interrupted
}

func begin(b *block, index int) *live {
	l := &live{b: b, index: index}
	add := func(k *block) { l.kids = append(l.kids, begin(k, index)) }
	switch b.kind {
	case "seq", "sub", "call", "loop":
		add(b.kids[0])
	case "xor":
		add(b.kids[b.pick])
	case "and":
		for _, k := range b.kids {
			add(k)
		}
	case "or":
		for i, k := range b.kids {
			if b.pick&(1<<i) != 0 {
				add(k)
			}
		}
	case "parallel":
		for i := range b.pick {
			l.kids = append(l.kids, begin(b.kids[0], i))
		}
	case "sequential":
		if b.pick > 0 {
			l.kids = append(l.kids, begin(b.kids[0], 0))
		}
	}
	l.settle(false)
	return l
}

// open lists the tasks that can be done.
func (l *live) open() []*live {
	if l.done {
		return nil
	}
	switch {
	case l.b.kind == "task", l.b.kind == "message" && !l.moved, l.b.kind == "loop" && l.kids[0].done:
		return []*live{l}
	}
	var out []*live
	for _, k := range l.kids {
		out = append(out, k.open()...)
	}
	return out
}

// settle moves on after something in it was done; again is the answer of a loop's question that was just answered.
func (l *live) settle(again bool) {
	all := true
	for _, k := range l.kids {
		if !k.done {
			k.settle(again)
		}
		all = all && k.done
	}
	switch l.b.kind {
	case "task":
	case "message":
		l.done = l.done || l.moved && all
	case "loop":
		if l.next > 0 { // the question was answered
			l.next = 0
			if l.done = !again; again {
				l.kids[0] = begin(l.b.kids[0], l.index)
			}
		}
	case "seq":
		for all && len(l.kids) < len(l.b.kids) {
			l.kids = append(l.kids, begin(l.b.kids[len(l.kids)], l.index))
			all = l.kids[len(l.kids)-1].done
		}
		l.done = all
	case "sequential":
		for all && len(l.kids) < l.b.pick {
			l.kids = append(l.kids, begin(l.b.kids[0], len(l.kids)))
			all = l.kids[len(l.kids)-1].done
		}
		l.done = all
	default:
		l.done = all
	}
}

// complete does the open task.
func (l *live) complete() {
	if l.b.kind == "loop" {
		l.next = 1
		return
	}
	l.done = true
}

// interrupt brings the message to an open message block.
func (l *live) interrupt() {
	l.moved = true
	l.kids = []*live{begin(l.b.kids[0], l.index)}
}
