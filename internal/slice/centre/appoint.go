package centre

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/store"
)

// codeLength is how many signs a code on a slip or confirmation has: 50 bits.
const codeLength = 10

// Code is the code of an appointment or ticket. It is derived, never stored; the tables hold a blind index of it.
func (s *Service) code(table string, id store.ID) string {
	return s.Keys.Code("centre."+table, id.String(), codeLength)
}

func (s *Service) codeIndex(code string) []byte { return s.Keys.Index("centre.code", code) }

// CodeOf is the code of an appointment.
func (s *Service) CodeOf(a *Appointment) string { return s.code("appointment", a.ID) }

// TicketCode is the code of a ticket.
func (s *Service) TicketCode(t *Ticket) string { return s.code("ticket", t.ID) }

// normalCode takes what people and scanners add to a code: the whole address, spaces, hyphens, small letters.
func normalCode(text string) string {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	if i := strings.LastIndexAny(text, "/="); i >= 0 {
		text = text[i+1:]
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
}

// maxName bounds a name, in characters.
const maxName = 50

// phoneIndex is the blind index by which appointments of one telephone number are found.
func (s *Service) phoneIndex(p identifier.Phone) []byte {
	return s.Keys.Index("centre.phone", p.Number)
}

// Booking asks for an appointment.
type Booking struct {
	Centre, Line string
	Day          calendar.Date
	Slot         Minute
	Person       Person
	Party        store.ID // account; 0: without one
	Item         string   // code; empty: not said
}

// Slot is a slot of a line with what is left of it.
type Slot struct {
	At       Minute
	Capacity int
	Taken    int
	Past     bool // too late to book
}

// Free is how many places are left.
func (x Slot) Free() int {
	if x.Past {
		return 0
	}
	return max(0, x.Capacity-x.Taken)
}

// Days returns the days on which appointments of a centre can be made now: working days on which it is open, as many as its rules say.
func (s *Service) Days(centre string) []calendar.Date {
	today, cal, book := s.today(), s.Calendar(), s.Book()
	plan, ok := book.Plan(centre, today)
	if !ok {
		return nil
	}
	var out []calendar.Date
	last := cal.Add(today, plan.Rules.AheadDays)
	for day := today; day <= last; day = day.Add(1) {
		if p, ok := book.Plan(centre, day); ok && p.OpenOn(cal, day) {
			out = append(out, day)
		}
	}
	return out
}

// Slots returns the slots of a line on a day.
func (s *Service) Slots(ctx context.Context, centre, line string, day calendar.Date) ([]Slot, error) {
	plan, ok := s.Book().Plan(centre, day)
	l := plan.Line(line)
	if !ok || l == nil {
		return nil, nil
	}
	type count struct{ slot, n int64 }
	counts, err := store.All(ctx, s.DB.Read(), func(r store.Row) (c count, err error) { err = r.Scan(&c.slot, &c.n); return c, err },
		`SELECT slot, count(*) FROM centre_seat WHERE centre = $1 AND line = $2 AND day = $3 GROUP BY slot`, centre, line, int64(day))
	if err != nil {
		return nil, fmt.Errorf("slots of %s: %w", centre, err)
	}
	taken := map[Minute]int{}
	for _, c := range counts {
		taken[Minute(c.slot)] = int(c.n)
	}
	var out []Slot
	for _, m := range plan.Slots(s.Calendar(), l, day) {
		out = append(out, Slot{At: m, Capacity: l.Capacity, Taken: taken[m], Past: !s.Now().Before((m + Minute(l.Slot)).On(day))})
	}
	return out, nil
}

// checkBooking says what is wrong with a booking before a place is looked for, and returns the telephone number as it is indexed.
func (s *Service) checkBooking(b *Booking) (plan Plan, phone identifier.Phone, err error) {
	b.Person.Name = strings.TrimSpace(b.Person.Name)
	if b.Person.Name == "" {
		return plan, phone, refuse("no-name", "name")
	}
	if n := utf8.RuneCountInString(b.Person.Name); n > maxName {
		return plan, phone, refuse("long-name", "name", "Max", maxName, "Got", n)
	}
	if phone, err = identifier.ParsePhone(b.Person.Phone); err != nil {
		return plan, phone, refuse("phone", "phone")
	}
	b.Person.Phone = phone.Number
	plan, err = s.checkSlot(b.Centre, b.Line, b.Day, b.Slot)
	if err != nil {
		return plan, phone, err
	}
	if it, ok := s.Items.ItemInfo(b.Item); b.Item != "" && (!ok || !it.Active) {
		return plan, phone, refuse("no-item", "item")
	}
	return plan, phone, nil
}

// checkSlot says why there is no such slot, or returns the plan of its day.
func (s *Service) checkSlot(centre, line string, day calendar.Date, slot Minute) (Plan, error) {
	plan, ok := s.Book().Plan(centre, day)
	l := plan.Line(line)
	cal, today := s.Calendar(), s.today()
	now, _ := s.Book().Plan(centre, today)
	switch {
	case day < today || day > cal.Add(today, now.Rules.AheadDays):
		return plan, refuse("day-out", "day", "Days", now.Rules.AheadDays)
	case !ok || l == nil:
		return plan, refuse("no-line", "line")
	case !plan.OpenOn(cal, day):
		return plan, refuse("closed", "day")
	}
	for _, m := range plan.Slots(cal, l, day) {
		if m == slot {
			if !s.Now().Before((m + Minute(l.Slot)).On(day)) {
				return plan, refuse("slot-past", "slot")
			}
			return plan, nil
		}
	}
	return plan, refuse("no-slot", "slot")
}

// Reserve makes an appointment. A slot that runs can still be had. Whoever comes second to the last place is refused.
func (s *Service) Reserve(ctx context.Context, b Booking) (*Appointment, error) {
	plan, phone, err := s.checkBooking(&b)
	if err != nil {
		return nil, err
	}
	index := s.phoneIndex(phone)
	if err := s.checkNoShows(ctx, plan.Rules, index); err != nil {
		return nil, err
	}
	a := &Appointment{
		ID: s.IDs.New(), Centre: b.Centre, Line: b.Line, Day: b.Day, Slot: b.Slot, State: Booked, Party: b.Party, Item: b.Item,
		Person: b.Person, Booked: s.Now(), Changed: s.Now(),
	}
	sealed, err := s.sealPerson("appointment", a.ID, b.Person)
	if err != nil {
		return nil, err
	}
	capacity := plan.Line(b.Line).Capacity
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := takeSeat(ctx, tx, a, index, capacity); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO centre_appointment (id, centre, line, day, slot, state, party, item, code, phone, sealed, ticket, booked_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13)`,
			int64(a.ID), a.Centre, a.Line, int64(a.Day), int64(a.Slot), string(a.State), int64(a.Party), a.Item, s.codeIndex(s.CodeOf(a)), index, sealed,
			store.Micros(a.Booked), store.Micros(a.Changed))
		touch(tx, a.Centre)
		return nil
	})
	if err != nil {
		return nil, s.explain(err, "book")
	}
	return a, nil
}

// takeSeat takes a place in the slot of an appointment. The key of the row decides between two who want the same: on PostgreSQL the
// second waits for the first and then finds the place taken, on SQLite they come one after the other.
func takeSeat(ctx context.Context, tx *store.Tx, a *Appointment, phone []byte, capacity int) error {
	for seat := 1; seat <= capacity; seat++ {
		n, err := tx.ExecCount(ctx, `INSERT INTO centre_seat (centre, line, day, slot, seat, appointment, phone) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT DO NOTHING`, a.Centre, a.Line, int64(a.Day), int64(a.Slot), int64(seat), int64(a.ID), phone)
		if err != nil {
			return err
		}
		if n == 1 {
			return nil
		}
		if seat == 1 { // it may be the telephone number that has a place already
			own, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT count(*) FROM centre_seat WHERE centre = $1 AND line = $2 AND day = $3 AND phone = $4`,
				a.Centre, a.Line, int64(a.Day), phone))
			if err != nil {
				return err
			}
			if own > 0 {
				return refuse("booked-already", "phone")
			}
		}
	}
	return refuse("full", "slot")
}

