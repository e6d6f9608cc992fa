package publication

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Kinds of duties that the platform itself notes. Slices bring their own.
const (
	DutyInterpretation = "interpretation" // 政策解读: of a record whose category owes one
	DutyReviewAgain    = "review-again"   // 定期评估审查 of what was withheld (art. 18)
)

// Rules of the law about duties.
const (
	ruleReviewAgain = "disclosure.review-again"
	// RuleInterpretation is by when a policy document is interpreted.
	RuleInterpretation = "disclosure.interpretation"
)

// TitleOf names what is owed about a record by the title of the record.
func TitleOf(title string) lang.Text { return lang.Text{Hans: title} }

// Duty (公开义务) is something that a body has to publish by a day.
type Duty struct {
	// Key says what is owed, once: the same duty is never noted twice. Such as annual-report/hefei-water/2025.
	Key      string
	Kind     string
	Body     string
	Category string    // under which it is expected
	About    store.ID  // record that it is about; 0: none
	Title    lang.Text // what is owed, for lists: never personal
	From     time.Time // when its term begins; zero: now
	// Rule is the rule of the law that gives the term, as it was in force on the day of From. Length takes its place when it is set, for terms
	// that stand elsewhere; Due when the day itself is given.
	Rule   string
	Length term.Length
	Due    calendar.Date

	// What the platform knows of it.
	ID          store.ID
	Division    string
	DueAt       time.Time // end of the day
	Provisional bool      // counted in a year without a calendar: it may move
	State       DutyState
	Late        bool     // its day has passed, or had passed when it was met
	Record      store.ID // that met it
	SettledAt   time.Time
	Case        string    // number of the case that was opened when it was late
	Basis       lang.Text // where it stands that it is owed, and by when
}

// DutyState is where a duty stands.
type DutyState string

// The states of a duty.
const (
	Owed    DutyState = "owed"
	Met     DutyState = "met"
	Dropped DutyState = "dropped" // it fell away
)

