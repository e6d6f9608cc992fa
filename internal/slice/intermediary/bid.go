package intermediary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// bidForm is what a bid says, and for which order it is. It is sealed in its case until the bids are opened: the log holds a commitment to
// it, and before the opening neither who bids nor how many do can be read there (after the model of 招标投标法 art. 22).
type bidForm struct {
	Order string `json:"order"`
	Fen   int64  `json:"fen"`
	Days  int    `json:"days"`
}

// The wording of what is wrong with a bid.
var (
	noCall      = lang.Text{Hans: "没有这个订单，或者它不是竞价的", Hant: "沒有這個訂單，或者它不是競價的", En: "There is no such order, or it takes no bids"}
	bidsOpened  = lang.Text{Hans: "报价已经开启，不再接受报价", Hant: "報價已經開啟，不再接受報價", En: "The bids have been opened; no more are taken"}
	notOffering = lang.Text{Hans: "只有入驻时登记了这项服务的机构可以报价", Hant: "只有入駐時登記了這項服務的機構可以報價", En: "Only agencies admitted for this service bid"}
	bidTwice    = lang.Text{Hans: "已经报过价，密封的报价不能更改", Hant: "已經報過價，密封的報價不能更改", En: "You have bid already; a sealed bid is not changed"}
)

// Bid (报价) hands in a sealed bid.
func (s *Rooms) Bid(ctx context.Context, actor identity.Principal, number string, fen int64, days int, key string) (casework.Receipt, error) {
	form, err := json.Marshal(bidForm{number, fen, days})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("bid: %w", err)
	}
	who, err := s.People.Party(ctx, actor.Party().ID)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("bid: %w", err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{
		Kind: BidKind, Subject: BidKind, Channel: casework.Online, Applicant: who, Form: form,
	}})
}

func (s *Rooms) beginBid(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var f bidForm
	if err := json.Unmarshal(sent.Form, &f); err != nil {
		return casework.Beginning{}, fmt.Errorf("bid: %w", err)
	}
	o, err := s.Order(ctx, f.Order)
	if isNotFound(err) || err == nil && o.Method != Bids {
		return casework.Beginning{}, refuse("/order", "unknown", noCall)
	}
	if err != nil {
		return casework.Beginning{}, err
	}
	if o.State != Bidding || !s.Now().Before(o.OpenAt) {
		return casework.Beginning{}, refuse("/order", "opened", bidsOpened)
	}
	x, err := s.Service(ctx, o.Service)
	if err != nil {
		return casework.Beginning{}, err
	}
	with, err := s.sideOf(ctx, o.Party, o.Body)
	if err != nil {
		return casework.Beginning{}, err
	}
	list, err := s.offering(ctx, &x, with)
	if err != nil {
		return casework.Beginning{}, err
	}
	var mine *standing
	for i := range list {
		if list[i].Party == sent.Applicant.Party && sent.Applicant.Party != 0 {
			mine = &list[i]
		}
	}
	switch {
	case mine == nil:
		return casework.Beginning{}, refuse("/order", "offer", notOffering)
	case mine.Rule != "":
		return casework.Beginning{}, refuse("/order", mine.Rule, s.ruleText(mine.Rule))
	}
	var wrong []casework.FieldError
	if f.Fen < 1 || f.Fen > x.Fen {
		wrong = append(wrong, fault("/fen", "range", badFen))
	}
	if f.Days < 1 || f.Days > x.Days {
		wrong = append(wrong, fault("/days", "range", badDays))
	}
	if err := refused(wrong); err != nil {
		return casework.Beginning{}, err
	}
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT COUNT(*) FROM intermediary_bid WHERE order_ = $1 AND agency = $2`, int64(o.ID), int64(mine.ID)))
	if err != nil {
		return casework.Beginning{}, fmt.Errorf("bids for %s: %w", o.Number, err)
	}
	if n > 0 {
		return casework.Beginning{}, refuse("/order", "twice", bidTwice)
	}
	return casework.Beginning{Title: x.Name, Division: o.Division, Body: o.Body, Procedure: BidKind, Series: "ZB" + o.Division}, nil
}

// bidChanged takes a bid in. It holds the order's row while it does: what comes at the very end of the time for bids is either among those
// that are opened, or refused; and none goes to an order that was cancelled meanwhile.
func (s *Rooms) bidChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind != casework.Submitted {
		return nil
	}
	var f bidForm
	if err := json.Unmarshal(h.Private["form"], &f); err != nil {
		return fmt.Errorf("bid: %w", err)
	}
	at := store.Micros(h.Event.At)
	n, err := tx.ExecCount(ctx, `UPDATE intermediary_order SET state = state WHERE number = $1 AND state = 'bidding' AND open_at > $2`, f.Order, at)
	if err != nil {
		return fmt.Errorf("bid for %s: %w", f.Order, err)
	}
	if n != 1 {
		return refuse("/order", "opened", bidsOpened)
	}
	var was int64
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM intermediary_bid AS b JOIN intermediary_order AS o ON o.id = b.order_ JOIN intermediary_agency AS a ON a.id = b.agency
		WHERE o.number = $1 AND a.party = $2`, f.Order, int64(c.Party)).Scan(&was)
	if err != nil {
		return fmt.Errorf("bids for %s: %w", f.Order, err)
	}
	if was > 0 { // two of one agency at the same instant
		return refuse("/order", "twice", bidTwice)
	}
	tx.Queue(`INSERT INTO intermediary_bid (id, number, order_, agency, at, fen, days, score)
		VALUES ($1, $2, (SELECT id FROM intermediary_order WHERE number = $3), (SELECT id FROM intermediary_agency WHERE party = $4 AND state = 'admitted'), $5, 0, 0, 0)`,
		int64(c.ID), c.Number, f.Order, int64(c.Party), at)
	return nil
}

