package joint

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/ui"
)

// chart is an application as one picture: a lane for the whole and one for each department, on one scale of working days.
type chart struct {
	number  string
	whole   lane
	stages  []chartStage
	days    int // width of the scale
	matter  string
	meeting map[int]string // by stage
}

// chartStage is a stage with the lanes of its departments.
type chartStage struct {
	title string
	lanes []lane
}

// lane is one lane: from when to when, how many days were used of how many.
type lane struct {
	body, title string
	state       string
	kind        ui.TagKind
	colour      string
	from, to    int // working days since the application, from 0; to −1: not begun
	used        int
	of          term.Length
	late        bool
	dueDay      int // on the scale; −1: none
	due         string
	note        string // why there is no default, or that a late opinion was recorded
	number      string
}

// chart draws an application as it stands at an instant.
func (s *Service) chart(l *web.Localizer, w *Whole, c *casework.Case, now time.Time) chart {
	cal := s.Calendar()
	start := calendar.Of(w.CreatedAt)
	on := func(t time.Time) int { return max(0, cal.Count(start, calendar.Of(t))) }
	x := chart{number: w.Number, matter: l.Text(w.Matter.Title), meeting: map[int]string{}}
	end := now
	if !w.Open() {
		end = w.EndedAt
	}
	x.whole = lane{body: l.T("joint.lane.whole"), title: l.Text(s.bodyName(w.Body)), state: caseview.Status(l, w.Status), kind: caseview.StatusKind(w.Status),
		colour: colourActive, to: on(end), dueDay: -1, number: w.Number}
	if k := c.Clock("joint"); k != nil {
		lines := k.Term.Compute(cal, now)
		x.whole.of = k.Term.Statutory
		if k.Term.Promised.N > 0 {
			x.whole.of = k.Term.Promised
		}
		x.whole.from = on(k.Term.Start)
		x.whole.used = cal.Count(calendar.Of(k.Term.Start), calendar.Of(endOf(k.Term.Stopped, end)))
		x.whole.dueDay = max(0, cal.Count(start, lines.PromiseDay))
		x.whole.due = l.T("joint.lane.lines", web.Args{"Promise": l.Date(lines.PromiseDay), "Statute": l.Date(lines.StatuteDay)})
		x.whole.late = endOf(k.Term.Stopped, end).After(lines.Promise)
	}
	x.days = max(x.whole.to, x.whole.dueDay, 1)
	for i := range w.Matter.Stages {
		st := chartStage{title: l.T("joint.stage", web.Args{"N": i + 1, "Title": l.Text(w.Matter.Stages[i].Title)})}
		for j := range w.Parts {
			if e := &w.Parts[j]; e.Stage == i {
				la := s.lane(l, e, end, start)
				x.days = max(x.days, la.to, la.dueDay)
				st.lanes = append(st.lanes, la)
			}
		}
		if len(st.lanes) > 0 {
			x.stages = append(x.stages, st)
			x.meeting[len(x.stages)-1] = s.meetingNote(l, w, i)
		}
	}
	x.days++
	return x
}

func endOf(stopped, otherwise time.Time) time.Time {
	if stopped.IsZero() {
		return otherwise
	}
	return stopped
}

// Colours of lanes. The word beside a lane says the same.
const (
	colourActive  = "#1d70b8"
	colourGood    = "#00703c"
	colourDeemed  = "#b58840"
	colourBad     = "#d4351c"
	colourWaiting = "#b1b4b6"
)

