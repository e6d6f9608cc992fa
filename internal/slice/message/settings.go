package message

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// settingsPage is what the page of settings shows.
type settingsPage struct {
	party     string
	agent     bool       // somebody acts for the party: its addresses are not theirs to see or to change
	form      *form.Form // of the choices
	mail      *form.Form // of the address and its code
	settings  notify.Settings
	shown     []notify.Notice
	wanted    []string // NOTICE.CHANNEL, as they stand in the form
	available func(notify.Channel) bool
}

// settingsPage reads what has been chosen. A form that was refused keeps what was typed in it.
func (s *Service) settingsPage(r *http.Request, choices, address *form.Form) (settingsPage, error) {
	who, box, err := s.reader(r)
	if err != nil {
		return settingsPage{}, err
	}
	p := settingsPage{party: who.For.Name, agent: box.Agent, form: choices, mail: address, shown: s.shown(who), available: s.Notify.Available}
	if p.settings, err = s.Notify.Settings(r.Context(), box.Account); err != nil {
		return p, err
	}
	if !p.form.Valid() {
		p.wanted = p.form.All("want")
		return p, nil
	}
	for i := range p.shown {
		for _, c := range notify.Channels() {
			if p.settings.Wants(&p.shown[i], c) {
				p.wanted = append(p.wanted, want(p.shown[i].ID, c))
			}
		}
	}
	return p, nil
}

func want(notice string, c notify.Channel) string { return notice + "." + string(c) }

func (s *Service) getSettings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.settingsPage(r, form.Of(nil), form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, settingsView(web.ViewOf(r), p))
}

// refuse shows the page again with what is wrong.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, choices, address *form.Form) error {
	p, err := s.settingsPage(r, choices, address)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, settingsView(web.ViewOf(r), p))
}

func (s *Service) postSettings(w http.ResponseWriter, r *http.Request) error {
	who, box, err := s.reader(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	tag, ok := lang.Parse(f.Value("language"))
	if !ok {
		f.Fail("language", v.L.T("web.form.choose", web.Args{"Label": v.L.T("message.settings.language")}))
	}
	quiet := quietHours(v.L, f)
	if !f.Valid() {
		return s.refuse(w, r, f, form.Of(nil))
	}
	wanted := f.All("want")
	err = s.Notify.Save(r.Context(), box.Account, tag, quiet, s.shown(who), func(notice string, c notify.Channel) bool {
		return slices.Contains(wanted, want(notice, c))
	})
	if err != nil {
		return err
	}
	return done(w, r, settingsPath, "message.settings.saved")
}

// quietHours reads the two hours: both or neither.
func quietHours(l *web.Localizer, f *form.Form) (q notify.Quiet) {
	from, until := f.Value("from"), f.Value("until")
	if from == "" && until == "" {
		return q
	}
	var err1, err2 error
	q.From, err1 = hour(from)
	q.Until, err2 = hour(until)
	switch {
	case err1 != nil:
		f.Fail("from", l.T("message.settings.quiet-both"))
	case err2 != nil:
		f.Fail("until", l.T("message.settings.quiet-both"))
	case q.From == q.Until:
		f.Fail("until", l.T("message.settings.quiet-same"))
	}
	return q
}

func hour(text string) (int, error) {
	const hours = 24
	n, err := strconv.Atoi(text)
	if err == nil && (n < 0 || n >= hours) {
		err = fmt.Errorf("hour %d", n)
	}
	return n, err
}

// hourOptions are the hours of a day, and none.
func hourOptions(l *web.Localizer) []ui.Option {
	options := []ui.Option{{Value: "", Text: l.T("message.settings.no-hour")}}
	for h := range 24 {
		options = append(options, ui.Option{Value: strconv.Itoa(h), Text: fmt.Sprintf("%02d:00", h)})
	}
	return options
}

// value is what stands in a field: what was typed, or what has been chosen.
func (p settingsPage) value(name string) string {
	if !p.form.Valid() {
		return p.form.Value(name)
	}
	q := p.settings.Quiet
	switch {
	case name == "language":
		return string(p.settings.Language)
	case q.From == q.Until:
		return ""
	case name == "from":
		return strconv.Itoa(q.From)
	default:
		return strconv.Itoa(q.Until)
	}
}

func languageOptions() []ui.Option {
	return []ui.Option{{Value: string(lang.Hans), Text: "简体中文"}, {Value: string(lang.Hant), Text: "繁體中文"}, {Value: string(lang.En), Text: "English"}}
}

// columns are those of the table of choices.
func (p settingsPage) columns(l *web.Localizer) []ui.Column {
	columns := []ui.Column{{Text: l.T("message.settings.notice")}}
	for _, c := range notify.Channels() {
		if p.available(c) {
			columns = append(columns, ui.Column{Text: channelName(l, c)})
		}
	}
	return columns
}

func (p settingsPage) cells(l *web.Localizer) [][]ui.Cell {
	cells := make([][]ui.Cell, len(p.shown))
	for i := range p.shown {
		n := &p.shown[i]
		title := l.Text(n.Title)
		cells[i] = []ui.Cell{{Text: title}}
		for _, c := range notify.Channels() {
			switch {
			case !p.available(c):
			case n.Fixed(c):
				cells[i] = append(cells[i], ui.Cell{Text: l.T("message.settings.always")})
			default:
				name := want(n.ID, c)
				cells[i] = append(cells[i], ui.Cell{Content: tick(name, title+" "+channelName(l, c), slices.Contains(p.wanted, name))})
			}
		}
	}
	return cells
}

// mailRows say how mails reach the reader.
func (p settingsPage) mailRows(v *web.View) []ui.Row {
	m := p.settings.Mail
	address := v.L.T("message.mail.none")
	if m.Address != "" {
		address = m.Address
	}
	out := []ui.Row{{Key: v.L.T("message.mail.address"), Value: address}}
	if m.Address != "" {
		out = append(out, ui.Row{Key: v.L.T("message.mail.verified"), Value: v.L.Time(m.VerifiedAt)})
	}
	return out
}

// smsRows say how short messages reach the reader.
func (p settingsPage) smsRows(l *web.Localizer) []ui.Row {
	number := l.T("message.sms.none")
	if p.settings.SMS.Address != "" {
		number = identifier.MaskPhone(p.settings.SMS.Address)
	}
	return []ui.Row{{Key: l.T("message.sms.number"), Value: number}}
}

// postMail sends a code to an address.
func (s *Service) postMail(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "message.mail.code-sent", func(f *form.Form, account store.ID, l *web.Localizer) (string, error) {
		if f.Required(l, "address", l.T("message.mail.address")); !f.Valid() {
			return "address", nil
		}
		return "address", s.Notify.SetMail(r.Context(), account, f.Value("address"))
	})
}