// checkNoShows keeps those away for a while who let places lapse again and again (爽约).
func (s *Service) checkNoShows(ctx context.Context, rules Rules, phone []byte) error {
	today := s.today()
	type missed struct{ n, last int64 }
	m, err := store.One(ctx, s.DB.Read(), func(r store.Row) (m missed, err error) { err = r.Scan(&m.n, &m.last); return m, err },
		`SELECT count(*), coalesce(max(day), 0) FROM centre_appointment WHERE phone = $1 AND state = $2 AND day >= $3`,
		phone, string(Missed), int64(today)-int64(rules.NoShowDays)-int64(rules.BlockDays))
	if err != nil {
		return fmt.Errorf("missed appointments: %w", err)
	}
	until := calendar.Date(m.last).Add(rules.BlockDays)
	if int(m.n) >= rules.NoShows && today <= until {
		return refuse("no-shows", "phone", "Count", m.n, "Until", until)
	}
	return nil
}

// explain lets refusals through and says of other errors what was being done.
func (s *Service) explain(err error, doing string) error {
	if refused := (*Refusal)(nil); errors.As(err, &refused) {
		return refused
	}
	return fmt.Errorf("centre: %s: %w", doing, err)
}

// Appointment returns the appointment with the code, or [store.ErrNotFound].
func (s *Service) Appointment(ctx context.Context, code string) (*Appointment, error) {
	return store.One(ctx, s.DB.Read(), s.scanAppointment, `SELECT `+appointmentColumns+` FROM centre_appointment WHERE code = $1`, s.codeIndex(normalCode(code)))
}

