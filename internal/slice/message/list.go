package message

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// listPage is what the list shows.
type listPage struct {
	party    string // whose messages; empty: one's own
	unread   int
	only     bool // the unread ones
	messages []notify.Message
	newest   store.ID
	next     string
}

func (s *Service) getList(w http.ResponseWriter, r *http.Request) error {
	who, box, err := s.reader(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	p := listPage{party: who.For.Name, only: r.URL.Query().Get("show") == "unread"}
	before, err := store.ParseID(r.URL.Query().Get("before"))
	if err != nil {
		before = 0 // the first page
	}
	if p.unread, err = s.Notify.Unread(r.Context(), box); err != nil {
		return err
	}
	if p.messages, err = s.Notify.List(r.Context(), box, v.L.Tag(), notify.ListFilter{UnreadOnly: p.only, Before: before}); err != nil {
		return err
	}
	if len(p.messages) > 0 {
		p.newest = p.messages[0].ID
	}
	if len(p.messages) == notify.PageSize {
		q := url.Values{"before": {p.messages[len(p.messages)-1].ID.String()}}
		if p.only {
			q.Set("show", "unread")
		}
		p.next = listPath + "?" + q.Encode()
	}
	return web.Render(w, r, http.StatusOK, listView(v, p))
}

// card is a message in the list.
func card(v *web.View, m *notify.Message) ui.CardProps {
	c := ui.CardProps{Link: ui.Link{Href: messagePath(m.ID), Text: m.Title}, Text: m.Text, Meta: v.L.Time(m.At)}
	if m.Unread() {
		c.Kind, c.Tag = ui.TagInfo, v.L.T("message.unread")
	}
	return c
}

func messagePath(id store.ID) string { return listPath + "/" + id.String() }

// postReadAll marks what the reader has seen as read: what came after the page was shown stays unread.
func (s *Service) postReadAll(w http.ResponseWriter, r *http.Request) error {
	_, box, err := s.reader(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	upTo, err := store.ParseID(f.Value("newest"))
	if err != nil {
		return web.BadRequest("", err)
	}
	if err := s.Notify.ReadAll(r.Context(), box, upTo); err != nil {
		return err
	}
	return done(w, r, listPath, "message.read-all-done")
}

func (s *Service) postDelete(w http.ResponseWriter, r *http.Request) error {
	_, box, err := s.reader(r)
	if err != nil {
		return err
	}
	if err := s.Notify.DeleteRead(r.Context(), box); err != nil {
		return err
	}
	return done(w, r, listPath, "message.deleted")
}

func (s *Service) getMessage(w http.ResponseWriter, r *http.Request) error {
	_, box, err := s.reader(r)
	if err != nil {
		return err
	}
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("")
	}
	v := web.ViewOf(r)
	m, err := s.Notify.Read(r.Context(), box, id, v.L.Tag())
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("")
	}
	if err != nil {
		return err
	}
	if m.Unread() && v.User != nil && v.User.Unread > 0 {
		v.User.Unread-- // it is read now, and the header was counted before
	}
	return web.Render(w, r, http.StatusOK, messageView(v, m))
}

// rows say what a message is about and by which ways it went.
func rows(v *web.View, m *notify.Message) []ui.Row {
	var out []ui.Row
	if m.Number != "" { // else it is about the account itself
		out = append(out, ui.Row{Key: v.L.T("message.number"), Value: m.Number})
	}
	out = append(out, ui.Row{Key: v.L.T("message.at"), Value: v.L.Time(m.At)})
	for _, way := range []struct {
		channel notify.Channel
		state   notify.State
		at      time.Time
	}{{notify.Mail, m.MailState, m.MailAt}, {notify.SMS, m.SMSState, m.SMSAt}} {
		if way.state == notify.NotSent {
			continue
		}
		text := v.L.T("message.state." + string(way.state))
		if way.state == notify.Sent {
			text = v.L.T("message.state.sent-at", web.Args{"Time": v.L.Time(way.at)})
		}
		out = append(out, ui.Row{Key: channelName(v.L, way.channel), Value: text})
	}
	return out
}

func channelName(l *web.Localizer, c notify.Channel) string {
	return l.T("message.channel." + string(c))
}

func (s *Service) postUnread(w http.ResponseWriter, r *http.Request) error {
	_, box, err := s.reader(r)
	if err != nil {
		return err
	}
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return web.NotFound("")
	}
	if err := s.Notify.SetUnread(r.Context(), box, id); err != nil {
		return err
	}
	return done(w, r, listPath, "message.unread-done")
}

// done leads on with a notice.
func done(w http.ResponseWriter, r *http.Request, path, key string) error {
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: key})
	return web.SeeOther(w, r, path)
}

// openText names where a message leads.
func openText(v *web.View, m *notify.Message) string {
	if m.Number == "" {
		return v.L.T("message.open-account")
	}
	return v.L.T("message.open")
}
