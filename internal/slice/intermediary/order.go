package intermediary

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// Steps of the procedure of an order, and what comes of them.
const (
	stepStart   = draw.StepStart
	stepDraw    = draw.StepDraw
	stepOpen    = "open-bids"
	stepConfirm = "confirm-contract"
	stepDeliver = "deliver-result"
	stepGrade   = "grade-result"

	Confirm = "confirm"
	Decline = "decline"
	GradeA  = "A"
	GradeB  = "B"
	Return  = "return"
)

// Ask is what somebody orders.
type Ask struct {
	Case    string // number of the case that the deliverable is for
	Service string
	Method  Method
	Agency  string    // number of the agency, with Choice
	Rule    draw.Rule // by which bids are compared, with Bids
	Seen    string    // mark of what the agency promised when it was chosen, with Choice; empty: nobody looked
}

// orderForm is what a case of an order is opened with.
type orderForm struct {
	Case       store.ID  `json:"case"`
	Number     string    `json:"number"`
	Service    string    `json:"service"`
	Method     Method    `json:"method"`
	Agency     string    `json:"agency,omitempty"`
	Rule       draw.Rule `json:"rule,omitempty"`
	Commitment string    `json:"commitment,omitempty"`
}

// The wording of what is wrong with an order.
var (
	noCase     = lang.Text{Hans: "没有这个办件，或者它不需要中介服务，请从“我的办件”进入", Hant: "沒有這個辦件，或者它不需要中介服務，請從「我的辦件」進入", En: "There is no such case, or it asks for no intermediary service; start from your own matters"}
	caseEnded  = lang.Text{Hans: "这个办件已经办结，不能再下单", Hant: "這個辦件已經辦結，不能再下單", En: "This case has ended; nothing can be ordered for it any more"}
	notYours   = lang.Text{Hans: "只能为自己的办件下单", Hant: "只能為自己的辦件下單", En: "Orders are placed for one’s own cases only"}
	noService  = lang.Text{Hans: "这个办件不需要这项中介服务，请从列表中选择", Hant: "這個辦件不需要這項中介服務，請從列表中選擇", En: "This case does not ask for that service; choose one from the list"}
	noBasis    = lang.Text{Hans: "这项中介服务没有法定依据，不得作为办理条件，任何机关不能要求您提供", Hant: "這項中介服務沒有法定依據，不得作為辦理條件，任何機關不能要求您提供", En: "This service has no basis in law: no body may make it a condition or ask you for it"}
	isRetired  = lang.Text{Hans: "这项中介服务已经取消", Hant: "這項中介服務已經取消", En: "This service has been abolished"}
	noMethod   = lang.Text{Hans: "请选择选取方式", Hant: "請選擇選取方式", En: "Choose how the agency is to be chosen"}
	noAgency   = lang.Text{Hans: "请选择一家提供这项服务的机构", Hant: "請選擇一家提供這項服務的機構", En: "Choose an agency that offers this service"}
	noRule     = lang.Text{Hans: "请选择评价办法", Hant: "請選擇評價辦法", En: "Choose how bids are compared"}
	nobody     = lang.Text{Hans: "目前没有可以承接的机构，请改用其他方式或者稍后再试", Hant: "目前沒有可以承接的機構，請改用其他方式或者稍後再試", En: "No agency may take the order now; choose another way, or try again later"}
	offerMoved = lang.Text{Hans: "这家机构刚刚修改了价格、工期或者承诺，请核对现在的内容后再下单", Hant: "這家機構剛剛修改了價格、工期或者承諾，請核對現在的內容後再下單", En: "This agency has just changed its price, term or promise; look at what holds now, then order"}
	orderTwice = lang.Text{Hans: "这个办件的这项服务已经有订单在办理，结束以前不能再下单、不能重新抽取", Hant: "這個辦件的這項服務已經有訂單在辦理，結束以前不能再下單、不能重新抽取", En: "There is an order for this service in this case already; until it has ended no other can be placed and nothing can be drawn anew"}
)

