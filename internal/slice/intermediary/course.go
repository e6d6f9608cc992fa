package intermediary

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// Kinds returns the kinds of cases.
func (s *Rooms) Kinds() []casework.Kind {
	return []casework.Kind{
		{
			Name: OrderKind, Policy: OrderKind, Title: lang.Text{Hans: "中介服务订单", Hant: "中介服務訂單", En: "Order of an intermediary service"},
			Begin: s.beginOrder, Changed: s.orderChanged, Party: partyOf, Length: lengthOf, Check: checkOrder,
		},
		{
			Name: AdmissionKind, Policy: AdmissionKind, Title: lang.Text{Hans: "中介机构入驻", Hant: "中介機構入駐", En: "Admission of an agency"},
			Begin: s.beginAdmission, Changed: s.admissionChanged,
		},
		{
			Name: BidKind, Policy: BidKind, Title: lang.Text{Hans: "中介服务报价", Hant: "中介服務報價", En: "Bid for an intermediary service"},
			Begin: s.beginBid, Changed: s.bidChanged,
		},
		{
			Name: SanctionKind, Policy: SanctionKind, Title: lang.Text{Hans: "中介机构惩戒", Hant: "中介機構懲戒", En: "Sanction against an agency"},
			Begin: s.beginSanction, Changed: s.sanctionChanged, Party: partyOf,
		},
		{Name: LiftKind, Policy: LiftKind, Title: liftTitle, Begin: s.beginLift, Changed: s.liftChanged},
		{Name: AttemptKind, Policy: AttemptKind, Title: attemptTitle, Begin: s.beginAttempt},
	}
}

// lengthOf is [casework.Kind.Length] of orders: the contract fixes the days.
func lengthOf(v procedure.Variables, rule string) int {
	if rule != ruleDeliver {
		return 0
	}
	n, ok := v["days"].(feel.Number)
	if !ok {
		return 0
	}
	days, exact := n.Int64()
	if !exact || days < 1 {
		return 0
	}
	return int(days)
}

// checkOrder keeps a deliverable from being handed in without a file.
func checkOrder(_ *casework.Case, t casework.Task, entered casework.Complete, _ time.Time) error {
	if t.Element == stepDeliver && len(entered.Files) == 0 {
		return refuse("/files", "required", lang.Text{Hans: "请上传成果文件", Hant: "請上傳成果檔案", En: "Upload the deliverable"})
	}
	return nil
}

// orderChanged keeps orders in step with their cases, in their transaction.
func (s *Rooms) orderChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	id, at := int64(c.ID), store.Micros(h.Event.At)
	if h.Kind == casework.Submitted {
		return s.orderBegun(ctx, tx, c, h)
	}
	if err := bindFiles(ctx, tx, c, h); err != nil {
		return err
	}
	switch h.Kind {
	case casework.Completed:
		if err := s.orderStep(ctx, tx, c, h); err != nil {
			return err
		}
	case casework.Messaged:
		if err := s.mayCancel(ctx, tx, c); err != nil {
			return err
		}
	case casework.StatuteMissed:
		if h.Data["clock"] == "deliver" {
			tx.QueueOne(`UPDATE intermediary_order SET late = 1 WHERE id = $1`, id)
			tx.Queue(`UPDATE intermediary_agency SET late = late + 1 WHERE id = (SELECT agency FROM intermediary_order WHERE id = $1)`, id)
		}
	case casework.Rated:
		grade := whole(h.Data["grade"])
		tx.QueueOne(`UPDATE intermediary_order SET rating = $2 WHERE id = $1`, id, grade)
		tx.Queue(`UPDATE intermediary_agency SET ratings = ratings + 1, grades = grades + $2 WHERE id = (SELECT agency FROM intermediary_order WHERE id = $1)`, id, grade)
		return nil
	}
	due, ended := int64(0), int64(0)
	if k := c.Clock("deliver"); k != nil && c.Open() {
		due = store.Micros(k.Term.Compute(s.Calendar(), h.Event.At).Statute)
	}
	if !c.Open() {
		ended = store.Micros(c.EndedAt)
		tx.Queue(`DELETE FROM intermediary_slot WHERE order_ = $1`, id)
		if c.Status == "intermediary-"+Accepted {
			tx.Queue(`UPDATE intermediary_agency SET finished = finished + 1 WHERE id = (SELECT agency FROM intermediary_order WHERE id = $1)`, id)
		}
	}
	tx.QueueOne(`UPDATE intermediary_order SET state = $2, due_at = $3, ended_at = $4, delivered_at = CASE WHEN $2 = 'delivered' THEN $5 ELSE delivered_at END WHERE id = $1`,
		id, stateOf(c), due, ended, at)
	return nil
}

