package supervision

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Show says which cases a list shows. Each number of a board has its list, which counts the same.
type Show string

// The lists of cases.
const (
	ShowOpen     Show = "open"     // 在办
	ShowStanding Show = "standing" // 中止: open, and a clock stands still
	ShowReceived Show = "received" // 收件, in the days asked for; of posts: taken in
	ShowEnded    Show = "ended"    // 办结, in the days asked for
	ShowRated    Show = "rated"    // 评价, in the days asked for
)

// Shows lists the lists.
var shows = []Show{ShowOpen, ShowStanding, ShowReceived, ShowEnded, ShowRated}

// Shows returns the lists that there are.
func Shows() []Show { return slices.Clone(shows) }

// Cursor is the place of a case in a list.
type Cursor struct {
	At int64 // what the list is sorted by
	ID store.ID
}

// CaseFilter chooses cases. Empty fields choose all.
type CaseFilter struct {
	Scope
	Show     Show
	Lamp     casework.Lamp // of open cases; Green: any
	InTime   bool          // open cases under no lamp
	Status   string
	Grade    int // of rated cases
	Result   string
	From, To calendar.Date // both included, by what Show says
	After    *Cursor       // the last of the page before
	Limit    int           // 1 to 200; 0: 50
}

// Listed is a line of a list.
type Listed struct {
	Record
	Title lang.Text
	At    Cursor
}

// column is the instant by which a list is sorted and its days are meant.
func (f *CaseFilter) column() string {
	switch f.Show {
	case ShowEnded:
		return "ended_at"
	case ShowRated:
		return "rated_at"
	case ShowReceived:
		if len(f.Posts) > 0 {
			return "taken_at"
		}
	}
	return "received_at"
}

func (f *CaseFilter) where() (w condition) {
	f.place(&w)
	column := f.column()
	switch f.Show {
	case ShowReceived:
		if column == "taken_at" {
			w.add("taken_at > 0")
		}
	case ShowEnded, ShowRated:
		w.add(column + " > 0") // for the index, which holds only such rows
	case ShowStanding:
		w.add("paused_at > 0 AND ended_at = 0")
	default:
		w.add("ended_at = 0")
	}
	switch {
	case f.InTime:
		w.add("ended_at = 0 AND lamp = 0")
	case f.Lamp > casework.Green:
		w.add("ended_at = 0 AND lamp > 0 AND lamp = ?", int64(f.Lamp))
	}
	w.equal("status", f.Status)
	w.equal("result", f.Result)
	if f.Grade > 0 {
		w.add("grade = ?", f.Grade)
	}
	if f.From > 0 {
		w.add(column+" >= ?", store.Micros(f.From.Start()))
	}
	if f.To > 0 {
		w.add(column+" < ?", store.Micros(f.To.End()))
	}
	return w
}

// place chooses the cases of the scope, by the columns that the indexes begin with.
func (f *CaseFilter) place(w *condition) {
	w.equal("kind", f.Kind)
	switch digits := len(casework.Subtree(f.Division)); {
	case len(f.Posts) > 0:
		w.among("post", f.Posts)
		w.equal("body", f.Body)
	case f.Body != "":
		w.equal("body", f.Body)
	case digits == 2:
		w.within(f.Division)
	case digits == 4:
		w.equal("city", head(f.Division, 4))
	case digits == 6:
		w.equal("area", head(f.Division, 6))
	default:
		w.equal("area", head(f.Division, 6))
		w.within(f.Division)
	}
	w.equal("item", f.Item)
}

// counted leaves out the cases that no number counts because they are about supervision itself, unless their kind is asked for.
func (s *Supervision) counted(w *condition, kind string) {
	for _, apart := range s.rules[0].apart {
		if kind == "" {
			w.add("kind <> ?", apart)
		}
	}
}

