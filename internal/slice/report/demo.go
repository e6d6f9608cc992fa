package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// Demo plays some annual reports of the last three years, through a case runtime whose clock is moved: each is begun, counted from the
// records of the demo, adjusted, written, handed on and approved at its time. It goes on where it stopped.
func (s *Service) Demo(ctx context.Context, n *app.Node) error {
	script, err := demo.Reports()
	if err != nil {
		return err
	}
	var list []played
	for _, c := range script.Reports {
		owner, err := s.Owner(c.Owner)
		if err != nil {
			return fmt.Errorf("demo of reports: %s: %w", c.Owner, err)
		}
		for back, course := range c.Courses {
			list = append(list, played{owner, s.today().Year() - back, course})
		}
	}
	if err := s.play(ctx, n, script, list); err != nil {
		return err
	}
	return s.owePlayed(ctx, list)
}

// owePlayed holds those whose reports on the last year are played to the day on which these are due, as if the platform had been there then.
func (s *Service) owePlayed(ctx context.Context, list []played) error {
	if s.Duties == nil {
		return nil
	}
	var owners []Owner
	for _, x := range list {
		if x.year == s.LastYear() {
			owners = append(owners, x.owner)
		}
	}
	return s.owe(ctx, owners, s.LastYear())
}

// Fill plays the reports of everybody else who has people to compile them.
func (s *Service) Fill(ctx context.Context, n *app.Node) error {
	script, err := demo.Reports()
	if err != nil {
		return err
	}
	var list []played
	i := 0
	for _, d := range s.Registry.Now().Divisions() {
		for _, b := range s.Registry.Now().Bodies(d.Code) {
			for back := 3; back > 0; back-- {
				if course := script.Others[i%len(script.Others)]; course != "none" {
					list = append(list, played{Owner{d.Code, b.Key}, s.today().Year() - back, course})
				}
				i++
			}
		}
	}
	if err := s.play(ctx, n, script, list); err != nil {
		return err
	}
	if err := s.owePlayed(ctx, list); err != nil {
		return err
	}
	return s.recounted(ctx, n, script)
}

// recounted corrects the reports of the small demo once the requests of the large one are there: what they counted has grown.
func (s *Service) recounted(ctx context.Context, n *app.Node, script *demo.ReportScript) error {
	var list []played
	for _, c := range script.Reports {
		owner, err := s.Owner(c.Owner)
		if err != nil {
			return fmt.Errorf("demo of reports: %s: %w", c.Owner, err)
		}
		for back := range c.Courses {
			year := s.today().Year() - back
			r, err := s.Newest(ctx, owner, year)
			if isNotFound(err) || err == nil && r.State != Published && r.Reason != script.Correction.Recount {
				continue
			}
			if err != nil {
				return err
			}
			if r.State != Published { // it was interrupted here
				list = append(list, played{owner, year, courseRecount})
				continue
			}
			from, until := yearOf(year)
			figures, err := s.count(ctx, owner.Scope(), from, until)
			if err != nil {
				return err
			}
			now := sheet.Fill(s.Layouts.Of(year), figures, adjustments(r.Statement.Adjusted))
			if totalCell(now, "received") != r.Statement.Values["requests/received/total"] {
				list = append(list, played{owner, year, courseRecount})
			}
		}
	}
	// A government counts with its bodies: it comes last.
	slices.SortStableFunc(list, func(a, b played) int { return cmp.Compare(len(b.owner.Body), len(a.owner.Body)) })
	return s.play(ctx, n, script, list)
}

// played is a report that is played.
type played struct {
	owner  Owner
	year   int
	course string
}

// The courses of reports.
const (
	courseLate     = "late"
	courseDeciding = "deciding"
	courseReturned = "returned"
	courseBegun    = "compiling"
	courseCorrect  = "corrected"
	courseRecount  = "recounted"
)

