package chart_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/slice/chart"
	"openhall.org/openhall/procedures"
)

// small is a chart of two steps; flows and lanes are what a test makes of them.
func small(lanes, flows string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:openhall="https://openhall.org/schema/procedure/1" id="d" targetNamespace="t">
<bpmn:process id="p" name="小流程" isExecutable="true"><bpmn:laneSet id="ls">` + lanes + `</bpmn:laneSet>
<bpmn:startEvent id="start"/><bpmn:userTask id="a" name="甲">` + step + `</bpmn:userTask><bpmn:userTask id="b" name="乙">` + step + `</bpmn:userTask><bpmn:endEvent id="end"/>
` + flows + `</bpmn:process></bpmn:definitions>`
}

const (
	step     = `<bpmn:extensionElements><openhall:term length="1" unit="working-day" basis="内部"/></bpmn:extensionElements>`
	oneLane  = `<bpmn:lane id="l" name="审查" openhall:role="reviewer"><bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:flowNodeRef>b</bpmn:flowNodeRef><bpmn:flowNodeRef>end</bpmn:flowNodeRef></bpmn:lane>`
	straight = `<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"/><bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="end"/>`
)

// TestChartsThatGoNowhere: a circle without a way out, steps in no lane, and files of other standards are told by element and keep a chart
// back; what is drawn stays.
func TestChartsThatGoNowhere(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	for _, x := range []struct {
		name, xml, element string
		code               procedure.Code
	}{
		{"a circle without a way out", small(oneLane, `<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
			<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="a"/>`), "a", procedure.CodeCannotEnd},
		{"an end that the circle never reaches", small(oneLane, `<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="a"/>
			<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="end"/>`), "b", procedure.CodeUnreachable},
		{"a step in no lane", small(strings.Replace(oneLane, `<bpmn:flowNodeRef>b</bpmn:flowNodeRef>`, "", 1), straight), "b", procedure.CodeLaneMissing},
		{"no lanes at all", small("", straight), "a", procedure.CodeLaneMissing},
		{"the same names under another namespace", strings.ReplaceAll(small(oneLane, straight), "http://www.omg.org/spec/BPMN/20100524/MODEL", "https://example.org/not-bpmn"), "", procedure.CodeUnreadable},
		{"another standard", `<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="表"/>`, "", procedure.CodeUnreadable},
	} {
		t.Run(x.name, func(t *testing.T) {
			v, err := w.Version(t.Context(), c.ID, 1)
			must(t, err)
			if _, err = w.Save(t.Context(), drawer, c.ID, 1, v.Stamp, x.xml, ""); err != nil {
				t.Fatal(err)
			}
			_, err = w.HandIn(t.Context(), drawer, c.ID, 1, w.key())
			var faults *chart.FaultsError
			if !errors.As(err, &faults) {
				t.Fatalf("handed in: %v", err)
			}
			found := false
			for _, f := range faults.Findings {
				found = found || f.Code == x.code && f.Element == x.element && f.Level == procedure.Error && f.Message.Complete()
			}
			if !found {
				t.Errorf("found %v", faults.Findings)
			}
			if rec := w.ask(drawer, http.MethodGet, "/desk/charts/"+c.ID.String()+"/v/1", nil); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "oh-findings__item--error") {
				t.Errorf("the page of it: %d", rec.Code)
			}
		})
	}
}

