package identity

import (
	"context"
	"errors"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

const (
	freeAttempts   = 3 // wrong passwords that cost nothing: people mistype
	forgetAttempts = 24 * time.Hour

	// A whole office stands behind one address, so it gets more room; guesses at many accounts with one password still end here.
	freeFromAddress    = 30
	longestFromAddress = 15 * time.Minute
)

// slate is what failures are counted on: a login, the second factors of an account, or an address.
type slate struct {
	index []byte
	delay func(failures int64) time.Duration
}

// delayAfter is how long the next attempt waits after so many failures: 1 s after the one that follows the free ones, then twice as
// long each time.
func delayAfter(failures, free int64, longest time.Duration) time.Duration {
	n := failures - free
	switch {
	case n <= 0:
		return 0
	case n > 20:
		return longest
	}
	return min(time.Second<<(n-1), longest)
}

// own is the slate of a login or an account: delays that double, and from [Options.LockAfter] failures on a lock.
func (s *Service) own(index []byte) slate {
	return slate{index, func(failures int64) time.Duration {
		if failures >= int64(s.LockAfter) {
			return s.LockFor
		}
		return delayAfter(failures, freeAttempts, s.LockFor)
	}}
}

func (s *Service) loginSlate(login string) slate { return s.own(s.loginIndex(login)) }

func (s *Service) factorSlate(account store.ID) slate {
	return s.own(s.Keys.Index("factor-attempt", account.String()))
}

// addressSlates is the slate of the address from which an attempt comes, or none. The address itself is kept nowhere, only its keyed
// hash, for a day.
func (s *Service) addressSlates(address string) []slate {
	if address == "" {
		return nil
	}
	return []slate{{s.Keys.Index("address-attempt", address), func(failures int64) time.Duration {
		return delayAfter(failures, freeFromAddress, longestFromAddress)
	}}}
}

// verify returns the account if the password is right. An attempt is counted as failed before it is looked at, so that many guesses
// at once gain nothing; a right one wipes the slate of the login clean, and takes itself off that of the address.
func (s *Service) verify(ctx context.Context, login, password, address string) (Account, error) {
	mine, others := s.loginSlate(login), s.addressSlates(address)
	locked, err := s.countAttempt(ctx, append([]slate{mine}, others...))
	if err != nil {
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
		if locked && a.ID != 0 {
			s.tell(ctx, a.ID, NoticeLocked)
		}
		return Account{}, refuse(RefusedWrong)
	}
	var fresh string
	if outdated {
		if fresh, err = s.hashes.hash(ctx, password); err != nil {
			return Account{}, err
		}
	}
	return a, s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		forgive(tx, mine, others)
		if fresh != "" {
			tx.Queue(`UPDATE identity_account SET password = $2 WHERE id = $1 AND password = $3`, int64(a.ID), fresh, a.password)
		}
		return nil
	})
}

// forgive takes back the failure that an attempt began as: everything on one's own slate, one on those of others.
func forgive(tx *store.Tx, mine slate, others []slate) {
	tx.Queue(`DELETE FROM identity_attempt WHERE login = $1`, mine.index)
	for _, o := range others {
		tx.Queue(`UPDATE identity_attempt SET failures = failures - 1, until_at = 0 WHERE login = $1 AND failures > 0`, o.index)
	}
}

// countAttempt counts a failure on each slate, or refuses while one of them asks to wait. It reports whether the first was locked by it.
func (s *Service) countAttempt(ctx context.Context, slates []slate) (locked bool, err error) {
	now := s.Now()
	var refused error
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		refused, locked = nil, false
		failures := make([]int64, len(slates))
		for i, sl := range slates {
			n, until, err := failuresOf(ctx, tx, sl.index, now)
			if err != nil {
				return err
			}
			if now.Before(until) {
				refused = &Refusal{Code: RefusedTooMany, Until: until}
				return nil
			}
			failures[i] = n + 1
		}
		for i, sl := range slates {
			tx.Queue(`UPDATE identity_attempt SET failures = $2, last_at = $3, until_at = $4 WHERE login = $1`,
				sl.index, failures[i], store.Micros(now), store.Micros(now.Add(sl.delay(failures[i]))))
		}
		locked = failures[0] == int64(s.LockAfter)
		return nil
	})
	if err != nil {
		return false, err
	}
	return locked, refused
}

// failuresOf takes the row of a slate and reads it. Taking it first makes attempts at one login wait for each other on PostgreSQL too.
func failuresOf(ctx context.Context, tx *store.Tx, index []byte, now time.Time) (failures int64, until time.Time, err error) {
	err = tx.Exec(ctx, `INSERT INTO identity_attempt (login, failures, last_at, until_at) VALUES ($1, 0, $2, 0)
		ON CONFLICT (login) DO UPDATE SET login = excluded.login`, index, store.Micros(now))
	if err != nil {
		return 0, until, err
	}
	var last, waits int64
	err = tx.QueryRow(ctx, `SELECT failures, last_at, until_at FROM identity_attempt WHERE login = $1`, index).Scan(&failures, &last, &waits)
	if store.Instant(last).Before(now.Add(-forgetAttempts)) {
		failures = 0
	}
	return failures, store.Instant(waits), err
}

// LockedUntil returns until when an account is locked by wrong passwords or codes, or the zero time. The security administrator may ask.
func (s *Service) LockedUntil(ctx context.Context, by Principal, id store.ID) (time.Time, error) {
	if err := s.allow(by, ActionAccounts); err != nil {
		return time.Time{}, err
	}
	a, err := s.Account(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	until, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx,
		`SELECT coalesce(max(until_at), 0) FROM identity_attempt WHERE failures >= $1 AND login IN ($2, $3)`,
		int64(s.LockAfter), s.loginIndex(a.Login), s.factorSlate(id).index))
	if at := store.Instant(until); err == nil && s.Now().Before(at) {
		return at, nil
	}
	return time.Time{}, err
}

// Unlock lets somebody try again at once who is locked by wrong passwords or codes. The security administrator may.
func (s *Service) Unlock(ctx context.Context, by Principal, id store.ID) error {
	if err := s.allow(by, ActionAccounts); err != nil {
		return err
	}
	a, err := s.Account(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.Queue(`DELETE FROM identity_attempt WHERE login IN ($1, $2)`, s.loginIndex(a.Login), s.factorSlate(id).index)
		return s.note(ctx, tx, trail(by, journal.AccountUnlocked, id))
	})
}
