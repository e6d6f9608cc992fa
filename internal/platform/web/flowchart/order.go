package flowchart

// item is one line of the list in words.
type item struct {
	node Node
	next []next
}

// next is one way on from a node.
type next struct{ label, toID string }

// list puts the nodes into the order in which the procedure meets them, each once: breadth first from the starts, then what no start
// reaches.
func (c Chart) list() []item {
	byID := make(map[string]Node, len(c.Nodes))
	out := make(map[string][]Edge, len(c.Nodes))
	for _, n := range c.Nodes {
		byID[n.ID] = n
	}
	for _, e := range c.Edges {
		out[e.From] = append(out[e.From], e)
	}
	border, inside := make(map[string][]Node), make(map[string][]string)
	for _, n := range c.Nodes {
		if n.On != "" {
			border[n.On] = append(border[n.On], n)
		}
		if n.Within != "" && n.Kind == StartEvent {
			inside[n.Within] = append(inside[n.Within], n.ID)
		}
	}
	seen := make(map[string]bool, len(c.Nodes))
	items := make([]item, 0, len(c.Nodes))
	visit := func(start string) {
		queue := []string{start}
		for len(queue) > 0 {
			n, known := byID[queue[0]]
			queue = queue[1:]
			if !known || seen[n.ID] {
				continue
			}
			seen[n.ID] = true
			it := item{node: n}
			queue = append(queue, inside[n.ID]...)
			for _, e := range out[n.ID] {
				it.next = append(it.next, next{e.Label, e.To})
				queue = append(queue, e.To)
			}
			for _, b := range border[n.ID] { // an event on the border is one of the ways on from its activity
				seen[b.ID] = true
				for _, e := range out[b.ID] {
					it.next = append(it.next, next{b.Label, e.To})
					queue = append(queue, e.To)
				}
			}
			items = append(items, it)
		}
	}
	for _, n := range c.Nodes {
		if n.Kind == StartEvent && n.Within == "" {
			visit(n.ID)
		}
	}
	for _, n := range c.Nodes {
		visit(n.ID)
	}
	return items
}

// Order returns the nodes in the order in which the procedure meets them.
func (c Chart) Order() []Node {
	items := c.list()
	nodes := make([]Node, len(items))
	for i := range items {
		nodes[i] = items[i].node
	}
	return nodes
}

// laneOf names the lane in which the middle of the node stands, the innermost when they are nested.
func (c Chart) laneOf(n Node) string {
	x, y := n.Box.X+n.Box.W/2, n.Box.Y+n.Box.H/2
	name, area := "", 0.0
	for _, l := range c.Lanes {
		inside := x >= l.Box.X && x <= l.Box.X+l.Box.W && y >= l.Box.Y && y <= l.Box.Y+l.Box.H
		if size := l.Box.W * l.Box.H; inside && (name == "" || size < area) {
			name, area = l.Name, size
		}
	}
	return name
}
