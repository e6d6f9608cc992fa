package chart_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/slice/chart"
)

// send posts the form of the drawing board as a browser does: fields with the line ends that browsers write, and a file to the byte.
func (w *world) send(path string, fields map[string]string, file []byte) *httptest.ResponseRecorder {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, value := range fields {
		must(w.t, m.WriteField(name, browsers.Replace(value)))
	}
	if file != nil {
		part, err := m.CreateFormFile("file", "other-tool.bpmn")
		must(w.t, err)
		_, err = part.Write(file)
		must(w.t, err)
	}
	must(w.t, m.Close())
	w.actor = drawer
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "https://hall.example.org"+path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}

// browsers write line ends of a text area so, whatever they were.
var browsers = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n")

// otherTools are files as other tools export them, by name.
func otherTools(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"testdata/*.bpmn", "../../core/procedure/testdata/*.bpmn"} {
		names, err := filepath.Glob(pattern)
		must(t, err)
		for _, name := range names {
			raw, err := os.ReadFile(name)
			must(t, err)
			files[filepath.Base(name)] = string(raw)
		}
	}
	if len(files) < 6 {
		t.Fatalf("%d files", len(files))
	}
	return files
}

// TestFilesOfOtherTools: what comes in goes out to the byte, and is read with its drawing: lanes, labels, conditions of other tools.
func TestFilesOfOtherTools(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	board := "/desk/charts/" + c.ID.String() + "/v/1"
	for name, xml := range otherTools(t) {
		w.brings(board, c, xml)
		found, def, err := w.Findings(t.Context(), &c, xml)
		must(t, err)
		if def == nil {
			t.Errorf("%s: %v", name, found)
			continue
		}
		d := def.Diagram()
		if want := strings.Count(xml, "BPMNShape ") + strings.Count(xml, "BPMNEdge "); len(d.Shapes)+len(d.Edges) == 0 || len(d.Shapes)+len(d.Edges) > want {
			t.Errorf("%s: %d shapes and %d edges of %d", name, len(d.Shapes), len(d.Edges), want)
		}
	}
	signavio, err := procedure.Parse([]byte(otherTools(t)["signavio.bpmn"]))
	must(t, err)
	if got := signavio.Element("sid-task").Name; got != "Antrag\nprüfen" {
		t.Errorf("the task is called %q", got)
	}
	if got := w.ask(drawer, http.MethodGet, board, nil).Body.String(); !strings.Contains(got, "oh-board") {
		t.Error("no board")
	}
}

// brings uploads a file, takes it out, saves the untouched text of the page, and takes it out again.
func (w *world) brings(board string, c chart.Chart, xml string) {
	w.t.Helper()
	stamp := func() string {
		v, err := w.Version(w.t.Context(), c.ID, 1)
		must(w.t, err)
		return strconv.Itoa(v.Stamp)
	}
	for _, file := range [][]byte{[]byte(xml), nil} {
		v, err := w.Version(w.t.Context(), c.ID, 1)
		must(w.t, err)
		if rec := w.send(board, map[string]string{"op": "save", "stamp": stamp(), "xml": v.XML}, file); rec.Code != http.StatusSeeOther {
			w.t.Fatalf("saved with %d: %s", rec.Code, regexp.MustCompile(`govuk-error-message[^<]*<`).FindString(rec.Body.String()))
		}
		if got := w.ask(drawer, http.MethodGet, board+"/diagram.bpmn", nil).Body.String(); got != xml {
			w.t.Fatalf("the file does not go out as it came in: %d bytes for %d", len(got), len(xml))
		}
	}
}

// TestRoundTrip: whatever prefix, line ends, byte order mark, comments, sections of characters and foreign elements a file has, it goes out
// as it came in, and means the same to the hall.
func TestRoundTrip(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	board := "/desk/charts/" + c.ID.String() + "/v/1"
	files := otherTools(t)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	const foreign = `<v:keep xmlns:v="urn:vendor" v:a="1 &lt; 2"><!-- note --><v:deep><![CDATA[x < y && "z"]]></v:deep><?tool do?></v:keep>`
	rapid.Check(t, func(r *rapid.T) {
		plain := files[rapid.SampledFrom(names).Draw(r, "file")]
		xml := plain
		if prefix := rapid.SampledFrom([]string{"", "semantic", "b2"}).Draw(r, "prefix"); prefix != "" && strings.Contains(xml, "<bpmn:") {
			xml = strings.NewReplacer("<bpmn:", "<"+prefix+":", "</bpmn:", "</"+prefix+":", "xmlns:bpmn=", "xmlns:"+prefix+"=", `"bpmn:t`, `"`+prefix+`:t`).Replace(xml)
		}
		if rapid.Bool().Draw(r, "foreign") {
			at := strings.LastIndex(xml, "</")
			xml = xml[:at] + foreign + xml[at:]
		}
		if rapid.Bool().Draw(r, "empty elements") {
			xml = strings.ReplaceAll(strings.ReplaceAll(xml, " />", "/>"), "/>", " />")
		}
		xml = strings.ReplaceAll(xml, "\n", rapid.SampledFrom([]string{"\n", "\r\n", "\n\n"}).Draw(r, "line ends"))
		if rapid.Bool().Draw(r, "byte order mark") {
			xml = "\ufeff" + xml
		}
		if rapid.Bool().Draw(r, "no last line end") {
			xml = strings.TrimRight(xml, "\r\n")
		}
		w.brings(board, c, xml)
		was, err := procedure.Parse([]byte(plain))
		must(t, err)
		is, err := procedure.Parse([]byte(xml))
		must(t, err)
		for _, change := range procedure.Difference(was, is) {
			for _, a := range change.Aspects {
				if a.Name != "other" { // what other tools keep there may be written in another way
					r.Fatalf("%s: %+v", change.ID, change)
				}
			}
		}
	})
}
