package draw_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

func candidates(n int) (list []draw.Candidate) {
	for i := range n {
		list = append(list, draw.Candidate{Number: fmt.Sprintf("ZR%03d", i), Name: "机构" + strconv.Itoa(i), Fen: int64(100 + i), Days: 5})
	}
	return list
}

// The place is worked out anew here with integers of any size: eight bytes at a time, what lies in the last, incomplete run of n is left out.
func TestPickByAnotherWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var seed draw.Digest
		copy(seed[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		all := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(1))
		runs := new(big.Int).Mul(new(big.Int).Div(all, big.NewInt(int64(n))), big.NewInt(int64(n)))
		want := -1
		for counter := uint64(0); want < 0; counter++ {
			h := sha256.New()
			h.Write(seed[:])
			_ = binary.Write(h, binary.BigEndian, counter)
			sum := h.Sum(nil)
			for part := range slices.Chunk(sum, 8) {
				v := new(big.Int).SetBytes(part)
				if want < 0 && v.Cmp(runs) < 0 {
					want = int(new(big.Int).Mod(v, big.NewInt(int64(n))).Int64())
				}
			}
		}
		if got := draw.Pick(seed, n); got != want {
			t.Fatalf("place %d of %d, want %d", got, n, want)
		}
	})
}

// Each of n candidates is drawn about as often as any other: chi-squared with n−1 degrees of freedom stays below what chance exceeds once in
// a hundred thousand times. The seeds are fixed, so the test says the same every time.
func TestPickIsUniform(t *testing.T) {
	limits := map[int]float64{2: 19.6, 3: 23.1, 7: 33.2, 10: 39.4} // of the table for p = 0.00001
	for n, limit := range limits {
		const draws = 60_000
		counts := make([]float64, n)
		for i := range draws {
			counts[draw.Pick(sha256.Sum256(fmt.Appendf(nil, "seed %d of %d", i, n)), n)]++
		}
		expected, chi := float64(draws)/float64(n), 0.0
		for _, c := range counts {
			chi += (c - expected) * (c - expected) / expected
		}
		if chi > limit {
			t.Errorf("%d candidates: chi-squared %.1f > %.1f: %v", n, chi, limit, counts)
		}
	}
}

// A commitment holds to one list, one nonce and one order: whatever is changed gives another.
func TestCommitmentCannotBeChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := candidates(rapid.IntRange(2, 30).Draw(t, "n"))
		nonce := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "nonce")
		sum, err := draw.Commit("order", list, nonce)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := draw.Commit("order", slices.Clone(list), slices.Clone(nonce)); again != sum {
			t.Fatal("the same gives another commitment")
		}
		other := slices.Clone(list)
		i := rapid.IntRange(0, len(list)-1).Draw(t, "i")
		bent := slices.Clone(nonce)
		order := "order"
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			other[i].Fen++
		case 1:
			other[i].Days++
		case 2:
			other = slices.Delete(other, i, i+1)
		case 3:
			bent[i%32] ^= 1
		case 4:
			order = "other"
		}
		if changed, err := draw.Commit(order, other, bent); err == nil && changed == sum {
			t.Fatal("something else gives the same commitment")
		}
	})
}

