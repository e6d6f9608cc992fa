package intermediary

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "intermediary", Files: files}
}

// Sealed names the columns of sealed values.
func Sealed() []seal.Column {
	return []seal.Column{{Table: "intermediary_draw", Name: "nonce", Key: []string{"commitment"}, Place: func(key []any) string {
		text, _ := key[0].(string)
		return nonceContext(text)
	}}}
}

func nonceContext(commitment string) string { return "intermediary/draw/" + commitment }

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

const serviceColumns = `key, content, version, changed_at`

func scanService(row store.Row) (s Service, err error) {
	var key, content string
	var version, at int64
	if err = row.Scan(&key, &content, &version, &at); err != nil {
		return s, err
	}
	if err = json.Unmarshal([]byte(content), &s); err != nil {
		return s, fmt.Errorf("service %s: %w", key, err)
	}
	s.Key, s.Version, s.ChangeAt = key, version, store.Instant(at)
	return s, nil
}

// Services lists the catalogue in the order of its keys.
func (s *Rooms) Services(ctx context.Context) ([]Service, error) {
	list, err := store.All(ctx, s.DB.Read(), scanService, `SELECT `+serviceColumns+` FROM intermediary_service ORDER BY key`)
	if err != nil {
		return nil, fmt.Errorf("intermediary services: %w", err)
	}
	return list, nil
}

// Service returns a service by its key, or [store.ErrNotFound].
func (s *Rooms) Service(ctx context.Context, key string) (Service, error) {
	x, err := store.One(ctx, s.DB.Read(), scanService, `SELECT `+serviceColumns+` FROM intermediary_service WHERE key = $1`, key)
	if err != nil {
		return x, fmt.Errorf("intermediary service %s: %w", key, err)
	}
	return x, nil
}

const agencyColumns = `id, number, party, uscc, owner, body, division, name, state, content, applied_at, admitted_at, blocked, blocked_until,
	orders, fen, finished, late, returned, ratings, grades`

func scanAgency(row store.Row) (a Agency, err error) {
	var content string
	var applied, admitted, until int64
	err = row.Scan(&a.ID, &a.Number, &a.Party, &a.USCC, &a.Owner, &a.Body, &a.Division, &a.Name, &a.State, &content, &applied, &admitted, &a.Blocked, &until,
		&a.Orders, &a.Fen, &a.Finished, &a.Late, &a.Returned, &a.Ratings, &a.Grades)
	if err != nil {
		return a, err
	}
	if err = json.Unmarshal([]byte(content), &a.Profile); err != nil {
		return a, fmt.Errorf("agency %s: %w", a.Number, err)
	}
	a.AppliedAt, a.AdmittedAt, a.BlockedUntil = store.Instant(applied), store.Instant(admitted), calendar.Date(until)
	return a, nil
}

// Agency returns an agency by its number, or [store.ErrNotFound].
func (s *Rooms) Agency(ctx context.Context, number string) (Agency, error) {
	a, err := store.One(ctx, s.DB.Read(), scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE number = $1`, number)
	if err != nil {
		return a, fmt.Errorf("agency %s: %w", number, err)
	}
	return a, nil
}

func (s *Rooms) agencyByID(ctx context.Context, q store.Querier, id store.ID) (Agency, error) {
	a, err := store.One(ctx, q, scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE id = $1`, int64(id))
	if err != nil {
		return a, fmt.Errorf("agency %s: %w", id, err)
	}
	return a, nil
}

// OfParty returns the latest application of a party for admission, or [store.ErrNotFound].
func (s *Rooms) OfParty(ctx context.Context, party store.ID) (Agency, error) {
	a, err := store.One(ctx, s.DB.Read(), scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE party = $1 ORDER BY id DESC LIMIT 1`, int64(party))
	if err != nil {
		return a, fmt.Errorf("agency of party %s: %w", party, err)
	}
	return a, nil
}

// maxRegister bounds a page of the register.
const maxRegister = 200

// Register lists the admitted agencies behind a number.
func (s *Rooms) Register(ctx context.Context, after string) ([]Agency, error) {
	list, err := store.All(ctx, s.DB.Read(), scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE state = 'admitted' AND number > $1 ORDER BY number LIMIT $2`,
		after, maxRegister)
	if err != nil {
		return nil, fmt.Errorf("register of agencies: %w", err)
	}
	return list, nil
}

