package agent

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

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
	return store.Migrations{Module: "agent", Files: files}
}

// sealedColumns names the columns of sealed values.
func sealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "agent_consent", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return sealContext("consent", store.ID(id)) })},
		{Table: "agent_visit", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return sealContext("visit", store.ID(id)) })},
	}
}

// sealContext is where sealed columns belong, so that one cannot be put in another's place.
func sealContext(table string, id store.ID) string { return "agent." + table + "." + id.String() }

func (s *Service) seal(table string, id store.ID, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s %s: %w", table, id, err)
	}
	return s.Keys.Seal(sealContext(table, id), plain), nil
}

func (s *Service) unseal(table string, id store.ID, sealed []byte, into any) error {
	if sealed == nil {
		return nil // erased
	}
	plain, err := s.Keys.Open(sealContext(table, id), sealed)
	if err == nil {
		err = json.Unmarshal(plain, into)
	}
	if err != nil {
		return fmt.Errorf("open %s %s: %w", table, id, err)
	}
	return nil
}

const consentColumns = `id, number, body, village, agent, from_at, until_day, ended_at, ended_by, fields, villager, sealed`

func (s *Service) scanConsent(row store.Row) (c Consent, err error) {
	var from, until, ended int64
	var fields string
	var sealed []byte
	if err = row.Scan(&c.ID, &c.Number, &c.Body, &c.Village, &c.Agent, &from, &until, &ended, &c.EndedBy, &fields, &c.villager, &sealed); err != nil {
		return c, err
	}
	c.Fields = strings.Fields(fields)
	c.From, c.Until, c.EndedAt = store.Instant(from), calendar.Date(until), store.Instant(ended)
	return c, s.unseal("consent", c.ID, sealed, &c.Agreed)
}

// Consent returns a consent, or [store.ErrNotFound].
func (s *Service) Consent(ctx context.Context, id store.ID) (Consent, error) {
	c, err := store.One(ctx, s.DB.Read(), s.scanConsent, `SELECT `+consentColumns+` FROM agent_consent WHERE id = $1`, int64(id))
	if err != nil {
		return c, fmt.Errorf("consent %s: %w", id, err)
	}
	return c, nil
}

// shown bounds lists on pages and in the pack.
const shown = 500

// InForce lists the consents that let an agent act at an instant, the latest first.
func (s *Service) InForce(ctx context.Context, agent store.ID, at time.Time) ([]Consent, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanConsent, `SELECT `+consentColumns+` FROM agent_consent
		WHERE agent = $1 AND ended_at = 0 AND until_day >= $2 ORDER BY id DESC LIMIT $3`, int64(agent), int64(calendar.Of(at)), shown)
	if err != nil {
		return nil, fmt.Errorf("consents to agent %s: %w", agent, err)
	}
	return list, nil
}

// given finds the consent of a villager that lets the agent act at an instant, or [store.ErrNotFound].
func (s *Service) given(ctx context.Context, agent store.ID, villager []byte, at time.Time) (Consent, error) {
	c, err := store.One(ctx, s.DB.Read(), s.scanConsent, `SELECT `+consentColumns+` FROM agent_consent
		WHERE agent = $1 AND villager = $2 AND ended_at = 0 AND until_day >= $3`, int64(agent), villager, int64(calendar.Of(at)))
	if err != nil {
		return c, fmt.Errorf("consent to agent %s: %w", agent, err)
	}
	return c, nil
}

// consentsOf lists what a villager has ever agreed to, the latest first.
func (s *Service) consentsOf(ctx context.Context, villager []byte) ([]Consent, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanConsent, `SELECT `+consentColumns+` FROM agent_consent WHERE villager = $1 ORDER BY id DESC LIMIT $2`, villager, shown)
	if err != nil {
		return nil, fmt.Errorf("consents of a villager: %w", err)
	}
	return list, nil
}

const handedColumns = `id, number, consent, village, agent, item, field, draft, opened_at, ended_at, asked_at, ask_due`

