package store

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables that the store itself needs.
func Schema() Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return Migrations{Module: "store", Files: files}
}

// Lease is a named duty that one node at a time holds: sequencing the log, firing timers. Work that must not be done twice
// also guards itself in its own transaction; the lease only keeps nodes from trying in vain.
type Lease struct {
	DB     *DB
	Name   string
	Holder string        // the node and process that asks
	For    time.Duration // how long it is held without being renewed
	Now    func() time.Time
}

// Hold takes or renews the lease and reports whether this holder has it now.
func (l Lease) Hold(ctx context.Context) (bool, error) {
	now := l.Now()
	var got int64
	err := l.DB.Write(ctx, func(ctx context.Context, tx *Tx) (err error) {
		got, err = tx.ExecCount(ctx, `INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE lease.holder = excluded.holder OR lease.until < $4`,
			l.Name, l.Holder, Micros(now.Add(l.For)), Micros(now))
		return err
	})
	return got == 1, err
}

// Release gives the lease up, so that another node need not wait for its end.
func (l Lease) Release(ctx context.Context) error {
	return l.DB.Write(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.Exec(ctx, `DELETE FROM lease WHERE name = $1 AND holder = $2`, l.Name, l.Holder)
	})
}

// Poll calls work again and again while this holder has the lease: at once when work reports that it found something, after
// pause when it found nothing. Failures go to report and are tried again after pause. It returns when ctx ends.
func (l Lease) Poll(ctx context.Context, pause time.Duration, work func(context.Context) (found bool, err error), report func(error)) {
	var held time.Time // until when the lease need not be renewed
	for ctx.Err() == nil {
		busy, err := false, error(nil)
		if now := l.Now(); now.Before(held) {
			busy, err = work(ctx)
		} else {
			var ok bool
			if ok, err = l.Hold(ctx); ok {
				held = now.Add(l.For / 2)
				continue
			}
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			report(err)
		}
		if busy && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	if err := l.Release(context.WithoutCancel(ctx)); err != nil {
		report(err)
	}
}
