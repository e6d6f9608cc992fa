package admin

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// mostListed is how many things a list shows at once; words narrow it down.
const mostListed = 200

// placesView lists the things of a sheet.
type placesView struct {
	sheet string
	words string
	rows  [][]ui.Cell
	cut   bool
}

func sheetOf(r *http.Request) (string, error) {
	sheet := r.PathValue("sheet")
	if !slices.Contains(registry.Sheets(), sheet) {
		return "", web.NotFound("")
	}
	return sheet, nil
}

func sheetPath(sheet string) string { return "/admin/places/" + sheet }

func onePath(sheet, key string) string {
	return sheetPath(sheet) + "/one?" + url.Values{"key": {key}}.Encode()
}

func (s *Service) getPlaces(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	sheet, err := sheetOf(r)
	if err != nil {
		return err
	}
	v, places := web.ViewOf(r), s.Registry.Now()
	p := placesView{sheet: sheet, words: strings.TrimSpace(r.URL.Query().Get("q"))}
	wanted := lang.Fold(p.words)
	for _, key := range places.SheetKeys(sheet) {
		row := places.Row(sheet, key)
		name := first(row["name_"+shortTag(v.L.Tag())], row["title_"+shortTag(v.L.Tag())], row["name_hans"], row["title_hans"])
		if !strings.Contains(lang.Fold(key+"\n"+row["name_hans"]+row["title_hans"]+"\n"+row["name_en"]+row["title_en"]), wanted) {
			continue
		}
		if len(p.rows) == mostListed {
			p.cut = true
			break
		}
		state := v.L.T("admin.places.open")
		if registry.Over(row["ended"], s.Now()) {
			state = v.L.T("admin.places.ended")
		} else if row["ended"] != "" {
			state = v.L.T("admin.places.ends", web.Args{"Day": row["ended"]})
		}
		p.rows = append(p.rows, []ui.Cell{{Text: name, Href: onePath(sheet, key)}, {Text: key}, {Text: first(row["body"], row["centre"], row["division"], row["level"])}, {Text: state}})
	}
	return web.Render(w, r, http.StatusOK, placesPage(v, p))
}

func shortTag(t lang.Tag) string {
	switch t {
	case lang.En:
		return "en"
	case lang.Hant:
		return "hant"
	default:
		return "hans"
	}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (s *Service) getTable(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	sheet, err := sheetOf(r)
	if err != nil {
		return err
	}
	data, err := s.Registry.Now().WriteSheet(sheet)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+sheet+`.csv"`)
	_, err = w.Write(data) //nolint:gosec // G705: CSV as a download
	return err
}

// importView is the page of bringing a table.
type importView struct {
	sheet   string
	form    *form.Form
	errors  [][]ui.Cell
	changes [][]ui.Cell
	fresh   int
	same    int
	token   string // empty: nothing to confirm
	cut     bool
}

func (s *Service) getImport(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	sheet, err := sheetOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, importPage(web.ViewOf(r), importView{sheet: sheet, form: form.Of(nil)}))
}

// postImport shows what a table would change, and changes it once that was confirmed.
func (s *Service) postImport(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	kind, err := sheetOf(r)
	if err != nil {
		return err
	}
	p := importView{sheet: kind}
	if p.form, err = parse(r); err != nil {
		return err
	}
	if err := takeFile(r, p.form); err != nil {
		return err
	}
	again := func() error { return web.Render(w, r, statusOf(p.form), importPage(v, p)) }
	data := content(p.form)
	if len(data) == 0 {
		p.form.Fail("file", v.L.T("admin.import.none"))
		return again()
	}
	sheet, err := s.Registry.Now().ReadSheet(kind, data)
	var wrong registry.SheetErrors
	if errors.As(err, &wrong) {
		p.form.Fail("file", v.L.T("admin.import.wrong", web.Args{"Count": len(wrong)}))
		p.errors = sheetErrors(v.L, wrong)
		return again()
	}
	if err != nil {
		return err
	}
	put := func(e *registry.Edit) error {
		e.By(who.Actor())
		return e.PutSheet(sheet)
	}
	changes, err := s.Registry.Preview(r.Context(), put)
	if err != nil {
		p.form.Fail("file", v.L.T("admin.import.check", web.Args{"Why": err.Error()}))
		return again()
	}
	shown, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	p.token = token(kind, string(shown))
	if confirmed(v.L, p.form, p.token) {
		if err := s.Registry.Edit(r.Context(), put); err != nil {
			return err
		}
		return done(w, r, sheetPath(kind), "admin.import.done", map[string]string{"Count": strconv.Itoa(len(changes))})
	}
	p.same = len(sheet.Keys)
	for i := range changes {
		c := &changes[i]
		what := v.L.T("admin.import.changed")
		if c.New() {
			what, p.fresh = v.L.T("admin.import.new"), p.fresh+1
		}
		if p.same--; len(p.changes) < mostListed {
			p.changes = append(p.changes, []ui.Cell{{Text: c.Key}, {Text: what}, {Text: differences(c)}})
		} else {
			p.cut = true
		}
	}
	p.same = max(0, p.same)
	if len(changes) == 0 {
		p.token = ""
	}
	return again()
}