func scanHanded(row store.Row) (h Handed, err error) {
	var opened, ended, asked, due int64
	err = row.Scan(&h.ID, &h.Number, &h.Consent, &h.Village, &h.Agent, &h.Item, &h.Field, &h.Draft, &opened, &ended, &asked, &due)
	h.OpenedAt, h.EndedAt, h.AskedAt, h.AskDue = store.Instant(opened), store.Instant(ended), store.Instant(asked), store.Instant(due)
	return h, err
}

// taken finds what became of a draft of an agent; ok is false while nothing has.
func (s *Service) taken(ctx context.Context, agent store.ID, draft string) (h Handed, ok bool, err error) {
	h, err = store.One(ctx, s.DB.Read(), scanHanded, `SELECT `+handedColumns+` FROM agent_case WHERE agent = $1 AND draft = $2`, int64(agent), draft)
	if errors.Is(err, store.ErrNotFound) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("draft of agent %s: %w", agent, err)
	}
	return h, true, nil
}

// by says by what something is listed: by agent, by consent, by case.
type by string

const (
	byAgent   by = "agent"
	byConsent by = "consent"
	byCase    by = "case_id"
)

// handed lists applications of an agent or under a consent, the latest first.
func (s *Service) handed(ctx context.Context, of by, id store.ID, limit int) ([]Handed, error) {
	query := `SELECT ` + handedColumns + ` FROM agent_case WHERE agent = $1 ORDER BY id DESC LIMIT $2`
	if of == byConsent {
		query = `SELECT ` + handedColumns + ` FROM agent_case WHERE consent = $1 ORDER BY id DESC LIMIT $2`
	}
	list, err := store.All(ctx, s.DB.Read(), scanHanded, query, int64(id), limit)
	if err != nil {
		return nil, fmt.Errorf("applications of %s %s: %w", of, id, err)
	}
	return list, nil
}

// asked lists the applications of an agent for which the authority waits for something from the villager, what is due first at the head.
func (s *Service) asked(ctx context.Context, agent store.ID) ([]Handed, error) {
	list, err := store.All(ctx, s.DB.Read(), scanHanded, `SELECT `+handedColumns+` FROM agent_case
		WHERE agent = $1 AND asked_at > 0 ORDER BY ask_due, id LIMIT $2`, int64(agent), shown)
	if err != nil {
		return nil, fmt.Errorf("what agent %s is asked for: %w", agent, err)
	}
	return list, nil
}

// handedFor lists what agents handed in for a villager, the latest first.
func (s *Service) handedFor(ctx context.Context, villager []byte, limit int) ([]Handed, error) {
	list, err := store.All(ctx, s.DB.Read(), scanHanded, `SELECT `+handedColumns+` FROM agent_case
		WHERE consent IN (SELECT id FROM agent_consent WHERE villager = $1) ORDER BY id DESC LIMIT $2`, villager, limit)
	if err != nil {
		return nil, fmt.Errorf("applications for a villager: %w", err)
	}
	return list, nil
}

const transferColumns = `id, number, sender, receiver, sent_at, due_at, back_at, ended_at`

func scanTransfer(row store.Row) (t Transfer, err error) {
	var sent, due, back, ended int64
	err = row.Scan(&t.ID, &t.Number, &t.Sender, &t.Receiver, &sent, &due, &back, &ended)
	t.SentAt, t.DueAt, t.BackAt, t.EndedAt = store.Instant(sent), store.Instant(due), store.Instant(back), store.Instant(ended)
	return t, err
}

// Transfers lists what a township has sent up: first what the county is late with, then the rest, the latest first.
func (s *Service) Transfers(ctx context.Context, body string, at time.Time) ([]Transfer, error) {
	late, err := store.All(ctx, s.DB.Read(), scanTransfer, `SELECT `+transferColumns+` FROM agent_transfer
		WHERE sender = $1 AND back_at = 0 AND ended_at = 0 AND due_at > 0 AND due_at < $2 ORDER BY due_at LIMIT $3`, body, store.Micros(at), shown)
	if err != nil {
		return nil, fmt.Errorf("late transfers of %s: %w", body, err)
	}
	all, err := store.All(ctx, s.DB.Read(), scanTransfer, `SELECT `+transferColumns+` FROM agent_transfer WHERE sender = $1 ORDER BY id DESC LIMIT 100`, body)
	if err != nil {
		return nil, fmt.Errorf("transfers of %s: %w", body, err)
	}
	for i := range all {
		if !all[i].Late(at) {
			late = append(late, all[i])
		}
	}
	return late, nil
}

