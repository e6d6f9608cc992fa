package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// material is what a letter is made of.
type material struct {
	c       *casework.Case
	def     *procedure.Definition
	event   casework.Event
	data    map[string]any             // public part of the event
	private map[string]json.RawMessage // sealed part of it
	sent    Sent                       // the request, as corrected last
	draft   casework.Private           // the reply as it was drafted last before the event
	asked   map[string]json.RawMessage // sealed part of the last event that gives reasons for more time
	third   string                     // the third party that was asked last
	files   []casework.FileRef         // that the draft provides
	name    string                     // of whoever asks; masked for the page of the query code
	full    bool                       // for the applicant's own PDF
}

// anybody stands for who asks wherever others may read.
var anybody = lang.Text{Hans: "申请人", Hant: "申請人", En: "the applicant"}

// take reads what a private part says of the request: the form of its first event, and what was corrected later (条例 30).
func (s *Sent) take(p casework.Private) error {
	if raw, ok := p.Fields["form"]; ok {
		if err := json.Unmarshal(raw, s); err != nil {
			return err
		}
	}
	if corrected := plain(p.Fields["description"]); corrected != "" {
		s.Description = corrected
	}
	return nil
}

// material collects what a letter of an event is made of.
func (s *Service) material(ctx context.Context, c *casework.Case, seq int64) (material, error) {
	m := material{c: c}
	var err error
	if _, m.def, err = s.Cases.Procedure(ctx, c.Procedure); err != nil {
		return m, err
	}
	if m.event, err = s.Cases.Event(ctx, c.ID, seq); err != nil {
		return m, err
	}
	env, err := m.event.Envelope()
	if err != nil {
		return m, err
	}
	m.data = env.Data
	parts, err := s.Cases.Private(ctx, c.ID)
	if err != nil {
		return m, err
	}
	for _, p := range parts {
		if p.Seq > seq {
			break
		}
		if _, ok := p.Fields["reasons"]; ok {
			m.asked = p.Fields
		}
		if p.Seq == seq {
			m.private = p.Fields
		}
		if text := plain(p.Fields["party"]); text != "" {
			third, err := s.askedThird(ctx, c, p.Seq)
			if err != nil {
				return m, err
			}
			if third {
				m.third = text
			}
		}
		if err := m.sent.take(p); err != nil {
			return m, fmt.Errorf("form of %s: %w", c.Number, err)
		}
		if _, ok := p.Fields["subject"]; ok {
			m.draft, m.files = p, nil
			if raw, ok := p.Fields["files"]; ok {
				if err := json.Unmarshal(raw, &m.files); err != nil {
					return m, fmt.Errorf("files of %s: %w", c.Number, err)
				}
			}
		}
	}
	return m, nil
}

// askedThird reports whether whoever is named in an event is a third party, and no other agency.
func (s *Service) askedThird(ctx context.Context, c *casework.Case, seq int64) (bool, error) {
	e, err := s.Cases.Event(ctx, c.ID, seq)
	if err != nil {
		return false, err
	}
	env, err := e.Envelope()
	if err != nil {
		return false, err
	}
	return env.Data["outcome"] == "third-party", nil
}

// named puts the name of whoever asks into a material.
func (s *Service) named(ctx context.Context, m *material, full bool) error {
	m.full = full
	e, err := s.Entry(ctx, m.c.ID)
	if err != nil {
		return err
	}
	a, err := s.Asker(ctx, e)
	if errors.Is(err, store.ErrNotFound) {
		return nil // erased
	}
	if err != nil {
		return err
	}
	m.name = a.Name
	if !full && a.Kind == Person {
		m.name = identifier.MaskName(a.Name)
	}
	return nil
}

// compose gives the facts of a letter for its PDF. Whoever verifies it learns that it went to the applicant, not who that is.
func (s *Service) compose(ctx context.Context, r document.Record, tag lang.Tag) (document.Facts, string, error) {
	c, err := s.Cases.Get(ctx, r.Case)
	if err != nil {
		return nil, "", err
	}
	m, err := s.material(ctx, c, r.Seq)
	if err == nil {
		err = s.named(ctx, &m, true)
	}
	if err != nil {
		return nil, "", err
	}
	f := s.facts(s.words.Localizer(tag), m, r.Kind)
	return f, anybody.Hans, nil
}

