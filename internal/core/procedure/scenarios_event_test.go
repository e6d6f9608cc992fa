package procedure

// eventScenarios are of events, tasks, sub-processes, calls and starts.
var eventScenarios = []scenario{
	{"boundary timer, interrupting (13.5.3)", `
		start s
		user a
		boundary t on=a timer=P5D
		user b
		user c
		s -> a
		a -> b
		t -> c`, `
		start       => a
		+P4DT23H59M => a
		+PT1M       => c
		complete a  => refused not open`},
	{"boundary timer disarmed by completion", `
		start s
		user a
		boundary t on=a timer=P5D
		user b
		user c
		s -> a
		a -> b
		t -> c`, `
		start      => a
		complete a => b
		+P10D      => b`},
	{"boundary timer cycle, not interrupting: three reminders", `
		start s
		user a
		boundary t on=a cycle=R3/PT1H keep
		user r
		end e
		end e2
		s -> a
		a -> e
		t -> r
		r -> e2`, `
		start      => a
		+PT1H      => a, r
		+PT1H      => a, r, r
		complete r => a, r
		complete r => a
		+PT5H      => a, r
		complete a => r
		complete r => ended completed`},
	{"boundary timer cycle: advance fires every repetition at its instant", `
		start s
		user a
		boundary t on=a cycle=R/PT1H keep
		user r
		s -> a
		t -> r`, `
		start       => a
		+PT3H30M    => a, r, r, r
		+PT29M      => a, r, r, r
		+PT1M       => a, r, r, r, r
		complete a  => r, r, r, r`},
	{"boundary message, interrupting and not", `
		start s
		user a
		boundary m on=a message=withdraw
		boundary n on=a message=note keep
		user w
		user x
		user b
		s -> a
		a -> b
		m -> w
		n -> x`, `
		start            => a
		message note     => a, x
		message note     => a, x, x
		message withdraw => w, x, x
		message note     => refused nothing waits`},
	{"boundary error: a task that fails (13.5.3)", `
		start s
		service a
		boundary b on=a error=timeout
		boundary any on=a anyerror
		user u
		user v
		user w
		s -> a
		a -> u
		b -> v
		any -> w`, `
		start           => a
		error a timeout => v`},
	{"boundary error: another code goes to the one that catches all", `
		start s
		service a
		boundary any on=a anyerror
		boundary b on=a error=timeout
		user v
		user w
		s -> a
		b -> v
		any -> w`, `
		start         => a
		error a other => w`},
	{"error end of a sub-process is caught on its border; all in it ends", `
		start s
		sub p {
			start ps
			and g
			user x
			user y
			end bad error=refused
			ps -> g
			g -> x
			g -> y
			x -> bad
		}
		boundary b on=p error=refused
		user ok
		user caught
		s -> p
		p -> ok
		b -> caught`, `
		start      => x, y
		complete x => caught`},
	{"an error boundary event interrupts, whatever its file says (10.5.4)", `
		start s
		sub p {
			start ps
			and g
			user x
			user y
			end bad error=E1
			ps -> g
			g -> x
			g -> y
			x -> bad
		}
		boundary b on=p error=E1 keep
		user caught
		s -> p
		b -> caught`, `
		start      => x, y
		complete x => caught`},
	{"error end that nothing catches: the process has failed", `
		start s
		and g
		user a
		user b
		end bad error=refused
		s -> g
		g -> a
		g -> b
		a -> bad`, `
		start      => a, b
		complete a => ended failed`},
	{"error passes through an inner sub-process and a call", `
		start s
		call c of=q
		boundary b on=c error=E1
		user caught
		s -> c
		b -> caught
		process q {
			start qs
			sub p {
				start ps
				user x
				end bad error=E1
				ps -> x
				x -> bad
			}
			boundary other on=p error=E2
			user wrong
			qs -> p
			other -> wrong
		}`, `
		start      => x
		complete x => caught`},
	{"terminate ends its own scope only (13.5.6)", `
		start s
		sub p {
			start ps
			and g
			user x
			user y
			end t terminate
			ps -> g
			g -> x
			g -> y
			x -> t
		}
		user after
		end e
		s -> p
		p -> after
		after -> e`, `
		start          => x, y
		complete x     => after
		complete after => ended completed`},
	{"terminate of the process", `
		start s
		and g
		user x
		user y
		end t terminate
		s -> g
		g -> x
		g -> y
		x -> t`, `
		start      => x, y
		complete x => ended terminated`},
	{"a process ends when its last token has (13.5.6)", `
		start s
		and g
		user x
		user y
		end e1
		end e2
		s -> g
		g -> x
		g -> y
		x -> e1
		y -> e2`, `
		start      => x, y
		complete x => y
		complete y => ended completed
		complete y => refused has ended`},
	{"intermediate catch: timer, message, signal", `
		start s
		catch t timer=PT2H
		catch m message=go
		catch g signal=all
		user a
		s -> t
		t -> m
		m -> g
		g -> a`, `
		start       => t
		message go  => refused nothing waits
		+PT2H       => m
		message go  => g
		message all => a`},
	{"timer at a date, without a zone in Shanghai", `
		start s
		catch t date=2026-03-05T09:00
		user a
		s -> t
		t -> a`, `
		start    => t
		+P2DT23H => t
		+PT1H    => a`},
	{"a month is a calendar month", `
		start s
		catch t timer=P1M
		user a
		s -> t
		t -> a`, `
		start      => t
		+P30DT23H  => t
		+PT1H      => a`},
	{"signal thrown reaches all who wait in the case", `
		start s
		and g
		catch c1 signal=go
		catch c2 signal=go
		user a
		throw t signal=go
		user b
		user x
		user y
		s -> g
		g -> c1
		g -> c2
		g -> a
		a -> t
		t -> b
		c1 -> x
		c2 -> y`, `
		start      => a, c1, c2
		complete a => b, x, y`},
	{"signal end event interrupts the sub-process it stands in", `
		start s
		sub p {
			start ps
			user x
			end pe signal=stop
			ps -> x
			x -> pe
		}
		boundary b on=p signal=stop
		user done
		user stopped
		s -> p
		p -> done
		b -> stopped`, `
		start      => x
		complete x => stopped`},
	{"link", `
		start s
		user a
		throw t link=over
		catch c link=over
		user b
		s -> a
		a -> t
		c -> b`, `
		start      => a
		complete a => b`},
	{"plain, send, manual and rule tasks", `
		start s
		task p
		send q message=notice
		manual m
		rule r
		end e
		s -> p
		p -> q
		q -> m
		m -> r
		r -> e`, `
		start      => m
		complete m => r
		complete r => ended completed`},
	{"receive task", `
		start s
		receive r message=reply
		boundary t on=r timer=P1D
		user a
		user late
		s -> r
		r -> a
		t -> late`, `
		start         => r
		complete r    => refused not open
		message reply => a`},
	{"a task with two outgoing flows splits, with conditions too (13.3.1)", `
		start s
		user a
		user b
		user c
		user d
		s -> a
		a -> b
		a -> c if x > 1
		a -> d default`, `
		start          => a
		complete a x=2 => b, c`},
	{"a task whose flows are all conditional takes its default", `
		start s
		user a
		user c
		user d
		s -> a
		a -> c if x > 1
		a -> d default`, `
		start          => a
		complete a x=0 => d`},
	{"a task with two incoming flows is done twice (13.3.1)", `
		start s
		and g
		user a
		end e
		s -> g
		g -> a
		g -> a
		a -> e`, `
		start      => a, a
		complete a => a
		complete a => ended completed`},
	{"sub-process ends when nothing in it waits", `
		start s
		sub p {
			start ps
			and g
			user x
			user y
			end e1
			ps -> g
			g -> x
			g -> y
			x -> e1
		}
		user after
		s -> p
		p -> after`, `
		start      => x, y
		complete x => y
		complete y => after`},
	{"boundary timer of a sub-process cancels what is in it", `
		start s
		sub p {
			start ps
			sub inner {
				start is
				user x
				is -> x
			}
			ps -> inner
		}
		boundary t on=p timer=P1D
		user late
		s -> p
		t -> late`, `
		start => x
		+P1D  => late`},
	{"call activity sees the caller's variables and gives back its own", `
		start s
		call c of=q
		xor g
		user yes
		user no
		s -> c
		c -> g
		g -> yes if result = base + 1
		g -> no default
		process q {
			start qs
			xor qg
			user x
			end qe
			qs -> qg
			qg -> x if base = 41
			qg -> qe default
			x -> qe
		}`, `
		start base=41        => x
		complete x result=42 => yes`},
	{"cancel", `
		start s
		user a
		boundary t on=a timer=P1D
		s -> a
		t -> a`, `
		start    => a
		cancel   => ended cancelled
		complete a => refused has ended`},
	{"start by message", `
		start s message=apply
		user a
		s -> a`, `
		complete a      => refused has not been started
		message other   => refused no start event waits
		message apply x=1 => a
		start           => refused started already`},
	{"two start events: one must be named", `
		start s message=apply
		start t message=report
		user a
		user b
		s -> a
		t -> b`, `
		start   => refused name the start event
		start t => b`},
	{"a loop without waiting is refused", `
		start s
		user a
		xor x
		task t
		xor y
		end e
		s -> a
		a -> x
		x -> t
		t -> y
		y -> x if true
		y -> e default`, `
		start      => a
		complete a => refused the diagram loops`},
	{"conditions in the wrappers of other tools", `
		start s
		xor g
		user a
		user b
		s -> g
		g -> a if ${x > 1}
		g -> b if = x <= 1`, `
		start x=1 => b`},
	{"a condition that is not FEEL is refused when it is met", `
		start s
		user t
		xor g
		user a
		user b
		s -> t
		t -> g
		g -> a if x == 1
		g -> b default`, `
		start      => t
		complete t => refused FEEL writes =, not ==`},
}