// transfer finds how a case was sent up; ok is false when it was not.
func (s *Service) transfer(ctx context.Context, id store.ID) (t Transfer, ok bool, err error) {
	t, err = store.One(ctx, s.DB.Read(), scanTransfer, `SELECT `+transferColumns+` FROM agent_transfer WHERE id = $1`, int64(id))
	if errors.Is(err, store.ErrNotFound) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("transfer of case %s: %w", id, err)
	}
	return t, true, nil
}

func scanDeed(row store.Row) (d Deed, err error) {
	var at int64
	err = row.Scan(&d.ID, &d.Consent, &d.Case, &d.Agent, &d.Post, &d.Kind, &d.How, &at)
	d.At = store.Instant(at)
	return d, err
}

// deeds lists what was done under a consent or for a case, in order.
func (s *Service) deeds(ctx context.Context, of by, id store.ID) ([]Deed, error) {
	query := `SELECT id, consent, case_id, agent, post, kind, how, at FROM agent_deed WHERE consent = $1 ORDER BY id LIMIT 200`
	if of == byCase {
		query = `SELECT id, consent, case_id, agent, post, kind, how, at FROM agent_deed WHERE case_id = $1 AND case_id > 0 ORDER BY id LIMIT 200`
	}
	list, err := store.All(ctx, s.DB.Read(), scanDeed, query, int64(id))
	if err != nil {
		return nil, fmt.Errorf("deeds of %s %s: %w", of, id, err)
	}
	return list, nil
}

// did takes a deed down.
func (s *Service) did(tx *store.Tx, d *Deed) {
	tx.Queue(`INSERT INTO agent_deed (id, consent, case_id, agent, post, kind, how, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		int64(s.IDs.New()), int64(d.Consent), int64(d.Case), int64(d.Agent), d.Post, d.Kind, string(d.How), store.Micros(d.At))
}

// count counts something that an agent did in the month of an instant.
func count(tx *store.Tx, body string, agent store.ID, kind string, at time.Time) {
	tx.Queue(`INSERT INTO agent_count (body, month, agent, kind, n) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (body, month, agent, kind) DO UPDATE SET n = agent_count.n + 1`, body, monthOf(calendar.Of(at)), int64(agent), kind)
}

func monthOf(d calendar.Date) int64 { return int64(d.Year())*100 + int64(d.Month()) }

const placeColumns = `id, body, account, village, from_day, until_day`

func scanPlace(row store.Row) (p Place, err error) {
	var from, until int64
	err = row.Scan(&p.ID, &p.Body, &p.Account, &p.Village, &from, &until)
	p.From, p.Until = calendar.Date(from), calendar.Date(until)
	return p, err
}

// Villages lists the villages that an agent has on a day, in the order of their codes.
func (s *Service) Villages(ctx context.Context, account store.ID, body string, day calendar.Date) ([]string, error) {
	list, err := store.All(ctx, s.DB.Read(), func(r store.Row) (string, error) { return store.Scalar[string](r) }, `SELECT DISTINCT village FROM agent_place
		WHERE account = $1 AND body = $2 AND from_day <= $3 AND (until_day = 0 OR until_day >= $3) ORDER BY village`, int64(account), body, int64(day))
	if err != nil {
		return nil, fmt.Errorf("villages of agent %s: %w", account, err)
	}
	return list, nil
}

// Places lists the assignments of a township, those that hold or will first.
func (s *Service) Places(ctx context.Context, body string) ([]Place, error) {
	list, err := store.All(ctx, s.DB.Read(), scanPlace, `SELECT `+placeColumns+` FROM agent_place WHERE body = $1
		ORDER BY CASE WHEN until_day = 0 THEN 0 ELSE 1 END, village, from_day DESC, id LIMIT $2`, body, shown)
	if err != nil {
		return nil, fmt.Errorf("assignments of %s: %w", body, err)
	}
	return list, nil
}
