package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/store"
)

// The variables of the procedure.
const (
	varMustConfirm = "mustConfirm"
	varArrived     = "arrived"    // day on which the request reached the body
	varReceipt     = "receipt"    // 收到申请之日, when the channel fixes it
	varConfirmed   = "receivedOn" // the day confirmed with the applicant
	varReply       = "reply"      // outcome that was drafted
)

func (s *Service) kind() casework.Kind {
	return casework.Kind{
		Name: KindName, Title: lang.Text{Hans: "政府信息公开申请", Hant: "政府信息公開申請", En: "Request for information"}, Policy: KindName,
		Begin: s.begin, Changed: s.changed, Check: s.check, Receipt: receiptOf, Day: s.lawDay, Length: lengthOf,
	}
}

// Ask sends a request. The key makes it idempotent: sent again it gives the same receipt. Proved says that the asker's number is proved
// by their account.
func (s *Service) Ask(ctx context.Context, who identity.Principal, body string, a Asker, r Sent, proved bool, key string) (casework.Receipt, error) {
	return s.ask(ctx, s.Cases, who, body, a, r, proved, key)
}

func (s *Service) ask(ctx context.Context, cases *casework.Runtime, who identity.Principal, body string, a Asker, r Sent, proved bool, key string) (casework.Receipt, error) {
	now := cases.Now()
	today := calendar.Of(now)
	r.Kind = a.Kind
	arrived, fields := s.checkSent(r, today)
	if fields = append(fields, s.checkAsker(a, r, arrived, proved)...); len(fields) > 0 {
		return casework.Receipt{}, &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
	}
	// Asked before anything is kept: who may not send a request leaves no trace of themselves.
	if b := s.Registry.Now().Body(body); b != nil {
		if err := s.Policies.Allow(who, casework.ActionSubmit, identity.Resource{Type: "case", Division: b.Division, Body: b.Key, Role: KindName}); err != nil {
			return casework.Receipt{}, err
		}
	}
	id, err := s.askerID(key)
	if err != nil {
		return casework.Receipt{}, err
	}
	r.Asker = id
	if err := s.keepAsker(ctx, who.Account, id, a, arrived, now); err != nil {
		return casework.Receipt{}, err
	}
	form, err := json.Marshal(r)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("request: %w", err)
	}
	kind := identity.Enterprise
	if a.Kind == Person {
		kind = identity.Person
	}
	return cases.Do(ctx, casework.Command{Key: key, Actor: who, Act: casework.Submit{
		Kind: KindName, Subject: body, Channel: channelOf(r.Channel), Applicant: casework.Applicant{Kind: kind}, Form: form,
	}})
}

// channelOf is the channel as casework knows it.
func channelOf(c Channel) casework.Channel {
	switch c {
	case Web:
		return casework.Online
	case Registered, Mail:
		return casework.Mail
	case Fax:
		return casework.Fax
	}
	return casework.Window
}

var noOffice = &casework.Refusal{Code: casework.RefusedSubject, Text: lang.Text{
	Hans: "这个机关没有政府信息公开工作机构，不能向它申请。请在机关名录中另选", Hant: "這個機關沒有政府信息公開工作機構，不能向它申請。請在機關名錄中另選",
	En: "This body has no disclosure office and cannot be asked. Choose another from the list of bodies",
}}

var noRule = &casework.Refusal{Code: casework.RefusedSubject, Text: lang.Text{
	Hans: "这一天还没有施行政府信息公开条例，不能申请", Hant: "這一天還沒有施行政府信息公開條例，不能申請", En: "The regulations on open government information were not in force on that day",
}}

