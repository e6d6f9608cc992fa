package procedure

import (
	"fmt"
	"strings"
	"testing"
)

// draw makes BPMN from a sketch, one element or flow a line, so that a table can show its models:
//
//	start s | end e [message=m|signal=x|error=code|terminate]
//	user a | service a | task a | send a message=m | receive a message=m | manual a | rule a | call a of=process
//	xor g | and g | or g | event g
//	catch c timer=PT1H|date=…|message=m|signal=x|link=l | throw t message=m|signal=x|link=l
//	boundary b on=a timer=PT1H|cycle=R3/PT1H|message=m|error=code|anyerror|signal=x [keep]
//	sub p { … }                                process q { … } (the first, unnamed one is "main")
//	a -> b [if CONDITION | default]
//
// Activities take mi=parallel|sequential card=N items=EXPR var=NAME until="EXPR" (without spaces inside other values), all
// elements take lane=ROLE; ext=`…` on a line of its own after an element gives it extension elements.
func draw(sketch string) []byte {
	d := drawing{lines: strings.Split(sketch, "\n"), refs: map[string]string{}}
	var processes strings.Builder
	main := d.block("main")
	if strings.TrimSpace(main) != "" {
		fmt.Fprintf(&processes, `<bpmn:process id="main" isExecutable="true">%s</bpmn:process>`+"\n", main)
	}
	processes.WriteString(d.processes.String())
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:openhall="https://openhall.org/schema/procedure/1" id="defs" targetNamespace="t">
` + d.roots.String() + processes.String() + "</bpmn:definitions>\n")
}

type drawing struct {
	lines     []string
	roots     strings.Builder // messages, signals, errors
	refs      map[string]string
	processes strings.Builder
	flows     int
}

var tags = map[string]string{
	"start": "startEvent", "end": "endEvent", "user": "userTask", "manual": "manualTask", "service": "serviceTask", "task": "task",
	"send": "sendTask", "receive": "receiveTask", "rule": "businessRuleTask", "call": "callActivity", "xor": "exclusiveGateway",
	"and": "parallelGateway", "or": "inclusiveGateway", "event": "eventBasedGateway", "catch": "intermediateCatchEvent",
	"throw": "intermediateThrowEvent", "boundary": "boundaryEvent", "sub": "subProcess",
}

// block draws lines up to a closing brace.
func (d *drawing) block(owner string) string {
	var elements []string
	var flows strings.Builder
	defaults := map[string]string{}
	lanes := map[string][]string{}
	for len(d.lines) > 0 {
		line := strings.TrimSpace(d.lines[0])
		d.lines = d.lines[1:]
		words := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#':
		case line == "}":
			return d.lanes(lanes, owner) + finishElements(elements, defaults) + flows.String()
		case strings.HasPrefix(line, "ext="):
			last := &elements[len(elements)-1]
			*last = strings.Replace(*last, "EXT", "<bpmn:extensionElements>"+line[4:]+"</bpmn:extensionElements>", 1)
		case words[0] == "process":
			inner := d.block(words[1])
			fmt.Fprintf(&d.processes, `<bpmn:process id="%s" isExecutable="true">%s</bpmn:process>`+"\n", words[1], inner)
		case len(words) > 2 && words[1] == "->":
			d.flows++
			id := fmt.Sprintf("f%d", d.flows)
			condition := ""
			if _, expr, ok := strings.Cut(line, " if "); ok {
				condition = "<bpmn:conditionExpression>" + escape(expr) + "</bpmn:conditionExpression>"
			}
			if strings.HasSuffix(line, " default") {
				defaults[words[0]] = id
			}
			fmt.Fprintf(&flows, `<bpmn:sequenceFlow id="%s" sourceRef="%s" targetRef="%s">%s</bpmn:sequenceFlow>`+"\n", id, words[0], words[2], condition)
		default:
			elements = append(elements, d.element(line, words, lanes))
		}
	}
	return d.lanes(lanes, owner) + finishElements(elements, defaults) + flows.String()
}

func finishElements(elements []string, defaults map[string]string) string {
	all := strings.ReplaceAll(strings.Join(elements, "\n"), "EXT", "")
	for id, flow := range defaults {
		all = strings.Replace(all, ` id="`+id+`"`, ` id="`+id+`" default="`+flow+`"`, 1)
	}
	return all
}

func (d *drawing) lanes(lanes map[string][]string, owner string) string {
	if len(lanes) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<bpmn:laneSet>")
	for role, ids := range lanes {
		fmt.Fprintf(&b, `<bpmn:lane id="lane-%s-%s" openhall:role="%s">`, owner, role, role)
		for _, id := range ids {
			fmt.Fprintf(&b, "<bpmn:flowNodeRef>%s</bpmn:flowNodeRef>", id)
		}
		b.WriteString("</bpmn:lane>")
	}
	b.WriteString("</bpmn:laneSet>")
	return b.String()
}

func escape(s string) string { return textEscaper.Replace(s) }

func (d *drawing) element(line string, words []string, lanes map[string][]string) string {
	kind, id := words[0], words[1]
	tag, ok := tags[kind]
	if !ok {
		panic("draw: " + line)
	}
	attrs, inner, multi := "", "EXT", map[string]string{}
	rest := line
	if _, until, ok := strings.Cut(line, ` until="`); ok {
		multi["until"] = until[:strings.IndexByte(until, '"')]
		rest = strings.Replace(line, ` until="`+multi["until"]+`"`, "", 1)
	}
	for _, w := range strings.Fields(rest)[2:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "{":
			inner += d.block(id)
		case "lane":
			lanes[value] = append(lanes[value], id)
		case "on":
			attrs += fmt.Sprintf(` attachedToRef="%s"`, value)
		case "keep":
			attrs += ` cancelActivity="false"`
		case "of":
			attrs += fmt.Sprintf(` calledElement="%s"`, value)
		case "mi", "card", "items", "var":
			multi[key] = value
		case "timer":
			inner += "<bpmn:timerEventDefinition><bpmn:timeDuration>" + value + "</bpmn:timeDuration></bpmn:timerEventDefinition>"
		case "workdays":
			inner += `<bpmn:timerEventDefinition><bpmn:timeDuration openhall:unit="working-day">` + value + "</bpmn:timeDuration></bpmn:timerEventDefinition>"
		case "date":
			inner += "<bpmn:timerEventDefinition><bpmn:timeDate>" + value + "</bpmn:timeDate></bpmn:timerEventDefinition>"
		case "cycle":
			inner += "<bpmn:timerEventDefinition><bpmn:timeCycle>" + value + "</bpmn:timeCycle></bpmn:timerEventDefinition>"
		case "anyerror":
			inner += "<bpmn:errorEventDefinition/>"
		case "terminate":
			inner += "<bpmn:terminateEventDefinition/>"
		case "link":
			inner += fmt.Sprintf(`<bpmn:linkEventDefinition name="%s"/>`, value)
		case "message", "signal", "error":
			ref := d.ref(key, value)
			if kind == "send" || kind == "receive" {
				attrs += fmt.Sprintf(` messageRef="%s"`, ref)
			} else {
				inner += fmt.Sprintf(`<bpmn:%sEventDefinition %sRef="%s"/>`, key, key, ref)
			}
		default:
			panic("draw: " + line)
		}
	}
	if m := multi["mi"]; m != "" {
		inner += fmt.Sprintf(`<bpmn:multiInstanceLoopCharacteristics isSequential="%t"`, m == "sequential")
		if multi["items"] != "" {
			inner += fmt.Sprintf(` openhall:collection="%s" openhall:elementVariable="%s"`, multi["items"], multi["var"])
		}
		inner += ">"
		if multi["card"] != "" {
			inner += "<bpmn:loopCardinality>" + multi["card"] + "</bpmn:loopCardinality>"
		}
		if multi["until"] != "" {
			inner += "<bpmn:completionCondition>" + escape(multi["until"]) + "</bpmn:completionCondition>"
		}
		inner += "</bpmn:multiInstanceLoopCharacteristics>"
	}
	return fmt.Sprintf(`<bpmn:%s id="%s"%s>%s</bpmn:%s>`, tag, id, attrs, inner, tag)
}

func (d *drawing) ref(kind, name string) string {
	id := kind + "-" + name
	if d.refs[id] == "" {
		d.refs[id] = name
		code := ""
		if kind == "error" {
			code = fmt.Sprintf(` errorCode="%s"`, name)
		}
		fmt.Fprintf(&d.roots, `<bpmn:%s id="%s" name="%s"%s/>`+"\n", kind, id, name, code)
	}
	return id
}

func mustDraw(t testing.TB, sketch string) *Definition {
	t.Helper()
	d, err := Parse(draw(sketch))
	if err != nil {
		t.Fatalf("the sketch does not parse: %v", err)
	}
	return d
}
