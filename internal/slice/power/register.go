package power

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Register knows which body may exercise which item from when until when (审批事项清理台账). The slice cleanup stands behind it.
type Register interface {
	// Standing answers from memory.
	Standing(item, body string, on calendar.Date) Standing
	// Stamp changes whenever an answer may.
	Stamp() int64
	// Attempted takes down that somebody tried to have bodies exercise an item that no round has them exercise (变相设定审批).
	Attempted(ctx context.Context, by identity.Principal, it *Item, bodies []string) error
}

// Standing is how an item of a body stands in the register.
type Standing struct {
	Kept    bool
	Gone    *Gone // why it is not kept any more; nil when it never was
	Leaving *Gone // that it will go, and when; nil when nothing is announced
}

// Gone says why a body does not exercise an item any more.
type Gone struct {
	On     calendar.Date // the first day on which it does not
	Fate   string        // cancelled, otherwise, delegated, merged
	Reason lang.Text
	Manner string // how it is managed otherwise
	Basis  string
	Round  string // title of the round
	Href   string // of what became of the item
	Finish bool   // open cases are finished here
	Heirs  []Heir // who exercises it, or what it became, instead
}

// Heir is an item of a body that takes another's place.
type Heir struct{ Item, Body string }

// UnlistedError refuses an item that bodies would exercise although no round of clean-up has them exercise it.
type UnlistedError struct {
	Key    string
	Bodies []string
}

func (e *UnlistedError) Error() string {
	return fmt.Sprintf("item %s of %s is in no round of clean-up: have a round decide on it first; the attempt has been reported to supervision", e.Key, strings.Join(e.Bodies, ", "))
}

// register returns the register, or nil when none is kept.
func (s *Service) register() Register {
	if s.deps.Register == nil {
		return nil
	}
	return s.deps.Register()
}

// admit refuses an item that would be exercised by bodies that no round has exercise it, and has the attempt taken down.
func (s *Service) admit(ctx context.Context, by identity.Principal, it *Item) error {
	reg, today := s.register(), s.today()
	if reg == nil || it.Cancelled != nil && it.Cancelled.On <= today {
		return nil
	}
	var unlisted []string
	for _, b := range it.By {
		if !reg.Standing(it.Key, b.Body, max(today, it.Effective)).Kept {
			unlisted = append(unlisted, b.Body)
		}
	}
	if len(unlisted) == 0 {
		return nil
	}
	err := &UnlistedError{Key: it.Key, Bodies: unlisted}
	if failed := reg.Attempted(ctx, by, it, unlisted); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// report has taken down what stands in the tables without being in the register: it came in by another door than this service, and is not
// shown as something that anybody could apply for.
func (s *Service) report(ctx context.Context) error {
	reg := s.register()
	if reg == nil {
		return nil
	}
	shelf := s.shelf.Load()
	var failed []error
	for _, e := range shelf.entries {
		if len(e.unlisted) > 0 && e.item.ActiveOn(shelf.day) {
			failed = append(failed, reg.Attempted(ctx, identity.Platform, e.item, e.unlisted))
		}
	}
	return errors.Join(failed...)
}

// Effect is what a round of clean-up does to an item on its date.
type Effect struct {
	Key    string
	Remove []string // bodies that cease to exercise it
	Add    []Implementer
	Cancel Cancellation // when nobody is left
}

// Settle (清理生效) publishes what a round of clean-up has decided, as the next version of the item. Done before, or of an item that the
// catalogue does not have, it changes nothing.
func (s *Service) Settle(ctx context.Context, e Effect) error {
	err := s.deps.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		last, err := newest(ctx, tx, e.Key)
		if err != nil || last.Item.Key == "" {
			return err
		}
		it := settled(last.Item, e)
		if digest, err := digestOf(it); err != nil || digest == last.digest {
			return err
		}
		it.Version++
		if err := s.insert(ctx, tx, it, 0); err != nil {
			return err
		}
		return s.deps.Journal.Record(ctx, tx, publishedAct(identity.Platform, it))
	})
	if err != nil {
		return fmt.Errorf("clean-up of item %s: %w", e.Key, err)
	}
	return s.Load(context.WithoutCancel(ctx))
}

// settled is the item as the effect leaves it.
func settled(it Item, e Effect) Item {
	if it.Cancelled != nil && it.Status == Withdrawn {
		return it
	}
	by := slices.DeleteFunc(slices.Clone(it.By), func(b Implementer) bool { return slices.Contains(e.Remove, b.Body) })
	levels := slices.Clone(it.Level)
	for _, b := range e.Add {
		if !slices.ContainsFunc(by, func(x Implementer) bool { return x.Body == b.Body }) {
			by = append(by, b)
		}
		if !slices.Contains(levels, b.Level) {
			levels = append(levels, b.Level)
		}
	}
	if len(by) == 0 { // who exercised it last stays named
		it.Cancelled, it.Status = &e.Cancel, Withdrawn
		return it
	}
	it.By, it.Level = by, levels
	return it
}
