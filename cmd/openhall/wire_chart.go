package main

import (
	"context"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/slice/chart"
)

func newChart(w *wiring) (*chart.Service, error) {
	b := w.base
	return chart.New(chart.Deps{
		DB: b.DB, IDs: b.IDs, Registry: b.Registry, Rules: b.Rules, People: people{b}, Names: chartNames{names{b.Registry}, holders{people{b}}}, Powers: chartPowers{w}, Kinds: chartKinds{w},
		Records: b.Publication, Formats: stepFormats(b.Now), PageFormats: pageFormats(), Letters: caseLetters(w), Now: b.Now, Log: b.Log, BaseURL: b.Config.BaseURL,
	})
}

// chartNames turns keys and accounts into words.
type chartNames struct {
	names
	holders holders
}

// Person implements chart.Names.
func (n chartNames) Person(ctx context.Context, account store.ID) string {
	return n.holders.NameOf(ctx, account)
}

// chartPowers shows charts the powers of a body.
type chartPowers struct{ w *wiring }

// OfBody implements chart.Powers.
func (p chartPowers) OfBody(body string) []chart.Power {
	var list []chart.Power
	for _, im := range p.w.power.OfBody(body) {
		if im.Exercised() {
			list = append(list, chart.Power{Key: im.Item.Key, Code: im.Code, Name: im.Item.Name, Procedure: im.Item.Procedure})
		}
	}
	return list
}

// chartVersions shows the catalogue what became of a chart from version to version.
type chartVersions struct{ w *wiring }

// Base implements power.Versions.
func (c chartVersions) Base(ctx context.Context, ref string) (string, error) {
	return c.w.chart.Base(ctx, ref)
}

// Difference implements power.Versions.
func (chartVersions) Difference(v *web.View, was, is *procedure.Definition) templ.Component {
	return chart.Difference(v, was, is)
}

// chartKinds knows what a case of a power can do beyond its chart. Its kind answers no service tasks.
type chartKinds struct{ w *wiring }

// Service implements chart.Kinds.
func (chartKinds) Service(string) bool { return false }

// Letter implements chart.Kinds.
func (k chartKinds) Letter(kind string) bool { return k.w.base.Letters.Templates().Kind(kind) != nil }

// caseLetters lists the letters that a step of an application can issue: requests for information have letters of their own.
func caseLetters(w *wiring) []string {
	var out []string
	for _, kind := range w.base.Letters.Templates().Kinds() {
		if len(kind) < len("request-") || kind[:len("request-")] != "request-" {
			out = append(out, kind)
		}
	}
	return out
}
