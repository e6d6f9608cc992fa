package publication

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Finding is something in a text in which the guard sees personal data.
type Finding struct {
	Kind       string // id-card, phone, bank-card, address, email, plate, name
	Start, End int    // bytes
	Text       string // as it stands
	Masked     string // as it would stand
}

// Found is a finding in a field of a draft.
type Found struct {
	Finding
	Field      string   // title, summary, text, questions/0/answer, attachments/1
	Mark       string   // names the finding in an override, without its value
	Overridden bool     // somebody said why it stays
	Measure    Measure  // what happens to it when the record is handed in
	Attachment store.ID // of a finding in a file: it cannot be masked here
}

// OverrideReason says why something that looks like personal data stays.
type OverrideReason string

// The reasons for an override.
const (
	OverrideDuty    OverrideReason = "duty"    // 履行职务的工作人员: officials in the exercise of their duty
	OverrideConsent OverrideReason = "consent" // 本人同意 (个人信息保护法 13, 25)
	OverrideLaw     OverrideReason = "law"     // 法律法规规定公开
	OverrideFalse   OverrideReason = "false"   // not personal data: 误报
)

// OverrideReasons lists the reasons.
func OverrideReasons() []OverrideReason {
	return []OverrideReason{OverrideDuty, OverrideConsent, OverrideLaw, OverrideFalse}
}

// Override says why a finding stays. The log shows kind and reason, never the value; the note is sealed in the case.
type Override struct {
	Kind   string         `json:"kind"`
	Mark   string         `json:"mark"` // of the finding
	Reason OverrideReason `json:"reason"`
	Note   string         `json:"note,omitempty"`
}

// markOf names a finding without its value.
func markOf(kind, text string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + text))
	return hex.EncodeToString(sum[:8])
}

// Check says what the guard finds in a draft. Attachments are looked at by their extracted text.
func (s *Service) Check(ctx context.Context, d Draft) ([]Found, error) {
	if s.Guard == nil {
		return nil, nil
	}
	measure := s.tree.Load().measure(d.Category)
	var all []Found
	add := func(field, text string, file store.ID) {
		for _, f := range s.Guard.Scan(text) {
			found := Found{Finding: f, Field: field, Mark: markOf(f.Kind, f.Text), Measure: measure, Attachment: file}
			if file != 0 {
				found.Measure = BlockFound // what stands in a file is masked in the file, and the file handed in anew
			}
			found.Overridden = slices.ContainsFunc(d.Overrides, func(o Override) bool { return o.Mark == found.Mark && o.Kind == f.Kind })
			all = append(all, found)
		}
	}
	for _, f := range fieldsOf(&d.Content) {
		add(f.name, *f.text, 0)
	}
	for i, a := range d.Attachments {
		text, err := s.TextOf(ctx, a)
		if err != nil {
			return nil, err
		}
		add(fmt.Sprintf("attachments/%d", i), text, a.File)
	}
	return all, nil
}

// textField is a field in which people write.
type textField struct {
	name string
	text *string
}

func fieldsOf(c *Content) []textField {
	list := []textField{{"title", &c.Title}, {"summary", &c.Summary}, {"text", &c.Text}}
	for i := range c.Questions {
		list = append(list, textField{fmt.Sprintf("questions/%d/question", i), &c.Questions[i].Question}, textField{fmt.Sprintf("questions/%d/answer", i), &c.Questions[i].Answer})
	}
	for i := range c.Media {
		list = append(list, textField{fmt.Sprintf("media/%d/caption", i), &c.Media[i].Caption})
	}
	return list
}

// Override says why a finding in a draft stays as it is.
func (s *Service) Override(ctx context.Context, actor identity.Principal, id store.ID, o Override) error {
	if !slices.Contains(OverrideReasons(), o.Reason) {
		return invalid("/reason", "enum", lang.Text{Hans: "请选择保留的理由", Hant: "請選擇保留的理由", En: "Choose why it stays"})
	}
	w, err := s.Work(ctx, actor, id)
	if err != nil {
		return err
	}
	found, err := s.Check(ctx, w.Draft)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(found, func(f Found) bool { return f.Mark == o.Mark && f.Kind == o.Kind }) {
		return invalid("/mark", "unknown", lang.Text{Hans: "该处内容已经改变，请重新检查", Hant: "該處內容已經改變，請重新檢查", En: "The text has changed there; check it again"})
	}
	w.Overrides = slices.DeleteFunc(w.Overrides, func(have Override) bool { return have.Mark == o.Mark && have.Kind == o.Kind })
	w.Overrides = append(w.Overrides, o)
	return s.Edit(ctx, actor, id, w.Draft)
}

// guarded lets the guard look through what is handed in: it masks what the category lets it mask, and refuses the rest. It returns which
// works it changed, and the notes of overrides.
func (s *Service) guarded(ctx context.Context, works []*Work) (masked map[store.ID]bool, notes []string, err error) {
	masked = map[store.ID]bool{}
	if s.Guard == nil {
		return masked, nil, nil
	}
	var fields []casework.FieldError
	for i, w := range works {
		found, err := s.Check(ctx, w.Draft)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range found {
			if !f.Overridden && f.Measure == BlockFound && len(fields) < maxFound {
				fields = append(fields, casework.FieldError{Path: fmt.Sprintf("/records/%d/%s", i, f.Field), Code: f.Kind, Text: lang.Text{
					Hans: "含有个人信息，请遮盖，或者说明保留的理由", Hant: "含有個人信息，請遮蓋，或者說明保留的理由", En: "It holds personal data: mask it, or say why it stays",
				}})
			}
		}
		if s.mask(w, found) {
			masked[w.Record] = true
		}
		for _, o := range w.Overrides {
			if o.Note != "" {
				notes = append(notes, o.Kind+" "+string(o.Reason)+": "+o.Note)
			}
		}
	}
	if len(fields) > 0 {
		return nil, nil, &casework.Refusal{Code: RefusedPersonal, Fields: fields, Text: lang.Text{
			Hans: "隐私检查发现个人信息，公开前请遮盖，或者逐项说明保留的理由", Hant: "隱私檢查發現個人信息，公開前請遮蓋，或者逐項說明保留的理由",
			En: "The privacy guard found personal data: mask it before it is published, or say of each why it stays",
		}}
	}
	return masked, notes, nil
}

// maxFound bounds what a refusal names.
const maxFound = 50

// mask masks what was found and not overridden in the fields of a draft, and reports whether it changed anything.
func (s *Service) mask(w *Work, found []Found) bool {
	changed := false
	for _, field := range fieldsOf(&w.Content) {
		var here []Finding
		for _, f := range found {
			if f.Field == field.name && !f.Overridden && f.Attachment == 0 {
				here = append(here, f.Finding)
			}
		}
		if len(here) > 0 {
			*field.text = s.Guard.Mask(*field.text, here)
			changed = true
		}
	}
	return changed
}

// overridden sums up overrides for the log: kind and reason, never the value.
func overridden(works []*Work) []map[string]any {
	type key struct {
		kind   string
		reason OverrideReason
	}
	sum := map[key]int{}
	for _, w := range works {
		for _, o := range w.Overrides {
			sum[key{o.Kind, o.Reason}]++
		}
	}
	keys := make([]key, 0, len(sum))
	for k := range sum {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.kind != b.kind {
			if a.kind < b.kind {
				return -1
			}
			return 1
		}
		if a.reason < b.reason {
			return -1
		}
		return 1
	})
	list := make([]map[string]any, len(keys))
	for i, k := range keys {
		list[i] = map[string]any{"kind": k.kind, "n": sum[k], "reason": string(k.reason)}
	}
	return list
}