// openBids (开启报价) opens the bids for an order whose time has come, puts them in their order and publishes all of it.
func (s *Rooms) openBids(ctx context.Context, o *Order) error {
	if s.Now().Before(o.OpenAt) {
		return errors.New("the bids are not to be opened yet")
	}
	rows, err := s.BidsOf(ctx, o.ID)
	if err != nil {
		return err
	}
	type opened struct {
		agency *Agency
		bid    string
	}
	by := map[string]opened{}
	var bids []draw.Bid
	for i, row := range rows {
		d, err := s.cases.Dossier(ctx, row.ID)
		if err != nil {
			return fmt.Errorf("bid %s: %w", row.Number, err)
		}
		var f bidForm
		if err := json.Unmarshal(d.Form, &f); err != nil {
			return fmt.Errorf("bid %s: %w", row.Number, err)
		}
		a, err := s.agencyByID(ctx, s.DB.Read(), row.Agency)
		if err != nil {
			return err
		}
		if a.Barred(s.today()) != "" { // sanctioned meanwhile: its bid counts no more
			continue
		}
		by[a.Number] = opened{&a, row.Number}
		bids = append(bids, draw.Bid{Number: a.Number, Fen: f.Fen, Days: f.Days, Rating: a.Rating(), Order: int64(i)})
	}
	w, err := s.weights()
	if err != nil {
		return err
	}
	ranked := draw.Rank(o.Rule, w, bids)
	entered := map[string]any{"outcome": "none", "bids": []any{}, "taken": len(rows)}
	if len(ranked) > 0 {
		all := make([]any, 0, len(ranked))
		for i := range ranked {
			p := &ranked[i]
			all = append(all, map[string]any{"agency": p.Number, "fen": p.Fen, "days": p.Days, "score": p.Score, "bid": by[p.Number].bid})
		}
		first := &ranked[0]
		entered = map[string]any{
			"outcome": "bid", "bids": all, "taken": len(rows), "first": map[string]string{"agency": first.Number}, "fen": first.Fen, "days": first.Days, "party": int64(by[first.Number].agency.Party),
		}
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return fmt.Errorf("bids for %s: %w", o.Number, err)
	}
	_, err = s.complete(ctx, identity.Platform, o.ID, stepOpen, "intermediary/open/"+o.Number, data, nil)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && (refusal.Code == casework.RefusedStale || refusal.Code == casework.RefusedEnded) { // a bid came in, or it was cancelled
		return errWaits
	}
	return err
}
