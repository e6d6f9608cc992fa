package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// tokenPrefix lets scanners for leaked secrets recognise a token.
const tokenPrefix = "ohm_"

// Token lets a machine act. Its secret is shown once and kept as a hash.
type Token struct {
	ID        store.ID
	Name      string   // of the system that uses it
	Scopes    []string // the actions that it opens
	Division  string   // what it is bound to: a division and all below it; empty: any
	Body      string   // a body; empty: any
	CreatedBy store.ID
	CreatedAt time.Time
	Until     time.Time // when it expires, or was revoked
}

// Scopes returns the actions that a token may open, sorted. The rule machine/scope in policies has the same list; a test compares
// them.
func Scopes() []string {
	return []string{
		ActionBoard, "case.attach", ActionList, "case.message", "case.private", "case.read", "case.submit", ActionDraft, ActionFile, "task.complete",
	}
}

// longestToken bounds how long a token lives: keys that nobody looks after are found by somebody else.
const longestToken = 2 * 366 * 24 * time.Hour

// CreateMachineToken makes a token and returns its secret, which cannot be had again. The security administrator may. Of t, the
// fields Name, Scopes, Division, Body and Until count.
func (s *Service) CreateMachineToken(ctx context.Context, by Principal, t Token) (Token, string, error) {
	if err := s.Policies.Allow(by, ActionTokens, Resource{Type: "token", Division: t.Division, Body: t.Body}); err != nil {
		return Token{}, "", err
	}
	now := s.Now()
	t.ID, t.CreatedBy, t.CreatedAt = s.IDs.New(), by.Account, now
	if err := s.checkToken(t); err != nil {
		return Token{}, "", err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	secret := tokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	hash := sha256.Sum256([]byte(secret))
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.Exec(ctx, `INSERT INTO identity_token (id, hash, name, scopes, division, body, created_by, created_at, until_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, int64(t.ID), hash[:], t.Name, strings.Join(t.Scopes, " "),
			t.Division, t.Body, int64(t.CreatedBy), store.Micros(t.CreatedAt), store.Micros(t.Until))
		if err != nil {
			return err
		}
		return s.note(ctx, tx, tokenTrail(by, t))
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

func (s *Service) checkToken(t Token) error {
	f := &form{}
	if strings.TrimSpace(t.Name) == "" {
		f.wrong("name", FieldRequired)
	}
	if len(t.Scopes) == 0 {
		f.wrong("scopes", FieldRequired)
	}
	known := Scopes()
	for _, scope := range t.Scopes {
		if !slices.Contains(known, scope) {
			f.wrong("scopes", FieldUnknown)
		}
	}
	reg := s.Registry.Now()
	if t.Division != "" && reg.Division(t.Division) == nil {
		f.wrong("division", FieldUnknown)
	}
	if t.Body != "" && reg.Body(t.Body) == nil {
		f.wrong("body", FieldUnknown)
	}
	if !t.Until.After(t.CreatedAt) {
		f.wrong("until", FieldRequired)
	} else if t.Until.After(t.CreatedAt.Add(longestToken)) {
		f.wrong("until", FieldLong)
	}
	return f.check()
}

const machineColumns = `id, name, scopes, division, body, created_by, created_at, until_at`

func scanToken(r store.Row) (t Token, err error) {
	var opens string
	var created, until int64
	err = r.Scan(&t.ID, &t.Name, &opens, &t.Division, &t.Body, &t.CreatedBy, &created, &until)
	t.Scopes, t.CreatedAt, t.Until = strings.Fields(opens), store.Instant(created), store.Instant(until)
	return t, err
}

// Tokens returns all tokens, newest first, for whoever may make them.
func (s *Service) Tokens(ctx context.Context, by Principal) ([]Token, error) {
	if err := s.Policies.Allow(by, ActionTokens, Resource{Type: "token"}); err != nil {
		return nil, err
	}
	return store.All(ctx, s.DB.Read(), scanToken, `SELECT `+machineColumns+` FROM identity_token ORDER BY id DESC`)
}

// RevokeToken ends a token now.
func (s *Service) RevokeToken(ctx context.Context, by Principal, id store.ID) error {
	if err := s.Policies.Allow(by, ActionTokens, Resource{Type: "token"}); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE identity_token SET until_at = $2 WHERE id = $1 AND until_at > $2`, int64(id), store.Micros(s.Now()))
		if err == nil && n == 0 {
			return refuse(RefusedToken)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, journal.Act{Kind: journal.TokenRevoked, By: by.Actor(), On: journal.On("token", id)})
	})
}

// machine returns who acts with a token, or a [*Refusal] with the code token.
func (s *Service) machine(ctx context.Context, secret string) (Principal, error) {
	hash := sha256.Sum256([]byte(secret))
	t, err := store.One(ctx, s.DB.Read(), scanToken, `SELECT `+machineColumns+` FROM identity_token WHERE hash = $1`, hash[:])
	if errors.Is(err, store.ErrNotFound) || err == nil && !s.Now().Before(t.Until) {
		return Principal{}, refuse(RefusedToken)
	}
	if err != nil {
		return Principal{}, err
	}
	return Principal{
		Account: t.ID, Kind: Machine, Name: t.Name,
		Post: Post{ID: "machine/" + t.ID.String(), Body: t.Body, Division: t.Division, Roles: t.Scopes},
	}, nil
}
