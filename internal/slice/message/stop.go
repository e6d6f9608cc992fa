package message

import (
	"errors"
	"net/http"

	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/web"
)

func (s *Service) getStop(w http.ResponseWriter, r *http.Request) error {
	n, _, err := s.Notify.Stops(r.PathValue("token"))
	if errors.Is(err, notify.ErrStop) {
		return web.NotFound("message.stop.unknown")
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, stopView(web.ViewOf(r), n, false))
}

func (s *Service) postStop(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	n, _, err := s.Notify.Stops(token)
	if err == nil {
		err = s.Notify.Stop(r.Context(), token)
	}
	if errors.Is(err, notify.ErrStop) {
		return web.NotFound("message.stop.unknown")
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, stopView(web.ViewOf(r), n, true))
}
