package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// ruleCompile is the rule under which the term of a report stands in its case.
const ruleCompile = "report.annual.compile"

// begun is what a new case is opened with.
type begun struct {
	Owner  Owner  `json:"owner"`
	Year   int    `json:"year"`
	Reason string `json:"reason,omitempty"` // of a correction
}

// Kind returns the kind of cases of annual reports.
func (s *Service) Kind() casework.Kind {
	return casework.Kind{
		Name: KindName, Policy: KindName, Title: lang.Text{Hans: "政府信息公开工作年度报告", Hant: "政府信息公開工作年度報告", En: "Annual report on open government information"},
		Begin: s.begin, Changed: s.changed,
		Services: map[string]func(*casework.Case) (procedure.Variables, error){"report.cross-check": crossCheck},
	}
}

// crossCheck answers whether what was handed on fulfils its checks. What it fulfils was found out as it was handed on.
func crossCheck(c *casework.Case) (procedure.Variables, error) {
	return procedure.Variables{"checked": c.Variables()["balanced"] == true}, nil
}

// title names a report.
func (s *Service) title(owner Owner, year int) lang.Text {
	y := strconv.Itoa(year)
	name := s.ownerName(owner)
	return lang.Text{
		Hans: name.Hans + y + "年政府信息公开工作年度报告", Hant: name.In(lang.Hant) + y + "年政府信息公開工作年度報告",
		En: "Annual report " + y + " on open government information: " + name.In(lang.En),
	}
}

// ownerName names an owner: a body as it is called, a government by its division.
func (s *Service) ownerName(owner Owner) lang.Text {
	if !owner.Government() {
		return s.Names.Body(owner.Body)
	}
	d := s.Names.Division(owner.Division)
	return lang.Text{Hans: d.Hans + "人民政府", Hant: d.In(lang.Hant) + "人民政府", En: "People’s Government of " + d.In(lang.En)}
}

func (s *Service) begin(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var b begun
	if err := json.Unmarshal(sent.Form, &b); err != nil {
		return casework.Beginning{}, fmt.Errorf("annual report: %w", err)
	}
	office := s.Office(b.Owner)
	if office == nil {
		return casework.Beginning{}, refuse("/owner", "unknown", lang.Text{Hans: "没有这个机关，或者没有编制本级政府年度报告的机关", Hant: "沒有這個機關，或者沒有編製本級政府年度報告的機關", En: "There is no such body, or none that compiles the report of this government"})
	}
	if b.Year < s.Layouts.First() || b.Year > today.Year() {
		return casework.Beginning{}, refuse("/year", "range", lang.Text{
			Hans: fmt.Sprintf("请选择 %d 至 %d 年", s.Layouts.First(), today.Year()), Hant: fmt.Sprintf("請選擇 %d 至 %d 年", s.Layouts.First(), today.Year()),
			En: fmt.Sprintf("Choose a year from %d to %d", s.Layouts.First(), today.Year()),
		})
	}
	switch _, err := s.Get(ctx, b.Owner, b.Year); {
	case b.Reason != "":
	case err == nil:
		return casework.Beginning{}, refuse("/year", "twice", lang.Text{Hans: "这一年的年度报告已经开始编制，请从列表中打开", Hant: "這一年的年度報告已經開始編製，請從列表中打開", En: "The report on this year has been begun; open it from the list"})
	case !isNotFound(err):
		return casework.Beginning{}, err
	}
	owed, err := s.Term(b.Owner, b.Year)
	if err != nil {
		return casework.Beginning{}, err
	}
	left := int(owed.Due - today)
	out := casework.Beginning{
		Title: s.title(b.Owner, b.Year), Division: office.Division, Body: office.Key, Procedure: KindName, Series: "NB" + office.Division,
		Terms: map[string]casework.Terms{ruleCompile: {Statutory: term.Length{
			N: max(1, left), Unit: statute.CalendarDay, Rule: ruleCompile, // one that is begun late has no day left: it is due at once
			Title:   lang.Text{Hans: "公布年度报告", Hant: "公佈年度報告", En: "Publish the annual report"},
			Article: owed.Source.CiteText(),
		}}},
		Public: map[string]any{"owner": b.Owner.Key(), "year": b.Year, "due": owed.Due.String()},
	}
	if b.Reason != "" {
		return s.beginCorrection(ctx, &b, out, today)
	}
	return out, nil
}

