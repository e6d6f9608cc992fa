package document

import "slices"

// edges are where the columns of a grid begin and end. Each has its share of the width, and more where its longest word would be divided, at
// the cost of those that have room: English needs wider columns than Chinese, which breaks anywhere.
func (x *setter) edges(g *Grid) ([]float64, error) {
	need, err := x.needs(g)
	if err != nil {
		return nil, err
	}
	width, fixed := make([]float64, len(need)), make([]bool, len(need))
	for {
		left, shares := paperWidth, 0.0
		for i, share := range g.Columns {
			if fixed[i] {
				left -= need[i]
			} else {
				shares += share
			}
		}
		again := false
		for i, share := range g.Columns {
			switch {
			case fixed[i]:
				width[i] = need[i]
			default:
				width[i] = left * share / shares
				if width[i] < need[i] {
					fixed[i], again = true, true
				}
			}
		}
		if !again {
			break
		}
		if total(need) > paperWidth || !slices.Contains(fixed, false) { // there is no room for all: each has its share
			whole := total(g.Columns)
			for i, share := range g.Columns {
				width[i] = paperWidth * share / whole
			}
			break
		}
	}
	edges := make([]float64, len(width)+1)
	edges[0] = paperLeft
	for i, w := range width {
		edges[i+1] = edges[i] + w
	}
	return edges, nil
}

// needs are the widths of the longest words of the columns, with the room beside them. Words of cells that reach over several columns do not count.
func (x *setter) needs(g *Grid) ([]float64, error) {
	const give = 0.1 // mm, for rounding
	need := make([]float64, len(g.Columns))
	taken := make([]int, len(g.Columns))
	for r, row := range g.Rows {
		column := 0
		for _, c := range row {
			for column < len(taken) && taken[column] > r {
				column++
			}
			across := max(1, c.Across)
			if column+across > len(taken) {
				return need, nil // no rectangle, as [setter.place] says
			}
			for k := column; k < column+across; k++ {
				taken[k] = r + max(1, c.Down)
			}
			if across == 1 {
				s := g.style(c)
				atoms, err := x.atoms(&s, c.Text)
				if err != nil {
					return nil, err
				}
				for _, a := range atoms {
					if !a.space {
						need[column] = max(need[column], a.width+2*gridPad+give)
					}
				}
			}
			column += across
		}
	}
	return need, nil
}

// style is how a cell is set.
func (g *Grid) style(c GridCell) style {
	s := style{faces: plainFaces, size: g.Size, colour: black}
	if s.size == 0 {
		s.size = gridText
	}
	if c.Bold {
		s.faces = boldFaces
	}
	return s
}
