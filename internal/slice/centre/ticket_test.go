package centre_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/centre"
)

// draw takes a ticket.
func (w *world) draw(line string, class centre.Class) *centre.Ticket {
	w.t.Helper()
	ticket, err := w.Draw(context.Background(), "hall", line, class)
	if err != nil {
		w.t.Fatal(err)
	}
	return ticket
}

// A morning at the window: who comes first, who goes before, who is skipped and comes back, and what the codes open afterwards.
func TestAMorningAtTheWindow(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if _, err := w.Draw(ctx, "hall", "water", centre.Appointed); err != nil {
			t.Fatal(err)
		}
		w.at("2026-11-25", "08:59")
		if _, err := w.Draw(ctx, "hall", "water", centre.Ordinary); code(t, err) != "not-open" {
			t.Errorf("before it opens: %v", err)
		}
		booked, err := w.reserve("water", "2026-11-25", "10:00", "8001")
		if err != nil {
			t.Fatal(err)
		}
		w.at("2026-11-25", "09:10")
		if _, err := w.CheckIn(ctx, "hall", w.CodeOf(booked)); code(t, err) != "early" {
			t.Errorf("50 minutes early: %v", err)
		}
		second := w.draw("water", centre.Ordinary)
		w.at("2026-11-25", "09:20")
		old := w.draw("water", centre.Priority) // 20 minutes earlier: before 09:10
		w.at("2026-11-25", "09:40")
		came, err := w.CheckIn(ctx, "hall", "https://hall.example/appointments/"+strings.ToLower(w.CodeOf(booked)))
		if err != nil || came.Class != centre.Appointed || came.Name != "程小满" {
			t.Fatalf("%+v, %v", came, err)
		}
		if again, err := w.CheckIn(ctx, "hall", w.CodeOf(booked)); err != nil || again.ID != came.ID {
			t.Errorf("checked in twice: %+v, %v", again, err)
		}
		if second.Number != "A002" || old.Number != "A003" || came.Number != "A004" {
			t.Errorf("numbers: %s %s %s", second.Number, old.Number, came.Number)
		}
		// By rank: came (08:40), the first (09:00) and old (09:00, drawn later), second (09:10).
		if place, err := w.PlaceOf(ctx, second); err != nil || place.Before != 3 || place.Wait != 30*time.Minute {
			t.Errorf("3 people at 10 minutes: %+v, %v", place, err)
		}
		next := func() *centre.Ticket {
			t.Helper()
			got, err := w.CallNext(ctx, clerk, "w1")
			if err != nil || got == nil {
				t.Fatalf("nobody: %v", err)
			}
			return got
		}
		first := next()
		if first.ID != came.ID {
			t.Errorf("called %s first", first.Number)
		}
		if _, err := w.CallNext(ctx, clerk, "w1"); code(t, err) != "window-busy" {
			t.Errorf("two at once: %v", err)
		}
		for what, err := range map[string]error{
			"recall": w.Recall(ctx, clerk, "w1", first.ID), "begin": w.Begin(ctx, clerk, "w1", first.ID),
		} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := w.Skip(ctx, clerk, "w1", first.ID); code(t, err) != "ticket-moved" {
			t.Errorf("skipped while being served: %v", err)
		}
		if v, err := w.Visit(ctx, w.TicketCode(first)); err != nil || v.Served {
			t.Errorf("served already: %+v, %v", v, err)
		}
		w.record(manager, centre.KindBody, "w1", "water", "", "2026-11-25", true)
		if err := w.End(ctx, clerk, "w1", first.ID, "WATER1"); err != nil {
			t.Fatal(err)
		}
		v, err := w.Visit(ctx, w.TicketCode(first))
		if err != nil || !v.Served || v.Body != "water" || v.Item != "WATER1" || v.Window != "w1" || v.Centre != "hall" || v.Clerk != clerk.Account {
			t.Errorf("visit: %+v, %v", v, err)
		}
		gone := next()
		if err := w.Skip(ctx, clerk, "w1", gone.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Return(ctx, "hall", w.TicketCode(gone)); err != nil {
			t.Error(err)
		}
		if moved := next(); moved.ID != old.ID {
			t.Errorf("called %s, want the priority ticket", moved.Number)
		} else if err := w.Transfer(ctx, clerk, "w1", moved.ID, "health"); err != nil {
			t.Error(err)
		}
		var denied *identity.Denied
		if _, err := w.CallNext(ctx, clerk, "w2"); !errors.As(err, &denied) {
			t.Errorf("at another's window: %v", err)
		}
		if got, err := w.CallNext(ctx, clerk2, "w2"); err != nil || got == nil || got.Number != "A003" {
			t.Errorf("the ticket that was sent on: %+v, %v", got, err)
		}
	})
}

// Late for the appointment: an ordinary ticket. Skipped for too long: a new one.
func TestLateness(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		a, err := w.reserve("water", "2026-11-25", "09:00", "8001")
		if err != nil {
			t.Fatal(err)
		}
		w.at("2026-11-25", "09:16")
		late, err := w.CheckIn(ctx, "hall", w.CodeOf(a))
		if err != nil || late.Class != centre.Ordinary {
			t.Fatalf("16 minutes late: %+v, %v", late, err)
		}
		if _, err := w.CallNext(ctx, clerk, "w1"); err != nil {
			t.Fatal(err)
		}
		if err := w.Skip(ctx, clerk, "w1", late.ID); err != nil {
			t.Fatal(err)
		}
		w.at("2026-11-25", "09:47")
		if _, err := w.Return(ctx, "hall", w.TicketCode(late)); code(t, err) != "return-late" {
			t.Errorf("31 minutes later: %v", err)
		}
		if _, err := w.CheckIn(ctx, "hall", "AAAAAAAAAA"); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		// The next day nothing of the day before waits any more.
		w.draw("water", centre.Ordinary)
		w.at("2026-11-26", "00:10")
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if list, err := w.WaitingFor(ctx, "hall", []string{"water"}); err != nil || len(list) != 0 {
			t.Errorf("%d wait, %v", len(list), err)
		}
	})
}

// Two windows call at the same time until nobody is left: everybody is called once, and numbers have no gaps.
func TestCallingAtTheSameTime(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		const people = 24
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range people / 4 {
					if _, err := w.Draw(context.Background(), "hall", "health", centre.Ordinary); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var mu sync.Mutex
		called := map[string]int{}
		for _, at := range []struct {
			who    identity.Principal
			window string
		}{{clerk, "w1"}, {clerk2, "w2"}} {
			all.Go(func() {
				for {
					got, err := w.CallNext(context.Background(), at.who, at.window)
					if err != nil || got == nil {
						if err != nil {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					called[got.Number]++
					mu.Unlock()
					if err := errors.Join(w.Begin(context.Background(), at.who, at.window, got.ID), w.End(context.Background(), at.who, at.window, got.ID, "")); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		if len(called) != people || called["B001"] != 1 || called["B024"] != 1 {
			t.Errorf("called: %v", called)
		}
		for number, n := range called {
			if n != 1 {
				t.Errorf("%s was called %d times", number, n)
			}
		}
	})
}
