package centre

import (
	"context"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Draw gives a ticket at the door (取号).
func (s *Service) Draw(ctx context.Context, centre, line string, class Class) (*Ticket, error) {
	plan, l, err := s.openLine(centre, line)
	if err != nil {
		return nil, err
	}
	if class != Priority {
		class = Ordinary // a place before others by appointment is for CheckIn to give
	}
	t := &Ticket{Centre: centre, Line: line, Class: class}
	return t, s.issue(ctx, t, &plan, l, nil)
}

// openLine returns a line of a centre that is open now.
func (s *Service) openLine(centre, line string) (Plan, *Line, error) {
	now := s.Now()
	plan, ok := s.Book().Plan(centre, calendar.Of(now))
	l := plan.Line(line)
	if !ok || l == nil {
		return plan, nil, refuse("no-line", "line")
	}
	if !plan.OpenAt(s.Calendar(), now) {
		return plan, nil, refuse("not-open", "line", "Hours", hours(plan.On(s.Calendar(), calendar.Of(now))))
	}
	return plan, l, nil
}

// issue numbers a ticket and puts it into its queue.
func (s *Service) issue(ctx context.Context, t *Ticket, plan *Plan, l *Line, a *Appointment) error {
	now := s.Now()
	t.ID, t.Day, t.State, t.Issued = s.IDs.New(), calendar.Of(now), Waiting, now
	t.Rank = store.Micros(now.Add(-plan.advance(t.Class)))
	var sealed []byte
	if a != nil {
		t.Appointment, t.Item, t.Name = a.ID, a.Item, a.Person.Name
		var err error
		if sealed, err = s.sealPerson("ticket", t.ID, Person{Name: t.Name}); err != nil {
			return err
		}
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if a != nil {
			n, err := tx.ExecCount(ctx, `UPDATE centre_appointment SET state = $1, ticket = $2, changed_at = $3 WHERE id = $4 AND state = $5`,
				string(Arrived), int64(t.ID), store.Micros(now), int64(a.ID), string(Booked))
			if err != nil {
				return err
			}
			if n != 1 {
				return refuse("not-booked", "code")
			}
		}
		n, err := store.Scalar[int64](tx.QueryRow(ctx, `INSERT INTO centre_counter (centre, line, day, n) VALUES ($1, $2, $3, 1)
			ON CONFLICT (centre, line, day) DO UPDATE SET n = centre_counter.n + 1 RETURNING n`, t.Centre, t.Line, int64(t.Day)))
		if err != nil {
			return err
		}
		t.Number = fmt.Sprintf("%s%03d", l.Letter, n)
		tx.Queue(`INSERT INTO centre_ticket (id, centre, line, day, number, class, rank, state, win, account, post, item, calls, appointment, code, sealed,
			issued_at, called_at, began_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, '', $9, 0, $10, $11, $12, $13, 0, 0, 0)`,
			int64(t.ID), t.Centre, t.Line, int64(t.Day), t.Number, string(t.Class), t.Rank, string(t.State), t.Item, int64(t.Appointment),
			s.codeIndex(s.TicketCode(t)), sealed, store.Micros(now))
		touch(tx, t.Centre)
		return nil
	})
	if err != nil {
		return s.explain(err, "draw a ticket")
	}
	return nil
}

// advance is by how much a class counts as earlier than it is.
func (p *Plan) advance(c Class) time.Duration {
	switch c {
	case Priority:
		return time.Duration(p.Rules.Priority) * time.Minute
	case Appointed:
		return time.Duration(p.Rules.Appointed) * time.Minute
	case Ordinary:
	}
	return 0
}

// CheckIn (预约签到) gives a ticket for an appointment: before others to those who come in time, an ordinary one to those who are late.
func (s *Service) CheckIn(ctx context.Context, centre, code string) (*Ticket, error) {
	a, err := s.Appointment(ctx, code)
	if err != nil {
		return nil, err
	}
	switch now := s.Now(); {
	case a.Centre != centre:
		return nil, refuse("other-centre", "code")
	case a.State == Arrived:
		return s.ticketByID(ctx, a.Ticket) // checked in twice: the same ticket
	case a.State != Booked:
		return nil, refuse("not-booked", "code")
	case a.Day != calendar.Of(now):
		return nil, refuse("other-day", "code", "Day", a.Day)
	}
	plan, l, err := s.openLine(centre, a.Line)
	if err != nil {
		return nil, err
	}
	from := a.Starts().Add(-time.Duration(plan.Rules.Early) * time.Minute)
	if s.Now().Before(from) {
		return nil, refuse("early", "code", "From", minuteOf(from).String())
	}
	t := &Ticket{Centre: centre, Line: a.Line, Class: Appointed}
	if s.Now().After(a.Starts().Add(time.Duration(plan.Rules.Late) * time.Minute)) {
		t.Class = Ordinary
	}
	return t, s.issue(ctx, t, &plan, l, a)
}

