package procedure

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
)

// TestRenamed: a copy is the same chart under a name and an id of its own, and nothing else of the file changes.
func TestRenamed(t *testing.T) {
	title := lang.Text{Hans: "取水许可办理流程", Hant: "取水許可辦理流程", En: "Water permits & more"}
	for _, name := range []string{"licence.bpmn", "camunda.bpmn", "bpmnio.bpmn"} {
		was := readFile(t, name)
		before := was.Marshal()
		out, err := Renamed(was, "hefei-water.3", title)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		is, err := Parse(out)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if is.Main.ID != "hefei-water.3" || is.Main.Title != title {
			t.Errorf("%s: the copy is %s, %+v", name, is.Main.ID, is.Main.Title)
		}
		if bytes.Contains(out, []byte(`"`+was.Main.ID+`"`)) {
			t.Errorf("%s: the copy still names %s", name, was.Main.ID)
		}
		if !bytes.Equal(was.Marshal(), before) {
			t.Errorf("%s: the original was changed", name)
		}
		changes := Difference(was, is)
		if len(changes) != 1 || changes[0].Kind != ProcessKind || changes[0].What != Changed || changes[0].ID != "hefei-water.3" {
			t.Errorf("%s: changes %+v", name, changes)
		}
		back, err := Renamed(is, was.Main.ID, was.Main.Title)
		if err != nil {
			t.Fatal(err)
		}
		same, err := Parse(back)
		if err != nil || len(Difference(was, same)) != 0 {
			t.Errorf("%s: there and back: %v %v", name, err, Difference(was, same))
		}
	}
}

// TestRenamedKeepsWhatCannotBe: an id that another element has stays with that one.
func TestRenamedKeepsWhatCannotBe(t *testing.T) {
	data, err := os.ReadFile("testdata/bpmnio.bpmn")
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Renamed(d, "Check", lang.Text{Hans: "新名"})
	if err != nil {
		t.Fatal(err)
	}
	if is, err := Parse(out); err != nil || is.Main.ID != d.Main.ID || is.Main.Title.Hans != "新名" || strings.Count(string(out), `id="Check"`) != 1 {
		t.Errorf("%v\n%s", err, out)
	}
}
