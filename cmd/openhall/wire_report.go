package main

import (
	"context"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/power"
	"openhall.org/openhall/internal/slice/report"
	"openhall.org/openhall/internal/slice/report/sheet"
	"openhall.org/openhall/internal/slice/request"
	"openhall.org/openhall/rules"
)

// layoutFolder is where the layouts of annual reports lie.
const layoutFolder = "report"

func newReport(w *wiring) (*report.Service, error) {
	b := w.base
	layouts, err := sheet.Load(rules.Files, layoutFolder, b.Rules)
	if err != nil {
		return nil, err
	}
	return report.New(report.Deps{
		DB: b.DB, IDs: b.IDs, Registry: b.Registry, Rules: b.Rules, Layouts: layouts, People: people{b}, Names: names{b.Registry}, Printer: b.Letters,
		Now: b.Now, Log: b.Log, Duties: b.Publication, Publisher: reportRecords{b}, Counts: []report.Figures{publishedFigures{b}, askedFigures{w}, chargedFigures{w}}, BaseURL: b.Config.BaseURL,
	})
}

// reportModule brings annual reports into the program. What supervision counts is known once the node is there.
func reportModule(w *wiring) app.Module {
	m := w.report.Module(w.base.Holder)
	open := m.Open
	m.Open = func(ctx context.Context, n *app.Node) error {
		w.report.Counts = append(w.report.Counts, decidedFigures{w, n.Supervision})
		return open(ctx, n)
	}
	return m
}

// scopes divides what is asked for into what counters know: a body, or a division with all below it.
func scopes(b *app.Base, of report.Scope) []report.Scope {
	if of.Body != "" || of.Below {
		return []report.Scope{of}
	}
	var list []report.Scope
	for _, body := range b.Registry.Now().Bodies(of.Division) {
		list = append(list, report.Scope{Division: of.Division, Body: body.Key})
	}
	return list
}

// publishedFigures count what is published: rules and normative documents, and decisions that are published one by one.
type publishedFigures struct{ base *app.Base }

// The categories that annual reports count (政府信息公开条例 20).
const (
	categoryRules     = "statutory.1.rule"
	categoryDocuments = "statutory.1.normative"
	categoryPenalties = "statutory.6.penalty"
	categoryCoercion  = "statutory.6.compulsory"
)

// Figures implements report.Figures.
func (p publishedFigures) Figures(ctx context.Context, of report.Scope, from, until calendar.Date) (sheet.Figures, error) {
	out := sheet.Figures{}
	count := func(category string) (publication.Documents, error) {
		return p.base.Publication.Documents(ctx, publication.DocumentFilter{
			Division: of.Division, Below: of.Below, Body: of.Body, Category: category, From: from, Until: until,
		})
	}
	for name, category := range map[string]string{"regulations": categoryRules, "documents": categoryDocuments} {
		d, err := count(category)
		if err != nil {
			return nil, err
		}
		out["records/"+name+"/made"], out["records/"+name+"/repealed"] = d.Made, d.Repealed
		out["records/"+name+"/in-force"], out["records/"+name+"/published"] = d.InForce, d.Public
	}
	// Who publishes none of these decisions here has not registered them here: that is not none.
	for name, category := range map[string]string{"decisions/penalty": categoryPenalties, "decisions/coercion": categoryCoercion} {
		d, err := count(category)
		if err != nil {
			return nil, err
		}
		if d.Public > 0 {
			out[name] = d.Public
		}
	}
	if from.Add(365) == until || from.Add(366) == until { // a year: its counters
		all, err := p.base.Publication.Counts(ctx, publication.CountFilter{Division: of.Division, Below: of.Below, Body: of.Body, Year: from.Year()})
		if err != nil {
			return nil, err
		}
		n := int64(0)
		for _, c := range all {
			n += int64(c.N)
		}
		out["records/all/published"] = n
	}
	return out, nil
}

// askedFigures count requests for information, and the disputes about their answers.
type askedFigures struct{ w *wiring }

// Figures implements report.Figures.
func (a askedFigures) Figures(ctx context.Context, of report.Scope, from, until calendar.Date) (sheet.Figures, error) {
	out := sheet.Figures{}
	for _, scope := range scopes(a.w.base, of) {
		asked := request.Scope{Body: scope.Body}
		if scope.Body == "" {
			asked.Division = scope.Division
		}
		f, err := a.w.request.Figures(ctx, asked, from, until.Add(-1))
		if err != nil {
			return nil, err
		}
		disputes, err := a.w.request.DisputeFigures(ctx, asked, from, until.Add(-1))
		if err != nil {
			return nil, err
		}
		a.requests(out, &f, until.Add(-1))
		fees, err := a.w.request.Fees(ctx, asked, from, until.Add(-1))
		if err != nil {
			return nil, err
		}
		out["request-fees/charged"] += fees.Charged
		out["request-fees/waived"] += fees.Waived
		out["request-fees/number"] += fees.Number
		for kind, name := range map[string]string{request.Review: "review", request.Suit: "direct", request.SuitAfterReview: "after"} {
			d := disputes[kind]
			out["disputes/"+name+".upheld"] += d.Upheld
			out["disputes/"+name+".corrected"] += d.Corrected
			out["disputes/"+name+".other"] += d.Other
			out["disputes/"+name+".pending"] += d.Pending
		}
	}
	return out, nil
}

