package chart_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
)

// TestEarlierSavesCanBeOpenedAgain: what is saved over is kept with who and when, the last twenty; a save that changes nothing keeps nothing; an
// earlier one is opened on the board, goes out as a file to the byte, and saved anew it is what stands, with the other among the earlier saves.
func TestEarlierSavesCanBeOpenedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.begin()
		first, err := w.Version(t.Context(), c.ID, 1)
		must(t, err)
		names := []string{"开始"}
		for i := range 24 {
			w.now = w.now.Add(time.Minute)
			name := fmt.Sprintf("第%d次", i)
			w.draw(c, 1, strings.NewReplacer(`name="审查"`, `name="`+name+`"`, `name="`+names[i]+`"`, `name="`+name+`"`))
			w.draw(c, 1, strings.NewReplacer()) // the same again
			names = append(names, name)
		}
		list, err := w.EarlierOf(t.Context(), c.ID, 1)
		must(t, err)
		if len(list) != 20 || list[0].Author != drawer.Account || !list[0].At.After(list[1].At) {
			t.Fatalf("%d earlier saves: %+v", len(list), list)
		}
		board := "/desk/charts/" + c.ID.String() + "/v/1"
		page := w.ask(drawer, http.MethodGet, board, nil).Body.String()
		for _, want := range []string{"以前保存的内容（20）", "职员20", fmt.Sprintf("?save=%d", list[0].Stamp)} {
			if !strings.Contains(page, want) {
				t.Errorf("the board does not say %q", want)
			}
		}
		old := list[3]
		address := fmt.Sprintf("%s?save=%d", board, old.Stamp)
		page = w.ask(drawer, http.MethodGet, address, nil).Body.String()
		if !strings.Contains(page, "第19次") || strings.Contains(page, "第23次") || !strings.Contains(page, "后来被替换的内容") {
			t.Errorf("the earlier save is not what the board shows")
		}
		file := w.ask(drawer, http.MethodGet, fmt.Sprintf("%s/diagram.bpmn?save=%d", board, old.Stamp), nil).Body.String()
		if strings.Replace(first.XML, `name="审查"`, `name="第19次"`, 1) == first.XML || !strings.Contains(file, `name="第19次"`) {
			t.Error("the file of the earlier save is another")
		}
		v, err := w.Version(t.Context(), c.ID, 1)
		must(t, err)
		_, err = w.Save(t.Context(), drawer, c.ID, 1, v.Stamp, file, "")
		must(t, err)
		v, err = w.Version(t.Context(), c.ID, 1)
		must(t, err)
		if v.XML != file {
			t.Error("saved anew it is not what stands")
		}
		list, err = w.EarlierOf(t.Context(), c.ID, 1)
		must(t, err)
		file = w.ask(drawer, http.MethodGet, fmt.Sprintf("%s/diagram.bpmn?save=%d", board, list[0].Stamp), nil).Body.String()
		if !strings.Contains(file, `name="第23次"`) {
			t.Error("what stood before is not among the earlier saves")
		}
		for _, bad := range []string{"?save=x", "?save=999"} {
			if rec := w.ask(drawer, http.MethodGet, board+bad, nil); rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), "20") {
				t.Errorf("%s answers %d", bad, rec.Code)
			}
		}
		if rec := w.ask(outsider, http.MethodGet, address, nil); rec.Code != http.StatusForbidden {
			t.Errorf("another body reads an earlier save: %d", rec.Code)
		}
	})
}

// TestConflictWithoutScripts: a file that is brought in on a plain form while somebody else has saved comes back with the page, with what they
// saved as a file, and the choice to replace it; ticked, it replaces it, and theirs is kept among the earlier saves. Not ticked, it stays refused.
func TestConflictWithoutScripts(t *testing.T) {
	w := onSQLite(t)
	c := w.begin()
	v, err := w.Version(t.Context(), c.ID, 1)
	must(t, err)
	board := "/desk/charts/" + c.ID.String() + "/v/1"
	theirs := strings.Replace(v.XML, `name="审查"`, `name="别人画的"`, 1)
	mine := strings.Replace(v.XML, `name="审查"`, `name="我画的"`, 1)
	_, err = w.Save(t.Context(), drawer, c.ID, 1, v.Stamp, theirs, "")
	must(t, err)
	stamp := fmt.Sprint(v.Stamp)
	send := func(xml, upload, over string) *httptest.ResponseRecorder {
		fields := map[string]string{"op": "save", "stamp": stamp, "xml": xml, "note": "我的说明"}
		if over != "" {
			fields["over"] = over
		}
		return w.upload(drawer, board, fields, upload)
	}
	for range 2 { // sent again without a choice it is refused again
		rec := send(v.XML, mine, "")
		page := rec.Body.String()
		if rec.Code != http.StatusUnprocessableEntity {
			t.Fatalf("saved over somebody else: %d", rec.Code)
		}
		for _, want := range []string{"别人在您打开之后保存过这个版本", "我画的", "我的说明", `name="over" value="2"`, board + "/diagram.bpmn", `name="stamp" value="` + stamp + `"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not hold %q", want)
			}
		}
		if file := w.ask(drawer, http.MethodGet, board+"/diagram.bpmn", nil).Body.String(); file != theirs {
			t.Error("what they saved is not what stands")
		}
	}
	if rec := send(mine, "", "2"); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != board {
		t.Fatalf("the choice to replace: %d", rec.Code)
	}
	if file := w.ask(drawer, http.MethodGet, board+"/diagram.bpmn", nil).Body.String(); file != mine {
		t.Error("what was drawn does not stand")
	}
	if file := w.ask(drawer, http.MethodGet, board+"/diagram.bpmn?save=2", nil).Body.String(); file != theirs {
		t.Error("what they saved is lost")
	}
	// A third has saved between the page and the choice: the choice was about another, and is asked for again.
	if rec := send(theirs, "", "2"); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), `name="over" value="3"`) {
		t.Errorf("a choice about what stands no more: %d", rec.Code)
	}
}

// upload sends a form with a file, as browsers without scripts do.
func (w *world) upload(as identity.Principal, path string, fields map[string]string, xml string) *httptest.ResponseRecorder {
	w.t.Helper()
	w.actor = as
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		must(w.t, form.WriteField(name, value))
	}
	if xml != "" {
		part, err := form.CreateFormFile("file", "mine.bpmn")
		must(w.t, err)
		_, err = io.WriteString(part, xml)
		must(w.t, err)
	}
	must(w.t, form.Close())
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "https://hall.example.org"+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}
