package feel_test

import "testing"

func TestNumberFunctions(t *testing.T) {
	// DMN 1.3 table 75; TCK 0105 (level 2), 1100 to 1102, 1141 to 1144.
	check(t, []row{
		{`decimal(1/3, 2)`, "", "0.33"}, {`decimal(1.5, 0)`, "", "2"}, {`decimal(2.5, 0)`, "", "2"}, {`decimal(0.505, 2)`, "", "0.5"}, {`decimal(0.515, 2)`, "", "0.52"},
		{`decimal(1.115, 2)`, "", "1.12"}, {`decimal(10.001, 1)`, "", "10"}, {`decimal(125.4321987654, -2)`, "", "100"}, {`decimal(1, 6177)`, "", "null"}, {`decimal(1, -6112)`, "", "null"}, {`decimal("1", 2)`, "", "null"}, {`decimal(1)`, "", "null"},
		{`floor(1.5)`, "", "1"}, {`floor(-1.5)`, "", "-2"}, {`floor(-0.01)`, "", "-1"}, {`ceiling(0.01)`, "", "1"}, {`round up(0.0001, 2)`, "", "0.01"}, {`round up(-0.0001, 2)`, "", "-0.01"}, {`decimal(0.05, 1)`, "", "0"}, {`decimal(0.05001, 1)`, "", "0.1"}, {`round half up(0.5, 0)`, "", "1"}, {`round half down(-0.5, 0)`, "", "0"}, {`floor(-1.56, 1)`, "", "-1.6"}, {`floor(null)`, "", "null"}, {`ceiling(1.5)`, "", "2"}, {`ceiling(-1.5)`, "", "-1"}, {`ceiling(-1.56, 1)`, "", "-1.5"}, {`floor(9999999999999999999999999999999999.0)`, "", "9999999999999999999999999999999999"},
		{`round up(5.5, 0)`, "", "6"}, {`round up(-5.5, 0)`, "", "-6"}, {`round up(1.121, 2)`, "", "1.13"}, {`round up(-1.126, 2)`, "", "-1.13"}, {`round up(100, -3)`, "", "1000"},
		{`round down(5.5, 0)`, "", "5"}, {`round down(-5.5, 0)`, "", "-5"}, {`round down(1.126, 2)`, "", "1.12"},
		{`round half up(5.5, 0)`, "", "6"}, {`round half up(-5.5, 0)`, "", "-6"}, {`round half up(1.126, 2)`, "", "1.13"}, {`round half down(5.5, 0)`, "", "5"}, {`round half down(-5.5, 0)`, "", "-5"}, {`round half down(1.126, 2)`, "", "1.13"},
		{`abs(-1)`, "", "1"}, {`abs(@"-PT5H")`, "", `"PT5H"`}, {`abs(@"-P5Y")`, "", `"P5Y"`}, {`abs("x")`, "", "null"}, {`abs(number: -2)`, "", "2"},
		{`modulo(12, 5)`, "", "2"}, {`modulo(-12, 5)`, "", "3"}, {`modulo(12, -5)`, "", "-3"}, {`modulo(-12, -5)`, "", "-2"}, {`modulo(10.1, 4.5)`, "", "1.1"}, {`modulo(-10.1, 4.5)`, "", "3.4"}, {`modulo(1, 0)`, "", "null"}, {`modulo(dividend: 5, divisor: 3)`, "", "2"},
		{`sqrt(16)`, "", "4"}, {`sqrt(2)`, "", "1.414213562373095048801688724209698"}, {`sqrt(-3)`, "", "null"}, {`sqrt("x")`, "", "null"},
		{`decimal(log(4), 8)`, "", "1.38629436"}, {`log(0)`, "", "null"}, {`log(-1)`, "", "null"}, {`exp(0)`, "", "1"}, {`exp(1)`, "", "2.718281828459045235360287471352662"}, {`exp(1000000)`, "", "null"}, {`exp(-1000000)`, "", "0"},
		{`odd(5)`, "", "true"}, {`odd(-1)`, "", "true"}, {`odd(2)`, "", "false"}, {`even(2)`, "", "true"}, {`even(0)`, "", "true"}, {`even(5)`, "", "false"}, {`odd(1.5)`, "", "null"}, {`even("2")`, "", "null"},
	})
}

