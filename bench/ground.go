package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/rules"
)

// withDatabase runs f on a new database of the engine that has these tables, and in a folder that is there as long as f runs.
func withDatabase(ctx context.Context, engine store.Engine, tables []store.Migrations, f func(db *store.DB, dir string) error) (err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	dsn, drop, err := database(ctx, engine, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, tables...); err != nil {
		return err
	}
	return f(db, dir)
}

// ground is what every room of a measure stands on: the calendar and the law that are shipped, keys, and a mint of ids.
type ground struct {
	calendar *calendar.Calendar
	law      *statute.Rules
	ring     *seal.Ring
	ids      *store.IDs
	now      func() time.Time
}

func newGround(now func() time.Time) (g ground, err error) {
	g.now = now
	if g.calendar, err = calendar.Load(rules.Files, "calendar"); err != nil {
		return g, err
	}
	if g.law, err = statute.Load(rules.Files, "cn", "cn-ah"); err != nil {
		return g, err
	}
	if g.ring, err = seal.New([]byte(strings.Repeat("k", 32))); err != nil {
		return g, err
	}
	g.ids, err = store.NewIDs(1, now)
	return g, err
}

func (g *ground) today() *calendar.Calendar { return g.calendar }

// runtime gives a case runtime in which everybody may do every step, with these kinds, forms and charts by their names.
func (g *ground) runtime(ctx context.Context, db *store.DB, kinds []casework.Kind, forms *casework.Forms, charts map[string][]byte) (*casework.Runtime, error) {
	rt, err := casework.New(casework.Options{DB: db, Keys: g.ring, IDs: g.ids, Now: g.now, Calendar: g.today, Rules: g.law, Policy: everybody{}, Kinds: kinds, Forms: forms})
	if err != nil {
		return nil, err
	}
	for name, xml := range charts {
		if _, err := rt.PublishProcedure(ctx, name, xml); err != nil {
			rt.Close()
			return nil, err
		}
	}
	return rt, nil
}
