package disclosure

import (
	"embed"
	"net/http"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages.
func Messages() i18n.Source { return i18n.Source{Module: "disclosure", FS: locales} }

// actionOwn is what whoever has an account may do: read and set what they are told.
const actionOwn = "message.own"

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
	public("GET /open/duties", "duties", s.getDuties)
	own := func(pattern, name string, h officePage) {
		shell.Handle(pattern, web.Route{Name: "disclosure." + name, Action: actionOwn}, func(w http.ResponseWriter, r *http.Request) error {
			who, err := s.People.Principal(r)
			if err != nil {
				return err
			}
			return h(who, w, r)
		})
	}
	own("GET /me/searches", "saved", s.getSaved)
	own("GET /me/searches/new", "offer-to-save", s.getSave)
	own("POST /me/searches", "save-search", s.postSave)
	own("POST /me/searches/{search}", "change-search", s.postSaved)
	s.mountOffice(shell)
}
