package intermediary

import (
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// homePage is the catalogue.
type homePage struct {
	Query    string
	Services []Service // with a basis
	Flagged  []Service // without: to be removed
	Retired  []Service
}

func (s *Rooms) getHome(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Services(r.Context())
	if err != nil {
		return err
	}
	p := &homePage{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	words := strings.Fields(lang.Fold(p.Query))
	for i := range all {
		x := &all[i]
		text := lang.Fold(x.Name.Hans + "\n" + x.Name.En + "\n" + x.Key + "\n" + s.itemNames(x))
		switch {
		case slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }):
		case x.Retired != "":
			p.Retired = append(p.Retired, *x)
		case x.Flagged():
			p.Flagged = append(p.Flagged, *x)
		default:
			p.Services = append(p.Services, *x)
		}
	}
	return web.RenderTagged(w, r, homeView(web.ViewOf(r), s, p))
}

// itemNames joins the names of the items that ask for a service.
func (s *Rooms) itemNames(x *Service) string {
	var names []string
	for _, u := range x.Items {
		if name, ok := s.Matters.Item(u.Item); ok {
			names = append(names, name.Hans)
		}
	}
	return strings.Join(names, "、")
}

// servicePage is one service with who offers it.
type servicePage struct {
	Service
	Agencies []Agency
	Orders   []Order
	Names    map[int64]string
}

// ordersShown bounds the latest orders on the page of a service.
const ordersShown = 20

func (s *Rooms) getService(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Service(r.Context(), r.PathValue("key"))
	if isNotFound(err) {
		return web.NotFound("intermediary.no-service")
	}
	if err != nil {
		return err
	}
	p := &servicePage{Service: x}
	if p.Agencies, err = s.Offering(r.Context(), x.Key); err != nil {
		return err
	}
	if p.Orders, err = s.OrdersOfService(r.Context(), x.Key, ordersShown); err != nil {
		return err
	}
	if p.Names, err = s.namesOf(r, p.Orders); err != nil {
		return err
	}
	return web.RenderTagged(w, r, serviceView(web.ViewOf(r), s, p))
}

// namesOf are the names of the agencies of orders.
func (s *Rooms) namesOf(r *http.Request, orders []Order) (map[int64]string, error) {
	names := map[int64]string{}
	for i := range orders {
		id := orders[i].Agency
		if _, ok := names[int64(id)]; ok || id == 0 {
			continue
		}
		a, err := s.agencyByID(r.Context(), s.DB.Read(), id)
		if err != nil {
			return nil, err
		}
		names[int64(id)] = a.Name
	}
	return names, nil
}

// registerPage is the register of agencies.
type registerPage struct {
	Query    string
	Agencies []Agency
	Next     string // number behind which the register goes on
}

func (s *Rooms) getRegister(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	list, err := s.Register(r.Context(), strings.ToUpper(q.Get("after")))
	if err != nil {
		return err
	}
	p := &registerPage{Query: strings.TrimSpace(q.Get("q"))}
	if len(list) == maxRegister {
		p.Next = list[len(list)-1].Number
	}
	words := strings.Fields(lang.Fold(p.Query))
	for i := range list {
		text := lang.Fold(list[i].Name + "\n" + list[i].USCC + "\n" + list[i].Number)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			p.Agencies = append(p.Agencies, list[i])
		}
	}
	return web.RenderTagged(w, r, registerView(web.ViewOf(r), s, p))
}

// agencyPage is an agency as everybody sees it.
type agencyPage struct {
	Agency
	Services  map[string]Service
	Orders    []Order
	Sanctions []Sanction // imposed, those too that were lifted since
	Lifts     []Lift     // decided
	Relations []Relation
	Versions  []Version // of what it promises, the latest first
}

func (s *Rooms) getAgency(w http.ResponseWriter, r *http.Request) error {
	a, err := s.Agency(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) || err == nil && a.State != Admitted {
		return web.NotFound("intermediary.no-agency")
	}
	if err != nil {
		return err
	}
	p := &agencyPage{Agency: a}
	if p.Services, err = s.byKey(r); err != nil {
		return err
	}
	if p.Orders, err = s.OrdersOfAgency(r.Context(), a.ID); err != nil {
		return err
	}
	if p.Versions, err = s.Versions(r.Context(), &a); err != nil {
		return err
	}
	all, err := s.SanctionsOf(r.Context(), a.ID)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].State == Imposed || all[i].State == Lifted {
			p.Sanctions = append(p.Sanctions, all[i])
		}
	}
	if p.Relations, err = s.Relations(r.Context(), a.ID); err != nil {
		return err
	}
	if p.Lifts, err = s.LiftsOf(r.Context(), a.ID); err != nil {
		return err
	}
	p.Lifts = slices.DeleteFunc(p.Lifts, func(x Lift) bool { return x.State == Asked })
	return web.RenderTagged(w, r, agencyView(web.ViewOf(r), s, p))
}

// byKey is the catalogue by its keys.
func (s *Rooms) byKey(r *http.Request) (map[string]Service, error) {
	all, err := s.Services(r.Context())
	if err != nil {
		return nil, err
	}
	by := make(map[string]Service, len(all))
	for i := range all {
		by[all[i].Key] = all[i]
	}
	return by, nil
}

