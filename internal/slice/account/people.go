package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// peopleView lists bodies that have posts.
type peopleView struct {
	words string
	rows  [][]ui.Cell
	cut   bool
}

// getPeople finds bodies by words of their name.
func (s *Service) getPeople(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	const most = 100
	v, places := web.ViewOf(r), s.Registry.Now()
	p := peopleView{words: strings.TrimSpace(r.URL.Query().Get("q"))}
	wanted := lang.Fold(p.words)
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			posts := places.Posts(b.Key)
			if len(posts) == 0 || !strings.Contains(lang.Fold(b.Name.Hans+"\n"+b.Name.En), wanted) {
				continue
			}
			if len(p.rows) == most {
				p.cut = true
				break
			}
			holders := 0
			for _, post := range posts {
				holders += len(places.Holders(post.Key, s.Now()))
			}
			p.rows = append(p.rows, []ui.Cell{{Text: v.L.Text(b.Name), Href: peoplePath(b.Key)}, {Text: v.L.Text(d.Name)},
				{Text: strconv.Itoa(len(posts))}, {Text: strconv.Itoa(holders)}})
		}
	}
	return web.Render(w, r, http.StatusOK, peoplePage(v, p))
}

func peoplePath(body string) string { return "/admin/people/" + url.PathEscape(body) }

// postsView is what the page of a body's posts shows.
type postsView struct {
	body  *registry.Body
	posts []postRow
	form  *form.Form
}

type postRow struct {
	*registry.Post
	appointments [][]ui.Cell
}

func (s *Service) postsView(ctx context.Context, l *web.Localizer, key string) (postsView, error) {
	places := s.Registry.Now()
	p := postsView{body: places.Body(key), form: form.Of(nil)}
	if p.body == nil {
		return p, web.NotFound("account.people.no-body")
	}
	for _, post := range places.Posts(key) {
		row := postRow{Post: post}
		for _, a := range places.AppointmentsTo(post.Key) {
			name, err := s.nameOf(ctx, a.Account)
			if err != nil {
				return p, err
			}
			row.appointments = append(row.appointments, []ui.Cell{{Text: name}, {Text: l.Time(a.From)}, {Text: lastDay(l, a.Until, l.T("account.people.no-end"))}, s.endCell(l, key, a)})
		}
		p.posts = append(p.posts, row)
	}
	return p, nil
}

// nameOf names the holder of an account, also of one that is no longer there.
func (s *Service) nameOf(ctx context.Context, id store.ID) (string, error) {
	a, err := s.Identity.Account(ctx, id)
	if refused(err, identity.RefusedNoAccount) {
		return id.String(), nil
	}
	return a.Name, err
}

func (s *Service) endCell(l *web.Localizer, body string, a registry.Appointment) ui.Cell {
	if !a.Until.IsZero() && !a.Until.After(s.Now()) {
		return ui.Cell{Text: l.T("account.people.over")}
	}
	return ui.Cell{Text: l.T("account.people.end"), Href: appointmentPath(body, a)}
}

func appointmentPath(body string, a registry.Appointment) string {
	return peoplePath(body) + "/" + url.PathEscape(a.Post) + "/" + a.Account.String() + "/" + strconv.FormatInt(store.Micros(a.From), 10)
}

