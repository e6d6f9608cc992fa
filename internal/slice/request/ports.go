package request

import (
	"context"
	"io"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	// Principal returns who sends the request; a visitor is no error.
	Principal(r *http.Request) (identity.Principal, error)
	// Contact returns the name and the telephone number of an account, and the identity number that it has proved.
	Contact(ctx context.Context, account store.ID) (name, phone, idNumber string, err error)
}

// Policy decides who may do what. Package identity stands behind it.
type Policy interface {
	// Allow answers nil or an *identity.Denied.
	Allow(p identity.Principal, action string, on identity.Resource) error
}

// Known finds what is public already, so that nobody asks for it (条例 36 (1)). The search over publications stands behind it.
type Known interface {
	// Known returns what is public and fits the words, the best first. At most a handful.
	Known(ctx context.Context, body, words string) ([]Hit, error)
}

// Hit is something that is public already.
type Hit struct {
	Title   string
	Href    string
	Summary string
}

// Publisher makes a publication of an answered request. Package publication stands behind it.
type Publisher interface {
	// Publish hands the answer of a request to the publication procedure and returns the address at which it will stand. Called again
	// for the same request it returns the same address.
	Publish(ctx context.Context, by identity.Principal, a Answered) (href string, err error)
}

// Answered is an answered request as it may be published: nothing in it says who asked.
type Answered struct {
	Number   string
	Body     string
	Division string
	Subject  string
	Outcome  lang.Text
	Basis    lang.Text
	Answer   string // reasons and where to get it, masked
	Files    []casework.FileRef
}

// Redactor takes passages out of a document so that they are not in the file any more (区分处理, 条例 37).
type Redactor interface {
	// Takes reports whether files of a media type can be redacted.
	Takes(mediaType string) bool
	// Redact writes the document without the passages. Found says how often each was there.
	Redact(ctx context.Context, w io.Writer, content io.Reader, mediaType string, passages []string) (found []int, err error)
}

// Log is the public log. Package ledger stands behind it.
type Log interface {
	Follow(ctx context.Context, name string, handle ledger.Handle)
}
