package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// series begins the numbers of consents: WT (委托), the county's six digits, the day, four digits.
const series = "WT"

// ruleLongest is for how many months a villager can agree at most.
const ruleLongest = "agent.consent.longest"

// Limits of what is typed, in characters.
const (
	maxName = 50
	maxText = 500
)

// Words of the consent (委托书正文), as they are read to the villager and kept with it.
func consentText() lang.Text {
	return lang.Text{
		Hans: "我同意代办员在委托期限内，在我选定的领域里，代我提交申请、补正材料、查询进度、领取回执；补正和撤回申请，每次都先问过我。代办不收任何费用。我可以随时凭本回执或者口头告诉代办员终止委托，终止后代办员不能再为我办理任何事情。代办员为我做的每一步，我都可以查到。",
		Hant: "我同意代辦員在委託期限內，在我選定的領域裡，代我提交申請、補正材料、查詢進度、領取回執；補正和撤回申請，每次都先問過我。代辦不收任何費用。我可以隨時憑本回執或者口頭告訴代辦員終止委託，終止後代辦員不能再為我辦理任何事情。代辦員為我做的每一步，我都可以查到。",
		En:   "I agree that the agent, until the day named and in the fields that I chose, hands in applications for me, supplies what is asked for, asks how they stand, and takes receipts for me; before supplying or withdrawing anything they ask me each time. It costs nothing. I can end this at any time, with this paper or by telling the agent; after that the agent can do nothing more for me. I can see each step that the agent takes for me.",
	}
}

// Longest is the last day until which consent can be given on a day.
func (s *Service) Longest(on calendar.Date) calendar.Date {
	v, err := s.Rules.At(ruleLongest, on)
	if err != nil {
		return on
	}
	return on.AddMonths(int(v.Amount))
}

// Kinds are the kinds of cases.
func (s *Service) Kinds() []casework.Kind {
	return []casework.Kind{{
		Name: ConsentKind, Title: lang.Text{Hans: "村民委托代办", Hant: "村民委託代辦", En: "Consent to a village agent"},
		Policy: ConsentKind, Begin: s.beginConsent, Changed: s.consentChanged,
	}}
}

// Take (取得同意) records the consent of a villager. The key makes it idempotent. What is wrong is told for all fields at once: the paths are
// name, id, phone, relation, how, until, village, fields.
func (s *Service) Take(ctx context.Context, who identity.Principal, a Agreed, key string) (Consent, error) {
	a.Name, a.IDNumber, a.Phone = strings.TrimSpace(a.Name), strings.ToUpper(strings.TrimSpace(a.IDNumber)), strings.TrimSpace(a.Phone)
	now := s.Now()
	if a.At.IsZero() || a.At.After(now) {
		a.At = now
	}
	if a.Until == 0 {
		a.Until = s.Longest(calendar.Of(a.At))
	}
	fields, known := s.chosenFields(a.Fields)
	if !known {
		return Consent{}, refuse("/fields", "enum", unknownField)
	}
	a.Fields = fields
	if a.Text.IsZero() {
		a.Text = consentText()
	}
	if wrong := s.checkAgreed(&a, now); len(wrong) > 0 {
		return Consent{}, &casework.Refusal{Code: casework.RefusedForm, Fields: wrong}
	}
	on, err := s.resource(ctx, who, a.Village, nil)
	if err != nil {
		return Consent{}, err
	}
	if err := s.cases.Policy.Allow(who, ActionConsent, on); err != nil {
		if !on.Assigned && agentOf(who) {
			return Consent{}, &casework.Refusal{Code: casework.RefusedForm, Text: notYourVillage, Args: map[string]any{"Why": WhyVillage},
				Fields: []casework.FieldError{{Path: "/village", Code: "other-village", Text: notYourVillage}}}
		}
		return Consent{}, err
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return Consent{}, fmt.Errorf("consent: %w", err)
	}
	party, err := s.People.ByNumber(ctx, a.IDNumber)
	if err != nil {
		return Consent{}, err
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: "agent/consent/" + key, Actor: who, Act: casework.Submit{
		Kind: ConsentKind, Subject: a.Village, Channel: casework.Agent, Form: raw,
		Applicant: casework.Applicant{Party: party, Kind: identity.Person, Name: a.Name, IDNumber: a.IDNumber, Phone: a.Phone, Address: a.Address, Agent: who.Name},
	}})
	if err != nil {
		return Consent{}, err
	}
	return s.Consent(ctx, rec.Case)
}

