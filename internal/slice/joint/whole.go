package joint

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Kinds returns the kinds of cases that the slice brings.
func (s *Service) Kinds() []casework.Kind {
	return []casework.Kind{
		{
			Name: WholeKind, Policy: WholeKind, Title: lang.Text{Hans: "联合审批", Hant: "聯合審批", En: "Joint approval"},
			Begin: s.beginWhole, Changed: s.wholeChanged, Check: s.checkWhole,
			Services: map[string]func(*casework.Case) (procedure.Variables, error){"joint.tally": tally},
		},
		{
			Name: PartKind, Policy: PartKind, Title: lang.Text{Hans: "联合审批的部门意见", Hant: "聯合審批的部門意見", En: "Part of a joint approval"},
			Begin: s.beginPart, Changed: s.partChanged,
		},
		{
			Name: CheckKind, Policy: CheckKind, Title: lang.Text{Hans: "告知承诺事后核查", Hant: "告知承諾事後核查", En: "Check of a commitment"},
			Begin: s.beginCheck, Changed: s.checkChanged,
		},
	}
}

// publicPart is a part as the log shows it.
type publicPart struct {
	Key     string `json:"key"`
	Ordinal int    `json:"ordinal"`
	Stage   int    `json:"stage"`
	Body    string `json:"body"`
	Subject string `json:"subject"`
	terms
}

// MarshalJSON writes for the log what binds the department, without the words.
func (p publicPart) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"key": p.Key, "ordinal": p.Ordinal, "stage": p.Stage, "body": p.Body, "subject": p.Subject, "statutory": p.Statutory.N, "unit": string(p.Statutory.Unit),
		"promised": p.Promised.N, "after": p.After.N, "late": p.Late, "absent": p.Absent, "endsAll": p.EndsAll,
	})
}

// seriesWhole begins the numbers of joint matters; the code of the division follows.
const seriesWhole = "LB"

func (s *Service) beginWhole(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	key, division := splitSubject(sent.Subject)
	var a Sent
	if err := json.Unmarshal(sent.Form, &a); err != nil {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Code: "json"}}}
	}
	if a.Parts == nil {
		a.Parts = []string{}
	}
	p, err := s.Plan(key, division, a.Parts)
	if err != nil {
		return casework.Beginning{}, err
	}
	if err := s.check(ctx, p, &a, sent); err != nil {
		return casework.Beginning{}, err
	}
	whole, err := s.wholeTerms(p.Matter, today)
	if err != nil {
		return casework.Beginning{}, err
	}
	parts := make([]publicPart, 0, len(p.Parts))
	for i := range p.Parts {
		x := &p.Parts[i]
		t := terms{Title: x.Title, Statutory: x.Statutory, Promised: x.Promised, After: x.After, Late: x.Default.Late, Absent: x.Default.Absent, Law: x.Default.Law,
			EndsAll: x.Refusal == RefusalEndsAll, Needs: x.Needs, Department: x.Department, Item: x.Item, Takes: p.Form.Takes[x.Key]}
		for _, m := range a.Commitments {
			if slices.Contains(x.Needs, m) {
				t.Commits = append(t.Commits, m)
			}
		}
		parts = append(parts, publicPart{Key: x.Key, Ordinal: x.Ordinal, Stage: x.Stage, Body: x.Body, Subject: x.Subject, terms: t})
	}
	return casework.Beginning{
		Title: p.Matter.Title, Division: division, Body: p.Lead.Key, Procedure: WholeKind, Series: seriesWhole + division,
		Terms:     map[string]casework.Terms{wholeRule: whole},
		Variables: map[string]any{"stages": stagesOf(p), "stops": false},
		Public:    map[string]any{"matter": p.Matter.Key, "version": p.Version, "parts": parts},
	}, nil
}

