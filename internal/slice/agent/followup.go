package agent

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Wish is how a villager said that they want something done after they had applied. Each time it is asked and recorded anew.
type Wish struct {
	How     How
	Witness string // who was there; spoken wishes need one
}

// check says what is wrong with a wish; the paths are how and witness.
func (w *Wish) check() (found []casework.FieldError) {
	w.Witness = strings.TrimSpace(w.Witness)
	if !slices.Contains(Hows(), w.How) {
		found = append(found, casework.FieldError{Path: "/how", Code: "required", Text: lang.Text{Hans: "请选择村民以什么方式表示同意", Hant: "請選擇村民以什麼方式表示同意", En: "Choose how the villager agreed"}})
	}
	switch n := utf8.RuneCountInString(w.Witness); {
	case w.How == Spoken && n == 0:
		found = append(found, casework.FieldError{Path: "/witness", Code: "required", Text: lang.Text{Hans: "口头同意的，请填写在场的见证人", Hant: "口頭同意的，請填寫在場的見證人", En: "For spoken consent, name the witness who was there"}})
	case n > 2*maxName:
		found = append(found, casework.FieldError{Path: "/witness", Code: "maxLength", Text: lang.Text{Hans: "不超过 100 个字", Hant: "不超過 100 個字", En: "At most 100 characters"}})
	}
	return found
}

func (w *Wish) consent() *casework.Consent {
	return &casework.Consent{How: string(w.How), Witness: w.Witness}
}

// standing is the consent by which an agent follows an application now: the one in force that its villager gave them, or else the one under
// which it was handed in.
func (s *Service) standing(ctx context.Context, who identity.Principal, h *Handed) (Consent, error) {
	first, err := s.Consent(ctx, h.Consent)
	if err != nil || first.Agent == who.Account && first.InForce(s.Now()) {
		return first, err
	}
	now, err := s.given(ctx, who.Account, first.villager, s.Now())
	if isNotFound(err) {
		return first, nil
	}
	return now, err
}

// mayFollow answers nil when an agent may do something for a villager in an application of theirs now.
func (s *Service) mayFollow(ctx context.Context, who identity.Principal, h *Handed) error {
	c, err := s.standing(ctx, who, h)
	if err != nil {
		return err
	}
	if err := s.mayAct(ctx, who, &c); err != nil {
		return err
	}
	return s.outside(&c, h.Field)
}

// Supply (代为补正) hands in what the authority has asked the villager for. The paths of what is wrong are those of [Wish] and files.
func (s *Service) Supply(ctx context.Context, who identity.Principal, h *Handed, token int, w Wish, data json.RawMessage, files []casework.FileRef, key string) error {
	found := w.check()
	if len(files) == 0 && (len(data) == 0 || string(data) == "{}") {
		found = append(found, casework.FieldError{Path: "/files/" + supplied, Code: "required", Text: nothingSupplied})
	}
	if len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	if err := s.mayFollow(ctx, who, h); err != nil {
		return err
	}
	_, err := s.cases.Do(ctx, casework.Command{Key: "agent/supply/" + h.Number + "/" + key, Actor: who, Case: h.ID, Consent: w.consent(),
		Act: casework.Complete{Token: token, Data: data, Files: files}})
	return err
}

// supplied is the material as which files of a correction are kept.
const supplied = "supplement"

var nothingSupplied = lang.Text{Hans: "请上传要补正的材料，或者写明补正说明", Hant: "請上傳要補正的材料，或者寫明補正說明", En: "Add the papers that are asked for, or write what you supply"}

// Recall (代为撤回申请) withdraws an application because the villager wants it. The paths of what is wrong are those of [Wish] and reason.
func (s *Service) Recall(ctx context.Context, who identity.Principal, h *Handed, w Wish, reason, key string) error {
	found := w.check()
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > maxText {
		found = append(found, casework.FieldError{Path: "/reason", Code: "required", Text: lang.Text{Hans: "请写明村民为什么撤回，不超过 500 个字", Hant: "請寫明村民為什麼撤回，不超過 500 個字", En: "Write why the villager withdraws, at most 500 characters"}})
	}
	if len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	if err := s.mayFollow(ctx, who, h); err != nil {
		return err
	}
	_, err := s.cases.Do(ctx, casework.Command{Key: "agent/recall/" + h.Number + "/" + key, Actor: who, Case: h.ID, Consent: w.consent(),
		Act: casework.Send{Message: messageWithdraw, Reason: reason}})
	return err
}

// did before reports whether an agent has done a step already: their form was sent twice.
func didStep(c *casework.Case, token int, account store.ID) bool {
	return slices.ContainsFunc(c.Done(), func(d casework.Done) bool { return d.Token == token && d.By == account && !d.Cut })
}
