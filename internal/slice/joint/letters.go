package joint

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// toDepartments are the letters that go from the lead window or the platform to departments, and not to the applicant.
var toDepartments = []string{"joint-summons", "joint-minutes", "joint-default", "joint-opinion"}

// issue numbers the letters that an event has made, in its transaction.
func (s *Service) issue(tx *store.Tx, c *casework.Case, h casework.Happened) {
	for i := range h.Effects {
		if f := &h.Effects[i]; f.Kind == procedure.MakeDoc {
			s.Documents.Issue(tx, document.Order{Case: c, Event: h.Event, Kind: f.Name, Agency: s.Agency(issuer(c, f.Name))})
		}
	}
}

// paper is what a letter is made of.
type paper struct {
	c       *casework.Case
	at      casework.Event
	data    map[string]any
	private map[string]json.RawMessage // of the event
	dossier casework.Dossier
	whole   *Whole
	entry   *Entry                     // of the part, for letters of a department
	summons map[string]json.RawMessage // what the lead window wrote when it summoned the departments
	full    bool                       // names the applicant in full
}

func (s *Service) paper(ctx context.Context, c *casework.Case, seq int64, full bool) (paper, error) {
	p := paper{c: c, full: full}
	var err error
	if p.at, err = s.Cases.Event(ctx, c.ID, seq); err != nil {
		return p, err
	}
	env, err := p.at.Envelope()
	if err != nil {
		return p, err
	}
	p.data = env.Data
	if p.dossier, err = s.Cases.Dossier(ctx, c.ID); err != nil {
		return p, err
	}
	for _, part := range p.dossier.Private {
		if part.Seq == seq {
			p.private = part.Fields
		}
	}
	if c.Kind == WholeKind {
		p.whole, err = s.Whole(ctx, c.ID)
		return p, err
	}
	var of struct {
		Whole   store.ID `json:"whole"`
		Ordinal int      `json:"ordinal"`
	}
	if err := json.Unmarshal(p.dossier.Form, &of); err != nil {
		return p, err
	}
	if p.whole, err = s.Whole(ctx, of.Whole); err != nil {
		return p, err
	}
	if i := slices.IndexFunc(p.whole.Parts, func(e Entry) bool { return e.Ordinal == of.Ordinal }); i >= 0 {
		p.entry = &p.whole.Parts[i]
		if p.whole.meeting(p.entry.Stage) != nil {
			return p, s.readSummons(ctx, &p)
		}
	}
	return p, nil
}

// readSummons reads when and where the joint meeting of a part's stage is: the whole has it.
func (s *Service) readSummons(ctx context.Context, p *paper) error {
	parts, err := s.Cases.Private(ctx, p.whole.Case)
	if err != nil {
		return err
	}
	before := 0 // meetings of earlier stages, each with a summons of its own
	for _, m := range p.whole.Meetings {
		if m.Stage < p.entry.Stage {
			before++
		}
	}
	for _, x := range parts {
		if _, is := x.Fields["hour"]; !is {
			continue
		}
		if before == 0 {
			p.summons = x.Fields
			break
		}
		before--
	}
	return nil
}

// anybody stands for the applicant wherever others may read.
var anybody = lang.Text{Hans: "申请人", Hant: "申請人", En: "the applicant"}

// compose gives the facts of a letter for its PDF.
func (s *Service) compose(ctx context.Context, r document.Record, tag lang.Tag) (document.Facts, string, error) {
	c, err := s.Cases.Get(ctx, r.Case)
	if err != nil {
		return nil, "", err
	}
	p, err := s.paper(ctx, c, r.Seq, true)
	if err != nil {
		return nil, "", err
	}
	return s.facts(s.words.Localizer(tag), &p, r.Kind), anybody.Hans, nil
}

// word reads a sealed text of the event.
func (p *paper) word(name string) string { return wordOf(p.private, name) }

func wordOf(fields map[string]json.RawMessage, name string) string {
	var text string
	if json.Unmarshal(fields[name], &text) != nil {
		return ""
	}
	return text
}

// issuer is the body from which a letter goes out: what a department is told about its part comes from the lead window.
func issuer(c *casework.Case, kind string) string {
	if lead, _ := c.Variables()[varLead].(string); lead != "" && (kind == "joint-summons" || kind == "joint-default") {
		return lead
	}
	return c.Body
}

// earlier reads a sealed text of the last event before the letter that has it.
func (p *paper) earlier(name string) string {
	var text string
	for _, x := range p.dossier.Private {
		if raw, ok := x.Fields[name]; ok && x.Seq <= p.at.Seq {
			if json.Unmarshal(raw, &text) != nil {
				text = ""
			}
		}
	}
	return text
}

