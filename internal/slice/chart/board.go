package chart

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// boardView is the drawing board.
type boardView struct {
	Chart
	Version
	found   []findingView
	figure  *flowchart.Chart // the same, drawn by the server: without scripts it is all there is
	form    *form.Form
	key     string
	faulty  bool
	choices string // JSON: what the properties panel offers
	words   string // JSON: words of the canvas
	review  string // address of the review; empty: none
	over    int    // stamp of what somebody else has saved meanwhile, over which this can be saved; 0: nobody has
	earlier []Earlier
	opened  *Earlier // the earlier save that is shown in place of what is saved; nil: none
	people  map[store.ID]string
}

// findingView is a finding in the reader's language.
type findingView struct {
	Element string `json:"element"`
	Name    string `json:"name"`
	Level   string `json:"level"`
	Line    int    `json:"line"`
	Text    string `json:"text"`
}

func viewFindings(l *web.Localizer, found []Finding) []findingView {
	out := make([]findingView, 0, len(found))
	for _, f := range found {
		name := strings.Join(strings.Fields(f.Name), " ")
		if name == "" {
			name = f.Element
		}
		if name == "" {
			name = l.T("chart.finding.file")
		}
		out = append(out, findingView{f.Element, name, string(f.Level), f.Line, l.Text(f.Message)})
	}
	return out
}

// board prepares the page; f holds what was typed when it comes back with errors, opened an earlier save that is shown.
func (s *Service) board(ctx context.Context, l *web.Localizer, c Chart, v Version, f *form.Form, opened *Earlier) (*boardView, error) {
	p := &boardView{Chart: c, Version: v, form: f, key: newKey(), opened: opened}
	xml := v.XML
	if opened != nil {
		xml = opened.XML
	}
	if f != nil {
		xml = f.Values().Get("xml") // what is found and shown is about what was typed
	}
	if f == nil {
		p.form = form.Of(map[string][]string{"xml": {xml}, "note": {v.Note}, "stamp": {strconv.Itoa(v.Stamp)}})
	}
	found, def, err := s.Findings(ctx, &c, xml)
	if err != nil {
		return nil, err
	}
	if p.earlier, err = s.EarlierOf(ctx, c.ID, v.N); err != nil {
		return nil, err
	}
	p.people = map[store.ID]string{v.Author: s.Names.Person(ctx, v.Author)}
	for i := range p.earlier {
		if who := p.earlier[i].Author; p.people[who] == "" {
			p.people[who] = s.Names.Person(ctx, who)
		}
	}
	p.found, p.faulty = viewFindings(l, found), Faulty(found)
	if def != nil {
		chart := flowchart.FromProcedure(def, l.Tag(), nil)
		chart.ID, chart.Description = "chart", l.T("chart.board.picture")
		p.figure = &chart
	}
	if v.Case != 0 {
		p.review = "/desk/publications/" + v.Case.String()
	}
	if p.choices, err = s.choices(ctx, l, c); err != nil {
		return nil, err
	}
	p.words, err = boardWords(l)
	return p, err
}

// option is a choice that the properties panel offers.
type option struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// choices lists what the properties panel offers, as JSON.
func (s *Service) choices(ctx context.Context, l *web.Localizer, c Chart) (string, error) {
	all := map[string][]option{}
	for _, r := range Roles() {
		all["roles"] = append(all["roles"], option{r, caseview.Role(l, r)})
	}
	for _, p := range s.Rules.All() {
		if p.Direction == "" {
			continue // no term
		}
		all["rules"] = append(all["rules"], option{p.ID, l.Text(p.Title)})
	}
	forms, err := s.Forms(ctx, c.ID)
	if err != nil {
		return "", err
	}
	for i := range forms {
		d, err := ReadDesign(forms[i].Schema)
		if err != nil {
			return "", err
		}
		all["forms"] = append(all["forms"], option{formKey(c.Key, &forms[i]), l.Text(d.Title) + " (" + strconv.Itoa(forms[i].N) + ")"})
	}
	for _, key := range s.cases.Forms.Keys() {
		all["forms"] = append(all["forms"], option{key, key})
	}
	for _, kind := range s.Letters {
		all["letters"] = append(all["letters"], option{kind, caseview.Document(l, kind)})
	}
	for _, unit := range []string{"working-day", "calendar-day", "hour"} {
		all["units"] = append(all["units"], option{unit, l.T("chart.unit-name." + unit)})
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("choices of chart %s: %w", c.Key, err)
	}
	return string(raw), nil
}

