package request

import (
	"embed"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the slice.
func Messages() i18n.Source { return i18n.Source{Module: "request", FS: locales} }

// Actions of the slice, as policies name them.
const (
	// ActionOffice is working in a disclosure office.
	ActionOffice = "request.office"
	// ActionAsker is reading who asks.
	ActionAsker = "request.asker"
)

// maxUpload bounds a form with its files, in bytes.
const maxUpload = 64 << 20

// maxCatalogue bounds a catalogue as it is sent, in bytes: one that is too long comes back with what is wrong with it.
const maxCatalogue = 8 << 20

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(name string) web.Route { return web.Route{Name: "request." + name, Public: true} }
	held := func(name string) web.Route { return web.Route{Name: "request." + name, Public: true, Private: true} }
	may := func(name, action string) web.Route { return web.Route{Name: "request." + name, Action: action} }
	taking := func(r web.Route) web.Route { r.MaxBody = maxUpload; return r }

	shell.Handle("GET /open/apply", public("choose"), s.getChoose)
	shell.Handle("GET /open/apply/{body}", held("apply"), s.getApply)
	shell.Handle("POST /open/apply/{body}", taking(held("send")), s.postApply)
	shell.Handle("GET /open/requests", public("register"), s.getRegister)
	shell.Handle("GET /open/requests/{number}", public("entry"), s.getEntry)
	shell.Handle("GET /open/catalogue", public("catalogues"), s.getCatalogues)
	shell.Handle("GET /open/catalogue/{body}", public("catalogue"), s.getCatalogue)

	base := "/open/requests/{number}/{code}"
	shell.Handle("GET "+base, held("track"), s.getTrack)
	shell.Handle("GET "+base+"/receipt", held("receipt"), s.getReceipt)
	shell.Handle("GET "+base+"/letters/{seq}/{kind}", held("letter"), s.getLetter(s.byCode))
	shell.Handle("GET "+base+"/letters/{seq}/{kind}/pdf", held("pdf"), s.getPDF(s.byCode))
	shell.Handle("GET "+base+"/files/{file}", held("file"), s.getFile(s.byCode))
	shell.Handle("GET "+base+"/task/{token}", held("task"), s.getTask)
	shell.Handle("POST "+base+"/task/{token}", held("do-task"), s.postTask)
	shell.Handle("GET "+base+"/withdraw", held("withdraw"), s.getWithdraw)
	shell.Handle("POST "+base+"/withdraw", held("do-withdraw"), s.postWithdraw)
	shell.Handle("GET /me/requests", may("own", identity.ActionDraft), s.getOwn)

	office := "/open/office"
	shell.Handle("GET "+office, may("office", ActionOffice), s.getOffice)
	shell.Handle("GET "+office+"/new", may("enter", ActionOffice), s.getEnter)
	shell.Handle("POST "+office+"/new", taking(may("do-enter", ActionOffice)), s.postEnter)
	shell.Handle("GET "+office+"/figures", may("figures", ActionOffice), s.getFigures)
	shell.Handle("GET "+office+"/catalogue", may("edit-catalogue", ActionOffice), s.getEditCatalogue)
	handIn := may("hand-in-catalogue", ActionOffice)
	handIn.MaxBody = maxCatalogue
	shell.Handle("POST "+office+"/catalogue", handIn, s.postEditCatalogue)
	shell.Handle("GET "+office+"/{number}", may("office-case", casework.ActionRead), s.getOfficeCase)
	shell.Handle("GET "+office+"/{number}/letters/{seq}/{kind}", may("office-letter", casework.ActionRead), s.getLetter(s.byPost))
	shell.Handle("GET "+office+"/{number}/letters/{seq}/{kind}/pdf", may("office-pdf", casework.ActionRead), s.getPDF(s.byPost))
	shell.Handle("GET "+office+"/{number}/files/{file}", may("office-file", ActionAsker), s.getAskerFile)
	shell.Handle("POST "+office+"/{number}/disputes", may("file-dispute", ActionOffice), s.postDispute)
	shell.Handle("GET "+office+"/{number}/disputes/{dispute}", may("take-back", ActionOffice), s.getTakeBack)
	shell.Handle("POST "+office+"/{number}/disputes/{dispute}", may("do-take-back", ActionOffice), s.postTakeBack)
	shell.Handle("POST "+office+"/{number}/publish", may("publish", ActionOffice), s.postPublish)
	shell.Handle("GET "+office+"/{number}/redact", may("redact", ActionOffice), s.getRedact)
	shell.Handle("POST "+office+"/{number}/redact", taking(may("do-redact", ActionOffice)), s.postRedact)
}