func TestListsThatAreNone(t *testing.T) {
	two := candidates(2)
	for name, list := range map[string][]draw.Candidate{"empty": nil, "twice": {two[0], two[0]}, "order": {two[1], two[0]}} {
		if _, err := draw.List(list); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := draw.Commit("o", two, []byte("short")); err == nil {
		t.Error("a short nonce is taken")
	}
}

// world is a log with a draw in it: other entries, the commitment, others, the start, others, the result.
type world struct {
	key     string
	proof   *draw.Proof
	leaves  [][]byte
	signed  string
	entries map[string]int64
}

// logOf signs a tree of entries and answers for receipts and paths as the ledger does.
func newWorld(t *testing.T, between int) *world {
	t.Helper()
	secret, public, err := merkle.GenerateKey(rand.Reader, "test.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := merkle.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	list := candidates(9)
	nonce := sha256.Sum256([]byte("nonce"))
	sum, err := draw.Commit("key", list, nonce[:])
	if err != nil {
		t.Fatal(err)
	}
	w := &world{key: public, entries: map[string]int64{}}
	var hashes []merkle.Hash
	add := func(name string, entry map[string]any) {
		text, err := merkle.Canonical(entry)
		if err != nil {
			t.Fatal(err)
		}
		w.entries[name] = int64(len(hashes))
		hashes = append(hashes, merkle.LeafHash(text))
		w.leaves = append(w.leaves, text)
	}
	filler := func(from string) {
		for i := range between {
			add(from+strconv.Itoa(i), map[string]any{"case": "X" + from + strconv.Itoa(i), "kind": "case.submitted"})
		}
	}
	filler("a")
	add("committed", map[string]any{"case": "ZJ1", "kind": "case.submitted", "data": map[string]any{"commitment": sum.String()}})
	filler("b")
	add("started", map[string]any{"case": "ZJ1", "kind": "task.completed", "data": map[string]any{"task": draw.StepStart, "words": 123}})
	size := int64(len(hashes))
	root := rootOf(hashes)
	seed, winner, err := draw.Winner(root, list, nonce[:])
	if err != nil {
		t.Fatal(err)
	}
	filler("c")
	add("drawn", map[string]any{"case": "ZJ1", "kind": "task.completed", "data": map[string]any{"task": draw.StepDraw, "draw": map[string]any{"winner": winner.Number, "nonce": fmt.Sprintf("%x", nonce)}}})
	signed, err := merkle.Checkpoint{Origin: "test.example/log", Size: int64(len(hashes)), Root: rootOf(hashes)}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	w.signed = string(signed)
	read := reader(hashes)
	receipt := func(name string) merkle.Receipt {
		at := w.entries[name]
		path, err := tlog.ProveRecord(int64(len(hashes)), at, read)
		if err != nil {
			t.Fatal(err)
		}
		return merkle.NewReceipt(w.leaves[at], at, path, signed)
	}
	named, err := tlog.ProveRecord(size, size-1, read)
	if err != nil {
		t.Fatal(err)
	}
	extends, err := tlog.ProveTree(int64(len(hashes)), size, read)
	if err != nil {
		t.Fatal(err)
	}
	drawn := receipt("drawn")
	w.proof = &draw.Proof{
		Version: 1, Order: "ZJ1", Key: "key", Candidates: list, Nonce: fmt.Sprintf("%x", nonce), Committed: receipt("committed"), Started: receipt("started"), Drawn: &drawn,
		Named: named, Root: root, Extends: extends, Checkpoint: w.signed, Seed: seed, Winner: winner.Number,
	}
	return w
}

func rootOf(hashes []merkle.Hash) merkle.Hash {
	root, err := tlog.TreeHash(int64(len(hashes)), reader(hashes))
	if err != nil {
		return merkle.Hash{}
	}
	return root
}

// reader answers for the hashes of a small tree, each worked out from the leaves.
func reader(leaves []merkle.Hash) tlog.HashReaderFunc {
	var node func(level int, n int64) merkle.Hash
	node = func(level int, n int64) merkle.Hash {
		if level == 0 {
			return leaves[n]
		}
		return tlog.NodeHash(node(level-1, 2*n), node(level-1, 2*n+1))
	}
	return func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			level, n := tlog.SplitStoredHashIndex(x)
			out[i] = node(level, n)
		}
		return out, nil
	}
}

func TestProof(t *testing.T) {
	for _, between := range []int{0, 1, 2, 5, 13} {
		w := newWorld(t, between)
		verifier, err := merkle.NewVerifier(w.key)
		if err != nil {
			t.Fatal(err)
		}
		data, err := w.proof.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := draw.ParseProof(data)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := again.Verify(verifier); err != nil {
			t.Fatalf("%d entries between: %v", between, err)
		}
	}
}

