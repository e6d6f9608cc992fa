package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Session is somebody signed in somewhere.
type Session struct {
	Ref     string // names it to its owner; no secret
	Device  Device
	Begun   time.Time
	Seen    time.Time // to the minute
	Factor  bool      // a second factor was shown
	Current bool      // it is that of the request

	token string
}

// endSessions ends all sessions of an account. Rows stay until they expire, so that a request under way can't bring one back to life.
const endSessions = `UPDATE identity_session SET ended = true, data = '' WHERE account = $1 AND NOT ended`

// ref is how a session is named on pages: from the hash of its token one learns neither the token nor the hash.
func (s *Service) ref(token string) string {
	return base64.RawURLEncoding.EncodeToString(s.Keys.Index("session", token)[:15])
}

type sessionRow struct {
	token string
	data  []byte
}

// live returns the sessions of an account that are not over, the one used last first.
func (s *Service) live(ctx context.Context, a Account) ([]Session, error) {
	now := s.Now()
	rows, err := store.All(ctx, s.DB.Read(), func(r store.Row) (row sessionRow, err error) {
		return row, r.Scan(&row.token, &row.data)
	}, `SELECT token, data FROM identity_session WHERE account = $1 AND until_at > $2 AND NOT ended`, int64(a.ID), store.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	var all []Session
	for _, row := range rows {
		plain, err := s.Keys.Open(sessionPlace(row.token), row.data)
		if err != nil {
			continue // sealed with a key that is gone: it opens nothing either
		}
		_, values, err := codec{}.Decode(plain)
		if err != nil {
			return nil, err
		}
		at := func(key string) time.Time { n, _ := values[key].(int64); return store.Instant(n) }
		device, _ := values[keyDevice].(string)
		version, _ := values[keyVersion].(int64)
		x := Session{Ref: s.ref(row.token), Device: parseDevice(device), Begun: at(keyBegun), Seen: at(keySeen), Factor: !at(keyFactor).IsZero(), token: row.token}
		if version == a.version && (a.Kind != Staff || now.Sub(x.Seen) <= staffIdle) {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(x, y Session) int { return y.Seen.Compare(x.Seen) })
	return all, nil
}

// makeRoom ends the sessions of a member of staff that one more would make too many, the longest unused first.
func (s *Service) makeRoom(ctx context.Context, a Account) error {
	all, err := s.live(ctx, a)
	if err != nil || len(all) < s.StaffSessions {
		return err
	}
	return s.endAll(ctx, all[s.StaffSessions-1:])
}

func (s *Service) endAll(ctx context.Context, sessions []Session) error {
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, x := range sessions {
			tx.Queue(`UPDATE identity_session SET ended = true, data = '' WHERE token = $1`, x.token)
		}
		return nil
	})
}

// current is under what the session of the request is kept.
func (s *Service) current(ctx context.Context) string {
	sum := sha256.Sum256([]byte(s.sessions.Token(ctx)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// OwnSessions returns where whoever asks is signed in, this session first.
func (s *Service) OwnSessions(r *http.Request) ([]Session, error) {
	who, err := s.Principal(r)
	if err != nil {
		return nil, err
	}
	a, err := s.Account(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	all, err := s.live(r.Context(), a)
	if err != nil {
		return nil, err
	}
	here := s.current(r.Context())
	for i, x := range all {
		if x.token == here {
			x.Current = true
			return append([]Session{x}, slices.Delete(all, i, i+1)...), nil
		}
	}
	return all, nil
}

// EndSession ends another of one's own sessions; one that is over already is no error.
func (s *Service) EndSession(r *http.Request, ref string) error {
	return s.endOthers(r, func(x Session) bool { return x.Ref == ref })
}

// EndOtherSessions ends all of one's own sessions but this one.
func (s *Service) EndOtherSessions(r *http.Request) error {
	return s.endOthers(r, func(Session) bool { return true })
}

func (s *Service) endOthers(r *http.Request, which func(Session) bool) error {
	all, err := s.OwnSessions(r)
	if err != nil {
		return err
	}
	return s.endAll(r.Context(), slices.DeleteFunc(all, func(x Session) bool { return x.Current || !which(x) }))
}

// SessionsOf returns where somebody is signed in; the security administrator may ask.
func (s *Service) SessionsOf(ctx context.Context, by Principal, id store.ID) ([]Session, error) {
	if err := s.allow(by, ActionAccounts); err != nil {
		return nil, err
	}
	a, err := s.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.live(ctx, a)
}

// EndSessionsOf ends all sessions of an account; the security administrator may.
func (s *Service) EndSessionsOf(ctx context.Context, by Principal, id store.ID) error {
	if err := s.allow(by, ActionAccounts); err != nil {
		return err
	}
	return s.change(ctx, trail(by, journal.SessionEnded, id), id, `UPDATE identity_account SET version = version + 1 WHERE id = $1`, int64(id))
}
