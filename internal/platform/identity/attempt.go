package identity

import (
	"context"
	"errors"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

const (
	freeAttempts   = 3                // wrong passwords that cost nothing: people mistype
	longestDelay   = 15 * time.Minute // so that nobody is locked out for a day by somebody else's guesses
	forgetAttempts = 24 * time.Hour
)

// delayAfter is how long the next attempt waits after so many failures: 1 s after the fourth, then twice as long each time.
func delayAfter(failures int64) time.Duration {
	n := failures - freeAttempts
	switch {
	case n <= 0:
		return 0
	case n > 10:
		return longestDelay
	}
	return min(time.Second<<(n-1), longestDelay)
}

// verify returns the account if the password is right. An attempt is counted as failed before it is looked at, so that many guesses
// at once gain nothing; a right one wipes the slate clean.
func (s *Service) verify(ctx context.Context, login, password string) (Account, error) {
	index := s.loginIndex(login)
	if err := s.countAttempt(ctx, index); err != nil {
		return Account{}, err
	}
	a, err := s.AccountByLogin(ctx, login)
	var none *Refusal
	if err != nil && !errors.As(err, &none) {
		return Account{}, err
	}
	ok, outdated, err := s.hashes.verify(ctx, a.password, password)
	if err != nil {
		return Account{}, err
	}
	if !ok || a.Disabled {
		return Account{}, refuse(RefusedWrong)
	}
	var fresh string
	if outdated {
		if fresh, err = s.hashes.hash(ctx, password); err != nil {
			return Account{}, err
		}
	}
	return a, s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`DELETE FROM identity_attempt WHERE login = $1`, index)
		if fresh != "" {
			tx.Queue(`UPDATE identity_account SET password = $2 WHERE id = $1 AND password = $3`, int64(a.ID), fresh, a.password)
		}
		return nil
	})
}

func (s *Service) countAttempt(ctx context.Context, login []byte) error {
	now := s.Now()
	var refused error
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		refused = nil
		// Taking the row first makes attempts at one login wait for each other on PostgreSQL too.
		err := tx.Exec(ctx, `INSERT INTO identity_attempt (login, failures, last_at, until_at) VALUES ($1, 0, $2, 0)
			ON CONFLICT (login) DO UPDATE SET login = excluded.login`, login, store.Micros(now))
		if err != nil {
			return err
		}
		var failures, last, until int64
		err = tx.QueryRow(ctx, `SELECT failures, last_at, until_at FROM identity_attempt WHERE login = $1`, login).Scan(&failures, &last, &until)
		if err != nil {
			return err
		}
		if store.Micros(now) < until {
			refused = &Refusal{Code: RefusedTooMany, Until: store.Instant(until)}
			return nil
		}
		if store.Instant(last).Before(now.Add(-forgetAttempts)) {
			failures = 0
		}
		failures++
		return tx.Exec(ctx, `UPDATE identity_attempt SET failures = $2, last_at = $3, until_at = $4 WHERE login = $1`,
			login, failures, store.Micros(now), store.Micros(now.Add(delayAfter(failures))))
	})
	if err != nil {
		return err
	}
	return refused
}
