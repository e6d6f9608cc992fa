package centre_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/centre"
)

func idOf(i int) store.ID { return store.ID(i + 1) }

// The rules of appointments, with days of the calendar read from the notice: 2026-11-28 is a Saturday; 2026-11-30 a Monday.
func TestBookingRules(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		for _, c := range []struct{ line, day, slot, phone, want string }{
			{"water", "2026-11-25", "09:30", "8001", ""},
			{"water", "2026-11-25", "09:30", "8001", "booked-already"},
			{"water", "2026-11-25", "10:00", "8001", "booked-already"}, // one place of a line on a day
			{"health", "2026-11-25", "09:00", "8001", ""},              // another line
			{"water", "2026-11-25", "09:30", "8002", ""},
			{"water", "2026-11-25", "09:30", "8003", "full"}, // two places
			{"health", "2026-11-25", "09:00", "8003", "full"},
			{"water", "2026-11-28", "09:30", "8003", "closed"}, // a Saturday
			{"water", "2026-12-25", "09:30", "8003", "day-out"},
			{"water", "2026-11-24", "09:30", "8003", "day-out"},
			{"water", "2026-11-25", "12:00", "8003", "no-slot"}, // noon
			{"water", "2026-11-25", "09:10", "8003", "no-slot"},
			{"none", "2026-11-25", "09:30", "8003", "no-line"},
			{"water", "2026-11-25", "09:30", "", "phone"},
		} {
			_, err := w.reserve(c.line, c.day, c.slot, c.phone)
			if got := code(t, err); got != c.want {
				t.Errorf("%+v: %q", c, got)
			}
		}
		w.at("2026-11-25", "09:31")
		if _, err := w.reserve("water", "2026-11-25", "09:00", "8004"); code(t, err) != "slot-past" {
			t.Errorf("a slot that is over: %v", err)
		}
		slots, err := w.Slots(t.Context(), "hall", "water", day(t, "2026-11-25"))
		if err != nil || len(slots) != 14 || slots[1].Free() != 0 || slots[2].Free() != 2 || !slots[0].Past {
			t.Errorf("slots: %+v, %v", slots, err)
		}
	})
}

func TestChangeAndCancel(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, err := w.reserve("health", "2026-11-26", "10:00", "8001")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.reserve("health", "2026-11-26", "11:00", "8002"); err != nil {
			t.Fatal(err)
		}
		if err := w.Move(ctx, w.CodeOf(a), day(t, "2026-11-26"), 11*60); code(t, err) != "full" {
			t.Errorf("moved to a full slot: %v", err)
		}
		if b, err := w.Appointment(ctx, w.CodeOf(a)); err != nil || b.Slot != 10*60 || b.State != centre.Booked || b.Person.Name != "程小满" {
			t.Errorf("the old place was not kept: %+v, %v", b, err)
		}
		if err := w.Move(ctx, w.CodeOf(a), day(t, "2026-11-27"), 9*60); err != nil {
			t.Fatal(err)
		}
		if _, err := w.reserve("health", "2026-11-26", "10:00", "8003"); err != nil {
			t.Errorf("the place that was left is not free: %v", err)
		}
		w.at("2026-11-27", "08:30")
		if err := w.Cancel(ctx, w.CodeOf(a)); code(t, err) != "too-late" {
			t.Errorf("cancelled half an hour before: %v", err)
		}
		w.at("2026-11-27", "07:59")
		if err := w.Cancel(ctx, w.CodeOf(a)); err != nil {
			t.Error(err)
		}
		if err := w.Cancel(ctx, w.CodeOf(a)); code(t, err) != "not-booked" {
			t.Errorf("cancelled twice: %v", err)
		}
		if _, err := w.reserve("health", "2026-11-27", "09:00", "8001"); err != nil {
			t.Errorf("the same number cannot book again after it cancelled: %v", err)
		}
		if _, err := w.Appointment(ctx, "AAAAAAAAAA"); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	})
}