// differences lists the members of a thing that another value gets.
func differences(c *registry.Change) string {
	var before, after map[string]any
	if c.Before == nil || json.Unmarshal(c.Before, &before) != nil || json.Unmarshal(c.After, &after) != nil {
		return ""
	}
	var names []string
	for name := range after {
		a, _ := json.Marshal(before[name]) // values that were just read from JSON
		b, _ := json.Marshal(after[name])
		if string(a) != string(b) {
			names = append(names, name+": "+string(a)+" → "+string(b))
		}
	}
	for name, was := range before {
		if _, there := after[name]; !there {
			a, _ := json.Marshal(was)
			names = append(names, name+": "+string(a)+" → —")
		}
	}
	slices.Sort(names)
	return strings.Join(names, "; ")
}

func sheetErrors(l *web.Localizer, wrong registry.SheetErrors) [][]ui.Cell {
	rows := make([][]ui.Cell, len(wrong))
	for i, e := range wrong {
		row := "—"
		if e.Row > 0 {
			row = strconv.Itoa(e.Row)
		}
		rows[i] = []ui.Cell{{Text: row}, {Text: e.Column}, {Text: e.Value}, {Text: l.T("admin.sheet." + e.Code)}}
	}
	return rows
}

// placeView is the form of one thing.
type placeView struct {
	sheet string
	key   string // empty: a new one
	form  *form.Form
}

func (s *Service) getPlace(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	sheet, err := sheetOf(r)
	if err != nil {
		return err
	}
	p := placeView{sheet: sheet, key: r.URL.Query().Get("key"), form: form.Of(nil)}
	if p.key != "" {
		row := s.Registry.Now().Row(sheet, p.key)
		if row == nil {
			return web.NotFound("admin.places.none")
		}
		values := url.Values{}
		for name, value := range row {
			values.Set(name, value)
		}
		p.form = form.Of(values)
	}
	return web.Render(w, r, http.StatusOK, placePage(web.ViewOf(r), p))
}

// postPlace adds or changes one thing.
func (s *Service) postPlace(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	kind, err := sheetOf(r)
	if err != nil {
		return err
	}
	p := placeView{sheet: kind}
	if p.form, err = parse(r); err != nil {
		return err
	}
	p.key = p.form.Value("was")
	cells := map[string]string{}
	for _, c := range registry.Columns(kind) {
		cells[c.Name] = p.form.Value(c.Name)
	}
	key := registry.Columns(kind)[0].Name
	if p.key != "" {
		cells[key] = p.key // a key is never changed: it stands in addresses, in cases, in the log
	} else if s.Registry.Now().Row(kind, cells[key]) != nil {
		p.form.Fail(key, v.L.T("admin.places.taken"))
	}
	sheet, err := s.Registry.Now().ReadRow(kind, cells)
	var wrong registry.SheetErrors
	if errors.As(err, &wrong) {
		for _, e := range wrong {
			p.form.Fail(e.Column, columnName(v.L, e.Column)+": "+v.L.T("admin.sheet."+e.Code))
		}
	}
	if p.form.Valid() {
		err = s.Registry.Edit(r.Context(), func(e *registry.Edit) error {
			e.By(who.Actor())
			return e.PutSheet(sheet)
		})
		if err == nil {
			return done(w, r, sheetPath(kind), "admin.places.saved", nil)
		}
		p.form.Fail("", v.L.T("admin.import.check", web.Args{"Why": err.Error()}))
	}
	return web.Render(w, r, statusOf(p.form), placePage(v, p))
}

// columnName names a column in words.
func columnName(l *web.Localizer, column string) string {
	return l.T("admin.column." + strings.ReplaceAll(column, "_", "-"))
}