// asked finds the case, the service and what stands in the way, for an order.
func (s *Rooms) asked(ctx context.Context, party store.ID, number, service string) (*casework.Case, *Service, error) {
	c, err := s.cases.ByNumber(ctx, number)
	if isNotFound(err) {
		return nil, nil, refuse("/case", "unknown", noCase)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("case of an order: %w", err)
	}
	m, ok := s.Matters.Matter(c)
	switch {
	case !ok:
		return nil, nil, refuse("/case", "unknown", noCase)
	case c.Party == 0 || c.Party != party:
		return nil, nil, refuse("/case", "owner", notYours)
	case !c.Open() && !c.EndedAt.After(s.Now()):
		return nil, nil, refuse("/case", "ended", caseEnded)
	}
	x, err := s.Service(ctx, service)
	if isNotFound(err) || err == nil && x.Material(m.Item) == "" {
		return nil, nil, refuse("/service", "unknown", noService)
	}
	if err != nil {
		return nil, nil, err
	}
	if x.Flagged() {
		return nil, nil, refuse("/service", "basis", s.flaggedText())
	}
	if x.Retired != "" {
		return nil, nil, refuse("/service", "retired", isRetired)
	}
	return c, &x, nil
}

// flaggedText says why a service without a basis cannot be ordered, with the article.
func (s *Rooms) flaggedText() lang.Text {
	v, err := s.Rules.At(ruleBasis, s.today())
	if err != nil {
		return noBasis
	}
	return cited(noBasis, v.Source)
}

// Place (下单) places an order from within a case. With a draw, the list of candidates is fixed and committed to before the order is there.
func (s *Rooms) Place(ctx context.Context, actor identity.Principal, a Ask, key string) (casework.Receipt, error) {
	party := actor.Party().ID
	c, service, err := s.asked(ctx, party, a.Case, a.Service)
	if err != nil {
		return casework.Receipt{}, err
	}
	f := orderForm{Case: c.ID, Number: c.Number, Service: service.Key, Method: a.Method, Agency: a.Agency, Rule: a.Rule}
	switch a.Method {
	case Choice:
		f.Rule = ""
		if err := s.asSeen(ctx, a.Agency, a.Seen); err != nil {
			return casework.Receipt{}, err
		}
	case Bids:
		f.Agency = ""
	case Draw:
		f.Agency, f.Rule = "", ""
		if f.Commitment, err = s.commit(ctx, actor, c, service, key); err != nil {
			return casework.Receipt{}, err
		}
	}
	form, err := json.Marshal(f)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("order: %w", err)
	}
	who, err := s.People.Party(ctx, party)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("order: %w", err)
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: OrderKind, Subject: service.Key, Channel: casework.Online, Applicant: who, Form: form,
	}})
	if store.IsDuplicate(err) { // two at the same instant: the other has the place
		return rec, takenRefusal(true)
	}
	return rec, err
}

// asSeen refuses an order with an agency that promises something else by now than what the applicant saw.
func (s *Rooms) asSeen(ctx context.Context, agency, seen string) error {
	if seen == "" {
		return nil
	}
	a, err := s.Agency(ctx, agency)
	if isNotFound(err) {
		return nil // said when the order begins
	}
	if err == nil && a.Profile.mark() != seen {
		return refuse("/agency", "moved", offerMoved)
	}
	return err
}