func TestStringFunctions(t *testing.T) {
	// DMN 1.3 table 73; TCK 1103 to 1111, 0067 (split), 0083 (Unicode).
	check(t, []row{
		{`substring("f",1)`, "", `"f"`}, {`substring("foobar",6)`, "", `"r"`}, {`substring("foobar",3,3)`, "", `"oba"`}, {`substring("foobar",-2,1)`, "", `"a"`}, {`substring("foob r",-2,1)`, "", `" "`},
		{`substring("foobar",-6,6)`, "", `"foobar"`}, {`substring("foobar",3,3.8)`, "", `"oba"`}, {`substring(string:"foobar",start position :3)`, "", `"obar"`}, {`substring("foobar", 0)`, "", "null"}, {`substring("foobar", 7)`, "", "null"}, {`substring("foobar", 2, 100)`, "", `"oobar"`},
		{`substring("行政许可法", 3, 2)`, "", `"许可"`}, {`substring("a🐎b", 2, 1)`, "", `"🐎"`}, {`substring("\U01F40Eab", 2)`, "", `"ab"`}, {`substring("x", null)`, "", "null"},
		{`string length("")`, "", "0"}, {`string length("行政许可")`, "", "4"}, {`string length("🐎😀")`, "", "2"}, {`string length("\uD83D\uDC0E")`, "", "1"}, {`string length(1)`, "", "null"}, {`string length("𠮷")`, "", "1"},
		{`upper case("aBc4")`, "", `"ABC4"`}, {`lower case("aBc4")`, "", `"abc4"`}, {`trim("  a b ")`, "", `"a b"`},
		{`substring before("foobar", "bar")`, "", `"foo"`}, {`substring before("foobar", "xyz")`, "", `""`}, {`substring before("foobar", "o")`, "", `"f"`}, {`substring after("foobar", "ob")`, "", `"ar"`}, {`substring after("", "a")`, "", `""`}, {`substring after("foobar", "xyz")`, "", `""`},
		{`contains("foobar", "ob")`, "", "true"}, {`contains("foobar", "of")`, "", "false"}, {`contains("foobar", null)`, "", "null"}, {`starts with("foobar", "fo")`, "", "true"}, {`ends with("foobar", "r")`, "", "true"}, {`ends with("foobar", "x")`, "", "false"},
		{`matches("foobar", "^fo*b")`, "", "true"}, {`matches("FOO", "foo", "i")`, "", "true"}, {`matches("a\nb", "a.b")`, "", "false"}, {`matches("a\nb", "a.b", "s")`, "", "true"}, {`matches("hello", "he l lo", "x")`, "", "true"}, {`matches("x", "(")`, "", "null"}, {`matches("x", "x", "z")`, "", "null"}, {`matches("12", "^\d+$")`, "", "true"}, {`matches("12", "^\\d+$")`, "", "true"},
		{`replace("banana", "a", "o")`, "", `"bonono"`}, {`replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")`, "", `"[1=ab][2=]cd"`}, {`replace("a", "a", "\\$1")`, "", `"$1"`}, {`replace("A", "a", "b", "i")`, "", `"b"`}, {`replace("x", "[", "y")`, "", "null"},
		{`split("John Doe", "\\s")`, "", `["John","Doe"]`}, {`split("a;b;c;;", ";")`, "", `["a","b","c","",""]`}, {`split("a", null)`, "", "null"},
		{`string join(["a","b","c"], "_and_")`, "", `"a_and_b_and_c"`}, {`string join(["a",null,"c"], "-")`, "", `"a-c"`}, {`string join([])`, "", `""`}, {`string join(["a",1])`, "", "null"}, {`string join(["a","b"], ", ", "[", "]")`, "", `"[a, b]"`},
		{`"\"q\" \\ \t"`, "", `"\"q\" \\ \t"`}, {`"\u4E2D"`, "", `"中"`},
	})
}