// player plays reports in the order of time.
type player struct {
	*Service

	script *demo.ReportScript
	micros atomic.Int64
}

func (p *player) now() time.Time { return time.UnixMicro(p.micros.Load()).UTC() }

// act is something that happens to a report at an instant.
type act struct {
	at time.Time
	do func(ctx context.Context) error
}

func (s *Service) play(ctx context.Context, n *app.Node, script *demo.ReportScript, list []played) error {
	p := &player{Service: &Service{Deps: s.Deps, words: s.words}, script: script}
	p.micros.Store(n.Now().UnixMicro())
	p.Now = p.now
	o := n.Cases.Options
	o.Now, o.Observe = p.now, nil // metrics count what this process was asked for
	var err error
	if p.cases, err = casework.New(o); err != nil {
		return err
	}
	defer p.cases.Close()
	var acts []act
	for i, x := range list {
		more, err := p.plan(ctx, x, i, n.Now())
		if err != nil {
			return err
		}
		acts = append(acts, more...)
	}
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(a.at.UnixMicro(), b.at.UnixMicro()) })
	for _, a := range acts {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.micros.Store(a.at.UnixMicro())
		if err := a.do(ctx); err != nil {
			return fmt.Errorf("demo of reports, %s: %w", calendar.Of(a.at), err)
		}
	}
	return nil
}

// plan gives each act of a report its instant. What lies in the future is left out, and so is what was played before: every act finds out
// by itself whether it was done.
func (p *player) plan(ctx context.Context, x played, i int, now time.Time) ([]act, error) {
	office := p.Office(x.owner)
	if office == nil {
		return nil, nil
	}
	clerk, head := p.holder(office.Key, registry.Reviewer, now), p.holder(office.Key, registry.Head, now)
	if clerk == nil || head == nil {
		return nil, nil
	}
	r, err := p.Newest(ctx, x.owner, x.year)
	switch {
	case isNotFound(err):
	case err != nil:
		return nil, err
	case x.course == courseRecount:
	case x.course == courseCorrect && (r.Version > 2 || r.Version == 2 && r.State == Published), x.course != courseCorrect && (r.Version > 1 || r.State == Published):
		return nil, nil // played to its end; what a visitor has begun to correct since is theirs
	}
	if x.course == courseRecount {
		return []act{{now.Add(time.Duration(i) * time.Millisecond), func(ctx context.Context) error { return p.recount(ctx, *clerk, *head, x) }}}, nil
	}
	term, err := p.Term(x.owner, x.year)
	if err != nil {
		return nil, err
	}
	day := term.Due.Add(-22 + i%7)
	if x.course == courseLate {
		day = term.Due.Add(-4)
	}
	at := func(after int) time.Time {
		return day.Add(after).Start().Add(9*time.Hour + time.Duration(i%50)*7*time.Minute)
	}
	end := 15
	if x.course == courseLate {
		end = 21
	}
	key := func(what string) string {
		return "demo/report/" + what + "/" + x.owner.Key() + "/" + strconv.Itoa(x.year)
	}
	acts := []act{
		{at(0), func(ctx context.Context) error {
			if _, err := p.Get(ctx, x.owner, x.year); !isNotFound(err) {
				return err
			}
			_, err := p.BeginWith(ctx, p.cases, *clerk, x.owner, x.year, key("begin"))
			return err
		}},
		{at(6), func(ctx context.Context) error { return p.compile(ctx, *clerk, x) }},
	}
	hand := func(after int, what string) act {
		return act{at(after), func(ctx context.Context) error {
			return p.at(ctx, x, Compiling, func(r Report) error {
				c, err := p.cases.Get(ctx, r.ID)
				if err != nil || slices.ContainsFunc(c.Done(), func(d casework.Done) bool { return d.Element == stepCompile }) {
					return err // it was handed on before, and came back
				}
				_, err = p.HandWith(ctx, p.cases, *clerk, r.ID, key(what))
				return once(err)
			})
		}}
	}
	decide := func(after int, outcome, remark, what string) act {
		return act{at(after), func(ctx context.Context) error {
			return p.at(ctx, x, Deciding, func(r Report) error {
				_, err := p.DecideWith(ctx, p.cases, *head, r.ID, outcome, remark, key(what))
				return once(err)
			})
		}}
	}
	switch x.course {
	case courseBegun:
	case courseDeciding:
		acts = append(acts, hand(end, "hand"))
	case courseReturned:
		acts = append(acts, hand(end, "hand"), decide(end+2, Return, p.script.Remark, "return"))
	case courseCorrect:
		acts = append(acts, hand(end-2, "hand"), decide(end, Approve, "", "approve"),
			act{at(correctedAfter), func(ctx context.Context) error { return p.correct(ctx, *clerk, x, key("correct")) }},
			act{at(correctedAfter + 2), func(ctx context.Context) error {
				return p.at(ctx, x, Compiling, func(r Report) error {
					_, err := p.HandWith(ctx, p.cases, *clerk, r.ID, key("hand-again"))
					return once(err)
				})
			}}, decide(correctedAfter+4, Approve, "", "approve-again"))
	default:
		acts = append(acts, hand(end-2, "hand"), decide(end, Approve, "", "approve"))
	}
	return slices.DeleteFunc(acts, func(a act) bool { return a.at.After(now) }), nil
}

