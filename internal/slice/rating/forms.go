package rating

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/web/form"
)

// judgeForm is the key of the form in which a complainant says whether the answer will do.
const judgeForm = "complaint-judge"

// publicText is the format of what officials write for the public.
const publicText = "public-text"

// personalError says what in a text for the public would make somebody known.
type personalError struct{ text lang.Text }

func (e personalError) Error() string { return e.text.Hans }

// Message is what the form shows.
func (e personalError) Message() lang.Text { return e.text }

// checkPublic refuses a text for the public that holds personal data.
func checkPublic(value string) error {
	found := guard.Scan(value)
	if len(found) == 0 {
		return nil
	}
	var hans, hant, en []string
	for _, f := range found {
		name, text := f.Kind.Name(), value[f.From:f.To]
		hans, hant, en = append(hans, name.Hans+" "+text), append(hant, name.In(lang.Hant)+" "+text), append(en, name.In(lang.En)+" "+text)
	}
	return personalError{lang.Text{
		Hans: fmt.Sprintf("这段文字将在网上公开，不能含有个人信息（%s）。请删去后重新提交", strings.Join(hans, "、")),
		Hant: fmt.Sprintf("這段文字將在網上公開，不能含有個人信息（%s）。請刪去後重新提交", strings.Join(hant, "、")),
		En:   fmt.Sprintf("This text is published and must hold no personal data (%s). Take them out and submit again", strings.Join(en, ", ")),
	}}
}

// StepFormats are the formats of the slice's forms for [casework.LoadForms].
func StepFormats() map[string]casework.Format {
	return map[string]casework.Format{publicText: checkPublic}
}

// PageFormats are the same for [form.Compile].
func PageFormats() form.Formats {
	return form.Formats{publicText: func(value string) *lang.Text {
		if said, wrong := checkPublic(value).(personalError); wrong { //nolint:errorlint // the function above makes it
			return &said.text
		}
		return nil
	}}
}

// Form returns how the desk shows what a case of one of the slice's kinds says, or nil.
func (s *Service) Form(kind string) *form.Schema {
	switch kind {
	case FollowupKind:
		return s.rated
	case ComplaintKind:
		return s.form
	default:
		return nil
	}
}

// ratingForm is how the desk shows a bad rating.
var ratingForm = []byte(`{"type": "object", "properties": {
	"grade": {"type": "string", "title": "评价", "x-title": {"zh-Hant": "評價", "en": "Grade"}, "oneOf": [
		{"const": "1", "title": "非常不满意", "x-title": {"zh-Hant": "非常不滿意", "en": "Very dissatisfied"}},
		{"const": "2", "title": "不满意", "x-title": {"zh-Hant": "不滿意", "en": "Dissatisfied"}}]},
	"comment": {"type": "string", "title": "留言", "x-title": {"zh-Hant": "留言", "en": "Comment"}},
	"contact": {"type": "string", "title": "希望回访的电话", "x-title": {"zh-Hant": "希望回訪的電話", "en": "Telephone for the call back"}},
	"case": {"type": "string", "title": "被评价的办件", "x-title": {"zh-Hant": "被評價的辦件", "en": "Case that was rated"}}}}`)

// complaintForm is how the desk shows a complaint.
var complaintForm = []byte(`{"type": "object", "properties": {
	"who": {"type": "string", "title": "被投诉的人", "x-title": {"zh-Hant": "被投訴的人", "en": "Person complained of"}},
	"when": {"type": "string", "title": "发生日期", "x-title": {"zh-Hant": "發生日期", "en": "Day"}, "format": "date"},
	"what": {"type": "string", "title": "事情经过", "x-title": {"zh-Hant": "事情經過", "en": "What happened"}},
	"wish": {"type": "string", "title": "希望怎样解决", "x-title": {"zh-Hant": "希望怎樣解決", "en": "What is asked for"}},
	"case": {"type": "string", "title": "涉及的办件", "x-title": {"zh-Hant": "涉及的辦件", "en": "Case concerned"}},
	"confidential": {"type": "boolean", "title": "要求保密", "x-title": {"zh-Hant": "要求保密", "en": "Confidential"}}}}`)
