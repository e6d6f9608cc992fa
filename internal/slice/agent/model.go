package agent

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// ConsentKind is the kind of cases that are consents (委托代办), and the key of their procedure.
const ConsentKind = "agent-consent"

// Actions, as policies name them.
const (
	ActionWork    = "agent.work"    // the agent's own pages
	ActionConsent = "agent.consent" // take consent, make visits
	ActionAct     = "agent.act"     // do something for a villager
	ActionManage  = "agent.manage"  // assign agents, see figures
	ActionOwn     = "agent.own"     // the villager's own page
)

// How says how consent was given.
type How string

// The ways.
const (
	Signed     How = "signed"     // 签字
	Spoken     How = "spoken"     // 口头，有旁证
	Thumbprint How = "thumbprint" // 按手印
)

// Hows are the ways, in the order in which they are offered.
func Hows() []How { return []How{Signed, Spoken, Thumbprint} }

// Who ended a consent.
const (
	ByVillager = "villager"
	ByAgent    = "agent"
	ByTime     = "time"
)

// Villager is who agreed. All of it is personal.
type Villager struct {
	Name     string `json:"name"`
	IDNumber string `json:"id"`
	Phone    string `json:"phone,omitempty"`
	Relation string `json:"relation,omitempty"` // of whoever spoke for them, such as a daughter; empty: they spoke themselves
	Address  string `json:"address,omitempty"`
}

// Agreed is what a villager agreed to. It is sealed in the case and beside it.
type Agreed struct {
	Villager

	How     How           `json:"how"`
	Witness string        `json:"witness,omitempty"` // who was there when consent was spoken or given by thumbprint
	Text    lang.Text     `json:"text"`              // as it was read to them
	At      time.Time     `json:"at"`                // when; it may have been without a line, before it was entered
	Until   calendar.Date `json:"until"`             // the last day
	Village string        `json:"village"`
	Fields  []string      `json:"fields,omitempty"` // keys of the fields that it covers; empty: all ten
	Draft   string        `json:"draft,omitempty"`  // of the off-line app that took it
}

// Consent (委托) is what a villager agreed to, as it stands.
type Consent struct {
	ID      store.ID
	Number  string
	Body    string // of the township
	Village string
	Agent   store.ID
	From    time.Time
	Until   calendar.Date
	EndedAt time.Time // zero: nobody has ended it
	EndedBy string
	Fields  []string // keys of the fields that it covers; empty: all ten
	Agreed  Agreed

	villager []byte
}

// InForce reports whether it lets the agent act at an instant: not before it was given, not after its last day, not once it was ended.
func (c *Consent) InForce(at time.Time) bool {
	return !at.Before(c.From) && calendar.Of(at) <= c.Until && (c.EndedAt.IsZero() || at.Before(c.EndedAt))
}

// Handed is an application that an agent handed in.
type Handed struct {
	ID       store.ID // of the case
	Number   string
	Consent  store.ID
	Village  string
	Agent    store.ID
	Item     string
	Field    string // key; empty: it was not noted
	Draft    string
	OpenedAt time.Time
	EndedAt  time.Time // zero: it runs
	AskedAt  time.Time // since when the authority waits for something from the villager; zero: it does not
	AskDue   time.Time // until when; zero: without a term
}

// Transfer (上报) is a case that the township sent up.
type Transfer struct {
	ID               store.ID
	Number           string
	Sender, Receiver string
	SentAt           time.Time
	DueAt            time.Time // of the step above; zero: it has no term
	BackAt           time.Time // decided; zero: not yet
	EndedAt          time.Time
}

// Late reports whether the body above is past its term at an instant.
func (t *Transfer) Late(at time.Time) bool {
	return t.BackAt.IsZero() && t.EndedAt.IsZero() && !t.DueAt.IsZero() && at.After(t.DueAt)
}

// Place says that an agent has a village on the days from From to Until, both included; 0 is open.
type Place struct {
	ID          store.ID
	Body        string
	Account     store.ID
	Village     string
	From, Until calendar.Date
}

// Holds reports whether it holds on a day.
func (p *Place) Holds(day calendar.Date) bool {
	return p.From <= day && (p.Until == 0 || day <= p.Until)
}

// The kinds of deeds, as the villager is told of them.
const (
	DeedConsent   = "consent"
	DeedApplied   = "applied"
	DeedPrinted   = "printed"
	DeedVisited   = "visited"
	DeedLaidDown  = "laid-down"
	DeedWithdrawn = "withdrawn"
	DeedSupplied  = "supplied" // handed in what the authority had asked the villager for (补正)
	DeedRecalled  = "recalled" // withdrew an application at the villager's wish
)

// Deed is one thing that was done for a villager.
type Deed struct {
	ID            store.ID
	Consent, Case store.ID
	Agent         store.ID
	Post          string
	Kind          string
	How           How // how the villager agreed to it; empty: they were not asked anew
	At            time.Time
}

// What is counted for each agent and month.
const (
	CountConsents = "consents"
	CountCases    = "cases"
	CountVisits   = "visits"
	CountLate     = "late" // visits that were not made by their day
)

// agentOf reports whether somebody acts as an agent: in a post with the role, and not as a clerk of a window.
func agentOf(p identity.Principal) bool {
	return p.Kind == identity.Staff && p.Post.Has("agent") && !p.Post.Has("window")
}
