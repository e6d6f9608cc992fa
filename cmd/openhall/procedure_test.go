package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const procedureModel = `<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:o="https://openhall.org/schema/procedure/1" id="d">
  <message id="m1" name="paid"/>
  <process id="p" isExecutable="true">
    <startEvent id="s"/>
    <parallelGateway id="split"/>
    <userTask id="opinion"><multiInstanceLoopCharacteristics>
      <loopCardinality>3</loopCardinality><completionCondition>nrOfCompletedInstances = 2</completionCondition>
    </multiInstanceLoopCharacteristics></userTask>
    <boundaryEvent id="remind" attachedToRef="opinion" cancelActivity="false"><timerEventDefinition><timeDuration o:unit="working-day">P1D</timeDuration></timerEventDefinition></boundaryEvent>
    <userTask id="call"/>
    <endEvent id="called"/>
    <serviceTask id="book"></serviceTask>
    <intermediateCatchEvent id="fee"><messageEventDefinition messageRef="m1"/></intermediateCatchEvent>
    <parallelGateway id="join"/>
    <endEvent id="e"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="split"/>
    <sequenceFlow id="f2" sourceRef="split" targetRef="opinion"/>
    <sequenceFlow id="f3" sourceRef="split" targetRef="book"/>
    <sequenceFlow id="f4" sourceRef="book" targetRef="fee"/>
    <sequenceFlow id="f5" sourceRef="fee" targetRef="join"/>
    <sequenceFlow id="f6" sourceRef="opinion" targetRef="join"/>
    <sequenceFlow id="f7" sourceRef="join" targetRef="e"/>
    <sequenceFlow id="f8" sourceRef="remind" targetRef="call"/>
    <sequenceFlow id="f9" sourceRef="call" targetRef="called"/>
  </process>
</definitions>`

func procedureFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func runProcedure(t *testing.T, args ...string) (out, notes string, err error) {
	t.Helper()
	cmd := newProcedureCommand()
	var o, n bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(&o)
	cmd.SetErr(&n)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err = cmd.Execute()
	return o.String(), n.String(), err
}

