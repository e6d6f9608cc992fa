package rating

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// FollowupKind is the kind of cases in which a bad rating is followed up (差评回访整改).
const FollowupKind = "rating-followup"

// followupSeries begins the numbers of follow-ups: CP (差评), the county's six digits, the day, four digits.
const followupSeries = "CP"

// clockClose runs from the rating to the closure.
const clockClose = "close"

// concerned is the form of a follow-up: what the officer has to know of the rating. It is sealed with the case.
type concerned struct {
	Rating  store.ID `json:"rating"`
	Grade   string   `json:"grade"`
	Reasons []string `json:"reasons,omitempty"`
	Comment string   `json:"comment,omitempty"`
	Contact string   `json:"contact,omitempty"`
	Case    string   `json:"case,omitempty"` // number of the case that was rated
}

// followupKind returns the kind.
func (s *Service) followupKind() casework.Kind {
	return casework.Kind{
		Name: FollowupKind, Title: lang.Text{Hans: "差评回访整改", Hant: "差評回訪整改", En: "Follow-up of a bad rating"},
		Policy: FollowupKind, Begin: s.beginFollowup, Changed: s.followupChanged, Handler: handler,
	}
}

// Names of the variables that say which body does the tasks of which role.
const (
	varAbout      = "about"
	varComplaints = "complaints"
	varSupervisor = "supervisor"
)

// handler is [casework.Kind.Handler] of both kinds: officers and heads are those of the body that the case is about, complaints officer
// and supervisor those of others.
func handler(c *casework.Case, role string) string {
	name := ""
	switch role {
	case registry.Reviewer, registry.Head:
		name = varAbout
	case registry.Complaints:
		name = varComplaints
	case registry.Supervisor:
		name = varSupervisor
	default:
		return ""
	}
	body, _ := c.Variables()[name].(string)
	return body
}

// seriesOf begins the number of a case about something in a division.
func seriesOf(prefix, division string) string {
	if len(division) > 6 {
		division = division[:6]
	}
	return prefix + division
}

func (s *Service) beginFollowup(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var x concerned
	if err := json.Unmarshal(sent.Form, &x); err != nil || x.Rating == 0 {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/rating", Code: "required"}}}
	}
	b, err := s.bad(ctx, x.Rating)
	if errors.Is(err, store.ErrNotFound) {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": x.Rating.String()}}
	}
	if err != nil {
		return casework.Beginning{}, err
	}
	barred, err := s.ratedOfficials(ctx, b)
	if err != nil {
		return casework.Beginning{}, err
	}
	places := s.Registry.Now()
	office := s.officesFor(b.Place.Body, barred)
	if places.Body(b.Place.Body) == nil || office.complaints == "" {
		return casework.Beginning{}, noOffice
	}
	title := lang.Text{Hans: "差评回访：", Hant: "差評回訪：", En: "Bad rating: "}
	return casework.Beginning{
		Title: joined(title, s.subjectOf(b.Place)), Division: b.Place.Division, Body: b.Place.Body, Procedure: FollowupKind,
		Series:    seriesOf(followupSeries, b.Place.Division),
		Variables: map[string]any{varAbout: b.Place.Body, varComplaints: office.complaints},
		Public:    map[string]any{"about": b.Place.Body, "item": b.Place.Item, "window": b.Place.Window, "grade": b.Grade, "rating": b.ID.String()},
		Barred:    onlyClosing(places, office.complaints, barred, s.Now()),
	}, nil
}

// noOffice refuses a case that nobody could work on: the registry has no complaints officer for the body.
var noOffice = &casework.Refusal{Code: casework.RefusedSubject, Text: lang.Text{
	Hans: "这个机关所在的行政区划还没有设置投诉处理岗，无法受理。请拨打办事指南上的监督投诉电话，并请系统管理员补设岗位",
	Hant: "這個機關所在的行政區劃還沒有設置投訴處理崗，無法受理。請撥打辦事指南上的監督投訴電話，並請系統管理員補設崗位",
	En:   "There is no complaints officer yet for this body, so nothing can be taken. Call the complaints telephone on the guide; the system administrator has to fill the post",
}}

