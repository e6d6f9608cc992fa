package feel_test

import "testing"

func TestLists(t *testing.T) {
	// DMN 1.3 table 74; TCK 0069 (list), 0001 (filter), 0009 to 0013, 0015 (all, any).
	check(t, []row{
		{`[1,2,3][0]`, "", "null"}, {`[1,2,3][4]`, "", "null"}, {`[1,2,3][1]`, "", "1"}, {`[1,2,3][-1]`, "", "3"}, {`[1,2,3][-3]`, "", "1"}, {`[1,2,3][-4]`, "", "null"}, {`[1,2,3][1.5]`, "", "null"}, {`[1,2,3][true]`, "", "[1,2,3]"}, {`[1,2,3][false]`, "", "[]"}, {`[1,2,3][null]`, "", "[]"},
		{`[1,2,3][item >= 2]`, "", "[2,3]"}, {`true[true]`, "", "[true]"}, {`100[false]`, "", "[]"}, {`"foo"[1]`, "", `"foo"`}, {`100[0]`, "", "null"}, {`null[1]`, "", "null"}, {`[][1]`, "", "null"}, {`[][item > 1]`, "", "[]"},
		{`[{a: 1}, {a: 2}, {a: 3}][item.a >= 2]`, "", `[{"a":2},{"a":3}]`}, {`[{a: 1}, {a: 2}, {a: 3}][a >= 2]`, "", `[{"a":2},{"a":3}]`}, {`[{item: 1}, {item: 2}, {item: 3}][item >= 2]`, "", `[{"item":2},{"item":3}]`}, {`[{a: 1}, {a: 2}][a >= limit].a`, `{"limit": 2}`, "[2]"}, {`xs[n]`, `{"xs": [5, 6], "n": 2}`, "6"}, {`xs[a = x][1].b`, `{"xs": [{"a": 1, "b": "p"}, {"a": 2, "b": "q"}], "x": 2}`, `"q"`}, {`[[1,2],[3,4]][2][1]`, "", "3"},
		{`[{a: 1}, {b: 2}, 3].a`, "", "[1,null,null]"}, {`[{a: {b: 1}}, {a: {b: 2}}].a.b`, "", "[1,2]"},
		{`list contains([1,2,null], null)`, "", "true"}, {`list contains([1], 2)`, "", "false"}, {`list contains(null, 2)`, "", "null"}, {`list contains([[1]], [1])`, "", "true"}, {`list contains(element: 1, list: [1])`, "", "true"},
		{`count([1,2,3])`, "", "3"}, {`count([])`, "", "0"}, {`count("x")`, "", "1"}, {`count(null)`, "", "null"}, {`count()`, "", "null"},
		{`min([3,1,2])`, "", "1"}, {`min(3,1,2)`, "", "1"}, {`max("a","c","b")`, "", `"c"`}, {`max([])`, "", "null"}, {`min([1,"a"])`, "", "null"}, {`max([@"2026-01-01", @"2026-02-01"])`, "", `"2026-02-01"`}, {`min([[1]])`, "", "null"}, {`min(null)`, "", "null"}, {`min([1, null])`, "", "null"},
		{`sum([1,2,3.5])`, "", "6.5"}, {`sum(1,2)`, "", "3"}, {`sum([])`, "", "null"}, {`sum(["a"])`, "", "null"}, {`sum([@"P1D", @"PT1H"])`, "", `"P1DT1H"`}, {`sum([@"P1D", 1])`, "", "null"}, {`mean([1,2,3])`, "", "2"}, {`mean(1,2)`, "", "1.5"}, {`mean([])`, "", "null"}, {`mean([@"P1D", @"P3D"])`, "", `"P2D"`}, {`product([2,3,4])`, "", "24"}, {`product(2,3)`, "", "6"}, {`product([])`, "", "null"},
		{`median(8,2,5,3,4)`, "", "4"}, {`median([6,1,2,3])`, "", "2.5"}, {`median([])`, "", "null"}, {`mode(6,3,9,6,6)`, "", "[6]"}, {`mode([6,1,9,6,1])`, "", "[1,6]"}, {`mode([])`, "", "[]"}, {`mode(["a"])`, "", "null"},
		{`stddev(2,4,7,5)`, "", "2.081665999466132735282297706979931"}, // √(13/3)
		{`stddev([47])`, "", "null"}, {`stddev([])`, "", "null"}, {`stddev([1,"a"])`, "", "null"}, {`stddev([1,1,1])`, "", "0"},
		{`all([true,true])`, "", "true"}, {`all([true,null])`, "", "null"}, {`all([false,null])`, "", "false"}, {`all([])`, "", "true"}, {`all(true,false)`, "", "false"}, {`all(0)`, "", "null"}, {`all()`, "", "null"}, {`any([false,true,null])`, "", "true"}, {`any([false,null])`, "", "null"}, {`any([])`, "", "false"}, {`any("x")`, "", "null"},
		{`sublist([4,5,6], 1, 2)`, "", "[4,5]"}, {`sublist([4,5,6], 2)`, "", "[5,6]"}, {`sublist([4,5,6], -1, 1)`, "", "[6]"}, {`sublist([4,5,6], -2)`, "", "[5,6]"}, {`sublist([4,5,6], 0)`, "", "null"}, {`sublist([4,5,6], 4)`, "", "null"}, {`sublist([4,5,6], 2, 3)`, "", "null"},
		{`append([1], 2, 3)`, "", "[1,2,3]"}, {`append([1], [2])`, "", "[1,[2]]"}, {`append(1, 2)`, "", "[1,2]"}, {`append(null, 1)`, "", "null"}, {`concatenate([1,2],[3])`, "", "[1,2,3]"}, {`concatenate([1],2)`, "", "[1,2]"}, {`concatenate([1],null)`, "", "null"}, {`union([1,2],[2,3])`, "", "[1,2,3]"},
		{`insert before([1,3], 1, 2)`, "", "[2,1,3]"}, {`insert before([1,3], -1, 2)`, "", "[1,2,3]"}, {`insert before([1,3], 3, 2)`, "", "null"}, {`insert before([1,3], 0, 2)`, "", "null"}, {`remove([1,2,3], 2)`, "", "[1,3]"}, {`remove([1,2,3], -1)`, "", "[1,2]"}, {`remove([1,2,3], 4)`, "", "null"}, {`reverse([1,2,3])`, "", "[3,2,1]"}, {`reverse(null)`, "", "null"},
		{`index of([1,2,3,2], 2)`, "", "[2,4]"}, {`index of([1,null], null)`, "", "[2]"}, {`index of([1], 2)`, "", "[]"}, {`distinct values([1,2,3,2,1.0])`, "", "[1,2,3]"}, {`distinct values([null,null,"a",1])`, "", `[null,"a",1]`}, {`flatten([[1,2],[[3]], 4])`, "", "[1,2,3,4]"}, {`flatten(append(["a","b"], ["c"]))`, "", `["a","b","c"]`},
		{`sort([3,1,2], function(x,y) x < y)`, "", "[1,2,3]"}, {`sort(list: ["b","a"], precedes: function(x: string, y: string) x < y)`, "", `["a","b"]`}, {`sort([{n: 1, k: 2}, {n: 2, k: 1}, {n: 3, k: 2}], function(a, b) a.k < b.k).n`, "", "[2,1,3]"}, {`sort([1], 2)`, "", "null"},
	})
}

