package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

func villagerHref(consent store.ID) string { return "/agent/villagers/" + consent.String() }
func applyHref(consent store.ID, code string) string {
	return villagerHref(consent) + "/apply/" + url.PathEscape(code)
}
func slipHref(number string) string { return "/agent/slips/" + number }
func visitHref(id store.ID) string  { return "/agent/visits/" + id.String() }

// typed is a form as it was sent, with what is wrong with it.
type typed struct {
	Key     string
	Values  url.Values
	Errors  map[string]string
	Summary []ui.FieldError
}

func blank() typed { return typed{Key: newKey(), Values: url.Values{}, Errors: map[string]string{}} }

// wrong fills in what a refusal says.
func (t *typed) wrong(l *web.Localizer, r *casework.Refusal) {
	for name, text := range web.FieldTexts(l, r) {
		t.Errors[name] = text
	}
	t.Summary = append(t.Summary, web.FieldSummary(l, r)...)
}

// failed fills in what the form itself found.
func (t *typed) failed(f *form.Form) {
	for _, e := range f.Summary() {
		t.Errors[e.Field] = e.Text
		t.Summary = append(t.Summary, e)
	}
}

func (t *typed) field(v *web.View, name, label string) ui.Field {
	return ui.Field{Name: name, Label: v.L.T(label), Value: t.Values.Get(name), Error: t.Errors[name]}
}

// homePage is the agent's day.
type homePage struct {
	Villages []string
	Consents []Consent
	Planned  []Visit
	Cases    []caseRow
	Asked    []caseRow           // for which the authority waits for something from the villager
	Names    map[store.ID]string // of villagers, by consent
	LateCase int
}

// soon is from when on before its end a term is pointed out.
const soon = 5 * 24 * time.Hour

// caseRow is an application with where it stands.
type caseRow struct {
	Handed
	Case     *casework.Case
	Transfer *Transfer
}