// Two missed appointments in 30 days: none for 15 days after the last. Names are erased after 60 days.
func TestNoShowsAndErasing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, err := w.reserve("water", "2026-11-25", "10:00", "8001")
		if err != nil {
			t.Fatal(err)
		}
		for _, date := range []string{"2026-11-26", "2026-11-27"} {
			w.at(date, "06:00")
			if err := w.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			_, err := w.reserve("water", date, "10:00", "8001")
			if want := map[string]string{"2026-11-26": "", "2026-11-27": "no-shows"}[date]; code(t, err) != want {
				t.Errorf("%s: %v", date, err)
			}
		}
		if got, err := w.Appointment(ctx, w.CodeOf(a)); err != nil || got.State != centre.Missed {
			t.Errorf("%+v, %v", got, err)
		}
		w.at("2026-12-14", "06:00") // 2026-11-26 and 15 days are 2026-12-11
		if _, err := w.reserve("water", "2026-12-14", "10:00", "8001"); err != nil {
			t.Errorf("after the block: %v", err)
		}
		w.at("2027-01-25", "06:00") // 2026-11-25 and 60 days are 2027-01-24
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Appointment(ctx, w.CodeOf(a)); err != nil || got.Person != (centre.Person{}) {
			t.Errorf("61 days later: %+v, %v", got, err)
		}
	})
}

// bookOp is what a client of the history asks for.
type bookOp struct {
	cancel bool
	phone  string
}

// seats is the model: a slot with two places. The state is who has one.
var seats = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		held, _ := state.(string) // the types are those of the history below
		op, _ := input.(bookOp)
		ok, _ := output.(string)
		has := len(op.phone) > 0 && contains(held, op.phone)
		switch {
		case op.cancel && ok == "":
			return has, remove(held, op.phone)
		case op.cancel:
			return !has, held
		case ok == "":
			return !has && count(held) < 2, held + op.phone + " "
		case ok == "full":
			return !has && count(held) == 2, held
		default:
			return has && ok == "booked-already", held
		}
	},
	Equal: func(a, b any) bool {
		x, _ := a.(string)
		y, _ := b.(string)
		if len(x) != len(y) {
			return false
		}
		for i := 0; i+5 <= len(x); i += 5 {
			if !contains(y, x[i:i+4]) {
				return false
			}
		}
		return true
	},
}

func count(held string) int { return len(held) / 5 }

func contains(held, phone string) bool {
	for i := 0; i+5 <= len(held); i += 5 {
		if held[i:i+4] == phone {
			return true
		}
	}
	return false
}

func remove(held, phone string) string {
	for i := 0; i+5 <= len(held); i += 5 {
		if held[i:i+4] == phone {
			return held[:i] + held[i+5:]
		}
	}
	return held
}

// Many people book and cancel the two places of one slot at the same time. Every history must be one that could have come about one after
// the other: no place is given twice, none is refused that was free.
func TestBookingIsLinearizable(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const clients, rounds = 6, 8
		begin := time.Now() // only the order of the operations is taken from it
		var mu sync.Mutex
		var history []porcupine.Operation
		note := func(client int, op bookOp, call time.Duration, answer string) {
			mu.Lock()
			defer mu.Unlock()
			history = append(history, porcupine.Operation{ClientId: client, Input: op, Call: int64(call), Output: answer, Return: int64(time.Since(begin))})
		}
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				phone := fmt.Sprintf("8%03d", client)
				mine := ""
				for range rounds {
					call := time.Since(begin)
					if mine != "" {
						err := w.Cancel(context.Background(), mine)
						note(client, bookOp{true, phone}, call, codeOf(err))
						mine = ""
						continue
					}
					a, err := w.reserve("water", "2026-11-26", "10:00", phone)
					note(client, bookOp{false, phone}, call, codeOf(err))
					if err == nil {
						mine = w.CodeOf(a)
					}
				}
			})
		}
		all.Wait()
		if result := porcupine.CheckOperationsTimeout(seats, history, 20*time.Second); result != porcupine.Ok {
			t.Errorf("the history of %d operations could not have come about one after the other: %s", len(history), result)
		}
	})
}

func codeOf(err error) string {
	var r *centre.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Code
	default:
		return err.Error()
	}
}

// The model notices a double booking.
func TestTheModelBites(t *testing.T) {
	double := []porcupine.Operation{
		{ClientId: 0, Input: bookOp{phone: "8000"}, Call: 0, Output: "", Return: 1}, {ClientId: 1, Input: bookOp{phone: "8001"}, Call: 0, Output: "", Return: 1},
		{ClientId: 2, Input: bookOp{phone: "8002"}, Call: 0, Output: "", Return: 1},
	}
	if porcupine.CheckOperations(seats, double) {
		t.Error("three people in two places pass")
	}
}
