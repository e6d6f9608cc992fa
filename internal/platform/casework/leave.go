package casework

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Why a task goes back to its role by itself.
const (
	WhyPostEnded     = "post-ended"     // its holder has no post with the role in the body any more
	WhyAccountClosed = "account-closed" // the account of its holder was closed
)

// Holds tells why an account cannot do tasks of a role in a body any more, by one of the codes above; "" when it can.
type Holds func(ctx context.Context, account store.ID, body, role string) (why string, err error)

// giveBack takes the tasks of a role from somebody who has left and gives them back to the role. The platform alone sends it.
type giveBack struct {
	holder store.ID
	role   string
	why    string
}

func (giveBack) action() string { return "" }

// giveBack does nothing to tasks that were done or handed on meanwhile.
func (s *step) giveBack(act giveBack) error {
	for i := range s.c.state.Tasks {
		t := &s.c.state.Tasks[i]
		if t.Holder != act.holder || t.Role != act.role {
			continue
		}
		t.Holder = 0
		e := s.event(GivenBack, s.now)
		e.data["task"], e.data["token"], e.data["role"], e.data["why"] = t.Element, t.Token, t.Role, act.why
		e.secret("holder", act.holder)
		s.opened = append(s.opened, *t)
	}
	s.quiet = len(s.events) == 0
	return nil
}

// held is somebody in whose name tasks of a role in a body are.
type held struct {
	holder     store.ID
	body, role string
}

// GiveBack gives the tasks back that are in the name of somebody who cannot do them any more, and returns how many cases it changed.
// It walks from holder to holder by an index that has only tasks in somebody's name, so its cost grows with the people who have such
// tasks and not with what is open. Doing it again changes nothing.
func (r *Runtime) GiveBack(ctx context.Context, holds Holds) (cases int, err error) {
	var at held
	for {
		at, err = store.One(ctx, r.DB.Read(), func(row store.Row) (h held, err error) { return h, row.Scan(&h.holder, &h.body, &h.role) },
			`SELECT holder, body, role FROM task WHERE holder > 0 AND (holder, body, role) > ($1, $2, $3) ORDER BY holder, body, role LIMIT 1`,
			int64(at.holder), at.body, at.role)
		if errors.Is(err, store.ErrNotFound) {
			return cases, nil
		}
		if err != nil {
			return cases, fmt.Errorf("tasks in somebody's name: %w", err)
		}
		why, err := holds(ctx, at.holder, at.body, at.role)
		if err != nil {
			return cases, fmt.Errorf("posts of %s: %w", at.holder, err)
		}
		if why == "" {
			continue
		}
		n, err := r.giveAllBack(ctx, at, why)
		if cases += n; err != nil {
			return cases, err
		}
	}
}

// giveAllBack gives all tasks of one role in one body back that somebody holds.
func (r *Runtime) giveAllBack(ctx context.Context, h held, why string) (cases int, err error) {
	ids, err := store.All(ctx, r.DB.Read(), func(row store.Row) (id store.ID, err error) { return id, row.Scan(&id) },
		`SELECT DISTINCT case_id FROM task WHERE holder > 0 AND holder = $1 AND body = $2 AND role = $3`, int64(h.holder), h.body, h.role)
	if err != nil {
		return 0, fmt.Errorf("tasks of %s: %w", h.holder, err)
	}
	for len(ids) > 0 {
		part := ids[:min(len(ids), wakeBatch)]
		ids = ids[len(part):]
		errs := make(chan error, len(part))
		for _, id := range part {
			go func() { // together, so that they share transactions
				cmd := Command{Actor: identity.Platform, Case: id, Act: giveBack{h.holder, h.role, why}}
				_, err := r.group.Do(ctx, uint64(id), func() (ask, error) { return ask{cmd: cmd, id: id}, nil })
				errs <- err
			}()
		}
		for range part {
			if e := <-errs; e != nil {
				err = errors.Join(err, fmt.Errorf("give back: %w", e))
			} else {
				cases++
			}
		}
		if err != nil {
			return cases, err
		}
	}
	return cases, nil
}

// leavePause is how often it is looked whether somebody has left: well within the day after.
const leavePause = time.Minute

// RunLeavers gives tasks back until ctx ends, on the one node that holds the lease.
func (r *Runtime) RunLeavers(ctx context.Context, holder string, holds Holds, report func(error)) {
	l := store.Lease{DB: r.DB, Name: "casework.leavers", Holder: holder, For: 3 * leavePause, Now: r.Now}
	l.Poll(ctx, leavePause, func(ctx context.Context) (bool, error) {
		_, err := r.GiveBack(ctx, holds)
		return false, err
	}, report)
}

// HeldTask is an open task in somebody's name.
type HeldTask struct {
	Case *Case
	Task Task
}

// Held lists up to limit open tasks in the name of an account, and tells how many there are in all.
func (r *Runtime) Held(ctx context.Context, account store.ID, limit int) (tasks []HeldTask, all int, err error) {
	if all, err = store.Scalar[int](r.DB.Read().QueryRow(ctx, `SELECT count(*) FROM task WHERE holder > 0 AND holder = $1`, int64(account))); err != nil || all == 0 {
		return nil, all, err
	}
	ids, err := store.All(ctx, r.DB.Read(), func(row store.Row) (id store.ID, err error) { return id, row.Scan(&id) },
		`SELECT DISTINCT case_id FROM task WHERE holder > 0 AND holder = $1 ORDER BY case_id LIMIT $2`, int64(account), limit)
	if err != nil {
		return nil, 0, fmt.Errorf("tasks of %s: %w", account, err)
	}
	byID, err := r.Several(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	for _, id := range ids {
		c := byID[id]
		if c == nil {
			continue
		}
		for _, t := range c.state.Tasks {
			if t.Holder == account {
				tasks = append(tasks, HeldTask{c, t})
			}
		}
	}
	return tasks, all, nil
}