// Whatever is changed in a proof, it does not hold any more.
func TestProofThatWasBent(t *testing.T) {
	w := newWorld(t, 3)
	verifier, err := merkle.NewVerifier(w.key)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := json.Marshal(w.proof)
	if err != nil {
		t.Fatal(err)
	}
	for name, bend := range map[string]func(p *draw.Proof){
		"winner":      func(p *draw.Proof) { p.Winner = other(p) },
		"candidate":   func(p *draw.Proof) { p.Candidates[0].Fen = 1 },
		"left out":    func(p *draw.Proof) { p.Candidates = p.Candidates[1:] },
		"nonce":       func(p *draw.Proof) { p.Nonce = fmt.Sprintf("%064x", 7) },
		"no nonce":    func(p *draw.Proof) { p.Nonce = "zz" },
		"seed":        func(p *draw.Proof) { p.Seed[0] ^= 1 },
		"root":        func(p *draw.Proof) { p.Root[0] ^= 1 },
		"order":       func(p *draw.Proof) { p.Order = "ZJ2" },
		"key":         func(p *draw.Proof) { p.Key = "another" },
		"swapped":     func(p *draw.Proof) { p.Committed, p.Started = p.Started, p.Committed },
		"late commit": func(p *draw.Proof) { p.Started = p.Committed },
		"checkpoint":  func(p *draw.Proof) { p.Checkpoint = "x" + p.Checkpoint },
		"extends":     func(p *draw.Proof) { p.Extends = nil },
		"named":       func(p *draw.Proof) { p.Named = p.Named[1:] },
		"result":      func(p *draw.Proof) { p.Drawn = &p.Started },
	} {
		var p draw.Proof
		if err := json.Unmarshal(whole, &p); err != nil {
			t.Fatal(err)
		}
		bend(&p)
		if _, err := p.Verify(verifier); err == nil {
			t.Errorf("%s: it holds", name)
		}
	}
	if _, err := draw.ParseProof([]byte(`{"version":2}`)); !errors.Is(err, draw.ErrForm) {
		t.Errorf("another version: %v", err)
	}
}

func other(p *draw.Proof) string {
	for _, c := range p.Candidates {
		if c.Number != p.Winner {
			return c.Number
		}
	}
	return ""
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte(`{"version":1,"order":"ZJ1","candidates":[{"number":"a"}],"nonce":"00"}`))
	_, public, err := merkle.GenerateKey(rand.Reader, "test.example/log")
	if err != nil {
		f.Fatal(err)
	}
	verifier, err := merkle.NewVerifier(public)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := draw.ParseProof(data)
		if err != nil {
			return
		}
		if _, err := p.Verify(verifier); err == nil {
			t.Error("a proof by nobody holds")
		}
	})
}

// The lowest rule takes the lowest price; of equal ones the shorter term, then the earlier bid. The scored rule is worked out here by hand.
func TestRank(t *testing.T) {
	bids := []draw.Bid{{"A", 1000, 10, 400, 0}, {"B", 900, 20, 0, 1}, {"C", 900, 15, 500, 2}, {"D", 900, 15, 500, 3}}
	order := func(list []draw.Placed) (s string) {
		for _, p := range list {
			s += p.Number
		}
		return s
	}
	if got := order(draw.Rank(draw.Lowest, draw.Weights{}, bids)); got != "CDBA" {
		t.Errorf("lowest: %s", got)
	}
	// A: 60·90 + 25·100 + 15·80 = 9100; B: 60·100 + 25·50 + 0 = 7250; C and D: 60·100 + 25·66 + 15·100 = 9150.
	list := draw.Rank(draw.Scored, draw.Weights{Price: 60, Days: 25, Rating: 15}, bids)
	if got := order(list); got != "CDAB" || list[0].Score != 9150 || list[2].Score != 9100 || list[3].Score != 7250 {
		t.Errorf("scored: %s %+v", got, list)
	}
	if len(draw.Rank(draw.Lowest, draw.Weights{}, nil)) != 0 {
		t.Error("nobody is ranked")
	}
}

