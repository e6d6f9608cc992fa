package desk

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// say returns the message with the key, or the fallback when the catalogue has none: codes of procedures are open.
func say(l *web.Localizer, key, fallback string) string {
	if l.Has(key) {
		return l.T(key)
	}
	return fallback
}

// postTitle names a post of the registry.
func (s *Service) postTitle(l *web.Localizer, key string) string {
	places := s.Registry.Now()
	p := places.Post(key)
	if p == nil {
		return key
	}
	title := l.Text(p.Title)
	if b := places.Body(p.Body); b != nil {
		title = l.T("desk.post", web.Args{"Body": b.Name, "Post": title})
	}
	return title
}

func (s *Service) bodyName(l *web.Localizer, key string) string {
	if b := s.Registry.Now().Body(key); b != nil {
		return l.Text(b.Name)
	}
	return key
}

// effectLines says in words what an outcome of a step leads to.
func (s *Service) effectLines(l *web.Localizer, def *procedure.Definition, o *Outcome) []string {
	if o.Blocked {
		return []string{l.T("desk.effect.blocked")}
	}
	var lines []string
	for i := range o.Effects {
		f := &o.Effects[i]
		switch f.Kind {
		case procedure.OpenTask:
			lines = append(lines, l.T("desk.effect.next", web.Args{"Step": caseview.Step(l, def, f.Element), "Role": caseview.Role(l, f.Role)}))
		case procedure.SetClock:
			lines = append(lines, s.clockLine(l, f.Clock))
		case procedure.MakeDoc:
			lines = append(lines, l.T("desk.effect.document", web.Args{"Document": caseview.Document(l, f.Name)}))
		case procedure.Publish:
			lines = append(lines, l.T("desk.effect.publish"))
		case procedure.Ended:
			lines = append(lines, l.T("desk.effect.ended"))
		}
	}
	return lines
}

func (s *Service) clockLine(l *web.Localizer, k *procedure.Clock) string {
	switch k.Action {
	case "pause":
		return l.T("desk.effect.pause", web.Args{"Ground": caseview.Rule(l, s.Cases.Rules, k.Ground)})
	case "extend":
		rule := k.Rule
		if rule == "" {
			return l.T("desk.effect.extend-plain")
		}
		return l.T("desk.effect.extend", web.Args{"Rule": caseview.Rule(l, s.Cases.Rules, rule)})
	case "start":
		return l.T("desk.effect.start", web.Args{"Rule": caseview.Rule(l, s.Cases.Rules, k.Rule)})
	case "resume", "stop":
		return l.T("desk.effect." + k.Action)
	default:
		return k.Action
	}
}

