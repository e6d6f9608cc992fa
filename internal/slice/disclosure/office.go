package disclosure

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// officePage serves a member of staff.
type officePage func(who identity.Principal, w http.ResponseWriter, r *http.Request) error

// maxUpload bounds the attachments that one form brings, in bytes.
const maxUpload = 64 << 20

// mountOffice adds the pages of those who publish.
func (s *Service) mountOffice(shell *web.Shell) {
	may := func(action string) func(pattern, name string, h officePage) {
		return func(pattern, name string, h officePage) {
			route := web.Route{Name: "disclosure." + name, Action: action}
			if pattern[0] == 'P' {
				route.MaxBody = maxUpload
			}
			shell.Handle(pattern, route, func(w http.ResponseWriter, r *http.Request) error {
				who, err := s.People.Principal(r)
				if err != nil {
					return err
				}
				return h(who, w, r)
			})
		}
	}
	draft := may(publication.ActionDraft)
	draft("GET /desk/records", "drafts", s.getDrafts)
	draft("GET /desk/records/new", "new", s.getNew)
	draft("POST /desk/records/new", "create", s.postNew)
	draft("GET /desk/imports", "import", s.getImport)
	draft("POST /desk/imports", "do-import", s.postImport)
	draft("GET /desk/records/{id}", "edit", s.getEdit)
	draft("POST /desk/records/{id}", "save", s.postEdit)
	draft("POST /desk/records/{id}/override", "override", s.postOverride)
	draft("POST /desk/records/{id}/mask", "mask", s.postMask)
	draft("POST /desk/records/{id}/submit", "submit", s.postSubmit)
	draft("POST /desk/records/{id}/discard", "discard", s.postDiscard)
	draft("POST /desk/versions/{code}/{serial}", "new-version", s.postVersion)
	read := may(publication.ActionRead)
	read("GET /desk/publications/{case}", "case", s.getCase)
	read("POST /desk/publications/{case}", "decide", s.postCase)
	read("GET /desk/records/{id}/files/{file}", "draft-file", s.getDraftFile)
	withdraw := may(publication.ActionWithdraw)
	withdraw("GET /desk/withdrawals/{code}/{serial}", "withdrawal", s.getWithdraw)
	withdraw("POST /desk/withdrawals/{code}/{serial}", "withdraw", s.postWithdraw)
	category := may(publication.ActionCategory)
	category("GET /desk/categories", "categories", s.getCategories)
	category("POST /desk/categories", "put-category", s.postCategory)
}

// draftsView is the list of what a body has in work.
type draftsView struct {
	body   string
	groups []draftGroup
	owed   []owedRow // what the body owes, the most urgent first; on the first page alone
	next   string
}

// owedRow is something that the body has to publish, with the address where it is written.
type owedRow struct {
	publication.Duty
	write string // empty: it is not written here
}

// owedShown is how much of what a body owes its list of drafts shows.
const owedShown = 20

// draftGroup is the works of one state.
type draftGroup struct {
	state string
	works []*publication.Work
}

// returned is the state, on the list, of a draft that came back from review: its drafter has to mend it while the term runs.
const returned publication.State = "returned"

func stateOf(w *publication.Work) publication.State {
	if w.State == publication.Drafted && w.Case != 0 {
		return returned
	}
	return w.State
}

func (s *Service) getDrafts(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	const most = 200
	before, err := store.ParseID(r.URL.Query().Get("before"))
	if err != nil {
		before = 0 // the first page
	}
	works, err := s.Records.Works(r.Context(), who, who.Post.Body, before, most)
	if err != nil {
		return err
	}
	p := draftsView{body: v.L.Text(s.bodyName(who.Post.Body))}
	for _, g := range []publication.State{returned, publication.InReview, publication.InDecide, publication.Drafted, publication.Releasing} {
		group := draftGroup{state: string(g)}
		for _, x := range works {
			if stateOf(x) == g {
				group.works = append(group.works, x)
			}
		}
		if len(group.works) > 0 {
			p.groups = append(p.groups, group)
		}
	}
	if before == 0 {
		if p.owed, err = s.owedBy(r.Context(), who.Post.Body); err != nil {
			return err
		}
	}
	if len(works) == most {
		p.next = "/desk/records?before=" + works[len(works)-1].Record.String()
	}
	return web.Render(w, r, http.StatusOK, draftsPage(v, p))
}

// owedBy lists what a body owes. Where a record is what meets the duty, the form for it is begun with what is known: the category, a title by
// which the duty will be found to be met, or what is interpreted.
func (s *Service) owedBy(ctx context.Context, body string) ([]owedRow, error) {
	list, err := s.Records.Duties(ctx, publication.DutyFilter{Body: body, Limit: owedShown})
	if err != nil {
		return nil, err
	}
	rows := make([]owedRow, len(list))
	for i, d := range list {
		rows[i].Duty = d
		switch d.Kind {
		case publication.DutyStandard:
			rows[i].write = newPath(url.Values{"category": {d.Category}, "title": {d.Title.Hans}})
		case publication.DutyInterpretation:
			rec, err := s.Records.Get(ctx, d.About)
			switch {
			case errors.Is(err, store.ErrNotFound):
			case err != nil:
				return nil, err
			case rec.Tombstone == nil:
				rows[i].write = newPath(url.Values{"interprets": {rec.Index}})
			}
		}
	}
	return rows, nil
}

// newPath is the address of a form for a new record with what it begins with.
func newPath(begin url.Values) string { return "/desk/records/new?" + begin.Encode() }

// work reads the draft of the address.
func (s *Service) work(who identity.Principal, r *http.Request) (*publication.Work, error) {
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, web.NotFound("disclosure.error.draft")
	}
	work, err := s.Records.Work(r.Context(), who, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, web.NotFound("disclosure.error.draft")
	}
	return work, err
}

// refusedFields returns the fields of a refusal, or nil when the error is another one.
func refusedFields(err error) ([]casework.FieldError, *casework.Refusal) {
	var refused *casework.Refusal
	if !errors.As(err, &refused) {
		return nil, nil
	}
	return refused.Fields, refused
}

func draftPath(id store.ID) string { return "/desk/records/" + id.String() }

func casePath(id store.ID) string { return "/desk/publications/" + id.String() }
