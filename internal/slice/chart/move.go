package chart

import (
	"context"
	"errors"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Running is a running case that does not run by the version in force, and what keeps it from moving there.
type Running struct {
	Case      *casework.Case
	Waits     []lang.Text // names of the steps that are open
	Obstacles []Finding
}

// moveBatch is how many cases of a body one page looks at.
const moveBatch = 500

// Rehearse lists running cases of the chart's powers that run by an older version or another procedure, with what would keep each from moving
// to the version in force (演练). Nothing is changed. after is where the page before ended; next is 0 at the end.
func (s *Service) Rehearse(ctx context.Context, actor identity.Principal, id store.ID, m procedure.Mapping, after store.ID) (list []Running, next store.ID, err error) {
	c, err := s.chart(ctx, actor, id)
	if err != nil {
		return nil, 0, err
	}
	if c.Live == "" {
		return nil, 0, refuseNotLive
	}
	codes := s.codes(&c)
	cases, next, err := s.cases.RunningOn(ctx, c.Body, after, moveBatch, func(k *casework.Case) bool {
		key, _, err := casework.SplitReference(k.Procedure)
		return err == nil && k.Procedure != c.Live && (key == c.Key || slices.Contains(codes, k.Subject))
	})
	if err != nil {
		return nil, 0, err
	}
	for _, k := range cases {
		found, err := s.cases.TryMigrate(ctx, k, c.Live, m)
		if err != nil {
			return nil, 0, err
		}
		_, def, err := s.cases.Procedure(ctx, k.Procedure)
		if err != nil {
			return nil, 0, err
		}
		x := Running{Case: k, Obstacles: found}
		for _, t := range k.Tasks() {
			name := lang.Text{Hans: t.Element}
			if e := def.Element(t.Element); e != nil && !e.Title.IsZero() {
				name = e.Title
			}
			x.Waits = append(x.Waits, name)
		}
		list = append(list, x)
	}
	return list, next, nil
}

var refuseNotLive = &casework.Refusal{Code: RefusedState, Text: lang.Text{
	Hans: "这张流程图还没有生效的版本，没有可换的版本", Hant: "這張流程圖還沒有生效的版本，沒有可換的版本", En: "No version of this chart is in force yet, so there is none to move to",
}}

// codes are the implementation codes of the powers of a chart.
func (s *Service) codes(c *Chart) []string {
	var codes []string
	for _, p := range s.Powers.OfBody(c.Body) {
		if slices.Contains(c.Items, p.Key) {
			codes = append(codes, p.Code)
		}
	}
	return codes
}

// Mapping checks what somebody says takes the place of what, one pair on each line, as in "review = examine".
func (s *Service) Mapping(lines string) (procedure.Mapping, error) {
	m := procedure.Mapping{}
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		from, to, ok := strings.Cut(line, "=")
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		if !ok || from == "" || to == "" {
			return nil, refuse("/mapping", "format", lang.Text{
				Hans: "每行写“旧节点标识 = 新节点标识”，这一行读不懂：" + line, Hant: "每行寫「舊節點識別碼 = 新節點識別碼」，這一行讀不懂：" + line, En: "Write “old id = new id” on each line; this line cannot be read: " + line,
			})
		}
		m[from] = to
	}
	return m, nil
}

// Moved is what became of one case.
type Moved struct {
	Number string
	Why    lang.Text // why it stayed; zero: it moved
}

// Move moves the named cases to the version in force, each by a command of its own: one that cannot move, or has gone on since the rehearsal,
// stays where it is and says why. reason is shown to whoever may read the case. Doing it again moves none twice.
func (s *Service) Move(ctx context.Context, actor identity.Principal, id store.ID, m procedure.Mapping, reason string, cases []store.ID) ([]Moved, error) {
	c, err := s.chart(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if err := s.allow(actor, casework.ActionMigrate, c.Body); err != nil {
		return nil, err
	}
	if c.Live == "" {
		return nil, refuseNotLive
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil, refuse("/reason", "required", lang.Text{
			Hans: "请写明为什么这些办件必须换到新版本", Hant: "請寫明為什麼這些辦件必須換到新版本", En: "Say why these cases have to move",
		})
	}
	known, err := s.cases.Several(ctx, cases)
	if err != nil {
		return nil, err
	}
	var out []Moved
	for _, one := range cases {
		k := known[one]
		if k == nil || k.Body != c.Body || !k.Open() || k.Procedure == c.Live {
			continue
		}
		_, err := s.cases.Do(ctx, casework.Command{
			Key: "move/" + c.Live + "/" + one.String(), Actor: actor, Case: one, Seq: k.Seq, Act: casework.Migrate{To: c.Live, Mapping: m, Reason: reason},
		})
		var refused *casework.Refusal
		switch {
		case errors.As(err, &refused):
			out = append(out, Moved{k.Number, refusalText(refused)})
		case err != nil:
			return out, err
		default:
			out = append(out, Moved{Number: k.Number})
		}
	}
	return out, nil
}

func refusalText(r *casework.Refusal) lang.Text {
	if !r.Text.IsZero() {
		return r.Text
	}
	return lang.Text{Hans: "办件在演练之后又有变化，请重新演练", Hant: "辦件在演練之後又有變化，請重新演練", En: "It has gone on since the rehearsal; rehearse again"}
}
