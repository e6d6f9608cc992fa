package casework

import (
	"context"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/store"
)

// ActionMigrate is to move a running case to another version of its procedure.
const ActionMigrate = "case.migrate"

// Migrate (换流程版本) moves a running case to another published procedure or version. What the case waits for is the same afterwards; see
// [procedure.Migrate]. Nothing is opened, closed, issued or counted anew.
type Migrate struct {
	To      string // key@version
	Mapping procedure.Mapping
	Reason  string // shown to whoever may read the case
}

func (Migrate) action() string { return ActionMigrate }

// RefusedMigration says that a case cannot move to the version: the refusal's words name the elements.
const RefusedMigration = "migration"

func (s *step) migrate(ctx context.Context, act Migrate) error {
	if err := s.allow(""); err != nil {
		return err
	}
	if !s.c.Open() {
		return refuse(RefusedEnded, "Number", s.c.Number)
	}
	to, err := s.r.procedures.get(ctx, act.To)
	if err != nil {
		return err
	}
	next, found := procedure.Migrate(s.def, to, s.c.state.Proc, act.Mapping)
	if len(found) > 0 {
		return &Refusal{Code: RefusedMigration, Text: Obstacles(found)}
	}
	e := s.event(Migrated, s.now)
	e.data["from"], e.data["to"] = s.c.Procedure, act.To
	if len(act.Mapping) > 0 {
		e.data["mapping"] = act.Mapping
	}
	if act.Reason != "" {
		e.secret("reason", act.Reason)
	}
	s.c.Procedure, s.def, s.c.state.Proc = act.To, to, next
	for i := range s.c.state.Tasks {
		t := &s.c.state.Tasks[i]
		t.Element = mapped(act.Mapping, t.Element)
		if el := to.Element(t.Element); el != nil {
			t.Role, t.Power = el.Role(), el.Power
		}
		s.moved = append(s.moved, *t)
	}
	// Who did which step counts on (四眼原则), so done steps stand under the ids of the version that asks for it.
	for i := range s.c.state.Done {
		d := &s.c.state.Done[i]
		d.Element = mapped(act.Mapping, d.Element)
	}
	s.schedule()
	return nil
}

func mapped(m procedure.Mapping, id string) string {
	if to, ok := m[id]; ok {
		return to
	}
	return id
}

// Obstacles puts into words what keeps a case from moving.
func Obstacles(found []procedure.Finding) lang.Text {
	parts := func(tag lang.Tag) string {
		list := make([]string, 0, len(found))
		for _, f := range found {
			name := f.Name
			if name == "" {
				name = f.Element
			}
			list = append(list, name+": "+f.Message.In(tag))
		}
		return strings.Join(list, "; ")
	}
	return lang.Text{Hans: parts(lang.Hans), Hant: parts(lang.Hant), En: parts(lang.En)}
}

// TryMigrate tells what would keep a case from moving, and changes nothing (演练).
func (r *Runtime) TryMigrate(ctx context.Context, c *Case, to string, m procedure.Mapping) ([]procedure.Finding, error) {
	from, err := r.procedures.get(ctx, c.Procedure)
	if err != nil {
		return nil, err
	}
	next, err := r.procedures.get(ctx, to)
	if err != nil {
		return nil, err
	}
	_, found := procedure.Migrate(from, next, c.state.Proc, m)
	return found, nil
}

// RunningOn returns the next open cases of a body that do not run by the given version and for which is answers true, up to limit, and
// the case after which the walk goes on; 0 at the end.
func (r *Runtime) RunningOn(ctx context.Context, body string, after store.ID, limit int, is func(*Case) bool) (cases []*Case, next store.ID, err error) {
	list, err := store.All(ctx, r.DB.Read(), scanCase, `SELECT `+caseColumns+` FROM case_ WHERE ended_at = 0 AND body = $1 AND id > $2 ORDER BY id LIMIT $3`,
		body, int64(after), limit)
	if err != nil {
		return nil, 0, fmt.Errorf("running cases of %s: %w", body, err)
	}
	for _, c := range list {
		if is(c) {
			cases = append(cases, c)
		}
	}
	if len(list) == limit {
		next = list[limit-1].ID
	}
	return cases, next, nil
}
