package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	entry "openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/letters"
)

// Deps is what the service works with. All are required but Others, BaseURL and what follows it.
type Deps struct {
	DB       *store.DB
	Items    Catalogue
	Files    *file.Files
	People   People
	Names    Names
	Rules    *statute.Rules
	Calendar func() *calendar.Calendar
	Now      func() time.Time
	Log      *slog.Logger
	Others   Others // matters of other kinds; nil: there are none
	// Assistance knows what village agents do for villagers; nil: nobody does.
	Assistance Assistance
	BaseURL    string // address of the site without a slash at the end, for QR codes
	// Letters are the templates of the letters; nil: those that ship.
	Letters *document.Templates
	// Documents numbers, prints and signs letters, and Agency gives the 机关代字 of a body. Without them letters are pages only.
	Documents *document.Service
	Agency    func(body string) string
	// Related leads from a case to what else its applicant can do for it; nil: there is nothing.
	Related func(ctx context.Context, c *casework.Case) ([]Related, error)
}

// Related is a page about a case in another room.
type Related struct {
	Href  string
	Title lang.Text
}

// Service takes applications and shows people their matters. It is safe for concurrent use.
type Service struct {
	Deps
	Cases   *casework.Runtime // set by Attach
	proofs  Proofs
	words   *web.Catalogue
	forms   *forms
	charts  *kept
	matters *kept
	keeper  *entry.Keeper // set by Attach
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.Items == nil || d.Files == nil || d.People == nil || d.Names == nil || d.Rules == nil ||
		d.Calendar == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("approval: a dependency is missing")
	}
	if d.Letters == nil {
		var err error
		if d.Letters, err = document.Load(letters.Files); err != nil {
			return nil, err
		}
	}
	return &Service{Deps: d, forms: newForms(d.Now), charts: newKept(maxCharts), matters: newKept(maxMatters)}, nil
}

// Attach gives the service the runtime to which it gave its kind, and the log. It is called once, before any page is served.
func (s *Service) Attach(cases *casework.Runtime, proofs Proofs) {
	s.Cases, s.proofs = cases, proofs
	s.keeper = entry.New(cases, keys{s.People}, s.Now)
}

// keys tells the keeper of the doors who asks.
type keys struct{ People }

// IDNumber implements door.People.
func (k keys) IDNumber(ctx context.Context, party store.ID) (string, error) {
	p, err := k.Profile(ctx, party)
	return p.IDNumber, err
}

// Print lets the letters be printed, in the words of a catalogue.
func (s *Service) Print(words *web.Catalogue) {
	if s.words = words; s.Documents != nil {
		s.Documents.Register(KindName, s.compose)
	}
}

// Application is an application for one item, complete.
type Application struct {
	Code      string // of the item
	Channel   casework.Channel
	Applicant casework.Applicant
	Form      json.RawMessage
	Files     []casework.FileRef
}

// Start returns the item if it can be applied for today. The error is a *casework.Refusal that says why not.
func (s *Service) Start(code string) (*Item, error) {
	return applicable(s.Items, code, calendar.Of(s.Now()))
}

// Form returns the application form of an item, to be asked on a page.
func (s *Service) Form(it *Item) (*form.Schema, error) { return s.forms.page(it) }

// Submit hands an application in. The key makes it idempotent: sent again it gives the same receipt.
func (s *Service) Submit(ctx context.Context, actor identity.Principal, a Application, key string) (casework.Receipt, error) {
	return s.Cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: KindName, Subject: a.Code, Channel: a.Channel, Applicant: a.Applicant, Form: a.Form, Files: a.Files,
	}})
}

// Parts of a draft, which the applicant marks as ready one by one.
const (
	partApplicant = "applicant"
	partForm      = "form"
	partFiles     = "files"
)

// sentMark stands first in the parts of a draft that was sent; the number of the case follows. The content is gone by then.
const sentMark = "sent"