// facts are what the templates of letters ask for, as far as it is there, in the words of a language.
func (s *Service) facts(l *web.Localizer, m material, kind string) document.Facts {
	c := m.c
	f := document.Facts{
		"issuer": l.Text(s.bodyName(c.Body)), "case": c.Number, "applicant": m.name, "received": l.DateOf(c.CreatedAt), "received-at": l.Time(c.CreatedAt),
		"date": l.DateOf(m.event.At), "missing": plain(m.private["missing"]), "reasons": plain(m.private["reasons"]),
		"question": plain(m.private["question"]), "asked": m.sent.Description, "wanted": s.wantedWords(l, m.sent),
	}
	if m.name == "" {
		f["applicant"] = l.Text(anybody)
	}
	if arrived, err := calendar.Parse(word(c.Variables(), varArrived)); err == nil && arrived != calendar.Of(c.CreatedAt) { // a letter that was entered later
		f["received"], f["received-at"] = l.Date(arrived), l.Date(arrived)
	}
	day := s.lawDay(c)
	if receipt := receiptDay(c.Variables()); receipt != 0 && kind != receiptSlip {
		f["receipt-day"] = l.Date(receipt)
	}
	for name, rule := range map[string]string{"correction-article": "request.correction", "excess-article": ruleDelay, "receipt-article": ruleConfirm} {
		if v, ok := s.rule(rule, day); ok {
			f[name] = l.Text(v.Source.CiteText())
		}
	}
	s.lineFacts(l, m, f)
	switch kind {
	case receiptSlip:
		f["query-code"] = s.Cases.Code(c)
		if !m.sent.Channel.Confirmed() {
			delete(f, "receipt-article")
		}
	case "request-correction":
		s.termFacts(l, m, f, ruleSupply, "supply", wholeOf(m.data, "days"))
	case "request-reasons":
		s.termFacts(l, m, f, ruleExplain, "explain", 0)
	case "request-delay":
		s.termFacts(l, m, f, ruleDelay, "delay", wholeOf(m.data, "days"))
	case "request-third-party":
		f["applicant"], f["asked"] = plain(m.private["party"]), ""
		s.termFacts(l, m, f, "request.third-party", "third", 0)
	case thirdPartyTold:
		s.replyFacts(l, m, f)
		f["applicant"], f["asked"], f["subject"] = m.third, "", plain(m.draft.Fields["subject"])
		s.termFacts(l, m, f, "request.third-party", "third", 0)
	case "request-consultation":
		f["applicant"], f["asked"] = plain(m.private["party"]), ""
		if m.data["outcome"] == "joint" {
			s.termFacts(l, m, f, "request.joint-maker", "maker", 0)
			break
		}
		s.stepFacts(l, m, f, "agencies", "opinion")
		if v, ok := s.rule("request.pause.other-agency", day); ok {
			f["opinion-article"] = l.Text(v.Source.CiteText())
		}
	case "request-extension":
		s.termFacts(l, m, f, "request.reply.extension", "extended", 0)
		f["extended-by"] = f["extended-length"]
	case "request-fee":
		s.feeFacts(l, m, f)
	case "request-cost":
		s.costFacts(l, m, f)
	case "request-lapsed":
		if outcomeOf(c, "decide") == "issue" {
			s.costFacts(l, m, f)
			f["uncollected"] = l.T("request.yes")
			break
		}
		code, cause := Uncorrected, "uncorrected"
		if last := c.Done(); len(last) > 0 && last[len(last)-1].Element == "payment" {
			code, cause = Unpaid, "unpaid"
		}
		s.basisFacts(l, f, code, day)
		f[cause] = l.T("request.yes")
	case "request-grant", "request-partial", "request-refusal", "request-unavailable", "request-unprocessed", "request-other":
		s.replyFacts(l, m, f)
	}
	if l.Tag() != lang.En {
		for name, text := range f { // in a letter no space stands between a number and its unit (GB/T 9704)
			if strings.HasSuffix(name, "-length") || name == "extended-by" {
				f[name] = strings.ReplaceAll(text, " ", "")
			}
		}
	}
	return f
}

