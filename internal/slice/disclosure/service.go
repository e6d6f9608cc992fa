package disclosure

import (
	"errors"
	"log/slog"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/web/door"
)

// Policy decides who may do what. Package identity stands behind it.
type Policy interface {
	Allow(p identity.Principal, action string, on identity.Resource) error
}

// Deps are what the room works with. Matters and Alerts may be nil.
type Deps struct {
	Records  *publication.Service
	Cases    *casework.Runtime
	Files    *file.Files
	Index    *search.Index
	Registry *registry.Registry
	People   People
	Policy   Policy
	Matters  Matters
	Alerts   Alerts
	DB       *store.DB
	IDs      *store.IDs
	Keys     *seal.Ring
	Now      func() time.Time
	Log      *slog.Logger
	Top      string           // 12-digit code of the division at the top of the node
	BaseURL  string           // address of the site without a slash at the end
	Site     func() lang.Text // what the site calls itself
	Founding string           // file with the founding document, for the demo; empty: none
}

// Service is the door to the room. It is safe for concurrent use.
type Service struct {
	Deps
	pages   recordPages
	exports *door.Limiter
}

// exportsPerMinute is how many downloads of whole lists one address may begin in a minute. Each may read all that a province has published.
const exportsPerMinute = 20

// New returns the room.
func New(d Deps) (*Service, error) {
	if d.Records == nil || d.Cases == nil || d.Files == nil || d.Index == nil || d.Registry == nil || d.People == nil || d.Policy == nil || d.DB == nil || d.IDs == nil || d.Keys == nil || d.Now == nil || d.Log == nil || d.Site == nil {
		return nil, errors.New("disclosure: a dependency is missing")
	}
	return &Service{Deps: d, exports: door.NewLimiter(exportsPerMinute, d.Now)}, nil
}

func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// bodyName is the name of a body, or its key when it is gone.
func (s *Service) bodyName(key string) lang.Text {
	if b := s.Registry.Now().Body(key); b != nil {
		return b.Name
	}
	return lang.Text{Hans: key}
}

func (s *Service) divisionName(code string) lang.Text {
	if d := s.Registry.Now().Division(code); d != nil {
		return d.Name
	}
	return lang.Text{Hans: code}
}

// placeName names a division with those above it but the province: 合肥市长丰县.
func (s *Service) placeName(tag lang.Tag, code string) string {
	path := s.Registry.Now().Path(code)
	if len(path) > 1 {
		path = path[1:]
	}
	separator := ""
	if tag == lang.En {
		separator = ", "
	}
	names := make([]string, len(path))
	for i, d := range path {
		names[i] = d.Name.In(tag)
	}
	return strings.Join(names, separator)
}

func (s *Service) categoryName(key string) lang.Text {
	if c := s.Records.Category(key); c != nil {
		return c.Title
	}
	return lang.Text{Hans: key}
}
