package message

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
)

// Deps is what the pages work with. All are required.
type Deps struct {
	People People
	Notify *notify.Service
	Now    func() time.Time
}

// Service shows the pages. It is safe for concurrent use.
type Service struct{ Deps }

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.People == nil || d.Notify == nil || d.Now == nil {
		return nil, errors.New("message: a dependency is missing")
	}
	return &Service{Deps: d}, nil
}

// BoxOf returns whose messages somebody reads: those of the party for whom they act, as far as they are about matters, else their own.
func BoxOf(p identity.Principal) notify.Box {
	if p.For.ID != 0 {
		return notify.Box{Account: p.For.ID, Agent: true}
	}
	return notify.Box{Account: p.Account}
}

// shown lists the notices among which somebody chooses. Those about an account are chosen by its owner.
func (s *Service) shown(p identity.Principal) []notify.Notice {
	all := s.Notify.Notices(p.Kind == identity.Staff, p.Post.Has("supervisor"))
	if p.For.ID != 0 {
		return slices.DeleteFunc(all, func(n notify.Notice) bool { return n.OfAccount() })
	}
	return all
}

func (s *Service) reader(r *http.Request) (identity.Principal, notify.Box, error) {
	p, err := s.People.Principal(r)
	return p, BoxOf(p), err
}
