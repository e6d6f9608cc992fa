package message

import (
	"errors"
	"net/http"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
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

// Reader returns the account whose messages somebody reads: that of the party for whom they act, else their own.
func Reader(p identity.Principal) store.ID {
	if party := p.Party(); party.ID != 0 {
		return party.ID
	}
	return p.Account
}

// shown lists the notices among which somebody chooses.
func (s *Service) shown(p identity.Principal) []notify.Notice {
	return s.Notify.Notices(p.Kind == identity.Staff, p.Post.Has("supervisor"))
}

func (s *Service) reader(r *http.Request) (identity.Principal, store.ID, error) {
	p, err := s.People.Principal(r)
	return p, Reader(p), err
}
