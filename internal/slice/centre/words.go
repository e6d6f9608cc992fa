package centre

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// names turns keys into words.
type names struct {
	l      *web.Localizer
	places *registry.Snapshot
	items  Items
}

func (s *Service) names(l *web.Localizer) names { return names{l, s.Registry.Now(), s.Items} }

func (n names) window(key string) string {
	if w := n.places.Window(key); w != nil {
		return strings.TrimSpace(w.Number + " " + n.l.Text(w.Name))
	}
	return key
}

// number is the number on the sign of a window.
func (n names) number(key string) string {
	if w := n.places.Window(key); w != nil && w.Number != "" {
		return w.Number
	}
	return key
}

func (n names) body(key string) string {
	if b := n.places.Body(key); b != nil {
		return n.l.Text(b.Name)
	}
	return key
}

func (n names) centre(key string) string {
	if c := n.places.Centre(key); c != nil {
		return n.l.Text(c.Name)
	}
	return key
}

func (n names) post(key string) string {
	if p := n.places.Post(key); p != nil {
		return n.l.Text(p.Title)
	}
	return key
}

func (n names) item(code string) string {
	switch it, ok := n.items.ItemInfo(code); {
	case code == All:
		return n.l.T("centre.all-items")
	case ok:
		return n.l.Text(it.Name)
	}
	return code
}

// subject names what a record is about.
func (n names) subject(r *Record) string {
	switch r.Kind {
	case KindStaff, KindChief:
		return n.post(r.Subject)
	case KindBody:
		return n.body(r.Body)
	default:
		return n.item(r.Subject)
	}
}

// words is a text in three languages in that of the reader.
func line(l *web.Localizer, x *Line) string {
	if x == nil {
		return ""
	}
	return l.Text(x.Name)
}

// wait says how long something takes, rounded up to five minutes: nobody can promise more.
func wait(l *web.Localizer, d time.Duration) string {
	minutes := int((d + 5*time.Minute - 1) / (5 * time.Minute) * 5)
	if minutes <= 0 {
		return l.T("centre.wait.now")
	}
	return l.T("centre.wait.minutes", web.Args{"Count": minutes})
}

// slotText is a slot of a line, such as 09:30–10:00.
func slotText(at Minute, length int) string {
	return at.String() + "–" + (at + Minute(length)).String()
}

// weekday is a day with its weekday.
func weekday(l *web.Localizer, d calendar.Date) string {
	return l.T("centre.day", web.Args{"Day": d, "Weekday": calendar.Weekday(d)})
}

// show fills the words of a refusal.
func show(l *web.Localizer, r *Refusal) string {
	args := web.Args{}
	for k, v := range r.Args {
		args[k] = v
	}
	return l.T("centre.refused."+r.Code, args)
}

// into puts a refusal into a form and answers nil; other errors come back.
func into(l *web.Localizer, f *form.Form, err error) error {
	var r *Refusal
	if !errors.As(err, &r) {
		return err
	}
	f.Fail(r.Field, show(l, r))
	return nil
}

// page turns a refusal into a page that says so.
func page(err error) error {
	var r *Refusal
	switch {
	case errors.As(err, &r):
		return &web.Error{Status: http.StatusUnprocessableEntity, Key: "centre.refused." + r.Code, Args: r.Args, Err: err}
	case errors.Is(err, store.ErrNotFound):
		return &web.Error{Status: http.StatusNotFound, Key: "centre.no-code", Err: err}
	}
	return err
}

// field is a control of a form as it was typed.
func field(l *web.Localizer, f *form.Form, name string) ui.Field {
	return ui.Field{Name: name, Label: label(l, name), Value: f.Value(name), Error: f.Error(name)}
}

func label(l *web.Localizer, name string) string { return l.T("centre.field." + name) }

func hinted(f ui.Field, hint string) ui.Field {
	f.Hint = hint
	return f
}

func optional(f ui.Field) ui.Field {
	f.Optional = true
	return f
}

func parse(r *http.Request) (*form.Form, error) {
	f, err := form.Parse(r)
	if err != nil {
		return nil, web.BadRequest("", err)
	}
	return f, nil
}

// statusOf is the status of a page with a form: 422 when something is wrong.
func statusOf(f *form.Form) int {
	if f.Valid() {
		return http.StatusOK
	}
	return http.StatusUnprocessableEntity
}

// centreAt is the centre of the address.
func (s *Service) centreAt(r *http.Request) (*registry.Centre, error) {
	if c := s.Registry.Now().Centre(r.PathValue("key")); c != nil {
		return c, nil
	}
	return nil, web.NotFound("centre.no-centre")
}

// holderNames are the names of those who hold a post today.
func (s *Service) holderNames(ctx context.Context, post string) string {
	var list []string
	for _, account := range s.Registry.Now().Holders(post, s.Now()) {
		if name := s.People.NameOf(ctx, account); name != "" {
			list = append(list, name)
		}
	}
	return strings.Join(list, "、")
}

// three is a text as it stands on a sign that people of three languages read.
func three(x lang.Text) lang.Text {
	return lang.Text{Hans: x.Hans, Hant: x.In(lang.Hant), En: x.In(lang.En)}
}
