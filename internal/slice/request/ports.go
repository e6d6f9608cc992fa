package request

import (
	"context"
	"errors"
	"net/http"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
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
	Lang    string // of the title
	Href    string
	Summary string
}

// Publisher makes a publication of an answered request. Package publication stands behind it.
type Publisher interface {
	// Publish hands the answer of a request to the publication procedure and returns the key of its record.
	Publish(ctx context.Context, by identity.Principal, a Answered) (record string, err error)
	// Page is the address of a record for the public; "" while it is not published.
	Page(ctx context.Context, record string) (href string, err error)
	// Bulletin publishes what was decided on already. The same key again changes nothing.
	Bulletin(ctx context.Context, b Bulletin) error
}

// Duties notes what bodies owe the public, so that it is shown when it is late (公开义务). Package publication stands behind it.
type Duties interface {
	Owe(ctx context.Context, tx *store.Tx, o Owed) error
	Meet(ctx context.Context, tx *store.Tx, key string, at time.Time) error
}

// Owed is something that a body has to publish in the time of a rule.
type Owed struct {
	Key, Body string
	Title     lang.Text
	From      time.Time
	Rule      string
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

// Redactor takes passages out of a document so that they are not in the file any more (区分处理, 条例 37). Package redact stands behind it.
type Redactor interface {
	// Redact returns the document without the passages, with the ground in their place. The error is a *[NotThere] when a passage is nowhere
	// in it, [ErrNoRedaction] when files of its kind cannot be redacted, and [ErrLeft] when it could still be read in the copy. One that has a
	// Message says to whoever handed the document in what is wrong with it.
	Redact(ctx context.Context, name string, content []byte, passages []string, ground string) ([]byte, error)
}

// NotThere says that a passage is nowhere in a document, so that nothing is thought to be hidden that isn't.
type NotThere struct{ Passage string }

func (e *NotThere) Error() string { return "a passage is not in the document" }

// ErrNoRedaction says that files of a kind cannot be redacted.
var ErrNoRedaction = errors.New("files of this kind cannot be redacted")

// ErrLeft says that a passage stands where it cannot be taken out, such as in a picture. There is no copy then.
var ErrLeft = errors.New("a passage stands where it cannot be taken out")
