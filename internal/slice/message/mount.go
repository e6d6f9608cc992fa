package message

import (
	"embed"

	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the room.
func Messages() i18n.Source { return i18n.Source{Module: "message", FS: locales} }

// actionOwn is the action of reading what oneself was told, and of saying how.
const actionOwn = "message.own"

const (
	listPath     = "/me/messages"
	settingsPath = "/me/messages/settings"
)

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	own := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "message." + name, Action: actionOwn}, h)
	}
	// Whoever has the mail ends mails of its kind, by hand or by a button of their mail program (RFC 8058), which signs nobody in. Looking at
	// the address ends nothing: programs that check mails follow each link.
	stop := func(method, name string, h web.HandlerFunc) {
		shell.Handle(method+" "+notify.StopPath+"{token}", web.Route{Name: "message." + name, Public: true}, h)
	}
	stop("GET", "offer-to-stop", s.getStop)
	stop("POST", "stop", s.postStop)
	own("GET "+listPath, "list", s.getList)
	own("POST "+listPath+"/read", "read-all", s.postReadAll)
	own("POST "+listPath+"/delete", "delete-read", s.postDelete)
	own("GET "+listPath+"/{id}", "message", s.getMessage)
	own("POST "+listPath+"/{id}/unread", "mark-unread", s.postUnread)
	own("GET "+settingsPath, "settings", s.getSettings)
	own("POST "+settingsPath, "save-settings", s.postSettings)
	own("POST "+settingsPath+"/mail", "set-mail", s.postMail)
	own("POST "+settingsPath+"/mail/confirm", "confirm-mail", s.postConfirm)
	own("POST "+settingsPath+"/mail/remove", "remove-mail", s.postRemove)
	own("POST "+settingsPath+"/resume", "resume", s.postResume)
}