// boardWords are the words that the canvas shows, as JSON. Those of the tools are named as the modeler names them, so that its own English
// words are replaced.
func boardWords(l *web.Localizer) (string, error) {
	words := map[string]string{}
	for _, key := range []string{
		"undo", "redo", "fit", "in", "out", "properties", "nothing", "name", "name-hant", "name-en", "role", "term", "rule", "length", "unit", "basis", "form", "letters", "condition",
		"default", "none", "status", "separate", "assign", "id", "checking", "clean", "errors", "offline", "kept", "warnings", "failed", "closed", "unreached", "signed-out", "sign-in", "refused", "saving", "not-kept",
		"found", "found-older", "restore", "discard", "theirs", "replace", "canvas", "letter-add", "remove", "documentation", "unsaved",
	} {
		words[key] = l.T("chart.canvas." + key)
	}
	for tool, key := range tools {
		words["tool:"+tool] = l.T("chart.tool." + key)
	}
	raw, err := json.Marshal(words)
	if err != nil {
		return "", fmt.Errorf("words of the canvas: %w", err)
	}
	return string(raw), nil
}

func (s *Service) getBoard(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, v, err := s.versionOf(who, r)
	if err != nil {
		return err
	}
	opened, err := s.earlierAsked(r, &v)
	if err != nil {
		return err
	}
	view := web.ViewOf(r)
	p, err := s.board(r.Context(), view.L, c, v, nil, opened)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, boardPage(view, p))
}

// postCheck examines what stands on the canvas, without keeping it.
func (s *Service) postCheck(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.versionOf(who, r)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, procedure.MaxBytes+1))
	if err != nil {
		return fmt.Errorf("read the chart: %w", err)
	}
	found, _, err := s.Findings(r.Context(), &c, string(raw))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(viewFindings(web.ViewOf(r).L, found))
}

// getFile hands the file out as it was kept.
func (s *Service) getFile(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, v, err := s.versionOf(who, r)
	if err != nil {
		return err
	}
	name, xml := c.Key+"-draft-"+strconv.Itoa(v.N), v.XML
	if opened, err := s.earlierAsked(r, &v); err != nil {
		return err
	} else if opened != nil {
		name, xml = name+"-save-"+strconv.Itoa(opened.Stamp), opened.XML
	}
	h := w.Header()
	h.Set("Content-Type", "application/xml; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.bpmn"`)
	_, err = io.WriteString(w, xml)
	return err
}

// diffView shows what differs between the version in force, or the one it was drawn from, and this one.
type diffView struct {
	Chart
	Version
	from string
	body templ.Component
}

// Difference is the main part of a page about two versions: on the drawings, and element by element.
func Difference(v *web.View, was, is *procedure.Definition) templ.Component {
	changes := procedure.Difference(was, is)
	older, newer := flowchart.Compared(was, is, changes, v.L.Tag())
	older.ID, newer.ID = "older", "newer"
	older.Description, newer.Description = v.L.T("chart.diff.older"), v.L.T("chart.diff.newer")
	gone := slices.ContainsFunc(changes, func(x procedure.Change) bool { return x.What == procedure.Removed })
	return difference(v, older, newer, gone, changes)
}

func (s *Service) getDiff(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, v, err := s.versionOf(who, r)
	if err != nil {
		return err
	}
	view := web.ViewOf(r)
	p := diffView{Chart: c, Version: v, from: r.URL.Query().Get("from")}
	if p.from == "" {
		p.from = v.Base
	}
	is, err := procedure.Parse([]byte(v.XML))
	if err != nil || p.from == "" {
		return web.SeeOther(w, r, boardPath(c.ID, v.N)) // where the findings say what is wrong; drawn from nothing, everything is new
	}
	_, was, err := s.cases.Procedure(r.Context(), p.from)
	if err != nil {
		return web.NotFound("chart.error.version")
	}
	p.body = Difference(view, was, is)
	return web.Render(w, r, http.StatusOK, diffPage(view, &p))
}

// diffRows is the difference as a table.
func diffRows(l *web.Localizer, changes []procedure.Change) [][]ui.Cell {
	rows := make([][]ui.Cell, 0, len(changes))
	for i := range changes {
		c := &changes[i]
		rows = append(rows, []ui.Cell{
			{Text: nameOf(l, c)}, {Text: kindWord(l, c.Kind)}, {Content: ui.Tag(turnTag[c.What], l.T("chart.diff."+string(c.What)))}, {Content: aspects(l, c.Aspects)},
		})
	}
	return rows
}

var turnTag = map[procedure.Alteration]ui.TagKind{
	procedure.Added: ui.TagGood, procedure.Removed: ui.TagBad, procedure.Changed: ui.TagWarn, procedure.Moved: ui.TagInfo,
}
