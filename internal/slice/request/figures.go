package request

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// Scope is whose figures are asked for: a body's, or those of all bodies of a division and below it. The zero value is the whole node.
type Scope struct {
	Body     string
	Division string
}

// Columns count by kind of asker, by the codes of report.annual.applicants.
type Columns map[string]int64

// Total is the sum of all columns.
func (c Columns) Total() int64 {
	sum := int64(0)
	for _, n := range c {
		sum += n
	}
	return sum
}

// Organisations is the sum of all columns but that of natural persons.
func (c Columns) Organisations() int64 { return c.Total() - c[Person] }

func (c Columns) add(o Columns) {
	for k, n := range o {
		c[k] += n
	}
}

// Figures are table 3 of the annual report (国办公开办函〔2021〕30号) for a time: 一 received, 二 carried over, 三 results, 四 carried forward. In
// each column 一 + 二 = 三(七) + 四.
type Figures struct {
	From, To calendar.Date // both included
	Received Columns       // 一
	Over     Columns       // 二
	Outcomes map[string]Columns
	Forward  Columns // 四
	Channels map[Channel]int64
}

// Outcome is the count of an outcome, with all that stand beneath it.
func (f *Figures) Outcome(code string) Columns {
	sum := Columns{}
	for c, n := range f.Outcomes {
		if c == code || top(c) == code {
			sum.add(n)
		}
	}
	return sum
}

// Total is 三（七）: all results.
func (f *Figures) Total() Columns {
	sum := Columns{}
	for _, n := range f.Outcomes {
		sum.add(n)
	}
	return sum
}

// figured is the outcome under which one is counted: who withdraws stands under 其他处理 where the list of the law knows that.
func (s *Service) figured(outcome string, day calendar.Date) string {
	if outcome != Withdrawn {
		return outcome
	}
	if _, ok := s.Outcome("other.other", day); ok {
		return "other.other"
	}
	return outcome
}

// sumsIn adds up the rows of a time ($1 and $2 of the query) that are those of a body, of a division with all below it, or all.
func sumsIn[T any](ctx context.Context, db store.Querier, scope Scope, from, to calendar.Date, sums, groups string, scan func(store.Row) (T, error)) ([]T, error) {
	switch {
	case scope.Body != "":
		return store.All(ctx, db, scan, sums+` AND body = $3`+groups, int64(from), int64(to), scope.Body)
	case scope.Division != "":
		low, high := spanOf(scope.Division)
		return store.All(ctx, db, scan, sums+` AND division >= $3 AND division < $4`+groups, int64(from), int64(to), low, high)
	}
	return store.All(ctx, db, scan, sums+groups, int64(from), int64(to))
}

// Figures returns the figures of a time, both days included. Received, carried over and forward are counted from different records: by
// the days on which requests came and on which they ended.
func (s *Service) Figures(ctx context.Context, scope Scope, from, to calendar.Date) (Figures, error) {
	f := Figures{From: from, To: to, Received: Columns{}, Over: Columns{}, Outcomes: map[string]Columns{}, Forward: Columns{}, Channels: map[Channel]int64{}}
	type row struct {
		applicant, outcome, channel string
		before, within              int64
	}
	const sums = `SELECT applicant, outcome, channel, sum(CASE WHEN day < $1 THEN n ELSE 0 END), sum(CASE WHEN day >= $1 THEN n ELSE 0 END)
		FROM request_count WHERE day <= $2`
	const groups = ` GROUP BY applicant, outcome, channel`
	scan := func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.applicant, &x.outcome, &x.channel, &x.before, &x.within)
	}
	list, err := sumsIn(ctx, s.DB.Read(), scope, from, to, sums, groups, scan)
	if err != nil {
		return f, fmt.Errorf("figures of requests: %w", err)
	}
	for _, x := range list {
		if x.outcome == outcomeReceived {
			f.Received[x.applicant] += x.within
			f.Over[x.applicant] += x.before
			f.Forward[x.applicant] += x.before + x.within
			f.Channels[Channel(x.channel)] += x.within
			continue
		}
		f.Over[x.applicant] -= x.before
		f.Forward[x.applicant] -= x.before + x.within
		if x.within == 0 {
			continue
		}
		code := s.figured(x.outcome, to)
		if f.Outcomes[code] == nil {
			f.Outcomes[code] = Columns{}
		}
		f.Outcomes[code][x.applicant] += x.within
	}
	return f, nil
}

// Recount counts the figures again from the requests one by one, for whoever doubts the counts.
func (s *Service) Recount(ctx context.Context, scope Scope, from, to calendar.Date) (Figures, error) {
	f := Figures{From: from, To: to, Received: Columns{}, Over: Columns{}, Outcomes: map[string]Columns{}, Forward: Columns{}, Channels: map[Channel]int64{}}
	list, err := store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE arrived <= $1`, int64(to))
	if err != nil {
		return f, fmt.Errorf("count requests again: %w", err)
	}
	low, high := "", ""
	if scope.Division != "" {
		low, high = spanOf(scope.Division)
	}
	for _, e := range list {
		if scope.Body != "" && e.Body != scope.Body || scope.Division != "" && (e.Division < low || e.Division >= high) {
			continue
		}
		if e.Arrived >= from {
			f.Received[e.Applicant]++
			f.Channels[e.Channel]++
		} else if e.Open() || e.Closed >= from {
			f.Over[e.Applicant]++
		}
		if e.Open() || e.Closed > to {
			f.Forward[e.Applicant]++
		} else if e.Closed >= from {
			code := s.figured(e.Outcome, to)
			if f.Outcomes[code] == nil {
				f.Outcomes[code] = Columns{}
			}
			f.Outcomes[code][e.Applicant]++
		}
	}
	return f, nil
}
