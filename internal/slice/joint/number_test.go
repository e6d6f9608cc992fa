package joint_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/joint"
)

// TestEachBodyNumbersItsParts: parts without an item of their own are numbered by body, so that one body's day does not use up another's; a
// body that has no code yet goes on in the series of its division, and no number is given twice.
func TestEachBodyNumbersItsParts(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const seal, tax = "11340100MB1000001A", "11340100MB1000002B"
		err := w.reg.Edit(t.Context(), func(e *registry.Edit) error {
			for key, code := range map[string]string{"public-security": seal, "tax": tax} {
				b := *w.reg.Now().Body(key)
				b.USCC = code
				if err := e.PutBody(b); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		day := strings.ReplaceAll(calendar.Of(w.time()).String(), "-", "")
		seen := map[string]bool{}
		var id store.ID
		for _, n := range []string{"0001", "0002"} {
			id = w.accepted(enterprise())
			w.opine(id, "name", "agree")
			w.opine(id, "licence", "agree")
			if got, want := w.part(id, "seal").Number, "LP"+seal+day+n; got != want {
				t.Errorf("the seal is part %s, want %s", got, want)
			}
			if got, want := w.part(id, "tax").Number, "LP"+tax+day+n; got != want {
				t.Errorf("tax is part %s, want %s", got, want)
			}
			for _, e := range w.whole(id).Parts {
				if e.Number == "" {
					continue
				}
				if seen[e.Number] {
					t.Errorf("the number %s was given twice", e.Number)
				}
				seen[e.Number] = true
			}
		}
		if got := w.part(id, "insurance").Number; !strings.HasPrefix(got, "LP"+hefei+day) || len(got) != len("LP")+12+8+4 {
			t.Errorf("a body without a code: %s", got)
		}
	})
}

// TestNumbersAreSigns: the number of a part has digits and capital letters alone, also where matter and part together have as many signs as the
// code of an item (construction-drawings/structure has 31): it stands in addresses and on letters, and the department opens its case by it.
func TestNumbersAreSigns(t *testing.T) {
	w := onSQLite(t)
	w.putItem("construction-permit", "housing", `{"type":"object","properties":{}}`)
	a := joint.Application{Matter: "construction-drawings", Division: hefei, Channel: casework.Online, Applicant: enterprise().Applicant,
		Sent: joint.Sent{Parts: []string{}, Answers: json.RawMessage(`{"client":"合肥青禾","uscc":"91340104MA9Y00012N","project":"一号厂房","site":"虚构路","designer":"虚构设计院",
			"floorArea":1,"storeys":"6 层","contact":"陈","telephone":"13800000001"}`)}}
	for _, m := range []string{"drawings", "approval", "fire-design", "construction-permit-statement", "construction-permit-site-plan"} {
		a.Files = append(a.Files, w.upload(m))
	}
	id := w.accepted(a)
	w.do(id, clerk, "summon", map[string]any{"date": "2026-03-04", "hour": "9:30", "place": "会议室"})
	w.settle()
	long, signs := 0, regexp.MustCompile(`^[0-9A-Z]+$`)
	for _, e := range w.whole(id).Parts {
		if e.Case == 0 {
			continue
		}
		if len(e.Subject) == 31 {
			long++
		}
		if !signs.MatchString(e.Number) {
			t.Errorf("%s is numbered %s", e.Key, e.Number)
		}
		w.see(of(e.Body, "reviewer"), "/desk/joint/case/"+e.Number, e.Number)
	}
	if long < 2 {
		t.Errorf("%d parts have names of 31 signs; two are looked for", long)
	}
}