// Owe notes that a body has to publish something, in the transaction of what made it so. Noted before, nothing changes.
func (s *Service) Owe(ctx context.Context, tx *store.Tx, d Duty) error {
	b, err := s.bodyOf(d.Body)
	if err != nil {
		return fmt.Errorf("duty %s: %w", d.Key, err)
	}
	if d.Key == "" || d.Kind == "" {
		return fmt.Errorf("duty %q of kind %q: both are required", d.Key, d.Kind)
	}
	if d.From.IsZero() {
		d.From = s.instant()
	}
	if err := s.dueOf(&d); err != nil {
		return fmt.Errorf("duty %s: %w", d.Key, err)
	}
	title, err := json.Marshal(d.Title)
	if err != nil {
		return fmt.Errorf("duty %s: %w", d.Key, err)
	}
	n, err := tx.ExecCount(ctx, `INSERT INTO publication_duty (id, key, kind, division, body, category, about, title, rule, n, unit, start_at, due_day, due_at,
		provisional, state, record, settled_at, late, case_id, number, closed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'owed', 0, 0, 0, 0, '', 0) ON CONFLICT (key) DO NOTHING`,
		int64(s.IDs.New()), d.Key, d.Kind, b.Division, d.Body, d.Category, int64(d.About), string(title), d.Rule, d.Length.N, string(d.Length.Unit),
		store.Micros(d.From), int64(d.Due), store.Micros(d.DueAt), number(d.Provisional))
	if err != nil {
		return fmt.Errorf("duty %s: %w", d.Key, err)
	}
	if n == 1 {
		countDuty(tx, dutyKey{b.Division, d.Body, d.Kind}, dutyMove{owed: 1})
	}
	return nil
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dueOf fills in when a duty is due.
func (s *Service) dueOf(d *Duty) error {
	if d.Due != 0 && d.Length.N == 0 {
		d.DueAt = d.Due.End()
		return nil
	}
	if d.Length.N == 0 {
		p, ok := s.Rules.Parameter(d.Rule)
		if !ok {
			return fmt.Errorf("there is no rule %q", d.Rule)
		}
		var err error
		if d.Length, err = term.FromRule(p, calendar.Of(d.From)); err != nil {
			return err
		}
	}
	t, err := term.New(d.From, d.Length, term.Length{})
	if err != nil {
		return err
	}
	lines := t.Compute(s.Calendar(), s.Now())
	d.Due, d.DueAt, d.Provisional = lines.StatuteDay, lines.Statute, lines.Provisional
	return nil
}

// Term returns the clock of the duty, which explains how its day was counted; ok is false when the day itself was given.
func (d *Duty) Term() (t term.Term, ok bool) {
	if d.Length.N == 0 {
		return t, false
	}
	t, err := term.New(d.From, d.Length, term.Length{})
	if err != nil {
		return t, false
	}
	t.Stopped = d.SettledAt
	return t, true
}

// Meet notes that a duty was met by a record, or by something else when record is 0, in the transaction of what met it. A duty that is not
// there, or is met already, is no error. One that was met by something else gets the record that came of it later.
func (s *Service) Meet(ctx context.Context, tx *store.Tx, key string, record store.ID, at time.Time) error {
	if record != 0 {
		tx.Queue(`UPDATE publication_duty SET record = $2 WHERE key = $1 AND state = 'met' AND record = 0`, key, int64(record))
	}
	return s.settle(ctx, tx, key, Met, record, at)
}

// Drop notes that a duty fell away.
func (s *Service) Drop(ctx context.Context, tx *store.Tx, key string, at time.Time) error {
	return s.settle(ctx, tx, key, Dropped, 0, at)
}

func (s *Service) settle(ctx context.Context, tx *store.Tx, key string, state DutyState, record store.ID, at time.Time) error {
	var k dutyKey
	var late int
	var due int64
	err := tx.QueryRow(ctx, `UPDATE publication_duty SET state = $2, record = $3, settled_at = $4 WHERE key = $1 AND state = 'owed'
		RETURNING division, body, kind, late, due_at`, key, string(state), int64(record), store.Micros(at)).Scan(&k.division, &k.body, &k.kind, &late, &due)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle duty %s: %w", key, err)
	}
	m := dutyMove{owed: -1, late: -late}
	if state == Met {
		m.met = 1
		m.metLate = number(store.Micros(at) >= due)
	}
	countDuty(tx, k, m)
	return nil
}

type dutyKey struct{ division, body, kind string }

type dutyMove struct{ owed, late, met, metLate int }

type dutyCounted struct {
	dutyKey
	dutyMove
}

// countDuty adds to the counts last of all in the transaction, in one order.
func countDuty(tx *store.Tx, k dutyKey, m dutyMove) {
	store.Last(tx, "publication.duty", dutyCounted{k, m}, addDutyCounts)
	touch(tx)
}

func addDutyCounts(_ context.Context, tx *store.Tx, items []dutyCounted) error {
	sum := map[dutyKey]dutyMove{}
	for _, c := range items {
		m := sum[c.dutyKey]
		sum[c.dutyKey] = dutyMove{m.owed + c.owed, m.late + c.late, m.met + c.met, m.metLate + c.metLate}
	}
	for _, k := range slices.SortedFunc(maps.Keys(sum), func(a, b dutyKey) int {
		return cmp.Or(cmp.Compare(a.division, b.division), cmp.Compare(a.body, b.body), cmp.Compare(a.kind, b.kind))
	}) {
		m := sum[k]
		tx.Queue(`INSERT INTO publication_duty_count (division, body, kind, owed, late, met, met_late) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (division, body, kind) DO UPDATE SET owed = publication_duty_count.owed + excluded.owed, late = publication_duty_count.late + excluded.late,
			met = publication_duty_count.met + excluded.met, met_late = publication_duty_count.met_late + excluded.met_late`,
			k.division, k.body, k.kind, m.owed, m.late, m.met, m.metLate)
	}
	return nil
}

const dutyColumns = `id, key, kind, division, body, category, about, title, rule, n, unit, start_at, due_day, due_at, provisional, state, record, settled_at, late, number`

