package notify

import (
	"bytes"
	_ "embed" // the notices
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
)

//go:embed notices.yaml
var shipped []byte

// Channel is a way to reach somebody.
type Channel string

// The channels.
const (
	App  Channel = "app"  // a message in the hall (站内信)
	Mail Channel = "mail" // 电子邮件
	SMS  Channel = "sms"  // 短信
)

// Channels lists the channels in the order in which pages show them.
func Channels() []Channel { return []Channel{App, Mail, SMS} }

// Audience is who is told.
type Audience string

// The audiences.
const (
	Applicant   Audience = "applicant"   // the account whose matter it is
	Assignee    Audience = "assignee"    // the member of staff to whom a task was handed
	Holders     Audience = "holders"     // whoever has the open tasks: those they were handed to, else all in the role
	Supervisors Audience = "supervisors" // those who supervise (监察) the division
	Doers       Audience = "doers"       // the members of staff who did a step of the case, but for who did the last one
	Owner       Audience = "owner"       // whose account it is, of what happens to the account itself
	Agents      Audience = "agents"      // the village agents (代办员) who do the applicant's steps for them, with their consent
	Asker       Audience = "asker"       // who asks without the case knowing them, at the address that they gave; they have no list in the hall
)

// Tells reports whether accounts of members of staff, or of others, can be among the audience.
func (a Audience) Tells(official bool) bool {
	return a == Owner || a != Asker && official == (a != Applicant)
}

// Notice is a kind of message.
type Notice struct {
	ID       string    `yaml:"id"`
	Of       []string  `yaml:"of"` // kinds of cases; none: all
	On       []trigger `yaml:"on"`
	To       Audience  `yaml:"to"`
	Line     string    `yaml:"line"`     // promise or statute: what {due} stands for
	Link     string    `yaml:"link"`     // of a notice of accounts: where to look; empty: the page of the account
	Hourly   bool      `yaml:"hourly"`   // at most once an hour: strangers can bring it about
	Stop     bool      `yaml:"stop"`     // its mails say how they are ended without signing in: {stop}
	Always   []Channel `yaml:"always"`   // cannot be switched off
	Channels []Channel `yaml:"channels"` // on, unless somebody chooses otherwise
	Title    lang.Text `yaml:"title"`
	Subject  lang.Text `yaml:"subject"`
	Text     lang.Text `yaml:"text"`
	Mail     lang.Text `yaml:"mail"`
	SMS      lang.Text `yaml:"sms"`
}

// OfAccount reports whether the notice is about an account and not about a matter.
func (n *Notice) OfAccount() bool {
	return slices.ContainsFunc(n.On, func(t trigger) bool { return t.Account != "" })
}

// Fixed reports whether the notice always goes by the channel.
func (n *Notice) Fixed(c Channel) bool { return slices.Contains(n.Always, c) }

// Usual reports whether the notice goes by the channel when nobody has chosen otherwise.
func (n *Notice) Usual(c Channel) bool { return n.Fixed(c) || slices.Contains(n.Channels, c) }

// trigger says on what events a notice goes out: all members that are given must fit.
type trigger struct {
	Event    string `yaml:"event"`    // kind of event
	Document string `yaml:"document"` // it issued a document of this kind
	Status   string `yaml:"status"`   // it gave the case this status
	Clock    string `yaml:"clock"`    // it did this to a clock
	Result   string `yaml:"result"`   // it ended the case with this result
	Opened   bool   `yaml:"opened"`   // it opened a task
	Cut      string `yaml:"cut"`      // it ended this step unfinished: its time was over
	Account  string `yaml:"account"`  // no event, but this kind of identity.Notice
}

// places are the addresses of matters of one kind of case.
type places struct {
	Applicant  string `yaml:"applicant"`
	Official   string `yaml:"official"`
	Supervisor string `yaml:"supervisor"`
	Agent      string `yaml:"agent"` // empty: agents do nothing in matters of this kind
	Seat       string `yaml:"seat"`  // variable that names the division whose supervisors are told; empty: that of the case
}

// Book is all notices.
type Book struct {
	Kinds   map[string]places `yaml:"kinds"`
	Account string            `yaml:"account"` // address of what is told of accounts
	Notices []Notice          `yaml:"notices"`
	Code    struct {
		Subject lang.Text `yaml:"subject"`
		Mail    lang.Text `yaml:"mail"`
	} `yaml:"code"`
	Footer lang.Text `yaml:"footer"`
	Apart  lang.Text `yaml:"apart"` // footer of mails to askers
}

