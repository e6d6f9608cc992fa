package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Device is the kind of device and of browser from which somebody signed in: enough to recognise one's own, too little to follow anybody.
type Device struct {
	Kind    string // computer, phone, tablet, other
	Browser string // chrome, edge, firefox, safari, wechat, alipay, other
}

// signs are what tells a browser in a user agent, the more telling first: many name others as well.
var signs = []struct{ sign, name string }{
	{"MicroMessenger", "wechat"}, {"AlipayClient", "alipay"}, {"Edg", "edge"}, {"Firefox", "firefox"}, {"FxiOS", "firefox"},
	{"Chrome", "chrome"}, {"CriOS", "chrome"}, {"Safari", "safari"},
}

// deviceOf tells a device by its user agent, as a text that a session keeps.
func deviceOf(agent string) string {
	has := func(sign string) bool { return strings.Contains(agent, sign) }
	kind := "other"
	switch {
	case has("iPad"), has("Tablet"), has("Android") && !has("Mobile"):
		kind = "tablet"
	case has("Mobile"), has("iPhone"):
		kind = "phone"
	case has("Windows"), has("Macintosh"), has("X11"), has("Linux"), has("CrOS"):
		kind = "computer"
	}
	browser := "other"
	for _, b := range signs {
		if has(b.sign) {
			browser = b.name
			break
		}
	}
	return kind + "/" + browser
}

func parseDevice(kept string) Device {
	kind, browser, ok := strings.Cut(kept, "/")
	if !ok {
		return Device{Kind: "other", Browser: "other"}
	}
	return Device{kind, browser}
}

// forgetDevices is how long a device is known that is not used any more.
const forgetDevices = 180 * 24 * time.Hour

// noteDevice remembers the kind of device on which an account was opened, and tells its owner of one that was not used before. Of the
// first one nobody is told: the owner has just chosen the password.
func (s *Service) noteDevice(ctx context.Context, account store.ID, device string) error {
	index, now := s.Keys.Index("device", account.String()+"/"+device), store.Micros(s.Now())
	var fresh bool
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		others, err := store.Scalar[int](tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM identity_device WHERE account = $1 LIMIT 1) AS known`, int64(account)))
		if err != nil {
			return err
		}
		n, err := tx.ExecCount(ctx, `INSERT INTO identity_device (account, device, seen_at) VALUES ($1, $2, $3) ON CONFLICT (account, device) DO NOTHING`,
			int64(account), index, now)
		if err != nil {
			return err
		}
		if fresh = n > 0 && others > 0; n == 0 {
			return tx.Exec(ctx, `UPDATE identity_device SET seen_at = $3 WHERE account = $1 AND device = $2`, int64(account), index, now)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("device: %w", err)
	}
	if fresh {
		s.tell(ctx, account, NoticeDevice)
	}
	return nil
}