func (s *Service) getPosts(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.postsView(r.Context(), v.L, r.PathValue("body"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, postsPage(v, p))
}

// postAppoint appoints a member of staff to a post of the body.
func (s *Service) postAppoint(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.postsView(r.Context(), v.L, r.PathValue("body"))
	if err != nil {
		return err
	}
	if p.form, err = parse(r); err != nil {
		return err
	}
	a := s.appointment(r.Context(), v.L, p)
	if p.form.Valid() {
		if err := s.appoint(r.Context(), who, a); err != nil {
			return err
		}
		return done(w, r, peoplePath(p.body.Key), "account.people.appointed")
	}
	return web.Render(w, r, statusOf(p.form), postsPage(v, p))
}

// appointment reads an appointment, and notes in the form why it cannot be made.
func (s *Service) appointment(ctx context.Context, l *web.Localizer, p postsView) registry.Appointment {
	f := p.form
	a := registry.Appointment{Post: f.Choice(l, "post", label(l, "post"), p.postOptions(l)), Until: s.until(l, f)}
	if day := f.Date(l, "from", label(l, "from")); f.Error("from") == "" {
		if a.From = day.Start(); day < calendar.Of(s.Now()) {
			f.Fail("from", l.T("account.people.retroactive"))
		}
	}
	if login := f.Required(l, "login", label(l, "login")); login != "" {
		staff, err := s.Identity.AccountByLogin(ctx, login)
		if err != nil || staff.Kind != identity.Staff || staff.Disabled {
			f.Fail("login", l.T("account.people.nobody"))
		}
		a.Account = staff.ID
	}
	if !f.Valid() {
		return a
	}
	if !a.Until.IsZero() && !a.From.Before(a.Until) {
		f.Fail("until", l.T("account.people.order"))
	}
	places := s.Registry.Now()
	if other := rival(places, a); other != "" {
		f.Fail("post", l.T("account.people.apart", web.Args{"Post": postName(places, other)}))
	}
	return a
}

// rival returns a post that the account must not hold together with the new one: whoever holds a post of one of the three
// administrators (三员) holds no other post meanwhile. The registry checks it again.
func rival(places *registry.Snapshot, a registry.Appointment) string {
	alone := func(key string) bool {
		p := places.Post(key)
		return p != nil && slices.ContainsFunc(p.Roles, func(role string) bool {
			return role == registry.SystemAdmin || role == registry.SecurityAdmin || role == registry.AuditAdmin
		})
	}
	for _, b := range places.AppointmentsOf(a.Account) {
		together := (a.Until.IsZero() || b.From.Before(a.Until)) && (b.Until.IsZero() || a.From.Before(b.Until))
		if together && a.Post != b.Post && (alone(a.Post) || alone(b.Post)) {
			return b.Post
		}
	}
	return ""
}

// appoint writes an appointment for whoever may change the registry.
func (s *Service) appoint(ctx context.Context, who identity.Principal, a registry.Appointment) error {
	p := s.Registry.Now().Post(a.Post)
	if p == nil {
		return web.NotFound("account.people.no-post")
	}
	if err := s.Policies.Allow(who, identity.ActionRegistry, identity.Resource{Type: "post", ID: a.Post, Division: p.Division, Body: p.Body}); err != nil {
		return err
	}
	err := s.Registry.Edit(ctx, func(e *registry.Edit) error {
		e.By(who.Actor())
		return e.Appoint(a.Account, a.Post, a.From, a.Until)
	})
	if err != nil {
		return fmt.Errorf("appoint to %s: %w", a.Post, err)
	}
	return nil
}

func (p postsView) postOptions(l *web.Localizer) []ui.Option {
	options := make([]ui.Option, len(p.posts))
	for i, post := range p.posts {
		options[i] = ui.Option{Value: post.Key, Text: l.Text(post.Title), Hint: post.Key}
	}
	return options
}

// endView is what the page shows on which an appointment is ended.
type endView struct {
	registry.Appointment
	body *registry.Body
	rows []ui.Row
	form *form.Form
	left leaving
}

var errNoAppointment = errors.New("there is no such appointment")

// endView finds the appointment of the address.
func (s *Service) endView(r *http.Request) (endView, error) {
	l, places := web.ViewOf(r).L, s.Registry.Now()
	account, err := idOf(r, "account")
	if err != nil {
		return endView{}, err
	}
	p := endView{body: places.Body(r.PathValue("body")), form: form.Of(nil)}
	from, err := strconv.ParseInt(r.PathValue("from"), 10, 64)
	post := places.Post(r.PathValue("post"))
	all := places.AppointmentsOf(account)
	at := slices.IndexFunc(all, func(a registry.Appointment) bool {
		return post != nil && a.Post == post.Key && store.Micros(a.From) == from
	})
	if err != nil || p.body == nil || at < 0 || post.Body != p.body.Key {
		return p, &web.Error{Status: http.StatusNotFound, Key: "account.people.no-appointment", Err: errNoAppointment}
	}
	p.Appointment = all[at]
	name, err := s.nameOf(r.Context(), account)
	p.rows = []ui.Row{
		{Key: label(l, "name"), Value: name}, {Key: label(l, "post"), Value: l.Text(postName(places, post.Key))},
		{Key: label(l, "from"), Value: l.Time(p.From)}, {Key: label(l, "until"), Value: lastDay(l, p.Until, l.T("account.people.no-end"))},
	}
	if err == nil {
		p.left, err = s.leaving(r.Context(), l, account, post)
	}
	return p, err
}

func (s *Service) getAppointment(_ identity.Principal, w http.ResponseWriter, r *http.Request) error {
	p, err := s.endView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, endPage(web.ViewOf(r), p))
}

// postEnd ends an appointment with a day, or at once.
func (s *Service) postEnd(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.endView(r)
	if err != nil {
		return err
	}
	if p.form, err = parse(r); err != nil {
		return err
	}
	until := s.Now()
	if p.form.Value("when") == "day" {
		day := p.form.Date(v.L, "until", label(v.L, "until"))
		if p.form.Error("until") == "" && day < calendar.Of(s.Now()) {
			p.form.Fail("until", v.L.T("account.past"))
		}
		until = day.End()
	}
	if !until.After(p.From) {
		p.form.Fail("until", v.L.T("account.people.order"))
	}
	if !p.form.Valid() {
		return web.Render(w, r, statusOf(p.form), endPage(v, p))
	}
	a := p.Appointment
	a.Until = until
	if err := s.appoint(r.Context(), who, a); err != nil {
		return err
	}
	return done(w, r, peoplePath(p.body.Key), "account.people.ended")
}