// historySteps tells the events of a case in words, the newest first.
func (s *Service) historySteps(l *web.Localizer, o *Opened) ([]ui.Step, error) {
	steps := make([]ui.Step, 0, len(o.History))
	for i := len(o.History) - 1; i >= 0; i-- {
		h := &o.History[i]
		step := ui.Step{
			State: ui.StepDone, Title: s.eventTitle(l, o, &h.Envelope), By: s.actorWord(l, &h.Envelope.Actor),
			Time: l.Time(h.Event.At), Machine: h.Event.At.UTC().Format(time.RFC3339),
		}
		rows, err := s.eventRows(l, o, h)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			step.Content = ui.SummaryList(rows)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func (s *Service) eventTitle(l *web.Localizer, o *Opened, env *casework.Envelope) string {
	task, _ := env.Data["task"].(string)
	switch env.Kind {
	case casework.Completed:
		return caseview.Step(l, o.Def, task)
	case casework.Messaged:
		message, _ := env.Data["message"].(string)
		return say(l, "desk.message."+message, message)
	case casework.Assigned:
		to, _ := env.Data["to"].(string)
		if to == "" {
			return l.T("desk.event.taken-back", web.Args{"Step": caseview.Step(l, o.Def, task)})
		}
		return l.T("desk.event.assigned", web.Args{"Step": caseview.Step(l, o.Def, task), "Post": s.postTitle(l, to)})
	case casework.DocumentRevoked:
		kind, _ := env.Data["document"].(string)
		of, _ := env.Data["of"].(float64)
		for _, x := range o.Matter.Letters {
			if x.Kind == kind && x.Seq == int64(of) {
				kind = l.Text(x.Title)
			}
		}
		return l.T("desk.event.revoked", web.Args{"Letter": kind})
	case casework.GivenBack:
		why, _ := env.Data["why"].(string)
		if why != casework.WhyAccountClosed {
			why = casework.WhyPostEnded
		}
		return l.T("desk.event.given-back."+why, web.Args{"Step": caseview.Step(l, o.Def, task)})
	case casework.StepOvertime:
		return l.T("desk.event.step-overtime", web.Args{"Step": caseview.Step(l, o.Def, task)})
	default:
		return say(l, "desk.event."+strings.ReplaceAll(env.Kind, ".", "-"), env.Kind)
	}
}

func (s *Service) actorWord(l *web.Localizer, a *casework.Actor) string {
	if a.Post != "" {
		return s.postTitle(l, a.Post)
	}
	return say(l, "desk.actor."+string(a.Kind), string(a.Kind))
}

// eventRows shows what was entered in a step, and which notices it issued. Empty fields are left out.
func (s *Service) eventRows(l *web.Localizer, o *Opened, h *Happening) ([]ui.Row, error) {
	var rows []ui.Row
	if h.Envelope.Kind == casework.Completed && !o.Matter.only() {
		task, _ := h.Envelope.Data["task"].(string)
		asked, err := s.stepForm(o.Def.Element(task))
		if err != nil {
			return nil, err
		}
		if asked != nil {
			rows = filled(asked.Rows(l, entered(h), nil))
		}
	}
	for _, field := range []string{"reason", "comment"} {
		var text string
		if raw, ok := h.Private[field]; ok && h.Envelope.Kind != casework.Completed && json.Unmarshal(raw, &text) == nil {
			rows = append(rows, ui.Row{Key: l.T("desk.field." + field), Value: text})
		}
	}
	if grade, ok := h.Envelope.Data["grade"].(float64); ok {
		rows = append(rows, ui.Row{Key: l.T("desk.field.grade"), Value: say(l, "desk.grade."+strconv.Itoa(int(grade)), "")})
	}
	if kinds, ok := h.Envelope.Data["documents"].([]any); ok {
		names := make([]string, 0, len(kinds))
		for _, kind := range kinds {
			name, _ := kind.(string)
			names = append(names, caseview.Document(l, name))
		}
		rows = append(rows, ui.Row{Key: l.T("desk.field.documents"), Value: strings.Join(names, l.T("web.form.and"))})
	}
	return rows, nil
}

// entered puts the public and the personal part of a step together again.
func entered(h *Happening) map[string]any {
	doc := maps.Clone(h.Envelope.Data)
	if doc == nil {
		doc = map[string]any{}
	}
	for name, raw := range h.Private {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			doc[name] = v
		}
	}
	return doc
}

func filled(rows []ui.Row) []ui.Row {
	kept := rows[:0]
	for _, row := range rows {
		if row.Value != "" || row.Content != nil {
			kept = append(kept, row)
		}
	}
	return kept
}

// applicantRows shows whose matter it is.
func applicantRows(l *web.Localizer, a *casework.Applicant) []ui.Row {
	kind := l.T("desk.actor." + string(identity.Person))
	if a.Kind == identity.Enterprise {
		kind = l.T("desk.actor." + string(identity.Enterprise))
	}
	return filled([]ui.Row{
		{Key: l.T("desk.applicant.name"), Value: a.Name},
		{Key: l.T("desk.applicant.kind"), Value: kind},
		{Key: l.T("desk.applicant.id-number"), Value: a.IDNumber},
		{Key: l.T("desk.applicant.phone"), Value: a.Phone},
		{Key: l.T("desk.applicant.address"), Value: a.Address},
		{Key: l.T("desk.applicant.agent"), Value: a.Agent},
	})
}

// formRows shows the application form in words. A form that is not known any more is shown as it was stored.
func formRows(l *web.Localizer, asked *form.Schema, raw json.RawMessage) []ui.Row {
	var doc map[string]any
	if len(raw) == 0 || json.Unmarshal(raw, &doc) != nil {
		return nil
	}
	if asked != nil {
		return filled(asked.Rows(l, doc, nil))
	}
	rows := make([]ui.Row, 0, len(doc))
	for _, key := range sortedKeys(doc) {
		value, err := json.Marshal(doc[key])
		if err == nil {
			rows = append(rows, ui.Row{Key: key, Value: strings.Trim(string(value), `"`)})
		}
	}
	return rows
}

// sizeWords writes the size of a file as people read it.
func sizeWords(bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	switch {
	case bytes >= mega:
		return strconv.FormatFloat(float64(bytes)/mega, 'f', 1, 64) + " MB"
	case bytes >= kilo:
		return strconv.FormatInt(bytes/kilo, 10) + " KB"
	default:
		return strconv.FormatInt(bytes, 10) + " B"
	}
}

// typeWord names a media type by its usual suffix.
func typeWord(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "PDF"
	case "image/jpeg":
		return "JPEG"
	case "image/png":
		return "PNG"
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return "DOCX"
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return "XLSX"
	}
	if _, after, ok := strings.Cut(mediaType, "/"); ok {
		return strings.ToUpper(after)
	}
	return mediaType
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
