package disclosure

import (
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// findingView is one piece of personal data (个人信息) that the guard found, however often it stands in the draft.
type findingView struct {
	publication.Found
	times  int
	file   string // name of the attachment in which it stands
	reason publication.OverrideReason
	note   string
}

// findingsOf gathers findings of the same value.
func findingsOf(d *publication.Draft, found []publication.Found) []findingView {
	var out []findingView
	for _, f := range found {
		if i := slices.IndexFunc(out, func(x findingView) bool { return x.Mark == f.Mark && x.Kind == f.Kind }); i >= 0 {
			out[i].times++
			continue
		}
		x := findingView{Found: f, times: 1}
		if i := slices.IndexFunc(d.Attachments, func(a publication.Attachment) bool { return a.File == f.Attachment }); i >= 0 {
			x.file = d.Attachments[i].Name
		}
		if i := slices.IndexFunc(d.Overrides, func(o publication.Override) bool { return o.Mark == f.Mark && o.Kind == f.Kind }); i >= 0 {
			x.reason, x.note = d.Overrides[i].Reason, d.Overrides[i].Note
		}
		out = append(out, x)
	}
	return out
}

// open reports whether something has to be done about any finding before the draft is handed in.
func open(found []findingView) bool {
	return slices.ContainsFunc(found, func(f findingView) bool { return !f.Overridden && f.Action != guard.Note })
}

// markedField is a field with the findings in it, and what would stand in their place.
type markedField struct {
	name   string
	pieces []markedPiece
}

type markedPiece struct {
	text, mask string // mask is empty where nothing was found
	stays      bool   // somebody said why it stays
}

// around is how much of a field is shown before and behind a finding, in characters.
const around = 40

// markedFields shows each field in which something was found, shortened between the findings.
func markedFields(d *publication.Draft, found []publication.Found) []markedField {
	texts := map[string]string{"title": d.Title, "summary": d.Summary, "text": d.Text}
	for i, q := range d.Questions {
		texts["questions/"+number(i)+"/question"], texts["questions/"+number(i)+"/answer"] = q.Question, q.Answer
	}
	for i, m := range d.Media {
		texts["media/"+number(i)+"/caption"] = m.Caption
	}
	var out []markedField
	end := 0 // of the finding before, in the same field
	for i, f := range found {
		text, ok := texts[f.Field]
		if !ok || f.To > len(text) || f.From < 0 {
			continue // it stands in an attachment
		}
		if len(out) == 0 || out[len(out)-1].name != f.Field {
			out = append(out, markedField{name: f.Field})
			end = 0
		}
		if f.From < end {
			continue // it lies within the one before
		}
		last := &out[len(out)-1]
		last.pieces = append(last.pieces, markedPiece{text: between(text[end:f.From], end > 0)},
			markedPiece{text: text[f.From:f.To], mask: f.Mask, stays: f.Overridden || f.Action == guard.Note})
		end = f.To
		if i+1 == len(found) || found[i+1].Field != f.Field {
			last.pieces = append(last.pieces, markedPiece{text: beginning(text[end:])})
		}
	}
	return out
}

// between shortens what stands between two findings, or before the first one.
func between(s string, begun bool) string {
	r := []rune(s)
	switch {
	case len(r) <= 2*around:
		return s
	case !begun:
		return "…" + string(r[len(r)-around:])
	}
	return string(r[:around]) + " … " + string(r[len(r)-around:])
}

func beginning(s string) string {
	if r := []rune(s); len(r) > around {
		return string(r[:around]) + "…"
	}
	return s
}

// fieldLabel is what people call the field of a finding.
func fieldLabel(l *web.Localizer, name string) string {
	root, _, _ := strings.Cut(name, "/")
	switch root {
	case "title", "summary", "text":
		return l.T("disclosure.field." + root)
	case "questions":
		return l.T("disclosure.edit.questions")
	case "media":
		return l.T("disclosure.edit.caption")
	}
	return l.T("disclosure.field.files")
}

// overrideOptions are the reasons for which something may stay.
func overrideOptions(l *web.Localizer) []ui.Option {
	options := []ui.Option{{Text: l.T("disclosure.edit.choose")}}
	for _, r := range publication.OverrideReasons() {
		options = append(options, ui.Option{Value: string(r), Text: l.T("disclosure.override." + string(r))})
	}
	return options
}

// stayReason and stayNote begin the names of the fields beside a finding; its place in the list follows.
const (
	stayReason = "reason-"
	stayNote   = "note-"
)

// stays reports whether the form beside a finding came back with errors.
func stays(f *form.Form, x findingView) bool {
	return f.Value("mark") == x.Mark && f.Value("kind") == string(x.Kind)
}

func stayField(l *web.Localizer, f *form.Form, x findingView, begins string, i int) ui.Field {
	field := ui.Field{Name: begins + number(i), Label: l.T("disclosure.override." + strings.TrimSuffix(begins, "-"))}
	if stays(f, x) {
		field.Value, field.Error = f.Value(field.Name), f.Error(field.Name)
	}
	return field
}

func (s *Service) postOverride(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	work, err := s.work(who, r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	reason, note := stayReason+f.Value("finding"), stayNote+f.Value("finding")
	o := publication.Override{Kind: guard.Kind(f.Value("kind")), Mark: f.Value("mark"), Reason: publication.OverrideReason(f.Value(reason)), Note: f.Value(note)}
	if !slices.Contains(publication.OverrideReasons(), o.Reason) {
		f.Fail(reason, v.L.T("web.form.choose", web.Args{"Label": v.L.T("disclosure.override.reason")}))
	}
	if o.Note == "" {
		f.Fail(note, v.L.T("disclosure.override.note-needed"))
	}
	if f.Valid() {
		if err := fail(v.L, f, nil, s.Records.Override(r.Context(), who, work.Record, o)); err != nil {
			return err
		}
	}
	if !f.Valid() {
		typed := typedOf(&work.Draft)
		for _, name := range []string{"kind", "mark", reason, note} { // what was typed beside the finding stays there
			typed.Values().Set(name, f.Value(name))
		}
		for _, x := range f.Summary() {
			if x.Field != reason && x.Field != note {
				x.Field = "findings"
			}
			typed.Fail(x.Field, x.Text)
		}
		return s.showEdit(who, w, r, work, typed, http.StatusUnprocessableEntity)
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.override.done"})
	return web.SeeOther(w, r, draftPath(work.Record)+"#findings")
}

// postMask puts the masks that the guard proposes in the place of all that nobody said had to stay, in the text and in what is attached.
func (s *Service) postMask(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, err := s.work(who, r)
	if err != nil {
		return err
	}
	found, err := s.Records.Check(r.Context(), work.Draft)
	if err != nil {
		return err
	}
	s.mask(&work.Draft, found)
	if err := s.Records.Edit(r.Context(), who, work.Record, work.Draft); err != nil {
		return err
	}
	for _, attachment := range masked(found) {
		err := s.Records.MaskAttachment(r.Context(), who, work.Record, attachment)
		if err == nil {
			continue
		}
		v := web.ViewOf(r)
		now, failed := s.work(who, r) // what could be masked is
		if failed != nil {
			return failed
		}
		f := typedOf(&now.Draft)
		if err := fail(v.L, f, nil, err); err != nil {
			return err
		}
		return s.showEdit(who, w, r, now, f, http.StatusUnprocessableEntity)
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.edit.masked"})
	return web.SeeOther(w, r, draftPath(work.Record)+"#findings")
}

// masked lists the attachments in which something has to be masked.
func masked(found []publication.Found) (files []store.ID) {
	for _, f := range found {
		if f.Attachment != 0 && !f.Overridden && f.Action != guard.Note && !slices.Contains(files, f.Attachment) {
			files = append(files, f.Attachment)
		}
	}
	return files
}

// mask replaces what was found in the fields of a draft, from the end of each, so that places before stay right.
func (s *Service) mask(d *publication.Draft, found []publication.Found) {
	fields := map[string]*string{"title": &d.Title, "summary": &d.Summary, "text": &d.Text}
	for i := range d.Questions {
		fields["questions/"+number(i)+"/question"], fields["questions/"+number(i)+"/answer"] = &d.Questions[i].Question, &d.Questions[i].Answer
	}
	for i := range d.Media {
		fields["media/"+number(i)+"/caption"] = &d.Media[i].Caption
	}
	sorted := slices.Clone(found)
	slices.SortFunc(sorted, func(a, b publication.Found) int { return b.From - a.From })
	for _, f := range sorted {
		text := fields[f.Field]
		if text == nil || f.Overridden || f.Action == guard.Note || f.Attachment != 0 || f.To > len(*text) {
			continue
		}
		*text = (*text)[:f.From] + f.Mask + (*text)[f.To:]
	}
}
