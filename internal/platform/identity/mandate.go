package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Grounds of mandates.
const (
	Representative = "representative" // 法定代表人, as registered
	Entrusted      = "entrusted"      // 委托代理: given by the party (民法典 arts. 161, 165)
)

// Mandate (代理) lets one account act for another from an instant until another, which is not included. A zero Until is open.
type Mandate struct {
	ID          store.ID
	Party       store.ID // for whom
	Agent       store.ID // who acts
	Ground      string
	From, Until time.Time
	GrantedBy   store.ID
}

const mandateColumns = `id, party, agent, ground, from_at, until_at, granted_by`

func scanMandate(r store.Row) (m Mandate, err error) {
	var from, until int64
	err = r.Scan(&m.ID, &m.Party, &m.Agent, &m.Ground, &from, &until, &m.GrantedBy)
	m.From, m.Until = store.Instant(from), store.Instant(until)
	return m, err
}

func (s *Service) insertMandate(ctx context.Context, tx *store.Tx, m Mandate) error {
	return tx.Exec(ctx, `INSERT INTO identity_mandate (`+mandateColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(m.ID), int64(m.Party), int64(m.Agent), m.Ground, store.Micros(m.From), store.Micros(m.Until), int64(m.GrantedBy))
}

// Grant (授权) lets the agent act for the party on whose side by stands. A zero until is open.
func (s *Service) Grant(ctx context.Context, by Principal, agent store.ID, from, until time.Time) (Mandate, error) {
	m := Mandate{ID: s.IDs.New(), Party: by.Party().ID, Agent: agent, Ground: Entrusted, From: from, Until: until, GrantedBy: by.Account}
	if m.Party == 0 || m.Party == agent || from.IsZero() || !until.IsZero() && !from.Before(until) {
		return Mandate{}, refuse(RefusedMandateRange)
	}
	a, err := s.Account(ctx, agent)
	if err != nil {
		return Mandate{}, err
	}
	if a.Kind != Person || a.Disabled {
		return Mandate{}, refuse(RefusedNoAccount)
	}
	return m, s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return s.insertMandate(ctx, tx, m) })
}

// Revoke (撤销授权) ends a mandate now. The party may, and the agent may lay it down (辞去委托).
func (s *Service) Revoke(ctx context.Context, by Principal, id store.ID) error {
	now := store.Micros(s.Now())
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE identity_mandate SET until_at = $2
			WHERE id = $1 AND (until_at = 0 OR until_at > $2) AND (party = $3 OR agent = $4)`, int64(id), now, int64(by.Party().ID), int64(by.Account))
		if err == nil && n == 0 {
			return refuse(RefusedNoMandate)
		}
		return err
	})
}

// MandatesOf returns the mandates in force by which the account may act for others.
func (s *Service) MandatesOf(ctx context.Context, agent store.ID) ([]Mandate, error) {
	return store.All(ctx, s.DB.Read(), scanMandate, `SELECT `+mandateColumns+` FROM identity_mandate
		WHERE agent = $1 AND from_at <= $2 AND (until_at = 0 OR until_at > $2) ORDER BY id`, int64(agent), store.Micros(s.Now()))
}

// MandatesFrom returns all mandates that a party has given, over or not, newest first.
func (s *Service) MandatesFrom(ctx context.Context, party store.ID) ([]Mandate, error) {
	return store.All(ctx, s.DB.Read(), scanMandate,
		`SELECT `+mandateColumns+` FROM identity_mandate WHERE party = $1 ORDER BY id DESC`, int64(party))
}

// Parties returns for whom the account may act at present, besides itself.
func (s *Service) Parties(ctx context.Context, agent store.ID) ([]Party, error) {
	mandates, err := s.MandatesOf(ctx, agent)
	if err != nil {
		return nil, err
	}
	var parties []Party
	seen := map[store.ID]bool{}
	for _, m := range mandates {
		if seen[m.Party] {
			continue
		}
		seen[m.Party] = true
		a, err := s.Account(ctx, m.Party)
		if err != nil {
			return nil, err
		}
		if !a.Disabled {
			parties = append(parties, Party{ID: a.ID, Kind: a.Kind, Name: a.Name})
		}
	}
	return parties, nil
}

// party returns the party if the agent may act for it now, or a [*Refusal] with the code no-mandate.
func (s *Service) party(ctx context.Context, agent, party store.ID) (Party, error) {
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM identity_mandate
		WHERE agent = $1 AND party = $2 AND from_at <= $3 AND (until_at = 0 OR until_at > $3)`, int64(agent), int64(party), store.Micros(s.Now())))
	if err != nil {
		return Party{}, fmt.Errorf("mandate: %w", err)
	}
	if n == 0 {
		return Party{}, refuse(RefusedNoMandate)
	}
	a, err := s.Account(ctx, party)
	var none *Refusal
	if errors.As(err, &none) || err == nil && a.Disabled {
		return Party{}, refuse(RefusedNoMandate)
	}
	return Party{ID: a.ID, Kind: a.Kind, Name: a.Name}, err
}