// TestProcedureRun follows the contract of the command. Friday 26 September 2025 is followed by a make-up working day on Sunday the
// 28th (国办发明电〔2024〕12号), at whose end a timer of one working day falls due.
func TestProcedureRun(t *testing.T) {
	model := procedureFile(t, "p.bpmn", procedureModel)
	inputs := procedureFile(t, "in.jsonl", `
{"at":"2025-09-26T09:00:00+08:00","start":{"amount":12.5,"who":"王"}}
{"at":"2025-09-26T10:00:00+08:00","complete":"opinion","index":2,"vars":{"ok":true}}
{"at":"2025-09-28T23:59:59+08:00","advance":true}
{"at":"2025-09-29T00:00:00+08:00","message":"nobody waits","vars":{}}
{"at":"2025-09-29T00:00:00+08:00","advance":true}
{"at":"2025-09-29T09:00:00+08:00","complete":"opinion","index":1}
{"at":"2025-09-29T10:00:00+08:00","message":"paid","vars":{"ok":null}}
{"at":"2025-09-29T11:00:00+08:00","complete":"call"}
`)
	out, notes, err := runProcedure(t, "run", model, "--inputs", inputs, "--json")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"open":["fee","opinion","opinion","opinion"],"ended":false,"vars":{"amount":12.5,"who":"王"}}
{"open":["fee","opinion","opinion"],"ended":false,"vars":{"amount":12.5,"ok":true,"who":"王"}}
{"open":["fee","opinion","opinion"],"ended":false,"vars":{"amount":12.5,"ok":true,"who":"王"}}
{"open":["fee","opinion","opinion"],"ended":false,"vars":{"amount":12.5,"ok":true,"who":"王"}}
{"open":["call","fee","opinion","opinion"],"ended":false,"vars":{"amount":12.5,"ok":true,"who":"王"}}
{"open":["call","fee"],"ended":false,"vars":{"amount":12.5,"ok":true,"who":"王"}}
{"open":["call"],"ended":false,"vars":{"amount":12.5,"ok":null,"who":"王"}}
{"open":[],"ended":true,"vars":{"amount":12.5,"ok":null,"who":"王"}}
`
	if out != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	if !strings.Contains(notes, "line 5") || !strings.Contains(notes, "nobody waits") {
		t.Errorf("notes %q", notes)
	}
	if out, _, err = runProcedure(t, "run", model, "--inputs", inputs); err != nil || !strings.Contains(out, "2025-09-29 11:00  ended: completed") {
		t.Errorf("for people: %v\n%s", err, out)
	}
}

// TestProcedureRunIndex: an index is the number of the instance as started; where that one is done, the place among the open ones.
func TestProcedureRunIndex(t *testing.T) {
	model := procedureFile(t, "p.bpmn", strings.Replace(procedureModel, "nrOfCompletedInstances = 2", "false", 1))
	first := `{"at":"2026-03-02T09:00:00+08:00","start":{}}` + "\n"
	for _, indexes := range [][]string{{"0", "0", "0"}, {"0", "1", "2"}, {"2", "1", "0"}, {"1", "1", "0"}} {
		script := first
		for _, i := range indexes {
			script += `{"at":"2026-03-02T09:00:00+08:00","complete":"opinion","index":` + i + "}\n"
		}
		out, _, err := runProcedure(t, "run", model, "--json", "--inputs", procedureFile(t, "in.jsonl", script))
		if lines := strings.Split(out, "\n"); err != nil || len(lines) != 5 || lines[3] != `{"open":["fee"],"ended":false,"vars":{}}` {
			t.Errorf("%v: %v\n%s", indexes, err, out)
		}
	}
}

func TestProcedureRunRefuses(t *testing.T) {
	model := procedureFile(t, "p.bpmn", procedureModel)
	first := `{"at":"2026-03-02T09:00:00+08:00","start":{}}` + "\n"
	for _, c := range []struct{ line, want string }{
		{`{"at":"2026-03-02T09:00:00+08:00","complete":"join"}`, "line 2: procedure: the task is not open: join"},
		{`{"at":"2026-03-02T09:00:00+08:00","complete":"opinion","index":3}`, "not open"},
		{`{"at":"2026-03-02T09:00:00+08:00","start":{}}`, "started already"},
		{`{"at":"2026-03-02T09:00:00+08:00"}`, "an input is one of"},
		{`{"at":"2026-03-02T09:00:00+08:00","advance":true,"complete":"call"}`, "an input is one of"},
		{`{"at":"2026-03-01T09:00:00+08:00","advance":true}`, "not before that of the line before"},
		{`{"advance":true}`, "must be an instant"},
		{`{"at":"yesterday","advance":true}`, "not an input"},
		{`{"at":"2026-03-02T09:00:00+08:00","vars":[1],"advance":true}`, "variables are a JSON object"},
		{`{"at":"2026-03-02T09:00:00+08:00","advanced":true}`, `unknown field "advanced"`},
		{`complete opinion`, "not an input"},
	} {
		_, _, err := runProcedure(t, "run", model, "--json", "--inputs", procedureFile(t, "in.jsonl", first+c.line))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.line, err, c.want)
		}
	}
	if _, _, err := runProcedure(t, "run", procedureFile(t, "x.bpmn", "<svg/>")); err == nil || !strings.Contains(err.Error(), "is this a BPMN 2.0 file") {
		t.Errorf("no BPMN: %v", err)
	}
}

func TestProcedureCheck(t *testing.T) {
	model := procedureFile(t, "p.bpmn", procedureModel)
	out, _, err := runProcedure(t, "check", model, "--lang", "en")
	if err == nil || strings.Count(out, "\n") != 2 || !strings.Contains(out, "opinion: the task stands in no lane") || !strings.Contains(out, "call: the task stands in no lane") {
		t.Errorf("without lanes: %v\n%s", err, out)
	}
	if out, _, err = runProcedure(t, "check", model, "--json"); err == nil || !strings.HasPrefix(out, `[{"code":"lane-missing","level":"error","element":"opinion"`) {
		t.Errorf("as JSON: %v\n%s", err, out)
	}
	if out, _, err = runProcedure(t, "check", "--plain", model); err != nil || out != "" {
		t.Errorf("plain: %v\n%s", err, out)
	}
	broken := procedureFile(t, "b.bpmn", strings.ReplaceAll(procedureModel, "serviceTask", "scriptTask"))
	if out, _, err = runProcedure(t, "check", broken); err == nil || strings.Count(out, "\n") != 1 || !strings.Contains(out, "line 13: <scriptTask>") {
		t.Errorf("not to be read: %v\n%s", err, out)
	}
	if _, _, err = runProcedure(t, "check", filepath.Join(t.TempDir(), "missing.bpmn")); err == nil {
		t.Error("a file that is not there was checked")
	}
}
