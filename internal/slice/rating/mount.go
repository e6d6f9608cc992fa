package rating

import (
	"embed"
	"net/http"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/door"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the slice.
func Messages() i18n.Source { return i18n.Source{Module: "rating", FS: locales} }

// maxUpload bounds a complaint with its files, in bytes.
const maxUpload = 64 << 20

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(name string) web.Route { return web.Route{Name: "rating." + name, Public: true} }
	held := func(name string) web.Route { return web.Route{Name: "rating." + name, Public: true, Private: true} }
	may := func(name, action string) web.Route { return web.Route{Name: "rating." + name, Action: action} }

	shell.Handle("GET /hall/ratings", public("figures"), s.getFigures)
	shell.Handle("GET /desk/ratings", may("desk", identity.ActionBoard), s.getDesk)
	shell.Handle("GET /rate", public("enter"), s.getEnter)
	shell.Handle("POST /rate", public("look-up"), s.postEnter)
	shell.Handle("GET /rate/{code}", held("visit"), s.getRate(s.visitTarget))
	shell.Handle("POST /rate/{code}", held("rate-visit"), s.postRate(s.visitTarget))
	byCode, byOwner := s.caseTarget((*door.Keeper).ByCode, codeBase), s.caseTarget((*door.Keeper).ByOwner, ownBase)
	shell.Handle("GET /track/{number}/{code}/rate", held("case"), s.getRate(byCode))
	shell.Handle("POST /track/{number}/{code}/rate", held("rate-case"), s.postRate(byCode))
	shell.Handle("GET /me/case/{number}/rate", may("own-case", casework.ActionRate), s.getRate(byOwner))
	shell.Handle("POST /me/case/{number}/rate", may("rate-own-case", casework.ActionRate), s.postRate(byOwner))

	shell.Handle("GET /complaints", public("complaints"), s.getComplaints)
	shell.Handle("GET /complaints/register", public("register"), s.getRegister)
	shell.Handle("GET /complaints/new", held("new"), s.getNew)
	filing := held("file")
	filing.MaxBody = maxUpload
	shell.Handle("POST /complaints/new", filing, s.postNew)
	shell.Handle("GET /me/complaints", may("own-complaints", identity.ActionDraft), s.getOwn)
	for _, d := range []struct {
		base, name string
		open       opener
		route      func(name string) web.Route
	}{
		{"/complaints/{number}/{code}", "complaint", s.complaintByCode, held},
		{"/me/complaints/{number}", "own-complaint", s.complaintByOwner, func(name string) web.Route { return may(name, casework.ActionRead) }},
	} {
		shell.Handle("GET "+d.base, d.route(d.name), s.getComplaint(d.open))
		shell.Handle("GET "+d.base+"/receipt", d.route(d.name+"-receipt"), s.getReceipt(d.open))
		shell.Handle("GET "+d.base+"/answer", d.route(d.name+"-answer"), s.getAnswer(d.open))
		shell.Handle("POST "+d.base+"/answer", d.route(d.name+"-do-answer"), s.postAnswer(d.open))
	}
}

// opener opens a complaint by one of its doors.
type opener func(r *http.Request) (opened, error)
