package publication

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/store"
)

// Found is what the guard found in a field of a draft.
type Found struct {
	guard.Finding

	Field      string       // title, summary, text, questions/0/answer, attachments/1
	Text       string       // as it stands
	Mark       string       // names the finding in an override, without its value
	Overridden bool         // somebody said why it stays
	Action     guard.Action // what happens to it when the record is handed in
	Attachment store.ID     // of a finding in a file: see [Service.MaskAttachment]
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
	Kind   guard.Kind     `json:"kind"`
	Mark   string         `json:"mark"` // of the finding
	Reason OverrideReason `json:"reason"`
	Note   string         `json:"note,omitempty"`
}

// markOf names a finding without its value.
func markOf(kind guard.Kind, text string) string {
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + text))
	return hex.EncodeToString(sum[:8])
}

// overrides reports whether the draft says why a finding in a text stays.
func (d *Draft) overrides(f guard.Finding, text string) bool {
	mark := markOf(f.Kind, text[f.From:f.To])
	return slices.ContainsFunc(d.Overrides, func(o Override) bool { return o.Mark == mark && o.Kind == f.Kind })
}

// policy is what the guard does about what it finds in a category.
func (t *tree) policy(category string) guard.Policy {
	p := guard.DefaultPolicy()
	if t.measure(category) == BlockFound {
		for k := range p.Kinds {
			p.Kinds[k] = guard.DoBlock
		}
	}
	return p
}

// Check says what the guard finds in a draft, attachments too, and what it does about it when the draft is handed in.
func (s *Service) Check(ctx context.Context, d Draft) ([]Found, error) {
	policy := s.tree.Load().policy(d.Category)
	var all []Found
	for _, field := range fieldsOf(&d.Content) {
		all = append(all, d.scan(policy, field.name, *field.text)...)
	}
	for i, a := range d.Attachments {
		t, err := s.TextOf(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, f := range d.scan(policy, fmt.Sprintf("attachments/%d", i), t.Whole) {
			if f.Attachment = a.File; f.Action == guard.DoMask {
				f.Action = guard.DoBlock // what stands in a file is masked in a copy of it, which somebody should look at
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func (d *Draft) scan(policy guard.Policy, field, text string) []Found {
	found := guard.Scan(text)
	list := make([]Found, len(found))
	for i, f := range found {
		list[i] = Found{Finding: f, Field: field, Text: text[f.From:f.To], Mark: markOf(f.Kind, text[f.From:f.To]), Action: policy.Action(f), Overridden: d.overrides(f, text)}
	}
	return list
}

// Unread names what no program can read in the attachments of a draft, such as scans: the reviewer has to look at it.
func (s *Service) Unread(ctx context.Context, d Draft) ([]string, error) {
	var all []string
	for _, a := range d.Attachments {
		t, err := s.TextOf(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, t.Unread...)
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
	var fields []casework.FieldError
	for i, w := range works {
		found, err := s.Check(ctx, w.Draft)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range found {
			if !f.Overridden && f.Action == guard.DoBlock && len(fields) < maxFound {
				fields = append(fields, casework.FieldError{Path: fmt.Sprintf("/records/%d/%s", i, f.Field), Code: string(f.Kind), Text: lang.Text{
					Hans: "含有个人信息，请遮盖，或者说明保留的理由", Hant: "含有個人信息，請遮蓋，或者說明保留的理由", En: "It holds personal data: mask it, or say why it stays",
				}})
			}
		}
		if mask(&w.Content, found) {
			masked[w.Record] = true
		}
		for _, o := range w.Overrides {
			if o.Note != "" {
				notes = append(notes, string(o.Kind)+" "+string(o.Reason)+": "+o.Note)
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
func mask(c *Content, found []Found) bool {
	changed := false
	for _, field := range fieldsOf(c) {
		var here []guard.Finding
		for _, f := range found {
			if f.Field == field.name && !f.Overridden && f.Action == guard.DoMask {
				here = append(here, f.Finding)
			}
		}
		if len(here) > 0 {
			*field.text = guard.Mask(*field.text, here)
			changed = true
		}
	}
	return changed
}

// overridden sums up overrides for the log: kind and reason, never the value.
func overridden(works []*Work) []map[string]any {
	type key struct {
		kind   guard.Kind
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
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.reason, b.reason)) })
	list := make([]map[string]any, len(keys))
	for i, k := range keys {
		list[i] = map[string]any{"kind": string(k.kind), "n": sum[k], "reason": string(k.reason)}
	}
	return list
}