// postConfirm takes the code.
func (s *Service) postConfirm(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "message.mail.confirmed", func(f *form.Form, account store.ID, l *web.Localizer) (string, error) {
		if f.Required(l, "code", l.T("message.mail.code")); !f.Valid() {
			return "code", nil
		}
		return "code", s.Notify.ConfirmMail(r.Context(), account, f.Value("code"))
	})
}

func (s *Service) postRemove(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "message.mail.removed", func(_ *form.Form, account store.ID, _ *web.Localizer) (string, error) {
		return "", s.Notify.RemoveMail(r.Context(), account)
	})
}

// postResume uses a channel again that was refused.
func (s *Service) postResume(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, "message.resumed", func(f *form.Form, account store.ID, _ *web.Localizer) (string, error) {
		c := notify.Channel(f.Value("channel"))
		if c != notify.Mail && c != notify.SMS {
			return "", web.BadRequest("", fmt.Errorf("channel %q", c))
		}
		return "", s.Notify.Resume(r.Context(), account, c)
	})
}

// change does something about a contact, and shows beside the field why it was refused.
func (s *Service) change(w http.ResponseWriter, r *http.Request, key string, do func(*form.Form, store.ID, *web.Localizer) (field string, err error)) error {
	_, box, err := s.reader(r)
	if err != nil {
		return err
	}
	if box.Agent { // who could change the address would get the warnings about the account instead of its owner
		return web.Forbidden("message.refused.agent")
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	field, err := do(f, box.Account, v.L)
	var refused *notify.Refusal
	if errors.As(err, &refused) {
		f.Fail(field, refusalText(v, refused))
		err = nil
	}
	if err != nil {
		return err
	}
	if !f.Valid() {
		return s.refuse(w, r, form.Of(nil), f)
	}
	return done(w, r, settingsPath, key)
}

func refusalText(v *web.View, r *notify.Refusal) string {
	args := web.Args{"Count": r.Left}
	if !r.Until.IsZero() {
		args["Count"] = max(1, int(r.Until.Sub(v.Now).Seconds()))
	}
	return v.L.T("message.refused."+r.Code, args)
}
