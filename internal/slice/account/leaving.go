package account

import (
	"context"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// leaving is what goes back to its role when somebody leaves: shown before it is saved.
type leaving struct {
	rows [][]ui.Cell
	all  int // open tasks in their name, of any post
	cut  bool
}

// mostLeft is how many tasks the page lists.
const mostLeft = 200

// leaving finds the open tasks in somebody's name that go back. With a post: those which only that post lets them do; else all.
func (s *Service) leaving(ctx context.Context, l *web.Localizer, account store.ID, post *registry.Post) (leaving, error) {
	tasks, all, err := s.Tasks.Held(ctx, account, mostLeft)
	if err != nil {
		return leaving{}, fmt.Errorf("tasks of somebody who leaves: %w", err)
	}
	p := leaving{all: all, cut: all > len(tasks)}
	places := s.Registry.Now()
	others := slices.DeleteFunc(places.PostsOf(account, s.Now()), func(o *registry.Post) bool { return post != nil && o.Key == post.Key })
	does := func(o *registry.Post, t *casework.HeldTask) bool { return o.Body == t.Case.Body && o.Has(t.Task.Role) }
	for i := range tasks {
		t := &tasks[i]
		stays := slices.ContainsFunc(others, func(o *registry.Post) bool { return does(o, t) })
		if post != nil && (!does(post, t) || stays) {
			continue
		}
		body := t.Case.Body
		if b := places.Body(body); b != nil {
			body = l.Text(b.Name)
		}
		due := ""
		if !t.Task.DueAt.IsZero() {
			due = l.Time(t.Task.DueAt)
		}
		p.rows = append(p.rows, []ui.Cell{{Text: t.Case.Number}, {Text: l.Text(t.Case.Title)}, {Text: body}, {Text: rolesOf(l, []string{t.Task.Role})}, {Text: due}})
	}
	return p, nil
}
