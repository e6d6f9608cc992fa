package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// pageLength is how many entries a page lists.
const pageLength = 50

// searchView is what the page of the search shows.
type searchView struct {
	form  *form.Form
	query url.Values // of the search, without the cursor
	rows  [][]ui.Cell
	first bool   // nothing was asked for: the newest entries
	older string // address of the next page
	newer bool   // this is not the first page
}

// parameters of the address of a search.
var parameters = []string{"account", "post", "kind", "target-kind", "target", "from", "until", "result"}

// filterOf reads a search from its address. What does not make sense there finds nothing rather than everything.
func filterOf(q url.Values) (casework.JournalFilter, error) {
	f := casework.JournalFilter{Post: q.Get("post"), Kind: q.Get("kind"), TargetKind: q.Get("target-kind"), Target: q.Get("target"), Limit: pageLength}
	f.Refused, f.Done = q.Get("result") == "refused", q.Get("result") == "done"
	for name, id := range map[string]*store.ID{"account": &f.Account, "before": &f.Before} {
		if text := q.Get(name); text != "" {
			v, err := store.ParseID(text)
			if err != nil {
				return f, web.BadRequest("", fmt.Errorf("%s: %w", name, err))
			}
			*id = v
		}
	}
	for name, at := range map[string]*time.Time{"from": &f.From, "until": &f.Until} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		day, err := calendar.Parse(text)
		if err != nil {
			return f, web.BadRequest("", fmt.Errorf("%s: %w", name, err))
		}
		if *at = day.Start(); name == "until" {
			*at = day.End()
		}
	}
	return f, nil
}

func (s *Service) getSearch(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := filterOf(q)
	if err != nil {
		return err
	}
	p := searchView{query: url.Values{}, newer: f.Before != 0}
	for _, name := range parameters {
		if v := q.Get(name); v != "" {
			p.query.Set(name, v)
		}
	}
	p.first = len(p.query) == 0
	p.form = s.asTyped(r.Context(), p.query)
	return s.found(who, w, r, p, f)
}

// found shows what a search finds.
func (s *Service) found(who identity.Principal, w http.ResponseWriter, r *http.Request, p searchView, f casework.JournalFilter) error {
	v := web.ViewOf(r)
	f.Limit = pageLength + 1
	entries, err := s.Search(r.Context(), who, f)
	if err != nil {
		return err
	}
	if len(entries) > pageLength {
		entries = entries[:pageLength]
		next := maps.Clone(p.query)
		next.Set("before", entries[pageLength-1].ID.String())
		p.older = "/audit?" + next.Encode()
	}
	names := s.names(r.Context())
	for i := range entries {
		p.rows = append(p.rows, s.row(v.L, names, &entries[i]))
	}
	return web.Render(w, r, http.StatusOK, searchPage(v, p))
}

func (s *Service) row(l *web.Localizer, names *names, e *casework.Entry) []ui.Cell {
	return []ui.Cell{
		{Text: l.Time(e.At), Href: entryPath(e.ID)}, {Text: kindName(l, e.Act.Kind)}, {Text: names.actor(l, &e.Act)}, {Text: names.target(l, e.Act.On)},
		{Content: resultTag(l, &e.Act)}, {Text: e.Journal + " " + strconv.FormatInt(e.Seq, 10)},
	}
}

func entryPath(id store.ID) string { return "/audit/entry/" + id.String() }

// asTyped fills the form of the search with what the address says.
func (s *Service) asTyped(ctx context.Context, q url.Values) *form.Form {
	values := url.Values{"post": {q.Get("post")}, "kind": {q.Get("kind")}, "target": {q.Get("target")}, "result": {q.Get("result")}}
	if id, err := store.ParseID(q.Get("account")); err == nil {
		if a, err := s.Identity.Account(ctx, id); err == nil {
			values.Set("login", a.Login)
		}
	}
	if q.Get("target-kind") == "account" {
		if id, err := store.ParseID(q.Get("target")); err == nil {
			if a, err := s.Identity.Account(ctx, id); err == nil {
				values.Set("target", a.Login)
			}
		}
	}
	for _, name := range []string{"from", "until"} {
		if day, err := calendar.Parse(q.Get(name)); err == nil {
			values.Set(name+"-year", strconv.Itoa(day.Year()))
			values.Set(name+"-month", strconv.Itoa(int(day.Month())))
			values.Set(name+"-day", strconv.Itoa(day.DayOfMonth()))
		}
	}
	return form.Of(values)
}

// postSearch turns what was typed into the address of a search: a login must not stand there.
func (s *Service) postSearch(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := s.allow(who); err != nil {
		return err
	}
	v := web.ViewOf(r)
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	q := url.Values{}
	if login := f.Value("login"); login != "" {
		a, err := s.Identity.AccountByLogin(r.Context(), login)
		switch {
		case err == nil:
			q.Set("account", a.ID.String())
		case refused(err):
			f.Fail("login", v.L.T("identity.no-account"))
		default:
			return err
		}
	}
	if post := f.Value("post"); post != "" {
		q.Set("post", post)
	}
	if kind := f.Value("kind"); kind != "" {
		q.Set("kind", f.Choice(v.L, "kind", v.L.T("audit.what"), kindOptions(v.L)))
	}
	if target := f.Value("target"); target != "" {
		q.Set("target", target)
		if a, err := s.Identity.AccountByLogin(r.Context(), target); err == nil {
			q.Set("target-kind", "account")
			q.Set("target", a.ID.String())
		} else if !refused(err) {
			return err
		}
	}
	days := map[string]calendar.Date{}
	for _, name := range []string{"from", "until"} {
		if f.DateParts(name) == (ui.DateParts{}) {
			continue
		}
		if day := f.Date(v.L, name, v.L.T("audit."+name)); f.Error(name) == "" {
			q.Set(name, day.String())
			days[name] = day
		}
	}
	if len(days) == 2 && days["until"] < days["from"] {
		f.Fail("until", v.L.T("audit.order"))
	}
	if result := f.Value("result"); result == "done" || result == "refused" {
		q.Set("result", result)
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, searchPage(v, searchView{form: f, query: url.Values{}, first: true}))
	}
	return web.SeeOther(w, r, strings.TrimSuffix("/audit?"+q.Encode(), "?"))
}

