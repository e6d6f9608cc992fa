package procedure

import (
	"fmt"
	"strings"
)

var kindByName = func() map[string]Kind {
	m := make(map[string]Kind, len(kindNames))
	for k, name := range kindNames {
		if name != "" {
			m[name] = Kind(k)
		}
	}
	return m
}()

// element reads one flow element.
func (p *parser) element(n *xmlNode, b *Body) (*Element, error) {
	kind, ok := kindByName[n.local]
	switch {
	case n.local == "scriptTask":
		return nil, unsupported(n, "is a script: procedures carry no code; use a service task or a business rule task")
	case !ok:
		return nil, unsupported(n, "")
	case n.attr("isForCompensation") == "true":
		return nil, unsupported(n, "is for compensation, which is not executed")
	case n.attr("triggeredByEvent") == "true":
		return nil, unsupported(n, "is an event sub-process, which is not executed: use a boundary event")
	case n.attr("instantiate") == "true":
		return nil, unsupported(n, "starts the process (instantiate), which is not executed: use a message start event")
	case n.attr("parallelMultiple") == "true" || n.attr("eventGatewayType") == "Parallel":
		return nil, unsupported(n, "waits for several events at once, which is not executed: use a parallel gateway")
	}
	e := &Element{ID: p.claim(n), Name: n.attr("name"), Kind: kind, Line: n.line, Body: b, index: len(b.Elements), Interrupting: true}
	if e.ID == "" {
		return nil, unsupported(n, "lacks an id")
	}
	if p.d.elements[e.ID] == nil {
		p.d.elements[e.ID] = e
	}
	p.d.order = append(p.d.order, e)
	for _, l := range []*Lane{p.laneNodes[e.ID], ownerLane(b)} {
		if l != nil {
			e.Lane = l
			break
		}
	}
	var err error
	if e.Extension, e.Title, err = readExtension(n); err != nil {
		return nil, err
	}
	e.marked = len(e.Clocks)+len(e.Documents)+len(e.Publish)+len(e.Status) > 0
	if err := p.children(n, e); err != nil {
		return nil, err
	}
	switch kind {
	case BoundaryEvent:
		e.Interrupting = n.attr("cancelActivity") != "false"
	case SendTask, ReceiveTask:
		p.message(e, n.attr("messageRef"))
	case ServiceTask, BusinessRuleTask:
		e.Topic = topic(n)
	case CallActivity:
		e.Called = first(n.attr("calledElement"), extensionAttr(n, "calledElement", "processId"))
		e.Called = e.Called[strings.IndexByte(e.Called, ':')+1:] // a QName
	case SubProcess:
		e.Inner, err = p.body(n, b.Process, e)
	}
	return e, err
}

func ownerLane(b *Body) *Lane {
	if b.Owner == nil {
		return nil
	}
	return b.Owner.Lane
}

// children reads event definitions and loop characteristics and refuses what is not understood.
func (p *parser) children(n *xmlNode, e *Element) error {
	for _, c := range n.elements() {
		trigger, isEvent := triggerNames[c.local]
		switch {
		case c.space != bpmnSpace:
		case isEvent:
			if e.Trigger != NoTrigger {
				return unsupported(n, "has two event definitions: draw two events")
			}
			if !allowedTrigger(e.Kind, trigger) {
				return unsupported(c, fmt.Sprintf("is not executed on a %s (%s)", n.local, e.ID))
			}
			e.Trigger = trigger
			p.event(c, e)
		case strings.HasSuffix(c.local, "EventDefinition"), c.local == "eventDefinitionRef":
			return unsupported(c, fmt.Sprintf("of %s is not executed", e.ID))
		case c.local == "standardLoopCharacteristics":
			return unsupported(n, "is a standard loop, which is not executed: draw the loop with an exclusive gateway")
		case c.local == "multiInstanceLoopCharacteristics":
			var err error
			if e.Multi, err = p.multi(c); err != nil {
				return err
			}
		case elementAllowed[c.local] || e.Kind == SubProcess:
		default:
			return unsupported(c, fmt.Sprintf("within %s is not executed", e.ID))
		}
	}
	if e.Multi != nil && !e.Kind.IsActivity() {
		return unsupported(n, "cannot have several instances")
	}
	return nil
}

func allowedTrigger(k Kind, t Trigger) bool {
	switch k {
	case StartEvent:
		return t == MessageTrigger || t == SignalTrigger || t == TimerTrigger
	case EndEvent:
		return t == MessageTrigger || t == SignalTrigger || t == ErrorTrigger || t == TerminateTrigger
	case CatchEvent:
		return t == MessageTrigger || t == SignalTrigger || t == TimerTrigger || t == LinkTrigger
	case ThrowEvent:
		return t == MessageTrigger || t == SignalTrigger || t == LinkTrigger
	case BoundaryEvent:
		return t == MessageTrigger || t == SignalTrigger || t == TimerTrigger || t == ErrorTrigger
	default:
		return false
	}
}

