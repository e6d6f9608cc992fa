package merkle

import (
	"fmt"
	"testing"
)

// BenchmarkAppend is the sequencer's part: hash the entries of a batch, extend the tree, compute the new root.
func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{256, 4096} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			entry := make([]byte, 400)
			leaves := make([]Hash, batch)
			edge, _ := Edge{}.Append(numbered(70001))
			for b.Loop() {
				for i := range leaves {
					leaves[i] = LeafHash(entry)
				}
				edge, _ = edge.Append(leaves)
				_ = edge.Root()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/leaf")
		})
	}
}

func BenchmarkInclusionProof(b *testing.B) {
	const size = 1_000_000
	edge, tiles := Edge{}.Append(numbered(size))
	stored := map[Tile][]byte{}
	for _, tile := range tiles {
		stored[tile.Tile] = tile.Data
	}
	read := func(t Tile) ([]byte, error) { return stored[t], nil }
	index := int64(0)
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			index = (index + 7919) % size
			if _, err := InclusionProof(size, index, read); err != nil {
				b.Fatal(err)
			}
		}
	})
	proof, err := InclusionProof(size, 123456, read)
	if err != nil {
		b.Fatal(err)
	}
	leaf, root := LeafHash([]byte("leaf 123456")), edge.Root()
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := VerifyInclusion(proof, size, root, 123456, leaf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkVerifyLog(b *testing.B) {
	l, _ := longLog(b)
	for b.Loop() {
		if _, err := VerifyLog(l, l.verifier); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*600), "ns/entry")
}

func BenchmarkCanonical(b *testing.B) {
	envelope := map[string]any{
		"case": "7203948203984", "seq": 12, "at": "2026-11-23T10:50:00.123456Z", "actor": "post:341702-17", "kind": "task.complete",
		"public":  map[string]any{"task": "review", "opinion": "同意", "due": "2026-12-03"},
		"private": map[string]string{"applicant": "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="},
	}
	for b.Loop() {
		if _, err := Canonical(envelope); err != nil {
			b.Fatal(err)
		}
	}
}
