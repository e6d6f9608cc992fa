package disclosure

import (
	"embed"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages.
func Messages() i18n.Source { return i18n.Source{Module: "disclosure", FS: locales} }

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "disclosure." + name, Public: true}, h)
	}
	public("GET /open", "open", s.getOpen)
	public("GET /d/{area}/open", "division", s.getDivision)
	public("GET /open/b/{body}", "body", s.getBody)
	public("GET /open/r/{id}", "by-id", s.getRecordByID)
	public("GET /open/r/{code}/{serial}", "record", s.getRecord)
	public("GET /open/r/{code}/{serial}/v/{n}", "version", s.getVersion)
	public("GET /open/r/{code}/{serial}/diff", "diff", s.getCompare)
	public("GET /open/r/{code}/{serial}/files/{file}", "file", s.getFile)
	public("GET /open/r/{code}/{serial}/statement.json", "statement", s.getStatement)
	public("GET /open/search", "search", s.getSearch)
	public("GET /open/suggest", "suggest", s.getSuggest)
	for _, k := range feedKinds {
		public("GET /open/"+k.name, k.name, s.getFeed(k.name, k.media, k.write))
	}
	public("GET /open/export/{name}", "export", s.getExport)
	public("GET /open/sitemap.xml", "sitemap", s.getSitemap)
	public("GET /open/sitemap/{part}", "sitemap-part", s.getSitemapPart)
	s.mountOffice(shell)
}
