package law

import (
	"context"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// NoticePreview is what a notice would change.
type NoticePreview struct {
	Notice   calendar.Notice
	Calendar *calendar.Calendar // with it
	Days     []calendar.Date    // that are worked in one calendar and not in the other
	Seen     int64              // version of the law that it was compared with
	data     []byte
}

// PreviewNotice reads a notice (YAML, as in rules/calendar) and compares the year with the calendar in force.
func (l *Law) PreviewNotice(data []byte) (NoticePreview, error) {
	now := l.now.Load()
	p := NoticePreview{Seen: now.version, data: data}
	var err error
	if p.Notice, err = calendar.ParseNotice(data); err != nil {
		return p, err
	}
	if p.Calendar, err = calendar.Load(now.files.with(noticeFile(p.Notice.Year), data), calendarFolder); err != nil {
		return p, err
	}
	for d := calendar.Day(p.Notice.Year-1, time.December, 1); d <= calendar.Day(p.Notice.Year, time.December, 31); d++ {
		if p.Calendar.Working(d) != now.calendar.Working(d) {
			p.Days = append(p.Days, d)
		}
	}
	return p, nil
}

func noticeFile(year int) string { return fmt.Sprintf("%s/%04d.yaml", calendarFolder, year) }

// ImportNotice puts a notice in force on every node. The open cases are computed anew afterwards, see [Law.Apply]. It answers [ErrMoved]
// when something was published since the preview.
func (l *Law) ImportNotice(ctx context.Context, by journal.Actor, p NoticePreview) error {
	act := journal.Act{Kind: journal.CalendarImported, On: journal.On("calendar", p.Notice.Year), Data: map[string]any{
		"number": p.Notice.Number, "days": len(p.Days),
	}}
	return l.publish(ctx, noticeFile(p.Notice.Year), p.data, p.Seen, by, act, true)
}

// Progress is how far the open cases were computed by the newest calendar.
type Progress struct {
	Pending bool
	Moved   int64
}

// Progress tells whether open cases are still to be computed.
func (l *Law) Progress(ctx context.Context) (p Progress, err error) {
	var pending int64
	err = l.o.DB.Read().QueryRow(ctx, `SELECT pending, moved FROM law_version WHERE one = 1`).Scan(&pending, &p.Moved)
	p.Pending = pending > 0
	return p, err
}

// Recompute moves the next open cases after an identifier to the calendar in force, and returns how many it moved and up to which it
// has looked; 0 at the end. casework.Runtime has one.
type Recompute func(ctx context.Context, after store.ID) (moved int, upto store.ID, err error)

// Apply computes the next batch of open cases by the newest calendar, and reports whether there was one. It goes on where it was
// stopped; a batch that is done again changes nothing.
func (l *Law) Apply(ctx context.Context, recompute Recompute) (bool, error) {
	var pending, upto, moved int64
	err := l.o.DB.Read().QueryRow(ctx, `SELECT pending, upto, moved FROM law_version WHERE one = 1`).Scan(&pending, &upto, &moved)
	if err != nil || pending == 0 {
		return false, err
	}
	if l.Version() < pending { // this node has not taken up the calendar yet
		if _, err := l.Refresh(ctx); err != nil {
			return false, err
		}
	}
	n, last, err := recompute(ctx, store.ID(upto))
	if err != nil {
		return false, fmt.Errorf("compute open cases by the new calendar: %w", err)
	}
	return true, l.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if last != 0 {
			return tx.Exec(ctx, `UPDATE law_version SET upto = $2, moved = moved + $3 WHERE one = 1 AND pending = $1 AND upto = $4`, pending, int64(last), n, upto)
		}
		done, err := tx.ExecCount(ctx, `UPDATE law_version SET pending = 0, upto = 0, moved = moved + $2 WHERE one = 1 AND pending = $1`, pending, n)
		if err != nil || done == 0 { // another notice came meanwhile: the walk begins anew
			return err
		}
		return l.o.Journal.Record(ctx, tx, journal.Act{
			Kind: journal.CalendarApplied, By: journal.Actor{Kind: "system"}, On: journal.On("calendar", pending), Public: true,
			Data: map[string]any{"cases": moved + int64(n)},
		})
	})
}

// Run applies new calendars until ctx ends, on the one node that holds the lease.
func (l *Law) Run(ctx context.Context, holder string, recompute Recompute, report func(error)) {
	const pause = 2 * time.Second
	lease := store.Lease{DB: l.o.DB, Name: "law.apply", Holder: holder, For: 30 * time.Second, Now: l.o.Now}
	lease.Poll(ctx, pause, func(ctx context.Context) (bool, error) { return l.Apply(ctx, recompute) }, report)
}
