package intermediary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Steps of an admission, and what comes of the examination.
const (
	stepExamine = "examine-agency"
	stepMend    = "mend-application"

	Admit  = "admit"
	Mend   = "mend"
	Refuse = "refuse"
)

// Application (入驻申请) is what an agency applies with. All of it becomes public with the admission.
type Application struct {
	Body    string  `json:"body"`            // registrar
	Owner   string  `json:"owner,omitempty"` // USCC of who controls the agency
	Profile Profile `json:"profile"`
}

// The bounds of an application.
const (
	maxText   = 500 // characters
	maxOffers = 50
	maxPhone  = 40
)

// The wording of what is wrong with an application.
var (
	noRegistrar    = lang.Text{Hans: "请选择登记机关", Hant: "請選擇登記機關", En: "Choose the registrar"}
	firmsOnly      = lang.Text{Hans: "只有法人或者其他组织可以申请入驻，请用机构的账户登录", Hant: "只有法人或者其他組織可以申請入駐，請用機構的帳戶登入", En: "Only organisations are admitted; sign in with the account of the agency"}
	badOwner       = lang.Text{Hans: "统一社会信用代码不正确，请核对 18 位代码", Hant: "統一社會信用代碼不正確，請核對 18 位代碼", En: "This is no unified social credit code; check its 18 characters"}
	noOffer        = lang.Text{Hans: "请至少选择一项服务，并填写价格和工作日", Hant: "請至少選擇一項服務，並填寫價格和工作日", En: "Choose at least one service, with its price and working days"}
	badOffer       = lang.Text{Hans: "目录中没有这项服务，或者它没有法定依据", Hant: "目錄中沒有這項服務，或者它沒有法定依據", En: "The catalogue has no such service, or it has no basis in law"}
	badFen         = lang.Text{Hans: "价格应当大于 0，并且不高于目录的最高价", Hant: "價格應當大於 0，並且不高於目錄的最高價", En: "The price is more than 0 and at most that of the catalogue"}
	badDays        = lang.Text{Hans: "工作日应当在 1 和目录的最长期限之间", Hant: "工作日應當在 1 和目錄的最長期限之間", En: "The days lie between 1 and the longest term of the catalogue"}
	needsQualified = lang.Text{Hans: "所选服务要求资质，请填写资质证书名称和编号", Hant: "所選服務要求資質，請填寫資質證書名稱和編號", En: "A service that you chose asks for a qualification: name it with its number"}
	longPhone      = lang.Text{Hans: "办公电话不超过 40 个字", Hant: "辦公電話不超過 40 個字", En: "The telephone of the office has at most 40 characters"}
	appliedTwice   = lang.Text{Hans: "这家机构已经入驻或者正在申请", Hant: "這家機構已經入駐或者正在申請", En: "This agency is admitted, or has applied already"}
	isBlacklisted  = lang.Text{Hans: "这家机构在黑名单中，期满以前不能申请入驻", Hant: "這家機構在黑名單中，期滿以前不能申請入駐", En: "This agency is on the blacklist and cannot apply before the end of that term"}
)

// Apply (申请入驻) hands an application in.
func (s *Rooms) Apply(ctx context.Context, actor identity.Principal, a Application, key string) (casework.Receipt, error) {
	who, err := s.People.Party(ctx, actor.Party().ID)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("apply for admission: %w", err)
	}
	form, err := json.Marshal(a)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("apply for admission: %w", err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: AdmissionKind, Subject: AdmissionKind, Channel: casework.Online, Applicant: who, Form: form,
	}})
}

