package draw

// Concentration says how far the orders of a body went to few agencies (集中度).
type Concentration struct {
	Orders int64
	Fen    int64
	Top    int64 // share of the largest agency, in hundredths of a percent
	HHI    int64 // Herfindahl-Hirschman index by orders: 0 to 10,000
	Agents int
}

const whole = 10_000

// Concentrate counts shares, given the orders of each agency. The index is the sum of the squares of the shares in percent, rounded down
// once at the end: Σ(nᵢ²)·10,000/N².
func Concentrate(orders []int64) Concentration {
	var c Concentration
	var squares, top int64
	for _, n := range orders {
		if n <= 0 {
			continue
		}
		c.Orders += n
		c.Agents++
		squares += n * n
		top = max(top, n)
	}
	if c.Orders == 0 {
		return c
	}
	c.Top = top * whole / c.Orders
	c.HHI = squares * whole / (c.Orders * c.Orders)
	return c
}
