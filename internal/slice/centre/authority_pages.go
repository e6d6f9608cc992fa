package centre

import (
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// authorityView is what a body has authorised its windows to do, as its head sees it.
type authorityView struct {
	body    string
	windows []manageWindow
	chiefs  [][]ui.Cell
	history [][]ui.Cell
}

// bodyOf is the body of a post.
func (s *Service) bodyOf(who identity.Principal) (*registry.Body, error) {
	if b := s.Registry.Now().Body(who.Post.Body); b != nil {
		return b, nil
	}
	return nil, web.Forbidden("")
}

// windowsFor are the windows at which a body is stationed, or will be.
func (s *Service) windowsFor(body string) []string { return s.Book().windows[body] }

func (s *Service) getAuthority(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	b, err := s.bodyOf(who)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	n, book, today := s.names(v.L), s.Book(), s.today()
	p := authorityView{body: v.L.Text(b.Name)}
	for _, key := range s.windowsFor(b.Key) {
		if !book.Holds(key, KindBody, b.Key, "", today) {
			continue
		}
		m := manageWindow{key: key, name: n.centre(centreOf(n.places, key)) + " " + n.window(key)}
		for _, it := range s.activeItems(b.Key) {
			m.rows = append(m.rows, []ui.Cell{{Text: v.L.Text(it.Name), Href: "/hall/items/" + it.Code},
				{Content: heldTag(v.L, book.Authority(key, KindAccept, b.Key, it.Code, today))},
				{Content: heldTag(v.L, book.Authority(key, KindDecide, b.Key, it.Code, today))},
				{Text: basisOf(book, key, b.Key, it.Code, s)}})
		}
		p.windows = append(p.windows, m)
		for _, rec := range book.Held(key, KindChief, today) {
			if rec.Body == b.Key {
				p.chiefs = append(p.chiefs, []ui.Cell{{Text: n.post(rec.Subject)}, {Text: s.holderNames(r.Context(), rec.Subject)}, {Text: n.window(key)},
					{Text: v.L.Date(book.Since(&rec))}, {Text: rec.Basis}})
			}
		}
	}
	p.history = historyRows(v.L, n, book.History(func(rec *Record) bool { return rec.Body == b.Key && rec.Kind.authority() }), maxHistory)
	return web.Render(w, r, http.StatusOK, authorityPage(v, p))
}

// basisOf is the document by which an item was authorised: of deciding, else of accepting.
func basisOf(book *Book, window, body, item string, s *Service) string {
	for _, kind := range []Kind{KindDecide, KindAccept} {
		if r := book.Authority(window, kind, body, item, s.today()); r != nil {
			return r.Basis
		}
	}
	return ""
}

func (s *Service) authorityChange(who identity.Principal, l *web.Localizer, f *form.Form) (*changeView, error) {
	b, err := s.bodyOf(who)
	if err != nil {
		return nil, err
	}
	n, book, today := s.names(l), s.Book(), s.today()
	p := &changeView{title: l.T("centre.authorise.title"), action: "/desk/authority/change", back: "/desk/authority", authority: true, form: f}
	p.bodies = []ui.Option{{Value: b.Key, Text: l.Text(b.Name)}}
	f.Values().Set("body", b.Key)
	for _, k := range []Kind{KindAccept, KindDecide, KindChief} {
		p.kinds = append(p.kinds, ui.Option{Value: string(k), Text: l.T("centre.kind." + string(k)), Hint: l.T("centre.kind." + string(k) + "-hint")})
	}
	p.subjects = []ui.Option{{Value: All, Text: l.T("centre.all-items")}}
	for _, it := range s.activeItems(b.Key) {
		p.subjects = append(p.subjects, ui.Option{Value: it.Code, Text: l.Text(it.Name)})
	}
	for _, key := range s.windowsFor(b.Key) {
		if !book.Holds(key, KindBody, b.Key, "", today) {
			continue
		}
		p.windows = append(p.windows, ui.Option{Value: key, Text: n.centre(centreOf(n.places, key)) + " " + n.window(key)})
		for _, rec := range book.Held(key, KindStaff, today) {
			p.subjects = append(p.subjects, ui.Option{Value: rec.Subject, Text: l.T("centre.subject.post", web.Args{"Post": n.post(rec.Subject), "Window": n.window(key)})})
		}
	}
	p.held = heldOptions(l)
	return p, nil
}

func (s *Service) getAuthorityChange(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.authorityChange(who, v.L, s.prefilled(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, changePage(v, p))
}

func (s *Service) postAuthorityChange(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := parse(r)
	if err != nil {
		return err
	}
	p, err := s.authorityChange(who, web.ViewOf(r).L, f)
	if err != nil {
		return err
	}
	return s.record(who, w, r, p)
}
