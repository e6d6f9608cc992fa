package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// varied makes records of about 1,000 characters out of 20,000 words of two or three.
func varied(docs int) []*Doc {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 20000)
	for i := range words {
		w := make([]rune, 2+r.IntN(2))
		for j := range w {
			w[j] = rune(0x4E00 + int(3000*r.Float64()*r.Float64()*r.Float64()))
		}
		words[i] = string(w)
	}
	out := make([]*Doc, docs)
	for i := range out {
		var b strings.Builder
		for n := 0; n < 1000; {
			w := words[int(20000*r.Float64()*r.Float64()*r.Float64())]
			b.WriteString(w)
			n += len(w) / 3
			if r.IntN(6) == 0 {
				b.WriteString("，")
			}
		}
		d := randomDoc(r, 1)
		d.Title, d.Text, d.Number = words[r.IntN(20000)]+words[r.IntN(20000)], b.String(), fmt.Sprintf("政〔2013〕%d号", i)
		out[i] = &d
	}
	return out
}

// BenchmarkBuild turns 1,000 records of 1,000 characters into rows.
func BenchmarkBuild(b *testing.B) {
	docs := varied(1000)
	var preparer Preparer
	size := 0
	for b.Loop() {
		p, err := preparer.prepare(docs)
		if err != nil {
			b.Fatal(err)
		}
		size = 0
		for _, r := range p.rows {
			size += len(r.data)
		}
	}
	b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(size)/float64(len(docs)), "bytes/record")
}
