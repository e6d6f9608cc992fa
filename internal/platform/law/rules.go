package law

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/store/journal"
)

// ErrName says that a file of rules has a name under which it would not be read.
var ErrName = errors.New("the file is named FOLDER/NAME.yaml, with the folder of a jurisdiction of this node")

// RulesPreview is what a file of rules would change.
type RulesPreview struct {
	Name    string
	Rules   *statute.Rules // with it
	Changes []RuleChange
	Seen    int64
	data    []byte
}

// RuleChange is another value of one rule from a day on.
type RuleChange struct {
	Before, After *statute.Value // nil: the rule has no value there
	Parameter     statute.Parameter
	From          calendar.Date
}

// Problem is a refusal of the loader, with the line of the file that was offered.
type Problem struct {
	*statute.Problem
	Line int // 0: not known, or of another file
}

// Problems are all refusals of a file.
type Problems struct {
	List []Problem
	Err  error // what is no problem of one rule, such as YAML that cannot be read
}

func (p *Problems) Error() string {
	texts := make([]string, 0, len(p.List))
	for _, x := range p.List {
		texts = append(texts, x.Error())
	}
	if p.Err != nil {
		texts = append(texts, p.Err.Error())
	}
	return strings.Join(texts, "\n")
}

// PreviewRules reads a file of rules in the place of the one with its name, or beside the others, and compares all rules with those in
// force. What the loader refuses comes back as *[Problems].
func (l *Law) PreviewRules(name string, data []byte) (RulesPreview, error) {
	now := l.now.Load()
	p := RulesPreview{Name: name, Seen: now.version, data: data}
	chain := statute.Chain(l.o.Jurisdiction)
	if path.Ext(name) != ".yaml" || path.Clean(name) != name || !slices.Contains(chain, path.Dir(name)) {
		return p, ErrName
	}
	var err error
	if p.Rules, err = statute.Load(now.files.with(name, data), chain...); err != nil {
		return p, problemsOf(err, name, data)
	}
	p.Changes = compare(l.rules, p.Rules)
	return p, nil
}

// PublishRules puts a file of rules in force on every node. It answers [ErrMoved] when something was published since the preview.
func (l *Law) PublishRules(ctx context.Context, by journal.Actor, p RulesPreview) error {
	ids := map[string]bool{}
	for _, c := range p.Changes {
		ids[c.Parameter.ID] = true
	}
	act := journal.Act{Kind: journal.RulesPublished, On: journal.On("rules", p.Name), Data: map[string]any{
		"rules": slices.Sorted(maps.Keys(ids)), "set": p.Rules.Digest(),
	}}
	return l.publish(ctx, p.Name, p.data, p.Seen, by, act, false)
}

// compare lists where the values of two rule sets differ: for each rule the days from which another value holds.
func compare(before, after *statute.Rules) []RuleChange {
	ids := map[string]bool{}
	for _, set := range []*statute.Rules{before, after} {
		for _, p := range set.All() {
			ids[p.ID] = true
		}
	}
	var changes []RuleChange
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		old, _ := before.Parameter(id)
		next, there := after.Parameter(id)
		named := next
		if !there {
			named = old
		}
		last := false // whether the stretch before differed, and how
		var lastOld, lastNext string
		for _, day := range boundaries(old, next) {
			a, b := valueAt(old, day), valueAt(next, day)
			ta, tb := textOf(a), textOf(b)
			if ta == tb {
				last = false
				continue
			}
			if last && ta == lastOld && tb == lastNext {
				continue
			}
			changes = append(changes, RuleChange{Before: a, After: b, Parameter: named, From: day})
			last, lastOld, lastNext = true, ta, tb
		}
	}
	return changes
}

// boundaries are the days on which a value of either begins or ends, in order.
func boundaries(a, b statute.Parameter) []calendar.Date {
	days := map[calendar.Date]bool{}
	for _, p := range []statute.Parameter{a, b} {
		for _, v := range p.Values {
			days[v.From] = true
			if v.Until != 0 {
				days[v.Until] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(days))
}

func valueAt(p statute.Parameter, day calendar.Date) *statute.Value {
	v, err := p.At(day)
	if err != nil {
		return nil
	}
	return &v
}

// textOf writes a value without its first and last day, for comparing.
func textOf(v *statute.Value) string {
	if v == nil {
		return ""
	}
	bare := *v
	bare.From, bare.Until = 0, 0
	text, err := json.Marshal(bare)
	if err != nil {
		return fmt.Sprint(bare) // unreachable: plain structs
	}
	return string(text)
}

// problemsOf gives each refusal of the loader the line on which its rule stands in the file.
func problemsOf(err error, name string, data []byte) *Problems {
	out := &Problems{}
	var collect func(error)
	collect = func(err error) {
		var problem *statute.Problem
		switch joined, ok := err.(interface{ Unwrap() []error }); {
		case ok:
			for _, e := range joined.Unwrap() {
				collect(e)
			}
		case errors.As(err, &problem):
			x := Problem{Problem: problem}
			if problem.File == name {
				x.Line = lineOf(data, problem.ID, problem.Key)
			}
			out.List = append(out.List, x)
		default:
			out.Err = errors.Join(out.Err, err)
		}
	}
	collect(err)
	return out
}

// lineOf finds the line of a rule's key in a file: that of its id, or of the key below it. 0 when the file has no such id.
func lineOf(data []byte, id, key string) int {
	if id == "" {
		return 0
	}
	base, _, _ := strings.Cut(key, "[")
	at := 0
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := strings.TrimLeft(string(line), " -")
		switch {
		case strings.HasPrefix(text, "id:") && strings.Trim(strings.TrimSpace(text[3:]), `"'`) == id, text == id+":":
			at = i + 1
			if base == "" || base == "id" {
				return at
			}
		case at > 0 && strings.HasPrefix(text, "id:"):
			return at
		case at > 0 && strings.HasPrefix(text, base+":"):
			return i + 1
		}
	}
	return at
}
