package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

const (
	lifetime  = 12 * time.Hour   // of a session, however busy
	staffIdle = 30 * time.Minute // staff leave desks; GB/T 22239-2019, 8.1.4.1 b) asks for an end of idle sessions
	seenEvery = time.Minute      // how often a session notes that it was used: each note is a write
)

// What a session holds.
const (
	keyAccount = "account" // int64
	keyVersion = "version" // int64, of the account at sign-in
	keyPost    = "post"    // string, the post chosen
	keyParty   = "party"   // int64, whom one acts for
	keySeen    = "seen"    // int64, UTC microseconds, as all that follow which are instants
	keyBegun   = "begun"   // int64
	keyDevice  = "device"  // string, the kind of device
	keyFactor  = "factor"  // int64, when the second factor was shown; missing: not yet
	keyProof   = "proof"   // int64, when it was last proven who sits there
	keySource  = "source"  // string, the identity provider that they came from; missing: none

	keyPending = "pending" // int64, the account whose password was right and whose second factor is still to come
	keyOffer   = "offer"   // string, the secret that is being enrolled
	keyPasskey = "passkey" // string, the ceremony of a passkey under way
	keyLink    = "link"    // string, whom an identity provider named, to be linked once the account is proven
	keyKept    = "kept."   // begins the names of what others keep for the next request
)

// newSessions does not call scs.New, which starts a goroutine for a store in memory and leaves it running.
func (s *Service) newSessions() *scs.SessionManager {
	name := "openhall"
	if s.TLS {
		name = "__Host-openhall" // browsers then take it only from this host, by https
	}
	return &scs.SessionManager{
		Store: &sessionStore{s}, HashTokenInStore: true, Codec: codec{}, Lifetime: lifetime, ErrorFunc: s.Failed,
		Cookie: scs.SessionCookie{Name: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.TLS},
	}
}

type memoKey struct{}

// memo remembers who acts for the length of one request. It is used by the goroutine of the request alone.
type memo struct {
	known bool
	who   Principal
}

// Sessions reads the session before a handler and keeps it afterwards. Wrap all pages that ask who acts; leave out static files,
// because the answer varies by cookie.
func (s *Service) Sessions(next http.Handler) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), memoKey{}, &memo{})))
	}))
}

// Principal returns who acts with this request: the machine whose token it carries, the account that is signed in, or a visitor.
// A token that is not valid is a [*Refusal] with the code token. A session whose account was disabled or has a new password, or
// that was idle too long, is a visitor's.
func (s *Service) Principal(r *http.Request) (Principal, error) {
	if scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return s.machine(r.Context(), strings.TrimSpace(secret))
	}
	m, ok := r.Context().Value(memoKey{}).(*memo)
	if !ok {
		return Principal{Kind: Visitor}, nil
	}
	if m.known {
		return m.who, nil
	}
	who, err := s.fromSession(r.Context())
	if err == nil {
		m.known, m.who = true, who
	}
	return who, err
}

// Again finds out anew who acts with a request that lasts, such as a stream: a session that has ended since, by time or by hand, is a
// visitor's. It does not count as use: a page that is only looked at ends when it is idle too long.
func (s *Service) Again(r *http.Request) (Principal, error) {
	if r.Header.Get("Authorization") != "" {
		return s.Principal(r)
	}
	c, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return Principal{Kind: Visitor}, nil //nolint:nilerr // no cookie, no session
	}
	ctx, err := s.sessions.Load(anew{r.Context()}, c.Value)
	if err != nil {
		return Principal{Kind: Visitor}, fmt.Errorf("session: %w", err)
	}
	return s.fromSession(ctx)
}

// anew is a context without what was loaded into it.
type anew struct{ context.Context }

// Value gives nothing of what was known when the request began.
func (anew) Value(any) any { return nil }

func forget(ctx context.Context) {
	if m, ok := ctx.Value(memoKey{}).(*memo); ok {
		*m = memo{}
	}
}

func (s *Service) fromSession(ctx context.Context) (Principal, error) {
	visitor := Principal{Kind: Visitor}
	id := store.ID(s.sessions.GetInt64(ctx, keyAccount))
	if id == 0 {
		return visitor, nil
	}
	a, err := s.Account(ctx, id)
	var none *Refusal
	if err != nil && !errors.As(err, &none) {
		return visitor, err
	}
	now := s.Now()
	idle := now.Sub(store.Instant(s.sessions.GetInt64(ctx, keySeen)))
	if err != nil || a.Disabled || a.version != s.sessions.GetInt64(ctx, keyVersion) || a.Kind == Staff && idle > staffIdle {
		return visitor, s.sessions.Destroy(ctx)
	}
	if idle >= seenEvery {
		s.sessions.Put(ctx, keySeen, store.Micros(now))
	}
	who := Principal{Account: a.ID, Kind: a.Kind, Name: a.Name}
	if a.Kind == Staff {
		who.Given = a.PasswordChanged.IsZero()
		who.Unproven = who.Given || s.SecondFactor == FactorRequired && s.sessions.GetInt64(ctx, keyFactor) == 0
		who.Post = s.postOf(a.ID, s.sessions.GetString(ctx, keyPost))
		return who, nil
	}
	if party := store.ID(s.sessions.GetInt64(ctx, keyParty)); party != 0 {
		who.For, err = s.party(ctx, a.ID, party)
		if errors.As(err, &none) {
			s.sessions.Remove(ctx, keyParty) // the mandate has ended: they act for themselves again
			return who, nil
		}
	}
	return who, err
}