// Cases returns the cases that a number counts, newest first. The list is as fresh as the number: it is read from the same counters.
func (s *Supervision) Cases(ctx context.Context, f CaseFilter) ([]Listed, error) {
	w := f.where()
	s.counted(&w, f.Kind)
	column := f.column()
	if f.After != nil {
		w.add("("+column+", case_id) < (?, ?)", f.After.At, int64(f.After.ID))
	}
	list, err := store.All(ctx, s.db.Read(), scanRecord, `SELECT `+recordColumns+` FROM supervision_record`+w.String()+
		fmt.Sprintf(" ORDER BY %s DESC, case_id DESC LIMIT %d", column, pageSize(f.Limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("list of cases: %w", err)
	}
	return s.titled(ctx, list, func(r *Record) int64 {
		switch column {
		case "ended_at":
			return store.Micros(r.Ended)
		case "rated_at":
			return store.Micros(r.RatedAt)
		case "taken_at":
			return store.Micros(r.Taken)
		default:
			return store.Micros(r.Received)
		}
	})
}

// titled puts the names of their items to cases.
func (s *Supervision) titled(ctx context.Context, list []*Record, at func(*Record) int64) ([]Listed, error) {
	out := make([]Listed, len(list))
	if len(list) == 0 {
		return out, nil
	}
	ids := make([]int64, len(list))
	for i, r := range list {
		ids[i] = int64(r.ID)
	}
	marks, args := in(ids)
	titles := map[store.ID]lang.Text{}
	_, err := store.All(ctx, s.db.Read(), func(row store.Row) (id store.ID, err error) {
		var raw []byte
		if err = row.Scan(&id, &raw); err != nil {
			return id, err
		}
		titles[id], err = textOf(raw)
		return id, err
	}, `SELECT id, title FROM case_ WHERE id IN (`+marks+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("titles of cases: %w", err)
	}
	for i, r := range list {
		out[i] = Listed{*r, titles[r.ID], Cursor{at(r), r.ID}}
	}
	return out, nil
}

func textOf(raw []byte) (t lang.Text, err error) {
	if err = json.Unmarshal(raw, &t); err != nil {
		err = fmt.Errorf("title of a case: %w", err)
	}
	return t, err
}

// Paused returns the open cases whose clocks stood or stand still, those that did so the longest first, counted until today. The
// cursor holds paused days.
func (s *Supervision) Paused(ctx context.Context, f CaseFilter, today calendar.Date) ([]Listed, error) {
	cal := s.calendar()
	gone := workingDays(cal, today-1) // what a rank of one that stands still lacks
	read := func(column, which string, lacks int64) ([]*Record, error) {
		var w condition
		f.place(&w)
		s.counted(&w, f.Kind)
		w.add(which)
		if f.After != nil {
			w.add("("+column+", case_id) < (?, ?)", f.After.At-lacks, int64(f.After.ID))
		}
		return store.All(ctx, s.db.Read(), scanRecord, `SELECT `+recordColumns+` FROM supervision_record`+w.String()+
			fmt.Sprintf(" ORDER BY %s DESC, case_id DESC LIMIT %d", column, pageSize(f.Limit)), w.args...)
	}
	standing, err := read("pause_rank", "paused_at > 0 AND ended_at = 0", gone)
	if err != nil {
		return nil, fmt.Errorf("cases that stand still: %w", err)
	}
	others, err := read("paused_days", "ended_at = 0 AND paused_days > 0 AND paused_at = 0", 0)
	if err != nil {
		return nil, fmt.Errorf("cases that stood still: %w", err)
	}
	days := func(r *Record) int64 {
		if r.PausedSince.IsZero() {
			return r.PausedDays
		}
		return r.rank + gone
	}
	all := slices.Concat(standing, others)
	slices.SortFunc(all, func(a, b *Record) int { return cmp.Or(cmp.Compare(days(b), days(a)), cmp.Compare(b.ID, a.ID)) })
	return s.titled(ctx, all[:min(len(all), pageSize(f.Limit))], days)
}

// Record returns what supervision knows of a case, or [store.ErrNotFound] when it has not counted it yet.
func (s *Supervision) Record(ctx context.Context, id store.ID) (*Record, error) {
	return store.One(ctx, s.db.Read(), scanRecord, `SELECT `+recordColumns+` FROM supervision_record WHERE case_id = $1`, int64(id))
}
