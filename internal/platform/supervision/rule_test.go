package supervision_test

import (
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/rules"
)

const oneRule = `rules:
  - id: a
    event: line.warned
    colour: reminder
    line: promise
    title: {zh-Hans: 甲, zh-Hant: 甲, en: A}
`

func TestRulesAreRefused(t *testing.T) {
	if list, err := supervision.ParseRules([]byte(oneRule)); err != nil || len(list) != 1 || list[0].Title.En != "A" {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, c := range []struct{ old, with, says string }{
		{oneRule, "rules: []", "there is none"},
		{oneRule, "{", "rules of supervision"},
		{"id: a", "id: ''", "id is missing"},
		{"colour: reminder", "color: reminder", "color"},
		{"colour: reminder", "colour: blue", "colour"},
		{"event: line.warned", "event: case.submitted", "names no line"},
		{"line: promise", "line: x", "want promise or statute"},
		{", en: A", "", "title"},
		{"rules:\n", oneRule, "same id or event"},
	} {
		if _, err := supervision.ParseRules([]byte(strings.Replace(oneRule, c.old, c.with, 1))); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q instead of %q: %v; want %q", c.with, c.old, err, c.says)
		}
	}
}

// Every trigger of the rules that ship stands in the law's list, with its source.
func TestTriggersStandInTheLaw(t *testing.T) {
	law, err := statute.Load(rules.Files, "cn")
	if err != nil {
		t.Fatal(err)
	}
	p, ok := law.Parameter("supervision.triggers")
	if !ok {
		t.Fatal("rules/cn has no supervision.triggers")
	}
	var known []string
	for _, v := range p.Values {
		for _, e := range v.Entries {
			known = append(known, e.Code)
		}
	}
	list, err := supervision.Rules()
	if err != nil || len(list) != 4 {
		t.Fatalf("%d rules ship, %v; want 4", len(list), err)
	}
	for _, r := range list {
		if r.Trigger != "" && !slices.Contains(known, r.Trigger) {
			t.Errorf("rule %s: trigger %q does not stand in supervision.triggers %v", r.ID, r.Trigger, known)
		}
	}
}