// facts are what the templates of letters ask for, as far as it is there, in the words of a language.
func (s *Service) facts(l *web.Localizer, p *paper, kind string) document.Facts {
	c := p.c
	f := document.Facts{
		"issuer": l.Text(s.bodyName(issuer(c, kind))), "case": c.Number, "item": l.Text(c.Title), "received": l.DateOf(c.CreatedAt), "date": l.DateOf(p.at.At),
		"missing": p.word("missing"), "reasons": p.word("reasons"), "joint-parts": s.partLines(l, p.whole),
	}
	f["applicant"] = p.dossier.Applicant.Name
	if slices.Contains(toDepartments, kind) {
		f["applicant"] = s.addressee(l, p, kind)
	} else if !p.full && p.dossier.Applicant.Kind == identity.Person {
		f["applicant"] = identifier.MaskName(p.dossier.Applicant.Name)
	}
	if c.Kind != WholeKind {
		f["joint-whole"] = p.whole.Number
	}
	s.lineFacts(l, p, f)
	s.remedyFacts(l, p, f)
	switch kind {
	case "joint-acceptance", "joint-correction":
		f["query-code"] = s.Cases.Code(c)
	case "joint-promise":
		f["query-code"] = s.Cases.Code(c)
		f["joint-promised"] = dayWord(l, p.data["promised"])
	case "joint-summons":
		day, from := dayWord(l, p.data["date"]), p.private
		if p.entry != nil { // to one department
			from = p.summons
			if m := p.whole.meeting(p.entry.Stage); m != nil {
				day = l.Date(m.Day)
			}
		}
		f["joint-meeting"], f["joint-day"] = s.meetingWord(l, p), day+" "+wordOf(from, "hour")
		f["joint-place"], f["question"] = wordOf(from, "place"), wordOf(from, "agenda")
	case "joint-minutes":
		f["joint-meeting"], f["reasons"] = s.meetingWord(l, p), p.word("minutes")
		f["joint-absent"] = s.absentWords(l, p)
	case "joint-decision":
		f["result"], f["reasons"], f["joint-opinions"] = s.resultWord(l, p), p.earlier("summary"), s.opinionLines(l, p.whole)
		if word, _ := p.c.Variables()["result"].(string); word == "granted" {
			delete(f, "review-length")
			delete(f, "suit-length")
		}
	case "joint-broken":
		f["reasons"] = p.earlier("reasons")
	case "joint-opinion":
		word, _ := p.c.Variables()["opinion"].(string)
		f["joint-opinion"] = l.T("joint.opinion." + word)
		f["reasons"], f["joint-basis"], f["conditions"] = p.earlier("reasons"), p.earlier("basis"), p.earlier("conditions")
	case "joint-default":
		f["joint-cause"] = l.T("joint.cause.letter." + causeOf(p.at.Kind))
		s.answerFacts(l, p, f, "licence.joint.default.opinion")
		if causeOf(p.at.Kind) == CauseNoReason {
			delete(f, "answer-day")
		}
	case "joint-order":
		f["reasons"] = p.word("findings")
		s.answerFacts(l, p, f, "joint.commitment.mend")
	}
	return f
}

// addressee names the department to which a letter goes, or the departments.
func (s *Service) addressee(l *web.Localizer, p *paper, kind string) string {
	switch {
	case kind == "joint-default", kind == "joint-summons" && p.c.Kind == PartKind:
		return l.Text(s.bodyName(p.c.Body))
	case p.c.Kind == PartKind:
		return l.Text(s.bodyName(p.whole.Body))
	default:
		return l.T("joint.letter.departments")
	}
}

func dayWord(l *web.Localizer, v any) string {
	text, _ := v.(string)
	day, err := calendar.Parse(text)
	if err != nil {
		return text
	}
	return l.Date(day)
}

// meetingWord names the meeting of a letter: that which stands open or was held last before it.
func (s *Service) meetingWord(l *web.Localizer, p *paper) string {
	kind := ""
	if p.entry != nil {
		if m := p.whole.meeting(p.entry.Stage); m != nil {
			return l.T("joint.meeting." + m.Kind)
		}
	}
	for _, m := range p.whole.Meetings {
		if kind == "" || m.HeldAt.IsZero() || !m.HeldAt.After(p.at.At) {
			kind = m.Kind
		}
	}
	if kind == "" {
		return l.T("joint.meeting")
	}
	return l.T("joint.meeting." + kind)
}

