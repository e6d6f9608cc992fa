package feel_test

import (
	"testing"

	"openhall.org/openhall/internal/core/feel"
)

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := feel.Parse(`amount > 100 and kind = "x"`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEval: the goal for a condition is less than a microsecond.
func BenchmarkEval(b *testing.B) {
	vars := feel.Vars{"amount": feel.Int(250), "kind": "x", "items": feel.List{feel.Int(1), feel.Int(5), feel.Int(9)}}
	for name, src := range map[string]string{"condition": `amount > 100 and kind = "x"`, "sum": `amount * 1.05 + 3`, "filter": `count(items[item > 2]) >= 2`, "date": `date("2026-01-31") + @"P1M" < @"2026-03-01"`} {
		e, err := feel.Parse(src)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Eval(vars); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	u, err := feel.ParseUnaryTests(`[1..5), > 100`)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("cell", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := u.Match(vars["amount"], vars); err != nil {
				b.Fatal(err)
			}
		}
	})
}