// Offering lists the admitted agencies that offer a service, in the order of their numbers.
func (s *Rooms) Offering(ctx context.Context, service string) ([]Agency, error) {
	list, err := store.All(ctx, s.DB.Read(), scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency
		WHERE state = 'admitted' AND id IN (SELECT agency FROM intermediary_offer WHERE service = $1) ORDER BY number LIMIT $2`, service, maxOffering)
	if err != nil {
		return nil, fmt.Errorf("agencies that offer %s: %w", service, err)
	}
	return list, nil
}

// maxOffering bounds the agencies among which one order is placed.
const maxOffering = 500

// ToExamine lists the applications that wait for a registrar.
func (s *Rooms) ToExamine(ctx context.Context, body string) ([]Agency, error) {
	list, err := store.All(ctx, s.DB.Read(), scanAgency, `SELECT `+agencyColumns+` FROM intermediary_agency WHERE body = $1 AND state IN ('applied', 'mending') ORDER BY id LIMIT $2`,
		body, maxRegister)
	if err != nil {
		return nil, fmt.Errorf("applications for admission at %s: %w", body, err)
	}
	return list, nil
}

const orderColumns = `id, number, of_case, of_number, service, material, body, division, party, agency, method, rule, state, fen, days, open_at, commitment,
	contract, digest, begun_at, contracted_at, due_at, delivered_at, ended_at, late, grade, returned, attached, rating`

func scanOrder(row store.Row) (o Order, err error) {
	var opens, begun, contracted, due, delivered, ended, late int64
	err = row.Scan(&o.ID, &o.Number, &o.OfCase, &o.OfNumber, &o.Service, &o.Material, &o.Body, &o.Division, &o.Party, &o.Agency, &o.Method, &o.Rule, &o.State,
		&o.Fen, &o.Days, &opens, &o.Commitment, &o.Contract, &o.Digest, &begun, &contracted, &due, &delivered, &ended, &late, &o.Grade, &o.Returned, &o.Attached, &o.Rating)
	o.OpenAt, o.BegunAt, o.ContractedAt = store.Instant(opens), store.Instant(begun), store.Instant(contracted)
	o.DueAt, o.DeliveredAt, o.EndedAt, o.Late = store.Instant(due), store.Instant(delivered), store.Instant(ended), late == 1
	return o, err
}

// Order returns an order by its number, or [store.ErrNotFound].
func (s *Rooms) Order(ctx context.Context, number string) (Order, error) {
	o, err := store.One(ctx, s.DB.Read(), scanOrder, `SELECT `+orderColumns+` FROM intermediary_order WHERE number = $1`, number)
	if err != nil {
		return o, fmt.Errorf("order %s: %w", number, err)
	}
	return o, nil
}

// maxOrders bounds a list of orders.
const maxOrders = 100

func (s *Rooms) orders(ctx context.Context, where string, args ...any) ([]Order, error) {
	list, err := store.All(ctx, s.DB.Read(), scanOrder, `SELECT `+orderColumns+` FROM intermediary_order WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("orders: %w", err)
	}
	return list, nil
}

// OrdersOf lists the orders of a case.
func (s *Rooms) OrdersOf(ctx context.Context, id store.ID) ([]Order, error) {
	return s.orders(ctx, `of_case = $1 ORDER BY id DESC LIMIT $2`, int64(id), maxOrders)
}

// OrdersOfAgency lists the orders of an agency, the latest first.
func (s *Rooms) OrdersOfAgency(ctx context.Context, agency store.ID) ([]Order, error) {
	return s.orders(ctx, `agency = $1 ORDER BY id DESC LIMIT $2`, int64(agency), maxOrders)
}

// OrdersOfParty lists the orders of an applicant, the latest first.
func (s *Rooms) OrdersOfParty(ctx context.Context, party store.ID) ([]Order, error) {
	return s.orders(ctx, `party = $1 ORDER BY id DESC LIMIT $2`, int64(party), maxOrders)
}

// OrdersOfService lists the latest orders of a service.
func (s *Rooms) OrdersOfService(ctx context.Context, service string, limit int) ([]Order, error) {
	return s.orders(ctx, `service = $1 ORDER BY id DESC LIMIT $2`, service, limit)
}

// OrdersOfBody lists the orders about the items of a body, the latest first.
func (s *Rooms) OrdersOfBody(ctx context.Context, body string) ([]Order, error) {
	return s.orders(ctx, `body = $1 ORDER BY id DESC LIMIT $2`, body, maxOrders)
}

// ToGrade lists the orders of a body whose deliverables wait to be checked.
func (s *Rooms) ToGrade(ctx context.Context, body string) ([]Order, error) {
	return s.orders(ctx, `body = $1 AND state = 'delivered' ORDER BY id LIMIT $2`, body, maxOrders)
}

// Drawn lists the latest orders whose agency was or is drawn.
func (s *Rooms) Drawn(ctx context.Context) ([]Order, error) {
	return s.orders(ctx, `method = 'draw' ORDER BY id DESC LIMIT $1`, maxOrders)
}

