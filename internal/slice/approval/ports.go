package approval

import (
	"context"
	"encoding/json"
	"net/http"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// Catalogue knows the items that can be applied for. The slice power stands behind it.
type Catalogue interface {
	// Item returns the item with the implementation code (实施编码), cancelled ones too. It answers from memory.
	Item(code string) (*Item, bool)
}

// Item is a service item as one body exercises it. It is not changed once it was handed out: a new version is a new Item.
type Item struct {
	Code        string // 实施编码, 31 characters
	Key         string
	Version     int
	Type        string // 事项类型, two digits
	Title       lang.Text
	Summary     lang.Text
	Division    string // 12-digit code
	Body        string // key in the registry
	BodyName    lang.Text
	Procedure   string      // key
	Statutory   term.Length // 法定时限, with the citation of the item's own law
	Promised    term.Length // 承诺时限; zero when nothing shorter was promised
	Form        json.RawMessage
	Materials   []Material
	Conditions  []lang.Text
	Fee         lang.Text       // what it costs, or that it is free
	Fees        []int64         // the published amounts in fen; empty when it is free
	FeesVary    bool            // something is charged by a rate, so that an amount alone says nothing
	Serves      []identity.Kind // person, enterprise
	OnTheSpot   bool            // 即办件
	Online      bool            // can be applied for online
	ByAgent     bool            // a village agent can hand it in for a villager
	Upper       string          // key of the body that decides what this one reviews first; empty: it decides itself
	EffectiveOn calendar.Date   // the first day on which it can be applied for; 0: at once
	Cancelled   *Cancellation
	Guide       string // address of its guide page
}

// Cancellation says since when an item can no longer be applied for, and why.
type Cancellation struct {
	On     calendar.Date
	Reason lang.Text
}

// Need says whether a material has to be handed in.
type Need string

// The degrees of need.
const (
	Necessary   Need = "necessary"
	Conditional Need = "conditional" // in the case that When names
	Optional    Need = "optional"    // may follow, or is fetched by the authority itself
)

// Material is a paper that an application needs (申请材料).
type Material struct {
	Key     string
	Name    lang.Text
	Need    Need
	When    lang.Text // for a conditional one
	Accept  lang.Text // what is looked at, such as that it is signed
	ByForm  bool      // the application form, which is made of what is typed
	Article lang.Text // citation
}

// People knows who asks. Package identity stands behind it.
type People interface {
	// Principal returns who sends the request; a visitor is no error.
	Principal(r *http.Request) (identity.Principal, error)
	// Profile returns what is known of a party: what need not be typed again.
	Profile(ctx context.Context, party store.ID) (Profile, error)
}

// Profile is what an account has proved about itself. All of it is personal.
type Profile struct {
	Kind                           identity.Kind
	Name, IDNumber, Phone, Address string
}

// Names turns keys of the registry into words.
type Names interface {
	Body(key string) lang.Text
	Division(code string) lang.Text
	Post(key string) lang.Text
}

// Others knows the matters of other kinds that are followed by number and query code too, such as complaints.
type Others interface {
	// Number reports whether a number, in capitals, has the form of theirs.
	Number(number string) bool
	// Page returns the address of a matter for the holder of its code, or "" when it is none of theirs.
	Page(c *casework.Case, code string) string
}

// Assistance knows what village agents hand in for villagers (代办). The slice agent stands behind it.
type Assistance interface {
	// Happened is told, in its transaction, of everything that happens to a case, before anything else is written. It answers a
	// *casework.Refusal when an agent hands in what the villager has not agreed to, or no longer.
	Happened(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error
	// Acts tells who did what for the applicant of a case, in order; nil when nobody did.
	Acts(ctx context.Context, l *web.Localizer, c *casework.Case) ([]ui.Step, error)
}

// Proofs gives the proof that an event stands in the log. Package ledger stands behind it.
type Proofs interface {
	// Receipt returns the receipt (回执) of an event as JSON; ok is false while it waits for its place in the log.
	Receipt(ctx context.Context, event store.ID) (receipt []byte, ok bool, err error)
}