// Shipped returns the notices that ship with the program.
func Shipped() (*Book, error) { return Load(bytes.NewReader(shipped)) }

// Load reads notices and refuses what cannot be right: an unknown key, a notice twice, a language missing, a placeholder where
// something personal could come in or that nothing fills.
func Load(r io.Reader) (*Book, error) {
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	b := &Book{}
	if err := d.Decode(b); err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	if len(b.Kinds) == 0 || len(b.Notices) == 0 {
		return nil, errors.New("notices: kinds or notices are missing")
	}
	var errs []error
	for kind, p := range b.Kinds {
		errs = append(errs, p.check(kind))
	}
	seen := map[string]bool{}
	for i := range b.Notices {
		n := &b.Notices[i]
		if seen[n.ID] {
			errs = append(errs, fmt.Errorf("notice %s stands there twice", n.ID))
		}
		seen[n.ID] = true
		errs = append(errs, n.check(), b.known(n))
	}
	if !strings.HasPrefix(b.Account, "/") || strings.ContainsAny(b.Account, "{}") {
		errs = append(errs, fmt.Errorf("account: %q: want a path of this site", b.Account))
	}
	errs = append(errs, checkText("code: subject", b.Code.Subject, "site"), checkText("code: mail", b.Code.Mail, "code"), checkText("footer", b.Footer, "settings"), checkText("apart", b.Apart))
	if !strings.Contains(b.Code.Mail.Hans, "{code}") {
		errs = append(errs, errors.New("code: mail does not say {code}"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	return b, nil
}

// known refuses a notice of a kind of case that has no addresses, and an account's notice twice.
func (b *Book) known(n *Notice) error {
	for _, kind := range n.Of {
		p, ok := b.Kinds[kind]
		if !ok {
			return fmt.Errorf("notice %s: of %s: there is no such kind among kinds", n.ID, kind)
		}
		if n.To == Agents && p.Agent == "" {
			return fmt.Errorf("notice %s: of %s: kinds says no address for agents", n.ID, kind)
		}
	}
	if n.To == Agents && len(n.Of) == 0 {
		return fmt.Errorf("notice %s: to agents: of is missing: they follow some kinds of matters only", n.ID)
	}
	for _, t := range n.On {
		if first := b.ofAccount(t.Account); t.Account != "" && first.ID != n.ID {
			return fmt.Errorf("notice %s: account %s is told by %s already", n.ID, t.Account, first.ID)
		}
	}
	return nil
}

// ofAccount returns the notice of a kind of identity.Notice, or nil.
func (b *Book) ofAccount(kind string) *Notice {
	for i := range b.Notices {
		if slices.ContainsFunc(b.Notices[i].On, func(t trigger) bool { return t.Account == kind }) {
			return &b.Notices[i]
		}
	}
	return nil
}

func (p places) check(kind string) error {
	addresses := []string{p.Applicant, p.Official, p.Supervisor}
	if p.Agent != "" {
		addresses = append(addresses, p.Agent)
	}
	for _, address := range addresses {
		if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
			return fmt.Errorf("kind %s: address %q: want a path of this site", kind, address)
		}
		if bad := unknown(address, "number", "division"); bad != "" {
			return fmt.Errorf("kind %s: address %q: placeholder {%s}; it may hold {number} and {division}", kind, address, bad)
		}
	}
	return nil
}

var (
	idForm   = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	slotForm = regexp.MustCompile(`\{([^{}]*)\}`)
)

func (n *Notice) check() error {
	if !idForm.MatchString(n.ID) {
		return fmt.Errorf("notice %q: want an id of small letters and hyphens", n.ID)
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("notice "+n.ID+": "+format, args...)
	}
	switch n.To {
	case Applicant, Assignee, Holders, Supervisors, Doers, Agents, Owner, Asker:
	default:
		return fail("to %q: want applicant, assignee, holders, supervisors, doers, agents, owner or asker", n.To)
	}
	for _, c := range slices.Concat(n.Always, n.Channels) {
		if !slices.Contains(Channels(), c) {
			return fail("channel %q: want app, mail or sms", c)
		}
	}
	if len(n.On) == 0 {
		return fail("on is missing: it would never be sent")
	}
	due := n.Line != ""
	if due && n.Line != "promise" && n.Line != "statute" {
		return fail("line %q: want promise or statute", n.Line)
	}
	for _, t := range n.On {
		if t == (trigger{}) {
			return fail("on holds an entry that fits every event")
		}
		if t.Account != "" && t != (trigger{Account: t.Account}) {
			return fail("account %s goes with nothing else", t.Account)
		}
		if (t.Account != "") != (n.To == Owner) {
			return fail("to owner goes with account, and only with it")
		}
		lined := t.Clock == "start" || t.Clock == "resume" || t.Clock == "extend" || t.Event == casework.LineWarned || t.Event == casework.PromiseMissed ||
			t.Event == casework.StatuteMissed || t.Event == casework.StepOvertime && n.Line == "statute"
		if due && !lined {
			return fail("line %s, but not every event of on has one", n.Line)
		}
		if (t.Event == casework.Assigned) != (n.To == Assignee) {
			return fail("to assignee goes with the event %s, and only with it", casework.Assigned)
		}
	}
	if n.Stop && (n.To != Owner || n.Fixed(Mail)) {
		return fail("stop: only what an account is told of, and not always by mail, is ended by a link")
	}
	letter := []string{"number", "link"}
	if n.Stop {
		letter = append(letter, "stop")
		for _, text := range []string{n.Mail.Hans, n.Mail.Hant, n.Mail.En} {
			if !strings.Contains(text, "{stop}") {
				return fail("mail does not say {stop}")
			}
		}
	}
	slots := func(names ...string) []string {
		if n.To == Owner { // there is no matter
			names = slices.DeleteFunc(names, func(name string) bool { return name == "number" || name == "item" })
			names = append(names, "at")
		}
		if due {
			names = append(names, "due")
		}
		return names
	}
	outside := errors.Join(
		checkText("notice "+n.ID+": subject", n.Subject, "site"),
		checkText("notice "+n.ID+": mail", n.Mail, slots(letter...)...),
		checkText("notice "+n.ID+": sms", n.SMS, slots("site", "number")...),
	)
	if n.To == Asker {
		if n.Title != (lang.Text{}) || n.Text != (lang.Text{}) || len(n.Always)+len(n.Channels) > 0 {
			return fail("to asker: no title, text or channels: it goes to the address that they gave, and nowhere else")
		}
		return outside
	}
	return errors.Join(outside,
		checkText("notice "+n.ID+": title", n.Title),
		checkText("notice "+n.ID+": text", n.Text, slots("number", "item")...),
	)
}

// checkText refuses a text that lacks a language, or holds a placeholder that does not belong there. A subject and a title are one line.
func checkText(where string, t lang.Text, slots ...string) error {
	for tag, s := range map[string]string{"zh-Hans": t.Hans, "zh-Hant": t.Hant, "en": t.En} {
		if strings.TrimSpace(s) == "" {
			return fmt.Errorf("%s: %s is missing", where, tag)
		}
		if bad := unknown(s, slots...); bad != "" {
			return fmt.Errorf("%s: %s: placeholder {%s}; it may hold %s", where, tag, bad, listed(slots))
		}
		if (strings.HasSuffix(where, "subject") || strings.HasSuffix(where, "title")) && strings.ContainsAny(s, "\r\n") {
			return fmt.Errorf("%s: %s: more than one line", where, tag)
		}
	}
	return nil
}

func listed(slots []string) string {
	if len(slots) == 0 {
		return "none"
	}
	return "{" + strings.Join(slots, "}, {") + "}"
}

// unknown returns the first placeholder that is none of the slots.
func unknown(s string, slots ...string) string {
	for _, m := range slotForm.FindAllStringSubmatch(s, -1) {
		if !slices.Contains(slots, m[1]) {
			return m[1]
		}
	}
	if strings.Count(s, "{") != strings.Count(s, "}") || strings.ContainsAny(slotForm.ReplaceAllString(s, ""), "{}") {
		return "…"
	}
	return ""
}

// fill puts values in the places of a text.
func fill(s string, values map[string]string) string {
	return slotForm.ReplaceAllStringFunc(s, func(slot string) string { return values[slot[1:len(slot)-1]] })
}

// notice returns the notice with the id, or nil: a later version of the program may not have it any more.
func (b *Book) notice(id string) *Notice {
	for i := range b.Notices {
		if b.Notices[i].ID == id {
			return &b.Notices[i]
		}
	}
	return nil
}
