package intermediary

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Actions, as policies name them.
const (
	ActionRegister = "intermediary.register" // to keep the catalogue and the register
	ActionOrder    = "intermediary.order"    // to see an order with its contract and deliverable
	ActionAgency   = "intermediary.agency"   // to do what an agency does
	ActionSanction = "intermediary.sanction" // to propose a sanction
)

// Deps are what the slice works with. All are required.
type Deps struct {
	DB       *store.DB
	IDs      *store.IDs
	Keys     *seal.Ring
	Files    *file.Files
	Registry *registry.Registry
	Rules    *statute.Rules
	Calendar func() *calendar.Calendar
	People   People
	Names    Names
	Matters  Matters
	Now      func() time.Time
	Log      *slog.Logger
	Random   io.Reader // of nonces: crypto/rand.Reader
	Journal  journal.Recorder
}

// Rooms keeps the catalogue of services and the register of agencies, and carries orders to their end. It is safe for concurrent use once
// Attach has been called.
type Rooms struct {
	Deps
	cases *casework.Runtime
	log   Log
	names sync.Map // of services, by key
}

// New returns the service.
func New(d Deps) (*Rooms, error) {
	if d.DB == nil || d.IDs == nil || d.Keys == nil || d.Files == nil || d.Registry == nil || d.Rules == nil || d.Calendar == nil || d.People == nil || d.Names == nil ||
		d.Matters == nil || d.Now == nil || d.Log == nil || d.Random == nil || d.Journal == nil {
		return nil, errors.New("intermediary: a dependency is missing")
	}
	return &Rooms{Deps: d}, nil
}

// Attach tells the service the runtime that carries out its cases, and the log that its draws are seeded from.
func (s *Rooms) Attach(cases *casework.Runtime, log Log) { s.cases, s.log = cases, log }

// today is the day in Shanghai.
func (s *Rooms) today() calendar.Date { return calendar.Of(s.Now()) }

// amount is what a rule says today.
func (s *Rooms) amount(rule string) (int64, error) { return s.amountOn(rule, s.today()) }

// amountOn is what it says on a day.
func (s *Rooms) amountOn(rule string, day calendar.Date) (int64, error) {
	v, err := s.Rules.At(rule, day)
	if err != nil {
		return 0, fmt.Errorf("rule %s: %w", rule, err)
	}
	return v.Amount, nil
}

// The rules of the slice.
const (
	ruleRegistrars = "intermediary.registrars"
	ruleAdmission  = "intermediary.admission"
	ruleDeliver    = "intermediary.deliver"
	ruleOpen       = "intermediary.bids.open"
	rulePrice      = "intermediary.bids.price"
	ruleDays       = "intermediary.bids.days"
	ruleHHI        = "intermediary.hhi"
	ruleBasis      = "intermediary.basis"
	ruleConflicts  = "intermediary.conflicts"
)

// Registrar reports whether a body keeps the register (登记机关).
func (s *Rooms) Registrar(body string) bool {
	b := s.Registry.Now().Body(body)
	if b == nil || registry.Over(b.Ended, s.Now()) {
		return false
	}
	v, err := s.Rules.At(ruleRegistrars, s.today())
	if err != nil {
		return false
	}
	_, is := v.Entry(b.Kind)
	return is
}

// Registrars lists the bodies that keep the register, those of the upper levels first.
func (s *Rooms) Registrars() []*registry.Body {
	reg := s.Registry.Now()
	var list []*registry.Body
	for level := registry.Province; level <= registry.County; level++ {
		for _, d := range reg.Divisions() {
			if d.Level != level {
				continue
			}
			for _, b := range reg.Bodies(d.Code) {
				if s.Registrar(b.Key) {
					list = append(list, b)
				}
			}
		}
	}
	return list
}

// allow asks the policy for an action on something of a body, whose owner is a party.
func (s *Rooms) allow(actor identity.Principal, action, id, body string, owner store.ID) error {
	on := identity.Resource{Type: "intermediary", ID: id, Body: body, Owner: owner}
	if b := s.Registry.Now().Body(body); b != nil {
		on.Division = b.Division
	}
	return s.cases.Policy.Allow(actor, action, on)
}

// refuse is the refusal of one field.
func refuse(path, code string, text lang.Text) error {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code, Text: text}}}
}

// refused joins what is wrong; nil when nothing is.
func refused(wrong []casework.FieldError) error {
	if len(wrong) == 0 {
		return nil
	}
	return &casework.Refusal{Code: casework.RefusedForm, Fields: wrong}
}

// fault is one thing that is wrong.
func fault(path, code string, text lang.Text) casework.FieldError {
	return casework.FieldError{Path: path, Code: code, Text: text}
}

// limited notes a text that is missing, too long or personal.
func (s *Rooms) limited(wrong *[]casework.FieldError, path, text string, most int, required bool) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && required:
		*wrong = append(*wrong, fault(path, "required", lang.Text{}))
	case n > most:
		*wrong = append(*wrong, fault(path, "maxLength", lang.Text{Hans: "请缩短到 " + count(most) + " 字以内", Hant: "請縮短到 " + count(most) + " 字以內", En: "Shorten it to " + count(most) + " characters"}))
	case s.cases != nil && s.cases.Personal != nil && s.cases.Personal(text):
		*wrong = append(*wrong, fault(path, "personal", publicText))
	}
}

var publicText = lang.Text{Hans: "这里的内容要公开，请删去个人信息", Hant: "這裡的內容要公開，請刪去個人信息", En: "This is for everybody to read; take personal data out"}

func count(n int) string { return fmt.Sprint(n) }

// task returns the open step of a case, or nil.
func task(c *casework.Case, element string) *casework.Task {
	tasks := c.Tasks()
	for i := range tasks {
		if tasks[i].Element == element {
			return &tasks[i]
		}
	}
	return nil
}

// complete does a step of a case. When the step is not open, the runtime says who did it, or that the case has moved; one that a term or its
// applicant ended nobody has done: the case is over.
func (s *Rooms) complete(ctx context.Context, actor identity.Principal, id store.ID, step, key string, data []byte, files []casework.FileRef) (casework.Receipt, error) {
	c, err := s.cases.Get(ctx, id)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("case %s: %w", id, err)
	}
	token, cut := 0, false
	if t := task(c, step); t != nil {
		token = t.Token
	} else {
		for _, d := range c.Done() {
			if d.Element == step {
				token, cut = d.Token, d.Cut // done already: the key tells whether by this command
			}
		}
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: id, Act: casework.Complete{Token: token, Data: data, Files: files}})
	var refusal *casework.Refusal
	if cut && errors.As(err, &refusal) && refusal.Code == casework.RefusedTaskDone {
		return rec, &casework.Refusal{Code: casework.RefusedEnded, Args: map[string]any{"Number": c.Number}}
	}
	return rec, err
}
