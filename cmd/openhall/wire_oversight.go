package main

import (
	"context"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/desk"
	"openhall.org/openhall/internal/slice/oversight"
)

func newOversight(b *app.Base) (*oversight.Service, error) {
	return oversight.New(oversight.Deps{DB: b.DB, Registry: b.Registry, People: people{b}, Names: names{b.Registry}, Now: b.Now})
}

// oversightModule brings cards' cases and orders into the program.
func oversightModule(w *wiring) app.Module {
	b := w.base
	return w.oversight.Module(b.Holder, func(err error) {
		b.Log.ErrorContext(context.Background(), "background work failed", "what", "opening cases of cards", "error", err)
	})
}

// overseen tells the desk about cases of cards and orders: they have a page of their own.
func overseen(c *casework.Case) (desk.Matter, bool, error) {
	page := &desk.Page{Href: "/oversight/case/" + c.Number}
	switch c.Kind {
	case oversight.CardKind:
		page.Title = lang.Text{Hans: "查看卡片：规则、事件、该办件的时限", Hant: "查看卡片：規則、事件、該辦件的時限", En: "See the card: the rule, the event, the clocks of the case"}
		return desk.Matter{Page: page}, true, nil
	case oversight.OrderKind:
		page.Title = lang.Text{Hans: "查看督办", Hant: "查看督辦", En: "See the order"}
		form, err := oversight.OrderForm()
		return desk.Matter{Page: page, Form: form}, true, err
	default:
		return desk.Matter{}, false, nil
	}
}
