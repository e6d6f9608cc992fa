package caseview_test

import (
	"os"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/procedures"
)

func words(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(i18n.Source{Module: "web", FS: os.DirFS("..")})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every code that a procedure of the product sets has words of its own.
func TestWhatProceduresSayHasWords(t *testing.T) {
	l := words(t).Localizer(lang.Hans)
	entries, err := procedures.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		xml, err := procedures.Files.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		def, err := procedure.Parse(xml)
		if err != nil {
			t.Fatal(err)
		}
		for _, el := range def.Elements() {
			for _, s := range el.Status {
				seen++
				if caseview.Status(l, s.Value) == s.Value {
					t.Errorf("%s: the status %s has no words", e.Name(), s.Value)
				}
			}
			for _, d := range el.Documents {
				if caseview.Document(l, d.Value) == d.Value {
					t.Errorf("%s: the document %s has no words", e.Name(), d.Value)
				}
			}
		}
		for _, lane := range def.Main.Lanes {
			if caseview.Role(l, lane.Role) == lane.Role {
				t.Errorf("%s: the role %s has no words", e.Name(), lane.Role)
			}
		}
	}
	if seen == 0 {
		t.Error("saw no status")
	}
}

func TestUnknownCodesAreShownAsTheyAre(t *testing.T) {
	l := words(t).Localizer(lang.En)
	xml, err := procedures.Files.ReadFile("general-licence.bpmn")
	if err != nil {
		t.Fatal(err)
	}
	def, err := procedure.Parse(xml)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ got, want string }{
		{caseview.Status(l, "granted"), "Granted"},
		{caseview.Status(l, "shelved"), "shelved"},
		{caseview.Step(l, def, "hearing"), "Hearing"},
		{caseview.Step(l, def, "no-such-step"), "no-such-step"},
		{string(caseview.StatusKind("granted")), string(ui.TagGood)},
		{string(caseview.StatusKind("shelved")), string(ui.TagActive)},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}
