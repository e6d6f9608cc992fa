package procedure

import "slices"

// scenario is a small model with a script that is played against it (see play).
type scenario struct{ name, model, script string }

// scenarios has one row for each rule of execution; the paragraph is of BPMN 2.0.2 (OMG formal/2013-12-09).
var scenarios = slices.Concat(gatewayScenarios, eventScenarios)

var gatewayScenarios = []scenario{
	{"sequence", `
		start s
		user a
		user b
		end e
		s -> a
		a -> b
		b -> e`, `
		start      => a
		complete a => b
		complete b => ended completed`},
	{"exclusive: the first condition that holds, in document order (13.4.2)", `
		start s
		xor g
		user a
		user b
		user c
		s -> g
		g -> a if amount > 100
		g -> b if amount > 10
		g -> c default`, `
		start amount=500 => a`},
	{"exclusive: default", `
		start s
		xor g
		user a
		user c
		s -> g
		g -> a if amount > 100
		g -> c default`, `
		start => c`},
	{"exclusive: null is not true and there is no default (13.4.2: exception)", `
		start s
		user t
		xor g
		user a
		user b
		s -> t
		t -> g
		g -> a if amount > 100
		g -> b if amount <= 100`, `
		start               => t
		complete t          => refused no condition of its outgoing flows holds
		complete t amount=1 => b`},
	{"parallel: split and join (13.4.1)", `
		start s
		and g
		user a
		user b
		and j
		user c
		end e
		s -> g
		g -> a
		g -> b
		a -> j
		b -> j
		j -> c
		c -> e`, `
		start      => a, b
		complete b => a
		complete b => refused not open
		complete a => c
		complete c => ended completed`},
	{"parallel: two tokens on one flow do not make a join (13.4.1)", `
		start s
		and g
		user a
		xor m
		user b
		user c
		and j
		end e
		s -> g
		g -> a
		g -> b
		g -> c
		a -> m
		b -> m
		m -> j
		c -> j
		j -> e`, `
		start      => a, b, c
		complete a => b, c
		complete b => c
		complete c => `},
	{"inclusive: every condition that holds, and the join waits for those only (13.4.3)", `
		start s
		or g
		user a
		user b
		user c
		or j
		user d
		end e
		s -> g
		g -> a if x > 1
		g -> b if x > 2
		g -> c default
		a -> j
		b -> j
		c -> j
		j -> d
		d -> e`, `
		start x=3  => a, b
		complete a => b
		complete b => d
		complete d => ended completed`},
	{"inclusive: default only when none holds", `
		start s
		or g
		user a
		user c
		s -> g
		g -> a if x > 1
		g -> c default`, `
		start x=0 => c`},
	{"inclusive join: a token that may still come round a loop holds it back", `
		start s
		and g
		user a
		user b
		xor x
		user c
		xor back
		or j
		user d
		end e
		s -> g
		g -> a
		g -> back
		back -> b
		b -> x
		x -> back if again = true
		x -> j default
		a -> j
		j -> d
		d -> e`, `
		start                 => a, b
		complete a            => b
		complete b again=true => b
		complete b again=false => d
		complete d            => ended completed`},
	{"inclusive join: a token that can no longer come does not hold it back", `
		start s
		and g
		user a
		user b
		xor x
		user c
		or j
		user d
		end e
		end e2
		s -> g
		g -> a
		g -> b
		b -> x
		x -> c if out = true
		x -> j default
		c -> e2
		a -> j
		j -> d
		d -> e`, `
		start               => a, b
		complete a          => b
		complete b out=true => c, d
		complete d          => c
		complete c          => ended completed`},
	{"inclusive join: an interrupting boundary event lets it go on", `
		start s
		and g
		user a
		user b
		boundary t on=b timer=PT1H
		user late
		or j
		user d
		end e
		s -> g
		g -> a
		g -> b
		t -> late
		b -> j
		a -> j
		j -> d
		d -> e`, `
		start         => a, b
		complete a    => b
		+PT1H         => d, late
		complete late => d
		complete d    => ended completed`},
	{"event gateway: the message comes first (13.4.4)", `
		start s
		event g
		catch m message=paid
		catch t timer=P1D
		user a
		user b
		s -> g
		g -> m
		g -> t
		m -> a
		t -> b`, `
		start               => m, t
		message paid sum=10 => a
		+P2D                => a
		message paid        => refused nothing waits`},
	{"event gateway: the timer comes first", `
		start s
		event g
		catch m message=paid
		receive r message=withdrawn
		catch t timer=P1D
		user a
		user b
		user c
		s -> g
		g -> m
		g -> t
		g -> r
		m -> a
		t -> b
		r -> c`, `
		start        => m, r, t
		+PT23H       => m, r, t
		+PT1H        => b
		message withdrawn => refused nothing waits`},
	{"event gateway with a receive task", `
		start s
		event g
		receive r message=withdrawn
		catch t timer=P1D
		user b
		user c
		s -> g
		g -> t
		g -> r
		t -> b
		r -> c`, `
		start             => r, t
		message withdrawn => c`},
}
