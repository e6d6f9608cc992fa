package procedure

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// open and shut stand around what a test wants to say.
const (
	openDefs = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">`
	openProc = openDefs + `<process id="p"><startEvent id="s"/>`
	shut     = `</process></definitions>`
)

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "holds no XML element"},
		{"text", "hello", "text outside the root"},
		{"not BPMN", `<svg/>`, "is this a BPMN 2.0 file"},
		{"BPMN 1", `<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>`, "is this a BPMN 2.0 file"},
		{"no process", openDefs + `</definitions>`, "holds no process"},
		{"document type", `<!DOCTYPE x [<!ENTITY a "b">]>` + openProc + shut, "entity declaration is not allowed"},
		{"an entity of nobody", openProc + `<task id="a" name="&lol;"/>` + shut, "not well-formed"},
		{"not closed", openProc, "is never closed"},
		{"closed twice", openProc + shut + "</a>", "closes nothing"},
		{"closed crosswise", openDefs + "<process></definitions></process>", "closed by another name"},
		{"two roots", openProc + shut + "<b/>", "a second root"},
		{"undeclared prefix", `<bpmn:definitions/>`, `prefix "bpmn" is not declared`},
		{"too deep", openDefs + strings.Repeat("<extension>", 120) + strings.Repeat("</extension>", 120) + "</definitions>", "nested more than 100 deep"},
		{"too many", openDefs + strings.Repeat("<dataStore/>", 20_001) + "</definitions>", "more than 20000 elements"},
		{"too large", openDefs + strings.Repeat(" ", MaxBytes), "at most 4194304 are allowed"},
		{"script task", openProc + `<scriptTask id="x"/>` + shut, `<scriptTask> "x" is a script`},
		{"complex gateway", openProc + "\n" + `<complexGateway id="x"/>` + shut, `line 2: <complexGateway> "x" is not executed`},
		{"ad hoc", openProc + `<adHocSubProcess id="x"/>` + shut, `<adHocSubProcess> "x"`},
		{"transaction", openProc + `<transaction id="x"/>` + shut, `<transaction> "x"`},
		{"event sub-process", openProc + `<subProcess id="x" triggeredByEvent="true"/>` + shut, "is an event sub-process"},
		{"compensation", openProc + `<task id="x" isForCompensation="true"/>` + shut, "is for compensation"},
		{"compensation event", openProc + `<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>` + shut, "<compensateEventDefinition>"},
		{"conditional event", openProc + `<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>` + shut, "<conditionalEventDefinition>"},
		{"two definitions", openProc + `<intermediateCatchEvent id="x"><timerEventDefinition/><messageEventDefinition/></intermediateCatchEvent>` + shut, "two event definitions"},
		{"terminate start", openDefs + `<process id="p"><startEvent id="s"><terminateEventDefinition/></startEvent>` + shut, "is not executed on a startEvent"},
		{"timer end", openProc + `<endEvent id="e"><timerEventDefinition/></endEvent>` + shut, "is not executed on a endEvent"},
		{"standard loop", openProc + `<task id="x"><standardLoopCharacteristics/></task>` + shut, "is a standard loop"},
		{"multi-instance of nothing", openProc + `<task id="x"><multiInstanceLoopCharacteristics/></task>` + shut, "lacks how many"},
		{"multi-instance event", openProc + `<endEvent id="x"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></endEvent>` + shut, "several instances"},
		{"complex behaviour", openProc + `<task id="x"><multiInstanceLoopCharacteristics><complexBehaviorDefinition/></multiInstanceLoopCharacteristics></task>` + shut, "<complexBehaviorDefinition>"},
		{"instantiating gateway", openProc + `<eventBasedGateway id="x" instantiate="true"/>` + shut, "starts the process"},
		{"no id", openProc + `<task/>` + shut, "lacks an id"},
		{"process without id", openDefs + `<process/></definitions>`, "a process without id"},
		{"choreography", openDefs + `<choreography id="x"/></definitions>`, `<choreography> "x"`},
		{"two that could be meant", openDefs + `<process id="p" isExecutable="true"><task id="a"/></process><process id="q" isExecutable="true"><task id="b"/></process></definitions>`, "neither calls the other"},
		{"unknown extension of ours", openProc + `<task id="a"><extensionElements><x xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "is no extension of"},
		{"clock that does nothing", openProc + `<task id="a"><extensionElements><clock name="c" action="wind" xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "write start, stop, pause"},
		{"clock without rule", openProc + `<task id="a"><extensionElements><clock name="c" action="start" xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "without a rule"},
		{"term without unit", openProc + `<task id="a"><extensionElements><term length="5" xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "lacks the attribute rule"},
		{"term of no length", openProc + `<task id="a"><extensionElements><term length="0" unit="working-day" xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "write a number above 0"},
		{"status at no moment", openProc + `<task id="a"><extensionElements><status value="x" on="later" xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "write enter or leave"},
		{"form without key", openProc + `<task id="a"><extensionElements><form xmlns="` + Namespace + `"/></extensionElements></task>` + shut, "lacks the attribute key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// TestMarshal reads files as modellers write them and gets them back: the same document, whose second reading is the same bytes.
func TestMarshal(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bpmn")
	if err != nil || len(files) < 3 {
		t.Fatalf("files: %v %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out := d.Marshal()
		if want := strings.ReplaceAll(string(data), " />", "/>"); string(out) != want { // only the space before /> is not kept
			t.Errorf("%s: Marshal gives another document:\n%s", file, firstDifference(string(out), want))
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !bytes.Equal(again.Marshal(), out) {
			t.Errorf("%s: the second reading differs", file)
		}
	}
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(x string) string { return x[max(0, i-40):min(len(x), i+40)] }
	return cut(a) + "\n--\n" + cut(b)
}

// TestMarshalKeeps has what XML writes in several ways.
func TestMarshalKeeps(t *testing.T) {
	file := `<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn by hand -->
<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:foreign="urn:x" foreign:a="1 &lt; 2 &amp; &#34;q&#34;&#10;line">
  <b:process id="p"><b:startEvent id="s" name="申请 &amp; 受理"><b:extensionElements><foreign:keep><![CDATA[a<b]]></foreign:keep></b:extensionElements></b:startEvent></b:process>
  <?target data?>
</b:definitions>`
	d, err := Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(file, "<![CDATA[a<b]]>", "a&lt;b", 1) + "\n"
	if got := string(d.Marshal()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if name := d.Element("s").Name; name != "申请 & 受理" {
		t.Errorf("name %q", name)
	}
}

// FuzzParse looks for files that make the parser fail other than by an error, and checks that what is read can be given back.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.bpmn")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range scenarios {
		f.Add(draw(c.model))
	}
	f.Add([]byte(`<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;">]><definitions>&l2;</definitions>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		out := d.Marshal()
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("what was given back does not parse: %v\n%s", err, out)
		}
		if !bytes.Equal(again.Marshal(), out) {
			t.Fatalf("giving back twice differs:\n%s", out)
		}
		for range Check(d, Options{MaxStates: 200}) {
			_ = d.Diagram()
		}
		s, _, err := (&Engine{AutoServices: true}).Step(d, State{}, Input{Kind: InputStart}, epoch)
		if err == nil && !s.Ended() && len(s.Tokens) == 0 {
			t.Fatalf("a case that waits for nothing has not ended: %+v", s)
		}
	})
}