// orderStep notes what a step brought.
func (s *Rooms) orderStep(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	id := int64(c.ID)
	text := func(name string) string { t, _ := h.Data[name].(string); return t }
	inner := func(name, field string) string {
		m, _ := h.Data[name].(map[string]any)
		t, _ := m[field].(string)
		return t
	}
	switch h.Data["task"] {
	case stepStart:
		tx.QueueOne(`UPDATE intermediary_draw SET started = $2, words = $3 WHERE order_ = $1 AND started = 0`, id, int64(h.Event.ID), strconv.FormatInt(whole(h.Data["words"]), 10))
	case stepDraw:
		tx.QueueOne(`UPDATE intermediary_draw SET drawn = $2, winner = $3 WHERE order_ = $1 AND drawn = 0`, id, int64(h.Event.ID), inner("draw", "winner"))
		s.chosen(tx, id, inner("draw", "winner"), h)
	case stepOpen:
		if err := allOpened(ctx, tx, c, whole(h.Data["taken"])); err != nil {
			return err
		}
		bids, _ := h.Data["bids"].([]any)
		for _, b := range bids {
			bid, _ := b.(map[string]any)
			tx.QueueOne(`UPDATE intermediary_bid SET fen = $3, days = $4, score = $5,
				rating = (SELECT CASE WHEN ratings = 0 THEN 0 ELSE grades * 100 / ratings END FROM intermediary_agency WHERE number = $2) WHERE order_ = $1 AND agency = (SELECT id FROM intermediary_agency WHERE number = $2)`,
				id, bid["agency"], whole(bid["fen"]), whole(bid["days"]), whole(bid["score"]))
		}
		if first := inner("first", "agency"); first != "" {
			s.chosen(tx, id, first, h)
		}
	case stepConfirm:
		if text("outcome") == Confirm {
			return s.contracted(ctx, tx, c, h)
		}
	case stepGrade:
		if text("outcome") == Return {
			tx.QueueOne(`UPDATE intermediary_order SET returned = returned + 1 WHERE id = $1`, id)
			tx.Queue(`UPDATE intermediary_agency SET returned = returned + 1 WHERE id = (SELECT agency FROM intermediary_order WHERE id = $1)`, id)
			return nil
		}
		tx.QueueOne(`UPDATE intermediary_order SET grade = $2 WHERE id = $1`, id, text("outcome"))
	}
	return nil
}

