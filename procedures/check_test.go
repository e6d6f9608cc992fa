package procedures_test

import (
	"io/fs"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/procedures"
	"openhall.org/openhall/rules"
)

// keys are the procedures that ship.
var keys = []string{
	"agent-consent", "annual-report", "benefit", "cleanup-attempt", "cleanup-handover", "cleanup-round", "complaint", "general-licence", "intermediary-admission",
	"intermediary-attempt", "intermediary-bid", "intermediary-lift", "intermediary-order", "intermediary-sanction", "joint-check", "joint-part", "joint-whole",
	"on-the-spot", "oversight-card", "oversight-order",
	"publication-duty", "publication-withdrawal", "publication", "rating-followup", "registration", "request-2008", "request-catalogue",
	"request-dispute", "request", "service", "township-transfer",
}

func read(t testing.TB, key string) *procedure.Definition {
	t.Helper()
	data, err := procedures.Files.ReadFile(key + ".bpmn")
	if err != nil {
		t.Fatal(err)
	}
	d, err := procedure.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return d
}

func law(t testing.TB) *statute.Rules {
	t.Helper()
	r, err := statute.Load(rules.Files, statute.Chain("cn-ah")...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryFileIsListed(t *testing.T) {
	files, err := fs.Glob(procedures.Files, "*.bpmn")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(files, " "), strings.Join(keys, ".bpmn ")+".bpmn"; got != want {
		t.Errorf("files %s, want %s", got, want)
	}
}

// TestCheck: no procedure has a fault. The one kind of warning is intended: where a second correction would be asked for, no flow
// is the default, so that it is refused (行政许可法 art. 32 allows one notice).
func TestCheck(t *testing.T) {
	rules := law(t)
	known := func(id string) bool { _, ok := rules.Parameter(id); return ok }
	for _, key := range keys {
		for _, f := range procedure.Check(read(t, key), procedure.Options{KnownRule: known}) {
			second := f.Element == "recheck-result" || f.Element == "handled-corrected"
			if f.Code != procedure.CodeNoDefault || !second {
				t.Errorf("%s: %s", key, f)
			}
		}
	}
}