// checkAgreed says what is wrong with a consent as it was typed.
func (s *Service) checkAgreed(a *Agreed, now time.Time) (found []casework.FieldError) {
	add := func(field, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: "/" + field, Code: code, Text: text})
	}
	switch n := utf8.RuneCountInString(a.Name); {
	case n == 0:
		add("name", "required", lang.Text{Hans: "请填写村民姓名", Hant: "請填寫村民姓名", En: "Enter the name of the villager"})
	case n > maxName:
		add("name", "maxLength", lang.Text{Hans: "姓名不超过 50 个字", Hant: "姓名不超過 50 個字", En: "A name has at most 50 characters"})
	}
	if _, err := identifier.ParseIDCard(a.IDNumber, now); err != nil {
		add("id", "id-card", numberWords(err))
	}
	if _, err := identifier.ParsePhone(a.Phone); a.Phone != "" && err != nil {
		add("phone", "phone", lang.Text{Hans: "请填写 11 位手机号码，或者带区号的固定电话", Hant: "請填寫 11 位手機號碼，或者帶區號的固定電話", En: "Enter a mobile number of 11 digits, or a landline with its area code"})
	}
	if !slices.Contains(Hows(), a.How) {
		add("how", "required", lang.Text{Hans: "请选择村民以什么方式表示同意", Hant: "請選擇村民以什麼方式表示同意", En: "Choose how the villager agreed"})
	}
	if a.How == Spoken && strings.TrimSpace(a.Witness) == "" && a.Draft == "" {
		add("witness", "required", lang.Text{Hans: "口头同意的，请填写在场的见证人", Hant: "口頭同意的，請填寫在場的見證人", En: "For spoken consent, name the witness who was there"})
	}
	for field, text := range map[string]string{"witness": a.Witness, "relation": a.Relation, "address": a.Address} {
		if utf8.RuneCountInString(text) > 2*maxName {
			add(field, "maxLength", lang.Text{Hans: "不超过 100 个字", Hant: "不超過 100 個字", En: "At most 100 characters"})
		}
	}
	given := calendar.Of(a.At)
	if longest := s.Longest(given); a.Until < calendar.Of(now) || a.Until > longest {
		on := calendar.Long(longest)
		add("until", "range", lang.Text{Hans: "委托期限从今天起，最长到" + on.Hans, Hant: "委託期限從今天起，最長到" + on.Hant, En: "Between today and " + on.En + ", the longest that consent lasts"})
	}
	return found
}

// numberWords say which character of an identity number is wrong, and how to mend it (GB 11643).
func numberWords(err error) lang.Text {
	var wrong *identifier.Error
	if errors.As(err, &wrong) {
		return wrong.Text
	}
	return lang.Text{Hans: "请核对公民身份号码（GB 11643）", Hant: "請核對公民身份號碼（GB 11643）", En: "Check the ID number (GB 11643)"}
}

func (s *Service) beginConsent(_ context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var a Agreed
	if err := json.Unmarshal(sent.Form, &a); err != nil {
		return casework.Beginning{}, fmt.Errorf("consent: %w", err)
	}
	body := ""
	places := s.Registry.Now()
	for _, d := range places.Path(a.Village) {
		for _, b := range places.Bodies(d.Code) {
			if b.Level == "township" {
				body = b.Key
			}
		}
	}
	if body == "" || sent.Subject != a.Village {
		return casework.Beginning{}, refuse("/village", "unknown", notYourVillage)
	}
	return casework.Beginning{
		Title: lang.Text{Hans: "委托代办", Hant: "委託代辦", En: "Consent to a village agent"}, Division: a.Village, Body: body, Procedure: ConsentKind,
		Series: series + a.Village[:min(6, len(a.Village))], Variables: map[string]any{"until": a.Until.String()},
		Public: map[string]any{"how": string(a.How), "until": a.Until.String()},
	}, nil
}

// consentChanged keeps the row beside the case in step with it.
func (s *Service) consentChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.Submitted {
		return s.consentGiven(ctx, tx, c, h)
	}
	if _, ended := h.Data["ended"]; !ended {
		return nil
	}
	by := map[string]string{"consent-withdrawn": ByVillager, "consent-laid-down": ByAgent, "consent-ended": ByTime}[c.Result]
	if by != ByTime {
		d := &Deed{Consent: c.ID, Agent: h.Actor.Account, Post: h.Actor.Post.ID, Kind: DeedLaidDown, At: h.Event.At}
		if by == ByVillager {
			d.Agent, d.Post, d.Kind = 0, "", DeedWithdrawn
		}
		s.did(tx, d)
	}
	tx.Queue(`UPDATE agent_consent SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at = 0`, int64(c.ID), store.Micros(h.Event.At), by)
	return nil
}

