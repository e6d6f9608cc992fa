package web_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// refusalCodes reads the codes from the source of casework, so that a new code without words fails here.
func refusalCodes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../casework/command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Refused") || len(spec.Values) != 1 {
			return true
		}
		if value, ok := spec.Values[0].(*ast.BasicLit); ok {
			code, err := strconv.Unquote(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	return codes
}

func TestEveryRefusalHasWords(t *testing.T) {
	c := catalogue(t)
	codes := refusalCodes(t)
	if len(codes) < 23 {
		t.Fatalf("saw %d codes of refusals; casework has 23 at least", len(codes))
	}
	for _, code := range codes {
		for _, tag := range lang.All {
			l := c.Localizer(tag)
			if !l.Has("web.refusal." + code) {
				t.Errorf("refusal %s has no words", code)
			}
			if text := web.RefusalText(l, &casework.Refusal{Code: code}); strings.Contains(text, "⟦") {
				t.Errorf("%s in %s: %s: the words need an argument that a refusal may lack", code, tag, text)
			}
		}
	}
}

func TestRefusalsBecomePages(t *testing.T) {
	own := lang.Text{Hans: "只能延长一次", Hant: "只能延長一次", En: "Once only"}
	for _, row := range []struct {
		name   string
		err    error
		status int
		key    string
	}{
		{"policy", &casework.Refusal{Code: casework.RefusedPolicy}, http.StatusForbidden, "web.refusal.not-allowed"},
		{"done by another", fmt.Errorf("do: %w", &casework.Refusal{Code: casework.RefusedTaskDone}), http.StatusConflict, "web.refusal.task-done"},
		{"cancelled item", &casework.Refusal{Code: casework.RefusedCancelled}, http.StatusGone, "web.refusal.cancelled"},
		{"form", &casework.Refusal{Code: casework.RefusedForm}, http.StatusUnprocessableEntity, "web.refusal.form"},
		{"words of a rule", &casework.Refusal{Code: casework.RefusedTerm, Text: own}, http.StatusUnprocessableEntity, "web.refusal.words"},
		{"draft", casework.ErrDraftMoved, http.StatusConflict, "web.refusal.draft-moved"},
		{"denied to this post", fmt.Errorf("open: %w", &identity.Denied{Action: "task.complete", Reason: identity.DeniedRole}), http.StatusForbidden, "web.refusal.denied-role"},
		{"denied to a visitor", &identity.Denied{Action: "desk.view", Reason: identity.DeniedSignIn}, http.StatusUnauthorized, ""},
		{"no such row", store.ErrNotFound, http.StatusNotFound, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := web.ExplainRefusal(row.err)
			if e == nil || e.Status != row.status || e.Key != row.key {
				t.Errorf("got %+v, want %d %s", e, row.status, row.key)
			}
		})
	}
	if e := web.ExplainRefusal(errors.New("disk full")); e != nil {
		t.Errorf("an error of another kind: %+v", e)
	}
}

func TestFieldsOfARefusal(t *testing.T) {
	l := catalogue(t).Localizer(lang.En)
	r := &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{
		{Path: "/opinion", Code: "minLength"},
		{Path: "/place/street", Code: "required"},
		{Path: "/id", Code: "id-card", Text: lang.Text{Hans: "第 18 位应为 X", En: "Sign 18 should be X"}},
		{Path: "/id", Code: "pattern"},
		{Path: "/a~1b", Code: "no such keyword"},
	}}
	got := web.FieldTexts(l, r)
	want := map[string]string{
		"opinion":      "This is too short; say more",
		"place.street": "This has to be filled in",
		"id":           "Sign 18 should be X",
		"a/b":          "This does not meet the rules. Check and correct it",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if list := web.FieldSummary(l, r); len(list) != 5 || list[1].Field != "place.street" {
		t.Errorf("summary %+v", list)
	}
	if list := web.FieldSummary(l, &casework.Refusal{Code: casework.RefusedRated}); len(list) != 1 || !strings.Contains(list[0].Text, "rated once") {
		t.Errorf("a refusal without fields: %+v", list)
	}
}
