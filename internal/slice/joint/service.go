package joint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/rules"
)

// Deps is what the service works with. All are required but BaseURL.
type Deps struct {
	DB       *store.DB
	IDs      *store.IDs
	Files    *file.Files
	Registry *registry.Registry
	People   People
	Items    Catalogue
	Policies Policy
	Rules    *statute.Rules
	Calendar func() *calendar.Calendar
	Now      func() time.Time
	Log      *slog.Logger

	Documents *document.Service
	Agency    func(string) string // 机关代字 of a body

	// Applicant says what is wrong with the details of an applicant; the paths are those of casework.Applicant under /applicant.
	Applicant func(a casework.Applicant, now time.Time) []casework.FieldError
	Formats   map[string]casework.Format // of forms, where they are checked
	Pages     form.Formats               // of forms, where they are asked

	BaseURL string // address of the site without a slash at the end, for QR codes
}

// Service takes applications for joint matters and brings their parts together. It is safe for concurrent use.
type Service struct {
	Deps
	Cases  *casework.Runtime // set by Attach
	words  *web.Catalogue
	keeper *door.Keeper
	shelf  atomic.Pointer[shelf]
	looked atomic.Pointer[watched] // for departments that are there no more

	forms  memo[*compiled] // by the text of the form
	merged memo[Merged]    // by the texts of the forms
	frozen memo[terms]     // of parts, as they stand in the table
}

// shelf holds the joint matters in memory: all versions, the newest last.
type shelf struct {
	versions map[string][]*Matter
	active   map[string]bool
}

// compiled is a merged form, ready to be asked and checked.
type compiled struct {
	page  *form.Schema
	check *casework.Form
}

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.IDs == nil || d.Files == nil || d.Registry == nil || d.People == nil || d.Items == nil || d.Policies == nil || d.Rules == nil ||
		d.Calendar == nil || d.Now == nil || d.Log == nil || d.Documents == nil || d.Agency == nil || d.Applicant == nil {
		return nil, errors.New("joint: a dependency is missing")
	}
	s := &Service{Deps: d}
	s.shelf.Store(&shelf{versions: map[string][]*Matter{}, active: map[string]bool{}})
	return s, nil
}

// Attach gives the service the runtime to which it gave its kinds, and the words of its letters, and publishes the matters that ship where
// they have changed. It is called once, before any page is served.
func (s *Service) Attach(ctx context.Context, cases *casework.Runtime, words *web.Catalogue) error {
	s.Cases, s.words = cases, words
	s.keeper = door.New(cases, doorkeys{s.People}, s.Now)
	for _, kind := range []string{WholeKind, PartKind, CheckKind} {
		s.Documents.Register(kind, s.compose)
	}
	if err := s.loadMatters(ctx); err != nil {
		return err
	}
	shipped, err := LoadMatters(rules.Files, "joint")
	if err != nil {
		return err
	}
	for i := range shipped {
		if err := s.ship(ctx, &shipped[i]); err != nil {
			return err
		}
	}
	return nil
}

// ship publishes a matter that comes with the product unless its newest version says the same. Another node may do so at the same time.
func (s *Service) ship(ctx context.Context, m *Matter) error {
	now, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("joint matter %s: %w", m.Key, err)
	}
	list := s.shelf.Load().versions[m.Key]
	if n := len(list); n > 0 {
		was, err := json.Marshal(list[n-1])
		if err == nil && bytes.Equal(was, now) || list[n-1].Platform == platformOther {
			return err
		}
	}
	err = s.keepMatter(ctx, m, len(list)+1, true, "")
	if errors.Is(err, ErrTaken) {
		return s.loadMatters(ctx)
	}
	return err
}

// platformOther is the platform of matters that were built on the page.
const platformOther = "other"

// doorkeys tells the keeper of the doors who asks.
type doorkeys struct{ People }

// IDNumber implements door.People.
func (k doorkeys) IDNumber(ctx context.Context, party store.ID) (string, error) {
	a, err := k.Party(ctx, party)
	return a.IDNumber, err
}