// lineFacts tell until when a reply is owed, as the event noted it.
func (s *Service) lineFacts(l *web.Localizer, m material, f document.Facts) {
	notes, _ := m.data["clocks"].([]any)
	for _, n := range notes {
		note, _ := n.(map[string]any)
		text, _ := note["statute"].(string)
		if day, err := calendar.Parse(text); err == nil {
			f["statute-day"] = l.Date(day)
		}
	}
	if p, ok := s.Rules.Parameter(ruleReply); ok {
		if n, err := term.FromRule(p, s.lawDay(m.c)); err == nil {
			f["statute-length"], f["statute-article"] = lengthText(l, n), l.Text(n.Article)
		}
	}
}

// termFacts tell the length, the last day and the article of a term that begins with the event. Fixed is the length that the authority
// has set, 0: as the rule says.
func (s *Service) termFacts(l *web.Localizer, m material, f document.Facts, rule, name string, fixed int) {
	p, ok := s.Rules.Parameter(rule)
	if !ok {
		return
	}
	n, err := term.FromRule(p, s.lawDay(m.c))
	if err != nil {
		return
	}
	if fixed > 0 {
		n.N = fixed
	}
	s.lengthFacts(l, m, f, n, name)
	f[name+"-article"] = l.Text(n.Article)
}

// stepFacts tell the length and the last day of the term that the procedure gives a step which begins with the event: nothing of it is law.
func (s *Service) stepFacts(l *web.Localizer, m material, f document.Facts, step, name string) {
	e := m.def.Element(step)
	if e == nil || e.Term == nil || e.Term.Rule != "" {
		return
	}
	s.lengthFacts(l, m, f, term.Length{N: e.Term.Length, Unit: statute.Unit(e.Term.Unit)}, name)
}

// lengthFacts tell a length and the day with which it ends when it begins with the event.
func (s *Service) lengthFacts(l *web.Localizer, m material, f document.Facts, n term.Length, name string) {
	t, err := term.New(m.event.At, n, term.Length{})
	if err != nil {
		return
	}
	f[name+"-length"], f[name+"-day"] = lengthText(l, n), l.Date(t.Compute(s.Calendar(), m.event.At).StatuteDay)
}

func (s *Service) feeFacts(l *web.Localizer, m material, f document.Facts) {
	scale, _ := m.data["scale"].(string)
	f["fee-scale"] = l.T("request.scale." + scale)
	f["fee-count"] = l.Number(int64(wholeOf(m.data, "count")))
	f["fee-amount"] = l.Money(int64(wholeOf(m.data, "fee")))
	s.officeFacts(l, m.c.Body, f)
	s.termFacts(l, m, f, rulePayment, "fee", 0)
	id := ruleItem
	if scale == PerPage {
		id = rulePage
	}
	if v, ok := s.rule(id, s.lawDay(m.c)); ok {
		f["fee-article"] = l.Text(v.Source.CiteText())
	}
}

// costFacts tell the costs of search, copies and post by the regulations of 2007 (arts. 27, 28).
func (s *Service) costFacts(l *web.Localizer, m material, f document.Facts) {
	f["fee-amount"] = l.Money(int64(whole(m.c.Variables(), "cost")))
	s.officeFacts(l, m.c.Body, f)
	s.termFacts(l, m, f, ruleCostPayment, "fee", 0)
	if v, ok := s.rule(ruleCost, s.lawDay(m.c)); ok {
		f["fee-article"] = l.Text(v.Source.CiteText())
	}
}

func (s *Service) basisFacts(l *web.Localizer, f document.Facts, code string, day calendar.Date) {
	f["result"] = l.Text(s.OutcomeTitle(code, day))
	if o, ok := s.Outcome(code, day); ok {
		f["basis"] = o.Basis.Cite(l.Tag())
	}
}

