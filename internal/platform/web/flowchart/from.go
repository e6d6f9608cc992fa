package flowchart

import (
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
)

// FromProcedure makes the chart of a procedure, in the reader's language, where its own diagram puts everything. With progress it is
// the chart of one case: what was done, what is open, which way it went; nil draws the procedure as it is published. ID and
// Description are left to the page. A definition without a diagram gives a chart that can be read as a list only.
func FromProcedure(d *procedure.Definition, tag lang.Tag, progress *Progress) Chart {
	c := Chart{Title: titleOf(d.Main.Title, d.Main.Name, tag)}
	t := progress.trace(d)
	lanes := map[string]*procedure.Lane{}
	for _, p := range d.Processes {
		for _, l := range p.Lanes {
			lanes[l.ID] = l
		}
	}
	flows := map[string]*procedure.Flow{}
	for _, e := range d.Elements() {
		for _, f := range e.Outgoing {
			flows[f.ID] = f
		}
	}
	drawing := d.Diagram()
	for _, s := range drawing.Shapes {
		if l := lanes[s.Element]; l != nil {
			c.Lanes = append(c.Lanes, Lane{Name: titleOf(l.Title, l.Name, tag), Box: box(s.Bounds)})
		} else if e := d.Element(s.Element); e != nil {
			n := nodeOf(e, tag)
			n.Box, n.Expanded, n.State = box(s.Bounds), s.Expanded && e.Inner != nil, t.state[e]
			if n.outside() {
				n.LabelBox = box(s.Label)
			}
			c.Nodes = append(c.Nodes, n)
		}
	}
	if len(c.Nodes) == 0 {
		for _, e := range d.Elements() {
			n := nodeOf(e, tag)
			n.State = t.state[e]
			c.Nodes = append(c.Nodes, n)
		}
	}
	drawn := map[*procedure.Flow]bool{}
	for _, s := range drawing.Edges {
		if f := flows[s.Element]; f != nil {
			drawn[f] = true
			e := edgeOf(f, tag)
			e.Done, e.LabelBox = t.taken[f], box(s.Label)
			for _, p := range s.Points {
				e.Points = append(e.Points, Point(p))
			}
			c.Edges = append(c.Edges, e)
		}
	}
	for _, e := range d.Elements() { // a flow that is not drawn is read in the list all the same
		for _, f := range e.Outgoing {
			if !drawn[f] {
				c.Edges = append(c.Edges, edgeOf(f, tag))
			}
		}
	}
	return c
}

func nodeOf(e *procedure.Element, tag lang.Tag) Node {
	n := Node{ID: e.ID, Kind: Kind(e.Kind.String()), Trigger: triggers[e.Trigger], Label: titleOf(e.Title, e.Name, tag), Interrupting: e.Interrupting}
	if e.AttachedTo != nil {
		n.On = e.AttachedTo.ID
	}
	if e.Body.Owner != nil {
		n.Within = e.Body.Owner.ID
	}
	switch {
	case e.Multi == nil:
	case e.Multi.Sequential:
		n.Multi = "sequential"
	default:
		n.Multi = "parallel"
	}
	return n
}

func edgeOf(f *procedure.Flow, tag lang.Tag) Edge {
	return Edge{ID: f.ID, From: f.From.ID, To: f.To.ID, Label: titleOf(f.Title, f.Name, tag)}
}

var triggers = map[procedure.Trigger]Trigger{
	procedure.MessageTrigger: Message, procedure.SignalTrigger: Signal, procedure.TimerTrigger: Timer,
	procedure.ErrorTrigger: Error, procedure.TerminateTrigger: Terminate,
}

func titleOf(t lang.Text, name string, tag lang.Tag) string {
	if s := t.In(tag); s != "" {
		return s
	}
	return name
}

func box(b procedure.Bounds) Box { return Box(b) }
