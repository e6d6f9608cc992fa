package demo

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestMatters(t *testing.T) {
	all, err := Matters()
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]bool{}
	items := map[string]bool{}
	for _, m := range all {
		bodies[m.Body], items[m.Item.Key] = true, true
		if len(m.Code) != 31 {
			t.Errorf("%s: code %q; want the 31 characters of an implementation code", m.Key, m.Code)
		}
		for _, a := range m.Acts {
			// Nobody of the staff acts on the day that may just have begun.
			if m.After == "" && a.Day >= 0 {
				t.Errorf("%s: an act on day %d", m.Key, a.Day)
			}
		}
		if m.After == "" && m.Window && m.Day >= 0 {
			t.Errorf("%s: at the window on day %d", m.Key, m.Day)
		}
	}
	if len(all) < 45 || len(items) < 10 || len(bodies) < 8 {
		t.Errorf("%d matters of %d items and %d bodies; want 45, 10, 8 at least", len(all), len(items), len(bodies))
	}
}

// Every mistake that can be made in the file is found when it is read.
func TestMattersRefused(t *testing.T) {
	const head = "people: {ding: {kind: person, name: 丁一鸣}}\nforms: {nurse-registration: {name: x}}\nmatters:\n"
	const good = "{key: a, item: nurse-registration, body: hefei-health, by: ding, day: -2"
	for _, c := range []struct{ name, matters, want string }{
		{"unknown item", "  - {key: a, item: nothing, body: hefei-health, by: ding, day: 0}", "no item"},
		{"unknown body", "  - {key: a, item: nurse-registration, body: hefei-water, by: ding, day: 0}", "does not exercise"},
		{"unknown person", "  - {key: a, item: nurse-registration, body: hefei-health, by: nobody, day: 0}", "nobody is called"},
		{"key twice", "  - " + good + "}\n  - " + good + "}", "used twice"},
		{"unknown field", "  - " + good + ", state: open}", "field state not found"},
		{"acts out of order", "  - " + good + ", acts: [{day: -1, rate: 5}, {day: -2, rate: 4}]}", "day -2 comes after day -1"},
		{"act before the matter", "  - " + good + ", acts: [{day: -3, rate: 5}]}", "day -3 comes after day -2"},
		{"two things at once", "  - " + good + ", acts: [{day: -1, rate: 5, step: receive}]}", "want one of"},
		{"nothing", "  - " + good + ", acts: [{day: -1}]}", "want one of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{"matters.yaml": {Data: []byte(head + c.matters + "\n")}}
			for _, name := range []string{"bodies.yaml", "centres.yaml", "people.yaml", "items/health.yaml"} {
				data, err := Files.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				files[name] = &fstest.MapFile{Data: data}
			}
			_, err := matters(files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want one that says %q", err, c.want)
			}
		})
	}
}
