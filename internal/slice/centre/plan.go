package centre

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
)

// Minute is a minute of the day, Asia/Shanghai.
type Minute int

// String writes the time as 09:30.
func (m Minute) String() string { return fmt.Sprintf("%02d:%02d", int(m)/60, int(m)%60) }

// On is the instant of the minute on a day.
func (m Minute) On(day calendar.Date) time.Time {
	return day.Start().Add(time.Duration(m) * time.Minute)
}

// minuteOf is the minute of its day at an instant.
func minuteOf(at time.Time) Minute {
	return Minute(at.Sub(calendar.Of(at).Start()) / time.Minute)
}

// ParseMinute reads 09:30 or 9:30, with a colon of either width.
func ParseMinute(text string) (Minute, error) {
	hours, minutes, ok := strings.Cut(strings.ReplaceAll(strings.TrimSpace(text), "：", ":"), ":")
	h, err1 := strconv.ParseUint(hours, 10, 8)
	m, err2 := strconv.ParseUint(minutes, 10, 8)
	if !ok || err1 != nil || err2 != nil || len(hours) > 2 || len(minutes) != 2 || h > 24 || m > 59 || h == 24 && m > 0 {
		return 0, fmt.Errorf("time %q: write hours and minutes, such as 09:30", text)
	}
	return Minute(h*60 + m), nil
}

// Session is a part of the day during which a centre is open.
type Session struct {
	From Minute `json:"from"`
	To   Minute `json:"to"` // not included
}

// ParseSessions reads opening hours such as "9:00-12:00 13:00-17:00". They follow one another.
func ParseSessions(text string) ([]Session, error) {
	text = strings.NewReplacer("—", "-", "–", "-", "～", "-", "~", "-", "、", " ", "，", " ", ",", " ", "；", " ", ";", " ").Replace(text)
	var out []Session
	for _, part := range strings.Fields(text) {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, fmt.Errorf("opening hours %q: write them as 9:00-12:00 13:00-17:00", part)
		}
		a, err := ParseMinute(from)
		if err != nil {
			return nil, err
		}
		b, err := ParseMinute(to)
		if err != nil {
			return nil, err
		}
		if a >= b || len(out) > 0 && a < out[len(out)-1].To {
			return nil, fmt.Errorf("opening hours %q: they end after they begin, and follow one another", part)
		}
		out = append(out, Session{a, b})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("opening hours are empty: write them as 9:00-12:00 13:00-17:00")
	}
	return out, nil
}

// hours writes sessions as ParseSessions reads them.
func hours(sessions []Session) string {
	parts := make([]string, len(sessions))
	for i, s := range sessions {
		parts[i] = s.From.String() + "-" + s.To.String()
	}
	return strings.Join(parts, " ")
}

// Line (业务队列) is a queue of a centre, served by some of its windows.
type Line struct {
	Key      string    `json:"key"`
	Letter   string    `json:"letter"` // of its tickets
	Name     lang.Text `json:"name"`
	Windows  []string  `json:"windows"`
	Minutes  int       `json:"minutes"`  // that a matter takes, until enough were served on a day to know better
	Slot     int       `json:"slot"`     // length of a slot of appointments, in minutes; 0: no appointments
	Capacity int       `json:"capacity"` // places in a slot
}

// Rules are what a centre has made of appointments and queues. All are numbers that its manager sets.
type Rules struct {
	AheadDays   int `json:"aheadDays"`   // so many working days ahead an appointment can be made
	CancelUntil int `json:"cancelUntil"` // minutes before the slot until which it can be changed or cancelled
	Early       int `json:"early"`       // minutes before the slot from which a ticket is given for it
	Late        int `json:"late"`        // minutes after its beginning until which it still goes before others
	Appointed   int `json:"appointed"`   // minutes by which an appointment counts as earlier than its ticket
	Priority    int `json:"priority"`    // minutes by which a priority ticket counts as earlier
	Return      int `json:"return"`      // minutes within which somebody who was skipped can come back
	NoShows     int `json:"noShows"`     // so many missed appointments …
	NoShowDays  int `json:"noShowDays"`  // … within so many days …
	BlockDays   int `json:"blockDays"`   // … and no appointment can be made for so many days
	EraseDays   int `json:"eraseDays"`   // days after which names and telephone numbers are erased
}

// Plan is when a centre is open, which queues it has, and by which rules.
type Plan struct {
	Sessions []Session `json:"sessions"`       // of a working day
	Days     []Special `json:"days,omitempty"` // that differ
	Lines    []Line    `json:"lines"`
	Rules    Rules     `json:"rules"`
}

// Special is a day with hours of its own: longer ones or a weekend's (延时服务), or none at all.
type Special struct {
	Day      calendar.Date `json:"day"`
	Sessions []Session     `json:"sessions,omitempty"` // none: closed
}

// On returns the opening hours of a day: none on a day that the calendar or the centre closes.
func (p *Plan) On(cal *calendar.Calendar, day calendar.Date) []Session {
	for i := range p.Days {
		if p.Days[i].Day == day {
			return p.Days[i].Sessions
		}
	}
	if !cal.Working(day) {
		return nil
	}
	return p.Sessions
}

