package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost says how dear a guess at a password is.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// sound reports whether argon2id can be run at that cost: at least one pass and thread, at most 1 GiB.
func (c Cost) sound() bool { return c.Time > 0 && c.Threads > 0 && c.Memory <= 1<<20 }

// DefaultCost is the first choice of the OWASP Password Storage Cheat Sheet for argon2id: 19 MiB, two passes, one thread.
var DefaultCost = Cost{Memory: 19 * 1024, Time: 2, Threads: 1}

const (
	saltSize = 16
	hashSize = 32

	// Sign-ins share few places, so that a crowd of them takes neither all processors nor, at 19 MiB each, the memory.
	hashesAtOnce  = 2
	hashesWaiting = 64
)

// hasher makes and checks password hashes, few at a time.
type hasher struct {
	cost    Cost
	dummy   func() string // checked for unknown logins, so that they take as long as known ones
	places  chan struct{}
	waiting atomic.Int64
}

func newHasher(cost Cost) *hasher {
	h := &hasher{cost: cost, places: make(chan struct{}, hashesAtOnce)}
	h.dummy = sync.OnceValue(func() string { return h.make("") })
	return h
}

func (h *hasher) enter(ctx context.Context) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > hashesWaiting {
		return refuse(RefusedBusy)
	}
	select {
	case h.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) leave() { <-h.places }

// hash returns the PHC form of a password: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return h.make(password), nil
}

func (h *hasher) make(password string) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, h.cost.Time, h.cost.Memory, h.cost.Threads, hashSize)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Time, h.cost.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// verify reports whether the password is the one of the stored form, and whether that form is weaker than what is made today. An
// empty stored form is compared with a password that nobody has.
func (h *hasher) verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	known := stored != ""
	if dummy := h.dummy(); !known { // made with the first password of all, whether that is somebody's or not
		stored = dummy
	}
	p, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	sum := argon2.IDKey([]byte(password), p.salt, p.Time, p.Memory, p.Threads, hashSize)
	same := subtle.ConstantTimeCompare(sum, p.sum) == 1
	return same && known, p.Cost != h.cost, nil
}

type phc struct {
	Cost
	salt, sum []byte
}

func parsePHC(stored string) (p phc, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errors.New("stored password: not in the form $argon2id$v=19$m=…,t=…,p=…$salt$hash")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil || !p.sound() {
		return p, fmt.Errorf("stored password: cost %q", parts[3])
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	p.sum, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err1, err2); err != nil || len(p.sum) != hashSize {
		return p, errors.New("stored password: salt or hash is damaged")
	}
	return p, nil
}

const (
	minPassword      = 8   // characters; ASVS 5.0, 6.2.1
	minStaffPassword = 15  // what it recommends: staff hold other people's data
	maxPassword      = 128 // characters; more would only cost time
)

// MinPassword is how many characters the password of an account has at least.
func MinPassword(kind Kind) int {
	if kind == Staff {
		return minStaffPassword
	}
	return minPassword
}

// checkPassword refuses passwords that are guessed first: short ones, common ones, those of few different characters, and those made of
// what stands beside them in the form. It asks for no mixture of signs: length is worth more (NIST SP 800-63B, 3.1.1.2).
func (s *Service) checkPassword(f *form, field, password string, a Account) {
	n := utf8.RuneCountInString(password)
	switch {
	case password == "":
		f.wrong(field, FieldRequired)
	case n < MinPassword(a.Kind) && a.Kind == Staff:
		f.wrong(field, FieldShortStaff)
	case n < MinPassword(a.Kind):
		f.wrong(field, FieldShort)
	case n > maxPassword:
		f.wrong(field, FieldLong)
	case guessed(password, []string{a.Login, a.Name, a.Number, a.Phone}):
		f.wrong(field, FieldGuessed)
	case s.common.holds(password):
		f.wrong(field, FieldCommon)
	}
}

func guessed(password string, beside []string) bool {
	different := map[rune]bool{}
	steps := 0 // neighbours that follow one another: 1234, abcd, 4321
	var last rune
	for i, r := range password {
		different[r] = true
		if i > 0 && (r == last+1 || r == last-1) {
			steps++
		}
		last = r
	}
	if len(different) < 5 || steps >= utf8.RuneCountInString(password)*2/3 {
		return true
	}
	lower := strings.ToLower(password)
	for _, b := range beside {
		if b = strings.ToLower(b); b != "" && (strings.Contains(b, lower) || len(b) >= 4 && strings.Contains(lower, b)) {
			return true
		}
	}
	return false
}
