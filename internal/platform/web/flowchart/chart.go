package flowchart

import "strconv"

// Kind is what a node is; the values are the element names of BPMN 2.0.
type Kind string

// The kinds of nodes that have a shape of their own. Any other kind is drawn as a task.
const (
	StartEvent       Kind = "startEvent"
	EndEvent         Kind = "endEvent"
	CatchEvent       Kind = "intermediateCatchEvent"
	ThrowEvent       Kind = "intermediateThrowEvent"
	BoundaryEvent    Kind = "boundaryEvent"
	Task             Kind = "task"
	UserTask         Kind = "userTask"
	ManualTask       Kind = "manualTask"
	ServiceTask      Kind = "serviceTask"
	BusinessRuleTask Kind = "businessRuleTask"
	SendTask         Kind = "sendTask"
	ReceiveTask      Kind = "receiveTask"
	SubProcess       Kind = "subProcess"
	CallActivity     Kind = "callActivity"
	ExclusiveGateway Kind = "exclusiveGateway"
	ParallelGateway  Kind = "parallelGateway"
	InclusiveGateway Kind = "inclusiveGateway"
	EventGateway     Kind = "eventBasedGateway"
)

// Trigger is what an event waits for or throws: message, timer, error, signal, terminate, link or nothing.
type Trigger string

// The triggers that have a mark of their own.
const (
	NoTrigger Trigger = ""
	Message   Trigger = "message"
	Timer     Trigger = "timer"
	Error     Trigger = "error"
	Signal    Trigger = "signal"
	Terminate Trigger = "terminate"
)

// State is how a node stands in one case.
type State string

// The states of a node. In a chart that belongs to no case every node is Idle.
const (
	Idle    State = ""
	Done    State = "done"
	Active  State = "active"
	Waiting State = "waiting"
)

// Turn is what became of a node or an edge between two versions; its values are those of procedure.Alteration.
type Turn string

// The turns. In a chart that compares nothing every node is Same.
const (
	Same    Turn = ""
	Added   Turn = "added"
	Removed Turn = "removed"
	Changed Turn = "changed"
	Moved   Turn = "moved"
)

// Box is a rectangle in the units of the diagram, which are pixels at natural size.
type Box struct{ X, Y, W, H float64 }

// Point is a point of the diagram.
type Point struct{ X, Y float64 }

// Node is one element of the procedure.
type Node struct {
	ID      string
	Kind    Kind
	Trigger Trigger
	// Label is the name in the reader's language.
	Label string
	Box   Box
	State State
	Turn  Turn
	// LabelBox is where the diagram puts the label of an event or gateway; zero, or where the words cover something there: beneath it, above it
	// or beside it, where they cover least.
	LabelBox Box
	// Note is said beside the name in the list, for instance who acts and until when.
	Note string
	// Href leads from the list to more about the node, or is empty.
	Href string
	// Interrupting is false for a boundary event that leaves its activity running; it is drawn dashed.
	Interrupting bool
	// Multi is parallel or sequential when the task is done several times, else empty.
	Multi string
	// Expanded draws a sub-process as a frame around its inside.
	Expanded bool
	// On is the activity on whose border a boundary event sits; Within is the sub-process around the node.
	On, Within string
}

// Edge is one sequence flow. Points are its waypoints, from the border of one node to that of another.
type Edge struct {
	ID       string
	From, To string
	Label    string
	Points   []Point
	// LabelBox is where the diagram puts the label; zero, or where the words cover something there: beside the flow, where they cover least.
	LabelBox Box
	// Done says that the case went this way.
	Done bool
	Turn Turn
}

// Lane is the row or column of one role.
type Lane struct {
	Name string
	Box  Box
}

// Chart is a procedure as it is drawn.
type Chart struct {
	// ID makes ids on the page unique.
	ID string
	// Title names the chart; Description says in a sentence what it shows.
	Title, Description string
	Lanes              []Lane
	Nodes              []Node
	Edges              []Edge
}

// margin is the free space around the drawing, in pixels; outside labels need it.
const margin = 16

// drawn is the rectangle that holds what is drawn without words.
func (c Chart) drawn() Box {
	var all Box
	first := true
	grow := func(b Box) {
		if first {
			all, first = b, false
			return
		}
		all = all.with(b)
	}
	for _, l := range c.Lanes {
		grow(l.Box)
	}
	for i := range c.Nodes {
		grow(c.Nodes[i].Box)
	}
	for i := range c.Edges {
		for _, p := range c.Edges[i].Points {
			grow(Box{p.X, p.Y, 0, 0})
		}
	}
	return all
}

// bounds is the rectangle that holds everything, with the words where they stand.
func (c Chart) bounds(l layout) Box {
	all := c.drawn()
	for i := range l.nodes {
		if len(l.nodes[i].lines) > 0 {
			all = all.with(l.nodes[i].box(fontSize, lineHeight, baseline))
		}
	}
	for i := range l.flows {
		if len(l.flows[i].lines) > 0 {
			all = all.with(l.flows[i].box(flowSize, flowLine, flowBaseline))
		}
	}
	return Box{all.X - margin, all.Y - margin, all.W + 2*margin, all.H + 2*margin}
}

// with is the rectangle around two.
func (b Box) with(o Box) Box {
	left, top := min(b.X, o.X), min(b.Y, o.Y)
	return Box{left, top, max(b.X+b.W, o.X+o.W) - left, max(b.Y+b.H, o.Y+o.H) - top}
}

// live reports whether the chart shows the state of a case.
func (c Chart) live() bool {
	for _, n := range c.Nodes {
		if n.State != Idle {
			return true
		}
	}
	return false
}

// pageWidth is the room that a page on a desk has for a chart, in pixels; a wider one is scrolled.
const pageWidth = 1080

// current lists where the case stands: the steps that are open, or else what it waits for.
func (c Chart) current() []Node {
	var list []Node
	for _, s := range []State{Active, Waiting} {
		for _, n := range c.Nodes {
			if n.State == s && !n.Expanded {
				list = append(list, n)
			}
		}
		if len(list) > 0 {
			break
		}
	}
	return list
}

// spot is the id of a node on the page, to which links lead.
func (c Chart) spot(n Node) string { return c.ID + "-at-" + n.ID }

// turns lists in which ways the chart differs from the one it is compared with.
func (c Chart) turns() []Turn {
	seen := map[Turn]bool{}
	for _, n := range c.Nodes {
		seen[n.Turn] = true
	}
	for _, e := range c.Edges {
		seen[e.Turn] = true
	}
	var list []Turn
	for _, t := range []Turn{Added, Removed, Changed, Moved} {
		if seen[t] {
			list = append(list, t)
		}
	}
	return list
}

// outside reports whether the label stands beneath the shape rather than within it.
func (n Node) outside() bool { return n.event() || n.gateway() }

func (n Node) event() bool {
	switch n.Kind {
	case StartEvent, EndEvent, CatchEvent, ThrowEvent, BoundaryEvent:
		return true
	}
	return false
}

func (n Node) gateway() bool {
	switch n.Kind {
	case ExclusiveGateway, ParallelGateway, InclusiveGateway, EventGateway:
		return true
	}
	return false
}

// num writes a coordinate with at most two decimals.
func num(f float64) string {
	return strconv.FormatFloat(float64(int64(f*100+sign(f)*0.5))/100, 'f', -1, 64)
}

func sign(f float64) float64 {
	if f < 0 {
		return -1
	}
	return 1
}
