package supervision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/rules"
)

// Folder is where the rules of supervision lie beside those of the law, one file for each jurisdiction.
const Folder = "supervision"

// Rules returns the rules that ship, as they hold in Anhui.
func Rules() ([]Rule, error) {
	chain := statute.Chain("cn-ah")
	law, err := statute.Load(rules.Files, chain...)
	if err != nil {
		return nil, err
	}
	return Load(rules.Files, law, chain...)
}

// Load reads the rules of the last jurisdiction of the chain: the files supervision/JURISDICTION.yaml from the state downward. A
// jurisdiction without a file adds nothing; the first must have one. A lower jurisdiction may add rules and tighten those above,
// never loosen them. The error joins every [*statute.Problem] that was found; with an error there are no rules.
func Load(fsys fs.FS, law *statute.Rules, chain ...string) ([]Rule, error) {
	l := &loader{law: law}
	for i, jurisdiction := range chain {
		name := path.Join(Folder, jurisdiction+".yaml")
		data, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) && i > 0 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("rules of supervision: %w", err)
		}
		l.file, l.jurisdiction, l.top = name, jurisdiction, i == 0
		l.layer(data)
	}
	var grounds feel.List
	for _, p := range law.All() {
		if p.Unit == statute.Ground {
			grounds = append(grounds, p.ID)
		}
	}
	for i := range l.rules {
		l.rules[i].grounds, l.rules[i].apart, l.rules[i].law = grounds, l.apart, l.law
	}
	if err := errors.Join(l.problems...); err != nil {
		return nil, err
	}
	return l.rules, nil
}

// rawRule is a rule as it is written.
type rawRule struct {
	ID         string    `yaml:"id"`
	Overrides  bool      `yaml:"overrides"`
	Title      lang.Text `yaml:"title"`
	From       string    `yaml:"from"`
	Until      string    `yaml:"until"`
	Events     []string  `yaml:"events"`
	Kinds      []string  `yaml:"kinds"`
	When       string    `yaml:"when"`
	Also       string    `yaml:"also"`
	Line       string    `yaml:"line"`
	Colour     Colour    `yaml:"colour"`
	Explain    string    `yaml:"explain"`
	Within     Length    `yaml:"within"`
	Trigger    string    `yaml:"trigger"`
	Source     rawSource `yaml:"source"`
	Confidence string    `yaml:"confidence"`
	Note       string    `yaml:"note"`
}

type rawSource struct {
	Law     string `yaml:"law"`
	Article string `yaml:"article"`
}

type loader struct {
	law                *statute.Rules
	file, jurisdiction string
	top                bool
	rules              []Rule
	apart              []string
	problems           []error
}

func (l *loader) refuse(id, key, format string, args ...any) {
	l.problems = append(l.problems, &statute.Problem{File: l.file, ID: id, Key: key, Message: fmt.Sprintf(format, args...)})
}