func TestContexts(t *testing.T) {
	// TCK 0057, 0080, 0081, 1145 to 1147.
	check(t, []row{
		{`{a: "foo", b: {c: "bar", d: {e: "baz"}}}.b.d.e`, "", `"baz"`}, {`{a: 1 + 2, b: a + 3}`, "", `{"a":3,"b":6}`}, {`{a: 1 + 2, b: 3, c: {d: a + b}}.c.d`, "", "6"}, {`{foo bar: "foo"}`, "", `{"foo bar":"foo"}`}, {`{foo+bar: "foo"}`, "", `{"foo+bar":"foo"}`}, {`{"foo+bar((!!],foo": "foo"}`, "", `{"foo+bar((!!],foo":"foo"}`}, {`{"": "foo"}`, "", `{"":"foo"}`}, {`{foo: "bar", foo: "baz"}`, "", "null"},
		{`{first name: "A", greeting: "Hi " + first name}.greeting`, "", `"Hi A"`}, {`{a-b: 3, a: 10, b: 1, c: a-b}.c`, "", "3"}, {`{profit and loss: 3}.profit and loss`, "", "3"}, {`{if: 1}`, "", `{"if":1}`},
		{`get value({a: 1}, "a")`, "", "1"}, {`get value({a: 1}, "b")`, "", "null"}, {`get value(null, "b")`, "", "null"}, {`get value(m: {a: 1}, key: "a")`, "", "1"}, {`get entries({a: 1, b: "x"})`, "", `[{"key":"a","value":1},{"key":"b","value":"x"}]`}, {`get entries({a: 1, b: 2})[key = "b"].value`, "", "[2]"}, {`get entries(1)`, "", "null"},
		{`context([{key: "a", value: 1}, {key: "b", value: 2}])`, "", `{"a":1,"b":2}`}, {`context([{key: "a"}])`, "", "null"}, {`context put({a: 1}, "b", 2)`, "", `{"a":1,"b":2}`}, {`context put({a: {b: 1}}, ["a", "b"], 2)`, "", `{"a":{"b":2}}`}, {`context put({}, ["a", "b"], 2)`, "", "null"}, {`context merge([{a: 1}, {a: 2, b: 3}])`, "", `{"a":2,"b":3}`}, {`context merge([1])`, "", "null"},
		{`申请.金额 > 100 and 申请.种类 = "食品"`, `{"申请": {"金额": 200, "种类": "食品"}}`, "true"}, {`applicant.date of birth`, `{"applicant": {"date of birth": "1990-01-01"}}`, `"1990-01-01"`}, {`monthly income * 12`, `{"monthly income": 100}`, "1200"}, {`time for reply + 1`, `{"time for reply": 1}`, "2"}, {`applicant's age > 18`, `{"applicant's age": 20}`, "true"},
		{`{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10}.j`, "", "10"},
	})
}

