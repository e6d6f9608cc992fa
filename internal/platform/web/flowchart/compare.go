package flowchart

import (
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
)

// Compared draws two versions of a procedure with what differs between them: on the newer one what was added, changed or moved, on the older
// one what is gone. IDs and descriptions are left to the page.
func Compared(older, newer *procedure.Definition, changes []procedure.Change, tag lang.Tag) (was, is Chart) {
	turns := make(map[string]Turn, len(changes))
	for _, c := range changes {
		turns[c.ID] = Turn(c.What)
	}
	was, is = FromProcedure(older, tag, nil), FromProcedure(newer, tag, nil)
	mark := func(c *Chart, keep func(Turn) bool) {
		for i := range c.Nodes {
			if t := turns[c.Nodes[i].ID]; keep(t) {
				c.Nodes[i].Turn = t
			}
		}
		for i := range c.Edges {
			if t := turns[c.Edges[i].ID]; keep(t) {
				c.Edges[i].Turn = t
			}
		}
	}
	mark(&was, func(t Turn) bool { return t == Removed })
	mark(&is, func(t Turn) bool { return t != Removed })
	return was, is
}
