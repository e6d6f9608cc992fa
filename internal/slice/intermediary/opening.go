package intermediary

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// isOpened finds orders whose bids have been opened: all that took bids, but those that are still taken and those that were cancelled before.
const isOpened = `method = 'bids' AND state <> 'bidding' AND (state <> 'cancelled' OR EXISTS (SELECT 1 FROM intermediary_bid AS b WHERE b.order_ = intermediary_order.id AND b.fen > 0))`

// Openings lists the latest orders whose bids have been opened.
func (s *Rooms) Openings(ctx context.Context) ([]Order, error) {
	return s.orders(ctx, isOpened+` ORDER BY id DESC LIMIT $1`, maxOrders)
}

// Opening (报价开启) is what everybody reads once the bids for an order were opened: all of them, in their order, with what each promised.
type Opening struct {
	Order
	At      time.Time // when they were opened
	Bids    []OpenedBid
	Weights draw.Weights
	// Why is what put the first before the second; empty when there is no bid that counts.
	Why draw.Edge
}

// OpenedBid is a bid that was opened.
type OpenedBid struct {
	BidRow
	Name    string // of the agency
	Agency  string // its number
	Promise string // of quality, as it was public when the bid came in
	Place   int    // from 1; 0: it did not count, because the agency was under a sanction
}

// Opening returns the bids for an order once they were opened, or [store.ErrNotFound]: before, nothing is told of them, not even that there are any.
func (s *Rooms) Opening(ctx context.Context, number string) (*Opening, error) {
	list, err := s.orders(ctx, isOpened+` AND number = $1`, number)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("opening of %s: %w", number, store.ErrNotFound)
	}
	o := &Opening{Order: list[0], At: list[0].OpenAt}
	c, err := s.cases.Get(ctx, o.ID)
	if err != nil {
		return nil, fmt.Errorf("case of %s: %w", number, err)
	}
	for _, d := range c.Done() {
		if d.Element == stepOpen && !d.Cut {
			o.At = d.At
		}
	}
	if o.Weights, err = s.weightsOn(calendar.Of(o.At)); err != nil {
		return nil, err
	}
	rows, err := s.BidsOf(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	var counted []draw.Placed
	by := map[string]OpenedBid{}
	var void []OpenedBid
	for i := range rows {
		b := OpenedBid{BidRow: rows[i]}
		a, err := s.agencyByID(ctx, s.DB.Read(), b.BidRow.Agency)
		if err != nil {
			return nil, err
		}
		profile, err := s.profileAt(ctx, &a, b.At)
		if err != nil {
			return nil, err
		}
		b.Name, b.Agency, b.Promise = a.Name, a.Number, profile.Promise
		if b.Fen == 0 {
			void = append(void, b)
			continue
		}
		by[b.Number] = b
		counted = append(counted, draw.Placed{Bid: draw.Bid{Number: b.Number, Fen: b.Fen, Days: b.Days, Order: int64(i)}, Score: b.Score})
	}
	draw.Sort(o.Rule, counted)
	for i := range counted {
		b := by[counted[i].Number]
		b.Place = i + 1
		o.Bids = append(o.Bids, b)
	}
	o.Bids = append(o.Bids, void...)
	o.Why = draw.Decided(o.Rule, counted)
	return o, nil
}

func (s *Rooms) getOpenings(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Openings(r.Context())
	if err != nil {
		return err
	}
	names, err := s.namesOf(r, list)
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, openingsView(web.ViewOf(r), s, list, names))
}

func (s *Rooms) getOpening(w http.ResponseWriter, r *http.Request) error {
	o, err := s.Opening(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) {
		return web.NotFound("intermediary.no-opening")
	}
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, openingView(web.ViewOf(r), s, o))
}