func (s *Rooms) beginAdmission(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var a Application
	if err := json.Unmarshal(sent.Form, &a); err != nil {
		return casework.Beginning{}, fmt.Errorf("admission: %w", err)
	}
	who := sent.Applicant
	if who.Kind != identity.Enterprise || who.Party == 0 {
		return casework.Beginning{}, refuse("/name", "kind", firmsOnly)
	}
	var wrong []casework.FieldError
	if !s.Registrar(a.Body) {
		wrong = append(wrong, fault("/body", "required", noRegistrar))
	}
	if a.Owner != "" && !isUSCC(a.Owner) {
		wrong = append(wrong, fault("/owner", "uscc", badOwner))
	}
	found, err := s.checkProfile(ctx, &a.Profile)
	if err != nil {
		return casework.Beginning{}, err
	}
	if err := refused(append(wrong, found...)); err != nil {
		return casework.Beginning{}, err
	}
	was, err := store.All(ctx, s.DB.Read(), scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE uscc = $1`, who.IDNumber)
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("admission: %w", err)
	}
	for i := range was {
		switch {
		case was[i].Barred(today) == Blacklist:
			return casework.Beginning{}, refuse("/name", "blacklist", isBlacklisted)
		case was[i].State == Applied || was[i].State == Mending || was[i].State == Admitted:
			return casework.Beginning{}, refuse("/name", "twice", appliedTwice)
		}
	}
	body := s.Registry.Now().Body(a.Body)
	return casework.Beginning{
		Title: lang.Text{Hans: "中介机构入驻", Hant: "中介機構入駐", En: "Admission of an agency"}, Division: body.Division, Body: body.Key,
		Procedure: AdmissionKind, Series: "ZR" + body.Division, Variables: map[string]any{}, Public: map[string]any{"offers": len(a.Profile.Offers)},
	}, nil
}

func isUSCC(text string) bool {
	_, err := identifier.ParseUSCC(text)
	return err == nil
}

// checkProfile says what is wrong with what an agency says of itself.
func (s *Rooms) checkProfile(ctx context.Context, p *Profile) ([]casework.FieldError, error) {
	var wrong []casework.FieldError
	p.Promise, p.Qualifications, p.Address, p.Phone = strings.TrimSpace(p.Promise), strings.TrimSpace(p.Qualifications), strings.TrimSpace(p.Address), strings.TrimSpace(p.Phone)
	s.limited(&wrong, "/promise", p.Promise, maxText, true)
	s.limited(&wrong, "/address", p.Address, maxText, false)
	if utf8.RuneCountInString(p.Phone) > maxPhone {
		wrong = append(wrong, fault("/phone", "maxLength", longPhone))
	}
	if len(p.Offers) == 0 || len(p.Offers) > maxOffers {
		wrong = append(wrong, fault("/offers", "required", noOffer))
	}
	needed := false
	seen := map[string]bool{}
	for _, o := range p.Offers {
		x, err := s.Service(ctx, o.Service)
		if err != nil && !isNotFound(err) {
			return nil, err
		}
		switch {
		case err != nil || x.Flagged() || x.Retired != "" || seen[o.Service]:
			wrong = append(wrong, fault("/offers", "unknown", badOffer))
		case o.Fen < 1 || o.Fen > x.Fen:
			wrong = append(wrong, fault("/fen-"+o.Service, "range", badFen))
		case o.Days < 1 || o.Days > x.Days:
			wrong = append(wrong, fault("/days-"+o.Service, "range", badDays))
		}
		seen[o.Service] = true
		needed = needed || err == nil && x.Needs != ""
	}
	if needed && p.Qualifications == "" {
		wrong = append(wrong, fault("/qualifications", "required", needsQualified))
	} else {
		s.limited(&wrong, "/qualifications", p.Qualifications, maxText, false)
	}
	return wrong, nil
}

// admissionChanged keeps the register in step with the cases of admission.
func (s *Rooms) admissionChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.Submitted {
		return s.applied(tx, c, h)
	}
	if err := bindFiles(ctx, tx, c, h); err != nil {
		return err
	}
	state := stateOf(c)
	admitted := int64(0)
	if state == Admitted {
		admitted = store.Micros(h.Event.At)
	}
	tx.QueueOne(`UPDATE intermediary_agency SET state = $2, admitted_at = CASE WHEN admitted_at = 0 THEN $3 ELSE admitted_at END WHERE id = $1`, int64(c.ID), state, admitted)
	if h.Kind != casework.Completed || h.Data["task"] != stepExamine || state != Admitted {
		return nil
	}
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	a, err := s.agencyByID(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, o := range a.Profile.Offers {
		tx.Queue(`INSERT INTO intermediary_offer (agency, service, fen, days) VALUES ($1, $2, $3, $4)`, int64(a.ID), o.Service, o.Fen, o.Days)
	}
	content, err := json.Marshal(a.Profile)
	if err != nil {
		return fmt.Errorf("admission %s: %w", a.Number, err)
	}
	tx.Queue(`INSERT INTO intermediary_profile (agency, version, content, from_at) VALUES ($1, 1, $2, $3)`, int64(a.ID), string(content), admitted)
	return nil
}

func (s *Rooms) applied(tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var a Application
	var who casework.Applicant
	if err := errors.Join(json.Unmarshal(h.Private["form"], &a), json.Unmarshal(h.Private["applicant"], &who)); err != nil {
		return fmt.Errorf("admission: %w", err)
	}
	content, err := json.Marshal(a.Profile)
	if err != nil {
		return fmt.Errorf("admission: %w", err)
	}
	tx.Queue(`INSERT INTO intermediary_agency (id, number, party, uscc, owner, body, division, name, state, content, applied_at, admitted_at, blocked, blocked_until,
			orders, fen, finished, late, returned, ratings, grades)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '', 0, 0, 0, 0, 0, 0, 0, 0)`,
		int64(c.ID), c.Number, int64(who.Party), who.IDNumber, a.Owner, c.Body, c.Division, who.Name, stateOf(c), string(content), store.Micros(h.Event.At))
	return nil
}

// Examine (核验资质) is the step of the registrar.
func (s *Rooms) Examine(ctx context.Context, actor identity.Principal, number, outcome, remark, key string) (casework.Receipt, error) {
	a, err := s.Agency(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	entered := map[string]string{}
	if outcome != "" {
		entered["outcome"] = outcome
	}
	if remark = strings.TrimSpace(remark); remark != "" {
		entered["remark"] = remark
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("admission %s: %w", number, err)
	}
	return s.complete(ctx, actor, a.ID, stepExamine, key, data, nil)
}

// Supply (补充材料) hands in what the application lacked.
func (s *Rooms) Supply(ctx context.Context, actor identity.Principal, number, note string, files []casework.FileRef, key string) (casework.Receipt, error) {
	a, err := s.Agency(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	data, err := json.Marshal(map[string]string{"note": strings.TrimSpace(note)})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("admission %s: %w", number, err)
	}
	return s.complete(ctx, actor, a.ID, stepMend, key, data, files)
}

// The wording of what is wrong with a relation.
var (
	badRelation = lang.Text{Hans: "请选择关系的种类", Hant: "請選擇關係的種類", En: "Choose the kind of relation"}
	badTarget   = lang.Text{Hans: "没有这个单位、机关或者岗位，请核对：企业填 18 位代码，机关填全称，工作人员填机关全称和岗位名称", Hant: "沒有這個單位、機關或者崗位，請核對：企業填 18 位代碼，機關填全稱，工作人員填機關全稱和崗位名稱", En: "There is no such organisation, body or post. Enter the 18 characters of an enterprise, the full name of a body, or body and post of an officer"}
)

// Declare (申报利害关系) takes down a relation of an agency. It holds from the next order on. The agency cannot take it back by itself: once it
// has ended, the registrar finds so ([Rooms.Plead]).
func (s *Rooms) Declare(ctx context.Context, actor identity.Principal, number string, r Relation) error {
	a, err := s.Agency(ctx, number)
	if err != nil {
		return err
	}
	if err := s.allow(actor, ActionAgency, number, a.Body, a.Party); err != nil {
		return err
	}
	var wrong []casework.FieldError
	r.Note = strings.TrimSpace(r.Note)
	switch r.Kind {
	case ToApplicant, ToBody, ToOfficial:
		key, known := s.target(r.Kind, strings.TrimSpace(r.Target))
		if r.Target = key; !known {
			wrong = append(wrong, fault("/target", "unknown", badTarget))
		}
	default:
		wrong = append(wrong, fault("/kind", "required", badRelation))
	}
	s.limited(&wrong, "/note", r.Note, maxText, true)
	if err := refused(wrong); err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO intermediary_relation (agency, kind, target, note, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (agency, kind, target) DO UPDATE SET note = excluded.note, ended = '', ended_at = 0,
				at = CASE WHEN intermediary_relation.ended_at > 0 THEN excluded.at ELSE intermediary_relation.at END`, int64(a.ID), r.Kind, r.Target, r.Note, store.Micros(s.Now()))
		return nil
	})
	if err != nil {
		return fmt.Errorf("relation of agency %s: %w", number, err)
	}
	return nil
}

// target finds to whom a relation is: an enterprise by its credit code, a body by its name, a post by the names of its body and its title; the
// latter two by their keys as well.
func (s *Rooms) target(kind, text string) (key string, ok bool) {
	if kind == ToApplicant {
		key = strings.ToUpper(text)
		return key, isUSCC(key)
	}
	reg := s.Registry.Now()
	named := strings.ReplaceAll(lang.Fold(text), " ", "")
	is := func(names ...string) bool {
		return named != "" && strings.ReplaceAll(lang.Fold(strings.Join(names, "")), " ", "") == named
	}
	var found []string
	for _, d := range reg.Divisions() {
		for _, b := range reg.Bodies(d.Code) {
			if kind == ToBody {
				if b.Key == text || is(b.Name.Hans) || is(b.Name.En) {
					found = append(found, b.Key)
				}
				continue
			}
			for _, post := range reg.Posts(b.Key) {
				if post.Key == text || is(b.Name.Hans, post.Title.Hans) || is(b.Name.En, post.Title.En) {
					found = append(found, post.Key)
				}
			}
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}
