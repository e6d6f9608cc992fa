package notify

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
)

// Settings are what somebody has chosen.
type Settings struct {
	Language lang.Tag // of mails and short messages
	Quiet    Quiet
	Mail     Contact
	SMS      Contact // Address is the number of the account, when short messages can be sent to it
	wants    func(n *Notice, c Channel) bool
}

// Wants reports whether a notice goes by a channel.
func (s *Settings) Wants(n *Notice, c Channel) bool { return s.wants(n, c) }

// Settings reads what somebody has chosen.
func (s *Service) Settings(ctx context.Context, account store.ID) (out Settings, err error) {
	readers, err := s.readers(ctx, s.o.DB.Read(), []store.ID{account})
	if err != nil {
		return out, err
	}
	r := readers[account]
	out.Language, out.Quiet, out.wants = r.language, r.quiet, r.wants
	if out.Mail, err = s.contact(ctx, account, Mail); err != nil {
		return out, err
	}
	if out.SMS, err = s.contact(ctx, account, SMS); err != nil {
		return out, err
	}
	a, err := s.o.Accounts.Account(ctx, account)
	if err != nil {
		return out, fmt.Errorf("account: %w", err)
	}
	if Mobile(a.Phone) {
		out.SMS.Address = a.Phone
	}
	return out, nil
}

// Save keeps what somebody has chosen of the notices that were shown to them. Only what differs from the usual is kept, so that a
// new usual reaches everybody who has not chosen. What cannot be switched off stays as it is.
func (s *Service) Save(ctx context.Context, account store.ID, language lang.Tag, quiet Quiet, shown []Notice, wanted func(notice string, c Channel) bool) error {
	const hours = 24
	if quiet.From < 0 || quiet.From >= hours || quiet.Until < 0 || quiet.Until >= hours {
		return fmt.Errorf("notify: quiet hours from %d until %d: want hours from 0 to 23", quiet.From, quiet.Until)
	}
	return s.o.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO notify_setting (account, language, quiet_from, quiet_until) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account) DO UPDATE SET language = excluded.language, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until`,
			int64(account), string(language), quiet.From, quiet.Until)
		for i := range shown {
			n := &shown[i]
			for _, c := range Channels() {
				if n.Fixed(c) || !s.Available(c) {
					continue // a channel that is not there was not asked about
				}
				if w := wanted(n.ID, c); w == n.Usual(c) {
					tx.Queue(`DELETE FROM notify_choice WHERE account = $1 AND notice = $2 AND channel = $3`, int64(account), n.ID, string(c))
				} else {
					tx.Queue(`INSERT INTO notify_choice (account, notice, channel, wanted) VALUES ($1, $2, $3, $4)
						ON CONFLICT (account, notice, channel) DO UPDATE SET wanted = excluded.wanted`, int64(account), n.ID, string(c), w)
				}
			}
		}
		return nil
	})
}