// OpenCalls lists the orders that an agency can bid for.
func (s *Rooms) OpenCalls(ctx context.Context, agency store.ID) ([]Order, error) {
	return s.orders(ctx, `state = 'bidding' AND open_at > $1 AND service IN (SELECT service FROM intermediary_offer WHERE agency = $2) ORDER BY open_at, id LIMIT $3`,
		store.Micros(s.Now()), int64(agency), maxOrders)
}

func scanShare(row store.Row) (x Share, err error) {
	err = row.Scan(&x.Agency, &x.Orders, &x.Fen)
	return x, err
}

// Shares lists the agencies with contracts about the items of a body, the largest first.
func (s *Rooms) Shares(ctx context.Context, body string) ([]Share, error) {
	list, err := store.All(ctx, s.DB.Read(), scanShare, `SELECT agency, orders, fen FROM intermediary_share WHERE body = $1 ORDER BY orders DESC, fen DESC, agency`, body)
	if err != nil {
		return nil, fmt.Errorf("shares at %s: %w", body, err)
	}
	return list, nil
}

// bodyShare is the orders of one agency at one body.
type bodyShare struct {
	Body string
	Share
}

// AllShares lists the shares of all bodies: one row for each agency and body, however many orders there were.
func (s *Rooms) AllShares(ctx context.Context) (map[string][]Share, error) {
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (x bodyShare, err error) {
		err = row.Scan(&x.Body, &x.Agency, &x.Orders, &x.Fen)
		return x, err
	}, `SELECT body, agency, orders, fen FROM intermediary_share ORDER BY body, orders DESC`)
	if err != nil {
		return nil, fmt.Errorf("shares: %w", err)
	}
	by := map[string][]Share{}
	for _, x := range list {
		by[x.Body] = append(by[x.Body], x.Share)
	}
	return by, nil
}

const drawColumns = `commitment, key, order_, candidates, excluded, nonce, words, started, drawn, winner`

func scanDraw(row store.Row) (d DrawRow, err error) {
	var candidates, excluded string
	if err = row.Scan(&d.Commitment, &d.Key, &d.Order, &candidates, &excluded, &d.sealed, &d.Words, &d.Started, &d.Drawn, &d.Winner); err != nil {
		return d, err
	}
	if err = json.Unmarshal([]byte(candidates), &d.Candidates); err == nil {
		err = json.Unmarshal([]byte(excluded), &d.Excluded)
	}
	if err != nil {
		return d, fmt.Errorf("draw %s: %w", d.Commitment, err)
	}
	return d, nil
}

// DrawOf returns the draw with a commitment, or [store.ErrNotFound].
func (s *Rooms) DrawOf(ctx context.Context, commitment string) (DrawRow, error) {
	d, err := store.One(ctx, s.DB.Read(), scanDraw, `SELECT `+drawColumns+` FROM intermediary_draw WHERE commitment = $1`, commitment)
	if err != nil {
		return d, fmt.Errorf("draw %s: %w", commitment, err)
	}
	return d, nil
}

func scanBid(row store.Row) (b BidRow, err error) {
	var at int64
	err = row.Scan(&b.ID, &b.Number, &b.Order, &b.Agency, &at, &b.Fen, &b.Days, &b.Score, &b.Rating)
	b.At = store.Instant(at)
	return b, err
}

// BidsOf lists the bids for an order in the order in which they came in. Before they are opened they say nothing but who and when.
func (s *Rooms) BidsOf(ctx context.Context, order store.ID) ([]BidRow, error) {
	list, err := store.All(ctx, s.DB.Read(), scanBid, `SELECT id, number, order_, agency, at, fen, days, score, rating FROM intermediary_bid WHERE order_ = $1 ORDER BY at, id`, int64(order))
	if err != nil {
		return nil, fmt.Errorf("bids for %s: %w", order, err)
	}
	return list, nil
}

const sanctionColumns = `id, number, agency, kind, months, reason, basis, body, proposer, state, begun_at, decided_at, until_day, lifted_at, lifted`

func scanSanction(row store.Row) (x Sanction, err error) {
	var begun, decided, until, lifted int64
	err = row.Scan(&x.ID, &x.Number, &x.Agency, &x.Kind, &x.Months, &x.Reason, &x.Basis, &x.Body, &x.Proposer, &x.State, &begun, &decided, &until, &lifted, &x.Lifted)
	x.BegunAt, x.DecidedAt, x.Until, x.LiftedAt = store.Instant(begun), store.Instant(decided), calendar.Date(until), store.Instant(lifted)
	return x, err
}