// However bids come in, the winner is the same unless two are equal in all that counts; nobody who is cheaper stands behind.
func TestRankProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		bids := make([]draw.Bid, n)
		for i := range bids {
			bids[i] = draw.Bid{Number: strconv.Itoa(i), Fen: rapid.Int64Range(1, 50).Draw(t, "fen"), Days: rapid.IntRange(1, 9).Draw(t, "days"), Rating: rapid.Int64Range(0, 500).Draw(t, "rating"), Order: int64(i)}
		}
		mixed := rapid.Permutation(bids).Draw(t, "mixed")
		for _, rule := range []draw.Rule{draw.Lowest, draw.Scored} {
			w := draw.Weights{Price: 60, Days: 25, Rating: 15}
			a, b := draw.Rank(rule, w, bids), draw.Rank(rule, w, mixed)
			for i := range a {
				if a[i] != b[i] {
					t.Fatalf("%s: the order in which bids are looked at counts: %+v, %+v", rule, a, b)
				}
				if a[i].Score < 0 || a[i].Score > 10_000 {
					t.Fatalf("score %d", a[i].Score)
				}
				if i > 0 && (rule == draw.Lowest && a[i].Fen < a[i-1].Fen || rule == draw.Scored && a[i].Score > a[i-1].Score) {
					t.Fatalf("%s: %+v stands behind %+v", rule, a[i], a[i-1])
				}
			}
		}
	})
}

func TestConcentrate(t *testing.T) {
	for _, x := range []struct {
		orders   []int64
		hhi, top int64
	}{{nil, 0, 0}, {[]int64{7}, 10_000, 10_000}, {[]int64{1, 1, 1, 1}, 2500, 2500}, {[]int64{6, 2, 2}, 4400, 6000}, {[]int64{0, 3}, 10_000, 10_000}} {
		if c := draw.Concentrate(x.orders); c.HHI != x.hhi || c.Top != x.top {
			t.Errorf("%v: %+v", x.orders, c)
		}
	}
}

// What put the first before the second, by hand for each rule.
func TestDecided(t *testing.T) {
	bid := func(fen int64, days int, order, score int64) draw.Placed {
		return draw.Placed{Bid: draw.Bid{Fen: fen, Days: days, Order: order}, Score: score}
	}
	for name, row := range map[string]struct {
		rule draw.Rule
		bids []draw.Placed
		want draw.Edge
	}{
		"none":          {draw.Lowest, nil, draw.NoEdge},
		"one":           {draw.Scored, []draw.Placed{bid(5, 1, 0, 90)}, draw.Alone},
		"cheaper":       {draw.Lowest, []draw.Placed{bid(6, 1, 0, 0), bid(5, 9, 1, 0)}, draw.ByPrice},
		"quicker":       {draw.Lowest, []draw.Placed{bid(5, 9, 0, 0), bid(5, 8, 1, 0)}, draw.ByDays},
		"earlier":       {draw.Lowest, []draw.Placed{bid(5, 9, 1, 0), bid(5, 9, 0, 0)}, draw.ByOrder},
		"better":        {draw.Scored, []draw.Placed{bid(5, 9, 0, 80), bid(9, 9, 1, 81)}, draw.ByScore},
		"equal, scored": {draw.Scored, []draw.Placed{bid(6, 8, 0, 80), bid(5, 9, 1, 80)}, draw.ByPrice},
	} {
		draw.Sort(row.rule, row.bids)
		if got := draw.Decided(row.rule, row.bids); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}