// sharesPage is the concentration of orders by body.
type sharesPage struct {
	Rows  []shareRow
	Limit int64 // of the index: from there on it is high
}

// shareRow is a body with how far its orders went to few.
type shareRow struct {
	Body string
	draw.Concentration
}

func concentrate(list []Share) draw.Concentration {
	counts := make([]int64, len(list))
	fen := int64(0)
	for i := range list {
		counts[i] = list[i].Orders
		fen += list[i].Fen
	}
	c := draw.Concentrate(counts)
	c.Fen = fen
	return c
}

func (s *Rooms) getShares(w http.ResponseWriter, r *http.Request) error {
	by, err := s.AllShares(r.Context())
	if err != nil {
		return err
	}
	p := &sharesPage{}
	if p.Limit, err = s.amount(ruleHHI); err != nil {
		return err
	}
	for body, list := range by {
		p.Rows = append(p.Rows, shareRow{body, concentrate(list)})
	}
	slices.SortFunc(p.Rows, func(a, b shareRow) int {
		if d := b.HHI - a.HHI; d != 0 {
			return int(d)
		}
		return strings.Compare(a.Body, b.Body)
	})
	return web.RenderTagged(w, r, sharesView(web.ViewOf(r), s, p))
}

// bodyPage is the shares of agencies at one body.
type bodyPage struct {
	Body   string
	Whole  draw.Concentration
	Limit  int64
	Rows   []agencyShare
	Orders []Order
	Names  map[int64]string
}

// agencyShare is the part of one agency.
type agencyShare struct {
	Share
	Number, Name string
}

func (s *Rooms) getBodyShares(w http.ResponseWriter, r *http.Request) error {
	p := &bodyPage{Body: r.PathValue("body")}
	if s.Registry.Now().Body(p.Body) == nil {
		return web.NotFound("intermediary.no-body")
	}
	list, err := s.Shares(r.Context(), p.Body)
	if err != nil {
		return err
	}
	p.Whole = concentrate(list)
	if p.Limit, err = s.amount(ruleHHI); err != nil {
		return err
	}
	for _, x := range list {
		a, err := s.agencyByID(r.Context(), s.DB.Read(), x.Agency)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, agencyShare{x, a.Number, a.Name})
	}
	if p.Orders, err = s.OrdersOfBody(r.Context(), p.Body); err != nil {
		return err
	}
	if p.Names, err = s.namesOf(r, p.Orders); err != nil {
		return err
	}
	return web.RenderTagged(w, r, bodyView(web.ViewOf(r), s, p))
}

func (s *Rooms) getSanctions(w http.ResponseWriter, r *http.Request) error {
	list, err := s.ImposedSanctions(r.Context())
	if err != nil {
		return err
	}
	agencies := map[int64]Agency{}
	for i := range list {
		if agencies[int64(list[i].Agency)], err = s.agencyByID(r.Context(), s.DB.Read(), list[i].Agency); err != nil {
			return err
		}
	}
	return web.RenderTagged(w, r, sanctionsView(web.ViewOf(r), s, list, agencies))
}

func (s *Rooms) getDraws(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Drawn(r.Context())
	if err != nil {
		return err
	}
	names, err := s.namesOf(r, list)
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, drawsView(web.ViewOf(r), s, list, names))
}

// drawPage is one draw, for everybody to verify.
type drawPage struct {
	Order
	Row   DrawRow
	Proof *draw.Proof // nil: not drawn yet
	Holds bool        // the proof was verified just now
	Key   string      // of the log
}

// drawn opens the draw of an order.
func (s *Rooms) drawn(r *http.Request) (*drawPage, error) {
	o, err := s.Order(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) || err == nil && o.Method != Draw {
		return nil, web.NotFound("intermediary.no-draw")
	}
	if err != nil {
		return nil, err
	}
	p := &drawPage{Order: o}
	if p.Row, err = s.DrawOf(r.Context(), o.Commitment); err != nil {
		return nil, err
	}
	if p.Proof, _, err = s.Proof(r.Context(), &o); err != nil {
		return nil, err
	}
	p.Key, err = s.log.PublicKey(r.Context())
	return p, err
}

func (s *Rooms) getDraw(w http.ResponseWriter, r *http.Request) error {
	p, err := s.drawn(r)
	if err != nil {
		return err
	}
	if p.Proof != nil {
		verifier, err := verifierOf(p.Key)
		if err != nil {
			return err
		}
		_, err = p.Proof.Verify(verifier)
		p.Holds = err == nil
	}
	return web.RenderTagged(w, r, drawView(web.ViewOf(r), s, p))
}

func (s *Rooms) getProof(w http.ResponseWriter, r *http.Request) error {
	p, err := s.drawn(r)
	if err != nil {
		return err
	}
	if p.Proof == nil {
		return web.NotFound("intermediary.not-drawn")
	}
	data, err := p.Proof.Encode()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="draw-`+p.Number+`.json"`)
	_, err = w.Write(data) //nolint:gosec // G705: JSON as a download
	return err
}

// stateTag is how the state of an order is shown.
func stateTag(o *Order) ui.TagKind {
	switch o.State {
	case Accepted:
		return ui.TagGood
	case Declined, Lapsed, Unbid, Cancelled:
		return ui.TagNeutral
	case Working:
		if o.Late {
			return ui.TagBad
		}
		return ui.TagActive
	default:
		return ui.TagInfo
	}
}
