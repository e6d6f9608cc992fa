package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/form"
)

// People knows who works here. Package identity stands behind it.
type People interface {
	// Principal returns who sends the request.
	Principal(r *http.Request) (identity.Principal, error)
	// Colleagues returns those who hold a post with the role in the body now.
	Colleagues(ctx context.Context, body, role string) ([]Colleague, error)
}

// Colleague is a person in a post.
type Colleague struct {
	Account store.ID
	Name    string
	Post    identity.Post
	Title   lang.Text // of the post
}

// Authority knows what bodies have authorised their windows in service centres to do (窗口授权). The slice centre stands behind it.
type Authority interface {
	// ChiefFor returns the bodies for which the holder of a post decides at the window, as their chief representative (首席代表).
	ChiefFor(post string) []string
	// Keeps reports whether the body keeps to itself to accept any of its items.
	Keeps(body string) bool
	// Windows lists what the body has authorised its windows to do with an item.
	Windows(body, item string) []WindowAuthority
}

// WindowAuthority is what a body has authorised a window to do with an item.
type WindowAuthority struct {
	Window           lang.Text
	Accepts, Decides bool
	Basis            string // of the newest change
}

// Matters knows what cases are about. The slices that bring the kinds of cases stand behind it.
type Matters interface {
	// Matter returns what the desk shows of a case beyond casework; the zero Matter when nothing is known.
	Matter(ctx context.Context, c *casework.Case) (Matter, error)
}

// Matter is what a case is about.
type Matter struct {
	Form      *form.Schema // of the application; nil: none
	Materials []Material   // that were asked for
	Letters   []Letter     // slips, notices and decisions that were issued
	Guide     string       // address of the public guide; empty: none
	Channel   lang.Text    // how it came in, where that is narrower than what casework knows; zero: it is not
	Page      *Page        // where else the case can be seen and worked at; nil: only here
	// Start is the answers with which the form of a step begins: what was drafted before it came back, for instance. They are private: it is
	// asked only for whoever may read the dossier and do the step. nil: all forms begin empty.
	Start func(ctx context.Context, element string) (map[string]any, error)
	// Suggest are words that fields of a step's form offer, by the name of their x-suggest.
	Suggest map[string][]lang.Text
}

// Page is a page of another room.
type Page struct {
	Title lang.Text
	Href  string
	// Only says that steps are done there and not at the desk, which leads there: their forms are filled in by that page.
	Only bool
}

// only reports whether steps of the matter are done on another page.
func (m *Matter) only() bool { return m.Page != nil && m.Page.Only }

// Material (申请材料) is a paper that an application asks for.
type Material struct {
	Key       string
	Name      lang.Text
	Necessary bool
	Note      lang.Text // when it is needed, or what is looked at
}

// Letter is a printable document of a case.
type Letter struct {
	PDF   string // where the signed original is; empty: there is none
	Title lang.Text
	Href  string
	At    time.Time
	Kind  string
	Seq   int64 // of the event that issued it
	// RevokedAt is when it was revoked; zero: it holds. Revocable: whoever may can revoke it.
	RevokedAt time.Time
	Revocable bool
}

// Counter takes applications in for people at a window. The slice approval stands behind it.
type Counter interface {
	// Items returns the items of the bodies that can be applied for today, by words of their name or by the beginning of their
	// code; those used most come first when nothing is asked for.
	Items(ctx context.Context, bodies []string, words string) ([]Item, error)
	// Item returns one item. The error is a *casework.Refusal when it cannot be applied for.
	Item(ctx context.Context, code string) (*Item, error)
	// Submit opens the case. What is wrong with the applicant is told in a *casework.Refusal under the paths /applicant/FIELD of
	// [casework.Applicant], with materials under /files/KEY.
	Submit(ctx context.Context, actor identity.Principal, a Application, key string) (casework.Receipt, error)
}

// Item is what can be applied for at the counter.
type Item struct {
	Code      string // 实施编码
	Title     lang.Text
	Body      string // key
	Serves    []identity.Kind
	Form      *form.Schema
	Materials []Material
}

// Application is what somebody hands in at the counter.
type Application struct {
	Code      string
	Applicant casework.Applicant
	Form      json.RawMessage
	Files     []casework.FileRef
}