// requests adds the numbers of the third table. Every kind of asker has a number, be it 0; whoever is of no kind stands in the total alone.
func (a askedFigures) requests(out sheet.Figures, f *request.Figures, day calendar.Date) {
	row := func(name string, c request.Columns) {
		for _, kind := range a.kinds() {
			out["requests/"+name+"/"+kind] += c[kind]
		}
		out["requests/"+name+"/total"] += c.Total()
	}
	row("received", f.Received)
	row("carried-over", f.Over)
	row("carried-forward", f.Forward)
	row("results", f.Total())
	for _, o := range a.w.request.Outcomes(day) {
		row(o.Code, f.Outcome(o.Code))
	}
}

// kinds are the kinds of askers that the report has columns for.
func (a askedFigures) kinds() (list []string) {
	p, ok := a.w.base.Rules.Parameter("report.annual.applicants")
	if !ok || len(p.Values) == 0 {
		return nil
	}
	v := p.Values[len(p.Values)-1]
	for _, e := range v.Entries {
		if v.Leaf(e.Code) {
			list = append(list, e.Code)
		}
	}
	return list
}

// decidedFigures count the licences that were decided on in the hall (条例 20(5)).
type decidedFigures struct {
	w       *wiring
	tallies *supervision.Supervision
}

// Figures implements report.Figures.
func (d decidedFigures) Figures(ctx context.Context, of report.Scope, from, until calendar.Date) (sheet.Figures, error) {
	n := int64(0)
	for _, scope := range scopes(d.w.base, of) {
		counts, err := d.tallies.Counts(ctx, supervision.Scope{Division: scope.Division, Body: scope.Body, Kind: approval.KindName}, supervision.ByItem, from, until.Add(-1))
		if err != nil {
			return nil, fmt.Errorf("decisions of %s: %w", scope.Division, err)
		}
		for _, c := range counts {
			if im, ok := d.w.power.Implementation(c.Key); ok && im.Item.Type == power.Licence {
				n += c.Granted + c.Refused
			}
		}
	}
	return sheet.Figures{"decisions/licence": n}, nil
}

// chargedFigures count the administrative charges (行政事业性收费, 条例 20(8)) that were entered in the hall: with steps of cases, and the processing
// fees of requests, which are such charges (国办函〔2020〕109号).
type chargedFigures struct{ w *wiring }

// Figures implements report.Figures. Whose charges were never entered here may charge elsewhere: that is not nothing, so it is left to fill.
func (a chargedFigures) Figures(ctx context.Context, of report.Scope, from, until calendar.Date) (sheet.Figures, error) {
	fen := int64(0)
	for _, scope := range scopes(a.w.base, of) {
		charges, asked := approval.Charges{Body: scope.Body}, request.Scope{Body: scope.Body}
		if scope.Body == "" {
			charges.Division, asked.Division = scope.Division, scope.Division
		}
		n, err := a.w.approval.Charged(ctx, charges, from, until.Add(-1))
		if err != nil {
			return nil, err
		}
		fees, err := a.w.request.Fees(ctx, asked, from, until.Add(-1))
		if err != nil {
			return nil, err
		}
		fen += n + fees.Charged
	}
	if fen == 0 {
		return sheet.Figures{}, nil
	}
	return sheet.Figures{"fees/administrative": fen}, nil
}

// reported tells the desk about annual reports: they have a page of their own.
func reported(c *casework.Case) (desk.Matter, bool) {
	if c.Kind != report.KindName {
		return desk.Matter{}, false
	}
	return desk.Matter{Page: &desk.Page{
		Title: lang.Text{Hans: "在年度报告页面编制、审签", Hant: "在年度報告頁面編製、審簽", En: "Compile and approve it on its own page"}, Href: "/desk/reports/case/" + c.Number, Only: true,
	}}, true
}

// reportRecords puts approved reports into the catalogue: they were reviewed and decided already, so they go straight to the release.
type reportRecords struct{ base *app.Base }

// recordFolder is where records have their pages.
const recordFolder = "/open/r/"

// Publish implements report.Publisher.
func (p reportRecords) Publish(ctx context.Context, r report.Publication) (string, store.ID, error) {
	content := publication.Content{
		Category: "annual", Title: r.Title, Text: r.Text, Made: r.Day, Genre: "报告", Source: p.base.Config.BaseURL + r.Href,
		Summary: "全文、表格、PDF 和电子表格：" + p.base.Config.BaseURL + r.Href,
	}
	out, err := p.base.Publication.Import(ctx, identity.Platform, publication.Batch{
		Key: "report/" + r.ID, Body: r.Body, Update: r.Version > 1,
		Records: []publication.Incoming{{Index: strings.TrimPrefix(r.Was, recordFolder), Body: r.Body, Published: r.Day, Content: content}},
	})
	if err != nil {
		return "", 0, err
	}
	if len(out.Errors) > 0 {
		return "", 0, fmt.Errorf("record of report %s: %w", r.ID, &casework.Refusal{Code: casework.RefusedForm, Fields: out.Errors[0].Fields})
	}
	if r.Was != "" {
		rec, err := p.base.Publication.ByIndex(ctx, strings.TrimPrefix(r.Was, recordFolder))
		if err != nil {
			return "", 0, err
		}
		return r.Was, rec.ID, nil
	}
	list, err := p.base.Publication.List(ctx, publication.Filter{Division: r.Division, Body: r.Body, Category: content.Category, Year: r.Day.Year(), Limit: 500})
	if err != nil {
		return "", 0, err
	}
	for i := range list {
		if list[i].Title == r.Title {
			return recordFolder + list[i].Index, list[i].ID, nil
		}
	}
	return "", 0, nil // it is being released; asked again it is there
}