// onlyClosing keeps of the rated officials those who could close the follow-up: who was rated answers, but never closes.
func onlyClosing(places *registry.Snapshot, office string, barred []store.ID, now time.Time) []store.ID {
	var closers []store.ID
	for _, p := range places.Posts(office) {
		if !p.Has(registry.Complaints) {
			continue
		}
		for _, account := range places.Holders(p.Key, now) {
			if slices.Contains(barred, account) {
				closers = append(closers, account)
			}
		}
	}
	return closers
}

// ratedOfficials returns the accounts of those whose work was rated.
func (s *Service) ratedOfficials(ctx context.Context, b bad) ([]store.ID, error) {
	if b.of == 0 {
		_, clerk, err := s.ratedVisit(ctx, b.ID)
		if clerk == 0 {
			return nil, err
		}
		return []store.ID{clerk}, err
	}
	c, err := s.Cases.Get(ctx, b.of)
	if err != nil {
		return nil, fmt.Errorf("rated case %s: %w", b.of, err)
	}
	return officialsOf(c), nil
}

// officialsOf returns the accounts of the officials who did something in a case.
func officialsOf(c *casework.Case) []store.ID {
	var list []store.ID
	for _, d := range c.Done() {
		if d.By != 0 && d.Post != "" && !slices.Contains(list, d.By) {
			list = append(list, d.By)
		}
	}
	return list
}

// subjectOf names what is rated or complained of: the item, else the window, else the body.
func (s *Service) subjectOf(p Place) lang.Text {
	if t := s.Items.Title(p.Item); p.Item != "" && !t.IsZero() {
		return t
	}
	places := s.Registry.Now()
	if w := places.Window(p.Window); w != nil {
		return w.Name
	}
	if b := places.Body(p.Body); b != nil {
		return b.Name
	}
	return lang.Text{Hans: p.Body}
}

func joined(a, b lang.Text) lang.Text {
	return lang.Text{Hans: a.Hans + b.Hans, Hant: a.Hant + b.In(lang.Hant), En: a.En + b.In(lang.En)}
}

const (
	openRound = 50               // bounds one round of opening
	openAgain = 10 * time.Minute // after which one that could not be opened is tried again
)

// Open opens the follow-ups of bad ratings that have none yet, up to 50, and returns how many it opened. A rating opens one case
// however often and wherever this runs: the key of the command is the rating. One that can't be opened waits, and holds up no other.
func (s *Service) Open(ctx context.Context) (int, error) {
	list, err := store.All(ctx, s.DB.Read(), scanBad, `SELECT `+badColumns+` FROM rating_bad WHERE followup = 0 AND try_at <= $1
		ORDER BY try_at, id LIMIT $2`, store.Micros(s.Now()), openRound)
	if err != nil {
		return 0, fmt.Errorf("bad ratings without a follow-up: %w", err)
	}
	var failed []error
	opened := 0
	for _, b := range list {
		if err := s.openOne(ctx, s.Cases, b); err != nil {
			failed = append(failed, fmt.Errorf("follow up rating %s: %w", b.ID, err), s.openLater(ctx, b.ID))
		} else {
			opened++
		}
	}
	return opened, errors.Join(failed...)
}

// openLater lets a rating wait for its follow-up.
func (s *Service) openLater(ctx context.Context, id store.ID) error {
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`UPDATE rating_bad SET try_at = $2 WHERE id = $1 AND followup = 0`, int64(id), store.Micros(s.Now().Add(openAgain)))
		return nil
	})
}

