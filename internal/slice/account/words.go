package account

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// refuse puts what identity found wrong into the form and answers nil; other errors come back. Fields are named by the label that
// stands under account.field.NAME.
func refuse(l *web.Localizer, f *form.Form, err error) error {
	var refusal *identity.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if len(refusal.Fields) == 0 {
		f.Fail("", l.T(refusal.Key()))
		return nil
	}
	for _, wrong := range refusal.Fields {
		text := l.Text(wrong.Text)
		if wrong.Text.IsZero() {
			text = l.T("identity.field." + wrong.Code)
		}
		f.Fail(wrong.Field, l.T("account.wrong", web.Args{"Label": label(l, wrong.Field), "Text": text}))
	}
	return nil
}

func label(l *web.Localizer, field string) string { return l.T("account.field." + field) }

// field is a control of a form as it was typed. Fields that hold a secret take [secret].
func field(l *web.Localizer, f *form.Form, name string) ui.Field {
	return ui.Field{Name: name, Label: label(l, name), Value: f.Value(name), Error: f.Error(name)}
}

// secret is a control whose value is never sent back.
func secret(l *web.Localizer, f *form.Form, name string) ui.Field {
	return ui.Field{Name: name, Label: label(l, name), Error: f.Error(name)}
}

func hinted(f ui.Field, hint string) ui.Field {
	f.Hint = hint
	return f
}

func optional(f ui.Field) ui.Field {
	f.Optional = true
	return f
}

// parse reads the form of a request.
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

// done goes on to a page that says what was done.
func done(w http.ResponseWriter, r *http.Request, to, key string) error {
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: key})
	return web.SeeOther(w, r, to)
}

// idOf reads an ID from the address; what is none is a page that does not exist.
func idOf(r *http.Request, name string) (store.ID, error) {
	id, err := store.ParseID(r.PathValue(name))
	if err != nil {
		return 0, &web.Error{Status: http.StatusNotFound, Err: err}
	}
	return id, nil
}

// refused reports whether identity refused with the code.
func refused(err error, code string) bool {
	var refusal *identity.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}

// forbidden turns what identity refuses into a page that says so.
func forbidden(err error) error {
	var refusal *identity.Refusal
	if errors.As(err, &refusal) {
		return &web.Error{Status: http.StatusForbidden, Key: refusal.Key(), Err: err}
	}
	return err
}

// missing turns "no such account" into a page that does not exist.
func missing(err error) error {
	if refused(err, identity.RefusedNoAccount) {
		return &web.Error{Status: http.StatusNotFound, Key: "identity.no-account", Err: err}
	}
	return err
}

// lastDay is the day with whose end something ends, or the instant when that is not the end of a day, or the words for no end.
func lastDay(l *web.Localizer, until time.Time, open string) string {
	switch day := calendar.Of(until); {
	case until.IsZero():
		return open
	case day.Start().Equal(until):
		return l.Date(day.Add(-1))
	default:
		return l.Time(until)
	}
}

// rolesOf names the roles of a post.
func rolesOf(l *web.Localizer, roles []string) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = l.T("identity.role." + role)
	}
	return strings.Join(names, l.T("web.form.and"))
}

// postName names a post with its body.
func postName(places *registry.Snapshot, key string) lang.Text {
	p := places.Post(key)
	if p == nil {
		return lang.Text{Hans: key}
	}
	b := places.Body(p.Body)
	if b == nil {
		return p.Title
	}
	join := func(t lang.Tag) string { return b.Name.In(t) + " " + p.Title.In(t) }
	return lang.Text{Hans: join(lang.Hans), Hant: join(lang.Hant), En: join(lang.En)}
}

// passwordHint says what a password has to be.
func passwordHint(l *web.Localizer, kind identity.Kind) string {
	return l.T("account.password.hint", web.Args{"Count": identity.MinPassword(kind)})
}
