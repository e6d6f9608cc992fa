package joint

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
func Messages() i18n.Source { return i18n.Source{Module: "joint", FS: locales} }

// maxUpload bounds a form with its files, in bytes.
const maxUpload = 64 << 20

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(name string) web.Route { return web.Route{Name: "joint." + name, Public: true} }
	may := func(name, action string) web.Route { return web.Route{Name: "joint." + name, Action: action} }
	taking := func(r web.Route) web.Route { r.MaxBody = maxUpload; return r }

	shell.Handle("GET /hall/joint", public("hub"), s.getHub)
	shell.Handle("GET /hall/joint/progress", public("progress"), s.getProgress)
	shell.Handle("GET /hall/joint/progress/{number}", public("lanes"), s.getLanes)
	shell.Handle("GET /hall/joint/matter/{matter}/{division}", public("guide"), s.getGuide)
	shell.Handle("POST /hall/joint/matter/{matter}/{division}", may("begin", casework.ActionSubmit), s.postBegin)
	shell.Handle("GET /hall/joint/begin/{matter}/{division}", may("sign-in", casework.ActionSubmit), s.getBegin)

	draft := "/hall/joint/draft/{id}"
	shell.Handle("GET "+draft, may("draft", identity.ActionDraft), s.draftPage(s.getDraft))
	shell.Handle("POST "+draft+"/delete", may("delete-draft", identity.ActionDraft), s.draftPage(s.postDelete))
	shell.Handle("GET "+draft+"/answers", may("answers", identity.ActionDraft), s.draftPage(s.getAnswers))
	shell.Handle("POST "+draft+"/answers", may("save-answers", identity.ActionDraft), s.draftPage(s.postAnswers))
	shell.Handle("GET "+draft+"/files", may("files", identity.ActionDraft), s.draftPage(s.getFiles))
	shell.Handle("POST "+draft+"/files", taking(may("save-files", identity.ActionDraft)), s.draftPage(s.postFiles))
	shell.Handle("GET "+draft+"/check", may("check", identity.ActionDraft), s.draftPage(s.getCheck))
	shell.Handle("POST "+draft+"/check", may("send", casework.ActionSubmit), s.draftPage(s.postCheck))

	shell.Handle("GET /me/joint", may("mine", identity.ActionDraft), s.getMine)
	s.mountCase(shell, "/hall/joint/case/{number}/{code}", s.byCode, func(name, _ string) web.Route {
		return web.Route{Name: "joint.track-" + name, Public: true, Private: true}
	})
	s.mountCase(shell, "/me/joint/{number}", s.byOwner, func(name, action string) web.Route { return may("my-"+name, action) })

	shell.Handle("GET "+counterPath, may("counter", casework.ActionSubmit), s.getCounter)
	shell.Handle("GET "+counterPath+"/{matter}", may("counter-form", casework.ActionSubmit), s.getCounterForm)
	shell.Handle("POST "+counterPath+"/{matter}", taking(may("counter-send", casework.ActionSubmit)), s.postCounterForm)
	shell.Handle("GET /desk/joint/received/{number}", may("received", casework.ActionRead), s.getReceivedSlip)
	post := "/desk/joint/case/{number}"
	shell.Handle("GET "+post, may("case", casework.ActionRead), s.getMatter(s.byPost))
	shell.Handle("GET "+post+"/letters/{seq}/{kind}", may("letter", casework.ActionRead), s.getLetter(s.byPost))
	shell.Handle("GET "+post+"/letters/{seq}/{kind}/pdf", may("pdf", casework.ActionRead), s.getPDF(s.byPost))
	shell.Handle("POST "+post+"/extend", may("extend", casework.ActionSend), s.postExtend)
	shell.Handle("GET "+builderPath, may("builder", actionBuild), s.getBuilder)
	shell.Handle("POST "+builderPath, may("publish", actionBuild), s.postBuilder)
	shell.Handle("GET /desk/joint/meeting/{number}", may("meeting", casework.ActionComplete), s.getMeeting)
	shell.Handle("POST /desk/joint/meeting/{number}", may("hold", casework.ActionComplete), s.postMeeting)
}

// mountCase adds the pages of a case by one of the applicant's doors.
func (s *Service) mountCase(shell *web.Shell, base string, open opener, route func(name, action string) web.Route) {
	taking := func(r web.Route) web.Route { r.MaxBody = maxUpload; return r }
	shell.Handle("GET "+base, route("case", casework.ActionRead), s.getMatter(open))
	shell.Handle("GET "+base+"/letters/{seq}/{kind}", route("letter", casework.ActionRead), s.getLetter(open))
	shell.Handle("GET "+base+"/letters/{seq}/{kind}/pdf", route("pdf", casework.ActionRead), s.getPDF(open))
	shell.Handle("GET "+base+"/task/{token}", route("task", casework.ActionComplete), s.getTask(open))
	shell.Handle("POST "+base+"/task/{token}", taking(route("do-task", casework.ActionComplete)), s.postTask(open))
	shell.Handle("GET "+base+"/withdraw", route("withdraw", casework.ActionSend), s.getWithdraw(open))
	shell.Handle("POST "+base+"/withdraw", route("do-withdraw", casework.ActionSend), s.postWithdraw(open))
}