func scanDuty(row store.Row) (d Duty, err error) {
	var title, unit string
	var provisional, late int
	err = row.Scan(&d.ID, &d.Key, &d.Kind, &d.Division, &d.Body, &d.Category, &d.About, &title, &d.Rule, &d.Length.N, &unit, instant{&d.From}, &d.Due,
		instant{&d.DueAt}, &provisional, &d.State, &d.Record, instant{&d.SettledAt}, &late, &d.Case)
	if err != nil {
		return d, err
	}
	d.Length.Unit, d.Length.Rule = statute.Unit(unit), d.Rule
	d.Provisional = provisional == 1
	d.Late = late == 1 || d.State == Met && !d.SettledAt.Before(d.DueAt)
	return d, json.Unmarshal([]byte(title), &d.Title)
}

// named puts back what is not stored: title and article of the rule.
func (s *Service) named(list []Duty) []Duty {
	for i := range list {
		d := &list[i]
		if v, err := s.Rules.At(d.Rule, calendar.Of(d.From)); err == nil {
			d.Basis = v.Source.CiteText()
			if p, ok := s.Rules.Parameter(d.Rule); ok && d.Length.N > 0 {
				d.Length.Title, d.Length.Article = p.Title, d.Basis
			}
		}
		if x := s.standards.byDuty(d.Key); x != nil {
			what := x.Source.CiteText()
			if d.Basis.Hans != what.Hans {
				d.Basis = lang.Text{Hans: what.Hans + "；" + d.Basis.Hans, Hant: what.In(lang.Hant) + "；" + d.Basis.In(lang.Hant), En: what.In(lang.En) + "; " + d.Basis.In(lang.En)}
			}
		}
	}
	return list
}

// DutyFilter chooses duties. Empty fields choose all.
type DutyFilter struct {
	Division string
	Below    bool
	Body     string
	Kind     string
	About    store.ID
	Late     bool // open ones whose day has passed
	Settled  bool // met or fallen away, of one body, the latest first; else open ones, the most urgent first
	After    DutyCursor
	Limit    int
}

// DutyCursor is where a page of duties ended.
type DutyCursor struct {
	At int64 // when it is due, or was settled, in microseconds
	ID store.ID
}

// Cursor returns the place of a duty in the lists.
func (d *Duty) Cursor() DutyCursor {
	if d.State == Owed {
		return DutyCursor{store.Micros(d.DueAt), d.ID}
	}
	return DutyCursor{store.Micros(d.SettledAt), d.ID}
}