// version returns a matter as it was published.
func (s *Service) version(key string, version int) (*Matter, bool) {
	list := s.shelf.Load().versions[key]
	if version < 1 || version > len(list) {
		return nil, false
	}
	return list[version-1], true
}

// Newest returns the newest version of a matter; ok is false when there is none or it cannot be applied for any more.
func (s *Service) Newest(key string) (m *Matter, version int, ok bool) {
	sh := s.shelf.Load()
	list := sh.versions[key]
	if len(list) == 0 {
		return nil, 0, false
	}
	return list[len(list)-1], len(list), sh.active[key]
}

// Matters returns the newest version of each matter that can be applied for, platforms first, in their order.
func (s *Service) Matters() []*Matter {
	sh := s.shelf.Load()
	var list []*Matter
	for key, versions := range sh.versions {
		if sh.active[key] {
			list = append(list, versions[len(versions)-1])
		}
	}
	rank := map[string]int{"construction": 0, "enterprise": 1, platformOther: 2}
	slices.SortFunc(list, func(a, b *Matter) int {
		if d := rank[a.Platform] - rank[b.Platform]; d != 0 {
			return d
		}
		if d := a.Order - b.Order; d != 0 {
			return d
		}
		return bytes.Compare([]byte(a.Key), []byte(b.Key))
	})
	return list
}

// Plan works the newest version of a matter out for a division. The error is a *casework.Refusal when it cannot be applied for there.
func (s *Service) Plan(key, division string, chosen []string) (*Plan, error) {
	m, version, ok := s.Newest(key)
	if !ok || m.Division != "" && m.Division != division {
		return nil, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": key}, Text: noMatter}
	}
	p, err := s.plan(m, version, division, chosen, s.today())
	if err != nil {
		return nil, err
	}
	if p.Lead == nil || len(p.Parts) < 2 {
		return nil, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": key}, Text: notHere}
	}
	return p, nil
}

var (
	noMatter = lang.Text{Hans: "没有这个联合事项，或者它已经停办，请从办事大厅重新进入", Hant: "沒有這個聯合事項，或者它已經停辦，請從辦事大廳重新進入",
		En: "There is no such joint matter, or it is no longer offered; start again from the hall"}
	notHere = lang.Text{Hans: "这个地方还没有开办这个联合事项，请选择其他地方或者分别申请", Hant: "這個地方還沒有開辦這個聯合事項，請選擇其他地方或者分別申請",
		En: "This joint matter is not offered in this place yet; choose another place, or apply for each item by itself"}
)

func (s *Service) today() calendar.Date { return calendar.Of(s.Now()) }

// compile prepares a merged form, or returns it as it was prepared before.
func (s *Service) compile(raw json.RawMessage) (*compiled, error) {
	return s.forms.get(string(raw), func() (*compiled, error) {
		page, err := form.Compile(raw, s.Pages)
		if err != nil {
			return nil, fmt.Errorf("joint form: %w", err)
		}
		check, err := casework.NewForm("joint", raw, s.Formats)
		if err != nil {
			return nil, fmt.Errorf("joint form: %w", err)
		}
		return &compiled{page, check}, nil
	})
}

// merge is [Merge], once for the same forms.
func (s *Service) merge(forms []Asked) (Merged, error) {
	var text strings.Builder
	for _, f := range forms {
		fmt.Fprintf(&text, "%s\n%s\n", f.Part, f.Form)
	}
	return s.merged.get(text.String(), func() (Merged, error) { return Merge(forms) })
}

// Apply hands an application in. The key makes it idempotent: sent again it gives the same receipt.
func (s *Service) Apply(ctx context.Context, actor identity.Principal, a Application, key string) (casework.Receipt, error) {
	raw, err := json.Marshal(a.Sent)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("joint application: %w", err)
	}
	return s.Cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: WholeKind, Subject: subjectOf(a.Matter, a.Division), Channel: a.Channel, Applicant: a.Applicant, Form: raw, Files: a.Files,
	}})
}

// Application (联合申请) is what somebody hands in for a joint matter.
type Application struct {
	Matter, Division string
	Channel          casework.Channel
	Applicant        casework.Applicant
	Sent             Sent
	Files            []casework.FileRef
}
