package desk

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Names of the hidden fields that every form of the desk carries. The hyphen keeps them apart from the fields of step forms.
const (
	fieldKey   = "command-key"  // makes the command idempotent
	fieldTask  = "command-task" // token
	fieldSeq   = "command-seq"  // number of events that the reader saw
	fieldFiles = "command-files"
	fieldKept  = "command-kept" // ids of uploads that a form with errors brought already
)

// maxUpload bounds a request that carries files, in bytes.
const maxUpload = 64 << 20

// Mount adds the pages of the desk. At the door it is asked whether somebody works here at all; what they may do with one case, the
// commands and MayRead ask.
func (s *Service) Mount(shell *web.Shell) {
	page := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "desk." + name, Action: identity.ActionDesk}, h)
	}
	upload := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "desk." + name, Action: identity.ActionDesk, MaxBody: maxUpload}, h)
	}
	page("GET /desk", "queue", s.getQueue)
	page("GET /desk/search", "search", s.getSearch)
	page("GET /desk/case/{number}", "case", s.getCase)
	upload("POST /desk/case/{number}", "complete", s.postCase)
	page("POST /desk/case/{number}/transfer", "transfer", s.postTransfer)
	page("GET /desk/case/{number}/letter/{seq}/{kind}/revoke", "revoke", s.getRevoke)
	page("POST /desk/case/{number}/letter/{seq}/{kind}/revoke", "do-revoke", s.postRevoke)
	page("GET /desk/case/{number}/file/{id}", "file", s.getFile)
	if s.Counter != nil {
		page("GET /desk/receive", "receive", s.getReceive)
		page("GET /desk/receive/{code}", "receive-form", s.getReceiveForm)
		upload("POST /desk/receive/{code}", "receive-submit", s.postReceive)
		page("GET /desk/received/{number}", "received", s.getReceived)
	}
}

// newKey returns a key for a command that a form will send.
func newKey() string { return rand.Text() }

func casePath(c *casework.Case, token int) string {
	path := "/desk/case/" + url.PathEscape(c.Number)
	if token != 0 {
		path += "?task=" + strconv.Itoa(token)
	}
	return path
}

func queuePath(role string) string { return "/desk?" + url.Values{"role": {role}}.Encode() }

// queuePage is what the page of a queue shows.
type queuePage struct {
	Tabs       []queueTab
	Role       string
	Mine, Rest []queueLine
	Next       string // address of the page after
	First      string // address of the beginning, on later pages
	CanReceive bool
	Bodies     bool   // several bodies: name the body of each case
	Wanted     string // number that was searched for in vain
	SearchFail string
}

type queueTab struct {
	Title, Href string
	Count       int
	Current     bool
}

type queueLine struct {
	Case       *casework.Case
	Href       string
	Step, Body string
	Status     string
	StatusKind ui.TagKind
	StepDue    *ui.DueProps // of the step's own term
	CaseDue    *ui.DueProps // of the clock that ends first
	CaseDay    string
	Received   string
}

func (s *Service) getQueue(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p, err := s.queuePage(r, actor, q.Get("role"), q.Get("after"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, queueView(web.ViewOf(r), p))
}

func (s *Service) queuePage(r *http.Request, actor identity.Principal, role, after string) (queuePage, error) {
	v := web.ViewOf(r)
	roles := s.rolesOf(actor.Post)
	p := queuePage{CanReceive: s.canReceive(actor.Post)}
	counts, err := s.QueueLengths(r.Context(), actor)
	if err != nil {
		return p, err
	}
	for _, known := range roles {
		if p.Role == "" || known == role {
			p.Role = known
		}
	}
	for _, known := range roles {
		p.Tabs = append(p.Tabs, queueTab{Title: v.L.T("desk.queue." + known), Href: queuePath(known), Count: counts[known], Current: known == p.Role})
	}
	if p.Role == "" {
		return p, nil
	}
	queue, err := s.Queue(r.Context(), actor, p.Role, after)
	if err != nil {
		return p, err
	}
	p.Bodies = len(s.bodiesOf(actor.Post, p.Role)) > 1
	if p.Mine, err = s.queueLines(v, r, queue.Mine); err != nil {
		return p, err
	}
	if p.Rest, err = s.queueLines(v, r, queue.Items); err != nil {
		return p, err
	}
	if queue.Next != "" {
		p.Next = queuePath(p.Role) + "&after=" + queue.Next
	}
	if _, paged := readCursor(after); paged {
		p.First = queuePath(p.Role)
	}
	return p, nil
}

func (s *Service) canReceive(p identity.Post) bool {
	return s.Counter != nil && (p.Has(registry.Clerk) || p.Has(registry.Agent))
}

func (s *Service) queueLines(v *web.View, r *http.Request, items []casework.QueueItem) ([]queueLine, error) {
	cal := s.Cases.Calendar()
	lines := make([]queueLine, 0, len(items))
	for _, it := range items {
		_, def, err := s.Cases.Procedure(r.Context(), it.Case.Procedure)
		if err != nil {
			return nil, err
		}
		line := queueLine{
			Case: it.Case, Href: casePath(it.Case, it.Task.Token), Step: caseview.Step(v.L, def, it.Task.Element),
			Body: s.bodyName(v.L, it.Case.Body), Status: caseview.Status(v.L, it.Case.Status), StatusKind: caseview.StatusKind(it.Case.Status),
			Received: v.L.DateOf(it.Case.CreatedAt),
		}
		if it.Task.Term != nil {
			badge := due.Badge(*it.Task.Term, cal, v.Now)
			line.StepDue = &badge
		}
		if k := caseview.Running(it.Case); k != nil {
			badge := due.Badge(k.Term, cal, v.Now)
			line.CaseDue, line.CaseDay = &badge, v.L.Date(k.Term.Compute(cal, v.Now).PromiseDay)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// getSearch leads to the case with the number, as it stands on slips and letters.
func (s *Service) getSearch(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	number := normal(r.URL.Query().Get("number"))
	c, err := s.find(r.Context(), actor, number)
	if err == nil {
		return web.SeeOther(w, r, casePath(c, 0))
	}
	status, key := http.StatusNotFound, "desk.search.none"
	if number == "" {
		status, key = http.StatusUnprocessableEntity, "desk.search.empty"
	} else if e := web.ExplainRefusal(err); e == nil {
		return err
	} else if e.Status == http.StatusForbidden {
		status, key = http.StatusForbidden, "desk.search.not-yours"
	}
	v := web.ViewOf(r)
	p, err := s.queuePage(r, actor, "", "")
	if err != nil {
		return err
	}
	p.Wanted, p.SearchFail = number, v.L.T(key)
	return web.Render(w, r, status, queueView(v, p))
}
