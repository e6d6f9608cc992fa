package agent

import (
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
)

// Covers reports whether a consent covers a field.
func (c *Consent) Covers(field string) bool {
	return len(c.Fields) == 0 || slices.Contains(c.Fields, field)
}

// outside refuses what lies outside of the fields to which a villager has agreed; nil when it lies within. It is asked before anything is
// written, so that pages can say why, and again in the transaction: there is no other place that decides it.
func (s *Service) outside(c *Consent, field string) error {
	if field == "" || c.Covers(field) {
		return nil
	}
	agreed, asked := s.fieldNames(c.Fields), s.fieldNames([]string{field})
	text := lang.Text{
		Hans: "委托书所列领域是“" + agreed.Hans + "”，这件事属于“" + asked.Hans + "”，村民没有委托。村民愿意的，请重新取得同意并选上这个领域",
		Hant: "委託書所列領域是「" + agreed.In(lang.Hant) + "」，這件事屬於「" + asked.In(lang.Hant) + "」，村民沒有委託。村民願意的，請重新取得同意並選上這個領域",
		En: "The consent names the fields “" + agreed.In(lang.En) + "”, and this belongs to “" + asked.In(lang.En) +
			"”, to which the villager has not agreed. If they wish, take consent anew and choose this field",
	}
	return &casework.Refusal{Code: casework.RefusedSubject, Text: text, Args: map[string]any{"Why": WhyField},
		Fields: []casework.FieldError{{Path: "/fields", Code: "outside", Text: text}}}
}

// fieldNames are fields in words; of none: of all ten.
func (s *Service) fieldNames(keys []string) lang.Text {
	var hans, hant, en []string
	for i := range s.fields {
		f := &s.fields[i]
		if len(keys) > 0 && !slices.Contains(keys, f.Key) {
			continue
		}
		hans, hant, en = append(hans, f.Title.Hans), append(hant, f.Title.In(lang.Hant)), append(en, f.Title.In(lang.En))
	}
	return lang.Text{Hans: strings.Join(hans, "、"), Hant: strings.Join(hant, "、"), En: strings.Join(en, ", ")}
}

// chosenFields puts the fields that a villager chose in their order, each once; all ten are written as none. ok is false when one of them is
// unknown.
func (s *Service) chosenFields(keys []string) (list []string, ok bool) {
	for i := range s.fields {
		if slices.Contains(keys, s.fields[i].Key) {
			list = append(list, s.fields[i].Key)
		}
	}
	for _, key := range keys {
		if !slices.Contains(list, key) {
			return nil, false
		}
	}
	if len(list) == len(s.fields) {
		return nil, true
	}
	return list, true
}

// unknownField says that something is no field.
var unknownField = lang.Text{Hans: "请从十类事项中选择村民委托的领域", Hant: "請從十類事項中選擇村民委託的領域", En: "Choose among the ten fields those to which the villager agrees"}

// noField says that no field was chosen.
var noField = lang.Text{Hans: "请至少选择一个村民委托的领域；全部都委托的，全选", Hant: "請至少選擇一個村民委託的領域；全部都委託的，全選",
	En: "Choose at least one field to which the villager agrees; all, if they agree to all"}
