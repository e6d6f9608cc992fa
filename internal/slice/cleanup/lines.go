package cleanup

import (
	"context"
	"encoding/json"
	"fmt"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/cleanup/register"
)

// MovedError refuses a change to a line that somebody else has changed meanwhile, or whose round is not drafted any more.
type MovedError struct{ Number string }

func (e *MovedError) Error() string {
	return fmt.Sprintf("round %s: the line was changed meanwhile, or the round has been handed on; look at it again", e.Number)
}

// Put writes a line of a round that is drafted: a new one when id is 0, else the one that had the version. What is wrong with it is a
// *casework.Refusal that names each field.
func (s *Service) Put(ctx context.Context, actor identity.Principal, number string, id, version int64, l register.Line) error {
	r, _, err := s.standing(ctx, actor, number)
	if err != nil {
		return err
	}
	if it, ok := s.Catalogue.Item(l.Item); ok {
		l.Name = it.Name
	} else if was := s.Register().Of(l.Item); len(was) > 0 {
		l.Name = was[0].In.Name
	}
	l.ID = id
	wrong, err := s.check(ctx, r, &l)
	if err == nil {
		err = refused(wrong)
	}
	if err != nil {
		return err
	}
	content, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("line about %s: %w", l.Item, err)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.touch(ctx, tx, r); err != nil {
			return err
		}
		if id == 0 {
			return s.insert(tx, r.ID, l)
		}
		n, err := tx.ExecCount(ctx, `UPDATE cleanup_line SET item = $4, body = $5, on_day = $6, content = $7, version = version + 1
			WHERE id = $1 AND round = $2 AND version = $3`, id, int64(r.ID), version, l.Item, l.From, int64(l.On), string(content))
		if err == nil && n != 1 {
			err = &MovedError{number}
		}
		return err
	})
	if store.IsDuplicate(err) {
		return refuse("/item", "twice", twice)
	}
	if err != nil {
		return fmt.Errorf("line of round %s: %w", number, err)
	}
	return nil
}

// Drop takes a line out of a round that is drafted.
func (s *Service) Drop(ctx context.Context, actor identity.Principal, number string, id, version int64) error {
	r, _, err := s.standing(ctx, actor, number)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.touch(ctx, tx, r); err != nil {
			return err
		}
		n, err := tx.ExecCount(ctx, `DELETE FROM cleanup_line WHERE id = $1 AND round = $2 AND version = $3`, id, int64(r.ID), version)
		if err == nil && n != 1 {
			err = &MovedError{number}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("line of round %s: %w", number, err)
	}
	return nil
}

// touch makes sure that the round is drafted, and that what was prepared to be handed on is not what it says any more.
func (s *Service) touch(ctx context.Context, tx *store.Tx, r Round) error {
	n, err := tx.ExecCount(ctx, `UPDATE cleanup_round SET prepared = '' WHERE id = $1 AND state = 'drafting'`, int64(r.ID))
	if err == nil && n != 1 {
		err = &MovedError{r.Number}
	}
	return err
}

var twice = lang.Text{
	Hans: "这个机关的这一事项已经列入本批次或者另一个未生效的批次，请修改那一条", Hant: "這個機關的這一事項已經列入本批次或者另一個未生效的批次，請修改那一條",
	En: "This item of this body stands in this round, or in another that has not taken effect yet; change that line",
}

// elsewhere reports whether an item of a body stands in another line that has not taken effect yet.
func (s *Service) elsewhere(ctx context.Context, l *register.Line) (bool, error) {
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx,
		`SELECT COUNT(*) FROM cleanup_line WHERE item = $1 AND body = $2 AND state <> 'done' AND id <> $3`, l.Item, l.From, l.ID))
	if err != nil {
		return false, fmt.Errorf("lines about %s: %w", l.Item, err)
	}
	return n > 0, nil
}

