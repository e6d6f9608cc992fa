package procedure

import "testing"

func TestMultiInstance(t *testing.T) {
	for _, c := range multiScenarios {
		t.Run(c.name, func(t *testing.T) {
			play(t, &Engine{}, mustDraw(t, c.model), c.script)
		})
	}
}

var multiScenarios = []scenario{
	{"parallel", `
		start s
		user a mi=parallel card=3
		end e
		s -> a
		a -> e`, `
		start         => a, a, a
		complete a[1] => a, a
		complete a[1] => refused not open
		complete a[0] => a
		complete a[2] => ended completed`},
	{"sequential", `
		start s
		user a mi=sequential card=n
		user b
		s -> a
		a -> b`, `
		start n=3     => a
		complete a[1] => refused not open
		complete a[0] => a
		complete a[1] => a
		complete a[2] => b`},
	{"none", `
		start s
		user a mi=parallel card=n
		user b
		s -> a
		a -> b`, `
		start n=0 => b`},
	{"a number of instances that is no number", `
		start s
		user t
		user a mi=parallel card=n
		s -> t
		t -> a`, `
		start            => t
		complete t       => refused must be a whole number
		complete t n=1.5 => refused must be a whole number
		complete t n=-1  => refused must be a whole number
		complete t n=1e9 => refused must be a whole number
		complete t n=2   => a, a`},
	{"completion condition: the rest is cancelled", `
		start s
		user a mi=parallel card=5 until="nrOfCompletedInstances >= 2"
		user b
		s -> a
		a -> b`, `
		start         => a, a, a, a, a
		complete a[4] => a, a, a, a
		complete a[0] => b
		complete a[1] => refused not open`},
	{"completion condition on data and on the share that is done", `
		start s
		user a mi=parallel card=4 until="nrOfCompletedInstances / nrOfInstances > 0.5 or veto = true"
		user b
		s -> a
		a -> b`, `
		start                   => a, a, a, a
		complete a[0] veto=false => a, a, a
		complete a[1]           => a, a
		complete a[2]           => b`},
	{"completion condition: a veto", `
		start s
		user a mi=parallel card=4 until="nrOfActiveInstances = 1 or veto = true"
		user b
		s -> a
		a -> b`, `
		start                   => a, a, a, a
		complete a[2] veto=true => b`},
	{"completion condition: active instances", `
		start s
		user a mi=parallel card=4 until="nrOfActiveInstances = 1"
		user b
		s -> a
		a -> b`, `
		start         => a, a, a, a
		complete a[0] => a, a, a
		complete a[3] => a, a
		complete a[1] => b`},
	{"sequential with completion condition", `
		start s
		user a mi=sequential card=5 until="ok = false"
		user b
		s -> a
		a -> b`, `
		start                  => a
		complete a[0] ok=true  => a
		complete a[1] ok=false => b`},
	{"collection: each instance sees its item, in a sub-process", `
		start s
		sub p mi=parallel items=bodies var=body {
			start ps
			xor g
			user water
			user fire
			end pe
			ps -> g
			g -> water if body = "water"
			g -> fire default
			water -> pe
			fire -> pe
		}
		user after
		s -> p
		p -> after`, `
		start bodies=["water","fire","water"] => fire, water, water
		complete water[0] => fire, water
		complete fire[1]  => water
		complete water[2] => after`},
	{"collection: sequential, loopCounter from 0", `
		start s
		sub p mi=sequential items=list var=x {
			start ps
			xor g
			user first
			user other
			ps -> g
			g -> first if loopCounter = 0 and x = "a"
			g -> other if loopCounter = 1 and x = "b"
		}
		user after
		s -> p
		p -> after`, `
		start list=["a","b"] => first
		complete first => other
		complete other[1] => after`},
	{"collection that is missing", `
		start s
		user t
		user a mi=parallel items=list var=x
		s -> t
		t -> a`, `
		start      => t
		complete t => refused is not a list`},
	{"boundary timer runs over all instances", `
		start s
		user a mi=parallel card=3
		boundary t on=a timer=P1D
		user b
		user late
		s -> a
		a -> b
		t -> late`, `
		start         => a, a, a
		complete a[0] => a, a
		+P1D          => late`},
	{"service tasks", `
		start s
		service a mi=parallel card=2
		user b
		s -> a
		a -> b`, `
		start         => a, a
		complete a[0] => a
		complete a[1] => b`},
	{"plain tasks pass, sequential and parallel", `
		start s
		task a mi=parallel card=3
		task b mi=sequential card=900
		send c mi=parallel card=3 until="nrOfCompletedInstances = 2" message=m
		user d
		s -> a
		a -> b
		b -> c
		c -> d`, `
		start => d`},
	{"error in one instance ends the activity", `
		start s
		sub p mi=parallel card=3 {
			start ps
			user x
			end pe error=bad
			ps -> x
			x -> pe
		}
		boundary b on=p error=bad
		user caught
		s -> p
		b -> caught`, `
		start         => x, x, x
		complete x[1] => caught`},
	{"terminate ends one instance", `
		start s
		sub p mi=parallel card=2 {
			start ps
			and g
			user x
			user y
			end pe terminate
			ps -> g
			g -> x
			g -> y
			x -> pe
		}
		user after
		s -> p
		p -> after`, `
		start         => x, x, y, y
		complete x[0] => x, y
		complete x[1] => after`},
	{"calls, one for each item", `
		start s
		call c of=q mi=parallel items=list var=x
		user after
		s -> c
		c -> after
		process q {
			start qs
			user u
			qs -> u
		}`, `
		start list=[1,2,3] => u, u, u
		complete u[1]      => u, u
		complete u[1]      => refused not open
		complete u[0]      => u
		complete u[2]      => after`},
	{"nested", `
		start s
		sub p mi=parallel card=2 {
			start ps
			user x mi=sequential card=2
			ps -> x
		}
		user after
		s -> p
		p -> after`, `
		start         => x, x
		complete x[0] => x, x
		complete x[0] => x, x
		complete x[1] => x
		complete x[1] => after`},
	{"receive tasks: each message one", `
		start s
		receive r mi=parallel card=2 message=reply
		user b
		s -> r
		r -> b`, `
		start         => r, r
		message reply => r
		message reply => b`},
}
