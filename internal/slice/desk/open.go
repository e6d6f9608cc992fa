package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
)

// Opened is a case as its reader sees it on the desk.
type Opened struct {
	Case   *casework.Case
	Def    *procedure.Definition
	Matter Matter
	// Dossier is nil for those who may not read what is personal.
	Dossier *casework.Dossier
	History []Happening

	Task       *casework.Task // the open task in question; nil when the reader has none here
	Element    *procedure.Element
	Form       *form.Schema // of the task; nil when it asks for nothing
	Outcomes   []Outcome
	MayDo      bool // the reader may do the task now
	MayAssign  bool
	Colleagues []Colleague

	Done *casework.Done // the task that the reader asked for, when somebody has done it
}

// Happening is one event of a case, with its personal part for those who may read it.
type Happening struct {
	Event    casework.Event
	Envelope casework.Envelope
	Private  map[string]json.RawMessage
}

// historyLimit bounds the history on one page. A case has some tens of events.
const historyLimit = 200

// find returns a case that the actor may read.
func (s *Service) find(ctx context.Context, actor identity.Principal, number string) (*casework.Case, error) {
	c, err := s.Cases.ByNumber(ctx, number)
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", number, err)
	}
	if err := s.Cases.MayRead(actor, c, false, false); err != nil {
		return nil, fmt.Errorf("case %s: %w", number, err)
	}
	return c, nil
}

// Open returns a case for the desk. Token chooses one of its tasks; 0 takes the first that the actor may do.
func (s *Service) Open(ctx context.Context, actor identity.Principal, number string, token int) (*Opened, error) {
	c, err := s.find(ctx, actor, number)
	if err != nil {
		return nil, err
	}
	o := &Opened{Case: c}
	if _, o.Def, err = s.Cases.Procedure(ctx, c.Procedure); err != nil {
		return nil, fmt.Errorf("procedure of %s: %w", number, err)
	}
	if o.Matter, err = s.Matters.Matter(ctx, c); err != nil {
		return nil, fmt.Errorf("matter of %s: %w", number, err)
	}
	if s.Cases.MayRead(actor, c, false, true) == nil {
		dossier, err := s.Cases.Dossier(ctx, c.ID)
		if err != nil {
			return nil, fmt.Errorf("dossier of %s: %w", number, err)
		}
		o.Dossier = &dossier
	}
	if o.History, err = s.history(ctx, c, o.Dossier); err != nil {
		return nil, err
	}
	return o, s.openTask(ctx, actor, o, token)
}

func (s *Service) history(ctx context.Context, c *casework.Case, d *casework.Dossier) ([]Happening, error) {
	events, err := s.Cases.Events(ctx, c.ID, 0, historyLimit)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", c.Number, err)
	}
	list := make([]Happening, len(events))
	for i, e := range events {
		list[i].Event = e
		if list[i].Envelope, err = e.Envelope(); err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		if j := slices.IndexFunc(d.Private, func(p casework.Private) bool { return p.Seq == e.Seq }); j >= 0 {
			list[i].Private = d.Private[j].Fields
		}
	}
	return list, nil
}

// openTask puts the task in question before the reader, with all that its page says about it.
func (s *Service) openTask(ctx context.Context, actor identity.Principal, o *Opened, token int) error {
	o.Task = s.choose(actor, o.Case, token)
	if o.Task == nil {
		if done := o.Case.Done(); token != 0 {
			if i := slices.IndexFunc(done, func(d casework.Done) bool { return d.Token == token }); i >= 0 {
				o.Done = &done[i]
			}
		}
		return nil
	}
	o.Element = o.Def.Element(o.Task.Element)
	if o.Element == nil {
		return fmt.Errorf("desk: %s has no element %s", o.Case.Procedure, o.Task.Element)
	}
	held := o.Task.Holder != 0 && o.Task.Holder != actor.Account
	o.MayDo = !held && (o.Task.Role == applicantRole || !o.Case.Bars(actor.Account)) && s.MayDo(actor, o.Case, casework.ActionComplete, o.Task)
	o.MayAssign = o.Task.Role != applicantRole && s.MayDo(actor, o.Case, casework.ActionAssign, o.Task)
	var err error
	if !o.Matter.only() {
		if o.Form, err = s.stepForm(o.Element); err != nil {
			return err
		}
	}
	if o.MayDo && !o.Matter.only() {
		if o.Outcomes, err = s.Preview(o.Def, o.Case, o.Task, o.Form); err != nil {
			return err
		}
	}
	if o.MayAssign {
		o.Colleagues, err = s.colleagues(ctx, o.Case, o.Task.Token)
	}
	return err
}

