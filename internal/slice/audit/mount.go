package audit

import (
	"embed"
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages of the audit administrator.
func Messages() i18n.Source { return i18n.Source{Module: "audit", FS: locales} }

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	page := func(pattern, name string, h func(identity.Principal, http.ResponseWriter, *http.Request) error) {
		shell.Handle(pattern, web.Route{Name: "audit." + name, Action: identity.ActionAudit}, func(w http.ResponseWriter, r *http.Request) error {
			who, err := s.Identity.Principal(r)
			if err != nil {
				return err
			}
			return h(who, w, r)
		})
	}
	page("GET /audit", "search", s.getSearch)
	page("POST /audit/search", "ask", s.postSearch)
	page("GET /audit/entry/{event}", "entry", s.getEntry)
	page("GET /audit/entry/{event}/receipt.json", "receipt", s.getReceipt)
	page("POST /audit/export", "export", s.postExport)
	page("GET /audit/completeness", "completeness", s.getCompleteness)
}