// layer reads the file of one jurisdiction on top of those above it.
func (l *loader) layer(data []byte) {
	var file struct {
		Apart []string  `yaml:"apart"`
		Rules []rawRule `yaml:"rules"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	switch err := dec.Decode(&file); {
	case errors.Is(err, io.EOF):
		l.refuse("", "", "the file is empty; add rules or delete it")
		return
	case err != nil:
		text := strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n  ")
		l.refuse("", "", "%s; correct it or remove it", unknownKey.ReplaceAllString(text, "unknown key $1"))
		return
	}
	if l.top {
		l.apart = file.Apart
	} else if len(file.Apart) > 0 {
		l.refuse("", "apart", "only the highest jurisdiction says which kinds of cases stand apart; remove it here")
	}
	if len(file.Rules) == 0 {
		l.refuse("", "rules", "the file holds no rule; add one or delete the file")
	}
	seen := map[string]bool{}
	for _, raw := range file.Rules {
		if seen[raw.ID] {
			l.refuse(raw.ID, "id", "stands twice in this file; an id stands once in a jurisdiction")
			continue
		}
		seen[raw.ID] = true
		at := slices.IndexFunc(l.rules, func(r Rule) bool { return r.ID == raw.ID })
		switch {
		case raw.Overrides && at < 0:
			l.refuse(raw.ID, "overrides", "no jurisdiction above has this rule; correct the id, or define the rule here without overrides")
		case raw.Overrides:
			l.override(raw, &l.rules[at])
		case at >= 0:
			l.refuse(raw.ID, "id", "a jurisdiction above has this rule; write `overrides: true` to tighten it")
		default:
			l.rules = append(l.rules, l.define(raw))
		}
	}
}

// unknownKey is how the decoder says that it does not know a key.
var unknownKey = regexp.MustCompile(`field (\S+) not found in type \S+`)

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$`)

// define checks a new rule. What is wrong is noted; the rules are then not used.
func (l *loader) define(raw rawRule) Rule {
	raw.Within = l.length(raw.ID, raw.Within)
	r := Rule{
		ID: raw.ID, Title: raw.Title, Events: raw.Events, Kinds: raw.Kinds, Line: raw.Line, Colour: raw.Colour, Explain: raw.Explain,
		Within: raw.Within, Trigger: raw.Trigger, Note: raw.Note, Jurisdiction: l.jurisdiction,
	}
	if !idPattern.MatchString(raw.ID) {
		l.refuse(raw.ID, "id", "%q; write lower-case words joined by dots, such as supervision.due-soon", raw.ID)
	}
	if !raw.Title.Complete() {
		l.refuse(raw.ID, "title", "give it in zh-Hans, zh-Hant and en")
	}
	r.From, r.Until = l.day(raw.ID, "from", raw.From), l.day(raw.ID, "until", raw.Until)
	switch {
	case raw.From == "":
		l.refuse(raw.ID, "from", "missing; write the first day whose events it watches, YYYY-MM-DD")
	case raw.Until != "" && r.Until <= r.From:
		l.refuse(raw.ID, "until", "%s does not lie after %s, when it begins", raw.Until, raw.From)
	}
	l.checkEvents(raw)
	if raw.Colour.grave() < 0 {
		l.refuse(raw.ID, "colour", "%q; write one of %v", raw.Colour, Colours())
	}
	l.checkExplain(raw)
	if raw.Also != "" {
		l.refuse(raw.ID, "also", "belongs to an override; write the condition under when")
	}
	l.condition(&r, "when", raw.When)
	r.When = raw.When
	if raw.Trigger != "" && !l.knownTrigger(raw.Trigger) {
		l.refuse(raw.ID, "trigger", "%q does not stand in the list supervision.triggers of the law's rules", raw.Trigger)
	}
	r.Source, r.Confidence = l.source(raw)
	return r
}

func (l *loader) checkEvents(raw rawRule) {
	if len(raw.Events) == 0 {
		l.refuse(raw.ID, "events", "missing; name the kinds of events that it watches, of %v", watchable)
	}
	about := 0
	for _, e := range raw.Events {
		if !slices.Contains(watchable, e) {
			l.refuse(raw.ID, "events", "%q is no kind of event; write one of %v", e, watchable)
		}
		if slices.Contains(lines, e) {
			about++
		}
	}
	switch {
	case raw.Line != "" && raw.Line != "promise" && raw.Line != "statute":
		l.refuse(raw.ID, "line", "%q; write promise or statute, or leave it out", raw.Line)
	case raw.Line != "" && about < len(raw.Events):
		l.refuse(raw.ID, "line", "only %v name a line; remove it, or watch these", lines)
	case raw.Line == "" && about > 0:
		l.refuse(raw.ID, "line", "missing; the events name a line, write whether the card is about promise or statute")
	case raw.Line == "" && len(raw.Events) > 0 && raw.When == "":
		l.refuse(raw.ID, "when", "missing; without it every event of the kind would raise a card")
	}
}

// length fills a length in that names a parameter of the law's rules, with the newest value of that. [Rule.Term] asks for the one of the day.
func (l *loader) length(id string, given Length) Length {
	if given.Rule == "" {
		return given
	}
	if given.N != 0 || given.Unit != "" {
		l.refuse(id, "within", "give either a length and its unit, or the rule that holds both")
		return given
	}
	p, ok := l.law.Parameter(given.Rule)
	if !ok || !p.Unit.IsTime() || len(p.Values) == 0 {
		l.refuse(id, "within", "%q is no rule that holds a length of time; name one", given.Rule)
		return given
	}
	given.N, given.Unit = int(p.Values[len(p.Values)-1].Amount), p.Unit
	return given
}

func (l *loader) checkExplain(raw rawRule) {
	switch {
	case raw.Explain == "" && raw.Within != Length{}:
		l.refuse(raw.ID, "within", "nobody has to explain; name the role under explain, or remove it")
	case raw.Explain == "":
	case raw.Explain != WhoeverHasTheStep && !slices.Contains(explainers, raw.Explain):
		l.refuse(raw.ID, "explain", "%q; write one of %v, or %s for the role of the step", raw.Explain, explainers, WhoeverHasTheStep)
	case raw.Within.N < 1 || !raw.Within.Unit.IsTime():
		l.refuse(raw.ID, "within", "write until when it is to be explained, as a length in a unit of time: {length: 3, unit: working-day}")
	}
}

// vocabulary are the names that conditions may use; see [notice.scope].
var vocabulary = []string{"event", "type", "day", "actor", "data", "sealed", "documents", "turns", "case", "grounds"}

func (l *loader) condition(r *Rule, key, text string) {
	if text == "" {
		return
	}
	e, err := feel.ParseWith(text, vocabulary...)
	if err != nil {
		l.refuse(r.ID, key, "%v", err)
		return
	}
	for _, name := range e.Names() {
		if !slices.Contains(vocabulary, name) {
			l.refuse(r.ID, key, "nothing is called %q; known are %s", name, strings.Join(vocabulary, ", "))
		}
	}
	r.conditions = append(r.conditions, e)
}

// override tightens a rule of a jurisdiction above: graver, sooner, explained by somebody higher, or held against more.
func (l *loader) override(raw rawRule, r *Rule) {
	raw.Within = l.length(raw.ID, raw.Within)
	if !raw.Title.IsZero() || raw.From != "" || raw.Until != "" || len(raw.Events) > 0 || len(raw.Kinds) > 0 || raw.When != "" || raw.Line != "" || raw.Trigger != "" {
		l.refuse(raw.ID, "overrides", "an override has only colour, explain, within and also; the rest comes from the jurisdiction above")
	}
	switch {
	case raw.Colour == "":
	case raw.Colour.grave() < r.Colour.grave():
		l.refuse(raw.ID, "colour", "loosening: %s against %s above; a lower jurisdiction may only set a graver one", raw.Colour, r.Colour)
	default:
		r.Colour = raw.Colour
	}
	switch {
	case raw.Explain == "":
	case slices.Index(explainers, raw.Explain) < slices.Index(explainers, r.Explain):
		l.refuse(raw.ID, "explain", "loosening: %q against %q above; a lower jurisdiction may only set a higher role", raw.Explain, r.Explain)
	default:
		r.Explain = raw.Explain
	}
	switch {
	case raw.Within == Length{}:
	case r.Within.Unit != "" && raw.Within.Unit != r.Within.Unit:
		l.refuse(raw.ID, "within", "counts in %s, the rule above in %s; count in the same unit", raw.Within.Unit, r.Within.Unit)
	case r.Within.N > 0 && raw.Within.N > r.Within.N:
		l.refuse(raw.ID, "within", "loosening: %d against %d %s above; a lower jurisdiction may only set less", raw.Within.N, r.Within.N, r.Within.Unit)
	default:
		r.Within = raw.Within
	}
	if raw.Also != "" && r.When == "" {
		l.refuse(raw.ID, "also", "the rule above takes every such event already; there is nothing to add")
	} else if raw.Also != "" {
		l.condition(r, "also", raw.Also)
		r.Also = append(slices.Clip(r.Also), raw.Also)
	}
	l.checkExplain(rawRule{ID: raw.ID, Explain: r.Explain, Within: r.Within})
	r.Source, r.Confidence = l.source(raw)
	r.Note, r.Jurisdiction = raw.Note, l.jurisdiction
}

func (l *loader) source(raw rawRule) (statute.Source, statute.Confidence) {
	source, ok := l.law.Law(raw.Source.Law)
	switch {
	case raw.Source.Law == "":
		l.refuse(raw.ID, "source", "missing; name the law, by its key in laws.yaml, and the article")
	case !ok:
		l.refuse(raw.ID, "source.law", "%q is not in laws.yaml; add it there with its title, document and dates", raw.Source.Law)
	case raw.Source.Article == "":
		l.refuse(raw.ID, "source.article", "missing; write the article, or the heading of a text without articles")
	}
	source.Article = raw.Source.Article
	c := statute.Confidence(raw.Confidence)
	if !slices.Contains([]statute.Confidence{statute.Verified, statute.Practice, statute.Local, statute.Unverified}, c) {
		l.refuse(raw.ID, "confidence", "%q; write verified, practice, local or unverified", raw.Confidence)
	}
	return source, c
}

func (l *loader) day(id, key, text string) calendar.Date {
	if text == "" {
		return 0
	}
	d, err := calendar.Parse(text)
	if err != nil {
		l.refuse(id, key, "%q is no day of the calendar; write YYYY-MM-DD", text)
	}
	return d
}

func (l *loader) knownTrigger(code string) bool {
	p, _ := l.law.Parameter("supervision.triggers")
	return slices.ContainsFunc(p.Values, func(v statute.Value) bool { _, ok := v.Entry(code); return ok })
}
