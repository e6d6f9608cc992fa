package centre

import (
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
)

// Mount adds the pages of the room. Closing is closed when the program ends: streams of events end then.
func (s *Service) Mount(shell *web.Shell, closing <-chan struct{}) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "centre." + name, Public: true}, h)
	}
	// Whoever holds a code sees what it opens; caches do not.
	private := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "centre." + name, Public: true, Private: true}, h)
	}
	public("GET /centres", "centres", s.getCentres)
	public("GET /centres/measures", "public-measures", s.getPublicMeasures)
	public("GET /centres/{key}", "centre", s.getCentre)
	private("GET /centres/{key}/book", "book", s.getBook)
	private("POST /centres/{key}/book", "do-book", s.postBook)
	private("GET /appointments", "find-appointment", s.getFind)
	private("POST /appointments", "do-find-appointment", s.postFind)
	private("GET /appointments/{code}", "appointment", s.getAppointment)
	private("POST /appointments/{code}/move", "move", s.postMove)
	private("POST /appointments/{code}/cancel", "cancel", s.postCancel)
	private("GET /centres/{key}/kiosk", "kiosk", s.getKiosk)
	private("POST /centres/{key}/kiosk", "draw", s.postKiosk)
	private("GET /tickets/{code}", "ticket", s.getTicket)
	private("GET /tickets/{code}/slip", "slip", s.getSlip)
	private("GET /centres/{key}/screen", "screen", s.getScreen)
	private("GET /centres/{key}/screen/events", "screen-events", func(w http.ResponseWriter, r *http.Request) error { return s.stream(w, r, closing) })

	may := func(action string) func(pattern, name string, h staffPage) {
		return func(pattern, name string, h staffPage) {
			shell.Handle(pattern, web.Route{Name: "centre." + name, Action: action}, s.as(h))
		}
	}
	own := may("account.own")
	own("GET /me/appointments", "my-appointments", s.getMine)

	serve := may(ActionServe)
	serve("GET /desk/counter", "counters", s.getCounters)
	serve("GET /desk/counter/{window}", "counter", s.getCounter)
	serve("POST /desk/counter/{window}", "serve", s.postCounter)

	manage := may(ActionManage)
	manage("GET /desk/centre", "managed", s.getManaged)
	manage("GET /desk/centre/{key}", "manage", s.getManage)
	manage("GET /desk/centre/{key}/change", "change", s.getChange)
	manage("POST /desk/centre/{key}/change", "do-change", s.postChange)
	manage("GET /desk/centre/{key}/plan", "plan", s.getPlan)
	manage("POST /desk/centre/{key}/plan", "do-plan", s.postPlan)
	manage("GET /desk/centre/{key}/appointments", "appointments", s.getAppointments)

	authorise := may(ActionAuthorise)
	authorise("GET /desk/authority", "authority", s.getAuthority)
	authorise("GET /desk/authority/change", "authority-change", s.getAuthorityChange)
	authorise("POST /desk/authority/change", "do-authority-change", s.postAuthorityChange)

	measure := may(ActionMeasure)
	measure("GET /desk/measures", "measures", s.getMeasures)
	measure("GET /desk/measures/{key}/{body}/{measure}", "measure", s.getMeasure)
}

// staffPage serves somebody who is known.
type staffPage func(who identity.Principal, w http.ResponseWriter, r *http.Request) error

func (s *Service) as(h staffPage) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, err := s.People.Principal(r)
		if err != nil {
			return err
		}
		return h(who, w, r)
	}
}