// TestUnreadableFilesAreToldInWords: why a file cannot be read is said in the reader's language, with the line, and the findings are about what
// was sent, not about what is kept.
func TestUnreadableFilesAreToldInWords(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	board := "/desk/charts/" + c.ID.String() + "/v/1"
	for name, x := range map[string]struct{ xml, hans, hant, en string }{
		"half a tag":       {"<bpmn:half", "第 1 行：不是格式正确的 XML", "第 1 行：不是格式正確的 XML", "line 1: not well-formed XML"},
		"never closed":     {"<a>\n<b>", "第 2 行：&lt;b&gt; 没有结束标签", "第 2 行：&lt;b&gt; 沒有結束標籤", "line 2: &lt;b&gt; is never closed"},
		"no element":       {" ", "文件中没有 XML 元素", "檔案中沒有 XML 元素", "the file holds no XML element"},
		"a prefix of none": {"<x:definitions/>", "前缀 &#34;x&#34; 没有声明；请加上 xmlns:x", "前綴 &#34;x&#34; 沒有宣告；請加上 xmlns:x", "add xmlns:x"},
		"an entity":        {`<!DOCTYPE x [<!ENTITY a "b">]><a/>`, "不允许文档类型声明", "不允許文件類型宣告", "a document type or entity declaration is not allowed"},
	} {
		for tag, want := range map[string]string{"zh-Hans": x.hans, "zh-Hant": x.hant, "en": x.en} {
			v, err := w.Version(t.Context(), c.ID, 1)
			must(t, err)
			rec := w.ask(drawer, http.MethodPost, board+"?lang="+tag, url.Values{"op": {"save"}, "stamp": {strconv.Itoa(v.Stamp)}, "xml": {x.xml}})
			page := rec.Body.String()
			if rec.Code != http.StatusUnprocessableEntity || strings.Count(page, want) < 2 {
				t.Errorf("%s in %s: %d, %q stands there %d times", name, tag, rec.Code, want, strings.Count(page, want))
			}
			if tag != "en" && strings.Contains(page, "procedure: ") {
				t.Errorf("%s in %s: words of the program are on the page", name, tag)
			}
		}
	}
	found, _, err := w.Findings(t.Context(), &c, strings.Replace(small(oneLane, straight), "http://www.omg.org/spec/BPMN/20100524/MODEL", "urn:other", 1))
	must(t, err)
	if len(found) != 1 || found[0].Line != 2 || !strings.Contains(found[0].Message.Hans, "根元素是 <bpmn:definitions>，不是命名空间") || !strings.Contains(found[0].Message.Hant, "請在製圖工具中改正") {
		t.Errorf("another namespace: %+v", found)
	}
	found, _, err = w.Findings(t.Context(), &c, small(strings.Replace(oneLane, `"reviewer"`, `"wizard"`, 1), straight))
	must(t, err)
	if i := slices.IndexFunc(found, func(f chart.Finding) bool { return f.Code == chart.CodeUnknownRole }); i < 0 || !strings.Contains(found[i].Message.Hans, " (reviewer)") || found[i].Message.Hans == found[i].Message.En {
		t.Errorf("a role that nobody has: %+v", found)
	}
}

// TestForeignNames: elements and attributes of other namespaces stay and do nothing, wherever they stand, and however the names of BPMN are
// written.
func TestForeignNames(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	raw, err := procedures.Files.ReadFile("general-licence.bpmn")
	must(t, err)
	for name, xml := range map[string]string{
		"elements between the steps": strings.Replace(string(raw), "</bpmn:process>", `<x:userTask xmlns:x="urn:x" id="foreign"><x:flow to="nowhere"/></x:userTask></bpmn:process>`, 1),
		"attributes of a vendor":     strings.Replace(string(raw), `<bpmn:userTask id="examine"`, `<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="demo" id="examine"`, 1),
		"another prefix":             strings.NewReplacer("<bpmn:", "<semantic:", "</bpmn:", "</semantic:", "xmlns:bpmn=", "xmlns:semantic=", "bpmn:tFormalExpression", "semantic:tFormalExpression").Replace(string(raw)),
		"another prefix of ours":     strings.NewReplacer("<openhall:", "<oh:", "</openhall:", "</oh:", "xmlns:openhall=", "xmlns:oh=", " openhall:", " oh:").Replace(string(raw)),
	} {
		t.Run(name, func(t *testing.T) {
			if xml == string(raw) {
				t.Fatal("nothing was changed")
			}
			v, err := w.Version(t.Context(), c.ID, 1)
			must(t, err)
			_, err = w.Save(t.Context(), drawer, c.ID, 1, v.Stamp, xml, "")
			must(t, err)
			found, def, err := w.Findings(t.Context(), &c, xml)
			must(t, err)
			if def == nil || chart.Faulty(found) || def.Element("examine") == nil || def.Element("foreign") != nil || def.Element("examine").Role() != "reviewer" {
				t.Errorf("found %v", found)
			}
			if rec := w.ask(drawer, http.MethodGet, "/desk/charts/"+c.ID.String()+"/v/1/diagram.bpmn", nil); rec.Body.String() != xml {
				t.Error("the file does not go out as it came in")
			}
		})
	}
}

// TestBaseOfAVersion: everybody may ask what a version in force was drawn from; of what is not in force nothing is told.
func TestBaseOfAVersion(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	for _, ref := range []string{c.Key + "@1", "", "general-licence@1"} {
		if base, err := w.Base(t.Context(), ref); err != nil || base != "" {
			t.Errorf("%q is drawn from %q, %v", ref, base, err)
		}
	}
	if rec := w.ask(drawer, http.MethodPost, "/desk/charts/"+c.ID.String()+"/v/1/check", url.Values{}); rec.Code != http.StatusOK {
		t.Errorf("nothing at all is examined with %d", rec.Code)
	}
}
