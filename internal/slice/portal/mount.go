package portal

import (
	"embed"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the portal.
func Messages() i18n.Source { return i18n.Source{Module: "portal", FS: locales} }

// Footer leads from the end of every page to those that say what the hall is.
func Footer() []web.NavItem {
	items := make([]web.NavItem, 0, len(texts)+1)
	for _, t := range texts {
		items = append(items, web.NavItem{Href: "/" + t.name, Label: "portal." + t.name + ".title"})
	}
	return append(items, web.NavItem{Href: "/log", Label: "portal.log.title"})
}

// maxReceipt is how large a receipt may be, in bytes: an entry of the log has at most 64 KiB, and JSON escapes what stands in it.
const maxReceipt = 512 << 10

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "portal." + name, Public: true}, h)
	}
	public("GET /{$}", "home", s.getHome)
	public("GET /d", "places", s.getPlaces)
	public("GET /d/{area}", "site", s.getSite)
	public("GET /d/{area}/bodies/{key}", "body", s.getBody)
	public("GET /log", "log", s.getLog)
	shell.Handle("POST /log/verify", web.Route{Name: "portal.verify", Public: true, Private: true, MaxBody: maxReceipt}, s.postVerify)
	for _, t := range texts {
		public("GET /"+t.name, t.name, s.getText(t))
	}
	machine := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "portal." + name, Public: true, Machine: true}, h)
	}
	machine("GET /robots.txt", "robots", s.getRobots)
	machine("GET /sitemap.xml", "sitemap", s.getSitemap)
	machine("GET /favicon.ico", "icon", s.getIcon)
}