func (s *Service) consentGiven(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var a Agreed
	if err := json.Unmarshal(h.Private["form"], &a); err != nil {
		return fmt.Errorf("consent %s: %w", c.Number, err)
	}
	villager := s.cases.HolderIndex(a.IDNumber)
	// One whose days are over, and whose timer has not come yet, makes room for the new one.
	if err := tx.Exec(ctx, `UPDATE agent_consent SET ended_at = $4, ended_by = '`+ByTime+`' WHERE agent = $1 AND villager = $2 AND ended_at = 0 AND until_day < $3`,
		int64(h.Actor.Account), villager, int64(calendar.Of(h.Event.At)), store.Micros(h.Event.At)); err != nil {
		return fmt.Errorf("consents before %s: %w", c.Number, err)
	}
	n, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT count(*) FROM agent_consent WHERE agent = $1 AND villager = $2 AND ended_at = 0`, int64(h.Actor.Account), villager))
	if err != nil {
		return fmt.Errorf("consents before %s: %w", c.Number, err)
	}
	if n > 0 {
		return refuse("/id", "there", alreadyGiven)
	}
	sealed, err := s.seal("consent", c.ID, a)
	if err != nil {
		return err
	}
	from := h.Event.At
	if a.At.Before(from) {
		from = a.At
	}
	tx.Queue(`INSERT INTO agent_consent (id, number, body, village, agent, villager, from_at, until_day, ended_at, ended_by, fields, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9, $10)`,
		int64(c.ID), c.Number, c.Body, a.Village, int64(h.Actor.Account), villager, store.Micros(from), int64(a.Until), strings.Join(a.Fields, " "), sealed)
	s.did(tx, &Deed{Consent: c.ID, Agent: h.Actor.Account, Post: h.Actor.Post.ID, Kind: DeedConsent, At: h.Event.At})
	count(tx, c.Body, h.Actor.Account, CountConsents, h.Event.At)
	return nil
}

var alreadyGiven = lang.Text{Hans: "这位村民已经委托了您，请在村民名单里直接选择", Hant: "這位村民已經委託了您，請在村民名單裡直接選擇",
	En: "This villager has already agreed that you act for them; choose them in your list"}

var otherVillager = lang.Text{Hans: "这里只能为原来的村民重新登记；是另一位村民的，请从“取得村民同意”进入", Hant: "這裡只能為原來的村民重新登記；是另一位村民的，請從「取得村民同意」進入",
	En: "Here the consent of the same villager is taken anew; for another one, start from “Take a villager’s consent”"}

// LayDown (终止委托) ends a consent by the agent to whom it was given.
func (s *Service) LayDown(ctx context.Context, who identity.Principal, c *Consent, reason, key string) error {
	if c.Agent != who.Account {
		return &identity.Denied{Action: ActionAct, Reason: identity.DeniedOther}
	}
	if utf8.RuneCountInString(reason) > maxText {
		return refuse("/reason", "maxLength", lang.Text{Hans: "终止原因不超过 500 个字", Hant: "終止原因不超過 500 個字", En: "The reason has at most 500 characters"})
	}
	return s.send(ctx, casework.Command{Key: key, Actor: who, Case: c.ID, Act: casework.Send{Message: "lay-down", Reason: reason}})
}

// Withdraw (撤回委托) ends a consent by the villager: proven says that they showed the query code, or the identity number under which it stands.
func (s *Service) Withdraw(ctx context.Context, who identity.Principal, id store.ID, proven bool, key string) error {
	return s.send(ctx, casework.Command{Key: key, Actor: who, Case: id, Proven: proven, Act: casework.Send{Message: "withdraw"}})
}

// send ends a consent. One that has ended already stays as it is.
func (s *Service) send(ctx context.Context, cmd casework.Command) error {
	_, err := s.cases.Do(ctx, cmd)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && refusal.Code == casework.RefusedEnded {
		return nil
	}
	return err
}

// Number reports whether a number, in capitals, has the form of theirs.
func (s *Service) Number(number string) bool {
	const digits = 6 + 8 + 4 // county, day, number of the day
	rest, ok := strings.CutPrefix(number, series)
	return ok && len(rest) == digits && strings.Trim(rest, "0123456789") == ""
}

// Page returns the address of a consent for the holder of its code, or "".
func (s *Service) Page(c *casework.Case, code string) string {
	if c.Kind != ConsentKind {
		return ""
	}
	return consentHref(c.Number, code)
}

func consentHref(number, code string) string { return "/agent/consent/" + number + "/" + code }

// same reports whether two blind indexes are of the same villager.
func same(a, b []byte) bool { return len(a) > 0 && bytes.Equal(a, b) }
