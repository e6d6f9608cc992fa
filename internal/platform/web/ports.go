package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// Localizer is i18n.Localizer, named here because every page uses it.
type Localizer = i18n.Localizer

// Args is i18n.Args.
type Args = i18n.Args

// Catalogue is i18n.Catalogue.
type Catalogue = i18n.Catalogue

// Users tells who is signed in. Package identity stands behind it.
type Users interface {
	// UserOf returns the person signed in with this request, or nil for a visitor. An error ends the request.
	UserOf(r *http.Request) (*UserView, error)
}

// Places tells which division's site a request belongs to. Package registry stands behind it.
type Places interface {
	// PlaceOf returns the division of the request, or the zero Division when the page belongs to the whole node.
	PlaceOf(r *http.Request) (Division, error)
}

// Guard decides whether the caller may do what a route does. It is asked once per request, before the handler.
type Guard interface {
	// Allow returns nil, or the error to show: usually Unauthorized (sign in first) or Forbidden.
	Allow(r *http.Request, route Route) error
}

// UserView is what pages need to know of the person signed in.
type UserView struct {
	// Name is shown in the header.
	Name string
	// Kind is person, enterprise, staff or administrator.
	Kind string
	// Post names the post in which a member of staff acts; empty for the public.
	Post lang.Text
	// For names the person or enterprise for whom the reader acts; empty when they act for themselves.
	For string
	// Roles are the roles held at this post, for choosing navigation. They grant nothing: Guard decides.
	Roles []string
	// Unread counts the messages that the reader has not read, up to a hundred.
	Unread int
}

// Staff reports whether the person works for the government and sees the desk.
func (u *UserView) Staff() bool { return u != nil && (u.Kind == "staff" || u.Kind == "administrator") }

// Has reports whether the person holds the role.
func (u *UserView) Has(role string) bool {
	if u == nil {
		return false
	}
	for _, r := range u.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Division (行政区划) is the place whose site is shown.
type Division struct {
	// Code is the area code of GB/T 2260 and its extensions, for instance 340100.
	Code string
	Name lang.Text
	// Above lists the divisions above it, the province first.
	Above []DivisionLink
}

// DivisionLink leads to the site of a division.
type DivisionLink struct {
	Name lang.Text
	Href string
}

// NavItem is one entry of the navigation. Label is a message key.
type NavItem struct {
	Href, Label string
	Also        []string // addresses of other pages that belong to the entry, with all below them
	// Show says for whom the entry is there; nil means for everybody.
	Show func(*UserView) bool
}

// Site is what the frame of every page says.
type Site struct {
	Name lang.Text
	// Owner names the authority that runs the site, for the footer.
	Owner lang.Text
	// BaseURL is the address of the site without a slash at the end. Printed pages say theirs with it; empty means that they do not.
	BaseURL string
	// Nav is the navigation of public pages, DeskNav that of the desk.
	Nav, DeskNav []NavItem
	// Footer lists the links at the end of every page.
	Footer []NavItem
	// SignIn and SignOut are the paths of the pages that do so; SignOut takes POST. Account is the page of one's own matters.
	SignIn, SignOut, Account string
	// Factors is the page on which a second factor is added, Confirm the one on which a reader proves once more who they are.
	Factors, Confirm string
	// Messages is the path of what the reader was told; empty means there is none.
	Messages string
}

// Config is all that a Shell needs. Catalogue, Clock and Log are required.
type Config struct {
	Site      Site
	Catalogue *Catalogue
	// Clock gives the present instant.
	Clock func() time.Time
	Log   *slog.Logger
	// Users, Places and Guard may be nil: then everybody is a visitor, there is one site, and only public routes are served.
	Users  Users
	Places Places
	Guard  Guard
	// Explain turns errors of other packages into pages; it returns nil for errors that it does not know.
	Explain func(error) *Error
	// Observe is told of every answer, for metrics; nil means nobody listens. route is empty for paths that do not exist.
	Observe func(ctx context.Context, route, method string, status int, took time.Duration)
	// TLS says that people reach the site through https: HSTS is sent and cookies are Secure.
	TLS bool
	// Dev shows the component gallery.
	Dev bool
	// Proxies are the networks of the proxies in front, whose word on the client's address counts.
	Proxies []netip.Prefix
	// MaxBody limits request bodies, in bytes, for routes that set no limit of their own. Zero means 256 KiB.
	MaxBody int64
}