func (s *Service) lane(l *web.Localizer, e *Entry, end time.Time, start calendar.Date) lane {
	cal := s.Calendar()
	la := lane{body: l.Text(s.bodyName(e.Body)), title: l.Text(e.Title), state: stateWord(l, e), number: e.Number, to: -1, dueDay: -1, of: e.Statutory}
	if e.Promised.N > 0 {
		la.of = e.Promised
	}
	la.kind, la.colour = colours(e.State)
	if !e.RevokedAt.IsZero() {
		la.kind, la.colour = colours(Refused)
		la.state = l.T("joint.state.revoked")
		la.note = l.T("joint.lane.revoked", web.Args{"Day": l.DateOf(e.RevokedAt)})
	}
	if !e.OpenedAt.IsZero() {
		stop := endOf(e.AnsweredAt, end)
		la.from, la.to = max(0, cal.Count(start, calendar.Of(e.OpenedAt))), max(0, cal.Count(start, calendar.Of(stop)))
		la.used = cal.Count(calendar.Of(e.OpenedAt), calendar.Of(stop))
		if la.of.Unit == statute.CalendarDay {
			la.used = int(calendar.Of(stop) - calendar.Of(e.OpenedAt))
		}
		last := calendar.Of(e.DueAt.Add(-time.Second)) // the line is the end of the last day
		la.dueDay, la.due = max(0, cal.Count(start, last)), l.Date(last)
		la.late = stop.After(e.DueAt)
	}
	switch {
	case e.LateWord != "":
		la.note = l.T("joint.lane.late-opinion", web.Args{"Opinion": l.T("joint.opinion." + e.LateWord), "Day": l.DateOf(e.LateAt)})
	case e.State == Open && la.late && !e.Late:
		la.note = l.T("joint.lane.no-default", web.Args{"Law": l.Text(e.Law)})
	}
	return la
}

func colours(state PartState) (ui.TagKind, string) {
	switch state {
	case Agreed, Forwarded:
		return ui.TagGood, colourGood
	case Deemed:
		return ui.TagWarn, colourDeemed
	case Refused:
		return ui.TagBad, colourBad
	case Open:
		return ui.TagActive, colourActive
	default:
		return ui.TagNeutral, colourWaiting
	}
}

func (s *Service) meetingNote(l *web.Localizer, w *Whole, stage int) string {
	m := w.meeting(stage)
	if m == nil {
		return ""
	}
	args := web.Args{"Meeting": l.T("joint.meeting." + m.Kind), "Day": l.Date(m.Day), "Absent": len(m.Absent)}
	switch {
	case m.HeldAt.IsZero():
		return l.T("joint.lane.summoned", args)
	case len(m.Absent) > 0:
		return l.T("joint.lane.held-absent", args)
	default:
		return l.T("joint.lane.held", args)
	}
}

// percent places a day on the scale.
func (x *chart) percent(day int) string {
	return strconv.FormatFloat(100*float64(day)/float64(x.days), 'f', 2, 64)
}

// width is how much of the scale a lane takes; a day that has begun counts a little.
func (x *chart) width(la *lane) string {
	return strconv.FormatFloat(100*(float64(la.to-la.from)+0.4)/float64(x.days), 'f', 2, 64)
}

// usedWords says how many days a lane has used of how many.
func usedWords(l *web.Localizer, la *lane) string {
	if la.to < 0 {
		return l.T("joint.lane.not-begun", web.Args{"Length": lengthText(l, la.of)})
	}
	key := "joint.lane.used"
	if la.late {
		key = "joint.lane.used-late"
	}
	if la.of.N == 0 {
		return l.T("joint.lane.used-only", web.Args{"Used": la.used})
	}
	return l.T(key, web.Args{"Used": la.used, "Length": lengthText(l, la.of)})
}

// getLanes shows an application to everybody: who is at work, since when, and how many days each has used. Nothing in it is personal.
func (s *Service) getLanes(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	x, err := s.ByNumber(r.Context(), r.PathValue("number"))
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("joint.no-case")
	}
	if err != nil {
		return err
	}
	c, err := s.Cases.Get(r.Context(), x.Case)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, lanesView(v, s.chart(v.L, x, c, v.Now), s.publicRows(v.L, x)))
}

func (s *Service) publicRows(l *web.Localizer, w *Whole) []ui.Row {
	rows := []ui.Row{
		{Key: l.T("joint.row.number"), Value: w.Number},
		{Key: l.T("joint.row.lead"), Value: l.Text(s.bodyName(w.Body))},
		{Key: l.T("joint.row.applied"), Value: l.Time(w.CreatedAt)},
		{Key: l.T("joint.row.status"), Content: ui.Tag(caseview.StatusKind(w.Status), caseview.Status(l, w.Status))},
	}
	if !w.Open() {
		rows = append(rows, ui.Row{Key: l.T("joint.row.ended"), Value: l.Time(w.EndedAt)})
	}
	return rows
}