// replyFacts tell what was replied, why, and what can be done against it.
func (s *Service) replyFacts(l *web.Localizer, m material, f document.Facts) {
	code := word(m.c.Variables(), varReply)
	s.basisFacts(l, f, code, s.lawDay(m.c))
	draft := m.draft.Fields
	f["reasons"], f["where"], f["public-interest"] = plain(draft["reasons"]), plain(draft["where"]), plain(draft["publicInterest"])
	s.agencyFacts(l, m, f)
	if law := plain(draft["law"]); law != "" {
		f["basis"] += l.T("web.form.and") + law
	}
	names := make([]string, len(m.files))
	for i, x := range m.files {
		names[i] = x.Name
	}
	f["released"] = strings.Join(names, l.T("web.form.and"))
	// The remedies are those of the law on the day of the reply (§ 10): from 2024 reconsideration comes first.
	day := calendar.Of(m.event.At)
	for _, r := range []struct{ rule, name string }{{"review.apply", "review"}, {"suit.direct", "suit"}, {"suit.after-review", "after-review"}} {
		if p, ok := s.Rules.Parameter(r.rule); ok {
			if n, err := term.FromRule(p, day); err == nil {
				f[r.name+"-length"], f[r.name+"-article"] = lengthText(l, n), l.Text(n.Article)
			}
		}
	}
	if article, first := s.reviewFirst(code, day); first {
		f["first-article"] = l.Text(article)
	} else {
		f["direct"] = l.T("request.yes")
	}
}

func (s *Service) wantedWords(l *web.Localizer, r Sent) string {
	if r.Wanted == "" {
		return ""
	}
	text := l.T("request.manner." + r.Wanted)
	if r.Medium != "" {
		return l.T("request.wanted", web.Args{"Manner": text, "Medium": l.T("request.medium." + r.Medium)})
	}
	return text
}

// sentRows tell what a request says, for whoever asks and for whoever answers: how it is wanted and on what are two things.
func sentRows(l *web.Localizer, r Sent) []ui.Row {
	rows := []ui.Row{{Key: l.T("request.field.description"), Value: r.Description, Lang: written}}
	if r.Wanted != "" {
		rows = append(rows, ui.Row{Key: l.T("request.field.wanted"), Value: l.T("request.manner." + r.Wanted)})
	}
	if r.Medium != "" {
		rows = append(rows, ui.Row{Key: l.T("request.field.medium"), Value: l.T("request.medium." + r.Medium)})
	}
	if r.Late != "" {
		rows = append(rows, ui.Row{Key: l.T("request.field.late"), Value: r.Late, Lang: written})
	}
	return rows
}

// wholeOf reads a whole number of the public part of an event.
func wholeOf(data map[string]any, name string) int {
	n, _ := data[name].(float64)
	return int(n)
}

func lengthText(l *web.Localizer, n term.Length) string {
	key := "request.length.calendar-day"
	switch n.Unit {
	case statute.WorkingDay:
		key = "request.length.working-day"
	case statute.Month:
		key = "request.length.month"
	case statute.Year:
		key = "request.length.year"
	}
	return l.T(key, web.Args{"Count": n.N})
}

func (s *Service) bodyName(key string) lang.Text {
	if b := s.Registry.Now().Body(key); b != nil {
		return b.Name
	}
	return lang.Text{Hans: key}
}

// issued reports whether a letter was issued by an event of the case.
func issued(c *casework.Case, kind string, seq int64) bool {
	return kind == receiptSlip && seq == 1 ||
		slices.ContainsFunc(c.Documents(), func(x casework.Document) bool { return x.Kind == kind && x.Seq == seq })
}

// thirdPartyTold is the letter that tells a third party who objected that the information is disclosed all the same, and why (条例 32).
const thirdPartyTold = "request-third-party-told"

// toOthers are the letters that don't go to whoever asks.
var toOthers = []string{"request-third-party", thirdPartyTold, "request-consultation"}

// lines are the lines of a text, without empty ones.
func lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}
