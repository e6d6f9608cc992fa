package rating

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
)

// Deps is what the service works with. All are required but BaseURL.
type Deps struct {
	DB       *store.DB
	Keys     *seal.Ring
	IDs      *store.IDs
	Files    *file.Files
	Registry *registry.Registry
	People   People
	Items    Items
	Visits   Visits
	Rules    *statute.Rules
	Now      func() time.Time
	Log      *slog.Logger
	BaseURL  string // address of the site without a slash at the end, for QR codes
}

// Service takes ratings and complaints and shows what became of them. It is safe for concurrent use.
type Service struct {
	Deps
	Cases  *casework.Runtime // set by Attach
	log    Log
	keeper *door.Keeper
	posts  *door.Limiter // forms that anybody may send
	judge  *form.Schema  // of the step in which the complainant answers
	form   *form.Schema  // what a complaint says, as the desk shows it
	rated  *form.Schema  // what a bad rating says, as the desk shows it
}

// postsPerMinute is how many ratings and complaints one address may send.
const postsPerMinute = 10

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Keys == nil || d.IDs == nil || d.Files == nil || d.Registry == nil || d.People == nil || d.Items == nil || d.Visits == nil ||
		d.Rules == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("rating: a dependency is missing")
	}
	s := &Service{Deps: d, posts: door.NewLimiter(postsPerMinute, d.Now)}
	var err error
	if s.form, err = form.Compile(complaintForm, nil); err != nil {
		return nil, fmt.Errorf("rating: %w", err)
	}
	if s.rated, err = form.Compile(ratingForm, nil); err != nil {
		return nil, fmt.Errorf("rating: %w", err)
	}
	return s, nil
}

// Attach gives the service the runtime to which it gave its kinds, and the log. It is called once, before any page is served.
func (s *Service) Attach(cases *casework.Runtime, log Log) error {
	s.Cases, s.log = cases, log
	s.keeper = door.New(cases, doorkeys{s.People}, s.Now)
	f, ok := cases.Forms.Form(judgeForm)
	if !ok {
		return fmt.Errorf("rating: there is no form %q", judgeForm)
	}
	var err error
	if s.judge, err = form.Compile(f.Source, nil); err != nil {
		return fmt.Errorf("form %s: %w", judgeForm, err)
	}
	return nil
}

// doorkeys tells the keeper of the doors who asks.
type doorkeys struct{ People }

// IDNumber implements door.People.
func (k doorkeys) IDNumber(ctx context.Context, party store.ID) (string, error) {
	_, _, number, err := k.Contact(ctx, party)
	return number, err
}

// Reasons returns the reasons that are offered today with a grade of a case of a kind: those of the kind where the rules have such, for whom
// an answer to a question disappoints never saw a guide; else those of services. A visit to a window has no kind.
func (s *Service) Reasons(kind string, grade int) []statute.Entry {
	if kind != "" {
		if own := s.entries("rating.reasons." + kind + "." + strconv.Itoa(grade)); len(own) > 0 {
			return own
		}
	}
	return s.entries("rating.reasons." + strconv.Itoa(grade))
}

// Matters returns what a complaint can be about (投诉事由).
func (s *Service) Matters() []statute.Entry { return s.entries("complaint.matters") }

// entries returns a list of the rules as it stands today.
func (s *Service) entries(rule string) []statute.Entry {
	p, ok := s.Rules.Parameter(rule)
	if !ok {
		return nil
	}
	v, err := p.At(calendar.Of(s.Now()))
	if err != nil {
		return nil
	}
	return v.Entries
}

// check says what is wrong with a rating. Nobody but a program meets it: the pages offer what is right.
func (s *Service) check(kind string, g Given) error {
	wrong := func(path, code string) error {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code}}}
	}
	if g.Grade < Worst || g.Grade > Best {
		return wrong("/grade", "enum")
	}
	offered := s.Reasons(kind, g.Grade)
	for _, code := range g.Reasons {
		if !slices.ContainsFunc(offered, func(e statute.Entry) bool { return e.Code == code }) {
			return wrong("/reasons", "enum")
		}
	}
	if n := len([]rune(g.Comment)); n > maxComment {
		return wrong("/comment", "maxLength")
	}
	return nil
}

const maxComment = 500 // characters
