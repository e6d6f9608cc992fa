package statute

// Band is one step of a fee scale: the things from From to To cost Each apiece.
type Band struct {
	From int64 `json:"from" yaml:"from"`           // the first thing it covers, counted from 1
	To   int64 `json:"to,omitempty" yaml:"to"`     // the last; 0: no end
	Each int64 `json:"each" yaml:"each"`           // price of one, in fen
	Size int64 `json:"size,omitempty" yaml:"size"` // of an open band: after every so many things the price rises; 0: never
	Rise int64 `json:"rise,omitempty" yaml:"rise"` // by so much, in fen
}

// Bands is a progressive scale: each thing is charged at the price of the band it falls into (超额累进).
type Bands []Band

// Charge returns the price of n things, in fen.
func (bs Bands) Charge(n int64) int64 {
	var sum int64
	for _, b := range bs {
		if n < b.From {
			break
		}
		last := n
		if b.To != 0 {
			last = min(n, b.To)
		}
		k := last - b.From + 1
		sum += k * b.Each
		if b.Size > 0 {
			// The k things fill whole steps 0, 1, … whole-1 of Size things each, and k%Size of the next one.
			whole := k / b.Size
			sum += b.Rise * (b.Size*(whole*(whole-1)/2) + (k%b.Size)*whole)
		}
	}
	return sum
}
