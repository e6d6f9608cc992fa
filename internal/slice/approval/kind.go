package approval

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
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
)

// KindName is the name of the kind of cases.
const KindName = "approval"

// decideRule is the rule under which an item's own term stands in its cases (行政许可法 42: other laws may set another term).
const decideRule = "licence.decide"

const maxName = 100 // characters

// Kind returns the kind of case for service items. It checks an application against the catalogue before the case begins, and
// keeps the register of decisions in step with the cases.
func (s *Service) Kind() casework.Kind {
	return casework.Kind{
		Name:  KindName,
		Title: lang.Text{Hans: "政务服务事项", Hant: "政務服務事項", En: "Service item"},
		Begin: s.begin, Changed: s.changed, Handler: handler,
	}
}

func (s *Service) begin(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	it, err := applicable(s.Items, sent.Subject, today)
	if err != nil {
		return casework.Beginning{}, err
	}
	if err := s.check(it, sent); err != nil {
		return casework.Beginning{}, err
	}
	if err := checkFiles(ctx, s.Files, sent.Files); err != nil {
		return casework.Beginning{}, err
	}
	variables := map[string]any{"itemType": it.Type, "onTheSpot": it.OnTheSpot, "applicantKind": string(sent.Applicant.Kind)}
	if it.Upper != "" {
		variables[varUpper], variables[varHome] = it.Upper, it.Body
	}
	return casework.Beginning{
		Title: it.Title, Division: it.Division, Body: it.Body, Procedure: it.Procedure, Series: it.Code,
		Terms:     map[string]casework.Terms{decideRule: {Statutory: it.Statutory, Promised: it.Promised}},
		Variables: variables,
		// The schedule of that day stands in the log: whoever charges something else is found out.
		Public: map[string]any{"item": it.Key, "version": it.Version, "fees": amounts(it.Fees), "feesVary": it.FeesVary},
	}, nil
}

// amounts makes a list that is written as one even when nothing is charged.
func amounts(fen []int64) []int64 { return append([]int64{}, fen...) }

// applicable returns the item if it can be applied for on the day. The error is a *casework.Refusal that says since when, or from
// when, and why.
func applicable(c Catalogue, code string, today calendar.Date) (*Item, error) {
	it, ok := c.Item(code)
	switch {
	case !ok:
		return nil, &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Subject": code}, Text: lang.Text{
			Hans: "没有这个事项，请从办事指南重新进入", Hant: "沒有這個事項，請從辦事指南重新進入",
			En: "There is no such service; start again from its guide",
		}}
	case it.Cancelled != nil && today >= it.Cancelled.On:
		return nil, cancelled(it)
	case today < it.EffectiveOn:
		on := calendar.Long(it.EffectiveOn)
		return nil, &casework.Refusal{
			Code: casework.RefusedSubject,
			Args: map[string]any{"Name": it.Title, "From": it.EffectiveOn.String()},
			Text: lang.Text{
				Hans: fmt.Sprintf("“%s”自%s起才可以申请，请届时再来", it.Title.Hans, on.Hans),
				Hant: fmt.Sprintf("「%s」自%s起才可以申請，請屆時再來", it.Title.In(lang.Hant), on.Hant),
				En:   fmt.Sprintf("“%s” can be applied for from %s on; come back then", it.Title.In(lang.En), on.En),
			},
		}
	}
	return it, nil
}

func cancelled(it *Item) *casework.Refusal {
	on, why := calendar.Long(it.Cancelled.On), it.Cancelled.Reason
	return &casework.Refusal{
		Code: casework.RefusedCancelled,
		Args: map[string]any{"Name": it.Title, "On": it.Cancelled.On.String(), "Reason": why},
		Text: lang.Text{
			Hans: fmt.Sprintf("“%s”已自%s起取消：%s。不需要再申请；您填写的草稿仍然保留", it.Title.Hans, on.Hans, why.Hans),
			Hant: fmt.Sprintf("「%s」已自%s起取消：%s。不需要再申請；您填寫的草稿仍然保留", it.Title.In(lang.Hant), on.Hant, why.In(lang.Hant)),
			En:   fmt.Sprintf("“%s” was cancelled on %s: %s. You need not apply any more; your draft is kept", it.Title.In(lang.En), on.En, why.In(lang.En)),
		},
	}
}