// allOpened refuses the step when a bid came in since the bids were read: they are read again at the next turn. It holds the order's row, as whoever
// takes a bid in does.
func allOpened(ctx context.Context, tx *store.Tx, c *casework.Case, taken int64) error {
	if _, err := tx.ExecCount(ctx, `UPDATE intermediary_order SET state = state WHERE id = $1`, int64(c.ID)); err != nil {
		return fmt.Errorf("order %s: %w", c.Number, err)
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM intermediary_bid WHERE order_ = $1`, int64(c.ID)).Scan(&n); err != nil {
		return fmt.Errorf("bids for %s: %w", c.Number, err)
	}
	if n != taken {
		return &casework.Refusal{Code: casework.RefusedStale, Args: map[string]any{"Number": c.Number}}
	}
	return nil
}

// chosen notes whom a draw or the bids gave an order to.
func (s *Rooms) chosen(tx *store.Tx, order int64, agency string, h casework.Happened) {
	tx.QueueOne(`UPDATE intermediary_order SET agency = (SELECT id FROM intermediary_agency WHERE number = $2), fen = $3, days = $4 WHERE id = $1`,
		order, agency, whole(h.Data["fen"]), whole(h.Data["days"]))
}

// contracted keeps the contract and counts it. An agency that was sanctioned a moment ago makes none.
func (s *Rooms) contracted(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	o, err := store.One(ctx, tx, scanOrder, `SELECT `+orderColumns+` FROM intermediary_order WHERE id = $1`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("order %s: %w", c.Number, err)
	}
	a, err := s.agencyByID(ctx, tx, o.Agency)
	if err != nil {
		return err
	}
	contract, err := s.contract(ctx, &o, &a)
	if err != nil {
		return err
	}
	tx.QueueOne(`UPDATE intermediary_order SET contract = $2, digest = $3, contracted_at = $4 WHERE id = $1`, int64(c.ID), contract, digestOf(contract), store.Micros(h.Event.At))
	tx.QueueOne(`UPDATE intermediary_agency SET orders = orders + 1, fen = fen + $2 WHERE id = $1`, int64(a.ID), o.Fen)
	tx.Queue(`INSERT INTO intermediary_share (body, agency, orders, fen) VALUES ($1, $2, 1, $3)
		ON CONFLICT (body, agency) DO UPDATE SET orders = intermediary_share.orders + 1, fen = intermediary_share.fen + excluded.fen`, o.Body, int64(a.ID), o.Fen)
	return nil
}

// promised is what an agency promised for an order: what was public when the order was placed, or when the bid that has won came in.
func (s *Rooms) promised(ctx context.Context, o *Order, a *Agency) (Profile, error) {
	at := o.BegunAt
	if o.Method == Bids {
		rows, err := s.BidsOf(ctx, o.ID)
		if err != nil {
			return Profile{}, err
		}
		for i := range rows {
			if rows[i].Agency == a.ID {
				at = rows[i].At
			}
		}
	}
	return s.profileAt(ctx, a, at)
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hexOf(sum[:])
}

// contract writes the contract of an order. It names the applicant by the number of the case alone: it holds nothing personal.
func (s *Rooms) contract(ctx context.Context, o *Order, a *Agency) (string, error) {
	x, err := s.Service(ctx, o.Service)
	if err != nil {
		return "", err
	}
	promised, err := s.promised(ctx, o, a)
	if err != nil {
		return "", err
	}
	lines := []string{
		"中介服务合同 " + o.Number,
		"委托方：办件 " + o.OfNumber + " 的申请人",
		"受托方：" + a.Name + "（统一社会信用代码 " + a.USCC + "，名录编号 " + a.Number + "）",
		"服务：" + x.Name.Hans,
		"依据：" + x.Basis,
		"选取方式：" + methodNames[o.Method],
		fmt.Sprintf("价款：%d.%02d 元", o.Fen/100, o.Fen%100),
		fmt.Sprintf("期限：合同成立之日起 %d 个工作日，由平台计时；办理机关核验成果的时间不计入", o.Days),
		"成果：交付的文件经 " + s.Names.Body(o.Body).Hans + " 核验，评为 A 级或者 B 级的进入办件；退回修改的，期限继续计算",
		"质量承诺：" + promised.Promise,
	}
	return strings.Join(lines, "\n") + "\n", nil
}

var methodNames = map[Method]string{Choice: "直接选取", Draw: "随机抽取", Bids: "竞价"}

// bindFiles lets the files that an event brought belong to its case, so that no sweep takes them.
func bindFiles(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	raw, ok := h.Private["files"]
	if !ok {
		return nil
	}
	var refs []casework.FileRef
	if err := json.Unmarshal(raw, &refs); err != nil {
		return fmt.Errorf("files of %s: %w", c.Number, err)
	}
	ids := make([]store.ID, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	return file.Bind(ctx, tx, h.Actor.Account, file.Holder{Kind: file.HolderCase, ID: c.ID}, ids...)
}

// The wording of what is wrong with a step of an order.
var (
	isBarred = lang.Text{Hans: "机构已被暂停承接或者列入黑名单，不能签订新的合同；请选择不承接", Hant: "機構已被暫停承接或者列入黑名單，不能簽訂新的合同；請選擇不承接", En: "The agency is suspended or on the blacklist and makes no new contract; decline the order"}
	noAnswer = lang.Text{Hans: "请选择是否承接", Hant: "請選擇是否承接", En: "Say whether you take the order"}
)

// Start (启动抽取) starts a draw with words of the applicant's own. One that was started is never started again: that is refused and taken down.
func (s *Rooms) Start(ctx context.Context, actor identity.Principal, number string, words int64, key string) (casework.Receipt, error) {
	o, err := s.Order(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	data, err := json.Marshal(map[string]int64{"words": words})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("start a draw: %w", err)
	}
	rec, err := s.complete(ctx, actor, o.ID, stepStart, key, data, nil)
	if err != nil && o.Method == Draw && o.State != Committed && o.State != Cancelled && s.allow(actor, ActionOrder, number, o.Body, o.Party) == nil {
		if noted := s.attempted(ctx, &o); noted != nil {
			return rec, noted
		}
		return rec, &casework.Refusal{Code: casework.RefusedTaskDone, Text: drawnAlready}
	}
	return rec, err
}

var drawnAlready = lang.Text{
	Hans: "这个订单已经抽取过，不能重新抽取；这次尝试已经记录，监察可以看到", Hant: "這個訂單已經抽取過，不能重新抽取；這次嘗試已經記錄，監察可以看到",
	En: "This order has been drawn; it is never drawn anew. The attempt was recorded, and supervision sees it",
}

// Answer (确认合同) is what an agency says to an order.
func (s *Rooms) Answer(ctx context.Context, actor identity.Principal, number, outcome, remark, key string) (casework.Receipt, error) {
	o, err := s.Order(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	entered := map[string]any{}
	switch outcome {
	case Confirm:
		a, err := s.agencyByID(ctx, s.DB.Read(), o.Agency)
		if err != nil {
			return casework.Receipt{}, err
		}
		if a.Barred(s.today()) != "" {
			return casework.Receipt{}, refuse("/outcome", "barred", isBarred)
		}
		contract, err := s.contract(ctx, &o, &a)
		if err != nil {
			return casework.Receipt{}, err
		}
		entered["contract"] = map[string]string{"sha256": digestOf(contract)}
	case Decline:
	default:
		return casework.Receipt{}, refuse("/outcome", "required", noAnswer)
	}
	entered["outcome"] = outcome
	return s.step(ctx, actor, &o, stepConfirm, key, entered, remark, nil)
}

var (
	chosenAlready = lang.Text{
		Hans: "机构已经由抽取或者竞价选出，不能撤销订单重新选取；机构不承接或者逾期未确认的，可以重新下单", Hant: "機構已經由抽取或者競價選出，不能撤銷訂單重新選取；機構不承接或者逾期未確認的，可以重新下單",
		En: "The agency was found by a draw or by bids: the order is not cancelled to have another. If the agency declines or does not confirm in time, place a new order",
	}
	workBegun = lang.Text{
		Hans: "合同已经成立，不能在这里撤销", Hant: "合同已經成立，不能在這裡撤銷", En: "The contract is made; the order is not cancelled here any more",
	}
)

// mayCancel keeps an order whose agency was drawn, or won by its bid, from being cancelled: whoever does not like the result would order again
// until they do. Once the case that it is for has ended nothing can be ordered anew, and nothing stands in the way.
func (s *Rooms) mayCancel(ctx context.Context, tx *store.Tx, c *casework.Case) error {
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	o, err := store.One(ctx, tx, scanOrder, `SELECT `+orderColumns+` FROM intermediary_order WHERE id = $1`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("order %s: %w", c.Number, err)
	}
	if o.State != Offered || o.Method == Choice {
		return nil
	}
	of, err := s.cases.Get(ctx, o.OfCase)
	if err != nil {
		return fmt.Errorf("case %s: %w", o.OfNumber, err)
	}
	if of.Open() {
		return refuse("/cancel", "chosen", chosenAlready)
	}
	return nil
}

// Cancel (撤销订单) ends an order before its agency is found, or before the agency that was chosen has confirmed.
func (s *Rooms) Cancel(ctx context.Context, actor identity.Principal, number, reason, key string) (casework.Receipt, error) {
	o, err := s.Order(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	if o.State == Working || o.State == Delivered {
		return casework.Receipt{}, refuse("/cancel", "begun", workBegun)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Case: o.ID, Act: casework.Send{Message: "withdraw", Reason: strings.TrimSpace(reason)}})
}

// cancellable reports whether its applicant may cancel an order as it stands. OfOpen says whether the case that it is for is open.
func (o *Order) cancellable(ofOpen bool) bool {
	switch o.State {
	case Committed, Bidding:
		return true
	case Offered:
		return o.Method == Choice || !ofOpen
	default:
		return false
	}
}

// step does a step of an order with a remark, if there is one.
func (s *Rooms) step(ctx context.Context, actor identity.Principal, o *Order, step, key string, entered map[string]any, remark string, files []casework.FileRef) (casework.Receipt, error) {
	if remark = strings.TrimSpace(remark); remark != "" {
		entered["remark"] = remark
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("order %s: %w", o.Number, err)
	}
	return s.complete(ctx, actor, o.ID, step, key, data, files)
}

// Deliver (交付成果) hands in what was ordered.
func (s *Rooms) Deliver(ctx context.Context, actor identity.Principal, number, note string, files []casework.FileRef, key string) (casework.Receipt, error) {
	o, err := s.Order(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	entered := map[string]any{}
	if note = strings.TrimSpace(note); note != "" {
		entered["note"] = note
	}
	return s.step(ctx, actor, &o, stepDeliver, key, entered, "", files)
}

// Grade (核验评级) is what the body says of a deliverable: A, B, or that it is to be mended.
func (s *Rooms) Grade(ctx context.Context, actor identity.Principal, number, outcome, remark, key string) (casework.Receipt, error) {
	o, err := s.Order(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	entered := map[string]any{}
	if outcome != "" {
		entered["outcome"] = outcome
	}
	return s.step(ctx, actor, &o, stepGrade, key, entered, remark, nil)
}

// Deliverables returns the files of an order, the latest delivery last. The caller must have asked whether they may be seen.
func (s *Rooms) Deliverables(ctx context.Context, o *Order) ([]casework.FileRef, error) {
	private, err := s.cases.Private(ctx, o.ID)
	if err != nil {
		return nil, fmt.Errorf("deliverables of order %s: %w", o.Number, err)
	}
	var last []casework.FileRef
	for _, p := range slices.Backward(private) {
		raw, ok := p.Fields["files"]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, &last); err != nil {
			return nil, fmt.Errorf("deliverables of order %s: %w", o.Number, err)
		}
		return last, nil
	}
	return nil, nil
}

// rankRule is by what bids for an order are compared.
func (s *Rooms) weights() (draw.Weights, error) { return s.weightsOn(s.today()) }

// weightsOn are those of a day.
func (s *Rooms) weightsOn(day calendar.Date) (draw.Weights, error) {
	price, err := s.amountOn(rulePrice, day)
	if err != nil {
		return draw.Weights{}, err
	}
	days, err := s.amountOn(ruleDays, day)
	if err != nil {
		return draw.Weights{}, err
	}
	return draw.Weights{Price: price, Days: days, Rating: max(0, 100-price-days)}, nil
}
