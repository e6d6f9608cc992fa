package oversight

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// Mount adds the pages of the slice. At the door it is asked whether somebody oversees or is overseen at all; each page asks for what
// it shows.
func (s *Service) Mount(shell *web.Shell) {
	page := func(pattern, name, action string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "oversight." + name, Action: action}, h)
	}
	page("GET /oversight", "home", identity.ActionOversee, s.getHome)
	page("GET /oversight/cards", "cards", identity.ActionOversee, s.getCards)
	page("GET /oversight/cards/{id}", "card", identity.ActionOversee, s.getCard)
	page("POST /oversight/cards/{id}", "answer-card", identity.ActionOversee, s.postCard)
	page("GET /oversight/cards/{id}/proof.json", "proof", identity.ActionOversee, s.getProof)
	page("GET /oversight/orders", "orders", identity.ActionOversee, s.getOrders)
	page("GET /oversight/orders/new", "new-order", identity.ActionOrder, s.getNewOrder)
	page("POST /oversight/orders/new", "issue-order", identity.ActionOrder, s.postNewOrder)
	page("GET /oversight/orders/{number}", "order", identity.ActionOversee, s.getOrder)
	page("POST /oversight/orders/{number}", "answer-order", identity.ActionOversee, s.postOrder)
	page("GET /oversight/case/{number}", "case", identity.ActionOversee, s.getCase)
	// The board is where supervisors look for them.
	for from, to := range map[string]string{"/board/cards": "/oversight/cards", "/board/orders": "/oversight/orders"} {
		page("GET "+from, "moved-"+strings.TrimPrefix(from, "/board/"), identity.ActionOversee,
			func(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, to) })
	}
}

// newKey makes the key that keeps a form from being carried out twice.
func newKey() string { return rand.Text() }

// pathID reads the id in the path.
func pathID(r *http.Request) (store.ID, error) {
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return 0, web.NotFound("")
	}
	return id, nil
}

func cardHref(id store.ID) string { return "/oversight/cards/" + id.String() }

func orderHref(number string) string { return "/oversight/orders/" + url.PathEscape(number) }

// href puts an address together; empty values are left out.
func href(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// getCase leads from the case of a card or of an order to the page on which it is worked at.
func (s *Service) getCase(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	number := strings.ToUpper(r.PathValue("number"))
	c, err := s.cases.ByNumber(r.Context(), number)
	if err != nil {
		return fmt.Errorf("case %s: %w", number, err)
	}
	if err := s.allow(actor, identity.ActionOversee, c.Division, c.Body); err != nil {
		return err
	}
	switch c.Kind {
	case OrderKind:
		return web.SeeOther(w, r, orderHref(c.Number))
	case CardKind:
		card, err := s.cardOf(r.Context(), c)
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, cardHref(card.ID))
	default:
		return web.NotFound("")
	}
}
