package centre

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// planView is the form of a plan, and then its dry run.
type planView struct {
	centre  *registry.Centre
	plan    Plan // as it stands, with a line to add
	windows []ui.Option
	form    *form.Form
	checked bool
	preview []ui.Row
	lost    [][]ui.Cell
}

// newLine is the key under which the form asks for a line that is not there yet.
const newLine = "new"

// planRows says what a plan holds.
func planRows(l *web.Localizer, n names, p *Plan) []ui.Row {
	rows := []ui.Row{{Key: l.T("centre.field.hours"), Value: hours(p.Sessions)}}
	for _, d := range p.Days {
		text := hours(d.Sessions)
		if text == "" {
			text = l.T("centre.closed")
		}
		rows = append(rows, ui.Row{Key: weekday(l, d.Day), Value: text})
	}
	for i := range p.Lines {
		x := &p.Lines[i]
		windows := make([]string, len(x.Windows))
		for j, w := range x.Windows {
			windows[j] = n.number(w)
		}
		rows = append(rows, ui.Row{Key: x.Letter + " " + l.Text(x.Name), Value: l.T("centre.plan.line", web.Args{
			"Windows": strings.Join(windows, " "), "Minutes": x.Minutes, "Slot": x.Slot, "Capacity": x.Capacity,
		})})
	}
	for _, b := range ruleBounds {
		rows = append(rows, ui.Row{Key: l.T("centre.field." + b.name), Value: strconv.Itoa(*b.of(&p.Rules))})
	}
	return rows
}

func (s *Service) planView(l *web.Localizer, c *registry.Centre, day calendar.Date) *planView {
	p := &planView{centre: c}
	plan, ok := s.Book().Plan(c.Key, day)
	if !ok {
		plan = Plan{Rules: defaultRules}
	}
	p.plan = plan
	n := s.names(l)
	for i := range c.Windows {
		p.windows = append(p.windows, ui.Option{Value: c.Windows[i].Key, Text: n.window(c.Windows[i].Key)})
	}
	return p
}

func (s *Service) getPlan(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.managed(who, r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := s.planView(v.L, c, s.today())
	p.form = planForm(&p.plan, s.today().Add(1))
	return web.Render(w, r, http.StatusOK, planPage(v, p))
}

// planForm is a plan as it is typed.
func planForm(p *Plan, day calendar.Date) *form.Form {
	v := url.Values{"hours": {hours(p.Sessions)}, "day-year": {strconv.Itoa(day.Year())}, "day-month": {strconv.Itoa(int(day.Month()))}, "day-day": {strconv.Itoa(day.DayOfMonth())}}
	var days []string
	for _, d := range p.Days {
		if d.Day >= day {
			days = append(days, strings.TrimSpace(d.Day.String()+" "+hours(d.Sessions)))
		}
	}
	v.Set("days", strings.Join(days, "\n"))
	for _, b := range ruleBounds {
		v.Set(b.name, strconv.Itoa(*b.of(&p.Rules)))
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		field := "line." + l.Key
		v[field+".windows"] = l.Windows
		for name, value := range map[string]string{"letter": l.Letter, "name": l.Name.Hans, "hant": l.Name.Hant, "en": l.Name.En,
			"minutes": strconv.Itoa(l.Minutes), "slot": strconv.Itoa(l.Slot), "capacity": strconv.Itoa(l.Capacity)} {
			v.Set(field+"."+name, value)
		}
	}
	return form.Of(v)
}

// lineKeys are the lines that the form shows: those of the plan, and one to add.
func (p *planView) lineKeys() []string {
	keys := make([]string, 0, len(p.plan.Lines)+1)
	for i := range p.plan.Lines {
		keys = append(keys, p.plan.Lines[i].Key)
	}
	return append(keys, newLine)
}

// planOf reads a plan from its form, and notes in it what is wrong.
func (p *planView) planOf(l *web.Localizer) (plan Plan, day calendar.Date) {
	f := p.form
	var err error
	if plan.Sessions, err = ParseSessions(f.Value("hours")); err != nil {
		f.Fail("hours", l.T("centre.refused.hours"))
	}
	for text := range strings.SplitSeq(f.Value("days"), "\n") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		special, err := parseSpecial(text)
		if err != nil {
			f.Fail("days", l.T("centre.refused.days", web.Args{"Text": text}))
			continue
		}
		plan.Days = append(plan.Days, special)
	}
	for _, b := range ruleBounds {
		*b.of(&plan.Rules) = number(l, f, b.name, l.T("centre.field."+b.name))
	}
	for _, key := range p.lineKeys() {
		field := "line." + key
		if f.Value(field+".letter") == "" && f.Value(field+".name") == "" {
			continue // not added, or taken away
		}
		line := Line{
			Key: key, Letter: strings.ToUpper(f.Value(field + ".letter")), Windows: f.All(field + ".windows"),
			Name:    lang.Text{Hans: f.Value(field + ".name"), Hant: f.Value(field + ".hant"), En: f.Value(field + ".en")},
			Minutes: number(l, f, field+".minutes", l.T("centre.field.minutes")), Slot: number(l, f, field+".slot", l.T("centre.field.slot-length")),
			Capacity: number(l, f, field+".capacity", l.T("centre.field.capacity")),
		}
		if key == newLine {
			line.Key = "line-" + strings.ToLower(line.Letter)
		}
		plan.Lines = append(plan.Lines, line)
	}
	return plan, f.Date(l, "day", label(l, "day"))
}

