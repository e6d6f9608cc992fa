package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// kindName names a kind of act; one that the words do not know yet shows as it is written.
func kindName(l *web.Localizer, kind string) string { return known(l, "audit.kind."+kind, kind) }

func known(l *web.Localizer, key, otherwise string) string {
	if l.Has(key) {
		return l.T(key)
	}
	return otherwise
}

func resultTag(l *web.Localizer, a *journal.Act) templ.Component {
	if a.Refused == "" {
		return ui.Tag(ui.TagGood, l.T("audit.done"))
	}
	return ui.Tag(ui.TagWarn, l.T("audit.refused"))
}

// names turns identifiers into words, each account read once for a page.
type names struct {
	ctx     context.Context
	s       *Service
	places  *registry.Snapshot
	account map[store.ID]string
}

func (s *Service) names(ctx context.Context) *names {
	return &names{ctx: ctx, s: s, places: s.Registry.Now(), account: map[store.ID]string{}}
}

// person names an account with its login; one that cannot be read shows as its number.
func (n *names) person(id store.ID) string {
	if name, ok := n.account[id]; ok {
		return name
	}
	name := id.String()
	if a, err := n.s.Identity.Account(n.ctx, id); err == nil {
		name = a.Name + " (" + a.Login + ")"
	}
	n.account[id] = name
	return name
}

func (n *names) post(l *web.Localizer, key string) string {
	p := n.places.Post(key)
	if p == nil {
		return key
	}
	text := l.Text(p.Title)
	if b := n.places.Body(p.Body); b != nil {
		text = l.Text(b.Name) + " " + text
	}
	return text
}

func (n *names) actor(l *web.Localizer, a *journal.Act) string {
	switch {
	case a.By.Account == 0:
		return known(l, "audit.actor."+a.By.Kind, a.By.Kind)
	case a.By.Post == "":
		return n.person(a.By.Account)
	}
	return l.T("audit.in-post", web.Args{"Person": n.person(a.By.Account), "Post": n.post(l, a.By.Post)})
}

func (n *names) target(l *web.Localizer, on journal.Target) string {
	what := on.ID
	switch on.Kind {
	case "account":
		if id, err := store.ParseID(on.ID); err == nil {
			what = n.person(id)
		}
	case "post":
		what = n.post(l, on.ID)
	case "body":
		if b := n.places.Body(on.ID); b != nil {
			what = l.Text(b.Name)
		}
	case "centre":
		if c := n.places.Centre(on.ID); c != nil {
			what = l.Text(c.Name)
		}
	case "division":
		if d := n.places.Division(on.ID); d != nil {
			what = l.Text(d.Name)
		}
	}
	return l.T("audit.on", web.Args{"Kind": known(l, "audit.on."+on.Kind, on.Kind), "What": what})
}

// detail is one of the particulars of an act. What is structured is shown as JSON.
func (n *names) detail(l *web.Localizer, name string, value any) ui.Row {
	row := ui.Row{Key: known(l, "audit.detail."+name, name)}
	switch v := value.(type) {
	case string:
		row.Value = v
		if name == "appointed" {
			if id, err := store.ParseID(v); err == nil {
				row.Value = n.person(id)
			}
		}
	case float64, bool:
		row.Value = fmt.Sprint(v)
	default:
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			text = fmt.Append(nil, v)
		}
		row.Content = code(row.Key, string(text))
	}
	return row
}