// PlanRecord is a plan with the day from which it counts and who made it.
type PlanRecord struct {
	ID      store.ID
	Centre  string
	Day     calendar.Date
	Plan    Plan
	Account store.ID
	Post    string
	At      time.Time
}

// defaultRules are those with which a centre begins.
var defaultRules = Rules{
	AheadDays: 7, CancelUntil: 60, Early: 30, Late: 30, Appointed: 60, Priority: 20, Return: 30, NoShows: 3, NoShowDays: 30, BlockDays: 15, EraseDays: 60,
}

// bounds of each rule, for forms and the check.
var ruleBounds = []struct {
	name     string
	of       func(*Rules) *int
	from, to int
}{
	{"ahead-days", func(r *Rules) *int { return &r.AheadDays }, 1, 60},
	{"cancel-until", func(r *Rules) *int { return &r.CancelUntil }, 0, 2880},
	{"early", func(r *Rules) *int { return &r.Early }, 0, 240},
	{"late", func(r *Rules) *int { return &r.Late }, 0, 120},
	{"appointed", func(r *Rules) *int { return &r.Appointed }, 0, 240},
	{"priority", func(r *Rules) *int { return &r.Priority }, 0, 240},
	{"return", func(r *Rules) *int { return &r.Return }, 0, 240},
	{"no-shows", func(r *Rules) *int { return &r.NoShows }, 1, 20},
	{"no-show-days", func(r *Rules) *int { return &r.NoShowDays }, 1, 365},
	{"block-days", func(r *Rules) *int { return &r.BlockDays }, 0, 180},
	{"erase-days", func(r *Rules) *int { return &r.EraseDays }, 1, 730},
}

// Bounds of a line.
const (
	maxMinutes  = 240 // of a matter
	minSlot     = 5
	maxSlot     = 240
	maxCapacity = 200
)

// Check names the first thing that is wrong with a plan. Windows are those of the centre.
func (p *Plan) Check(windows []string) *Refusal {
	if len(p.Sessions) == 0 || len(p.Lines) == 0 {
		return refuse("plan-empty", "hours")
	}
	for _, b := range ruleBounds {
		if v := *b.of(&p.Rules); v < b.from || v > b.to {
			return refuse("out-of-bounds", b.name, "From", b.from, "To", b.to)
		}
	}
	if p.Rules.EraseDays < p.Rules.NoShowDays+p.Rules.BlockDays {
		return refuse("erased-too-soon", "erase-days", "Days", p.Rules.NoShowDays+p.Rules.BlockDays)
	}
	keys, letters := map[string]bool{}, map[string]bool{}
	for i := range p.Lines {
		l := &p.Lines[i]
		field := "line." + l.Key
		switch {
		case l.Key == "" || keys[l.Key] || len(l.Letter) != 1 || l.Letter < "A" || l.Letter > "Z" || letters[l.Letter]:
			return refuse("line-letter", field+".letter")
		case l.Name.Hans == "":
			return refuse("line-name", field+".name")
		case l.Minutes < 1 || l.Minutes > maxMinutes:
			return refuse("out-of-bounds", field+".minutes", "From", 1, "To", maxMinutes)
		case l.Slot != 0 && (l.Slot < minSlot || l.Slot > maxSlot):
			return refuse("out-of-bounds", field+".slot", "From", minSlot, "To", maxSlot)
		case l.Capacity < 0 || l.Capacity > maxCapacity:
			return refuse("out-of-bounds", field+".capacity", "From", 0, "To", maxCapacity)
		case len(l.Windows) == 0:
			return refuse("line-windows", field+".windows")
		}
		for _, w := range l.Windows {
			if !slices.Contains(windows, w) {
				return refuse("line-windows", field+".windows")
			}
		}
		keys[l.Key], letters[l.Letter] = true, true
	}
	return nil
}

// Line returns the line with the key, or nil.
func (p *Plan) Line(key string) *Line {
	for i := range p.Lines {
		if p.Lines[i].Key == key {
			return &p.Lines[i]
		}
	}
	return nil
}

// LinesOf returns the keys of the lines that a window serves.
func (p *Plan) LinesOf(window string) []string {
	var out []string
	for i := range p.Lines {
		if slices.Contains(p.Lines[i].Windows, window) {
			out = append(out, p.Lines[i].Key)
		}
	}
	return out
}

// OpenOn reports whether the centre is open on a day.
func (p *Plan) OpenOn(cal *calendar.Calendar, day calendar.Date) bool { return len(p.On(cal, day)) > 0 }

// OpenAt reports whether the centre is open at an instant.
func (p *Plan) OpenAt(cal *calendar.Calendar, at time.Time) bool {
	m := minuteOf(at)
	return slices.ContainsFunc(p.On(cal, calendar.Of(at)), func(s Session) bool { return s.From <= m && m < s.To })
}

// Slots returns when the slots of a line begin on a day: whole ones, within the opening hours, none on a day on which it is closed.
func (p *Plan) Slots(cal *calendar.Calendar, line *Line, day calendar.Date) []Minute {
	if line.Slot == 0 || line.Capacity == 0 {
		return nil
	}
	var out []Minute
	for _, s := range p.On(cal, day) {
		for m := s.From; m+Minute(line.Slot) <= s.To; m += Minute(line.Slot) {
			out = append(out, m)
		}
	}
	return out
}