// parseSpecial reads a day with hours of its own: 2026-12-05 9:00-12:00, or the day alone when it is closed.
func parseSpecial(text string) (Special, error) {
	day, open, _ := strings.Cut(text, " ")
	d, err := calendar.Parse(day)
	if err != nil {
		return Special{}, err
	}
	if strings.TrimSpace(open) == "" {
		return Special{Day: d}, nil
	}
	sessions, err := ParseSessions(open)
	return Special{Day: d, Sessions: sessions}, err
}

// number reads a whole number.
func number(l *web.Localizer, f *form.Form, name, label string) int {
	n, err := strconv.Atoi(f.Value(name))
	if err != nil {
		f.Fail(name, l.T("web.form.integer", web.Args{"Label": label}))
	}
	return n
}

func (s *Service) postPlan(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.managed(who, r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := s.planView(v.L, c, s.today())
	if p.form, err = parse(r); err != nil {
		return err
	}
	plan, day := p.planOf(v.L)
	var lost []*Appointment
	if p.form.Valid() {
		if lost, err = s.PlanCheck(r.Context(), who, c.Key, day, &plan); err != nil {
			if err = p.refused(v.L, err); err != nil {
				return err
			}
		}
	}
	act := p.form.Value("act")
	if !p.form.Valid() || act == "edit" {
		return web.Render(w, r, statusOf(p.form), planPage(v, p))
	}
	if act != "do" {
		p.checked, p.preview, p.lost = true, planRows(v.L, s.names(v.L), &plan), appointmentRows(v.L, &plan, lost)
		return web.Render(w, r, http.StatusOK, planPage(v, p))
	}
	if err := s.SetPlan(r.Context(), who, c.Key, day, plan); err != nil {
		return page(err)
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "centre.plan.done"})
	return web.SeeOther(w, r, "/desk/centre/"+c.Key)
}

// refused puts a refusal to the field that the form shows: a new line has no key of its own yet.
func (p *planView) refused(l *web.Localizer, err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		if key, rest, ok := strings.Cut(strings.TrimPrefix(r.Field, "line."), "."); ok && strings.HasPrefix(r.Field, "line.") && !slices.Contains(p.lineKeys(), key) {
			r.Field = "line." + newLine + "." + rest
		}
	}
	return into(l, p.form, err)
}