// Page-independent wording of what is wrong with a line.
var (
	noItem    = lang.Text{Hans: "目录中没有这个事项，请从列表中选择", Hant: "目錄中沒有這個事項，請從列表中選擇", En: "The catalogue has no such item; choose one from the list"}
	noBody    = lang.Text{Hans: "没有这个机关，或者它已经撤销", Hant: "沒有這個機關，或者它已經撤銷", En: "There is no such body, or it has been dissolved"}
	outside   = lang.Text{Hans: "这个机关不在本级政府的行政区划内", Hant: "這個機關不在本級政府的行政區劃內", En: "The body lies outside the division of this office"}
	notHeld   = lang.Text{Hans: "这个机关没有行使这一事项", Hant: "這個機關沒有行使這一事項", En: "This body does not exercise the item"}
	isHeld    = lang.Text{Hans: "这个机关已经行使这一事项，不需要再列入", Hant: "這個機關已經行使這一事項，不需要再列入", En: "This body exercises the item already; there is nothing to decide"}
	noFate    = lang.Text{Hans: "请选择处理决定", Hant: "請選擇處理決定", En: "Choose what becomes of the item"}
	past      = lang.Text{Hans: "生效日期不能早于今天", Hant: "生效日期不能早於今天", En: "The date of effect cannot lie before today"}
	noDate    = lang.Text{Hans: "请填写生效日期", Hant: "請填寫生效日期", En: "Enter the date of effect"}
	founding  = lang.Text{Hans: "建账批次只登记保留的事项", Hant: "建帳批次只登記保留的事項", En: "A founding round only retains what is there"}
	noHeir    = lang.Text{Hans: "请选择承接机关", Hant: "請選擇承接機關", En: "Choose who takes it over"}
	heirTwice = lang.Text{Hans: "承接机关重复", Hant: "承接機關重複", En: "A receiving body stands there twice"}
	heirSelf  = lang.Text{Hans: "承接机关不能是原机关自己", Hant: "承接機關不能是原機關自己", En: "The former body cannot receive the item itself"}
	heirLevel = lang.Text{Hans: "下放只能到下级机关", Hant: "下放只能到下級機關", En: "An item is delegated to a lower level only"}
	heirArea  = lang.Text{Hans: "承接机关不在原机关的管辖区域内", Hant: "承接機關不在原機關的管轄區域內", En: "The receiving body lies outside the area of the former one"}
	heirKind  = lang.Text{Hans: "承接机关不是这一事项的主管部门", Hant: "承接機關不是這一事項的主管部門", En: "The receiving body is not competent for the item"}
	heirCode  = lang.Text{Hans: "承接机关没有登记统一社会信用代码、咨询或者办理地点，不能承接", Hant: "承接機關沒有登記統一社會信用代碼、諮詢或者辦理地點，不能承接", En: "The receiving body has no credit code, contact or place in the registry, so it cannot take the item over"}
	noInto    = lang.Text{Hans: "请选择并入的事项", Hant: "請選擇併入的事項", En: "Choose the item into which it is merged"}
	intoSelf  = lang.Text{Hans: "不能并入自己", Hant: "不能併入自己", En: "An item cannot be merged into itself"}
	intoHeld  = lang.Text{Hans: "承接机关没有行使并入的事项", Hant: "承接機關沒有行使併入的事項", En: "The receiving body does not exercise the item into which it is merged"}
	noCases   = lang.Text{Hans: "请选择在办件怎样处理", Hant: "請選擇在辦件怎樣處理", En: "Say what becomes of open cases"}
	cannot    = lang.Text{Hans: "没有承接机关，在办件只能由原机关办结", Hant: "沒有承接機關，在辦件只能由原機關辦結", En: "Nobody takes the item over: open cases can only be finished by the former body"}
	noList    = lang.Text{Hans: "请写明交接清单，一行一项", Hant: "請寫明交接清單，一行一項", En: "List what has to be handed over, one thing a line"}
	longList  = lang.Text{Hans: "交接清单最多 30 项，每项最多 100 字", Hant: "交接清單最多 30 項，每項最多 100 字", En: "At most 30 things of 100 characters each"}
	noFollow  = lang.Text{Hans: "请至少安排一次后续监管", Hant: "請至少安排一次後續監管", En: "Plan at least one date of follow-up supervision"}
	followDay = lang.Text{Hans: "后续监管的日期不能早于生效日期", Hant: "後續監管的日期不能早於生效日期", En: "Follow-up supervision cannot be due before the date of effect"}
	followAll = lang.Text{Hans: "后续监管的日期、机关和内容都要填写", Hant: "後續監管的日期、機關和內容都要填寫", En: "Each date of follow-up needs its day, its body and what is to be done"}
)

// fault is one thing that is wrong with a line.
func fault(path, code string, text lang.Text) casework.FieldError {
	return casework.FieldError{Path: path, Code: code, Text: text}
}