func (s *Service) caseRows(ctx context.Context, list []Handed) ([]caseRow, error) {
	ids := make([]store.ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	cases, err := s.cases.Several(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("cases of an agent: %w", err)
	}
	rows := make([]caseRow, 0, len(list))
	for _, h := range list {
		c := cases[h.ID]
		if c == nil {
			continue
		}
		row := caseRow{Handed: h, Case: c}
		if home, _ := c.Variables()["home"].(string); home != "" {
			t, ok, err := s.transfer(ctx, h.ID)
			if err != nil {
				return nil, err
			}
			if ok {
				row.Transfer = &t
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// casesShown is how many applications the agent's day shows.
const casesShown = 40

func (s *Service) getHome(w http.ResponseWriter, r *http.Request) error {
	who, err := s.principal(r)
	if err != nil {
		return err
	}
	v := large(r)
	p := &homePage{}
	if p.Villages, err = s.Villages(r.Context(), who.Account, who.Post.Body, s.today()); err != nil {
		return err
	}
	if p.Consents, err = s.InForce(r.Context(), who.Account, v.Now); err != nil {
		return err
	}
	if p.Planned, err = s.Visits(r.Context(), who.Account, VisitPlanned); err != nil {
		return err
	}
	if err := s.homeAsked(r, who, p); err != nil {
		return err
	}
	list, err := s.handed(r.Context(), byAgent, who.Account, casesShown)
	if err != nil {
		return err
	}
	if p.Cases, err = s.caseRows(r.Context(), list); err != nil {
		return err
	}
	for i := range p.Cases {
		if t := p.Cases[i].Transfer; t != nil && t.Late(v.Now) {
			p.LateCase++
		}
	}
	return web.Render(w, r, http.StatusOK, homeView(v, s, p))
}

// homeAsked fills in what authorities ask of the agent's villagers, whose names it tells as long as they agree.
func (s *Service) homeAsked(r *http.Request, who identity.Principal, p *homePage) error {
	list, err := s.asked(r.Context(), who.Account)
	if err != nil {
		return err
	}
	if p.Asked, err = s.caseRows(r.Context(), list); err != nil {
		return err
	}
	p.Names = map[store.ID]string{}
	for i := range p.Consents {
		p.Names[p.Consents[i].ID] = p.Consents[i].Agreed.Name
	}
	for i := range list {
		if p.Names[list[i].Consent] != "" {
			continue
		}
		c, err := s.standing(r.Context(), who, &list[i])
		if err != nil {
			return err
		}
		p.Names[list[i].Consent] = maskName(c.Agreed.Name)
		if c.Agent == who.Account && c.InForce(s.Now()) {
			p.Names[list[i].Consent] = c.Agreed.Name
		}
	}
	return nil
}

// consent opens a consent of the agent who asks.
func (s *Service) consent(r *http.Request) (identity.Principal, Consent, error) {
	who, err := s.principal(r)
	if err != nil {
		return who, Consent{}, err
	}
	id, err := store.ParseID(r.PathValue("consent"))
	if err != nil {
		return who, Consent{}, web.NotFound("agent.no-consent")
	}
	c, err := s.Consent(r.Context(), id)
	if isNotFound(err) || err == nil && c.Agent != who.Account {
		return who, c, web.NotFound("agent.no-consent")
	}
	return who, c, err
}

// villagerPage is one villager, as their agent sees them.
type villagerPage struct {
	Consent
	Code   string // of the consent
	Stop   string // why nothing can be done; empty: something can
	Offers []Offer
	Cases  []caseRow
	Deeds  []Deed
	typed
}

func (s *Service) getVillager(w http.ResponseWriter, r *http.Request) error {
	who, c, err := s.consent(r)
	if err != nil {
		return err
	}
	return s.showVillager(w, r, who, &villagerPage{Consent: c, typed: blank()}, http.StatusOK)
}

func (s *Service) showVillager(w http.ResponseWriter, r *http.Request, who identity.Principal, p *villagerPage, status int) error {
	v, c := large(r), p.Consent
	err := s.mayAct(r.Context(), who, &c)
	if refusal, ok := isForm(err); ok {
		p.Stop = web.RefusalText(v.L, refusal)
	} else if err != nil {
		return err
	}
	if p.Stop == "" {
		p.Offers = slices.DeleteFunc(s.Offers(who.Post, c.Village), func(o Offer) bool { return !c.Covers(o.Field) })
	}
	list, err := s.handedFor(r.Context(), c.villager, casesShown)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(h Handed) bool { return h.Agent != who.Account && (p.Stop != "" || !c.Covers(h.Field)) })
	if p.Cases, err = s.caseRows(r.Context(), list); err != nil {
		return err
	}
	if p.Deeds, err = s.deeds(r.Context(), byConsent, c.ID); err != nil {
		return err
	}
	return web.Render(w, r, status, villagerView(v, s, p))
}

func (s *Service) postLayDown(w http.ResponseWriter, r *http.Request) error {
	who, c, err := s.consent(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = s.LayDown(r.Context(), who, &c, f.Value("reason"), c.Number+"/"+f.Value(fieldKey))
	if refusal, ok := isForm(err); ok && len(refusal.Fields) > 0 {
		p := &villagerPage{Consent: c, typed: blank()}
		p.Key, p.Values = f.Value(fieldKey), f.Values()
		p.wrong(web.ViewOf(r).L, refusal)
		return s.showVillager(w, r, who, p, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "agent.flash.ended"})
	return web.SeeOther(w, r, villagerHref(c.ID))
}

// applyPage is an application for a villager, on one page.
type applyPage struct {
	Consent
	Item *Item
	typed
	Kept map[string][]casework.FileRef
	Open bool // the villager has one already
}

func fileField(material string) string { return "files." + material }
func keptField(material string) string { return "kept." + material }

// applying opens the form of an item for the villager of a consent, if the agent may act.
func (s *Service) applying(r *http.Request) (identity.Principal, *applyPage, error) {
	who, c, err := s.consent(r)
	if err != nil {
		return who, nil, err
	}
	if err := s.mayAct(r.Context(), who, &c); err != nil {
		return who, nil, err
	}
	it, err := s.item(who.Post, &c, r.PathValue("code"), 0)
	if err != nil {
		return who, nil, err
	}
	return who, &applyPage{Consent: c, Item: it, typed: blank(), Kept: map[string][]casework.FileRef{}}, nil
}

// stopped shows on the villager's page why nothing can be done; other errors go on.
func (s *Service) stopped(w http.ResponseWriter, r *http.Request, err error) error {
	refusal, ok := isForm(err)
	if !ok || whyOf(refusal) == "" {
		return err
	}
	who, c, lookErr := s.consent(r)
	if lookErr != nil {
		return lookErr
	}
	p := &villagerPage{Consent: c, typed: blank()}
	bare := *refusal // its fields are those of another page
	bare.Fields = nil
	p.wrong(web.ViewOf(r).L, &bare)
	return s.showVillager(w, r, who, p, http.StatusConflict)
}

func (s *Service) getApply(w http.ResponseWriter, r *http.Request) error {
	_, p, err := s.applying(r)
	if err != nil {
		return s.stopped(w, r, err)
	}
	// What the consent says of the villager need not be typed again.
	for name, value := range map[string]string{"name": p.Agreed.Name, "idNumber": p.Agreed.IDNumber, "telephone": p.Agreed.Phone, "phone": p.Agreed.Phone, "address": p.Agreed.Address} {
		p.Values.Set(name, value)
	}
	return web.Render(w, r, http.StatusOK, applyView(large(r), s, p))
}

func (s *Service) postApply(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	who, p, err := s.applying(r)
	if err != nil {
		return s.stopped(w, r, err)
	}
	v := large(r)
	p.Key, p.Values = f.Value(fieldKey), f.Values()
	a := Handing{Draft: p.Key, Item: p.Item.Code, Again: f.Value("again") == "true"}
	for _, m := range p.Item.Materials {
		if m.ByForm {
			continue
		}
		refs, err := s.taking(r, who, v, f, m.Key)
		if err != nil {
			return err
		}
		p.Kept[m.Key] = refs
		a.Files = append(a.Files, refs...)
	}
	p.failed(f)
	doc := map[string]any{}
	if p.Item.Form != nil {
		doc = p.Item.Form.Decode(f.Values())
		for name, text := range p.Item.Form.Check(v.L, doc) {
			p.Errors[name] = text
		}
		p.Summary = append(p.Summary, p.Item.Form.Summary(p.Item.Form.Check(v.L, doc))...)
	}
	if a.Form, err = json.Marshal(doc); err != nil {
		return fmt.Errorf("application form: %w", err)
	}
	if len(p.Summary) == 0 {
		h, err := s.HandIn(r.Context(), who, &p.Consent, a)
		if err == nil {
			return web.SeeOther(w, r, slipHref(h.Number))
		}
		refusal, ok := isForm(err)
		switch why := ""; {
		case !ok:
			return err
		default:
			if why = whyOf(refusal); why != "" && why != WhyOpen {
				return s.stopped(w, r, err)
			}
			p.Open = why == WhyOpen
			p.wrong(v.L, refusal)
		}
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, applyView(v, s, p))
}

// taking keeps the files of a material, those sent now and those that an earlier try has kept.
func (s *Service) taking(r *http.Request, who identity.Principal, v *web.View, f *form.Form, material string) ([]casework.FileRef, error) {
	var refs []casework.FileRef
	for _, text := range f.All(keptField(material)) {
		id, err := store.ParseID(text)
		if err != nil {
			continue // somebody else's form
		}
		kept, err := s.Files.Stat(r.Context(), id)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", id, err)
		}
		refs = append(refs, casework.FileRef{ID: kept.ID, Name: kept.Name, Digest: kept.Digest, Size: kept.Size, Type: kept.Type, Material: material})
	}
	if r.MultipartForm == nil {
		return refs, nil
	}
	for _, h := range r.MultipartForm.File[fileField(material)] {
		if h.Filename == "" {
			continue
		}
		ref, err := s.keepOr(r, who, v, f, material, h)
		if err != nil {
			return nil, err
		}
		if ref.ID != 0 {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

// keepOr keeps a file, or says at its field what is wrong with it.
func (s *Service) keepOr(r *http.Request, who identity.Principal, v *web.View, f *form.Form, material string, h *multipart.FileHeader) (casework.FileRef, error) {
	ref, err := s.keep(r.Context(), who, material, h)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) {
		f.Fail(fileField(material), web.FieldTexts(v.L, refusal)["files."+material])
		return casework.FileRef{}, nil
	}
	return ref, err
}

// handedByNumber finds an application of the agent who asks.
func (s *Service) handedByNumber(r *http.Request) (identity.Principal, Handed, *casework.Case, error) {
	who, err := s.principal(r)
	if err != nil {
		return who, Handed{}, nil, err
	}
	c, err := s.cases.ByNumber(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) {
		return who, Handed{}, nil, web.NotFound("agent.no-case")
	}
	if err != nil {
		return who, Handed{}, nil, err
	}
	h, err := store.One(r.Context(), s.DB.Read(), scanHanded, `SELECT `+handedColumns+` FROM agent_case WHERE id = $1`, int64(c.ID))
	if isNotFound(err) {
		return who, h, c, web.NotFound("agent.no-case")
	}
	if err != nil || h.Agent == who.Account {
		return who, h, c, err
	}
	// Whoever the villager agrees to now follows what another agent handed in before.
	given, err := s.standing(r.Context(), who, &h)
	if err == nil && (given.Agent != who.Account || !given.InForce(s.Now()) || !given.Covers(h.Field)) {
		err = web.NotFound("agent.no-case")
	}
	return who, h, c, err
}
