package disclosure

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/extract"
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

// The fields beside a finding: which finding it is, and why it stays. The mark of the finding follows the last two.
const (
	stayFound  = "found" // KIND/MARK, one for each finding
	stayReason = "reason-"
	stayNote   = "note-"
	stayThis   = "stay" // the button beside a finding: its mark
)

// stays reports whether the part of the form beside a finding stands open: something was typed there, or is wrong.
func stays(f *form.Form, x findingView) bool {
	for _, name := range []string{stayReason + x.Mark, stayNote + x.Mark} {
		if f.Value(name) != "" || f.Error(name) != "" {
			return true
		}
	}
	return false
}

func stayField(l *web.Localizer, f *form.Form, x findingView, begins string) ui.Field {
	name := begins + x.Mark
	return ui.Field{Name: name, Label: l.T("disclosure.override." + strings.TrimSuffix(begins, "-")), Value: f.Value(name), Error: f.Error(name), Optional: true}
}

// stay notes why findings stay: of each beside which a reason or a note was given, and of the one whose button was pressed. What is wrong is
// said in the form.
func (s *Service) stay(ctx context.Context, l *web.Localizer, who identity.Principal, record store.ID, f *form.Form) error {
	var said []publication.Override
	for _, found := range f.All(stayFound) {
		kind, mark, _ := strings.Cut(found, "/")
		reason, note := stayReason+mark, stayNote+mark
		o := publication.Override{Kind: guard.Kind(kind), Mark: mark, Reason: publication.OverrideReason(f.Value(reason)), Note: f.Value(note)}
		if o.Reason == "" && o.Note == "" && f.Value(stayThis) != mark {
			continue
		}
		if !slices.Contains(publication.OverrideReasons(), o.Reason) {
			f.Fail(reason, l.T("web.form.choose", web.Args{"Label": l.T("disclosure.override.reason")}))
		}
		if o.Note == "" {
			f.Fail(note, l.T("disclosure.override.note-needed"))
		}
		said = append(said, o)
	}
	for _, o := range said {
		if !f.Valid() {
			return nil
		}
		err := s.Records.Override(ctx, who, record, o)
		fields, refused := refusedFields(err)
		if refused == nil && err != nil {
			return err
		}
		for _, x := range fields {
			f.Fail("findings", l.Text(x.Text))
		}
		if refused != nil && len(fields) == 0 {
			f.Fail("", l.Text(refused.Text))
		}
		f.Values().Del(stayReason + o.Mark)
		f.Values().Del(stayNote + o.Mark)
	}
	return nil
}

func (s *Service) postOverride(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, done, err := s.keep(who, w, r)
	if done {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.override.done"})
	return web.SeeOther(w, r, draftPath(work.Record)+"#findings")
}

// postMask puts the masks that the guard proposes in the place of all that nobody said had to stay, in the text and in what is attached.
func (s *Service) postMask(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	work, done, err := s.keep(who, w, r)
	if done {
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

// unreadOf says of each attachment in which there is something that no program can read, such as a scan, how much and of what kind: the guard
// has not seen it, so somebody has to look.
func (s *Service) unreadOf(ctx context.Context, l *web.Localizer, d *publication.Draft) ([]string, error) {
	var all []string
	for _, a := range d.Attachments {
		t, err := s.Records.TextOf(ctx, a)
		if err != nil {
			return nil, err
		}
		if len(t.Unread) == 0 {
			continue
		}
		var what []string
		for _, nature := range []extract.Nature{extract.Picture, extract.Object, extract.NoLetter} {
			if slices.ContainsFunc(t.Unread, func(x string) bool { return strings.HasSuffix(strings.TrimSuffix(x, "}"), " "+string(nature)) }) {
				what = append(what, l.Text(nature.Name()))
			}
		}
		if len(what) == 0 {
			all = append(all, l.T("disclosure.personal.unread-whole", web.Args{"Name": a.Name}))
			continue
		}
		all = append(all, l.T("disclosure.personal.unread-file", web.Args{"Name": a.Name, "Count": len(t.Unread), "What": strings.Join(what, l.T("disclosure.personal.unread-and"))}))
	}
	return all, nil
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

// mask replaces what was found in the fields of a draft. What overlaps is masked as one.
func (s *Service) mask(d *publication.Draft, found []publication.Found) {
	fields := map[string]*string{"title": &d.Title, "summary": &d.Summary, "text": &d.Text}
	for i := range d.Questions {
		fields["questions/"+number(i)+"/question"], fields["questions/"+number(i)+"/answer"] = &d.Questions[i].Question, &d.Questions[i].Answer
	}
	for i := range d.Media {
		fields["media/"+number(i)+"/caption"] = &d.Media[i].Caption
	}
	for name, text := range fields {
		var here []guard.Finding
		for _, f := range found {
			if f.Field == name && !f.Overridden && f.Action != guard.Note && f.Attachment == 0 {
				here = append(here, f.Finding)
			}
		}
		*text = guard.Mask(*text, here)
	}
}
