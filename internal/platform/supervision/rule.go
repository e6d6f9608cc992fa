package supervision

import (
	"bytes"
	_ "embed" // the rules that ship
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
)

// Colour is how grave a card is. Pages write the word beside the colour.
type Colour string

// The colours.
const (
	Reminder Colour = "reminder" // 提醒: about to be due
	Yellow   Colour = "yellow"   // 黄牌: past the promise
	Red      Colour = "red"      // 红牌: past the statute
	Overtime Colour = "overtime" // 超时: a step past its own time
)

// Rule says for which event a card is raised.
type Rule struct {
	ID      string    `yaml:"id"`
	Event   string    `yaml:"event"` // kind of event in casework
	Colour  Colour    `yaml:"colour"`
	Line    string    `yaml:"line"`    // promise or statute: which line the card is about
	Explain string    `yaml:"explain"` // role of the body that has to explain; empty: nobody, or whoever has the step
	Trigger string    `yaml:"trigger"` // entry of the list supervision.triggers of the law's rules; empty: none
	Title   lang.Text `yaml:"title"`
}

//go:embed rules.yaml
var shipped []byte

// Rules returns the rules that ship.
func Rules() ([]Rule, error) { return ParseRules(shipped) }

// watchable are the kinds of events that name a line or a step, and so can raise a card.
var watchable = []string{casework.LineWarned, casework.PromiseMissed, casework.StatuteMissed, casework.StepOvertime}

// ParseRules reads a set of rules. It refuses unknown keys, what is missing, and two rules for one kind of event.
func ParseRules(data []byte) ([]Rule, error) {
	var file struct {
		Rules []Rule `yaml:"rules"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("rules of supervision: %w", err)
	}
	if len(file.Rules) == 0 {
		return nil, errors.New("rules of supervision: there is none")
	}
	var errs []error
	for i, r := range file.Rules {
		fault := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("rule %d of supervision, %q: %s", i+1, r.ID, fmt.Sprintf(format, args...)))
		}
		if r.ID == "" {
			fault("id is missing")
		}
		if !r.Title.Complete() {
			fault("title needs zh-Hans, zh-Hant and en")
		}
		if !slices.Contains(watchable, r.Event) {
			fault("event %q names no line or step; want one of %v", r.Event, watchable)
		}
		if !slices.Contains([]Colour{Reminder, Yellow, Red, Overtime}, r.Colour) {
			fault("colour %q; want reminder, yellow, red or overtime", r.Colour)
		}
		if r.Line != "promise" && r.Line != "statute" {
			fault("line %q; want promise or statute", r.Line)
		}
		if slices.ContainsFunc(file.Rules[:i], func(o Rule) bool { return o.ID == r.ID || o.Event == r.Event }) {
			fault("another rule has the same id or event")
		}
	}
	return file.Rules, errors.Join(errs...)
}
