package procedure

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// small is a chart of two steps, drawn by hand; %s stands for what a test puts in place of the second step, its flows and what is drawn.
const small = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:openhall="https://openhall.org/schema/procedure/1" xmlns:other="https://other.example/tool" id="d">
  <bpmn:process id="p" name="取水" isExecutable="true">
    <bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="审核" openhall:role="reviewer">
      <bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>review</bpmn:flowNodeRef><bpmn:flowNodeRef>decide</bpmn:flowNodeRef><bpmn:flowNodeRef>end</bpmn:flowNodeRef>
    </bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="start"/>
    <bpmn:userTask id="review" name="审查"><bpmn:extensionElements><openhall:term length="5" unit="working-day" basis="内部"/><other:colour hue="red"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:userTask id="decide" name="决定"><bpmn:extensionElements><openhall:term length="3" unit="working-day" basis="内部"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
    <bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="decide"/>
    <bpmn:sequenceFlow id="f3" sourceRef="decide" targetRef="end"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="plane" bpmnElement="p">
    <bpmndi:BPMNShape id="s1" bpmnElement="review"><dc:Bounds x="100" y="100" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="decide"><dc:Bounds x="300" y="100" width="100" height="80"/></bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>`

func parsed(t testing.TB, xml string) *Definition {
	t.Helper()
	d, err := Parse([]byte(xml))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDifferenceNamesWhatBecameOfEachElement(t *testing.T) {
	older := parsed(t, small)
	for _, c := range []struct {
		name string
		edit *strings.Replacer
		want []string // id what aspect before→after
	}{
		{"nothing", strings.NewReplacer(), nil},
		{"a name and a term", strings.NewReplacer(`name="审查"`, `name="审核"`, `length="5"`, `length="4"`), []string{"review changed name 审查→审核", "review changed term 5 working-day 内部→4 working-day 内部"}},
		{"a role", strings.NewReplacer(`role="reviewer"`, `role="head"`), []string{"decide changed role reviewer→head", "lane changed role reviewer→head", "review changed role reviewer→head"}},
		{"only moved", strings.NewReplacer(`x="300"`, `x="340"`), []string{"decide moved"}},
		{"a foreign extension", strings.NewReplacer(`hue="red"`, `hue="blue"`), []string{`review changed other <other:colour hue="red"/>→<other:colour hue="blue"/>`}},
		{"a step taken out", strings.NewReplacer(
			`<bpmn:userTask id="decide" name="决定"><bpmn:extensionElements><openhall:term length="3" unit="working-day" basis="内部"/></bpmn:extensionElements></bpmn:userTask>`, ``,
			`<bpmn:flowNodeRef>decide</bpmn:flowNodeRef>`, ``, `targetRef="decide"`, `targetRef="end"`, `<bpmn:sequenceFlow id="f3" sourceRef="decide" targetRef="end"/>`, ``),
			[]string{"decide removed", "f2 changed to decide→end", "f3 removed"}},
		{"an element of another kind", strings.NewReplacer(`<bpmn:endEvent id="end"/>`, `<bpmn:endEvent id="end"><bpmn:terminateEventDefinition/></bpmn:endEvent>`), []string{"end changed trigger →terminate"}},
		{"a condition", strings.NewReplacer(`<bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="decide"/>`,
			`<bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="decide"><bpmn:conditionExpression>a = 1</bpmn:conditionExpression></bpmn:sequenceFlow>`), []string{"f2 changed condition →a = 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := told(Difference(older, parsed(t, c.edit.Replace(small)))); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	back := Difference(parsed(t, strings.Replace(small, `<bpmn:endEvent id="end"/>`, `<bpmn:endEvent id="end"/><bpmn:manualTask id="extra"/>`, 1)), older)
	if got := told(back); !slices.Equal(got, []string{"extra removed"}) {
		t.Errorf("back: %q", got)
	}
}

// told writes changes one aspect on a line, sorted.
func told(list []Change) []string {
	var out []string
	for _, c := range list {
		if len(c.Aspects) == 0 {
			out = append(out, c.ID+" "+string(c.What))
		}
		for _, a := range c.Aspects {
			out = append(out, c.ID+" "+string(c.What)+" "+a.Name+" "+a.Before+"→"+a.After)
		}
	}
	slices.Sort(out)
	return out
}

// A difference is empty exactly for what says the same; seen from the other side, added and removed change places.
func TestDifferenceIsSymmetric(t *testing.T) {
	files := []*Definition{readFile(t, "licence.bpmn"), readFile(t, "camunda.bpmn"), readFile(t, "bpmnio.bpmn"), parsed(t, small)}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SampledFrom(files).Draw(t, "older"), rapid.SampledFrom(files).Draw(t, "newer")
		there, back := map[string]Alteration{}, map[string]Alteration{}
		key := func(c Change) string {
			if c.Kind == ProcessKind && c.What == Changed {
				return ProcessKind // called by its id in the newer one, whichever that is
			}
			return c.ID
		}
		for _, c := range Difference(a, b) {
			there[key(c)] = c.What
		}
		for _, c := range Difference(b, a) {
			back[key(c)] = c.What
		}
		if a == b && len(there) > 0 {
			t.Fatalf("it differs from itself: %v", there)
		}
		turned := map[Alteration]Alteration{Added: Removed, Removed: Added, Changed: Changed, Moved: Moved}
		for id, what := range there {
			if back[id] != turned[what] {
				t.Fatalf("%s: %s one way, %s the other", id, what, back[id])
			}
		}
		if len(there) != len(back) {
			t.Fatalf("%d one way, %d the other", len(there), len(back))
		}
	})
}