func (s *Service) begin(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var r Sent
	if err := json.Unmarshal(sent.Form, &r); err != nil {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Code: "json"}}}
	}
	b := s.Registry.Now().Body(sent.Subject)
	if !s.office(b) {
		return casework.Beginning{}, noOffice
	}
	arrived, fields := s.checkSent(r, today)
	if !s.isAsker(r.Kind) {
		fields = append(fields, casework.FieldError{Path: "/asker/kind", Code: "required"})
	}
	if len(fields) > 0 {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
	}
	law, ok := s.rule(ruleProcedure, arrived)
	if !ok || len(law.Entries) == 0 {
		return casework.Beginning{}, noRule
	}
	// The asker must be there, and belong to no other request.
	other, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT case_id FROM request_asker WHERE id = $1`, int64(r.Asker)))
	if errors.Is(err, store.ErrNotFound) || err == nil && other != 0 {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedIdentity}
	}
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("asker: %w", err)
	}
	confirm, asked := s.rule(ruleConfirm, arrived)
	must := asked && confirm.Amount != 0 && r.Channel.Confirmed()
	vars := map[string]any{varMustConfirm: must, varArrived: arrived.String()}
	if !must {
		vars[varReceipt] = arrived.String()
	}
	title := lang.Text{Hans: "政府信息公开申请：" + b.Name.Hans, Hant: "政府信息公開申請：" + b.Name.In(lang.Hant), En: "Request for information: " + b.Name.In(lang.En)}
	public := map[string]any{"applicant": r.Kind, "by": string(r.Channel), "arrived": arrived.String()}
	if late := strings.TrimSpace(r.Late); arrived < today-backlog && late != "" {
		public["late"] = late
	}
	return casework.Beginning{
		Title: title, Division: b.Division, Body: b.Key, Procedure: law.Entries[0].Code, Series: seriesOf(requestSeries, b.Division),
		Variables: vars, Public: public,
	}, nil
}

// seriesOf is what the numbers of a county begin with.
func seriesOf(series, division string) string { return series + division[:min(6, len(division))] }

// checkSent says what is wrong with a request, all at once, and on which day it reached the body.
func (s *Service) checkSent(r Sent, today calendar.Date) (arrived calendar.Date, found []casework.FieldError) {
	add := func(path, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: path, Code: code, Text: text})
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(r.Description)); {
	case n == 0:
		add("/description", "required", lang.Text{})
	case n < minDescription:
		add("/description", "minLength", tooShort)
	case n > maxDescription:
		add("/description", "maxLength", lang.Text{})
	}
	if !slices.Contains(Manners, r.Wanted) {
		add("/wanted", "required", lang.Text{})
	}
	if r.Medium != "" && !slices.Contains(Mediums, r.Medium) {
		add("/medium", "enum", lang.Text{})
	}
	if !r.Channel.known() {
		add("/channel", "required", lang.Text{})
	}
	arrived = today
	if r.Received == "" {
		if r.Channel == Registered || r.Channel == Mail || r.Channel == Fax {
			add("/received", "required", lang.Text{})
		}
		return arrived, found
	}
	day, err := calendar.Parse(r.Received)
	switch {
	case err != nil:
		add("/received", "date", lang.Text{})
	case day > today:
		add("/received", "date", laterDay)
	case (r.Channel == Web || r.Channel.inPerson()) && day != today:
		add("/received", "date", sameDay)
	case !s.ruled(day):
		add("/received", "date", noRule.Text)
	default:
		if arrived = day; day < today-backlog {
			found = append(found, checkLate(r.Late)...)
		}
	}
	return arrived, found
}

// ruled reports whether the law of a day knows requests.
func (s *Service) ruled(day calendar.Date) bool {
	law, ok := s.rule(ruleProcedure, day)
	return ok && len(law.Entries) > 0
}

// backlog is how many days back a letter may have arrived that is entered today without saying why. The law knows no day after which a body
// need not reply, so an older one is entered too; it changes the figures of years that are reported, so the log says why it comes so late.
const backlog = 366

// Limits of why a request is entered late, in characters.
const minLate, maxLate = 10, 500

// checkLate says what is wrong with why a request is entered late. It is public, so it holds nothing personal.
func checkLate(why string) []casework.FieldError {
	fail := func(code string, text lang.Text) []casework.FieldError {
		return []casework.FieldError{{Path: "/late", Code: code, Text: text}}
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(why)); {
	case n == 0:
		return fail("required", needLate)
	case n < minLate:
		return fail("minLength", shortLate)
	case n > maxLate:
		return fail("maxLength", lang.Text{})
	case len(guard.Scan(why)) > 0:
		return fail("public-text", personalLate)
	}
	return nil
}

var (
	tooShort = lang.Text{Hans: "请写得具体一些：名称、文号，或者便于查找的其他特征", Hant: "請寫得具體一些：名稱、文號，或者便於查找的其他特徵", En: "Be more specific: a name, a document number, or whatever helps to find it"}
	laterDay = lang.Text{Hans: "日期在今天以后，请填写收到的日期", Hant: "日期在今天以後，請填寫收到的日期", En: "The day lies in the future; enter the day on which it arrived"}
	sameDay  = lang.Text{Hans: "网上和当面提交的，就是今天", Hant: "網上和當面提交的，就是今天", En: "What comes over the web or in person comes today"}
	needLate = lang.Text{Hans: "收到已经超过一年，请核对收到日期；日期没有错的，请写明为什么现在才登记", Hant: "收到已經超過一年，請核對收到日期；日期沒有錯的，請寫明為什麼現在才登記",
		En: "It arrived more than a year ago. Check the day of arrival; if it is right, say why the request is entered only now"}
	shortLate    = lang.Text{Hans: "请写得具体一些，至少十个字", Hant: "請寫得具體一些，至少十個字", En: "Be more specific: at least ten characters"}
	personalLate = lang.Text{Hans: "含有个人号码，请删去：这段话写入公开日志", Hant: "含有個人號碼，請刪去：這段話寫入公開日誌", En: "It holds a personal number; take it out: these words stand in the public log"}
)

// lawDay is the day whose regulations govern a request: that on which it reached the body, however late it was entered. A case that was opened on
// the procedure of the day of its entry stays with that day: the other rule set lacks its steps.
func (s *Service) lawDay(c *casework.Case) calendar.Date {
	entered := calendar.Of(c.CreatedAt)
	arrived, err := calendar.Parse(word(c.Variables(), varArrived))
	if err != nil {
		return entered
	}
	law, ok := s.rule(ruleProcedure, arrived)
	if !ok || len(law.Entries) == 0 || !strings.HasPrefix(c.Procedure, law.Entries[0].Code+"@") {
		return entered
	}
	return arrived
}

// receiptOf is the day of receipt (收到申请之日) by the channel of the request (条例 31).
func receiptOf(c *casework.Case) time.Time {
	day := receiptDay(c.Variables())
	if day == 0 || day == calendar.Of(c.CreatedAt) {
		return time.Time{}
	}
	return day.Start()
}

func receiptDay(v procedure.Variables) calendar.Date {
	for _, name := range []string{varConfirmed, varReceipt} {
		if text, ok := v[name].(string); ok {
			if day, err := calendar.Parse(text); err == nil {
				return day
			}
		}
	}
	return 0
}

// lengthOf gives the terms that the authority fixes in its notices: to correct a request, and of a delayed reply (条例 30, 35).
func lengthOf(v procedure.Variables, rule string) int {
	if rule != ruleSupply && rule != ruleDelay {
		return 0
	}
	return whole(v, "days")
}

// whole reads a whole number among the variables; 0 when there is none.
func whole(v procedure.Variables, name string) int {
	raw, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	var doc map[string]json.RawMessage
	n := 0
	if json.Unmarshal(raw, &doc) != nil || json.Unmarshal(doc[name], &n) != nil {
		return 0
	}
	return n
}

// word reads a text among the variables.
func word(v procedure.Variables, name string) string {
	text, _ := v[name].(string)
	return text
}