// postExport hands out what a search finds. The filter comes from hidden fields, in the form of the address.
func (s *Service) postExport(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	posted, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	f, err := filterOf(posted.Values())
	if err != nil {
		return err
	}
	data, err := s.Export(r.Context(), who, f)
	if many := (tooManyError{}); errors.As(err, &many) {
		return web.Unprocessable("audit.too-many", web.Args{"Count": maxExported})
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="journal-`+s.Now().In(calendar.Zone).Format("20060102-150405")+`.zip"`)
	_, err = w.Write(data) //nolint:gosec // G705: a ZIP as a download
	return err
}

// entryView is what the page of one entry shows.
type entryView struct {
	entry   casework.Entry
	rows    []ui.Row
	details []ui.Row
	proof   []ui.Row
	content string
}

func (s *Service) getEntry(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	id, err := store.ParseID(r.PathValue("event"))
	if err != nil {
		return web.NotFound("audit.no-entry")
	}
	e, err := s.Entry(r.Context(), who, id)
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("audit.no-entry")
	}
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	l, n := v.L, s.names(r.Context())
	p := entryView{entry: e, content: pretty(e.Content), rows: []ui.Row{
		{Key: l.T("audit.what"), Value: kindName(l, e.Act.Kind)}, {Key: l.T("audit.when"), Value: l.Time(e.At)},
		{Key: l.T("audit.who"), Value: n.actor(l, &e.Act)}, {Key: l.T("audit.target"), Value: n.target(l, e.Act.On)},
		{Key: l.T("audit.result"), Content: resultTag(l, &e.Act)}, {Key: l.T("audit.number"), Value: e.Journal + " " + strconv.FormatInt(e.Seq, 10)},
		{Key: l.T("audit.visible"), Value: l.T("audit.visible-" + map[bool]string{true: "all", false: "sealed"}[e.Act.Public])},
	}}
	for _, part := range []map[string]any{e.Act.Data, e.Act.Secret} {
		for _, name := range slices.Sorted(maps.Keys(part)) {
			p.details = append(p.details, n.detail(l, name, part[name]))
		}
	}
	receipt, err := s.Log.Receipt(r.Context(), id)
	switch {
	case errors.Is(err, ledger.ErrPending):
	case err != nil:
		return err
	default:
		p.proof = []ui.Row{
			{Key: l.T("audit.place"), Value: l.Number(receipt.Index + 1)}, {Key: l.T("audit.hash"), Content: code(l.T("audit.hash"), receipt.Leaf.String())},
			{Key: l.T("audit.checkpoint"), Content: code(l.T("audit.checkpoint"), strings.TrimSpace(receipt.Checkpoint))},
		}
	}
	return web.Render(w, r, http.StatusOK, entryPage(v, p))
}

func pretty(content []byte) string {
	var v any
	if json.Unmarshal(content, &v) != nil {
		return string(content)
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(content)
	}
	return string(text)
}

func (s *Service) getReceipt(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	id, err := store.ParseID(r.PathValue("event"))
	if err != nil {
		return web.NotFound("audit.no-entry")
	}
	receipt, err := s.Receipt(r.Context(), who, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return web.NotFound("audit.no-entry")
	case errors.Is(err, ledger.ErrPending):
		return web.Conflict("audit.pending", nil)
	case err != nil:
		return err
	}
	data, err := receipt.Encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="entry-`+id.String()+`.json"`)
	_, err = w.Write(data) //nolint:gosec // G705: JSON as a download
	return err
}

// reportView is what the page of the completeness shows.
type reportView struct {
	casework.JournalReport
	faults [][]ui.Cell
}

func (s *Service) getCompleteness(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	report, err := s.Check(r.Context(), who)
	if err != nil {
		return err
	}
	p := reportView{JournalReport: report}
	for _, f := range report.Faults {
		p.faults = append(p.faults, []ui.Cell{{Text: f.Journal}, {Text: strconv.FormatInt(f.Seq, 10)}, {Text: v.L.T("audit.fault." + f.Code)}})
	}
	return web.Render(w, r, http.StatusOK, completenessPage(v, p))
}

func refused(err error) bool {
	var no *identity.Refusal
	return errors.As(err, &no)
}

func kindOptions(l *web.Localizer) []ui.Option {
	options := []ui.Option{{Value: "", Text: l.T("audit.any")}}
	for _, kind := range journal.Kinds() {
		options = append(options, ui.Option{Value: kind, Text: kindName(l, kind)})
	}
	return options
}
