package agent

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
)

// People knows who asks, and who people are. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
	// NameOf returns the name of the holder of an account, or "" when it is not known.
	NameOf(ctx context.Context, account store.ID) string
	// IDNumber returns the identity number that a party has proved, or "".
	IDNumber(ctx context.Context, party store.ID) (string, error)
	// ByNumber returns the account whose owner has proved an identity number, 0 when there is none.
	ByNumber(ctx context.Context, number string) (store.ID, error)
}

// Item is a service item as a body that a village point takes in for exercises it.
type Item struct {
	Code      string
	Key       string
	Version   int
	Name      lang.Text
	Summary   lang.Text
	Body      string // key
	Term      lang.Text
	ByAgent   bool
	Raw       json.RawMessage // the form as it was written
	Form      *form.Schema
	Materials []Material
}

// Material is a paper that an application needs.
type Material struct {
	Key       string
	Name      lang.Text
	Note      lang.Text
	Necessary bool
	ByForm    bool // the application form, which is made of what is typed
}

// Application is what an agent hands in for a villager.
type Application struct {
	Code      string
	Applicant casework.Applicant
	Form      json.RawMessage
	Files     []casework.FileRef
}

// Items knows the catalogue of items and takes applications. The slices power and approval stand behind it.
type Items interface {
	// Item returns an item by its code if it can be applied for today; the error is a *casework.Refusal when not.
	Item(code string) (*Item, error)
	// Code returns under which code a body exercises an item today; ok is false when it doesn't.
	Code(key, body string) (code string, ok bool)
	// Submit hands an application in through the channel of agents.
	Submit(ctx context.Context, actor identity.Principal, a Application, key string) (casework.Receipt, error)
	// Asked tells what a case waits for from the villager, and whether they can still withdraw it.
	Asked(ctx context.Context, c *casework.Case) (asked []Asked, withdrawable bool, err error)
}

// Asked is what an authority asks of a villager after they have applied, such as a correction (补正).
type Asked struct {
	Token  int // of the step
	Title  lang.Text
	Notice string       // what it asks for, in its own words; personal
	Due    time.Time    // until when; zero: without a term
	Form   *form.Schema // nil: papers alone
}

// Names turns keys of the registry into words.
type Names interface {
	Body(key string) lang.Text
	Division(code string) lang.Text
	Post(key string) lang.Text
}

// Printer prints papers as PDF. Package document stands behind it.
type Printer interface {
	Paper(p *document.Paper) ([]byte, error)
}