func (s *Service) ticketByID(ctx context.Context, id store.ID) (*Ticket, error) {
	return store.One(ctx, s.DB.Read(), s.scanTicket, `SELECT `+ticketColumns+` FROM centre_ticket WHERE id = $1`, int64(id))
}

// Ticket returns the ticket with the code, or [store.ErrNotFound].
func (s *Service) Ticket(ctx context.Context, code string) (*Ticket, error) {
	return store.One(ctx, s.DB.Read(), s.scanTicket, `SELECT `+ticketColumns+` FROM centre_ticket WHERE code = $1`, s.codeIndex(normalCode(code)))
}

// mayServe asks whether the actor sits at the window, and returns its centre.
func (s *Service) mayServe(actor identity.Principal, window string) (*registry.Centre, error) {
	c := s.Registry.Now().CentreOf(window)
	if c == nil {
		return nil, refuse("no-window", "")
	}
	err := s.Policies.Allow(actor, ActionServe, identity.Resource{Type: "window", ID: window, Division: c.Division, Body: c.Body})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(s.WindowsOf(actor.Post.ID), window) {
		return nil, &identity.Denied{Action: ActionServe, Reason: identity.DeniedOther}
	}
	return c, nil
}

// WindowsOf returns the windows at which the holder of a post sits today.
func (s *Service) WindowsOf(post string) []string {
	return s.Book().windowsOf(s.Registry.Now(), post, s.today())
}

// CallNext calls whoever is next in the lines of a window (叫号): the earliest rank. Nil when nobody waits.
func (s *Service) CallNext(ctx context.Context, actor identity.Principal, window string) (*Ticket, error) {
	c, err := s.mayServe(actor, window)
	if err != nil {
		return nil, err
	}
	plan, ok := s.Book().Plan(c.Key, s.today())
	lines := plan.LinesOf(window)
	if !ok || len(lines) == 0 {
		return nil, refuse("no-line", "")
	}
	args := []any{c.Key, int64(s.today()), string(Waiting)}
	for _, l := range lines {
		args = append(args, l)
	}
	query := `SELECT id FROM centre_ticket WHERE centre = $1 AND day = $2 AND state = $3 AND line IN (` + store.Placeholders(4, len(lines)) + `)
		ORDER BY rank, id LIMIT 1`
	var got store.ID
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		got = 0
		for {
			ids, err := store.All(ctx, tx, func(r store.Row) (int64, error) { return store.Scalar[int64](r) }, query, args...)
			if err != nil || len(ids) == 0 {
				return err
			}
			// Another window may have been faster: the state in the condition decides, and the next one is tried.
			n, err := tx.ExecCount(ctx, `UPDATE centre_ticket SET state = $1, win = $2, account = $3, post = $4, called_at = $5, calls = 1
				WHERE id = $6 AND state = $7`, string(Called), window, int64(actor.Account), actor.Post.ID, store.Micros(s.Now()), ids[0], string(Waiting))
			if store.IsDuplicate(err) {
				return refuse("window-busy", "")
			}
			if err != nil {
				return err
			}
			if n == 1 {
				got = store.ID(ids[0])
				touch(tx, c.Key)
				return nil
			}
		}
	})
	if err != nil {
		return nil, s.explain(err, "call the next")
	}
	if got == 0 {
		return nil, nil
	}
	return s.ticketByID(ctx, got)
}

// Recall calls a ticket once more.
func (s *Service) Recall(ctx context.Context, actor identity.Principal, window string, id store.ID) error {
	return s.turn(ctx, actor, window, id, Called, `calls = calls + 1, called_at = $1`, store.Micros(s.Now()))
}

// Begin begins to serve whoever was called.
func (s *Service) Begin(ctx context.Context, actor identity.Principal, window string, id store.ID) error {
	return s.turn(ctx, actor, window, id, Called, `state = 'serving', began_at = $1`, store.Micros(s.Now()))
}