// stagesOf is what the procedure walks through: stages that have a part here, with the keys of their parts.
func stagesOf(p *Plan) []map[string]any {
	var list []map[string]any
	for i := range p.Matter.Stages {
		var keys []string
		for j := range p.Parts {
			if p.Parts[j].Stage == i {
				keys = append(keys, p.Parts[j].Key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		stage := map[string]any{"stage": i, "parts": keys, "meeting": nil}
		if m := p.Matter.Stages[i].Meeting; m != "" {
			stage["meeting"] = m
		}
		list = append(list, stage)
	}
	return list
}

// check holds an application against its plan. What is wrong with fields is found all at once.
func (s *Service) check(ctx context.Context, p *Plan, a *Sent, sent casework.Submit) error {
	kind := "organisation"
	if sent.Applicant.Kind == identity.Person {
		kind = "person"
	}
	if !slices.Contains(p.Matter.Serves, kind) {
		return &casework.Refusal{Code: casework.RefusedIdentity, Text: audience, Fields: []casework.FieldError{{Path: "/applicant/kind", Code: "enum", Text: audience}}}
	}
	if fields := s.Applicant(sent.Applicant, s.Now()); len(fields) > 0 {
		return &casework.Refusal{Code: casework.RefusedIdentity, Fields: fields}
	}
	f, err := s.compile(p.Form.Form)
	if err != nil {
		return err
	}
	answers := a.Answers
	if len(answers) == 0 {
		answers = json.RawMessage("{}")
	}
	if err := f.check.Validate(answers); err != nil {
		return err
	}
	if err := s.checkFiles(ctx, sent.Files); err != nil {
		return err
	}
	if missing := p.lacks(a, sent.Files); len(missing) > 0 && sent.Channel != casework.Window {
		return &casework.Refusal{Code: casework.RefusedMaterial, Fields: missing}
	}
	return nil
}

var audience = lang.Text{Hans: "这个联合事项只面向法人和其他组织：请切换为代表单位办理后再申请", Hant: "這個聯合事項只面向法人和其他組織：請切換為代表單位辦理後再申請",
	En: "This joint matter is for organisations only: choose to act for one, then apply"}

// lacks names the main materials that are neither there nor committed to, and commitments to what none is offered for.
func (p *Plan) lacks(a *Sent, files []casework.FileRef) []casework.FieldError {
	var list []casework.FieldError
	for i := range p.Materials {
		m := &p.Materials[i]
		there := slices.ContainsFunc(files, func(f casework.FileRef) bool { return f.Material == m.Key })
		if !m.Main || there || !m.Commit.IsZero() && slices.Contains(a.Commitments, m.Key) {
			continue
		}
		list = append(list, casework.FieldError{Path: "/files/" + m.Key, Code: "required", Text: lang.Text{
			Hans: fmt.Sprintf("缺少主要材料“%s”，请上传；只有次要材料可以容缺", m.Name.Hans),
			Hant: fmt.Sprintf("缺少主要材料「%s」，請上傳；只有次要材料可以容缺", m.Name.In(lang.Hant)),
			En:   fmt.Sprintf("The main material “%s” is missing; upload it. Only secondary materials may follow", m.Name.In(lang.En)),
		}})
	}
	for _, key := range a.Commitments {
		if !slices.ContainsFunc(p.Materials, func(m Shared) bool { return m.Key == key && !m.Commit.IsZero() }) {
			list = append(list, casework.FieldError{Path: "/commitments", Code: "enum"})
		}
	}
	return list
}

// checkFiles refuses references that do not name an upload, or not as it is: the log shows the digest.
func (s *Service) checkFiles(ctx context.Context, refs []casework.FileRef) error {
	for _, ref := range refs {
		f, err := s.Files.Stat(ctx, ref.ID)
		if err == nil && f.Digest == ref.Digest {
			continue
		}
		if err != nil && !isNotFound(err) {
			return fmt.Errorf("look up a file: %w", err)
		}
		return &casework.Refusal{Code: casework.RefusedFile, Args: map[string]any{"File": ref.ID.String()}}
	}
	return nil
}

// tally (汇总) counts the opinions: all agree, in person or by default: granted; one that ends all refuses, or none agrees: refused;
// otherwise what was agreed is granted.
func tally(c *casework.Case) (procedure.Variables, error) {
	agreed, refused := 0, 0
	for _, d := range c.Done() {
		if d.Element != stepOpinion || d.Cut {
			continue
		}
		switch d.Outcome {
		case "disagree":
			refused++
		case "void":
		default:
			agreed++
		}
	}
	result := "granted"
	switch {
	case feel.Truth(c.Variables()["stops"]) || agreed == 0:
		result = "refused"
	case refused > 0:
		result = "partial"
	}
	return procedure.Variables{"result": result}, nil
}

// Elements of the procedures.
const (
	stepOpinion = "opinion"
	stepSummon  = "summon"
	stepHold    = "hold"
)

// checkWhole refuses a promise without bounds: the day lies ahead, and not further than the rule allows.
func (s *Service) checkWhole(_ *casework.Case, t casework.Task, entered casework.Complete, at time.Time) error {
	switch t.Element {
	case "receive", "broken-promise":
	default:
		return nil
	}
	var in struct {
		Outcome, Promised string
	}
	if err := json.Unmarshal(entered.Data, &in); err != nil || in.Outcome != "conditional" && in.Outcome != "wait" {
		return nil //nolint:nilerr // the form of the step says what is wrong
	}
	day, err := calendar.Parse(in.Promised)
	if err != nil {
		return nil //nolint:nilerr // the form of the step says what is wrong
	}
	rule, err := s.Rules.At(promiseRule, calendar.Of(at))
	if err != nil {
		return err
	}
	last := s.Calendar().Add(calendar.Of(at), int(rule.Amount))
	if day > calendar.Of(at) && day <= last {
		return nil
	}
	on := calendar.Long(last)
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/promised", Code: "range", Text: lang.Text{
		Hans: "承诺日期须在今天以后、" + on.Hans + "以前（" + rule.Source.CiteText().Hans + "）",
		Hant: "承諾日期須在今天以後、" + on.Hant + "以前（" + rule.Source.CiteText().In(lang.Hant) + "）",
		En:   "The promised day lies after today and not after " + on.En + " (" + rule.Source.CiteText().In(lang.En) + ")",
	}}}}
}