func TestConversions(t *testing.T) {
	// DMN 1.3 table 71; TCK 0058 (number), 1115 to 1121.
	check(t, []row{
		{`number("1 000.05", " ", ".")`, "", "1000.05"}, {`number("1.000,05", ".", ",")`, "", "1000.05"}, {`number("1,000", ",", null)`, "", "1000"}, {`number("1", ",", ",")`, "", "null"}, {`number("1", "x", ".")`, "", "null"}, {`number("12.50")`, "", "12.5"}, {`number("abc")`, "", "null"}, {`number("Infinity")`, "", "null"}, {`number("0x10")`, "", "null"}, {`number(null)`, "", "null"}, {`number("1.2.3")`, "", "null"}, {`number(from: "1,5", grouping separator: ".", decimal separator: ",")`, "", "1.5"},
		{`string(1.10)`, "", `"1.1"`}, {`string("x")`, "", `"x"`}, {`string(null)`, "", "null"}, {`string(true)`, "", `"true"`}, {`string(@"2026-01-31")`, "", `"2026-01-31"`}, {`string(@"P1DT2H")`, "", `"P1DT2H"`}, {`string([1, "a", null])`, "", `"[1, \"a\", null]"`}, {`string({a: 1, "b c": @"P1Y"})`, "", `"{a: 1, b c: @\"P1Y\"}"`}, {`string([1..5))`, "", `"[1..5)"`}, {`string(10 ** 20)`, "", `"100000000000000000000"`},
		{`date("2017-12-31")`, "", `"2017-12-31"`}, {`date("-2017-12-31")`, "", `"-2017-12-31"`}, {`date("999999999-12-31")`, "", `"999999999-12-31"`}, {`date("2017-02-29")`, "", "null"}, {`date("2017-13-01")`, "", "null"}, {`date("02017-01-01")`, "", "null"}, {`date("+2017-01-01")`, "", "null"}, {`date("2017-1-1")`, "", "null"}, {`date("")`, "", "null"}, {`date()`, "", "null"}, {`date(null)`, "", "null"}, {`date(2017, 2)`, "", "null"}, {`date(2016, 2, 29)`, "", `"2016-02-29"`}, {`date(2017, 1, null)`, "", "null"}, {`date(year: 2017, month: 8, day: 30)`, "", `"2017-08-30"`}, {`date(date and time("2017-08-14T14:25:00"))`, "", `"2017-08-14"`}, {`date(2017, 8, 32)`, "", "null"}, {`date("2017-08-30T10:00:00")`, "", "null"},
		{`time("23:59:00")`, "", `"23:59:00"`}, {`time("11:22:33.123456789")`, "", `"11:22:33.123456789"`}, {`time("11:22:33-00:00")`, "", `"11:22:33Z"`}, {`time("13:20:00+02:00")`, "", `"13:20:00+02:00"`}, {`string(time("00:01:00@Europe/Paris"))`, "", `"00:01:00@Europe/Paris"`}, {`time(date and time("2017-08-10T10:20:00+01:00"))`, "", `"10:20:00+01:00"`}, {`time(11, 59, 45, null)`, "", `"11:59:45"`}, {`time(11, 59, 45, duration("PT0H"))`, "", `"11:59:45Z"`}, {`time(11, 59, 0, duration("-PT2H1M"))`, "", `"11:59:00-02:01"`}, {`time(11, 59, 45.5)`, "", `"11:59:45.5"`}, {`time(2017)`, "", "null"}, {`time([])`, "", "null"}, {`time("")`, "", "null"}, {`time("23:59:60")`, "", "null"}, {`time("24:00:01")`, "", "null"}, {`time("25:00:00")`, "", "null"}, {`time("00:60:00")`, "", "null"}, {`time("7:00:00")`, "", "null"}, {`time("07:01:2")`, "", "null"}, {`time("13:20:00@xyz/abc")`, "", "null"}, {`time("13:20:00+19:00")`, "", "null"}, {`time("13:20:00+5:00")`, "", "null"}, {`time("13:20:00+02:00@Europe/Paris")`, "", "null"}, {`time("7:20")`, "", "null"}, {`time("11:30:00T")`, "", "null"}, {`time(24, 0, 0)`, "", "null"}, {`time("24:00:00")`, "", `"00:00:00"`},
		{`date and time("2012-12-24")`, "", `"2012-12-24T00:00:00"`}, {`date and time("2017-12-31T11:22:33.345")`, "", `"2017-12-31T11:22:33.345"`}, {`date and time("2017-12-31T24:00:00")`, "", `"2018-01-01T00:00:00"`}, {`date and time("2011-12-3T10:15:30")`, "", "null"}, {`date and time(date("2017-08-10"), time("10:20:00Z"))`, "", `"2017-08-10T10:20:00Z"`}, {`date and time(date: @"2017-08-10", time: @"10:20:00")`, "", `"2017-08-10T10:20:00"`}, {`date and time(@"2017-08-10T23:00:00", @"10:20:00")`, "", `"2017-08-10T10:20:00"`}, {`date and time("2017-08-10", "x")`, "", "null"},
		{`duration("P1D")`, "", `"P1D"`}, {`duration("PT0.999S")`, "", `"PT0.999S"`}, {`duration("P1DT2H3M4.123456789S")`, "", `"P1DT2H3M4.123456789S"`}, {`duration("PT0.000S")`, "", `"PT0S"`}, {`duration("PT24H")`, "", `"P1D"`}, {`duration("-PT1M")`, "", `"-PT1M"`}, {`duration("PT555M")`, "", `"PT9H15M"`}, {`duration("P999999999M")`, "", `"P83333333Y3M"`}, {`duration("-P99999999Y")`, "", `"-P99999999Y"`}, {`duration("P26M")`, "", `"P2Y2M"`}, {`duration("P0Y")`, "", `"P0M"`}, {`duration(from:"P1Y")`, "", `"P1Y"`}, {`duration("")`, "", "null"}, {`duration("1Y")`, "", "null"}, {`duration("P")`, "", "null"}, {`duration("P0")`, "", "null"}, {`duration("P1H")`, "", "null"}, {`duration("PT")`, "", "null"}, {`duration("P1YT")`, "", "null"}, {`duration("P1Y1D")`, "", "null"}, {`duration("P1M1Y")`, "", "null"}, {`duration("PT1.S")`, "", "null"}, {`duration("P1.5D")`, "", "null"},
		{`years and months duration(date("2011-12-22"), date("2013-08-24"))`, "", `"P1Y8M"`}, {`years and months duration(@"2013-08-24", @"2011-12-22")`, "", `"-P1Y8M"`}, {`years and months duration(@"2016-01-31", @"2016-02-29")`, "", `"P0M"`}, {`years and months duration(from: @"2014-12-31T23:59:59", to: @"2019-10-01T12:32:59")`, "", `"P4Y9M"`}, {`years and months duration(null, @"2019-10-01")`, "", "null"},
		{`day of week(@"2026-11-23")`, "", `"Monday"`}, {`month of year(@"2026-11-23")`, "", `"November"`}, {`day of year(@"2024-12-31")`, "", "366"}, {`week of year(@"2005-01-01")`, "", "53"}, {`week of year(@"2026-11-23T00:00:00Z")`, "", "48"}, {`day of week("x")`, "", "null"},
	})
}