func TestControl(t *testing.T) {
	// TCK 0003, 0016, 0032, 0033, 0084, 0092 (function), 0016 (some, every).
	check(t, []row{
		{`if true then 1 else 2`, "", "1"}, {`if null then 1 else 2`, "", "2"}, {`if "true" then 1 else 2`, "", "2"}, {`if a > 1 then "x" else if a > 0 then "y" else "z"`, `{"a": 1}`, `"y"`}, {`1 + (if true then 1 else 2)`, "", "2"}, {`(if false then 1 else [1,2])[2]`, "", "2"},
		{`for i in [1,2,3] return i * i`, "", "[1,4,9]"}, {`for i in 1..3 return i`, "", "[1,2,3]"}, {`for i in 3..1 return i`, "", "[3,2,1]"}, {`for i in -1..1 return i`, "", "[-1,0,1]"}, {`for i in [1..3] return i`, "", "[1,2,3]"}, {`for i in (1..4) return i`, "", "[2,3]"}, {`for i in [1,2], j in [10,20] return i + j`, "", "[11,21,12,22]"}, {`for i in 1..3, j in 1..i return j`, "", "[1,1,2,1,2,3]"}, {`for i in 1..4 return if i = 1 then 1 else i * partial[-1]`, "", "[1,2,6,24]"}, {`for i in 1..null return i`, "", "null"}, {`for i in null return i`, "", "null"}, {`for i in 5 return i`, "", "[5]"}, {`for i in [] return i`, "", "[]"}, {`for d in @"2026-02-27"..@"2026-03-01" return d.day`, "", "[27,28,1]"}, {`for x in [{n: [1,2]}], y in x.n return y`, "", "[1,2]"}, {`for i in 1.5..2 return i`, "", "null"},
		{`some x in [1,2] satisfies x > 1`, "", "true"}, {`some x in [1,2] satisfies x > 2`, "", "false"}, {`some x in [] satisfies true`, "", "false"}, {`some x in [1,null] satisfies x > 1`, "", "null"}, {`some x in [null,2] satisfies x > 1`, "", "true"}, {`every x in [1,2] satisfies x > 0`, "", "true"}, {`every x in [] satisfies false`, "", "true"}, {`every x in [null,0] satisfies x > 0`, "", "false"}, {`every x in [null,1] satisfies x > 0`, "", "null"}, {`some x in [1,2], y in [2,3] satisfies x = y`, "", "true"}, {`some x in null satisfies true`, "", "null"}, {`every d in docs satisfies d.ok`, `{"docs": [{"ok": true}, {"ok": false}]}`, "false"},
		{`(function(a, b) a + b)(1, 2)`, "", "3"}, {`{f: function(n) n * 2, v: f(21)}.v`, "", "42"}, {`{f: function(n) n * k, k: 10, v: f(1)}.v`, "", "null"}, {`{k: 10, f: function(n) n * k, v: f(1)}.v`, "", "10"}, {`(function(a, b) a - b)(b: 1, a: 3)`, "", "2"}, {`(function(a) a)(1, 2)`, "", "null"}, {`(function(arg: number) arg)("foo")`, "", "null"}, {`(function(arg: number) arg)([1])`, "", "1"}, {`(function(arg: list<number>) arg)(1)`, "", "[1]"}, {`{f: function(a) function(b) a + b, v: f(1)(2)}.v`, "", "3"}, {`nothing(1)`, "", "null"}, {`(1)(2)`, "", "null"}, {`(for f in [abs, floor] return f(-1.5))`, "", "[1.5,-2]"},
		{`count(count)`, `{"count": [1, 2]}`, "2"}, {`date < 5`, `{"date": 4}`, "true"}, {`now() = null`, "", "true"}, {`today > @"2026-01-01"`, "", "null"},
		{`is(1, 1.0)`, "", "true"}, {`is(@"2012-12-25", @"2012-12-25T00:00:00Z")`, "", "false"}, {`is(@"23:00:50Z", @"23:00:50+00:00")`, "", "true"}, {`is(@"23:00:50", @"23:00:50Z")`, "", "false"}, {`is(@"23:00:50@Australia/Melbourne", @"23:00:50+10:00")`, "", "true"}, {`is(@"20:00:50+00:00", @"21:00:50+01:00")`, "", "false"}, {`is(@"2002-04-02T12:00:00-01:00", @"2002-04-02T17:00:00+04:00")`, "", "false"}, {`is(@"P0Y", @"P0D")`, "", "false"}, {`is(null, null)`, "", "true"},
	})
}

