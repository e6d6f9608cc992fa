package procedure

import (
	"bytes"

	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
)

// Kind is what a flow element is. Its string is the name of the element in BPMN.
type Kind uint8

// The flow elements that are executed. The order is of no meaning; the zero Kind is no element.
const (
	StartEvent Kind = iota + 1
	EndEvent
	CatchEvent
	ThrowEvent
	BoundaryEvent
	Task
	UserTask
	ManualTask
	ServiceTask
	BusinessRuleTask
	SendTask
	ReceiveTask
	SubProcess
	CallActivity
	ExclusiveGateway
	ParallelGateway
	InclusiveGateway
	EventGateway
)

var kindNames = [...]string{
	StartEvent: "startEvent", EndEvent: "endEvent", CatchEvent: "intermediateCatchEvent", ThrowEvent: "intermediateThrowEvent",
	BoundaryEvent: "boundaryEvent", Task: "task", UserTask: "userTask", ManualTask: "manualTask", ServiceTask: "serviceTask",
	BusinessRuleTask: "businessRuleTask", SendTask: "sendTask", ReceiveTask: "receiveTask", SubProcess: "subProcess",
	CallActivity: "callActivity", ExclusiveGateway: "exclusiveGateway", ParallelGateway: "parallelGateway",
	InclusiveGateway: "inclusiveGateway", EventGateway: "eventBasedGateway",
}

// String returns the name of the element in BPMN 2.0 XML.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// IsActivity reports whether k is a task, a sub-process or a call: what can have boundary events and several instances.
func (k Kind) IsActivity() bool { return k >= Task && k <= CallActivity }

// IsGateway reports whether k is a gateway.
func (k Kind) IsGateway() bool { return k >= ExclusiveGateway }

// ByPerson reports whether k is work that a person does and reports as done.
func (k Kind) ByPerson() bool { return k == UserTask || k == ManualTask }

// Trigger is what an event waits for or throws.
type Trigger uint8

// The triggers of events. A none event has NoTrigger.
const (
	NoTrigger Trigger = iota
	MessageTrigger
	SignalTrigger
	TimerTrigger
	ErrorTrigger
	TerminateTrigger
	LinkTrigger
)

var triggerNames = map[string]Trigger{
	"messageEventDefinition": MessageTrigger, "signalEventDefinition": SignalTrigger, "timerEventDefinition": TimerTrigger,
	"errorEventDefinition": ErrorTrigger, "terminateEventDefinition": TerminateTrigger, "linkEventDefinition": LinkTrigger,
}

// Element is a flow element (流程节点): an event, an activity or a gateway.
type Element struct {
	ID    string
	Name  string // as drawn, in Simplified Chinese where the procedure is ours
	Kind  Kind
	Line  int // in the file
	Title lang.Text

	Incoming []*Flow
	Outgoing []*Flow // in the order of the document
	Default  *Flow   // taken when no condition holds; nil when there is none
	Body     *Body   // where the element stands
	Lane     *Lane   // nil when it stands in none

	Trigger      Trigger
	Ref          string     // name of the message, signal or link, or code of the error; empty catches every error
	RefID        string     // id of that message or signal in the file
	Timer        *TimerSpec // of a timer event
	Interrupting bool       // of a boundary event: whether it ends its activity
	AttachedTo   *Element   // of a boundary event
	Boundary     []*Element // of an activity: the events on its border

	Inner  *Body  // of a sub-process
	Called string // of a call activity: id of the process
	Multi  *MultiInstance
	Topic  string // of a service or business rule task: the service or decision to call; its id when none is given

	Extension

	index  int  // in Body.Elements
	marked bool // has clocks, documents, publications or statuses
}

// Flow is a sequence flow (顺序流). Condition is nil when the flow has none.
type Flow struct {
	ID, Name  string
	Title     lang.Text
	Line      int
	From, To  *Element
	Condition *Condition

	before nodeSet // elements from which From can be reached without passing To; only set when To is an inclusive join
}

// Body is what one process or embedded sub-process contains.
type Body struct {
	Process  *Process
	Owner    *Element // the sub-process, nil for the body of a process
	Elements []*Element
	Flows    []*Flow

	starts    []*Element
	inclusive []*Element // inclusive gateways with more than one incoming flow
}

// Process is one process of the file. Lanes are in document order, each before the lanes nested in it.
type Process struct {
	ID, Name   string
	Title      lang.Text
	Executable bool
	Line       int
	Lanes      []*Lane
	Body       *Body
}

// Lane (泳道) says who does the tasks that stand in it.
type Lane struct {
	ID, Name string
	Title    lang.Text
	Line     int
	Role     string // of openhall:role; empty when the lane has none
	Parent   *Lane  // of a nested lane
}

// MultiInstance says how often an activity is done: Cardinality times, or once for each item of Collection.
type MultiInstance struct {
	Sequential  bool
	Cardinality *Condition
	Collection  *Condition
	Variable    string     // name under which an instance sees its item
	Completion  *Condition // ends the activity when it holds after an instance has ended
}

// Condition is a FEEL expression as written in the file, without the wrapper of other tools. Err says why it cannot be read.
type Condition struct {
	Source string
	Line   int
	Err    error
	expr   *feel.Expr
}

// Definition is a compiled file. It is not changed after Parse and may be used by many goroutines.
type Definition struct {
	ID        string
	Main      *Process // the process that a start of this definition starts
	Processes []*Process

	elements  map[string]*Element
	processes map[string]*Process
	order     []*Element
	problems  []Finding
	root      *xmlNode
	prolog    []xmlChild
}

// Element returns the flow element with the id, or nil.
func (d *Definition) Element(id string) *Element { return d.elements[id] }

// Elements returns all flow elements of all processes in document order. The slice belongs to the definition.
func (d *Definition) Elements() []*Element { return d.order }

// Process returns the process with the id, or nil.
func (d *Definition) Process(id string) *Process { return d.processes[id] }

// Marshal returns the document as XML: everything that was read, with the diagram and the extensions of other tools.
func (d *Definition) Marshal() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	for _, c := range d.prolog {
		b.WriteString(c.raw)
		b.WriteByte('\n')
	}
	d.root.write(&b)
	b.WriteByte('\n')
	return b.Bytes()
}

// Role returns who does the element: its own assignment, or the role of the innermost lane that has one.
func (e *Element) Role() string {
	if e.Assign != "" {
		return e.Assign
	}
	for l := e.Lane; l != nil; l = l.Parent {
		if l.Role != "" {
			return l.Role
		}
	}
	return ""
}

// nodeSet is a set of elements of one body by their index.
type nodeSet []uint64

func newNodeSet(n int) nodeSet   { return make(nodeSet, (n+63)/64) }
func (s nodeSet) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }
func (s nodeSet) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s nodeSet) addAll(o nodeSet) {
	for i := range o {
		s[i] |= o[i]
	}
}