// commit fixes the candidates of a draw, makes its nonce and keeps both. Asked again by the same form it answers the same.
func (s *Rooms) commit(ctx context.Context, actor identity.Principal, c *casework.Case, service *Service, key string) (string, error) {
	command := actor.Account.String() + "/" + key
	was, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT commitment FROM intermediary_draw WHERE command = $1`, command))
	if err == nil || !isNotFound(err) {
		return was, err
	}
	if taken, err := s.slotTaken(ctx, c.ID, service.Key); err != nil || taken {
		return "", errors.Join(err, takenRefusal(taken))
	}
	with, err := s.sideOf(ctx, c.Party, c.Body)
	if err != nil {
		return "", err
	}
	list, err := s.offering(ctx, service, with)
	if err != nil {
		return "", err
	}
	candidates, excluded := split(list)
	if len(candidates) == 0 {
		return "", refuse("/method", "nobody", nobody)
	}
	nonce := make([]byte, draw.NonceSize)
	if _, err := io.ReadFull(s.Random, nonce); err != nil {
		return "", fmt.Errorf("nonce of a draw: %w", err)
	}
	bound := c.Number + "/" + service.Key + "/" + s.IDs.New().String()
	sum, err := draw.Commit(bound, candidates, nonce)
	if err != nil {
		return "", fmt.Errorf("commit to a draw: %w", err)
	}
	on, err := json.Marshal(candidates)
	if err != nil {
		return "", fmt.Errorf("candidates of a draw: %w", err)
	}
	off, err := json.Marshal(excluded)
	if err != nil {
		return "", fmt.Errorf("candidates of a draw: %w", err)
	}
	commitment := sum.String()
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO intermediary_draw (commitment, key, command, order_, candidates, excluded, nonce, words, started, drawn, winner)
			VALUES ($1, $2, $3, 0, $4, $5, $6, '', 0, 0, '')`, commitment, bound, command, string(on), string(off), s.Keys.Seal(nonceContext(commitment), nonce))
		return nil
	})
	if store.IsDuplicate(err) { // the same form, sent twice at once
		return s.commit(ctx, actor, c, service, key)
	}
	if err != nil {
		return "", fmt.Errorf("keep a draw: %w", err)
	}
	return commitment, nil
}

func takenRefusal(taken bool) error {
	if !taken {
		return nil
	}
	return refuse("/service", "twice", orderTwice)
}

// slotTaken reports whether there is an open order for a service in a case.
func (s *Rooms) slotTaken(ctx context.Context, id store.ID, service string) (bool, error) {
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT COUNT(*) FROM intermediary_slot WHERE of_case = $1 AND service = $2`, int64(id), service))
	if err != nil {
		return false, fmt.Errorf("orders of case %s: %w", id, err)
	}
	return n > 0, nil
}

// beginOrder is [casework.Kind.Begin] of orders: by whatever door one comes in, all is checked here.
func (s *Rooms) beginOrder(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var f orderForm
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, fmt.Errorf("order: %w", err)
	}
	c, service, err := s.asked(ctx, sent.Applicant.Party, f.Number, f.Service)
	if err != nil {
		return casework.Beginning{}, err
	}
	if c.ID != f.Case {
		return casework.Beginning{}, refuse("/case", "unknown", noCase)
	}
	if taken, err := s.slotTaken(ctx, c.ID, service.Key); err != nil || taken {
		return casework.Beginning{}, errors.Join(err, takenRefusal(taken))
	}
	with, err := s.sideOf(ctx, c.Party, c.Body)
	if err != nil {
		return casework.Beginning{}, err
	}
	list, err := s.offering(ctx, service, with)
	if err != nil {
		return casework.Beginning{}, err
	}
	b := casework.Beginning{
		Title: service.Name, Division: c.Division, Body: c.Body, Procedure: OrderKind, Series: "ZJ" + c.Division,
		Variables: map[string]any{"method": string(f.Method), "party": 0, "days": service.Days},
		Public:    map[string]any{"for": c.Number, "service": service.Key, "method": string(f.Method)},
	}
	relations, err := s.relationsOf(ctx, service.Key)
	if err != nil {
		return b, err
	}
	switch f.Method {
	case Choice:
		i := slices.IndexFunc(list, func(x standing) bool { return x.Number == f.Agency })
		if i < 0 {
			return b, refuse("/agency", "unknown", noAgency)
		}
		x := &list[i]
		if x.Rule != "" {
			return b, refuse("/agency", x.Rule, s.ruleText(x.Rule))
		}
		b.Variables["party"], b.Variables["days"] = int64(x.Party), x.Offered.Days
		b.Public["agency"], b.Public["fen"], b.Public["days"] = x.Number, x.Offered.Fen, x.Offered.Days
		b.Barred = s.recused(relations[x.ID], c.Body)
		return b, nil
	case Draw:
		b.Public["commitment"] = f.Commitment
	case Bids:
		if !f.Rule.Valid() {
			return b, refuse("/rule", "required", noRule)
		}
		n, err := s.amount(ruleOpen)
		if err != nil {
			return b, err
		}
		b.Public["rule"], b.Public["opens"] = string(f.Rule), s.Calendar().Add(today, int(n)).End().UTC().Format(time.RFC3339)
	default:
		return b, refuse("/method", "required", noMethod)
	}
	if candidates, _ := split(list); len(candidates) == 0 {
		return b, refuse("/method", "nobody", nobody)
	}
	for i := range list { // whoever of them is chosen
		b.Barred = append(b.Barred, s.recused(relations[list[i].ID], c.Body)...)
	}
	return b, nil
}

// orderBegun takes an order down, in the transaction that opens its case.
func (s *Rooms) orderBegun(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var f orderForm
	if err := json.Unmarshal(h.Private["form"], &f); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	var agency store.ID
	if f.Agency != "" {
		a, err := store.One(ctx, tx, scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE number = $1`, f.Agency)
		if err != nil {
			return fmt.Errorf("agency %s: %w", f.Agency, err)
		}
		agency = a.ID
	}
	service, err := store.One(ctx, tx, scanService, `SELECT `+serviceColumns+` FROM intermediary_service WHERE key = $1`, f.Service)
	if err != nil {
		return fmt.Errorf("service %s: %w", f.Service, err)
	}
	of, err := s.cases.Get(ctx, f.Case)
	if err != nil {
		return fmt.Errorf("case of an order: %w", err)
	}
	m, _ := s.Matters.Matter(of)
	opens := int64(0)
	if text, _ := h.Data["opens"].(string); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("order: %w", err)
		}
		opens = store.Micros(at)
	}
	// Two orders at the same instant: the second finds the place taken, and its transaction fails (see Place).
	tx.Queue(`INSERT INTO intermediary_slot (of_case, service, order_) VALUES ($1, $2, $3)`, int64(f.Case), f.Service, int64(c.ID))
	tx.Queue(`INSERT INTO intermediary_order (id, number, of_case, of_number, service, material, body, division, party, agency, method, rule, state, fen, days, open_at, commitment,
			contract, digest, begun_at, contracted_at, due_at, delivered_at, ended_at, late, grade, returned, attached, rating)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, '', '', $18, 0, 0, 0, 0, 0, '', 0, 0, 0)`,
		int64(c.ID), c.Number, int64(f.Case), f.Number, f.Service, service.Material(m.Item), c.Body, c.Division, int64(c.Party), int64(agency), string(f.Method), string(f.Rule),
		stateOf(c), whole(h.Data["fen"]), whole(h.Data["days"]), opens, f.Commitment, store.Micros(h.Event.At))
	if f.Commitment != "" {
		tx.QueueOne(`UPDATE intermediary_draw SET order_ = $2 WHERE commitment = $1 AND order_ = 0`, f.Commitment, int64(c.ID))
	}
	return nil
}

