package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/platform/store"
)

// NewAccount is an account to be taken over from elsewhere.
type NewAccount struct {
	Kind           Kind // Person, Enterprise or Staff
	Login          string
	Password       string
	Name           string
	Number         string // of a person or an enterprise
	Phone          string // may be empty for staff
	Given          bool   // the password serves once: its owner chooses another first
	Representative string // of an enterprise: login of the person who acts for it, in the same import or there already
}

// Import makes many accounts in one transaction and returns their IDs in order; the security administrator may. One that is wrong
// refuses them all, and the error names it by its place. Equal passwords are hashed once and so have equal hashes: an import is for
// the demo, and for first passwords that their owners change.
func (s *Service) Import(ctx context.Context, by Principal, accounts []NewAccount) ([]store.ID, error) {
	if err := s.allow(by, ActionAccounts); err != nil {
		return nil, err
	}
	now := s.Now()
	made := make([]Account, len(accounts))
	hashes := map[string]string{}
	for i, n := range accounts {
		made[i] = Account{
			ID: s.IDs.New(), Kind: n.Kind, Login: strings.TrimSpace(n.Login), Name: strings.TrimSpace(n.Name),
			Number: strings.TrimSpace(n.Number), Phone: strings.TrimSpace(n.Phone), CreatedAt: now,
		}
		if !n.Given {
			made[i].PasswordChanged = now
		}
		f := &form{}
		s.checkAccount(f, made[i], n.Password)
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("account %d of the import: %w", i+1, err)
		}
		if hashes[n.Password] == "" {
			hash, err := s.hashes.hash(ctx, n.Password)
			if err != nil {
				return nil, err
			}
			hashes[n.Password] = hash
		}
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for i := range made {
			if err := s.insert(ctx, tx, &made[i], hashes[accounts[i].Password]); err != nil {
				return fmt.Errorf("account %d of the import: %w", i+1, err)
			}
		}
		for i, n := range accounts {
			if n.Kind != Enterprise {
				continue
			}
			if err := s.importMandate(ctx, tx, &made[i], n.Representative); err != nil {
				return fmt.Errorf("account %d of the import: %w", i+1, err)
			}
		}
		return s.note(ctx, tx, importTrail(by, made))
	})
	if err != nil {
		return nil, err
	}
	ids := make([]store.ID, len(made))
	for i := range made {
		ids[i] = made[i].ID
	}
	return ids, nil
}

func (s *Service) importMandate(ctx context.Context, tx *store.Tx, firm *Account, login string) error {
	agent, err := s.account(ctx, tx, `login = $1`, s.loginIndex(login))
	var none *Refusal
	if errors.As(err, &none) || err == nil && agent.Kind != Person {
		f := &form{}
		f.wrong("representative", FieldUnknown)
		return f.check()
	}
	if err != nil {
		return err
	}
	return s.insertMandate(ctx, tx, Mandate{
		ID: s.IDs.New(), Party: firm.ID, Agent: agent.ID, Ground: Representative, From: firm.CreatedAt, GrantedBy: firm.ID,
	})
}