func (s *Service) openOne(ctx context.Context, cases *casework.Runtime, b bad) error {
	x := concerned{Rating: b.ID, Grade: fmt.Sprint(b.Grade), Reasons: b.Reasons}
	applicant := casework.Applicant{Kind: identity.Person}
	if b.of == 0 {
		g, _, err := s.ratedVisit(ctx, b.ID)
		if err != nil {
			return err
		}
		x.Comment, x.Contact = g.Comment, g.Contact
		applicant.Phone = g.Contact
	} else {
		c, err := cases.Get(ctx, b.of)
		if err != nil {
			return fmt.Errorf("rated case: %w", err)
		}
		dossier, err := cases.Dossier(ctx, b.of)
		if err != nil {
			return fmt.Errorf("rated case: %w", err)
		}
		for _, p := range dossier.Private {
			if p.Seq == b.seq {
				x.Comment, x.Contact = plain(p.Fields["comment"]), plain(p.Fields["contact"])
			}
		}
		// What the body needs to call the rater, and no more (个人信息保护法 art. 6).
		from := dossier.Applicant
		applicant = casework.Applicant{Party: c.Party, Kind: from.Kind, Name: from.Name, Phone: from.Phone}
		x.Case = c.Number
	}
	form, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("form: %w", err)
	}
	_, err = cases.Do(ctx, casework.Command{Key: "rating/" + b.ID.String(), Actor: identity.Platform, Act: casework.Submit{
		Kind: FollowupKind, Subject: b.Place.Body, Channel: casework.Online, Applicant: applicant, Form: form,
	}})
	return err
}

// plain reads a text of a sealed part; what is absent or erased is "".
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// followupChanged keeps the register of bad ratings in step with the cases, in their transaction.
func (s *Service) followupChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.Submitted {
		var x concerned
		if err := json.Unmarshal(h.Private["form"], &x); err != nil {
			return fmt.Errorf("form of %s: %w", c.Number, err)
		}
		tx.Queue(`UPDATE rating_bad SET followup = $2, number = $3 WHERE id = $1`, int64(x.Rating), int64(c.ID), c.Number)
	}
	if h.Data["task"] == "revisit" && h.Kind == casework.Completed && !c.Open() {
		comment, withheld, err := s.cleared(ctx, c, h)
		if err != nil {
			return err
		}
		tx.Queue(`UPDATE rating_bad SET closure = $2, comment = $3, withheld = $4 WHERE followup = $1 AND followup > 0`, int64(c.ID), plain(h.Private["closure"]),
			comment, flag(withheld))
	}
	due := int64(0)
	if k := c.Clock(clockClose); k != nil {
		due = store.Micros(k.Term.Compute(s.Cases.Calendar(), h.Event.At).Statute)
	}
	tx.Queue(`UPDATE rating_bad SET status = $2, due_at = $3, closed_at = $4, late = $5 WHERE followup = $1 AND followup > 0`, int64(c.ID), c.Status, due,
		store.Micros(c.EndedAt), flag(c.Lamp >= casework.Red))
	return nil
}

// cleared returns the comment of the rater if an official has looked through it and nothing in it makes anybody known; withheld says
// that there is one which stays sealed.
func (s *Service) cleared(ctx context.Context, c *casework.Case, h casework.Happened) (comment string, withheld bool, err error) {
	dossier, err := s.Cases.Dossier(ctx, c.ID)
	if err != nil {
		return "", false, fmt.Errorf("comment of %s: %w", c.Number, err)
	}
	var x concerned
	if len(dossier.Form) > 0 { // else it was erased
		if err := json.Unmarshal(dossier.Form, &x); err != nil {
			return "", false, fmt.Errorf("comment of %s: %w", c.Number, err)
		}
	}
	switch {
	case strings.TrimSpace(x.Comment) == "":
		return "", false, nil
	case h.Data["publishComment"] != "yes" || !publishable(x.Comment, dossier.Applicant):
		return "", true, nil
	default:
		return x.Comment, false, nil
	}
}

// publishable reports whether a text holds no number and no name by which its writer could be known.
func publishable(text string, a casework.Applicant) bool {
	if len(guard.Scan(text)) > 0 {
		return false
	}
	return a.Name == "" || a.Kind == identity.Enterprise || !strings.Contains(text, a.Name)
}