// check holds an application against its item. What is wrong with fields is found all at once.
func (s *Service) check(it *Item, sent casework.Submit) error {
	switch sent.Channel {
	case casework.Online, casework.API:
		if !it.Online {
			return &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Name": it.Title}, Text: onlyAtWindow}
		}
	case casework.Window:
	case casework.Agent:
		if !it.ByAgent {
			return &casework.Refusal{Code: casework.RefusedSubject, Args: map[string]any{"Name": it.Title}, Text: notByAgent}
		}
	default:
		return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/channel", Code: "enum"}}}
	}
	if !slices.Contains(it.Serves, sent.Applicant.Kind) {
		return &casework.Refusal{Code: casework.RefusedIdentity, Text: audienceText(it),
			Fields: []casework.FieldError{{Path: "/applicant/kind", Code: "enum", Text: audienceText(it)}}}
	}
	if fields := CheckApplicant(sent.Applicant, s.Now()); len(fields) > 0 {
		return &casework.Refusal{Code: casework.RefusedIdentity, Fields: fields}
	}
	f, err := s.forms.step(it)
	if err != nil {
		return err
	}
	data := sent.Form
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	if err := f.Validate(data); err != nil {
		return err
	}
	if sent.Channel == casework.Window {
		return nil // the clerk looks at the papers on the counter
	}
	if fields := missingMaterials(it, sent.Files); len(fields) > 0 {
		return &casework.Refusal{Code: casework.RefusedMaterial, Fields: fields}
	}
	return nil
}

// Variables of a case that the township reviews first and the county decides (乡镇初审、县级决定), and the status from which on it is with
// the county.
const (
	varUpper        = "upper"
	varHome         = "home"
	statusForwarded = "forwarded"
)

// handler is [casework.Kind.Handler]: what was sent up is decided by the body above, and handed out by the window of the township.
func handler(c *casework.Case, role string) string {
	v := c.Variables()
	name := ""
	switch {
	case role == registry.Clerk:
		name = varHome
	case c.Status == statusForwarded && (role == registry.Reviewer || role == registry.Head):
		name = varUpper
	}
	body, _ := v[name].(string)
	return body
}

var notByAgent = lang.Text{
	Hans: "这个事项不能由代办员代办，请本人到窗口办理或者网上申请", Hant: "這個事項不能由代辦員代辦，請本人到窗口辦理或者網上申請",
	En: "An agent cannot hand this in; the villager applies online or at the window in person",
}

var onlyAtWindow = lang.Text{
	Hans: "这个事项须到窗口办理，请按办事指南上的地址和时间前往", Hant: "這個事項須到窗口辦理，請按辦事指南上的地址和時間前往",
	En: "This service is handled at the window; go there at the place and time that the guide gives",
}

func audienceText(it *Item) lang.Text {
	if slices.Contains(it.Serves, identity.Enterprise) {
		return lang.Text{Hans: "这个事项只面向法人和其他组织：请切换为代表单位办理后再申请", Hant: "這個事項只面向法人和其他組織：請切換為代表單位辦理後再申請",
			En: "This service is for organisations only: choose to act for one, then apply"}
	}
	return lang.Text{Hans: "这个事项只面向个人：请切换为本人办理后再申请", Hant: "這個事項只面向個人：請切換為本人辦理後再申請",
		En: "This service is for individuals only: choose to act for yourself, then apply"}
}

// CheckApplicant says what is wrong with the details of an applicant: the paths are those of casework.Applicant under /applicant.
func CheckApplicant(a casework.Applicant, now time.Time) []casework.FieldError {
	var found []casework.FieldError
	add := func(field, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: "/applicant/" + field, Code: code, Text: text})
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(a.Name)); {
	case n == 0:
		add("name", "required", lang.Text{})
	case n > maxName:
		add("name", "maxLength", lang.Text{})
	}
	kind := identifier.KindIDCard
	if a.Kind == identity.Enterprise {
		kind = identifier.KindUSCC
	}
	for _, c := range []struct {
		field, value string
		kind         identifier.Kind
	}{{"idNumber", a.IDNumber, kind}, {"phone", a.Phone, identifier.KindPhone}} {
		if c.value == "" {
			add(c.field, "required", lang.Text{})
		} else if err := checkFormat(c.kind, c.value, now); err != nil {
			add(c.field, string(c.kind), messageOf(err))
		}
	}
	if utf8.RuneCountInString(a.Address) > 2*maxName {
		add("address", "maxLength", lang.Text{})
	}
	return found
}

// missingMaterials names the necessary materials of which no file is there.
func missingMaterials(it *Item, files []casework.FileRef) []casework.FieldError {
	var missing []casework.FieldError
	for _, m := range it.Materials {
		if m.Need != Necessary || m.ByForm {
			continue
		}
		if !slices.ContainsFunc(files, func(f casework.FileRef) bool { return f.Material == m.Key }) {
			missing = append(missing, casework.FieldError{Path: "/files/" + m.Key, Code: "required", Text: lang.Text{
				Hans: fmt.Sprintf("缺少必要材料“%s”，请上传", m.Name.Hans),
				Hant: fmt.Sprintf("缺少必要材料「%s」，請上傳", m.Name.In(lang.Hant)),
				En:   fmt.Sprintf("The necessary material “%s” is missing; upload it", m.Name.In(lang.En)),
			}})
		}
	}
	return missing
}

// messageOf returns the words that an error has for people, or nothing.
func messageOf(err error) lang.Text {
	var said interface{ Message() lang.Text }
	if errors.As(err, &said) {
		return said.Message()
	}
	return lang.Text{}
}
