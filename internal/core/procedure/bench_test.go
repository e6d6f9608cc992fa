package procedure

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/feel"
)

// BenchmarkStep completes the acceptance of a licence: a condition, a timer disarmed, a clock started, a document, the next task.
// Goal: at most 5 µs.
func BenchmarkStep(b *testing.B) {
	d := readFile(b, "licence.bpmn")
	e := &Engine{Due: func(_ TimerSpec, from time.Time) (time.Time, error) { return from.AddDate(0, 0, 7), nil }}
	s, _, err := e.Step(d, State{}, Input{Kind: InputStart, Vars: Variables{"item": "food", "amount": feel.Int(3)}}, epoch)
	if err != nil {
		b.Fatal(err)
	}
	in := Input{Kind: InputComplete, Token: s.Tokens[0].ID, Vars: Variables{"complete": true}}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := e.Step(d, s, in, epoch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkState stores and reads the state of a joint review by five departments.
func BenchmarkState(b *testing.B) {
	d := readFile(b, "camunda.bpmn")
	items := feel.List{"water", "fire", "land", "roads", "health"}
	s, _, err := (&Engine{}).Step(d, State{}, Input{Kind: InputStart, Vars: Variables{"departments": items}}, epoch)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		data, err := json.Marshal(s)
		if err != nil {
			b.Fatal(err)
		}
		var again State
		if err := json.Unmarshal(data, &again); err != nil {
			b.Fatal(err)
		}
		size = len(data)
	}
	b.ReportMetric(float64(size), "bytes")
}

// BenchmarkParse reads a file of a licence with its diagram.
func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/licence.bpmn")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck examines the same file with all its states.
func BenchmarkCheck(b *testing.B) {
	d := readFile(b, "licence.bpmn")
	for b.Loop() {
		if found := Check(d, Options{}); len(found) > 0 {
			b.Fatal(found)
		}
	}
}

// BenchmarkDifference tells two versions of a chart of 150 elements apart, one in three of them changed. Goal: at most 200 ms.
func BenchmarkDifference(b *testing.B) {
	older, newer := wide(b, ""), wide(b, "改")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = len(Difference(older, newer))
	}
	b.ReportMetric(float64(n), "changes")
}

// wide is a chart of 150 elements in a row.
func wide(b *testing.B, word string) *Definition {
	b.Helper()
	var sketch strings.Builder
	sketch.WriteString("start s\nend e\n")
	const steps = 148
	for i := range steps {
		name := "u" + strconv.Itoa(i)
		if i%3 == 0 {
			name += " lane=head" + word
		}
		sketch.WriteString("user " + name + "\n")
	}
	last := "s"
	for i := range steps {
		next := "u" + strconv.Itoa(i)
		sketch.WriteString(last + " -> " + next + "\n")
		last = next
	}
	sketch.WriteString(last + " -> e\n")
	d, err := Parse(draw(sketch.String()))
	if err != nil {
		b.Fatal(err)
	}
	return d
}