// wholeChanged keeps the tables of the slice in step with a whole, and notes what that means for its parts.
func (s *Service) wholeChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if err := bindFiles(ctx, tx, c, h); err != nil {
		return err
	}
	if h.Kind == casework.DocumentRevoked {
		return s.revoked(tx, c, h)
	}
	s.issue(tx, c, h)
	if h.Kind == casework.Submitted {
		version, _ := h.Data["version"].(int)
		matter, _ := h.Data["matter"].(string)
		saveWhole(tx, c, matter, version)
		parts, _ := h.Data["parts"].([]publicPart)
		for i := range parts {
			if err := savePart(tx, c.ID, &parts[i]); err != nil {
				return err
			}
		}
	}
	if h.Kind == casework.Completed {
		s.completed(tx, c, h)
	}
	ended := time.Time{}
	for i := range h.Effects {
		f := &h.Effects[i]
		switch {
		case f.Kind == procedure.OpenTask && f.Element == stepOpinion:
			key, _ := tokenVar(c, f.Token, "part").(string)
			tx.Queue(`UPDATE joint_part SET token = $3, status = 'open' WHERE whole = $1 AND key = $2`, int64(c.ID), key, f.Token)
			s.linkWhere(tx, f.At, linkBegin, `whole = $4 AND key = $5`, int64(c.ID), key)
		case f.Kind == procedure.CloseTask && f.Element == stepOpinion && f.Interrupted:
			s.linkWhere(tx, f.At, linkDiscontinue, `whole = $4 AND token = $5`, int64(c.ID), f.Token)
		case f.Kind == procedure.Ended:
			ended = f.At
		}
	}
	if h.Kind != casework.Submitted && (h.Data["status"] != nil || !ended.IsZero()) {
		tx.Queue(`UPDATE joint_whole SET status = $2, ended_at = $3 WHERE case_id = $1`, int64(c.ID), c.Status, store.Micros(ended))
	}
	if !ended.IsZero() {
		// Parts whose stage never came are not needed any more; commitments are checked where something was granted.
		tx.Queue(`UPDATE joint_part SET status = 'discontinued', answered_at = $2 WHERE whole = $1 AND status = 'waiting'`, int64(c.ID), store.Micros(ended))
		if c.Result == "granted" || c.Result == "joint-partial" {
			s.link(tx, ended, c.ID, 0, linkCheck)
		}
	}
	return nil
}

