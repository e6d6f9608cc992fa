package joint

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/form"
)

// About is what the desk shows of a case of the slice.
type About struct {
	Form      *form.Schema // of what was filled in; nil: nothing
	Materials []Paper
	Letters   []Letter
	Page      string // where the whole is seen
	Elsewhere bool   // the open step is done on the page, not at the desk
}

// Paper is a material that the case has or wants.
type Paper struct {
	Key  string
	Name lang.Text
	Main bool
}

// Letter is a letter of a case, for the desk.
type Letter struct {
	Kind, Href    string
	Seq           int64
	At, RevokedAt time.Time
}

// About tells what a case is about; mine is false when it is none of the slice.
func (s *Service) About(ctx context.Context, c *casework.Case) (a About, mine bool, err error) {
	if c.Kind != WholeKind && c.Kind != PartKind && c.Kind != CheckKind {
		return a, false, nil
	}
	whole, err := s.wholeOrOwn(ctx, c)
	if err != nil {
		return a, true, err
	}
	a.Page = postPath(c.Number)
	for _, t := range c.Tasks() {
		if t.Element == stepHold && c.Kind == WholeKind {
			a.Elsewhere, a.Page = true, meetingPath(c.Number)
		}
	}
	records, err := s.Documents.Of(ctx, c.ID)
	if err != nil {
		return a, true, err
	}
	for i := range records {
		r := &records[i]
		a.Letters = append(a.Letters, Letter{Kind: r.Kind, Href: letterPath(postPath(c.Number), r.Seq, r.Kind), Seq: r.Seq, At: r.At, RevokedAt: r.RevokedAt})
	}
	plan, err := s.planAs(whole)
	if err != nil {
		return a, true, err
	}
	raw, err := s.shownForm(plan, c, whole)
	if err != nil {
		return a, true, err
	}
	if a.Form, err = form.Compile(raw, s.Pages); err != nil {
		return a, true, fmt.Errorf("joint form: %w", err)
	}
	own := ""
	for i := range whole.Parts {
		if whole.Parts[i].Case == c.ID {
			own = whole.Parts[i].Key
		}
	}
	for i := range plan.Materials {
		if m := &plan.Materials[i]; c.Kind == WholeKind || m.Has(own) {
			a.Materials = append(a.Materials, Paper{m.Key, m.Name, m.Main})
		}
	}
	return a, true, nil
}

func (s *Service) wholeOrOwn(ctx context.Context, c *casework.Case) (*Whole, error) {
	if c.Kind == WholeKind {
		return s.Whole(ctx, c.ID)
	}
	return s.wholeOf(ctx, c)
}

// planAs works a matter out as an application has it: with the optional parts that it wants.
func (s *Service) planAs(w *Whole) (*Plan, error) {
	chosen := make([]string, 0, len(w.Parts))
	for i := range w.Parts {
		chosen = append(chosen, w.Parts[i].Key)
	}
	return s.plan(w.Matter, w.Version, w.Division, chosen, s.today())
}

// shownForm is the form of a case as its data is kept: the answers stand in a group of their own.
func (s *Service) shownForm(p *Plan, c *casework.Case, w *Whole) (json.RawMessage, error) {
	answers := p.Form.Form
	for i := range w.Parts {
		e := &w.Parts[i]
		if e.Case == c.ID {
			if x := p.Part(e.Key); x != nil {
				answers = x.Form
			}
		}
	}
	return json.Marshal(map[string]any{
		"type": "object", "additionalProperties": true,
		"properties": map[string]any{"answers": titled(answers)},
	})
}

// titled gives the group of answers its title.
func titled(raw json.RawMessage) map[string]any {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil // unreachable: the form was compiled
	}
	group := map[string]any{"type": "object", "title": "申请表", "x-title": map[string]string{"zh-Hant": "申請表", "en": "Application form"}, "properties": m["properties"]}
	if required, ok := m["required"]; ok {
		group["required"] = required
	}
	return group
}