// changed keeps the list of reports in step with their cases, in their transaction.
func (s *Service) changed(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	at := store.Micros(h.Event.At)
	if h.Kind == casework.Submitted {
		var b begun
		if err := json.Unmarshal(h.Private["form"], &b); err != nil {
			return fmt.Errorf("annual report: %w", err)
		}
		if b.Reason != "" {
			return s.copied(ctx, tx, c, &b, h)
		}
		owed, err := s.Term(b.Owner, b.Year)
		if err != nil {
			return err
		}
		tx.Queue(`INSERT INTO report_report (id, division, body, office, year, due, state, number, begun_at, handed_at, published_at, prepared, draft, statement, record)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, '', '', '', '')`,
			int64(c.ID), b.Owner.Division, b.Owner.Body, c.Body, b.Year, int64(owed.Due), string(Compiling), c.Number, at)
		return nil
	}
	if h.Kind != casework.Completed {
		return nil
	}
	switch h.Data["task"] {
	case stepCompile:
		named, _ := h.Data["statement"].(map[string]any)
		digest, _ := named["sha256"].(string)
		// Only what this service has prepared can be handed on: numbers that nobody counted or adjusted do not get in by the form of the step.
		n, err := tx.ExecCount(ctx, `UPDATE report_report SET state = $3, handed_at = $4, statement = draft, draft = '', prepared = ''
			WHERE id = $1 AND prepared = $2 AND prepared <> ''`, int64(c.ID), digest, string(Deciding), at)
		if err == nil && n != 1 {
			err = fmt.Errorf("annual report %s: what was handed on was not prepared", c.Number)
		}
		return err
	case stepApprove:
		if h.Data["outcome"] == Approve {
			return s.approved(ctx, tx, c, h)
		}
		tx.QueueOne(`UPDATE report_report SET state = $2 WHERE id = $1`, int64(c.ID), string(Compiling))
	}
	return nil
}

// approved makes a report public, in the place of the version that it corrects, and notes that the duty to publish it is met.
func (s *Service) approved(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	r, err := store.One(ctx, tx, scanReport, `SELECT `+reportColumns+` FROM report_report WHERE id = $1`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("annual report %s: %w", c.Number, err)
	}
	at := store.Micros(h.Event.At)
	first := at
	if !r.FirstAt.IsZero() {
		first = store.Micros(r.FirstAt)
	}
	if err := tx.Exec(ctx, `UPDATE report_report SET live = 0 WHERE division = $1 AND body = $2 AND year = $3 AND live = 1`, r.Owner.Division, r.Owner.Body, r.Year); err != nil {
		return fmt.Errorf("annual report %s: %w", c.Number, err)
	}
	tx.QueueOne(`UPDATE report_report SET state = $2, live = 1, published_at = $3, first_at = $4 WHERE id = $1`, int64(c.ID), string(Published), at, first)
	if s.Duties == nil {
		return nil
	}
	return s.Duties.Meet(ctx, tx, dutyKey(r.Owner, r.Year), 0, h.Event.At)
}

// Outcomes of the head's step.
const (
	Approve = "publish"
	Return  = "return"
)

// digest is the SHA-256 of a statement as it is kept.
func digest(statement []byte) string {
	sum := sha256.Sum256(statement)
	return hex.EncodeToString(sum[:])
}

// refuse is the refusal of one field.
func refuse(path, code string, text lang.Text) *casework.Refusal {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code, Text: text}}}
}

// Begin opens the report of an owner on a year.
func (s *Service) Begin(ctx context.Context, actor identity.Principal, owner Owner, year int, key string) (casework.Receipt, error) {
	return s.BeginWith(ctx, s.cases, actor, owner, year, key)
}

// BeginWith does so with a runtime.
func (s *Service) BeginWith(ctx context.Context, cases *casework.Runtime, actor identity.Principal, owner Owner, year int, key string) (casework.Receipt, error) {
	return s.submit(ctx, cases, actor, begun{Owner: owner, Year: year}, key)
}

// submit sends what opens a report or a correction. Of two that come in at once the later one is told what it would have been told a moment
// later: that there is one.
func (s *Service) submit(ctx context.Context, cases *casework.Runtime, actor identity.Principal, b begun, key string) (casework.Receipt, error) {
	form, err := json.Marshal(b)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("annual report: %w", err)
	}
	sent := casework.Submit{Kind: KindName, Subject: strconv.Itoa(b.Year), Channel: casework.Office, Form: form}
	rec, err := cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: sent})
	if store.IsDuplicate(err) {
		if _, refused := s.begin(ctx, sent, calendar.Of(s.Now())); refused != nil {
			return rec, refused
		}
	}
	return rec, err
}

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
