package power

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/ui"
)

// bodyGroup is the bodies of one division that exercise items.
type bodyGroup struct {
	division *registry.Division
	bodies   []bodyCount
}

type bodyCount struct {
	body  *registry.Body
	count int
}

func (s *Service) bodyGroups() []bodyGroup {
	reg := s.deps.Registry.Now()
	var groups []bodyGroup
	for _, d := range s.areas() {
		g := bodyGroup{division: d}
		for _, b := range reg.Bodies(d.Code) {
			if n := len(s.OfBody(b.Key)); n > 0 {
				g.bodies = append(g.bodies, bodyCount{b, n})
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// typeGroup is what a body exercises of one type.
type typeGroup struct {
	kind Type
	list []*Implementation
}

func typeGroups(list []*Implementation) []typeGroup {
	var groups []typeGroup
	for _, t := range types {
		g := typeGroup{kind: t}
		for _, im := range list {
			if im.Item.Type == t {
				g.list = append(g.list, im)
			}
		}
		if len(g.list) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

func (g typeGroup) rows(v *web.View) [][]ui.Cell {
	l, on := v.L, dayOf(v)
	rows := make([][]ui.Cell, 0, len(g.list))
	for _, im := range g.list {
		it := im.Item
		status := l.Text(it.Status.Name())
		if it.ceased(on) > 0 {
			status = l.T("power.state.cancelled")
		} else if it.Effective > on {
			status = l.T("power.state.upcoming")
		}
		basis := ""
		if len(it.Basis) > 0 {
			basis = it.Basis[0].Cite(l.Tag())
		}
		rows = append(rows, []ui.Cell{{Text: l.Text(it.Name), Href: "/hall/items/" + im.Code}, {Text: im.Code}, {Text: basis},
			{Text: l.Text(it.Statutory.Text())}, {Text: l.Text(it.Promised.Text())}, {Text: status}})
	}
	return rows
}

func hasLine(lines []string, line string) bool { return slices.Contains(lines, line) }

// chartView is what the page of a published procedure shows.
type chartView struct {
	ref      string
	chart    flowchart.Chart
	versions []casework.ProcedureVersion
	before   map[string]string // what each version can be compared with
	items    []*Item           // that run by it
}

// procedure returns a published chart by key@version, or the newest by its key. What isn't there is a page that says so.
func (s *Service) procedure(ctx context.Context, ref string) (string, *procedure.Definition, error) {
	missing := func(err error) error {
		return &web.Error{Status: http.StatusNotFound, Key: "power.error.procedure", Err: err}
	}
	if strings.Contains(ref, "@") {
		if _, _, err := casework.SplitReference(ref); err != nil {
			return "", nil, missing(err)
		}
	}
	found, def, err := s.deps.Procedures.Procedure(ctx, ref)
	var refused *casework.Refusal
	if errors.Is(err, store.ErrNotFound) || errors.As(err, &refused) {
		err = missing(err)
	}
	return found, def, err
}

func (s *Service) chartView(ctx context.Context, l *web.Localizer, ref string) (chartView, error) {
	ref, def, err := s.procedure(ctx, ref)
	if err != nil {
		return chartView{}, err
	}
	v := chartView{ref: ref, chart: chartOf(l, def)}
	key, _, err := casework.SplitReference(ref)
	if err != nil {
		return v, err
	}
	if v.versions, err = s.deps.Procedures.ProcedureVersions(ctx, key); err != nil {
		return v, err
	}
	v.before = map[string]string{}
	for _, p := range v.versions {
		if s.deps.Versions == nil {
			break
		}
		is := casework.Reference(p.Key, p.Version)
		if v.before[is], err = s.before(ctx, is); err != nil {
			return v, err
		}
	}
	for _, it := range s.Items() {
		runs := it.Procedure == key
		for _, im := range s.Implementations(it.Key) {
			runs = runs || s.procedureOf(im) == key
		}
		if runs {
			v.items = append(v.items, it)
		}
	}
	slices.SortFunc(v.items, func(a, b *Item) int { return cmp.Compare(a.Name.In(lang.Hans), b.Name.In(lang.Hans)) })
	return v, nil
}

func (v chartView) rows(l *web.Localizer) [][]ui.Cell {
	rows := make([][]ui.Cell, 0, len(v.versions))
	for _, p := range v.versions {
		ref := casework.Reference(p.Key, p.Version)
		diff := ui.Cell{Text: l.T("power.chart.first")}
		if from := v.before[ref]; from != "" {
			diff = ui.Cell{Text: l.T("power.chart.diff-with", web.Args{"Ref": from}), Href: "/power/procedures/" + ref + "/diff?from=" + url.QueryEscape(from)}
		}
		rows = append(rows, []ui.Cell{{Text: ref, Href: "/power/procedures/" + ref}, {Text: l.Time(p.PublishedAt)}, diff, {Text: p.Digest[:min(16, len(p.Digest))]}})
	}
	return rows
}
