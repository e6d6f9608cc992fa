package procedure

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestCheck has one fault (or none) a row; want lists "code element" of every finding, in the order of the file.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, model string
		opt         Options
		want        string
	}{
		{"sound", `
			start s
			user a lane=applicant
			user b lane=reviewer
			ext=<openhall:term rule="licence.decide"/>
			end e
			s -> a
			a -> b
			b -> e`, Options{KnownRule: func(id string) bool { return id == "licence.decide" }}, ``},
		{"unknown rules, of a term, a clock and a ground", `
			start s
			ext=<openhall:clock name="decide" action="pause" rule="r2" ground="g"/>
			user b lane=reviewer
			ext=<openhall:term rule="r1"/>
			end e
			s -> b
			b -> e`, Options{KnownRule: func(string) bool { return false }}, `unknown-rule s, unknown-rule s, unknown-rule b`},
		{"no lane, no term", `
			start s
			user a
			user b lane=head
			end e
			s -> a
			a -> b
			b -> e`, Options{}, `lane-missing a, term-missing b`},
		{"plain BPMN is not asked for lanes", `
			start s
			user a
			end e
			s -> a
			a -> e`, Options{Plain: true}, ``},
		{"assigned without a lane", `
			start s
			user a
			ext=<openhall:assign to="head"/><openhall:term length="5" unit="working-day" basis="local practice"/>
			end e
			s -> a
			a -> e`, Options{}, ``},
		{"four eyes of a task that is none", `
			start s
			user a
			ext=<openhall:assign to="applicant"/><openhall:separate from="s"/>
			end e
			s -> a
			a -> e`, Options{}, `bad-reference a`},
		{"unreachable", `
			start s
			task a
			task b
			end e
			end e2
			s -> a
			a -> e
			b -> e2`, Options{}, `unreachable b, unreachable e2`},
		{"no start and no end", `
			task a
			task b
			a -> b`, Options{}, `no-start main, no-end main`},
		{"two ways to start", `
			start s
			start t
			end e
			s -> e
			t -> e`, Options{}, `many-starts main`},
		{"two starts of which each has its trigger", `
			start s message=a
			start t signal=b
			end e
			s -> e
			t -> e`, Options{}, ``},
		{"cannot end: a loop without a way out", `
			start s
			xor x
			catch a timer=P1D
			end e
			s -> x
			x -> a
			a -> x`, Options{}, `cannot-end s, cannot-end x, cannot-end a, stuck a, unreachable e`},
		{"parallel join of a choice stands still", `
			start s
			xor x
			task a
			task b
			and j
			end e
			s -> x
			x -> a if k = 1
			x -> b default
			a -> j
			b -> j
			j -> e`, Options{}, `stuck j`},
		{"parallel join that only sometimes gets all", `
			start s
			or x
			task a
			task b
			and j
			end e
			s -> x
			x -> a if k = 1
			x -> b default
			a -> j
			b -> j
			j -> e`, Options{}, `stuck j`},
		{"inclusive join of the same", `
			start s
			or x
			task a
			task b
			or j
			end e
			s -> x
			x -> a if k = 1
			x -> b default
			a -> j
			b -> j
			j -> e`, Options{}, ``},
		{"join in a sub-process that a boundary event rescues", `
			start s
			sub p {
				start ps
				xor x
				and j
				end pe
				ps -> x
				x -> j if k = 1
				x -> j default
				j -> pe
			}
			boundary t on=p timer=P1D
			end e
			s -> p
			p -> e
			t -> e`, Options{}, ``},
		{"join in a sub-process that nothing rescues", `
			start s
			sub p {
				start ps
				xor x
				and j
				end pe
				ps -> x
				x -> j if k = 1
				x -> j default
				j -> pe
			}
			end e
			s -> p
			p -> e`, Options{}, `stuck j`},
		{"messages that do not interrupt pile up and are no fault", `
			start s
			user a lane=applicant
			boundary m on=a message=note keep
			task x
			end e
			end e2
			s -> a
			a -> e
			m -> x
			x -> e2`, Options{}, ``},
		{"exclusive gateway with a flow that says nothing, and one without default", `
			start s
			xor x
			xor y
			end e
			end e2
			s -> x
			x -> y
			x -> e if a
			y -> e if a = 1
			y -> e2 if a = 2`, Options{}, `flow-without-condition x, no-default y`},
		{"condition that cannot be read", `
			start s
			xor x
			end e
			end e2
			s -> x
			x -> e if a == 1
			x -> e2 default`, Options{}, `bad-condition f2`},
		{"boundary event that leads nowhere", `
			start s
			service a
			boundary b on=a timer=P1D
			end e
			s -> a
			a -> e`, Options{}, `boundary-without-outgoing b`},
		{"timer that cannot be read", `
			start s
			catch a timer=5days
			end e
			s -> a
			a -> e`, Options{}, `bad-timer a`},
		{"event gateway before a task", `
			start s
			event g
			task a
			catch m message=x
			end e
			s -> g
			g -> a
			g -> m
			a -> e
			m -> e`, Options{}, `event-gateway-target g`},
		{"call of nothing", `
			start s
			call a of=nothing
			end e
			s -> a
			a -> e`, Options{}, `call-unresolved a`},
		{"error that nobody throws", `
			start s
			sub p {
				start ps
				end pe error=E1
				ps -> pe
			}
			boundary b on=p error=E2
			end e
			s -> p
			p -> e
			b -> e`, Options{}, `error-never-thrown b`},
		{"error that would not interrupt", `
			start s
			service a
			boundary b on=a anyerror keep
			end e
			s -> a
			a -> e
			b -> e`, Options{}, `bad-trigger b`},
		{"flow into the start, out of the end", `
			start s
			task a
			end e
			s -> a
			a -> s
			a -> e
			e -> a`, Options{}, `start-entered s, end-left e`},
		{"catch event without a trigger", `
			start s
			catch c
			end e
			s -> c
			c -> e`, Options{}, `bad-trigger c`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range Check(mustDraw(t, c.model), c.opt) {
				got = append(got, string(f.Code)+" "+f.Element)
				if !f.Message.Complete() || strings.Contains(fmt.Sprint(f.Message), "%!") {
					t.Errorf("%s: the message is not whole in three languages: %+v", f.Code, f.Message)
				}
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// TestCheckBrokenReferences has files that a modeller does not write, but hands do.
func TestCheckBrokenReferences(t *testing.T) {
	sound := string(draw(`
		start s
		xor x
		service a
		boundary b on=a error=E
		end e
		s -> x
		x -> a if k = 1
		x -> e default
		a -> e
		b -> e`))
	for _, c := range []struct{ from, to, want string }{
		{`sourceRef="s"`, `sourceRef="nobody"`, "dangling-flow f1"},
		{`default="f3"`, `default="f1"`, "bad-reference x"},
		{`attachedToRef="a"`, `attachedToRef="e"`, "bad-reference b"},
		{`errorRef="error-E"`, `errorRef="nothing"`, "bad-reference b"},
		{`id="f5"`, `id="x"`, "duplicate-id x"},
	} {
		broken := strings.Replace(sound, c.from, c.to, 1)
		if broken == sound {
			t.Fatalf("%s is not in the model", c.from)
		}
		d, err := Parse([]byte(broken))
		if err != nil {
			t.Fatal(err)
		}
		found := Check(d, Options{Plain: true})
		if !slices.ContainsFunc(found, func(f Finding) bool { return string(f.Code)+" "+f.Element == c.want }) {
			t.Errorf("%s: findings %v lack %s", c.to, found, c.want)
		}
		if _, _, err := (&Engine{}).Step(d, State{}, Input{Kind: InputStart}, epoch); err == nil {
			t.Errorf("%s: the engine starts a broken definition", c.to)
		}
	}
}
