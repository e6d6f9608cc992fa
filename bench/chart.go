package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/chart"
)

// chartElements is how many elements the compared chart has.
const chartElements = 150

// benchChart measures the difference of two versions of a chart of 150 elements as the page of it is made: both files are read, compared,
// drawn and written out. The peer reads the same two files, as whatever shows one has to, and does nothing else.
func benchChart(ctx context.Context, report func(string, ...any)) ([]measure, error) {
	words, err := i18n.Load(web.Messages(), chart.Messages())
	if err != nil {
		return nil, err
	}
	was := wideChart(chartElements)
	is := strings.NewReplacer(`name="环节7"`, `name="复核"`, `length="1" unit="working-day" basis="内部" id="t9"`, `length="3" unit="working-day" basis="内部" id="t9"`).Replace(wideChart(chartElements + 3))
	v := &web.View{L: words.Localizer(lang.Hans), Now: time.Now()}
	const turns = 25
	var ours, theirs, ratios []float64
	size := 0
	for range turns {
		begin := time.Now()
		older, err := procedure.Parse([]byte(was))
		if err != nil {
			return nil, err
		}
		newer, err := procedure.Parse([]byte(is))
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := chart.Difference(v, older, newer).Render(v.Context(ctx), &b); err != nil {
			return nil, err
		}
		size = b.Len()
		a := time.Since(begin)
		begin = time.Now()
		for _, file := range []string{was, is} {
			if _, err := procedure.Parse([]byte(file)); err != nil {
				return nil, err
			}
		}
		z := time.Since(begin)
		ours, theirs, ratios = append(ours, a.Seconds()*1e3), append(theirs, z.Seconds()*1e3), append(ratios, a.Seconds()/z.Seconds())
	}
	report("difference of two charts of %d elements, as a page of %d KB: %.1f ms; the same two files only read: %.1f ms (medians of %d)",
		chartElements, size>>10, median(ours), median(theirs), turns)
	return []measure{
		{"chart-difference", median(ours), "ms", 200, false},
		{"chart-difference-read", median(ratios), "of reading both", 5, false},
	}, nil
}

// wideChart is a chart of n elements in rows of 15.
func wideChart(n int) string {
	id := func(i int) string {
		switch i {
		case 0:
			return "start"
		case n - 1:
			return "end"
		}
		return fmt.Sprintf("step%d", i)
	}
	var refs, elements, flows, shapes strings.Builder
	for i := range n {
		x, y := 200+i%15*160, 100+i/15*120
		fmt.Fprintf(&refs, "<bpmn:flowNodeRef>%s</bpmn:flowNodeRef>", id(i))
		switch i {
		case 0:
			elements.WriteString(`<bpmn:startEvent id="start"><bpmn:outgoing>f0</bpmn:outgoing></bpmn:startEvent>`)
		case n - 1:
			fmt.Fprintf(&elements, `<bpmn:endEvent id="end"><bpmn:incoming>f%d</bpmn:incoming></bpmn:endEvent>`, i-1)
		default:
			fmt.Fprintf(&elements, `<bpmn:userTask id="%[1]s" name="环节%[2]d"><bpmn:extensionElements><openhall:term length="1" unit="working-day" basis="内部" id="t%[2]d"/></bpmn:extensionElements><bpmn:incoming>f%[3]d</bpmn:incoming><bpmn:outgoing>f%[2]d</bpmn:outgoing></bpmn:userTask>`, id(i), i, i-1)
		}
		fmt.Fprintf(&shapes, `<bpmndi:BPMNShape id="s%d" bpmnElement="%s"><dc:Bounds x="%d" y="%d" width="100" height="80"/></bpmndi:BPMNShape>`, i, id(i), x, y)
		if i > 0 {
			fx, fy := 200+(i-1)%15*160, 100+(i-1)/15*120
			fmt.Fprintf(&flows, `<bpmn:sequenceFlow id="f%d" sourceRef="%s" targetRef="%s"/>`, i-1, id(i-1), id(i))
			fmt.Fprintf(&shapes, `<bpmndi:BPMNEdge id="e%[1]d" bpmnElement="f%[2]d"><di:waypoint x="%[3]d" y="%[4]d"/><di:waypoint x="%[5]d" y="%[6]d"/></bpmndi:BPMNEdge>`, i, i-1, fx+100, fy+40, x, y+40)
		}
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:openhall="https://openhall.org/schema/procedure/1" id="d" targetNamespace="t">
<bpmn:collaboration id="c"><bpmn:participant id="pool" name="长流程" processRef="p"/></bpmn:collaboration>
<bpmn:process id="p" isExecutable="true"><bpmn:laneSet id="l"><bpmn:lane id="lane" name="审核" openhall:role="reviewer">` + refs.String() + `</bpmn:lane></bpmn:laneSet>
` + elements.String() + flows.String() + `</bpmn:process>
<bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="pl" bpmnElement="c"><bpmndi:BPMNShape id="sp" bpmnElement="pool" isHorizontal="true"><dc:Bounds x="120" y="60" width="2600" height="1500"/></bpmndi:BPMNShape><bpmndi:BPMNShape id="sl" bpmnElement="lane" isHorizontal="true"><dc:Bounds x="150" y="60" width="2570" height="1500"/></bpmndi:BPMNShape>` + shapes.String() + `</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>`
}
