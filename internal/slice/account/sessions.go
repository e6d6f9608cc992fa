package account

import (
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

func (s *Service) getSessions(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	all, err := s.Identity.OwnSessions(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	rows := make([][]ui.Cell, len(all))
	for i, x := range all {
		rows[i] = []ui.Cell{{Text: deviceText(v.L, x.Device)}, {Text: v.L.Time(x.Begun)}, {Text: v.L.Time(x.Seen)}, {Content: endSession(v.L, x)}}
	}
	return web.Render(w, r, http.StatusOK, sessionsPage(v, rows))
}

func (s *Service) postEndSession(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := s.Identity.EndSession(r, r.PathValue("ref")); err != nil {
		return err
	}
	return done(w, r, "/account/sessions", "account.sessions.ended")
}

func (s *Service) postEndSessions(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	if err := s.Identity.EndOtherSessions(r); err != nil {
		return err
	}
	return done(w, r, "/account/sessions", "account.sessions.all-ended")
}
