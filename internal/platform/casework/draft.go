package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Draft (草稿) is an application that was not sent yet. All of its content is personal and sealed.
type Draft struct {
	ID        store.ID
	Account   store.ID
	Kind      string
	Subject   string
	Version   int64
	UpdatedAt time.Time
	Content   DraftContent
}

// DraftContent is what the applicant has entered so far. Nothing of it has been checked.
type DraftContent struct {
	Applicant Applicant       `json:"applicant"`
	Form      json.RawMessage `json:"form,omitempty"`
	Files     []FileRef       `json:"files,omitempty"`
	Done      []string        `json:"done,omitempty"` // parts that the applicant has marked as ready
}

// ErrDraftMoved says that the draft was changed elsewhere since it was read: in another window, or by another person.
var ErrDraftMoved = errors.New("the draft was changed elsewhere since it was read")

func draftContext(id store.ID) string { return "draft/" + id.String() }

// NewDraft starts a draft.
func (r *Runtime) NewDraft(ctx context.Context, account store.ID, kind, subject string, content DraftContent) (Draft, error) {
	d := Draft{ID: r.IDs.New(), Account: account, Kind: kind, Subject: subject, Version: 1, UpdatedAt: r.Now(), Content: content}
	sealed, err := r.sealDraft(d)
	if err != nil {
		return d, err
	}
	return d, r.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO draft (id, account, kind, subject, sealed, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			int64(d.ID), int64(account), kind, subject, sealed, d.Version, store.Micros(d.UpdatedAt))
	})
}

func (r *Runtime) sealDraft(d Draft) ([]byte, error) {
	plain, err := json.Marshal(d.Content)
	if err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return r.Keys.Seal(draftContext(d.ID), plain), nil
}

// SaveDraft keeps what was entered. It answers [ErrDraftMoved] when the version is not the one stored.
func (r *Runtime) SaveDraft(ctx context.Context, d Draft) (Draft, error) {
	sealed, err := r.sealDraft(d)
	if err != nil {
		return d, err
	}
	d.UpdatedAt = r.Now()
	err = r.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE draft SET sealed = $3, version = version + 1, updated_at = $4 WHERE id = $1 AND version = $2`,
			int64(d.ID), d.Version, sealed, store.Micros(d.UpdatedAt))
		if err == nil && n == 0 {
			return ErrDraftMoved
		}
		return err
	})
	if err == nil {
		d.Version++
	}
	return d, err
}

// Draft returns a draft of the account, or [store.ErrNotFound]: nobody else's can be read.
func (r *Runtime) Draft(ctx context.Context, account, id store.ID) (Draft, error) {
	return store.One(ctx, r.DB.Read(), r.scanDraft,
		`SELECT id, account, kind, subject, sealed, version, updated_at FROM draft WHERE id = $1 AND account = $2`, int64(id), int64(account))
}

// Drafts returns the drafts of an account, the latest first.
func (r *Runtime) Drafts(ctx context.Context, account store.ID) ([]Draft, error) {
	return store.All(ctx, r.DB.Read(), r.scanDraft, `SELECT id, account, kind, subject, sealed, version, updated_at
		FROM draft WHERE account = $1 ORDER BY updated_at DESC LIMIT 100`, int64(account))
}

func (r *Runtime) scanDraft(row store.Row) (d Draft, err error) {
	var sealed []byte
	var at int64
	if err = row.Scan(&d.ID, &d.Account, &d.Kind, &d.Subject, &sealed, &d.Version, &at); err != nil {
		return d, err
	}
	d.UpdatedAt = store.Instant(at)
	plain, err := r.Keys.Open(draftContext(d.ID), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &d.Content)
	}
	if err != nil {
		err = fmt.Errorf("draft %s: %w", d.ID, err)
	}
	return d, err
}

// DeleteDraft removes a draft of the account. One that is gone already is no error.
func (r *Runtime) DeleteDraft(ctx context.Context, account, id store.ID) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `DELETE FROM draft WHERE id = $1 AND account = $2`, int64(id), int64(account))
	})
}
