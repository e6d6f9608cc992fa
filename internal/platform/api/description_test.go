package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// description is as much of an OpenAPI document as the tests look at.
type description struct {
	OpenAPI string `json:"openapi"`
	Servers []struct {
		URL string `json:"url"`
	} `json:"servers"`
	Paths map[string]map[string]struct {
		OperationID string   `json:"operationId"`
		Summary     string   `json:"summary"`
		Tags        []string `json:"tags"`
		Security    []map[string][]string
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   map[string]any
		}
		RequestBody *struct{ Content map[string]media }
		Responses   map[string]struct {
			Description string
			Content     map[string]media
		}
	} `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties map[string]map[string]any
		}
		SecuritySchemes map[string]map[string]any
	} `json:"components"`
}

type media struct{ Schema map[string]any }

func describe(t *testing.T, h *hall) (d description, raw []byte) {
	t.Helper()
	raw = h.get("/openapi.json", "").want(200).body
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d, raw
}

// TestDescription: every operation says what it is, what it takes and what it answers, and every reference leads somewhere.
func TestDescription(t *testing.T) {
	h := open(t)
	d, raw := describe(t, h)
	if d.OpenAPI != "3.1.0" || len(d.Servers) != 1 || d.Servers[0].URL != "/api/v1" || d.Components.SecuritySchemes["token"]["scheme"] != "bearer" {
		t.Errorf("openapi %s, servers %v, security %v", d.OpenAPI, d.Servers, d.Components.SecuritySchemes)
	}
	ids := map[string]bool{}
	var table []string
	for path, methods := range d.Paths {
		for method, op := range methods {
			name := strings.ToUpper(method) + " " + path
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s: id %q, summary %q, tags %v", name, op.OperationID, op.Summary, op.Tags)
			}
			ids[op.OperationID] = true
			for _, part := range strings.Split(path, "/") {
				if in, ok := strings.CutPrefix(part, "{"); ok && !slices.ContainsFunc(op.Parameters, func(p struct {
					Name, In string
					Required bool
					Schema   map[string]any
				}) bool {
					return p.In == "path" && p.Required && p.Name+"}" == in
				}) {
					t.Errorf("%s does not describe %s", name, part)
				}
			}
			if (op.RequestBody != nil) != (method == "post") {
				t.Errorf("%s: request body %v", name, op.RequestBody)
			}
			var statuses []string
			for status, r := range op.Responses {
				statuses = append(statuses, status)
				want := "application/json"
				if status >= "400" {
					want = "application/problem+json"
				}
				if schema := r.Content[want].Schema; len(schema) == 0 || status >= "400" && schema["$ref"] != "#/components/schemas/Problem" || r.Description == "" {
					t.Errorf("%s: %s answers %v", name, status, r)
				}
			}
			slices.Sort(statuses)
			for _, s := range []string{"401", "429"} {
				if !slices.Contains(statuses, s) {
					t.Errorf("%s does not say that it may answer %s", name, s)
				}
			}
			who := "everybody"
			if len(op.Security) == 1 {
				who = "token"
			}
			table = append(table, fmt.Sprintf("%-9s %-4s %-28s %-14s %s\n", who, strings.ToUpper(method), path, op.OperationID, strings.Join(statuses, " ")))
		}
	}
	slices.SortFunc(table, func(a, b string) int { return strings.Compare(a[15:], b[15:]) })
	golden(t, "testdata/operations.txt", strings.Join(table, ""))

	var document any
	if err := json.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	walk(document, func(ref string) {
		name, ok := strings.CutPrefix(ref, "#/components/schemas/")
		if _, there := d.Components.Schemas[name]; !ok || !there {
			t.Errorf("%s leads nowhere", ref)
		}
	})
	for name := range d.Components.Schemas {
		if strings.Contains(name, "Error") {
			t.Errorf("the schema %s is of the library, not ours", name)
		}
	}
	for _, list := range []string{"cases", "next"} {
		if len(d.Components.Schemas["CaseList"].Properties[list]) == 0 {
			t.Errorf("CaseList has no %s", list)
		}
	}
	var inYAML map[string]any
	if err := yaml.Unmarshal(h.get("/openapi.yaml", "").want(200).body, &inYAML); err != nil || inYAML["openapi"] != "3.1.0" {
		t.Errorf("YAML: %v", err)
	}
}

// walk calls f with every reference in a JSON document.
func walk(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if ref, ok := inner.(string); ok && key == "$ref" {
				f(ref)
			}
			walk(inner, f)
		}
	case []any:
		for _, inner := range v {
			walk(inner, f)
		}
	}
}

// golden compares with a file that somebody has read. UPDATE_GOLDEN=1 writes it anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nbut now it would be\n%s", name, want, got)
	}
}
