package chart

import (
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Words that are looked up under a key put together at run time are there.
func TestWordsAreThere(t *testing.T) {
	c, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	l := c.Localizer(lang.En)
	if _, err := boardWords(l); err != nil {
		t.Fatal(err)
	}
	for _, k := range FieldKinds() {
		l.T("chart.field." + string(k))
	}
	for _, a := range []string{"name", "kind", "condition", "default", "from", "to", "lane", "within", "role", "trigger", "timer", "attached", "interrupting", "multi", "calls", "topic",
		"term", "clocks", "form", "documents", "publish", "status", "separate", "power", "documentation", "other"} {
		l.T("chart.aspect." + a)
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("no words for %v", missing)
	}
}