func (s *Service) absentWords(l *web.Localizer, p *paper) string {
	var names []string
	for _, n := range ordinals(p.data["absent"]) {
		for i := range p.whole.Parts {
			if e := &p.whole.Parts[i]; e.Ordinal == n {
				names = append(names, l.Text(s.bodyName(e.Body)))
			}
		}
	}
	return strings.Join(names, l.T("web.form.and"))
}

func (s *Service) resultWord(l *web.Localizer, p *paper) string {
	word, _ := p.c.Variables()["result"].(string)
	return l.T("joint.result." + word)
}

// partLines list the departments with their terms, one a line.
func (s *Service) partLines(l *web.Localizer, w *Whole) string {
	lines := make([]string, 0, len(w.Parts))
	for i := range w.Parts {
		e := &w.Parts[i]
		n := e.Promised
		if n.N == 0 {
			n = e.Statutory
		}
		lines = append(lines, l.T("joint.letter.part", web.Args{"Body": l.Text(s.bodyName(e.Body)), "Title": l.Text(e.Title), "Length": lengthText(l, n)}))
	}
	return strings.Join(lines, "\n")
}

// opinionLines list what the departments said, one a line; a default is called one.
func (s *Service) opinionLines(l *web.Localizer, w *Whole) string {
	lines := make([]string, 0, len(w.Parts))
	for i := range w.Parts {
		e := &w.Parts[i]
		word := stateWord(l, e)
		if e.Number != "" {
			word += l.T("joint.letter.number", web.Args{"Number": e.Number})
		}
		lines = append(lines, l.T("joint.letter.opinion", web.Args{"Body": l.Text(s.bodyName(e.Body)), "Title": l.Text(e.Title), "Opinion": word}))
	}
	return strings.Join(lines, "\n")
}

// stateWord says where a part stands, and by what a department is in default.
func stateWord(l *web.Localizer, e *Entry) string {
	word := l.T("joint.state." + string(e.State))
	if e.State == Deemed && e.Cause != "" {
		word = l.T("joint.state.deemed-by", web.Args{"Cause": l.T("joint.cause." + e.Cause)})
	}
	return word
}

// lineFacts tell until when the result is owed.
func (s *Service) lineFacts(l *web.Localizer, p *paper, f document.Facts) {
	notes, _ := p.data["clocks"].([]any)
	for _, n := range notes {
		note, _ := n.(map[string]any)
		f["statute-day"] = dayWord(l, note["statute"])
		if note["promise"] != note["statute"] {
			f["promise-day"] = dayWord(l, note["promise"])
		}
	}
	if rule, err := s.Rules.Lookup(wholeRule); err == nil && p.c.Kind == WholeKind {
		if n, err := term.FromRule(rule, calendar.Of(p.c.CreatedAt)); err == nil {
			f["statute-article"] = l.Text(n.Article)
		}
	}
}

// answerFacts tell the length, the last day and the article of the term that begins with the letter.
func (s *Service) answerFacts(l *web.Localizer, p *paper, f document.Facts, rule string) {
	r, err := s.Rules.Lookup(rule)
	if err != nil {
		return
	}
	n, err := term.FromRule(r, calendar.Of(p.c.CreatedAt))
	if err != nil {
		return
	}
	t, err := term.New(p.at.At, n, term.Length{})
	if err != nil {
		return
	}
	f["answer-length"], f["answer-article"] = lengthText(l, n), l.Text(n.Article)
	f["answer-day"] = l.Date(t.Compute(s.Calendar(), p.at.At).StatuteDay)
}

// remedyFacts tell what can be done against the letter, by the law of its day.
func (s *Service) remedyFacts(l *web.Localizer, p *paper, f document.Facts) {
	for _, r := range []struct{ rule, name string }{{"review.apply", "review"}, {"suit.direct", "suit"}} {
		rule, err := s.Rules.Lookup(r.rule)
		if err != nil {
			continue
		}
		if n, err := term.FromRule(rule, calendar.Of(p.at.At)); err == nil {
			f[r.name+"-length"], f[r.name+"-article"] = lengthText(l, n), l.Text(n.Article)
		}
	}
}

func lengthText(l *web.Localizer, n term.Length) string {
	key := "joint.length.calendar-day"
	switch n.Unit {
	case statute.WorkingDay:
		key = "joint.length.working-day"
	case statute.Month:
		key = "joint.length.month"
	case statute.Year:
		key = "joint.length.year"
	}
	return l.T(key, web.Args{"Count": n.N})
}

func (s *Service) bodyName(key string) lang.Text {
	if b := s.Registry.Now().Body(key); b != nil {
		return b.Name
	}
	return lang.Text{Hans: key}
}
