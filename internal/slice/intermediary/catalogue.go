package intermediary

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

var (
	badKey       = lang.Text{Hans: "代号只能用小写字母、数字和短横线", Hant: "代號只能用小寫字母、數字和短橫線", En: "A key has lower-case letters, digits and hyphens only"}
	keyTaken     = lang.Text{Hans: "这个代号已经使用", Hant: "這個代號已經使用", En: "This key is taken"}
	noItem       = lang.Text{Hans: "目录中没有这个事项", Hant: "目錄中沒有這個事項", En: "The catalogue has no such item"}
	noUse        = lang.Text{Hans: "请填写事项代号和材料代号，一行一项，中间用斜线", Hant: "請填寫事項代號和材料代號，一行一項，中間用斜線", En: "Enter item and material, one pair a line, with a slash between them"}
	badTerm      = lang.Text{Hans: "请填写 1 至 365 个工作日", Hant: "請填寫 1 至 365 個工作日", En: "Enter 1 to 365 working days"}
	badCeiling   = lang.Text{Hans: "请填写大于 0 的最高价", Hant: "請填寫大於 0 的最高價", En: "Enter a highest price above 0"}
	badPricing   = lang.Text{Hans: "请选择定价方式", Hant: "請選擇定價方式", En: "Choose how it is priced"}
	serviceMoved = lang.Text{Hans: "这项服务已经被别人修改，请重新打开", Hant: "這項服務已經被別人修改，請重新打開", En: "Somebody has changed this service meanwhile; open it again"}
)

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,60}$`)

// PutService writes a service of the catalogue: a new one when its Version is 0, else the one that had that version. A service without a
// basis can be written down: it is flagged for removal, and everybody sees that.
func (s *Rooms) PutService(ctx context.Context, actor identity.Principal, x Service) error {
	if err := s.mayRegister(actor); err != nil {
		return err
	}
	var wrong []casework.FieldError
	x.Name.Hans, x.Basis, x.Needs, x.Retired = strings.TrimSpace(x.Name.Hans), strings.TrimSpace(x.Basis), strings.TrimSpace(x.Needs), strings.TrimSpace(x.Retired)
	if !keyForm.MatchString(x.Key) {
		wrong = append(wrong, fault("/key", "pattern", badKey))
	}
	s.limited(&wrong, "/name", x.Name.Hans, 100, true)
	s.limited(&wrong, "/summary", x.Summary.Hans, maxText, false)
	s.limited(&wrong, "/basis", x.Basis, maxText, false)
	s.limited(&wrong, "/needs", x.Needs, maxText, false)
	s.limited(&wrong, "/retired", x.Retired, maxText, false)
	if len(x.Items) == 0 {
		wrong = append(wrong, fault("/items", "required", noUse))
	}
	for _, u := range x.Items {
		if _, ok := s.Matters.Item(u.Item); !ok || u.Material == "" {
			wrong = append(wrong, fault("/items", "unknown", noItem))
			break
		}
	}
	if x.Days < 1 || x.Days > 365 {
		wrong = append(wrong, fault("/days", "range", badTerm))
	}
	if x.Fen < 1 {
		wrong = append(wrong, fault("/fen", "range", badCeiling))
	}
	if x.Pricing != Market && x.Pricing != Guided {
		wrong = append(wrong, fault("/pricing", "required", badPricing))
	}
	if err := refused(wrong); err != nil {
		return err
	}
	content, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("service %s: %w", x.Key, err)
	}
	moved := false
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if x.Version == 0 {
			tx.Queue(`INSERT INTO intermediary_service (key, content, version, changed_at) VALUES ($1, $2, 1, $3)`, x.Key, string(content), store.Micros(s.Now()))
			return nil
		}
		n, err := tx.ExecCount(ctx, `UPDATE intermediary_service SET content = $2, version = version + 1, changed_at = $4 WHERE key = $1 AND version = $3`,
			x.Key, string(content), x.Version, store.Micros(s.Now()))
		moved = err == nil && n != 1
		return err
	})
	switch {
	case store.IsDuplicate(err):
		return refuse("/key", "twice", keyTaken)
	case err != nil:
		return fmt.Errorf("service %s: %w", x.Key, err)
	case moved:
		return refuse("/key", "moved", serviceMoved)
	}
	s.names.Delete(x.Key)
	return nil
}

// mayRegister asks the policy for the catalogue and the register, which the actor's body keeps.
func (s *Rooms) mayRegister(actor identity.Principal) error {
	if err := s.allow(actor, ActionRegister, actor.Post.Body, actor.Post.Body, 0); err != nil {
		return err
	}
	if !s.Registrar(actor.Post.Body) {
		return &identity.Denied{Action: ActionRegister}
	}
	return nil
}

// Needed lists the services that the item of a case asks for, those flagged for removal too.
func (s *Rooms) Needed(ctx context.Context, item string) ([]Service, error) {
	all, err := s.Services(ctx)
	if err != nil {
		return nil, err
	}
	var list []Service
	for i := range all {
		if all[i].Material(item) != "" && all[i].Retired == "" {
			list = append(list, all[i])
		}
	}
	return list, nil
}

// serviceName is the name of a service, from memory where it was asked for before.
func (s *Rooms) serviceName(ctx context.Context, key string) lang.Text {
	if name, ok := s.names.Load(key); ok {
		text, _ := name.(lang.Text)
		return text
	}
	x, err := s.Service(ctx, key)
	if err != nil {
		return lang.Text{Hans: key}
	}
	s.names.Store(key, x.Name)
	return x.Name
}
