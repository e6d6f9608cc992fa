package chart

import (
	_ "embed"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/ui"
)

// blank is an empty sheet: two lanes, one step.
//
//go:embed blank.bpmn
var blank string

// termWords says a term of a step: the rule of the law by its title, or the length.
func (s *Service) termWords(l *web.Localizer, t *procedure.StepTerm) string {
	if t.Rule != "" {
		return caseview.Rule(l, s.Rules, t.Rule)
	}
	if key := "chart.unit." + t.Unit; l.Has(key) {
		return l.T(key, web.Args{"Count": t.Length})
	}
	return strconv.Itoa(t.Length) + " " + t.Unit
}

// nameOf names an element of a difference as it is drawn, or by kind and id.
func nameOf(l *web.Localizer, c *procedure.Change) string {
	if t := l.Text(c.Title); t != "" {
		return t
	}
	if c.Name != "" {
		return c.Name
	}
	return kindWord(l, c.Kind) + " " + c.ID
}

// kindWord names a kind of element.
func kindWord(l *web.Localizer, kind string) string {
	if key := "chart.kind." + dashed(kind); l.Has(key) {
		return l.T(key)
	}
	return kind
}

// dashed writes the name of an element of BPMN as message keys are written.
func dashed(kind string) string {
	b := make([]byte, 0, len(kind)+4)
	for i := range len(kind) {
		if c := kind[i]; c >= 'A' && c <= 'Z' {
			b = append(b, '-', c+'a'-'A')
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// stateTag shows where a version stands.
func stateTag(l *web.Localizer, v *Version) (ui.TagKind, string) {
	switch {
	case v.Returned:
		return ui.TagBad, l.T("chart.state.returned")
	case v.State == Published:
		return ui.TagGood, l.T("chart.state.published")
	case v.State == InReview:
		return ui.TagActive, l.T("chart.state.review")
	case v.State == Withheld:
		return ui.TagBad, l.T("chart.state.withheld")
	default:
		return ui.TagNeutral, l.T("chart.state.draft")
	}
}

// sources lists what a new chart can be drawn from: the procedures that the catalogue names for powers of the body, the first first.
func (s *Service) sources(body string) []string {
	var keys []string
	for _, p := range s.Powers.OfBody(body) {
		if p.Procedure != "" && !slices.Contains(keys, p.Procedure) {
			keys = append(keys, p.Procedure)
		}
	}
	slices.Sort(keys)
	return keys
}

// tools names what the modeler calls its tools by our words.
var tools = map[string]string{
	"Activate hand tool": "hand", "Activate lasso tool": "lasso", "Activate create/remove space tool": "space", "Activate global connect tool": "connect",
	"Create start event": "start", "Create end event": "end", "Timer intermediate catch event": "timer", "Message intermediate catch event": "message",
	"User task": "task", "Create expanded sub-process": "sub-process", "Exclusive gateway": "exclusive", "Parallel gateway": "parallel",
	"Inclusive gateway": "inclusive", "Event-based gateway": "event-based", "Create pool/participant": "pool", "Append task": "append-task",
	"Append gateway": "append-gateway", "Append end event": "append-end", "Append intermediate/boundary event": "append-event", "Add text annotation": "annotation",
	"Change element": "change", "Delete": "delete", "Connect to other element": "link", "Add lane above": "lane-above", "Add lane below": "lane-below",
	"Divide into two lanes": "two-lanes", "Divide into three lanes": "three-lanes", "Search in diagram": "search", "Parallel multi-instance": "parallel-multi",
	"Sequential multi-instance": "sequential-multi", "Toggle non-interrupting": "non-interrupting", "Conditional flow": "conditional-flow",
	"Default flow": "default-flow", "Sequence flow": "sequence-flow",
}