// Duties lists what bodies owe, or did.
func (s *Service) Duties(ctx context.Context, f DutyFilter) ([]Duty, error) {
	var w where
	order := "due_at, id"
	if f.Settled {
		order = "settled_at DESC, id DESC"
		w.add("state <> 'owed'")
	} else {
		w.add("state = 'owed'")
	}
	switch prefix := casework.Subtree(f.Division); {
	case f.Body != "":
		w.add("body = ?", f.Body)
	case f.Division == "":
	case f.Below:
		w.add("division >= ? AND division <= ?", prefix+strings.Repeat("0", 12-len(prefix)), prefix+strings.Repeat("9", 12-len(prefix)))
	default:
		w.add("division = ?", f.Division)
	}
	if f.Kind != "" {
		w.add("kind = ?", f.Kind)
	}
	if f.About != 0 {
		w.add("about <> 0 AND about = ?", int64(f.About))
	}
	if f.Late {
		w.add("due_at <= ?", store.Micros(s.Now()))
	}
	switch {
	case f.After.ID == 0:
	case f.Settled:
		w.add("(settled_at, id) < (?, ?)", f.After.At, int64(f.After.ID))
	default:
		w.add("(due_at, id) > (?, ?)", f.After.At, int64(f.After.ID))
	}
	list, err := store.All(ctx, s.DB.Read(), scanDuty, `SELECT `+dutyColumns+` FROM publication_duty WHERE `+strings.Join(w.terms, " AND ")+
		fmt.Sprintf(" ORDER BY %s LIMIT %d", order, pageSize(f.Limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("duties: %w", err)
	}
	for i := range list {
		if list[i].State == Owed && !s.Now().Before(list[i].DueAt) {
			list[i].Late = true // also before it was noticed
		}
	}
	return s.named(list), nil
}

// Duty returns a duty by its key, or [store.ErrNotFound].
func (s *Service) Duty(ctx context.Context, key string) (Duty, error) {
	d, err := store.One(ctx, s.DB.Read(), scanDuty, `SELECT `+dutyColumns+` FROM publication_duty WHERE key = $1`, key)
	if err != nil {
		return d, fmt.Errorf("duty %s: %w", key, err)
	}
	return s.named([]Duty{d})[0], nil
}

// DutyCount says how many duties of a kind a body has.
type DutyCount struct {
	Division, Body, Kind     string
	Owed, Late, Met, MetLate int
}

// DutyCounts returns the counts of bodies, kept by increments.
func (s *Service) DutyCounts(ctx context.Context, division string, below bool, body string) ([]DutyCount, error) {
	var w where
	w.add("owed + met > 0")
	switch prefix := casework.Subtree(division); {
	case body != "":
		w.add("body = ?", body)
	case division == "":
	case below:
		w.add("division >= ? AND division <= ?", prefix+strings.Repeat("0", 12-len(prefix)), prefix+strings.Repeat("9", 12-len(prefix)))
	default:
		w.add("division = ?", division)
	}
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (c DutyCount, err error) {
		return c, row.Scan(&c.Division, &c.Body, &c.Kind, &c.Owed, &c.Late, &c.Met, &c.MetLate)
	}, `SELECT division, body, kind, owed, late, met, met_late FROM publication_duty_count WHERE `+strings.Join(w.terms, " AND ")+` ORDER BY division, body, kind`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("counts of duties: %w", err)
	}
	return list, nil
}

// InterpretationOf is the key of the duty to interpret a record.
func InterpretationOf(record store.ID) string { return DutyInterpretation + "/" + record.String() }

// duties notes and meets what follows from a version that became public.
func (s *Service) duties(ctx context.Context, tx *store.Tx, v *out, carried bool, at time.Time) error {
	c := &v.statement.Content
	for _, l := range c.Links {
		if l.Kind == Interprets && l.Record != 0 {
			if err := s.Meet(ctx, tx, InterpretationOf(l.Record), v.record, at); err != nil {
				return err
			}
		}
	}
	if v.more != "" {
		var e extra
		if err := json.Unmarshal([]byte(v.more), &e); err != nil {
			return fmt.Errorf("record %s: %w", v.index, err)
		}
		if e.Duty != "" {
			if err := s.Meet(ctx, tx, e.Duty, v.record, at); err != nil {
				return err
			}
		}
	}
	if v.was == 0 {
		public := at
		if carried { // it was public before
			public = v.day.Start().Add(12 * time.Hour)
		}
		if err := s.meetStandards(ctx, tx, v, public); err != nil {
			return err
		}
	}
	if carried { // what was published elsewhere before brings no new duties
		return nil
	}
	if v.n > 1 {
		if err := s.Meet(ctx, tx, reviewAgain(v.record, v.n-1), v.record, at); err != nil {
			return err
		}
	}
	if v.was != 0 {
		return nil
	}
	cat := s.tree.Load().byKey[c.Category]
	if cat == nil {
		return nil
	}
	for _, kind := range slices.Sorted(maps.Keys(cat.Owes)) {
		if err := s.Owe(ctx, tx, Duty{Key: kind + "/" + v.record.String(), Kind: kind, Body: v.body, About: v.record, From: at, Rule: cat.Owes[kind],
			Title: TitleOf(c.Title)}); err != nil {
			return err
		}
	}
	return nil
}

// reviewAgain is the key of the duty to look again at a version that was withheld.
func reviewAgain(record store.ID, n int) string {
	return fmt.Sprintf("%s/%s/%d", DutyReviewAgain, record, n)
}
