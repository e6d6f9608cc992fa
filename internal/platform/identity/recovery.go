package identity

import (
	"context"
	"crypto/rand"
	"net/http"

	"openhall.org/openhall/internal/platform/store"
)

const (
	recoveryCodes  = 10
	recoveryLength = 10 // of 32 letters and digits each: 50 bits
)

func (s *Service) recoveryIndex(account store.ID, code string) []byte {
	return s.Keys.Index("recovery", account.String()+"/"+code)
}

// putRecovery replaces the recovery codes (恢复代码) of an account and returns the new ones, in two groups.
func (s *Service) putRecovery(tx *store.Tx, account store.ID) []string {
	tx.Queue(`DELETE FROM identity_recovery WHERE account = $1`, int64(account))
	codes := make([]string, recoveryCodes)
	for i := range codes {
		code := rand.Text()[:recoveryLength]
		tx.Queue(`INSERT INTO identity_recovery (account, code, used_at) VALUES ($1, $2, 0)`, int64(account), s.recoveryIndex(account, code))
		codes[i] = code[:recoveryLength/2] + "-" + code[recoveryLength/2:]
	}
	return codes
}

// RenewRecovery makes new recovery codes for whoever is signed in and has a second factor. The old ones open nothing any more.
func (s *Service) RenewRecovery(r *http.Request) (codes []string, err error) {
	a, err := s.self(r)
	if err != nil {
		return nil, err
	}
	n, err := s.countFactors(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, refuse(RefusedOffer)
	}
	err = s.DB.Write(r.Context(), func(_ context.Context, tx *store.Tx) error {
		codes = s.putRecovery(tx, a.ID)
		return nil
	})
	return codes, err
}

// RecoveryLeft returns how many recovery codes of an account are unused.
func (s *Service) RecoveryLeft(ctx context.Context, account store.ID) (int, error) {
	return store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM identity_recovery WHERE account = $1 AND used_at = 0`, int64(account)))
}

func (s *Service) spendRecovery(ctx context.Context, account store.ID, code string) (bool, error) {
	var n int64
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		n, err = tx.ExecCount(ctx, `UPDATE identity_recovery SET used_at = $3 WHERE account = $1 AND code = $2 AND used_at = 0`,
			int64(account), s.recoveryIndex(account, code), store.Micros(s.Now()))
		return err
	})
	if n == 1 {
		s.tell(ctx, account, NoticeRecovery)
	}
	return n == 1, err
}
