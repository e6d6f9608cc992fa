package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 with HMAC-SHA-1 is what authenticator programs understand; it does not rest on collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
)

const (
	totpDigits = 6
	totpPeriod = 30 // seconds
	totpSkew   = 1  // steps before and after: clocks of telephones differ
	totpSecret = 20 // bytes: the length of the hash (RFC 4226, 4, R6)
)

// hotp is the code of a counter (RFC 4226, 5.3).
func hotp(secret []byte, counter uint64) string {
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], counter)
	mac := hmac.New(sha1.New, secret)
	mac.Write(message[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	value := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, value%1_000_000)
}

// totpStep is the time step of an instant (RFC 6238, 4.2).
func totpStep(at time.Time) int64 { return at.Unix() / totpPeriod }

// matchTOTP returns the time step to which a code belongs, the newest first; steps up to used are spent. All candidates are looked
// at, so that the time it takes tells nothing.
func matchTOTP(secret []byte, code string, at time.Time, used int64) (step int64, ok bool) {
	now := totpStep(at)
	for s := now - totpSkew; s <= now+totpSkew; s++ {
		if s >= 0 && subtle.ConstantTimeCompare([]byte(hotp(secret, uint64(s))), []byte(code)) == 1 && s > used {
			step, ok = s, true
		}
	}
	return step, ok
}

var secretEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// newTOTPSecret makes a secret, as it is typed into an authenticator program.
func newTOTPSecret() string {
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret) // never fails
	return secretEncoding.EncodeToString(secret)
}

// totpURI is what the QR code of an offer says: the format that authenticator programs read.
func totpURI(issuer, account, secret string) string {
	label := url.PathEscape(issuer + ":" + account)
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpPeriod)}}
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// typedCode is a code as it was typed, without the blanks and hyphens by which people group it, and with the letters and digits of
// full width that Chinese keyboards give.
func typedCode(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r = r - '！' + '!'
		}
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}
