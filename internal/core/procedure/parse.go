package procedure

import (
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/lang"
)

const bpmnSpace = "http://www.omg.org/spec/BPMN/20100524/MODEL"

// Namespaces of other tools of which a few attributes are understood.
const (
	camundaSpace  = "http://camunda.org/schema/1.0/bpmn"
	zeebeSpace    = "http://camunda.org/schema/zeebe/1.0"
	flowableSpace = "http://flowable.org/bpmn"
	activitiSpace = "http://activiti.org/bpmn"
)

// Parse reads a BPMN 2.0 file. It refuses what is not XML, what exceeds the limits, a document type declaration, and every
// element of BPMN that is not executed, by name and line. Faults in how the elements hang together (a flow that leads nowhere,
// a duplicate id, an unreadable condition) do not fail Parse: Check reports them all, and the engine does not start such a
// definition.
func Parse(data []byte) (*Definition, error) {
	root, prolog, err := readXML(data)
	if err != nil {
		return nil, fmt.Errorf("procedure: %w", err)
	}
	if root.space != bpmnSpace || root.local != "definitions" {
		return nil, fmt.Errorf("procedure: %w", unreadable(root.line, "根元素是 <%s>，不是命名空间 %s 的 <definitions>，这可能不是 BPMN 2.0 文件",
			"根元素是 <%s>，不是命名空間 %s 的 <definitions>，這可能不是 BPMN 2.0 檔案", "the root is <%s>, not <definitions> of %s: is this a BPMN 2.0 file?", root.name(), bpmnSpace))
	}
	p := parser{
		d:    &Definition{ID: root.attr("id"), root: root, prolog: prolog, elements: map[string]*Element{}, processes: map[string]*Process{}},
		ids:  map[string]int{},
		refs: map[string]reference{},
	}
	if err := p.definitions(root); err != nil {
		return nil, fmt.Errorf("procedure: %w", err)
	}
	return p.d, nil
}

type parser struct {
	d         *Definition
	ids       map[string]int // id → line, over the whole file
	refs      map[string]reference
	data      map[string]string  // id → name of a data object
	later     []func()           // what can only be looked up when all elements are known
	laneNodes map[string]*Lane   // element id → innermost lane
	laneRefs  map[*Lane][]string // for reporting what a lane names and nobody is
}

// reference is a message, signal or error that events refer to.
type reference struct {
	kind, name string
}

// Elements of BPMN that describe and are not executed: they are kept in the document.
var (
	rootAllowed = setOf("documentation", "extensionElements", "extension", "itemDefinition", "import", "dataStore", "category",
		"interface", "resource", "relationship", "escalation", "partnerEntity", "partnerRole", "correlationProperty", "endPoint")
	bodyAllowed = setOf("documentation", "extensionElements", "textAnnotation", "association", "group", "dataObject",
		"dataObjectReference", "dataStoreReference", "property", "ioSpecification", "auditing", "monitoring", "supports",
		"resourceRole", "performer", "humanPerformer", "potentialOwner", "correlationSubscription",
		"incoming", "outgoing", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "dataInputAssociation", "dataOutputAssociation")
	elementAllowed = setOf("documentation", "extensionElements", "incoming", "outgoing", "property", "ioSpecification", "auditing",
		"monitoring", "resourceRole", "performer", "humanPerformer", "potentialOwner", "dataInputAssociation",
		"dataOutputAssociation", "dataInput", "dataOutput", "inputSet", "outputSet", "rendering", "conditionExpression", "categoryValueRef")
)

