package approval

import (
	"embed"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the slice.
func Messages() i18n.Source { return i18n.Source{Module: "approval", FS: locales} }

// actionDraft is the action of working on one's own drafts.
const actionDraft = "draft.edit"

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(name string) web.Route { return web.Route{Name: "approval." + name, Public: true} }
	may := func(name, action string) web.Route { return web.Route{Name: "approval." + name, Action: action} }

	shell.Handle("GET /hall/apply/{code}", public("start"), s.getStart)
	shell.Handle("GET /hall/apply/begin/{code}", may("sign-in", casework.ActionSubmit), s.getBegin)
	shell.Handle("POST /hall/apply/{code}", may("begin", casework.ActionSubmit), s.postBegin)
	shell.Handle("GET /hall/apply/done/{number}", may("receipt", casework.ActionRead), s.getReceipt)
	shell.Handle("GET /hall/decisions", public("decisions"), s.getDecisions)

	draft := "/hall/apply/draft/{id}"
	shell.Handle("GET "+draft, may("tasks", actionDraft), s.draftPage(s.getTasks))
	shell.Handle("POST "+draft+"/delete", may("delete-draft", actionDraft), s.draftPage(s.postDelete))
	shell.Handle("GET "+draft+"/applicant", may("applicant", actionDraft), s.draftPage(s.getApplicant))
	shell.Handle("POST "+draft+"/applicant", may("save-applicant", actionDraft), s.draftPage(s.postApplicant))
	shell.Handle("GET "+draft+"/form", may("form", actionDraft), s.draftPage(s.getForm))
	shell.Handle("POST "+draft+"/form", may("save-form", actionDraft), s.draftPage(s.postForm))
	shell.Handle("GET "+draft+"/files", may("files", actionDraft), s.draftPage(s.getFiles))
	shell.Handle("POST "+draft+"/files", taking(may("save-files", actionDraft)), s.draftPage(s.postFiles))
	shell.Handle("GET "+draft+"/check", may("check", actionDraft), s.draftPage(s.getCheck))
	shell.Handle("POST "+draft+"/check", may("send", casework.ActionSubmit), s.postCheck)

	shell.Handle("GET /track", public("track"), s.getTrack)
	shell.Handle("GET /track/{number}", public("track-number"), s.getTrack)
	shell.Handle("POST /track", public("look-up"), s.postTrack)
	s.mountMatter(shell, "/track/{number}/{code}", s.byCode, func(name, _ string) web.Route {
		return web.Route{Name: "approval.track-" + name, Public: true, Private: true}
	})

	shell.Handle("GET /me", may("me", actionDraft), s.getMe)
	s.mountMatter(shell, "/me/case/{number}", s.byOwner, func(name, action string) web.Route { return may("my-"+name, action) })
	shell.Handle("GET /documents/{number}/{seq}/{kind}", may("document", casework.ActionRead), s.getDocument(s.byPost))
	shell.Handle("GET /documents/{number}/{seq}/{kind}/pdf", may("pdf", casework.ActionRead), s.getPDF(s.byPost))
}

// mountMatter adds the pages of a matter by one of its doors.
func (s *Service) mountMatter(shell *web.Shell, base string, open doorFunc, route func(name, action string) web.Route) {
	read := func(name string) web.Route { return route(name, casework.ActionRead) }
	shell.Handle("GET "+base, read("matter"), s.getMatter(open))
	shell.Handle("GET "+base+"/documents/{seq}/{kind}", read("document"), s.getDocument(open))
	shell.Handle("GET "+base+"/documents/{seq}/{kind}/pdf", read("pdf"), s.getPDF(open))
	shell.Handle("GET "+base+"/proof/{file}", read("proof"), s.getProof(open))
	shell.Handle("GET "+base+"/application", route("application", casework.ActionPrivate), s.getApplication(open))
	shell.Handle("GET "+base+"/file/{file}", route("file", casework.ActionPrivate), s.getFile(open))
	shell.Handle("GET "+base+"/task/{token}", route("task", casework.ActionComplete), s.getTask(open))
	shell.Handle("POST "+base+"/task/{token}", taking(route("do-task", casework.ActionComplete)), s.postTask(open))
	shell.Handle("GET "+base+"/withdraw", route("withdraw", casework.ActionSend), s.show(open, mayWithdraw, withdrawView))
	shell.Handle("POST "+base+"/withdraw", route("do-withdraw", casework.ActionSend), s.postWithdraw(open))
	shell.Handle("GET "+base+"/files", route("attach", casework.ActionAttach), s.show(open, mayAttach, attachView))
	shell.Handle("POST "+base+"/files", taking(route("do-attach", casework.ActionAttach)), s.postAttach(open))
}

// taking lets a route take files.
func taking(r web.Route) web.Route {
	r.MaxBody = maxUpload
	return r
}
