package api

import (
	"context"
	"encoding/json"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
)

// Items is the catalogue of what bodies do and what can be applied for (事项目录). The slice power stands behind it, through
// cmd/openhall. It answers from memory.
type Items interface {
	// Item returns the item with the implementation code (实施编码), cancelled ones too.
	Item(code string) (Item, bool)
	// Items returns up to Limit items in the order of their codes, those that anybody can apply for today. Elements and Form may
	// be left out.
	Items(q ItemQuery) []Item
}

// ItemQuery chooses items. Empty fields choose all.
type ItemQuery struct {
	Words    string // in simplified or traditional characters or English
	Body     string // key
	Division string // 12-digit code: its subtree
	After    string // code of the last item of the page before
	Limit    int
}

// Item (事项) is a power or a service as one body exercises it.
type Item struct {
	Code      string          `json:"code" doc:"Implementation code (实施编码), 31 characters."`
	Key       string          `json:"key" doc:"Name of the item in addresses, the same for every body that exercises it."`
	Version   int             `json:"version"`
	Name      lang.Text       `json:"name"`
	Summary   lang.Text       `json:"summary,omitzero"`
	Type      string          `json:"type" doc:"Kind of power (事项类型), two digits."`
	Division  string          `json:"division" doc:"12-digit code."`
	Body      string          `json:"body" doc:"Key of the competent body."`
	Statutory *Term           `json:"statutory,omitempty" doc:"Statutory term (法定时限)."`
	Promised  *Term           `json:"promised,omitempty" doc:"Promised term (承诺时限)."`
	Open      bool            `json:"open" doc:"Whether it can be applied for today through this API."`
	Guide     string          `json:"guide,omitempty" doc:"Path of its guide page."`
	Elements  json.RawMessage `json:"elements,omitempty" doc:"All elements (要素) of the item. Only of a single item."`
	Form      json.RawMessage `json:"form,omitempty" doc:"JSON Schema of the application form. Only of a single item."`

	// Kind is the kind of case that an application opens; empty when nobody applies for the item.
	Kind string `json:"-"`
}

// Term is the length of a statutory clock.
type Term struct {
	Length int    `json:"length"`
	Unit   string `json:"unit" enum:"working-day,calendar-day,month,year,hour,minute"`
}

type itemsInput struct {
	Page
	Words    string `query:"q" maxLength:"100" doc:"Words of the name, in simplified or traditional characters or English."`
	BodyKey  string `query:"body" maxLength:"100" doc:"Key of the competent body."`
	Division string `query:"division" pattern:"^[0-9]{12}$" patternDescription:"a code of 12 digits" doc:"12-digit code; its whole subtree."`
}

// ItemList is a page of items.
type ItemList struct {
	Items []Item `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

type itemsOutput struct{ Body ItemList }

type itemInput struct {
	Code string `path:"code" maxLength:"40" doc:"Implementation code (实施编码)."`
}

type itemOutput struct{ Body Item }

func (a *API) addItems() {
	Register(a, Operation{
		ID: "list-items", Method: http.MethodGet, Path: "/items", Tag: "Catalogue", Summary: "Items, in the order of their codes",
		Description: "The powers and service items that bodies exercise today.",
	}, func(_ context.Context, in *itemsInput) (*itemsOutput, error) {
		items := a.Items.Items(ItemQuery{Words: in.Words, Body: in.BodyKey, Division: in.Division, After: in.Cursor, Limit: in.Limit + 1})
		out := &itemsOutput{}
		out.Body.Items, out.Body.Next = cut(in.Page, items, func(it Item) string { return it.Code })
		out.Body.Items = some(out.Body.Items)
		return out, nil
	})
	Register(a, Operation{
		ID: "get-item", Method: http.MethodGet, Path: "/items/{code}", Tag: "Catalogue", Summary: "An item with all its elements",
		Description: "The legal basis, conditions, materials, terms and fees of an item, and the form by which it is applied for.",
		Errors:      []int{http.StatusNotFound},
	}, func(_ context.Context, in *itemInput) (*itemOutput, error) {
		it, ok := a.Items.Item(in.Code)
		if !ok {
			return nil, NotFound()
		}
		return &itemOutput{it}, nil
	})
}

// some turns a nil list into an empty one: clients get [] and not null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