// once passes over the refusal of an act that was played at an earlier start, where a visitor has brought the report to the same state again.
func once(err error) error {
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedReplay {
		return nil
	}
	return err
}

// at does something to a report that stands in a state, and nothing to one that has come further.
func (p *player) at(ctx context.Context, x played, state State, do func(r Report) error) error {
	r, err := p.Newest(ctx, x.owner, x.year)
	if err != nil || r.State != state {
		return err
	}
	return do(r)
}

// correctedAfter is how many days after it was begun a report of the demo is corrected.
const correctedAfter = 70

// correct begins the correction of a published report: a number of the register on paper was wrong.
func (p *player) correct(ctx context.Context, clerk identity.Principal, x played, key string) error {
	r, err := p.Newest(ctx, x.owner, x.year)
	if err != nil || r.Version > 1 || r.State != Published {
		return err
	}
	if _, err := p.CorrectWith(ctx, p.cases, clerk, x.owner, x.year, p.script.Correction.Reason, key); err != nil {
		return err
	}
	if r, err = p.Newest(ctx, x.owner, x.year); err != nil {
		return err
	}
	w, err := p.Work(ctx, r)
	if err != nil {
		return err
	}
	a, ok := sheet.ParseAddress(p.script.Correction.Cell)
	if !ok {
		return fmt.Errorf("%s is no cell", p.script.Correction.Cell)
	}
	if c := w.Sheet.Cell(a); c != nil {
		number := c.Unit.Format(c.Final + int64(p.script.Correction.More))
		if err := p.Adjust(ctx, clerk, r.ID, a, number, p.script.Correction.Reason); err != nil {
			return err
		}
	}
	if w, err = p.Work(ctx, r); err != nil {
		return err
	}
	return p.settle(ctx, clerk, w)
}

// recount corrects a report in one go: its numbers are those of the records as they are now.
func (p *player) recount(ctx context.Context, clerk, head identity.Principal, x played) error {
	key := func(what string) string {
		return "demo/report/recount-" + what + "/" + x.owner.Key() + "/" + strconv.Itoa(x.year)
	}
	if r, err := p.Newest(ctx, x.owner, x.year); err != nil {
		return err
	} else if r.State == Published {
		if _, err := p.CorrectWith(ctx, p.cases, clerk, x.owner, x.year, p.script.Correction.Recount, key("correct")); err != nil {
			return err
		}
	}
	err := p.at(ctx, x, Compiling, func(r Report) error {
		w, err := p.Work(ctx, r)
		if err != nil {
			return err
		}
		if err := p.settle(ctx, clerk, w); err != nil {
			return err
		}
		_, err = p.HandWith(ctx, p.cases, clerk, r.ID, key("hand"))
		return err
	})
	if err != nil {
		return err
	}
	return p.at(ctx, x, Deciding, func(r Report) error {
		_, err := p.DecideWith(ctx, p.cases, head, r.ID, Approve, "", key("approve"))
		return err
	})
}

