package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// linesPerPage is how many tasks a page of a queue shows.
const linesPerPage = 40

// Queue is a page of the open tasks of a role, the most urgent first.
type Queue struct {
	Mine  []casework.QueueItem // transferred to the reader; on the first page only
	Items []casework.QueueItem
	Next  string // cursor of the page after; empty on the last
}

// Queue returns the open tasks that a post works on in a role: first those that were transferred to the actor, then those of
// whoever holds the role, sorted by their earliest line. After is the cursor of a page before, or empty.
func (s *Service) Queue(ctx context.Context, actor identity.Principal, role, after string) (Queue, error) {
	var q Queue
	bodies := s.bodiesOf(actor.Post, role)
	from, paged := readCursor(after)
	if !paged {
		mine, err := s.tasks(ctx, bodies, casework.QueueFilter{Role: role, Holder: actor.Account, Mine: true, Limit: linesPerPage})
		if err != nil {
			return q, err
		}
		q.Mine = s.doable(actor, mine)
	}
	f := casework.QueueFilter{Role: role, Limit: linesPerPage + 1}
	if paged {
		f.After = &from
	}
	items, err := s.tasks(ctx, bodies, f)
	if err != nil {
		return q, err
	}
	if len(items) > linesPerPage {
		items = items[:linesPerPage]
		q.Next = writeCursor(items[linesPerPage-1])
	}
	q.Items = s.doable(actor, items)
	return q, nil
}

// doable leaves out what the actor may not do: tasks for which the body has not authorised the window, decisions that are not the chief
// representative's.
func (s *Service) doable(actor identity.Principal, items []casework.QueueItem) []casework.QueueItem {
	if s.Authority == nil {
		return items
	}
	return slices.DeleteFunc(items, func(it casework.QueueItem) bool {
		return !s.MayDo(actor, it.Case, casework.ActionComplete, &it.Task)
	})
}

// tasks merges the queues of several bodies. Each is sorted, and the cursor means the same place in all of them.
func (s *Service) tasks(ctx context.Context, bodies []string, f casework.QueueFilter) ([]casework.QueueItem, error) {
	var all []casework.QueueItem
	for _, body := range bodies {
		f.Body = body
		items, err := s.Cases.Queue(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("queue of %s in %s: %w", f.Role, body, err)
		}
		all = append(all, items...)
	}
	if len(bodies) > 1 {
		slices.SortFunc(all, func(a, b casework.QueueItem) int {
			return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.Case.ID, b.Case.ID), cmp.Compare(a.Task.Token, b.Task.Token))
		})
	}
	return all[:min(len(all), f.Limit)], nil
}

// QueueLengths counts the open tasks of each role of a post, handed to colleagues or not. It counts up to 1,000 for each body; where
// authority differs from item to item, it counts the most urgent ones one by one.
func (s *Service) QueueLengths(ctx context.Context, actor identity.Principal) (map[string]int, error) {
	counts, p := map[string]int{}, actor.Post
	for _, role := range s.rolesOf(p) {
		bodies := s.bodiesOf(p, role)
		if s.lent(p, role) || role == registry.Clerk && s.Authority != nil && slices.ContainsFunc(bodies, s.Authority.Keeps) {
			items, err := s.tasks(ctx, bodies, casework.QueueFilter{Role: role, Limit: countedOneByOne})
			if err != nil {
				return nil, err
			}
			counts[role] = len(s.doable(actor, items))
			continue
		}
		for _, body := range bodies {
			n, err := s.Cases.QueueLength(ctx, body, role)
			if err != nil {
				return nil, fmt.Errorf("length of the queue of %s in %s: %w", role, body, err)
			}
			counts[role] += n
		}
	}
	return counts, nil
}

const (
	countedOneByOne = 200
	lookedAt        = 20 // tasks at the head of a queue among which the next one is looked for
)

// Next returns the task that the actor should do next in a role: one transferred to them, else the most urgent one. Nil when the
// queue is empty.
func (s *Service) Next(ctx context.Context, actor identity.Principal, role string) (*casework.QueueItem, error) {
	bodies := s.bodiesOf(actor.Post, role)
	for _, f := range []casework.QueueFilter{{Role: role, Holder: actor.Account, Mine: true, Limit: lookedAt}, {Role: role, Limit: lookedAt}} {
		items, err := s.tasks(ctx, bodies, f)
		if err != nil {
			return nil, err
		}
		if items = s.doable(actor, items); len(items) > 0 {
			return &items[0], nil
		}
	}
	return nil, nil
}

// writeCursor names the place of a task in a queue.
func writeCursor(it casework.QueueItem) string {
	return strconv.FormatInt(it.Sort, 36) + "." + strconv.FormatInt(int64(it.Case.ID), 36) + "." + strconv.Itoa(it.Task.Token)
}

// readCursor is the inverse of writeCursor. Anything else means the beginning.
func readCursor(text string) (casework.QueueItem, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return casework.QueueItem{}, false
	}
	sort, err1 := strconv.ParseInt(parts[0], 36, 64)
	id, err2 := strconv.ParseInt(parts[1], 36, 64)
	token, err3 := strconv.Atoi(parts[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return casework.QueueItem{}, false
	}
	return casework.QueueItem{Case: &casework.Case{ID: store.ID(id)}, Task: casework.Task{Token: token}, Sort: sort}, true
}