// sentKept is how long a sent draft stays, so that a second press of the button finds its receipt.
const sentKept = 24 * time.Hour

// sentAs returns the number under which a draft was sent, or "".
func sentAs(d casework.Draft) string {
	if done := d.Content.Done; len(done) == 2 && done[0] == sentMark {
		return done[1]
	}
	return ""
}

// Begin starts a draft for the party for which the actor acts, with what is known of it filled in.
func (s *Service) Begin(ctx context.Context, actor identity.Principal, code string) (casework.Draft, error) {
	it, err := s.Start(code)
	if err != nil {
		return casework.Draft{}, err
	}
	party := actor.Party()
	if party.ID == 0 {
		return casework.Draft{}, &casework.Refusal{Code: casework.RefusedPolicy}
	}
	p, err := s.People.Profile(ctx, party.ID)
	if err != nil {
		return casework.Draft{}, fmt.Errorf("profile of the applicant: %w", err)
	}
	a := casework.Applicant{Party: party.ID, Kind: party.Kind, Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, Address: p.Address}
	if actor.For.ID != 0 {
		a.Agent = actor.Name
	}
	if err := s.dropSent(ctx, actor.Account); err != nil {
		return casework.Draft{}, err
	}
	return s.Cases.NewDraft(ctx, actor.Account, KindName, it.Code, casework.DraftContent{Applicant: a})
}

// dropSent removes the marks of drafts that were sent a while ago.
func (s *Service) dropSent(ctx context.Context, account store.ID) error {
	drafts, err := s.Cases.Drafts(ctx, account)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if sentAs(d) != "" && s.Now().Sub(d.UpdatedAt) > sentKept {
			if err := s.Cases.DeleteDraft(ctx, account, d.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// OpenDrafts returns the drafts of an account that were not sent, the latest first. An empty code means those of every item.
func (s *Service) OpenDrafts(ctx context.Context, account store.ID, code string) ([]casework.Draft, error) {
	drafts, err := s.Cases.Drafts(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	open := drafts[:0]
	for _, d := range drafts {
		if d.Kind == KindName && sentAs(d) == "" && (code == "" || d.Subject == code) {
			open = append(open, d)
		}
	}
	return open, nil
}

// SendDraft hands a draft in. A draft that was sent already gives its receipt again, without the command being repeated.
func (s *Service) SendDraft(ctx context.Context, actor identity.Principal, d casework.Draft) (number string, err error) {
	if number = sentAs(d); number != "" {
		return number, nil
	}
	rec, err := s.Submit(ctx, actor, Application{
		Code: d.Subject, Channel: casework.Online, Applicant: d.Content.Applicant, Form: d.Content.Form, Files: d.Content.Files,
	}, "draft/"+d.ID.String())
	if err != nil {
		return "", err
	}
	d.Content = casework.DraftContent{Done: []string{sentMark, rec.Number}}
	if _, err = s.Cases.SaveDraft(ctx, d); err == nil {
		err = s.releaseFiles(ctx, d.ID)
	}
	if err != nil && !errors.Is(err, casework.ErrDraftMoved) {
		// The case stands; the draft stays behind, and sending it again gives the same receipt.
		s.Log.WarnContext(ctx, "mark a draft as sent", "draft", d.ID, "error", err)
	}
	return rec.Number, nil
}

// Matters returns what concerns a party: its cases, and those that were handed in under its identity number at a window.
func (s *Service) Matters(ctx context.Context, actor identity.Principal, before store.ID) ([]*casework.Case, error) {
	party := actor.Party()
	if party.ID == 0 {
		return nil, nil
	}
	f := casework.Filter{Kind: KindName, Party: party.ID, Before: before, Limit: mattersPerPage}
	p, err := s.People.Profile(ctx, party.ID)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if p.IDNumber != "" {
		f.Holder = s.Cases.HolderIndex(p.IDNumber)
	}
	list, err := s.Cases.List(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("matters: %w", err)
	}
	return list, nil
}

const mattersPerPage = 50
