package agent

import (
	"crypto/rand"
	"errors"
	"net/http"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
)

// Limits of what a page takes, in bytes.
const (
	maxBody   = 128 << 10
	maxUpload = 64 << 20
)

// fieldKey is the field of the key that makes a form idempotent.
const fieldKey = "key"

func newKey() string { return rand.Text() }

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	handle := func(pattern, name, action string, limit int64, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "agent." + name, Action: action, MaxBody: limit}, h)
	}
	handle("GET /agent", "home", ActionWork, 0, s.getHome)
	handle("GET /agent/consents/new", "consent-form", ActionWork, 0, s.getTake)
	handle("POST /agent/consents/new", "take-consent", ActionConsent, maxBody, s.postTake)
	handle("GET /agent/villagers/{consent}", "villager", ActionWork, 0, s.getVillager)
	handle("GET /agent/villagers/{consent}/paper.pdf", "consent-paper", ActionWork, 0, s.getConsentPaper)
	handle("POST /agent/villagers/{consent}/end", "lay-down", ActionWork, maxBody, s.postLayDown)
	handle("GET /agent/villagers/{consent}/apply/{code}", "application", ActionWork, 0, s.getApply)
	handle("POST /agent/villagers/{consent}/apply/{code}", "apply", ActionAct, maxUpload, s.postApply)
	handle("GET /agent/slips/{number}", "slip", ActionWork, 0, s.getSlip)
	handle("GET /agent/slips/{number}/pdf", "slip-pdf", ActionWork, 0, s.getSlipPDF)
	handle("GET /agent/cases/{number}", "case", ActionWork, 0, s.getCase)
	handle("GET /agent/cases/{number}/supply/{token}", "supply-form", ActionWork, 0, s.getSupply)
	handle("POST /agent/cases/{number}/supply/{token}", "supply", ActionAct, maxUpload, s.postSupply)
	handle("GET /agent/cases/{number}/withdraw", "recall-form", ActionWork, 0, s.getRecall)
	handle("POST /agent/cases/{number}/withdraw", "recall", ActionAct, maxBody, s.postRecall)
	handle("GET /agent/visits", "visits", ActionWork, 0, s.getVisits)
	handle("POST /agent/visits", "plan-visit", ActionConsent, maxBody, s.postVisit)
	handle("GET /agent/visits/{visit}", "visit", ActionWork, 0, s.getVisit)
	handle("POST /agent/visits/{visit}", "finish-visit", ActionConsent, maxBody, s.postFinish)
	handle("POST /agent/visits/{visit}/move", "move-visit", ActionConsent, maxBody, s.postMove)

	handle("GET /agent/township", "township", ActionManage, 0, s.getTownship)
	handle("POST /agent/township/places", "assign", ActionManage, maxBody, s.postAssign)
	handle("POST /agent/township/places/{place}/end", "release", ActionManage, maxBody, s.postRelease)

	handle("GET /agent/township/visits", "township-visits", ActionManage, 0, s.getTownVisits)
	handle("POST /agent/township/visits", "assign-visit", ActionManage, maxBody, s.postTownVisit)
	handle("GET /agent/township/visits/{visit}", "township-visit", ActionManage, 0, s.getTownOneVisit)
	handle("POST /agent/township/visits/{visit}/move", "reassign-visit", ActionManage, maxBody, s.postTownMove)
	handle("POST /agent/township/visits/{visit}/close", "close-visit", ActionManage, maxBody, s.postTownClose)

	byCode := web.Route{Name: "agent.consent", Public: true, Private: true}
	shell.Handle("GET /agent/consent/{number}/{code}", byCode, s.getByCode)
	byCode.Name, byCode.MaxBody = "agent.withdraw", maxBody
	shell.Handle("POST /agent/consent/{number}/{code}", byCode, s.postByCode)
	handle("GET /me/agents", "mine", ActionOwn, 0, s.getMine)
	handle("POST /me/agents/{consent}/end", "my-withdrawal", ActionOwn, maxBody, s.postMine)

	device := web.Route{Name: "agent.pack", Public: true, Private: true}
	shell.Handle("GET /agent/offline/pack", device, s.getPack)
	device.Name, device.MaxBody = "agent.handin", maxUpload
	shell.Handle("POST /agent/offline/handin", device, s.postHandIn)
}

// large is the view of a request in large type: an agent reads together with somebody who sees badly.
func large(r *http.Request) *web.View {
	v := web.ViewOf(r)
	v.Elder = true
	return v
}

// isForm reports whether an error says what is wrong with a form.
func isForm(err error) (*casework.Refusal, bool) {
	var refusal *casework.Refusal
	return refusal, errors.As(err, &refusal)
}

// principal returns who asks as an agent.
func (s *Service) principal(r *http.Request) (identity.Principal, error) {
	return s.People.Principal(r)
}