// AppointmentsOf returns the appointments of an account from a day on.
func (s *Service) AppointmentsOf(ctx context.Context, party store.ID, from calendar.Date) ([]*Appointment, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanAppointment,
		`SELECT `+appointmentColumns+` FROM centre_appointment WHERE party = $1 AND day >= $2 ORDER BY day DESC, slot DESC LIMIT 100`, int64(party), int64(from))
	if err != nil {
		return nil, fmt.Errorf("appointments of an account: %w", err)
	}
	return list, nil
}

// appointmentsFrom returns what is booked at a centre from a day on, in the order of slots and booking.
func (s *Service) appointmentsFrom(ctx context.Context, centre string, day calendar.Date) ([]*Appointment, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanAppointment, `SELECT `+appointmentColumns+` FROM centre_appointment
		WHERE centre = $1 AND day >= $2 AND state = $3 ORDER BY day, line, slot, id`, centre, int64(day), string(Booked))
	if err != nil {
		return nil, fmt.Errorf("appointments of %s: %w", centre, err)
	}
	return list, nil
}

// Changeable says until when an appointment can be changed or cancelled.
func (s *Service) Changeable(a *Appointment) time.Time {
	plan, _ := s.Book().Plan(a.Centre, a.Day)
	return a.Starts().Add(-time.Duration(plan.Rules.CancelUntil) * time.Minute)
}

func (s *Service) checkChange(a *Appointment) error {
	if a.State != Booked {
		return refuse("not-booked", "")
	}
	if until := s.Changeable(a); !s.Now().Before(until) {
		return refuse("too-late", "", "Until", until)
	}
	return nil
}

// Cancel gives the place of an appointment up.
func (s *Service) Cancel(ctx context.Context, code string) error {
	a, err := s.Appointment(ctx, code)
	if err != nil {
		return err
	}
	if err := s.checkChange(a); err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE centre_appointment SET state = $1, changed_at = $2 WHERE id = $3 AND state = $4`,
			string(Cancelled), store.Micros(s.Now()), int64(a.ID), string(Booked))
		if err != nil {
			return err
		}
		if n != 1 {
			return refuse("not-booked", "")
		}
		tx.Queue(`DELETE FROM centre_seat WHERE appointment = $1`, int64(a.ID))
		touch(tx, a.Centre)
		return nil
	})
	if err != nil {
		return s.explain(err, "cancel")
	}
	return nil
}

// Move changes an appointment to another slot of its line. When the new one is full, the old one is kept.
func (s *Service) Move(ctx context.Context, code string, day calendar.Date, slot Minute) error {
	a, err := s.Appointment(ctx, code)
	if err != nil {
		return err
	}
	if err := s.checkChange(a); err != nil {
		return err
	}
	plan, err := s.checkSlot(a.Centre, a.Line, day, slot)
	if err != nil {
		return err
	}
	phone, err := identifier.ParsePhone(a.Person.Phone)
	if err != nil {
		return refuse("not-booked", "") // erased meanwhile
	}
	moved := *a
	moved.Day, moved.Slot = day, slot
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE centre_appointment SET day = $1, slot = $2, changed_at = $3 WHERE id = $4 AND state = $5`,
			int64(day), int64(slot), store.Micros(s.Now()), int64(a.ID), string(Booked))
		if err != nil {
			return err
		}
		if n != 1 {
			return refuse("not-booked", "")
		}
		tx.Queue(`DELETE FROM centre_seat WHERE appointment = $1`, int64(a.ID))
		touch(tx, a.Centre)
		return takeSeat(ctx, tx, &moved, s.phoneIndex(phone), plan.Line(a.Line).Capacity)
	})
	if err != nil {
		return s.explain(err, "change")
	}
	return nil
}