// End ends serving. Item is what it was about; empty keeps what was said before.
func (s *Service) End(ctx context.Context, actor identity.Principal, window string, id store.ID, item string) error {
	if it, ok := s.Items.ItemInfo(item); item != "" && (!ok || it.Code != item) {
		return refuse("no-item", "item")
	}
	return s.turn(ctx, actor, window, id, Serving, `state = 'served', ended_at = $1, item = CASE WHEN $2 = '' THEN item ELSE $2 END`, store.Micros(s.Now()), item)
}

// Skip (过号) lets the next one come when whoever was called does not.
func (s *Service) Skip(ctx context.Context, actor identity.Principal, window string, id store.ID) error {
	return s.turn(ctx, actor, window, id, Called, `state = 'skipped', win = '', ended_at = $1`, store.Micros(s.Now()))
}

// Transfer (转号) sends whoever was called or is being served to another line, where they keep the time of their ticket.
func (s *Service) Transfer(ctx context.Context, actor identity.Principal, window string, id store.ID, line string) error {
	c := s.Registry.Now().CentreOf(window)
	if c == nil {
		return refuse("no-window", "")
	}
	plan, _ := s.Book().Plan(c.Key, s.today())
	if plan.Line(line) == nil {
		return refuse("no-line", "line")
	}
	return s.turn(ctx, actor, window, id, "", `state = 'waiting', win = '', began_at = 0, line = $1`, line)
}

// turn changes the ticket that is at a window. From is the state in which it must be; "" is called or serving.
func (s *Service) turn(ctx context.Context, actor identity.Principal, window string, id store.ID, from State, set string, args ...any) error {
	c, err := s.mayServe(actor, window)
	if err != nil {
		return err
	}
	n := len(args)
	states := []any{string(from), string(from)}
	if from == "" {
		states = []any{string(Called), string(Serving)}
	}
	args = append(append(args, int64(id), window), states...)
	query := fmt.Sprintf(`UPDATE centre_ticket SET `+set+` WHERE id = $%d AND win = $%d AND state IN ($%d, $%d)`, n+1, n+2, n+3, n+4)
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		changed, err := tx.ExecCount(ctx, query, args...)
		if err == nil && changed != 1 {
			return refuse("ticket-moved", "")
		}
		touch(tx, c.Key)
		return err
	})
	if err != nil {
		return s.explain(err, "serve")
	}
	return nil
}

// Return puts somebody who was skipped and comes back in time into the queue again, at its end.
func (s *Service) Return(ctx context.Context, centre, code string) (*Ticket, error) {
	t, err := s.Ticket(ctx, code)
	if err != nil {
		return nil, err
	}
	plan, _ := s.Book().Plan(centre, s.today())
	now := s.Now()
	switch {
	case t.Centre != centre:
		return nil, refuse("other-centre", "code")
	case t.State != Skipped || t.Day != s.today():
		return nil, refuse("not-skipped", "code")
	case now.After(t.Ended.Add(time.Duration(plan.Rules.Return) * time.Minute)):
		return nil, refuse("return-late", "code", "Minutes", plan.Rules.Return)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE centre_ticket SET state = $1, rank = $2, ended_at = 0 WHERE id = $3 AND state = $4`,
			string(Waiting), store.Micros(now), int64(t.ID), string(Skipped))
		if err == nil && n != 1 {
			return refuse("not-skipped", "code")
		}
		touch(tx, centre)
		return err
	})
	if err != nil {
		return nil, s.explain(err, "come back")
	}
	return s.ticketByID(ctx, t.ID)
}

// Visit returns what is known of the visit of a ticket, or [store.ErrNotFound].
func (s *Service) Visit(ctx context.Context, code string) (Visit, error) {
	t, err := s.Ticket(ctx, code)
	if err != nil {
		return Visit{}, err
	}
	v := Visit{
		Ticket: t.ID, Code: s.TicketCode(t), Number: t.Number, Centre: t.Centre, Window: t.Window, Item: t.Item, Post: t.Post, Clerk: t.Account, Day: t.Day,
		Served: t.State == Served, Ended: t.Ended,
	}
	if it, ok := s.Items.ItemInfo(t.Item); ok {
		v.Body = it.Body
	} else if here := s.Book().Held(t.Window, KindBody, t.Day); len(here) == 1 {
		v.Body = here[0].Body
	}
	return v, nil
}