func setOf(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

func unsupported(n *xmlNode, why string) error {
	plain := why == ""
	if plain {
		why = "is not executed by openhall: redraw this step with an element that is (see the manual of package procedure)"
	}
	f := &Fault{Line: n.line, Kind: n.local, Element: n.attr("id"), Err: errors.New(why)}
	if plain {
		f.text = lang.Text{
			Hans: fmt.Sprintf("平台不执行 <%s>；请换用可执行的节点（任务、网关、事件、子流程）重画这一步", n.local),
			Hant: fmt.Sprintf("平台不執行 <%s>；請換用可執行的節點（任務、閘道、事件、子流程）重畫這一步", n.local),
			En:   fmt.Sprintf("<%s> is not executed: redraw this step with a task, gateway, event or sub-process", n.local),
		}
	}
	return f
}

func (p *parser) definitions(root *xmlNode) error {
	var processes []*xmlNode
	for _, n := range root.elements() {
		if n.space != bpmnSpace { // the diagram, and whatever other tools keep here
			continue
		}
		switch n.local {
		case "process":
			processes = append(processes, n)
		case "message", "signal", "error":
			p.reference(n)
		case "collaboration":
			p.claim(n)
		default:
			if !rootAllowed[n.local] {
				return unsupported(n, "")
			}
		}
	}
	for _, n := range processes {
		if err := p.process(n); err != nil {
			return err
		}
	}
	for _, f := range p.later {
		f()
	}
	return p.chooseMain()
}

// claim registers the id of n and reports one that is taken.
func (p *parser) claim(n *xmlNode) string {
	id := n.attr("id")
	if id == "" {
		return ""
	}
	if line, taken := p.ids[id]; taken {
		p.d.problem(CodeDuplicateID, id, n.attr("name"), n.line, line)
	} else {
		p.ids[id] = n.line
	}
	return id
}

func (p *parser) reference(n *xmlNode) {
	id, name := p.claim(n), n.attr("name")
	if code := n.attr("errorCode"); n.local == "error" && code != "" {
		name = code
	}
	if name == "" {
		name = id
	}
	p.refs[id] = reference{kind: n.local, name: name}
}

func (p *parser) process(n *xmlNode) error {
	proc := &Process{ID: p.claim(n), Name: n.attr("name"), Executable: n.attr("isExecutable") == "true", Line: n.line}
	if proc.ID == "" {
		return unreadable(n.line, "流程没有 id", "流程沒有 id", "a process without id")
	}
	_, title, err := readExtension(n)
	if err != nil {
		return err
	}
	proc.Title = title
	p.data, p.laneNodes, p.laneRefs = map[string]string{}, map[string]*Lane{}, map[*Lane][]string{}
	for _, c := range n.elements() {
		if c.space == bpmnSpace && c.local == "laneSet" {
			if err := p.lanes(c, proc, nil); err != nil {
				return err
			}
		}
		if c.space == bpmnSpace && c.local == "dataObject" {
			p.data[c.attr("id")] = c.attr("name")
		}
	}
	if proc.Body, err = p.body(n, proc, nil); err != nil {
		return err
	}
	for _, l := range proc.Lanes {
		for _, id := range p.laneRefs[l] {
			if p.ids[id] == 0 {
				p.d.problem(CodeBadReference, l.ID, l.Name, l.Line, id)
			}
		}
	}
	p.d.Processes = append(p.d.Processes, proc)
	if p.d.processes[proc.ID] == nil {
		p.d.processes[proc.ID] = proc
	}
	return nil
}

func (p *parser) lanes(set *xmlNode, proc *Process, parent *Lane) error {
	p.claim(set)
	for _, n := range set.elements() {
		if n.space != bpmnSpace || n.local != "lane" {
			continue
		}
		_, title, err := readExtension(n)
		if err != nil {
			return err
		}
		l := &Lane{ID: p.claim(n), Name: n.attr("name"), Title: title, Line: n.line, Role: n.attrIn(Namespace, "role"), Parent: parent}
		proc.Lanes = append(proc.Lanes, l)
		for _, c := range n.elements() {
			switch {
			case c.space != bpmnSpace:
			case c.local == "flowNodeRef":
				id := c.content()
				p.laneNodes[id] = l // nested lanes come after their parent, so the innermost stays
				p.laneRefs[l] = append(p.laneRefs[l], id)
			case c.local == "childLaneSet":
				if err := p.lanes(c, proc, l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// body reads what stands in a process or an embedded sub-process.
func (p *parser) body(n *xmlNode, proc *Process, owner *Element) (*Body, error) {
	b := &Body{Process: proc, Owner: owner}
	var flows []*xmlNode
	var defaults, attached []func()
	for _, c := range n.elements() {
		switch {
		case c.space != bpmnSpace || c.local == "laneSet":
		case c.local == "sequenceFlow":
			flows = append(flows, c)
		case bodyAllowed[c.local]:
		default:
			e, err := p.element(c, b)
			if err != nil {
				return nil, err
			}
			b.Elements = append(b.Elements, e)
			if ref := c.attr("default"); ref != "" {
				defaults = append(defaults, func() { p.setDefault(e, ref) })
			}
			if e.Kind == BoundaryEvent {
				attached = append(attached, func() { p.attach(e, c.attr("attachedToRef")) })
			}
		}
	}
	for _, c := range flows {
		if err := p.flow(c, b); err != nil {
			return nil, err
		}
	}
	for _, f := range append(defaults, attached...) {
		f()
	}
	p.links(b)
	b.compile()
	return b, nil
}

func (p *parser) flow(n *xmlNode, b *Body) error {
	_, title, err := readExtension(n)
	if err != nil {
		return err
	}
	f := &Flow{ID: p.claim(n), Name: n.attr("name"), Title: title, Line: n.line}
	ends := [2]*Element{}
	for i, attr := range [2]string{"sourceRef", "targetRef"} {
		e := p.d.elements[n.attr(attr)]
		if e == nil || e.Body != b {
			p.d.problem(CodeDanglingFlow, f.ID, f.Name, f.Line, attr, n.attr(attr))
			return nil
		}
		ends[i] = e
	}
	if c := n.child(bpmnSpace, "conditionExpression"); c.content() != "" {
		f.Condition = readCondition(c.content(), c.line)
		if l := c.attr("language"); l != "" && !knownLanguage(l) {
			f.Condition.Err = fmt.Errorf("its language is %s: write it in FEEL", l)
		}
	}
	f.From, f.To = ends[0], ends[1]
	f.From.Outgoing = append(f.From.Outgoing, f)
	f.To.Incoming = append(f.To.Incoming, f)
	b.Flows = append(b.Flows, f)
	return nil
}

func (p *parser) setDefault(e *Element, ref string) {
	for _, f := range e.Outgoing {
		if f.ID == ref {
			e.Default = f
			return
		}
	}
	p.d.problem(CodeBadReference, e.ID, e.Name, e.Line, ref)
}

func (p *parser) attach(e *Element, ref string) {
	host := p.d.elements[ref]
	if host == nil || host.Body != e.Body || !host.Kind.IsActivity() {
		p.d.problem(CodeBadReference, e.ID, e.Name, e.Line, ref)
		return
	}
	e.AttachedTo = host
	host.Boundary = append(host.Boundary, e)
}

// links joins each link throw to the link catch of the same name in the same body by a flow that is not drawn.
func (p *parser) links(b *Body) {
	for _, from := range b.Elements {
		if from.Trigger != LinkTrigger || from.Kind != ThrowEvent {
			continue
		}
		found := false
		for _, to := range b.Elements {
			if to.Trigger == LinkTrigger && to.Kind == CatchEvent && to.Ref == from.Ref {
				f := &Flow{ID: from.ID + "→" + to.ID, Line: from.Line, From: from, To: to}
				from.Outgoing, to.Incoming = append(from.Outgoing, f), append(to.Incoming, f)
				found = true
				break
			}
		}
		if !found {
			p.d.problem(CodeBadReference, from.ID, from.Name, from.Line, from.Ref)
		}
	}
}

// chooseMain finds the process that a start starts: the executable one that no other process of the file calls.
func (p *parser) chooseMain() error {
	if len(p.d.Processes) == 0 {
		return unreadable(0, "文件中没有流程（process）", "檔案中沒有流程（process）", "the file holds no process")
	}
	called := map[string]bool{}
	for _, e := range p.d.order {
		if e.Kind == CallActivity && e.Body.Process.ID != e.Called {
			called[e.Called] = true
		}
	}
	var executable, free []*Process
	for _, q := range p.d.Processes {
		switch {
		case called[q.ID] || len(q.Body.Elements) == 0:
		case q.Executable:
			executable = append(executable, q)
		default:
			free = append(free, q)
		}
	}
	if len(executable) > 1 {
		return unreadable(executable[1].Line, "流程 %s 和 %s 都可执行，也互不调用；请只给办件所用的那个设 isExecutable=\"true\"",
			"流程 %s 和 %s 都可執行，也互不呼叫；請只給辦件所用的那個設 isExecutable=\"true\"",
			"the processes %s and %s are both executable and neither calls the other: set isExecutable=\"true\" on the one that runs the case",
			executable[0].ID, executable[1].ID)
	}
	for _, list := range [][]*Process{executable, free, p.d.Processes} {
		if len(list) > 0 {
			p.d.Main = list[0]
			return nil
		}
	}
	return nil
}
