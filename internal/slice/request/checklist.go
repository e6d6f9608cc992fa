package request

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

const (
	ruleChecklists = "request.checklists"
	ruleAlways     = "request.checklists.always"
)

// varConcerns are the checklists beyond those of every request that the information touches.
const varConcerns = "concerns"

// Checklist (审查清单) is what is gone through before a reply is drafted, by the law of a day: state secrets, the three securities, third
// parties, internal affairs, process information, enforcement files (条例 14–17).
type Checklist struct {
	statute.Entry
	Basis  statute.Source  // with the list's own articles
	Always bool            // every request goes through it; the others only where the information touches what they are about
	Points []statute.Entry // to be ticked, all of them; codes without that of the list
}

// Checklists returns the lists of a day, in the order in which they are gone through.
func (s *Service) Checklists(day calendar.Date) []Checklist {
	v, ok := s.rule(ruleChecklists, day)
	if !ok {
		return nil
	}
	always, _ := s.rule(ruleAlways, day)
	var list []Checklist
	for _, e := range v.Entries {
		if e.Parent == "" {
			c := Checklist{Entry: e, Basis: v.Source}
			c.Basis.Article = e.Article
			_, c.Always = always.Entry(e.Code)
			list = append(list, c)
			continue
		}
		i := slices.IndexFunc(list, func(c Checklist) bool { return c.Code == e.Parent })
		if i >= 0 {
			e.Code = strings.TrimPrefix(e.Code, e.Parent+".")
			list[i].Points = append(list[i].Points, e)
		}
	}
	return list
}

// ticks are what an official ticked, by list.
type ticks map[string][]string

func ticksOf(raw map[string]json.RawMessage) ticks {
	t := ticks{}
	for name, value := range raw {
		var list []string
		if json.Unmarshal(value, &list) == nil && len(list) > 0 {
			t[name] = list
		}
	}
	return t
}

// checkLists refuses to go on to the draft before all points of every list that matters were ticked.
func (s *Service) checkLists(day calendar.Date, data json.RawMessage) (found []casework.FieldError) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return []casework.FieldError{{Code: "json"}}
	}
	got := ticksOf(raw)
	for _, c := range s.Checklists(day) {
		if !c.Always && !slices.Contains(got[varConcerns], c.Code) {
			continue
		}
		var open []statute.Entry
		for _, p := range c.Points {
			if !slices.Contains(got[c.Code], p.Code) {
				open = append(open, p)
			}
		}
		if len(open) == 0 {
			continue
		}
		first := open[0].Title
		found = append(found, casework.FieldError{Path: "/" + c.Code, Code: "unchecked", Text: lang.Text{
			Hans: fmt.Sprintf("“%s”清单还有%d项没有核对，第一项是：%s。核对后勾选，或者选择其他下一步", c.Title.Hans, len(open), first.Hans),
			Hant: fmt.Sprintf("「%s」清單還有%d項沒有核對，第一項是：%s。核對後勾選，或者選擇其他下一步", c.Title.In(lang.Hant), len(open), first.In(lang.Hant)),
			En:   fmt.Sprintf("Of the checklist “%s” %d points are open, the first of them: %s. Check and tick them, or choose another step", c.Title.In(lang.En), len(open), first.In(lang.En)),
		}})
	}
	return found
}

// concerned reports whether the examination went through a list that not every request needs.
func concerned(v procedure.Variables, list string) bool {
	raw, err := json.Marshal(v[varConcerns])
	if err != nil {
		return false
	}
	var codes []string
	return json.Unmarshal(raw, &codes) == nil && slices.Contains(codes, list)
}

// checkedFor refuses a reply whose ground was not gone through: what is withheld as internal, process or enforcement information had its
// checklist.
func (s *Service) checkedFor(c *casework.Case, reply string, day calendar.Date) bool {
	ground, ok := strings.CutPrefix(reply, "refused.")
	if !ok {
		return true
	}
	for _, list := range s.Checklists(day) {
		if list.Code == ground {
			return list.Always || concerned(c.Variables(), ground)
		}
	}
	return true // a ground without a list of its own
}

// reviewed is one examination as it was recorded: who went through which lists, and when.
type reviewed struct {
	By   string // post and name
	At   string
	Rows []ui.Row
}

// reviews are the examinations of a request that went on to the draft, oldest first.
func (s *Service) reviews(ctx context.Context, l *web.Localizer, c *casework.Case) ([]reviewed, error) {
	parts, err := s.Cases.Private(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	lists := s.Checklists(s.lawDay(c))
	var out []reviewed
	for _, p := range parts {
		got := ticksOf(p.Fields)
		var rows []ui.Row
		for _, list := range lists {
			var points []string
			for _, point := range list.Points {
				if slices.Contains(got[list.Code], point.Code) {
					points = append(points, l.Text(point.Title))
				}
			}
			if len(points) > 0 {
				rows = append(rows, ui.Row{Key: l.Text(list.Title) + l.T("request.review.basis", web.Args{"Article": list.Basis.Cite(l.Tag())}),
					Value: strings.Join(points, l.T("request.review.next"))})
			}
		}
		if len(rows) == 0 {
			continue
		}
		event, err := s.Cases.Event(ctx, c.ID, p.Seq)
		if err != nil {
			return nil, err
		}
		x := reviewed{At: l.Time(event.At), Rows: rows}
		for _, d := range c.Done() {
			if d.Element != "examine" || !d.At.Equal(event.At) {
				continue
			}
			name, _, _, err := s.People.Contact(ctx, d.By)
			if err != nil {
				return nil, fmt.Errorf("who examined %s: %w", c.Number, err)
			}
			x.By = s.postWords(l, d.Post) + l.T("web.form.of") + name
		}
		out = append(out, x)
	}
	return out, nil
}
