package identity

import (
	"context"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Notice tells the owner of an account what has happened to it, so that they notice what they didn't do themselves.
type Notice struct {
	Account store.ID
	Kind    string
	At      time.Time
}

// The kinds of notices. Their words stand among those of package notify.
const (
	NoticeDevice        = "device"         // somebody signed in on a kind of device that was not used before
	NoticeLocked        = "locked"         // too many wrong passwords or codes
	NoticePassword      = "password"       // it has a new password
	NoticeFactorAdded   = "factor-added"   // a second factor was added
	NoticeFactorRemoved = "factor-removed" // one was taken away
	NoticeFactorsReset  = "factors-reset"  // the security administrator took all away
	NoticeSearch        = "search"         // something new answers a search that its owner has saved
	NoticeRecovery      = "recovery"       // a recovery code was used
	NoticeLinked        = "linked"         // an identity provider opens it from now on
)

// Notices lists the kinds of notices.
func Notices() []string {
	return []string{NoticeDevice, NoticeLocked, NoticePassword, NoticeFactorAdded, NoticeFactorRemoved, NoticeFactorsReset, NoticeRecovery, NoticeLinked}
}

// tell hands a notice on. What is told has happened already, whether or not the message reaches anybody.
func (s *Service) tell(ctx context.Context, account store.ID, kind string) {
	if s.Tell != nil {
		s.Tell(context.WithoutCancel(ctx), Notice{Account: account, Kind: kind, At: s.Now()})
	}
}