// completed takes over what a step of the lead window or of the platform says about parts and meetings.
func (s *Service) completed(tx *store.Tx, c *casework.Case, h casework.Happened) {
	task, _ := h.Data["task"].(string)
	switch task {
	case stepOpinion:
		n, _ := h.Data["item"].(int64)
		linked(tx, c.ID, int(n), linkAnswer)
		if h.Data["outcome"] == "void" {
			tx.Queue(`UPDATE joint_part SET status = 'void', answered_at = $3 WHERE whole = $1 AND ordinal = $2`, int64(c.ID), n, store.Micros(h.Event.At))
			linked(tx, c.ID, int(n), linkBegin)
			s.link(tx, h.Event.At, c.ID, int(n), linkDiscontinue) // its case, where one was open
		}
	case "make-good":
		s.link(tx, h.Event.At, c.ID, 0, linkFiles)
	case stepSummon:
		day, _ := h.Data["date"].(string)
		on, err := calendar.Parse(day)
		if err != nil {
			return // unreachable: the form has checked it
		}
		stage, kind := currentStage(c)
		saveMeeting(tx, c.ID, stage, kind, on)
		s.link(tx, h.Event.At, c.ID, 0, linkSummon)
	case stepHold:
		absent := ordinals(h.Data["absent"])
		raw, err := json.Marshal(absent)
		if err != nil {
			return // unreachable: numbers
		}
		// Stages follow one another, so only one meeting is outstanding.
		tx.Queue(`UPDATE joint_meeting SET held_at = $2, absent = $3 WHERE whole = $1 AND held_at = 0`, int64(c.ID), store.Micros(h.Event.At), string(raw))
		for _, n := range absent {
			s.link(tx, h.Event.At, c.ID, n, linkAbsent)
		}
	}
}

// ordinals reads a list of choices that are numbers.
func ordinals(v any) []int {
	list, _ := v.([]any)
	out := make([]int, 0, len(list))
	for _, x := range list {
		text, _ := x.(string)
		if n, err := strconv.Atoi(text); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// tokenVar returns a variable as a token sees it: its own, or that of the instances around it.
func tokenVar(c *casework.Case, token int, name string) feel.Value {
	st := c.Progress()
	for at := token; at != 0; {
		t := slices.IndexFunc(st.Tokens, func(t procedure.Token) bool { return t.ID == at })
		if t < 0 {
			return nil
		}
		if v, ok := st.Tokens[t].Vars[name]; ok {
			return v
		}
		sc := slices.IndexFunc(st.Scopes, func(x procedure.Scope) bool { return x.ID == st.Tokens[t].Scope })
		if sc < 0 {
			return nil
		}
		at = st.Scopes[sc].Host
	}
	return nil
}

// currentStage returns the stage in which a whole is, and its meeting.
func currentStage(c *casework.Case) (stage int, meeting string) {
	for _, t := range c.Progress().Tokens {
		v, ok := t.Vars["stage"].(*feel.Context)
		if !ok {
			continue
		}
		n, _ := v.Get("stage")
		if x, isNumber := n.(feel.Number); isNumber {
			i, _ := x.Int64()
			stage = int(i)
		}
		m, _ := v.Get("meeting")
		meeting, _ = m.(string)
	}
	return stage, meeting
}

// bindFiles lets the files that an event brought belong to the case, so that no sweep takes them.
func bindFiles(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	raw, ok := h.Private["files"]
	if !ok {
		return nil
	}
	var refs []casework.FileRef
	if err := json.Unmarshal(raw, &refs); err != nil {
		return fmt.Errorf("files of %s: %w", c.Number, err)
	}
	ids := make([]store.ID, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	return file.Bind(ctx, tx, h.Actor.Account, file.Holder{Kind: file.HolderCase, ID: c.ID}, ids...)
}