// Posts returns the posts that an account holds now.
func (s *Service) Posts(account store.ID) []Post {
	held := s.Registry.Now().PostsOf(account, s.Now())
	posts := make([]Post, 0, len(held))
	for _, p := range held {
		posts = append(posts, fromRegistry(p))
	}
	return posts
}

// postOf returns the post with the key if the account holds it, else the first that it holds.
func (s *Service) postOf(account store.ID, key string) Post {
	posts := s.Posts(account)
	for _, p := range posts {
		if p.ID == key {
			return p
		}
	}
	if len(posts) == 0 {
		return Post{}
	}
	return posts[0]
}

func fromRegistry(p *registry.Post) Post {
	return Post{ID: p.Key, Body: p.Body, Division: p.Division, Roles: p.Roles}
}

// ChoosePost makes a member of staff act in another of their posts, or answers a [*Refusal] with the code no-post.
func (s *Service) ChoosePost(r *http.Request, key string) error {
	who, err := s.Principal(r)
	if err != nil {
		return err
	}
	if who.Kind != Staff || s.postOf(who.Account, key).ID != key || key == "" {
		return refuse(RefusedNoPost)
	}
	s.sessions.Put(r.Context(), keyPost, key)
	return s.renew(r.Context())
}

// ActFor makes a person act for a party, or for themselves with 0. Without a mandate it answers a [*Refusal] with the code
// no-mandate.
func (s *Service) ActFor(r *http.Request, party store.ID) error {
	who, err := s.Principal(r)
	if err != nil {
		return err
	}
	if who.Kind != Person {
		return refuse(RefusedNoMandate)
	}
	ctx := r.Context()
	if party == 0 || party == who.Account {
		s.sessions.Remove(ctx, keyParty)
	} else {
		if _, err := s.party(ctx, who.Account, party); err != nil {
			return err
		}
		s.sessions.Put(ctx, keyParty, int64(party))
	}
	return s.renew(ctx)
}

// renew gives the session another token, because from now on it opens other doors; it ends no later for that.
func (s *Service) renew(ctx context.Context) error {
	forget(ctx)
	until := s.sessions.Deadline(ctx)
	if err := s.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	s.sessions.SetDeadline(ctx, until)
	return nil
}

// sessionStore keeps sessions in the database, sealed and under the hash of their token. A session that has ended leaves its row
// until it expires: a request that was under way when somebody signed out must not bring the session back to life.
type sessionStore struct{ s *Service }

func sessionPlace(token string) string { return "identity_session/" + token }

// FindCtx implements scs.CtxStore.
func (st *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	sealed, err := store.Scalar[[]byte](st.s.DB.Read().QueryRow(ctx,
		`SELECT data FROM identity_session WHERE token = $1 AND until_at > $2 AND NOT ended`, token, store.Micros(st.s.Now())))
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("session: %w", err)
	}
	data, err := st.s.Keys.Open(sessionPlace(token), sealed)
	if err != nil {
		return nil, false, nil //nolint:nilerr // a session sealed with a key that is gone is no session: sign in again
	}
	return data, true, nil
}

// CommitCtx implements scs.CtxStore.
func (st *sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, values, err := codec{}.Decode(data)
	if err != nil {
		return err
	}
	account, _ := values[keyAccount].(int64) // 0 before somebody has signed in
	return st.s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO identity_session (token, data, until_at, ended, account) VALUES ($1, $2, $3, false, $4)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, until_at = excluded.until_at, account = excluded.account`,
			token, st.s.Keys.Seal(sessionPlace(token), data), store.Micros(expiry), account)
	})
}

// DeleteCtx implements scs.CtxStore.
func (st *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return st.s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE identity_session SET ended = true, data = $2 WHERE token = $1`, token, []byte{0})
	})
}

// Find implements scs.Store, which scs uses without a request.
func (st *sessionStore) Find(token string) ([]byte, bool, error) {
	return st.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (st *sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return st.CommitCtx(context.Background(), token, data, expiry)
}

// Delete implements scs.Store.
func (st *sessionStore) Delete(token string) error { return st.DeleteCtx(context.Background(), token) }
