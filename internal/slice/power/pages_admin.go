package power

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// maxItem is how large an uploaded item may be, in bytes.
const maxItem = 256 << 10

func (s *Service) mountAdmin(shell *web.Shell, callers Callers) {
	page := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "power.admin." + name, Action: ActionEdit, MaxBody: 3 * maxItem}, h)
	}
	as := func(h func(identity.Principal, http.ResponseWriter, *http.Request) error) web.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) error {
			actor, err := callers.Principal(r)
			if err != nil {
				return err
			}
			return h(actor, w, r)
		}
	}
	page("GET /admin/items", "list", s.showItems)
	page("GET /admin/items/new", "new", s.showUpload)
	page("POST /admin/items", "publish", as(s.postUpload))
	page("GET /admin/items/{key}", "item", s.showItem)
	page("GET /admin/items/{key}/next.json", "next", s.sendNext)
	page("POST /admin/items/{key}/promise", "promise", as(s.postPromise))
	page("POST /admin/items/{key}/cancel", "cancel", as(s.postCancel))
}

// asPage turns the errors of the service into pages.
func asPage(err error) error {
	var moved *MovedError
	var taken *CodeTakenError
	var unlisted *UnlistedError
	switch {
	case errors.As(err, &unlisted):
		return &web.Error{Status: http.StatusUnprocessableEntity, Key: "power.error.unlisted", Args: web.Args{"Bodies": lang.Text{Hans: strings.Join(unlisted.Bodies, "、"), Hant: strings.Join(unlisted.Bodies, "、"), En: strings.Join(unlisted.Bodies, ", ")}}, Err: err}
	case errors.Is(err, ErrNotFound):
		return &web.Error{Status: http.StatusNotFound, Key: "power.error.item", Err: err}
	case errors.As(err, &moved):
		return &web.Error{Status: http.StatusConflict, Key: "power.error.moved", Args: web.Args{"Newest": moved.Newest, "Offered": moved.Offered}, Err: err}
	case errors.As(err, &taken):
		return &web.Error{Status: http.StatusUnprocessableEntity, Key: "power.error.code", Args: web.Args{"Code": taken.Code}, Err: err}
	}
	return err
}

// itemRow is one line of the list of items.
type itemRow struct {
	it               *Item
	errors, warnings int
	notices          int
}

func (s *Service) showItems(w http.ResponseWriter, r *http.Request) error {
	items := s.Items()
	rows := make([]itemRow, 0, len(items))
	for _, it := range items {
		row := itemRow{it: it}
		for _, f := range s.Lint(r.Context(), it) {
			switch f.Severity {
			case Error:
				row.errors++
			case Warning:
				row.warnings++
			default:
				row.notices++
			}
		}
		rows = append(rows, row)
	}
	return web.Render(w, r, http.StatusOK, itemsPage(web.ViewOf(r), rows))
}

func (s *Service) showUpload(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, uploadPage(web.ViewOf(r), form.Of(nil), nil))
}

// postUpload checks an item, or publishes it. What was sent stays in the page until it is right.
func (s *Service) postUpload(actor identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	again := func(findings []Finding) error {
		return web.Render(w, r, http.StatusUnprocessableEntity, uploadPage(v, f, findings))
	}
	if err := takeFile(r, f); err != nil {
		return err
	}
	if f.Required(v.L, "content", v.L.T("power.admin.content")) == "" {
		return again(nil)
	}
	it, err := ParseItem([]byte(f.Values().Get("content")), &s.shelf.Load().refs)
	if err != nil {
		f.Fail("content", v.L.T("power.admin.unreadable", web.Args{"Why": err.Error()}))
		return again(nil)
	}
	if f.Value("act") == "check" {
		findings := s.Lint(r.Context(), &it)
		if Publishable(findings) {
			return web.Render(w, r, http.StatusOK, uploadPage(v, f, append(findings, Finding{Item: it.Key, Severity: Notice, Rule: "sound", Message: soundText})))
		}
		f.Fail("content", v.L.T("power.admin.not-publishable"))
		return again(findings)
	}
	it, err = s.Publish(r.Context(), actor, it)
	var lint *LintError
	switch page := new(web.Error); {
	case errors.As(err, &lint):
		f.Fail("content", v.L.T("power.admin.not-publishable"))
		return again(lint.Findings)
	case err != nil && errors.As(asPage(err), &page):
		f.Fail("content", v.L.T(page.Key, page.Args))
		return again(nil)
	case err != nil:
		return err
	}
	return published(w, r, it)
}

var soundText = lang.Text{Hans: "没有妨碍发布的问题。", Hant: "沒有妨礙發佈的問題。", En: "Nothing stands against publishing it."}

// takeFile puts the text of an uploaded file where a pasted one would be.
func takeFile(r *http.Request, f *form.Form) error {
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if err != nil {
		return web.BadRequest("", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxItem+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read the uploaded item: %w", err)
	}
	if len(data) > maxItem {
		return &web.Error{Status: http.StatusRequestEntityTooLarge}
	}
	if len(data) > 0 {
		f.Values().Set("content", strings.ToValidUTF8(string(data), "\uFFFD"))
	}
	return nil
}

// published leads to the page of the item with a notice.
func published(w http.ResponseWriter, r *http.Request, it Item) error {
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "power.admin.published", Args: map[string]string{"Version": strconv.Itoa(it.Version)}})
	return web.SeeOther(w, r, "/admin/items/"+it.Key)
}

