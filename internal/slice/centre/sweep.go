package centre

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

const (
	refreshEvery = 3 * time.Second  // how soon this node shows what another one has recorded
	sweepEvery   = 10 * time.Minute // how soon a day that is over is put in order
)

// Run keeps the book fresh and puts days in order that are over, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	lease := store.Lease{DB: s.DB, Name: "centre.sweep", Holder: s.Holder, For: sweepEvery, Now: s.Now}
	refresh, sweep := time.NewTicker(refreshEvery), time.NewTicker(sweepEvery)
	defer refresh.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-refresh.C:
			err = s.Refresh(ctx)
		case <-sweep.C:
			var mine bool
			if mine, err = lease.Hold(ctx); mine {
				err = s.Sweep(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "background work failed", "what", "service centres", "error", err)
		}
	}
}

// Sweep ends what belongs to days that are over: appointments to which nobody came are missed, tickets that nobody served are left, and
// names and telephone numbers whose time is over are erased.
func (s *Service) Sweep(ctx context.Context) error {
	today := s.today()
	err := s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE centre_appointment SET state = $1, changed_at = $2 WHERE state = $3 AND day < $4`,
			string(Missed), store.Micros(s.Now()), string(Booked), int64(today))
		tx.Queue(`DELETE FROM centre_seat WHERE day < $1`, int64(today))
		tx.Queue(`UPDATE centre_ticket SET state = $1, ended_at = began_at WHERE state = $2 AND day < $3`, string(Served), string(Serving), int64(today))
		tx.Queue(`UPDATE centre_ticket SET state = $1 WHERE state IN ($2, $3) AND day < $4`, string(Left), string(Waiting), string(Called), int64(today))
		return nil
	})
	if err != nil {
		return fmt.Errorf("centre: end of the day: %w", err)
	}
	return s.erase(ctx, today)
}

// erase forgets who came (个人信息保护法 art. 19: no longer than the purpose needs).
func (s *Service) erase(ctx context.Context, today calendar.Date) error {
	book := s.Book()
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for centre := range book.plans {
			plan, ok := book.Plan(centre, today)
			if !ok {
				continue
			}
			before := int64(today) - int64(plan.Rules.EraseDays)
			tx.Queue(`UPDATE centre_appointment SET sealed = NULL, phone = NULL, party = 0 WHERE centre = $1 AND day < $2 AND sealed IS NOT NULL`, centre, before)
			tx.Queue(`UPDATE centre_ticket SET sealed = NULL WHERE centre = $1 AND day < $2 AND sealed IS NOT NULL`, centre, before)
		}
		return nil
	})
}