func (p *parser) event(n *xmlNode, e *Element) {
	switch e.Trigger {
	case MessageTrigger:
		p.message(e, n.attr("messageRef"))
	case SignalTrigger:
		p.refer(e, n.attr("signalRef"), "signal")
	case ErrorTrigger:
		if ref := n.attr("errorRef"); ref != "" || e.Kind == EndEvent {
			p.refer(e, ref, "error")
		}
	case LinkTrigger:
		e.Ref = first(n.attr("name"), e.Name)
	case TimerTrigger:
		e.Timer = readTimer(n)
	}
}

func (p *parser) message(e *Element, ref string) { p.refer(e, ref, "message") }

// refer sets what an event waits for or throws. An event without a reference is known by its own name, else by its id, as
// diagrams that were drawn for people have it.
func (p *parser) refer(e *Element, ref, kind string) {
	if ref == "" {
		e.Ref, e.RefID = first(e.Name, e.ID), e.ID
		return
	}
	ref = ref[strings.IndexByte(ref, ':')+1:] // a QName
	r, ok := p.refs[ref]
	if !ok || r.kind != kind {
		p.d.problem(CodeBadReference, e.ID, e.Name, e.Line, ref)
		return
	}
	e.Ref, e.RefID = r.name, ref
}

func (p *parser) multi(n *xmlNode) (*MultiInstance, error) {
	m := &MultiInstance{Sequential: n.attr("isSequential") == "true"}
	collection := ""
	for _, space := range []string{Namespace, camundaSpace, flowableSpace, activitiSpace} {
		collection = first(collection, n.attrIn(space, "collection"))
		m.Variable = first(m.Variable, n.attrIn(space, "elementVariable"))
	}
	collection = first(collection, extensionAttr(n, "loopCharacteristics", "inputCollection"))
	m.Variable = first(m.Variable, extensionAttr(n, "loopCharacteristics", "inputElement"))
	for _, c := range n.elements() {
		if c.space != bpmnSpace {
			continue
		}
		switch c.local {
		case "loopCardinality":
			m.Cardinality = readCondition(c.content(), c.line)
		case "completionCondition":
			if c.content() != "" {
				m.Completion = readCondition(c.content(), c.line)
			}
		case "loopDataInputRef":
			ref := c.content()
			collection = first(collection, p.data[ref], ref)
		case "inputDataItem":
			m.Variable = first(m.Variable, c.attr("name"), c.attr("id"))
		case "documentation", "extensionElements", "loopDataOutputRef", "outputDataItem":
		default:
			return nil, unsupported(c, "is not executed")
		}
	}
	if collection != "" {
		m.Collection = readCondition(collection, n.line)
	}
	if m.Collection == nil && m.Cardinality == nil {
		return nil, unreadable(n.line, "多实例环节没有写明做几次；请加上 loopCardinality 或者 openhall:collection", "多實例環節沒有寫明做幾次；請加上 loopCardinality 或者 openhall:collection", "a multi-instance activity lacks how many: add loopCardinality or openhall:collection")
	}
	return m, nil
}

func topic(n *xmlNode) string {
	return first(n.attrIn(Namespace, "topic"), n.attrIn(camundaSpace, "topic"), extensionAttr(n, "taskDefinition", "type"),
		n.attrIn(Namespace, "decision"), n.attrIn(camundaSpace, "decisionRef"), extensionAttr(n, "calledDecision", "decisionId"), n.attr("id"))
}

// extensionAttr returns an attribute of an extension element of Zeebe.
func extensionAttr(n *xmlNode, element, attr string) string {
	if ext := n.child(bpmnSpace, "extensionElements"); ext != nil {
		if c := ext.child(zeebeSpace, element); c != nil {
			return c.attr(attr)
		}
	}
	return ""
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// compile prepares what the engine asks often: where a body starts, and what can reach its inclusive joins.
func (b *Body) compile() {
	for _, e := range b.Elements {
		if e.Kind == StartEvent {
			b.starts = append(b.starts, e)
		}
		if e.Kind == InclusiveGateway && len(e.Incoming) > 1 {
			b.inclusive = append(b.inclusive, e)
			for _, f := range e.Incoming {
				f.before = b.reaching(f.From, e)
			}
		}
	}
	if len(b.starts) > 0 {
		return
	}
	for _, e := range b.Elements { // BPMN 2.0 § 13.3.4: without a start event, what has no incoming flow starts
		if len(e.Incoming) == 0 && e.Kind != BoundaryEvent && e.Trigger != LinkTrigger {
			b.starts = append(b.starts, e)
		}
	}
}

// reaching returns the elements from which target can be reached without passing avoid, target included. An activity reaches
// what its boundary events reach.
func (b *Body) reaching(target, avoid *Element) nodeSet {
	set := newNodeSet(len(b.Elements))
	todo := []*Element{target}
	for len(todo) > 0 {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if e == avoid || set.has(e.index) {
			continue
		}
		set.add(e.index)
		for _, f := range e.Incoming {
			todo = append(todo, f.From)
		}
		if e.AttachedTo != nil {
			todo = append(todo, e.AttachedTo)
		}
	}
	return set
}