// itemView is the page of one item: findings, and the two changes that need no file.
type itemView struct {
	it       *Item
	findings []Finding
	laws     []ui.Option
	promise  *form.Form
	cancel   *form.Form
	version  string // from which a change is made
	wrong    bool
}

func (s *Service) itemView(r *http.Request, key string) (itemView, error) {
	last, err := newest(r.Context(), s.deps.DB.Read(), key)
	if err != nil {
		return itemView{}, fmt.Errorf("item %s: %w", key, err)
	}
	it := &last.Item
	if it.Key == "" {
		return itemView{}, asPage(ErrNotFound)
	}
	note := it.Promised.Note
	v := itemView{it: it, version: strconv.Itoa(it.Version), findings: s.Lint(r.Context(), it), cancel: form.Of(nil), promise: form.Of(map[string][]string{
		"n": {strconv.Itoa(it.Promised.N)}, "note-hans": {note.Hans}, "note-hant": {note.Hant}, "note-en": {note.En},
	})}
	l := web.ViewOf(r).L
	v.laws = []ui.Option{{Value: "", Text: l.T("power.admin.choose-law")}}
	for _, law := range s.lawList() {
		v.laws = append(v.laws, ui.Option{Value: law.Key, Text: l.Text(law.Title)})
	}
	return v, nil
}

func (s *Service) showItem(w http.ResponseWriter, r *http.Request) error {
	item, err := s.itemView(r, r.PathValue("key"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, itemPage(web.ViewOf(r), item))
}

// sendNext gives the item as a file for editing, numbered as its next version.
func (s *Service) sendNext(w http.ResponseWriter, r *http.Request) error {
	item, err := s.itemView(r, r.PathValue("key"))
	if err != nil {
		return err
	}
	item.it.Version++
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+item.it.Key+`.json"`)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(item.it)
}

func (s *Service) postPromise(actor identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v, item, f, err := s.posted(r)
	if err != nil {
		return err
	}
	item.promise = f
	label := v.L.T("power.element.promised")
	n, err := strconv.Atoi(f.Required(v.L, "n", label))
	if f.Valid() && (err != nil || n < 1) {
		f.Fail("n", v.L.T("power.admin.whole-number", web.Args{"Label": label}))
	}
	return s.change(w, r, v, item, f, promiseFields, func(version int) (Item, error) {
		return s.Promise(r.Context(), actor, item.it.Key, version, Promise{N: n, Unit: promiseUnit(item.it), Note: textOf(f, "note")})
	})
}

// The fields of the two forms by the elements to which they belong.
var (
	promiseFields = map[string]string{"promised": "n", "promised.unit": "n", "promised.note": "note-hans"}
	cancelFields  = map[string]string{"cancelled": "reason-hans", "cancelled.reason": "reason-hans", "cancelled.on": "on", "status": "on"}
)

// promiseUnit is the unit of the promise: that of the statutory term, with which it is compared.
func promiseUnit(it *Item) statute.Unit { return it.Statutory.Unit }

func (s *Service) postCancel(actor identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v, item, f, err := s.posted(r)
	if err != nil {
		return err
	}
	item.cancel = f
	c := Cancellation{On: f.Date(v.L, "on", v.L.T("power.admin.cancel-on")), Reason: textOf(f, "reason")}
	for _, x := range []struct{ name, label string }{{"reason-hans", "power.admin.reason-hans"}, {"reason-hant", "power.admin.reason-hant"}, {"reason-en", "power.admin.reason-en"}} {
		f.Limited(v.L, x.name, v.L.T(x.label), 1000)
	}
	if law, ok := s.shelf.Load().refs.Laws[f.Choice(v.L, "law", v.L.T("power.admin.law"), item.laws)]; ok {
		c.Basis = LegalBasis{Law: law.Title, Rank: law.Rank, Document: law.Document, URL: law.URL, Article: f.Value("article"), Confidence: statute.Unverified}
	}
	return s.change(w, r, v, item, f, cancelFields, func(version int) (Item, error) {
		return s.Cancel(r.Context(), actor, item.it.Key, version, c)
	})
}

// posted reads the form of a change.
func (s *Service) posted(r *http.Request) (*web.View, itemView, *form.Form, error) {
	f, err := form.Parse(r)
	if err != nil {
		return nil, itemView{}, nil, web.BadRequest("", err)
	}
	item, err := s.itemView(r, r.PathValue("key"))
	return web.ViewOf(r), item, f, err
}

// change makes a change from the version that the person saw. What is wrong is shown beside the field, with everything typed.
func (s *Service) change(w http.ResponseWriter, r *http.Request, v *web.View, item itemView, f *form.Form, fields map[string]string, do func(version int) (Item, error)) error {
	again := func() error {
		item.wrong, item.version = true, f.Value("version")
		return web.Render(w, r, http.StatusUnprocessableEntity, itemPage(v, item))
	}
	version, err := strconv.Atoi(f.Value("version"))
	if err != nil {
		return web.BadRequest("", err)
	}
	if !f.Valid() {
		return again()
	}
	it, err := do(version)
	var lint *LintError
	if errors.As(err, &lint) {
		for _, finding := range lint.Findings {
			if finding.Severity == Error {
				f.Fail(fields[finding.Field], v.L.Text(finding.Message)) // of the item as a whole when it has no field here
			}
		}
		return again()
	}
	if err != nil {
		return asPage(err)
	}
	return published(w, r, it)
}

func textOf(f *form.Form, name string) lang.Text {
	return lang.Text{Hans: f.Value(name + "-hans"), Hant: f.Value(name + "-hant"), En: f.Value(name + "-en")}
}
