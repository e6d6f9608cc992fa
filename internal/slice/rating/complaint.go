package rating

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// ComplaintKind is the kind of cases in which a complaint about a service is handled (政务服务投诉).
const ComplaintKind = "complaint"

// complaintSeries begins the numbers of complaints: TS (投诉), the county's six digits, the day, four digits.
const complaintSeries = "TS"

// clockAnswer runs from acceptance to the answer.
const clockAnswer = "answer"

// Filing is a complaint as somebody files it. All of it but body, item, window and matter is sealed: the number of a case would make the
// complainant known.
type Filing struct {
	Body         string `json:"about"` // complained of
	Item         string `json:"item,omitempty"`
	Window       string `json:"window,omitempty"`
	Matter       string `json:"matter"`         // code of complaint.matters
	Number       string `json:"case,omitempty"` // of the case concerned
	Who          string `json:"who,omitempty"`  // person complained of, as the complainant describes them
	When         string `json:"when,omitempty"` // YYYY-MM-DD
	What         string `json:"what"`
	Wish         string `json:"wish"`
	Confidential bool   `json:"confidential,omitempty"` // the body complained of must not learn who complains
}

// Limits of what is typed, in characters.
const (
	maxWhat  = 4000
	maxWish  = 1000
	maxWho   = 200
	maxName  = 100
	maxFiles = 10
)

func (s *Service) complaintKind() casework.Kind {
	return casework.Kind{
		Name: ComplaintKind, Title: lang.Text{Hans: "政务服务投诉", Hant: "政務服務投訴", En: "Complaint about a service"},
		Policy: ComplaintKind, Begin: s.beginComplaint, Changed: s.complaintChanged, Handler: handler,
	}
}

// Complain files a complaint. The key makes it idempotent: sent again it gives the same receipt.
func (s *Service) Complain(ctx context.Context, who identity.Principal, applicant casework.Applicant, f Filing, files []casework.FileRef, key string) (casework.Receipt, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("complaint: %w", err)
	}
	return s.Cases.Do(ctx, casework.Command{Key: key, Actor: who, Act: casework.Submit{
		Kind: ComplaintKind, Subject: f.Body, Channel: casework.Online, Applicant: applicant, Form: raw, Files: files,
	}})
}

func (s *Service) beginComplaint(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var f Filing
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Code: "json"}}}
	}
	if fields := s.checkFiling(f, sent, today); len(fields) > 0 {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
	}
	if err := s.checkFiles(ctx, sent.Files); err != nil {
		return casework.Beginning{}, err
	}
	places := s.Registry.Now()
	b := places.Body(f.Body)
	barred := s.atWindow(f.Body, f.Window)
	if f.Number != "" {
		c, err := s.Cases.ByNumber(ctx, f.Number)
		if errors.Is(err, store.ErrNotFound) {
			return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/case", Code: "no-case", Text: noCase}}}
		}
		if err != nil {
			return casework.Beginning{}, err
		}
		barred = append(barred, officialsOf(c)...)
		slices.Sort(barred)
		barred = slices.Compact(barred)
	}
	office := s.officesFor(f.Body, barred)
	if office.complaints == "" || office.supervisor == "" {
		return casework.Beginning{}, noOffice
	}
	if f.Confidential && office.complaints == f.Body {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/confidential", Code: "invalid", Text: cannotHide}}}
	}
	title := lang.Text{Hans: "投诉：", Hant: "投訴：", En: "Complaint: "}
	return casework.Beginning{
		Title: joined(title, b.Name), Division: b.Division, Body: office.complaints, Procedure: ComplaintKind,
		Series: seriesOf(complaintSeries, b.Division),
		Variables: map[string]any{
			varAbout: f.Body, varComplaints: office.complaints, varSupervisor: office.supervisor,
			"confidential": f.Confidential, "bodyCan": office.complaints != f.Body && s.canInquire(f.Body, barred),
		},
		Public: map[string]any{"about": f.Body, "item": f.Item, "window": f.Window, "matter": f.Matter},
		Barred: barred,
	}, nil
}

var (
	noCase = lang.Text{Hans: "没有这个编号的办件，请对照回执检查；不涉及办件的不填", Hant: "沒有這個編號的辦件，請對照回執檢查；不涉及辦件的不填",
		En: "There is no case with this number; compare it with your slip, or leave it empty"}
	cannotHide = lang.Text{Hans: "这个机关的投诉由它自己受理，无法对它保密。请不选保密，或者向上一级反映", Hant: "這個機關的投訴由它自己受理，無法對它保密。請不選保密，或者向上一級反映",
		En: "Complaints about this body are taken by itself, so it can't be kept from it. Do not ask for confidentiality, or turn to the level above"}
	laterDay = lang.Text{Hans: "日期在今天以后，请填写事情发生的日期", Hant: "日期在今天以後，請填寫事情發生的日期", En: "The day lies in the future; enter the day on which it happened"}
)

