package procedure

import (
	"fmt"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/lang"
)

// Namespace is the XML namespace of our extensions of BPMN.
const Namespace = "https://openhall.org/schema/procedure/1"

// Extension is what a flow element says beyond BPMN. The engine reports it as effects; the host gives it its meaning.
type Extension struct {
	Term      *StepTerm
	Clocks    []Clock
	Form      string
	Documents []Timed
	Publish   []Timed
	Assign    string
	Status    []Timed
	Separate  []string // ids of tasks that another person must have done
	Power     Power    // which power of the authority the task exercises; empty: none, such as handing over
}

// Power is a power (职权) that a task exercises, and for which a body can authorise its window in a service centre (窗口授权).
type Power string

// The powers. To decide on the spot includes to accept.
const (
	Accept Power = "accept" // 受理
	Decide Power = "decide" // 审批、决定
)

// StepTerm is the term (时限) of one step: a rule of the law, or a length in a unit that is always written.
type StepTerm struct {
	Rule   string `json:"rule,omitempty"`
	Length int    `json:"length,omitempty"`
	Unit   string `json:"unit,omitempty"`
	Basis  string `json:"basis,omitempty"` // why, when no rule of the law says so
}

// Moment is when an extension takes effect.
type Moment string

// An element is entered when its activity begins, and left when it ends as planned; an interrupted activity is not left.
const (
	Enter Moment = "enter"
	Leave Moment = "leave"
)

// Clock starts, stops, pauses, resumes or extends a statutory clock (法定期限) of the case.
type Clock struct {
	Name   string
	Action string // start, stop, pause, resume or extend
	On     Moment
	Rule   string // the term, when it starts or is extended
	Ground string // the ground in law, when it is paused
	From   string // "receipt": it starts with the day the application was received, not with the moment; otherwise empty
	When   *Condition
}

// Timed is a value with the moment it takes effect and an optional condition: a kind of document, a publication standard, a
// status.
type Timed struct {
	Value string
	On    Moment
	When  *Condition
}

var clockActions = []string{"start", "stop", "pause", "resume", "extend"}

// readExtension reads the children of extensionElements that are ours. Those of other tools stay in the document unread.
func readExtension(n *xmlNode) (Extension, lang.Text, error) {
	x := Extension{}
	title := lang.Text{Hans: n.attr("name")}
	ext := n.child(bpmnSpace, "extensionElements")
	if ext == nil {
		return x, title, nil
	}
	for _, c := range ext.elements() {
		if c.space != Namespace {
			continue
		}
		if err := x.read(c, &title); err != nil {
			return x, title, &Fault{Line: c.line, Kind: c.name(), Element: n.attr("id"), Err: err}
		}
	}
	return x, title, nil
}

func (x *Extension) read(c *xmlNode, title *lang.Text) error {
	var err error
	switch c.local {
	case "title":
		if s := c.attr("zh-Hans"); s != "" {
			title.Hans = s
		}
		title.Hant, title.En = c.attr("zh-Hant"), c.attr("en")
	case "term":
		x.Term, err = readTerm(c)
	case "clock":
		var k Clock
		if k, err = readClock(c); err == nil {
			x.Clocks = append(x.Clocks, k)
		}
	case "form":
		x.Form, err = required(c, "key")
	case "document":
		x.Documents, err = appendTimed(x.Documents, c, "kind", Leave)
	case "publish":
		x.Publish, err = appendTimed(x.Publish, c, "standard", Leave)
	case "status":
		x.Status, err = appendTimed(x.Status, c, "value", Enter)
	case "assign":
		x.Assign, err = required(c, "to")
	case "separate":
		var s string
		if s, err = required(c, "from"); err == nil {
			x.Separate = append(x.Separate, s)
		}
	case "power":
		x.Power, err = readPower(c)
	default:
		err = fmt.Errorf("is no extension of %s: use title, term, clock, form, document, publish, assign, status, separate or power", Namespace)
	}
	return err
}

func readPower(c *xmlNode) (Power, error) {
	switch s := Power(c.attr("of")); s {
	case Accept, Decide:
		return s, nil
	default:
		return "", fmt.Errorf("of=%q: write accept or decide", s)
	}
}

func required(c *xmlNode, attr string) (string, error) {
	if s := c.attr(attr); s != "" {
		return s, nil
	}
	return "", fmt.Errorf("lacks the attribute %s", attr)
}

func readMoment(c *xmlNode, otherwise Moment) (Moment, error) {
	switch s := Moment(c.attr("on")); s {
	case "":
		return otherwise, nil
	case Enter, Leave:
		return s, nil
	default:
		return "", fmt.Errorf("on=%q: write enter or leave", s)
	}
}

func readWhen(c *xmlNode) *Condition {
	if s := c.attr("when"); s != "" {
		return readCondition(s, c.line)
	}
	return nil
}

func appendTimed(list []Timed, c *xmlNode, attr string, otherwise Moment) ([]Timed, error) {
	value, err := required(c, attr)
	if err != nil {
		return list, err
	}
	on, err := readMoment(c, otherwise)
	if err != nil {
		return list, err
	}
	return append(list, Timed{Value: value, On: on, When: readWhen(c)}), nil
}

func readTerm(c *xmlNode) (*StepTerm, error) {
	t := &StepTerm{Rule: c.attr("rule"), Unit: c.attr("unit"), Basis: c.attr("basis")}
	switch length := c.attr("length"); {
	case t.Rule != "" && length != "":
		return nil, fmt.Errorf("has a rule and a length: keep one")
	case t.Rule != "":
		return t, nil
	case t.Unit == "":
		return nil, fmt.Errorf("lacks the attribute rule, or length with unit (working-day, calendar-day, hour)")
	default:
		n, err := strconv.Atoi(length)
		if err != nil || n <= 0 {
			return nil, fmt.Errorf("length=%q: write a number above 0", length)
		}
		t.Length = n
		return t, nil
	}
}

func readClock(c *xmlNode) (Clock, error) {
	k := Clock{Action: c.attr("action"), Rule: c.attr("rule"), Ground: c.attr("ground"), From: c.attr("from"), When: readWhen(c)}
	var err error
	if k.Name, err = required(c, "name"); err != nil {
		return k, err
	}
	if !slices.Contains(clockActions, k.Action) {
		return k, fmt.Errorf("action=%q: write start, stop, pause, resume or extend", k.Action)
	}
	if k.From != "" && (k.From != "receipt" || k.Action != "start") {
		return k, fmt.Errorf("from=%q: only a start can have it, and it can only be receipt", k.From)
	}
	if k.Action == "start" && k.Rule == "" {
		return k, fmt.Errorf("starts a clock without a rule: add rule")
	}
	k.On, err = readMoment(c, Enter)
	return k, err
}
