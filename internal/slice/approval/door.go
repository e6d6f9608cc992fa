package approval

import (
	"context"
	"net/http"
	"slices"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	entry "openhall.org/openhall/internal/platform/web/door"
)

// door is how somebody came to a matter, and what they may see of it.
type door struct {
	base   string // address of the matter by this door
	code   string // query code
	who    identity.Principal
	proven bool // the query code was shown, or the matter stands under their identity number
	full   bool // they may see names and the application
	c      *casework.Case
	def    *procedure.Definition
}

// doorFunc opens the matter that a request is about.
type doorFunc func(r *http.Request) (door, error)

// byCode opens a matter to whoever holds its query code. Wrong codes are counted.
func (s *Service) byCode(r *http.Request) (door, error) {
	d, err := s.keeper.ByCode(r)
	if err != nil {
		return door{}, err
	}
	return s.open(r.Context(), trackPath(d.Case.Number, d.Code), d)
}

// byOwner opens a matter to its owner, or to whoever has proved the identity number under which it was handed in.
func (s *Service) byOwner(r *http.Request) (door, error) {
	d, err := s.keeper.ByOwner(r)
	if err != nil {
		return door{}, err
	}
	return s.open(r.Context(), matterPath(d.Case.Number), d)
}

// byPost opens a matter to an official, for its documents.
func (s *Service) byPost(r *http.Request) (door, error) {
	d, err := s.keeper.ByPost(r)
	if err != nil {
		return door{}, err
	}
	return s.open(r.Context(), "/desk/case/"+d.Case.Number, d)
}

// open takes over a matter that its keeper let somebody in to. One of another kind has pages of its own elsewhere.
func (s *Service) open(ctx context.Context, base string, from entry.Door) (door, error) {
	d := door{base: base, code: from.Code, who: from.Who, proven: from.Proven, full: from.Full, c: from.Case}
	if from.Case.Kind != KindName {
		if path := s.elsewhere(from.Case, from.Code); path != "" && from.Proven {
			return d, errElsewhere{path}
		}
		return d, web.NotFound("web.door.not-found")
	}
	var err error
	_, d.def, err = s.Cases.Procedure(ctx, d.c.Procedure)
	return d, err
}

// errElsewhere says that a matter has its pages at another address.
type errElsewhere struct{ path string }

func (e errElsewhere) Error() string { return "the matter has its pages at another address" }

// elsewhere is the address of a matter of another kind for the holder of its code, or "".
func (s *Service) elsewhere(c *casework.Case, code string) string {
	if s.Others == nil {
		return ""
	}
	return s.Others.Page(c, code)
}

// pageOf is the address of a matter of any kind for the holder of its code.
func (s *Service) pageOf(c *casework.Case, code string) string {
	if c.Kind != KindName {
		if path := s.elsewhere(c, code); path != "" {
			return path
		}
	}
	return trackPath(c.Number, code)
}

func trackPath(number, code string) string { return "/track/" + number + "/" + code }
func matterPath(number string) string      { return "/me/case/" + number }

// command does something to the matter as whoever stands at the door.
func (s *Service) command(ctx context.Context, d door, key string, act casework.Act) error {
	_, err := s.Cases.Do(ctx, casework.Command{Key: d.c.Number + "/" + key, Actor: d.who, Case: d.c.ID, Proven: d.proven, Act: act})
	return err
}

// myTasks returns the open steps that are the applicant's.
func (d *door) myTasks() []casework.Task {
	var mine []casework.Task
	for _, t := range d.c.Tasks() {
		if t.Role == applicantRole {
			mine = append(mine, t)
		}
	}
	return mine
}

// applicantRole is the role of steps that the applicant does.
const applicantRole = "applicant"

// withdrawal is the message by which an applicant withdraws (撤回).
const withdrawal = "withdraw"

// awaits reports whether the procedure, where the case stands, waits for a message.
func (d *door) awaits(message string) bool {
	hears := func(e *procedure.Element) bool { return e.Trigger == procedure.MessageTrigger && e.Ref == message }
	for _, t := range d.c.Progress().Tokens {
		if e := d.def.Element(t.Element); e != nil && (hears(e) || slices.ContainsFunc(e.Boundary, hears)) {
			return true
		}
	}
	return false
}