// holder is somebody who holds a post with the role in a body, or nil.
func (p *player) holder(body, role string, now time.Time) *identity.Principal {
	places := p.Registry.Now()
	for _, post := range places.Posts(body) {
		if !post.Has(role) {
			continue
		}
		for _, account := range places.Holders(post.Key, now) {
			return &identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}
		}
	}
	return nil
}

// compile fills in what is on paper, writes the sections, and explains what does not go together.
func (p *player) compile(ctx context.Context, clerk identity.Principal, x played) error {
	return p.at(ctx, x, Compiling, func(r Report) error {
		for _, reg := range p.script.Registers {
			a, ok := sheet.ParseAddress(reg.Cell)
			if !ok {
				return fmt.Errorf("%s is no cell", reg.Cell)
			}
			w, err := p.Work(ctx, r)
			if err != nil {
				return err
			}
			if c := w.Sheet.Cell(a); c == nil || c.Filled {
				continue
			}
			number := strconv.Itoa(dice(reg.Cell, x.owner.Key(), x.year, reg.Most))
			if err := p.Adjust(ctx, clerk, r.ID, a, number, reg.Reason); err != nil {
				return err
			}
		}
		w, err := p.Work(ctx, r)
		if err != nil {
			return err
		}
		if err := p.write(ctx, clerk, w); err != nil || x.course == courseBegun {
			return err
		}
		return p.settle(ctx, clerk, w)
	})
}

// write fills in the sections that have none yet.
func (p *player) write(ctx context.Context, clerk identity.Principal, w *Work) error {
	fill := strings.NewReplacer(
		"{name}", p.ownerName(w.Owner).Hans, "{year}", strconv.Itoa(w.Year), "{next}", strconv.Itoa(w.Year+1),
		"{received}", strconv.FormatInt(totalCell(w.Sheet, "received"), 10), "{ended}", strconv.FormatInt(totalCell(w.Sheet, "results-total"), 10),
	)
	for _, x := range w.Layout.Sections {
		texts := p.script.Texts[x.Code]
		if x.Narrative == sheet.Never || len(texts) == 0 || w.Texts[x.Code].Version > 0 {
			continue
		}
		text := texts[dice(x.Code, w.Owner.Key(), w.Year, len(texts)-1)]
		if _, err := p.Save(ctx, clerk, w.ID, x.Code, fill.Replace(text), 0); err != nil {
			return err
		}
	}
	return nil
}

// settle enters 0 where nothing is known, and explains what does not hold.
func (p *player) settle(ctx context.Context, clerk identity.Principal, w *Work) error {
	for _, c := range w.Sheet.Cells() {
		if !c.Filled && !c.Total {
			if err := p.Adjust(ctx, clerk, w.ID, c.Address, "0", "据登记台账，本年度没有发生"); err != nil {
				return err
			}
		}
	}
	w, err := p.Work(ctx, w.Report)
	if err != nil {
		return err
	}
	for i := range w.Findings {
		f := &w.Findings[i]
		if !f.Open() || !f.Explainable() {
			continue
		}
		if err := p.Explain(ctx, clerk, w.ID, f.Key(), p.script.Explanation); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// dice throws a number from 0 to most: always the same for the same report.
func dice(what, owner string, year, most int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(what + owner + strconv.Itoa(year))) // a hash never fails
	return int(h.Sum32() % uint32(most+1))
}