func (s *Rooms) sanctions(ctx context.Context, where string, args ...any) ([]Sanction, error) {
	list, err := store.All(ctx, s.DB.Read(), scanSanction, `SELECT `+sanctionColumns+` FROM intermediary_sanction WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("sanctions: %w", err)
	}
	return list, nil
}

// Sanction returns a sanction by its number, or [store.ErrNotFound].
func (s *Rooms) Sanction(ctx context.Context, number string) (Sanction, error) {
	x, err := store.One(ctx, s.DB.Read(), scanSanction, `SELECT `+sanctionColumns+` FROM intermediary_sanction WHERE number = $1`, number)
	if err != nil {
		return x, fmt.Errorf("sanction %s: %w", number, err)
	}
	return x, nil
}

// ImposedSanctions lists the sanctions that were imposed, those too that were lifted since, the latest first.
func (s *Rooms) ImposedSanctions(ctx context.Context) ([]Sanction, error) {
	return s.sanctions(ctx, `state IN ('imposed', 'lifted') ORDER BY decided_at DESC LIMIT $1`, maxOrders)
}

// SanctionsOf lists the sanctions against an agency.
func (s *Rooms) SanctionsOf(ctx context.Context, agency store.ID) ([]Sanction, error) {
	return s.sanctions(ctx, `agency = $1 ORDER BY id DESC LIMIT $2`, int64(agency), maxOrders)
}

// OpenSanctions lists the proposed sanctions on which a registrar has to decide.
func (s *Rooms) OpenSanctions(ctx context.Context, body string) ([]Sanction, error) {
	return s.sanctions(ctx, `body = $1 AND state IN ('hearing', 'deciding') ORDER BY id LIMIT $2`, body, maxOrders)
}

const relationColumns = `agency, kind, target, note, at, ended_at, ended`

// relationOf is a relation with the agency whose it is.
type relationOf struct {
	agency store.ID
	Relation
}

func scanRelation(row store.Row) (r relationOf, err error) {
	var at, ended int64
	err = row.Scan(&r.agency, &r.Kind, &r.Target, &r.Note, &at, &ended, &r.Ended)
	r.At, r.EndedAt = store.Instant(at), store.Instant(ended)
	return r, err
}

// Relations lists the relations of an agency, those that have ended too.
func (s *Rooms) Relations(ctx context.Context, agency store.ID) ([]Relation, error) {
	list, err := store.All(ctx, s.DB.Read(), scanRelation, `SELECT `+relationColumns+` FROM intermediary_relation WHERE agency = $1 ORDER BY kind, target`, int64(agency))
	if err != nil {
		return nil, fmt.Errorf("relations of agency %s: %w", agency, err)
	}
	out := make([]Relation, len(list))
	for i := range list {
		out[i] = list[i].Relation
	}
	return out, nil
}

const liftColumns = `id, number, agency, sanction, kind, target, ground, asker, state, reason, begun_at, decided_at`

func scanLift(row store.Row) (x Lift, err error) {
	var begun, decided int64
	err = row.Scan(&x.ID, &x.Number, &x.Agency, &x.Sanction, &x.Kind, &x.Target, &x.Ground, &x.By, &x.State, &x.Reason, &begun, &decided)
	x.BegunAt, x.DecidedAt = store.Instant(begun), store.Instant(decided)
	return x, err
}

func (s *Rooms) lifts(ctx context.Context, where string, args ...any) ([]Lift, error) {
	list, err := store.All(ctx, s.DB.Read(), scanLift, `SELECT `+liftColumns+` FROM intermediary_lift WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("lifting: %w", err)
	}
	return list, nil
}

// Lift returns what was asked by its number, or [store.ErrNotFound].
func (s *Rooms) Lift(ctx context.Context, number string) (Lift, error) {
	x, err := store.One(ctx, s.DB.Read(), scanLift, `SELECT `+liftColumns+` FROM intermediary_lift WHERE number = $1`, number)
	if err != nil {
		return x, fmt.Errorf("lifting %s: %w", number, err)
	}
	return x, nil
}

// LiftsOf lists what was asked for an agency, the latest first.
func (s *Rooms) LiftsOf(ctx context.Context, agency store.ID) ([]Lift, error) {
	return s.lifts(ctx, `agency = $1 ORDER BY id DESC LIMIT $2`, int64(agency), maxOrders)
}

// OpenLifts lists what a registrar has to decide.
func (s *Rooms) OpenLifts(ctx context.Context, body string) ([]Lift, error) {
	return s.lifts(ctx, `body = $1 AND state = 'asked' ORDER BY id LIMIT $2`, body, maxOrders)
}