// checkFiling says what is wrong with a complaint, all at once.
func (s *Service) checkFiling(f Filing, sent casework.Submit, today calendar.Date) (found []casework.FieldError) {
	add := func(path, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: path, Code: code, Text: text})
	}
	long := func(path, value string, limit int, needed bool) {
		switch n := utf8.RuneCountInString(strings.TrimSpace(value)); {
		case n == 0 && needed:
			add(path, "required", lang.Text{})
		case n > limit:
			add(path, "maxLength", lang.Text{})
		}
	}
	if s.Registry.Now().Body(f.Body) == nil {
		add("/about", "required", lang.Text{})
	}
	if !slices.ContainsFunc(s.Matters(), func(e statute.Entry) bool { return e.Code == f.Matter }) {
		add("/matter", "required", lang.Text{})
	}
	if f.Window != "" && !slices.ContainsFunc(s.windowsOf(f.Body), func(w registry.Window) bool { return w.Key == f.Window }) {
		add("/window", "enum", lang.Text{})
	}
	if f.Item != "" && !slices.ContainsFunc(s.Items.OfBody(f.Body), func(it Item) bool { return it.Code == f.Item }) {
		add("/item", "enum", lang.Text{})
	}
	long("/what", f.What, maxWhat, true)
	long("/wish", f.Wish, maxWish, true)
	long("/who", f.Who, maxWho, false)
	long("/applicant/name", sent.Applicant.Name, maxName, false)
	if f.When != "" {
		if day, err := calendar.Parse(f.When); err != nil {
			add("/when", "date", lang.Text{})
		} else if day > today {
			add("/when", "date", laterDay)
		}
	}
	if sent.Applicant.Phone != "" {
		if _, err := identifier.Check(identifier.KindPhone, sent.Applicant.Phone, s.Now()); err != nil {
			add("/applicant/phone", string(identifier.KindPhone), messageOf(err))
		}
	}
	return found
}

// messageOf returns the words that an error of package identifier has for people.
func messageOf(err error) lang.Text {
	var wrong *identifier.Error
	if errors.As(err, &wrong) {
		return wrong.Text
	}
	return lang.Text{}
}

// checkFiles refuses references that do not name an upload as it is: the log shows the digest.
func (s *Service) checkFiles(ctx context.Context, refs []casework.FileRef) error {
	for _, ref := range refs {
		f, err := s.Files.Stat(ctx, ref.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && f.Digest != ref.Digest {
			return &casework.Refusal{Code: casework.RefusedFile, Args: map[string]any{"File": ref.ID.String()}}
		}
		if err != nil {
			return fmt.Errorf("look up a file: %w", err)
		}
	}
	return nil
}

// complaintChanged keeps the public register in step with the cases, in their transaction.
func (s *Service) complaintChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if raw, ok := h.Private["files"]; ok {
		var refs []casework.FileRef
		if err := json.Unmarshal(raw, &refs); err != nil {
			return fmt.Errorf("files of %s: %w", c.Number, err)
		}
		ids := make([]store.ID, len(refs))
		for i, ref := range refs {
			ids[i] = ref.ID
		}
		if err := file.Bind(ctx, tx, h.Actor.Account, file.Holder{Kind: file.HolderCase, ID: c.ID}, ids...); err != nil {
			return err
		}
	}
	text := func(name string) string { v, _ := h.Data[name].(string); return v }
	if h.Kind == casework.Submitted {
		tx.Queue(`INSERT INTO rating_complaint (case_id, number, division, body, item, win, matter, at, status, due_at, closed_at, late, verdict, summary)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, 0, '', '')`, int64(c.ID), c.Number, c.Division, text("about"), text("item"), text("window"),
			text("matter"), store.Micros(h.Event.At))
	}
	if summary := plain(h.Private["summary"]); summary != "" {
		tx.Queue(`UPDATE rating_complaint SET verdict = $2, summary = $3 WHERE case_id = $1`, int64(c.ID), text("task")+"."+text("outcome"), summary)
	}
	due := int64(0)
	if at := c.StatuteDue; !at.IsZero() {
		due = store.Micros(at)
	} else if tasks := c.Tasks(); len(tasks) > 0 && tasks[0].Term != nil {
		due = store.Micros(tasks[0].Term.Compute(s.Cases.Calendar(), h.Event.At).Statute)
	}
	tx.Queue(`UPDATE rating_complaint SET status = $2, due_at = $3, closed_at = $4, late = $5 WHERE case_id = $1`, int64(c.ID), c.Status, due,
		store.Micros(c.EndedAt), flag(c.Lamp >= casework.Red))
	return nil
}