// choose picks the task to show: the one asked for; else one that the actor may do, those of the authority before the applicant's
// and free ones before those that a colleague holds.
func (s *Service) choose(actor identity.Principal, c *casework.Case, token int) *casework.Task {
	var best *casework.Task
	rank := func(t *casework.Task) int {
		switch {
		case t.Holder == actor.Account && t.Holder != 0:
			return 4
		case t.Role == applicantRole:
			return 1
		case t.Holder != 0:
			return 2
		default:
			return 3
		}
	}
	tasks := c.Tasks()
	for i := range tasks {
		t := &tasks[i]
		if token != 0 {
			if t.Token == token {
				return t
			}
			continue
		}
		if s.MayDo(actor, c, casework.ActionComplete, t) && (best == nil || rank(t) > rank(best)) {
			best = t
		}
	}
	return best
}

// Download opens a file of a case for those who may read its dossier, or answers [store.ErrNotFound].
func (s *Service) Download(ctx context.Context, actor identity.Principal, number string, id store.ID) (casework.FileRef, io.ReadCloser, error) {
	c, err := s.find(ctx, actor, number)
	if err != nil {
		return casework.FileRef{}, nil, err
	}
	if err := s.Cases.MayRead(actor, c, false, true); err != nil {
		return casework.FileRef{}, nil, fmt.Errorf("file of %s: %w", number, err)
	}
	dossier, err := s.Cases.Dossier(ctx, c.ID)
	if err != nil {
		return casework.FileRef{}, nil, fmt.Errorf("dossier of %s: %w", number, err)
	}
	for _, ref := range filesOf(&dossier) {
		if ref.ID == id {
			_, content, err := s.Files.Get(ctx, id)
			return ref, content, err
		}
	}
	return casework.FileRef{}, nil, fmt.Errorf("file of %s: %w", number, store.ErrNotFound)
}

// filesOf lists the files of a dossier, each once.
func filesOf(d *casework.Dossier) []casework.FileRef {
	var files []casework.FileRef
	for _, f := range d.Files {
		if !slices.ContainsFunc(files, func(g casework.FileRef) bool { return g.ID == f.ID }) {
			files = append(files, f)
		}
	}
	return files
}

// keep takes an upload of the actor. What is wrong with it is a *file.Refusal.
func (s *Service) keep(ctx context.Context, actor identity.Principal, name, material string, r io.Reader) (casework.FileRef, error) {
	f, err := s.Files.Put(ctx, actor.Account, name, r, file.Limits{})
	if err != nil {
		return casework.FileRef{}, err
	}
	return reference(f, material), nil
}

// kept returns an upload that the actor made before, such as one of a form that came back with errors.
func (s *Service) kept(ctx context.Context, actor identity.Principal, id store.ID, material string) (casework.FileRef, error) {
	f, err := s.Files.Stat(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && f.Owner != actor.Account {
		return casework.FileRef{}, &casework.Refusal{Code: casework.RefusedFile}
	}
	if err != nil {
		return casework.FileRef{}, fmt.Errorf("look up a file: %w", err)
	}
	return reference(f, material), nil
}

func reference(f file.File, material string) casework.FileRef {
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: material}
}
