package notify

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/platform/store"
)

// StopPath is below which addresses lie that end mails of a kind.
const StopPath = "/stop-mails/"

// ErrStop says that a token ends nothing: it was cut, or made up.
var ErrStop = errors.New("notify: no such mails to end")

// codeSigns is the length of the code of a token; each sign has 5 bits.
const codeSigns = 26

// StopLink is the address at which whoever has a mail ends those of its kind, a notice with Stop, without signing in. Nothing is stored for it, and it does
// nothing else: who finds it can spare somebody mails, which they switch on again.
func (s *Service) StopLink(account store.ID, notice string) string {
	return s.o.BaseURL + StopPath + account.String() + "." + notice + "." + s.stopCode(account, notice)
}

func (s *Service) stopCode(account store.ID, notice string) string {
	return s.o.Keys.Code("notify.stop", account.String()+"/"+notice, codeSigns)
}

// Stops returns the notice whose mails a token ends, and to whom they go.
func (s *Service) Stops(token string) (*Notice, store.ID, error) {
	owner, rest, _ := strings.Cut(token, ".")
	notice, code, _ := strings.Cut(rest, ".")
	account, err := store.ParseID(owner)
	n := s.o.Book.notice(notice)
	if err != nil || n == nil || !n.Stop || subtle.ConstantTimeCompare([]byte(code), []byte(s.stopCode(account, n.ID))) != 1 {
		return nil, 0, ErrStop
	}
	return n, account, nil
}

// Stop ends the mails of a kind; what waits is not sent either. In the hall the account goes on being told. Again it changes nothing.
func (s *Service) Stop(ctx context.Context, token string) error {
	n, account, err := s.Stops(token)
	if err != nil {
		return err
	}
	err = s.o.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO notify_choice (account, notice, channel, wanted) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account, notice, channel) DO UPDATE SET wanted = excluded.wanted`, int64(account), n.ID, string(Mail), false)
		return nil
	})
	if err != nil {
		return fmt.Errorf("end mails: %w", err)
	}
	return nil
}