func TestProperties(t *testing.T) {
	// TCK 0074.
	check(t, []row{
		{`{a: "foo"}.a`, "", `"foo"`}, {`{a: 1}.b`, "", "null"}, {`date("2018-12-10").year`, "", "2018"}, {`date("2018-12-10").month`, "", "12"}, {`date("2018-12-10").day`, "", "10"}, {`date("2018-12-10").weekday`, "", "1"}, {`@"1969-12-28".weekday`, "", "7"},
		{`date and time("2018-12-10T10:30:01").hour`, "", "10"}, {`date and time("2018-12-10").minute`, "", "0"}, {`date and time("2018-12-10T10:30:01").second`, "", "1"}, {`date and time("2018-12-10T10:30:01").weekday`, "", "1"}, {`date and time("2018-12-10T10:30:00+05:00").time offset`, "", `"PT5H"`}, {`date and time("2018-12-10T10:30:00").time offset`, "", "null"}, {`date and time("2018-12-10T10:30:00@Etc/UTC").timezone`, "", `"Etc/UTC"`}, {`date and time("2018-12-10T10:30:00@Asia/Shanghai").time offset`, "", `"PT8H"`}, {`time("10:30:00").timezone`, "", "null"}, {`time("10:30:01").minute`, "", "30"},
		{`duration("P1Y2M").years`, "", "1"}, {`duration("P2M").years`, "", "0"}, {`duration("P14M").months`, "", "2"}, {`duration("P1Y").days`, "", "null"}, {`duration("P1D").years`, "", "null"}, {`duration("P1DT2H").days`, "", "1"}, {`duration("PT26H").hours`, "", "2"}, {`duration("-P1DT2H").hours`, "", "-2"}, {`duration("PT2M").minutes`, "", "2"}, {`duration("PT2S").seconds`, "", "2"},
		{`[1..10).start`, "", "1"}, {`]1..10].end included`, "", "true"}, {`(1..10].start included`, "", "false"}, {`[1..10[.end`, "", "10"}, {`"x".length`, "", "null"}, {`null.a`, "", "null"},
	})
}