// stateOf is the state of an order, a sanction or an admission: what its case's status says after the name of the slice.
func stateOf(c *casework.Case) string {
	const prefix = "intermediary-"
	if len(c.Status) > len(prefix) {
		return c.Status[len(prefix):]
	}
	return c.Status
}

// whole reads a number of the public part of an event.
func whole(v any) int64 {
	switch n := v.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case float64:
		return int64(n)
	case json.Number:
		i, err := n.Int64()
		if err != nil {
			return 0
		}
		return i
	default:
		return 0
	}
}

// partyOf is [casework.Kind.Party] of orders: what the agency is asked, its account does.
func partyOf(c *casework.Case, role string) store.ID {
	if role != "agency" {
		return 0
	}
	n, ok := c.Variables()["party"].(feel.Number)
	id, exact := int64(0), false
	if ok {
		id, exact = n.Int64()
	}
	if !exact || id <= 0 {
		return noParty // nobody's, and least of all the applicant's
	}
	return store.ID(id)
}

// noParty is the party of nobody.
const noParty store.ID = -1

// nonceOf opens the nonce of a draw.
func (s *Rooms) nonceOf(d *DrawRow) ([]byte, error) {
	nonce, err := s.Keys.Open(nonceContext(d.Commitment), d.sealed)
	if err != nil {
		return nil, fmt.Errorf("nonce of draw %s: %w", d.Commitment, err)
	}
	return nonce, nil
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