func TestInstanceOf(t *testing.T) {
	// TCK 0070.
	check(t, []row{
		{`1 instance of number`, "", "true"}, {`"1" instance of number`, "", "false"}, {`"1" instance of string`, "", "true"}, {`true instance of boolean`, "", "true"}, {`@"2026-01-01" instance of date`, "", "true"}, {`@"2026-01-01T00:00:00" instance of date and time`, "", "true"}, {`@"2026-01-01" instance of date and time`, "", "false"}, {`@"10:00:00" instance of time`, "", "true"}, {`@"P1D" instance of days and time duration`, "", "true"}, {`@"P1Y" instance of years and months duration`, "", "true"}, {`@"P1Y" instance of days and time duration`, "", "false"},
		{`null instance of Null`, "", "true"}, {`null instance of Any`, "", "false"}, {`null instance of string`, "", "false"}, {`1 instance of Any`, "", "true"}, {`[1] instance of list<number>`, "", "true"}, {`[1,"a"] instance of list<number>`, "", "false"}, {`[1,"a"] instance of list`, "", "true"}, {`[] instance of list<string>`, "", "true"}, {`{a: 1} instance of context<a: number>`, "", "true"}, {`{a: 1} instance of context<a: string>`, "", "false"}, {`{a: 1} instance of context<b: number>`, "", "false"}, {`[1..3] instance of range<number>`, "", "true"}, {`(function(a) a) instance of function`, "", "true"}, {`(function(a) a) instance of function<number> -> number`, "", "true"}, {`(function() 1) instance of function<number> -> number`, "", "false"}, {`1 + 1 instance of number and true`, "", "null"}, {`(1 + 1) instance of number and true`, "", "true"},
	})
}

func TestIntervals(t *testing.T) {
	// DMN 1.3 table 77, its own examples.
	check(t, []row{
		{`before(1, 10)`, "", "true"}, {`before(10, 1)`, "", "false"}, {`before(1, [1..10])`, "", "false"}, {`before(1, (1..10])`, "", "true"}, {`before([1..10], 10)`, "", "false"}, {`before([1..10), 10)`, "", "true"}, {`before([1..10), [10..20])`, "", "true"}, {`before([1..10], (10..20])`, "", "true"}, {`after(10, 5)`, "", "true"}, {`after([11..20], 12)`, "", "false"}, {`after((10..20], [1..10])`, "", "true"}, {`before(1, "a")`, "", "null"},
		{`meets([1..5], [5..10])`, "", "true"}, {`meets([1..5), [5..10])`, "", "false"}, {`met by([5..10], [1..5])`, "", "true"}, {`meets(1, [1..2])`, "", "null"}, {`overlaps([1..5], [3..8])`, "", "true"}, {`overlaps([1..5], [6..8])`, "", "false"}, {`overlaps([1..5], [5..8])`, "", "true"}, {`overlaps([1..5], (5..8])`, "", "false"}, {`overlaps before([1..5], [3..8])`, "", "true"}, {`overlaps before([3..8], [1..5])`, "", "false"}, {`overlaps before([1..5], [1..5])`, "", "false"}, {`overlaps after([3..8], [1..5])`, "", "true"},
		{`finishes(10, [1..10])`, "", "true"}, {`finishes(10, [1..10))`, "", "false"}, {`finishes([5..10], [1..10])`, "", "true"}, {`finished by([1..10], 10)`, "", "true"}, {`includes([1..10], 5)`, "", "true"}, {`includes([1..10], 12)`, "", "false"}, {`includes([1..10], [4..6])`, "", "true"}, {`includes([1..10), [1..10])`, "", "false"}, {`during(5, [1..10])`, "", "true"}, {`during([1..10), [1..10])`, "", "true"}, {`starts(1, [1..10])`, "", "true"}, {`starts(1, (1..10])`, "", "false"}, {`starts([1..5], [1..10])`, "", "true"}, {`started by([1..10], 1)`, "", "true"}, {`coincides(5, 5)`, "", "true"}, {`coincides([1..5], [1..5])`, "", "true"}, {`coincides([1..5], [1..5))`, "", "false"}, {`coincides(3, 4)`, "", "false"},
	})
}
