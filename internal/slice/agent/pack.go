package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

func dateOf(days int64) calendar.Date { return calendar.Date(days) }

// packed is all that the off-line app needs to write applications down without a line.
type packed struct {
	Made        time.Time         `json:"made"`
	Agent       packedAgent       `json:"agent"`
	Division    packedPlace       `json:"division"`
	Villages    []packedPlace     `json:"villages"`
	Langs       map[string]string `json:"langs"`
	ConsentText lang.Text         `json:"consentText"`
	Fields      []packedField     `json:"fields"`
	Villagers   []packedVillager  `json:"villagers"`
	Items       []packedItem      `json:"items"`
}

type packedAgent struct {
	ID   store.ID `json:"id"`
	Name string   `json:"name"`
}

type packedPlace struct {
	Code string    `json:"code"`
	Name lang.Text `json:"name"`
}

type packedField struct {
	Key   string    `json:"key"`
	Title lang.Text `json:"title"`
}

type packedVillager struct {
	Consent  store.ID      `json:"consent"`
	Name     string        `json:"name"`
	MaskedID string        `json:"maskedId"`
	Phone    string        `json:"phone,omitempty"`
	Village  string        `json:"village"`
	Until    calendar.Date `json:"until"`
	Fields   []string      `json:"fields,omitempty"` // to which they agreed; none: all ten
}

type packedItem struct {
	ID        string           `json:"id"`
	Field     string           `json:"field"`
	Name      lang.Text        `json:"name"`
	Summary   lang.Text        `json:"summary"`
	Body      lang.Text        `json:"body"`
	Version   int              `json:"version"`
	Schema    json.RawMessage  `json:"schema"`
	UI        packedUI         `json:"ui"`
	Materials []packedMaterial `json:"materials"`
	Villages  []string         `json:"villages"` // from which it can be handed in
}

type packedMaterial struct {
	Key      string    `json:"key"`
	Name     lang.Text `json:"name"`
	Note     lang.Text `json:"note"`
	Required bool      `json:"required"`
	Copy     bool      `json:"copy"` // a photograph will do; the township looks at the original
}

// packedUI is a form as it is drawn: the fields in their order, those of groups beneath by their path with a dot.
type packedUI struct {
	Order  []string               `json:"order"`
	Fields map[string]packedInput `json:"fields"`
}

type packedInput struct {
	Type     string         `json:"type"` // string, integer, number, boolean, array
	Format   string         `json:"format,omitempty"`
	Label    lang.Text      `json:"label"`
	Hint     lang.Text      `json:"hint"`
	Required bool           `json:"required"`
	Long     bool           `json:"long,omitempty"` // several lines
	Options  []packedOption `json:"options,omitempty"`
}

type packedOption struct {
	Value string    `json:"value"`
	Label lang.Text `json:"label"`
}

// deviceWords are the words that the app needs beside those of the pack.
func deviceWords(l *web.Localizer) map[string]string {
	words := map[string]string{}
	for _, how := range Hows() {
		words["how."+string(how)] = l.T("agent.how." + string(how))
	}
	for _, why := range []string{WhyWithdrawn, WhyEnded, WhyVillage, WhyGone, WhyChanged, WhyOpen, WhyField} {
		words["why."+why] = l.T("agent.why." + why)
	}
	return words
}

// pack puts together what an agent takes along.
func (s *Service) pack(ctx context.Context, l *web.Localizer, who identity.Principal) (*packed, error) {
	now := s.Now()
	p := &packed{Made: now, Agent: packedAgent{who.Account, who.Name}, Division: packedPlace{who.Post.Division, s.Names.Division(who.Post.Division)},
		Langs: deviceWords(l), ConsentText: consentText(), Villages: []packedPlace{}, Villagers: []packedVillager{}, Items: []packedItem{}}
	for _, f := range s.fields {
		p.Fields = append(p.Fields, packedField{f.Key, f.Title})
	}
	villages, err := s.Villages(ctx, who.Account, who.Post.Body, s.today())
	if err != nil {
		return nil, err
	}
	consents, err := s.InForce(ctx, who.Account, now)
	if err != nil {
		return nil, err
	}
	for i := range consents {
		c := &consents[i]
		if slices.Contains(villages, c.Village) {
			p.Villagers = append(p.Villagers, packedVillager{c.ID, c.Agreed.Name, identifier.MaskID(c.Agreed.IDNumber), c.Agreed.Phone, c.Village, c.Until, c.Fields})
		}
	}
	at := map[string]int{}
	for _, village := range villages {
		p.Villages = append(p.Villages, packedPlace{village, s.Names.Division(village)})
		for _, o := range s.Offers(who.Post, village) {
			i, there := at[o.Code]
			if !there {
				it, err := s.packItem(o)
				if err != nil {
					return nil, err
				}
				i, at[o.Code] = len(p.Items), len(p.Items)
				p.Items = append(p.Items, it)
			}
			p.Items[i].Villages = append(p.Items[i].Villages, village)
		}
	}
	return p, nil
}

func (s *Service) packItem(o Offer) (packedItem, error) {
	it := packedItem{ID: o.Code, Field: o.Field, Name: o.Name, Summary: o.Summary, Body: s.Names.Body(o.Body), Version: o.Version, Schema: o.Raw, Materials: []packedMaterial{}}
	it.UI.Fields = map[string]packedInput{}
	if len(o.Raw) > 0 {
		if err := it.UI.read(o.Raw, ""); err != nil {
			return it, fmt.Errorf("form of item %s: %w", o.Key, err)
		}
	}
	for _, m := range o.Materials {
		if !m.ByForm {
			it.Materials = append(it.Materials, packedMaterial{m.Key, m.Name, m.Note, m.Necessary, true})
		}
	}
	return it, nil
}

// schemaNode is what of a JSON Schema says how a field is drawn.
type schemaNode struct {
	Type        string          `json:"type"`
	Format      string          `json:"format"`
	Title       string          `json:"title"`
	XTitle      lang.Text       `json:"x-title"`
	Description string          `json:"description"`
	XHint       lang.Text       `json:"x-hint"`
	MaxLength   int             `json:"maxLength"`
	Required    []string        `json:"required"`
	Properties  json.RawMessage `json:"properties"`
	OneOf       []schemaOption  `json:"oneOf"`
	Items       *schemaNode     `json:"items"`
}

type schemaOption struct {
	Const  any       `json:"const"`
	Title  string    `json:"title"`
	XTitle lang.Text `json:"x-title"`
}

func words(hans string, others lang.Text) lang.Text {
	others.Hans = hans
	return others
}

// longText is from how many characters on a text has several lines.
const longText = 200

// read takes the properties of an object in the order in which they are asked.
func (ui *packedUI) read(raw json.RawMessage, prefix string) error {
	var node schemaNode
	if err := json.Unmarshal(raw, &node); err != nil {
		return err
	}
	if len(node.Properties) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(node.Properties))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		var value json.RawMessage
		var n schemaNode
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := json.Unmarshal(value, &n); err != nil {
			return err
		}
		if n.Type == "object" {
			if err := ui.read(value, prefix+name+"."); err != nil {
				return err
			}
			continue
		}
		in := packedInput{Type: n.Type, Format: n.Format, Label: words(n.Title, n.XTitle), Hint: words(n.Description, n.XHint),
			Required: slices.Contains(node.Required, name), Long: n.MaxLength > longText}
		options := n.OneOf
		if n.Items != nil {
			options = n.Items.OneOf
		}
		for _, o := range options {
			in.Options = append(in.Options, packedOption{fmt.Sprint(o.Const), words(o.Title, o.XTitle)})
		}
		ui.Order = append(ui.Order, prefix+name)
		ui.Fields[prefix+name] = in
	}
	return nil
}

// answer writes JSON.
func answer(w http.ResponseWriter, status int, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// device opens a route of the app to an agent. Whoever is not signed in is told so in a way that the app understands.
func (s *Service) device(w http.ResponseWriter, r *http.Request) (who identity.Principal, ok bool, err error) {
	if who, err = s.People.Principal(r); err != nil {
		return who, false, err
	}
	if who.Kind == identity.Visitor || who.Kind == "" {
		return who, false, answer(w, http.StatusUnauthorized, map[string]string{"state": "signin"})
	}
	return who, true, s.cases.Policy.Allow(who, ActionWork, identity.Resource{Type: "agent", Division: who.Post.Division, Body: who.Post.Body})
}

func (s *Service) getPack(w http.ResponseWriter, r *http.Request) error {
	who, ok, err := s.device(w, r)
	if err != nil || !ok {
		return err
	}
	p, err := s.pack(r.Context(), web.ViewOf(r).L, who)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, p)
}

// draft is what the app hands in.
type draft struct {
	Draft    string          `json:"draft"`
	Agent    *store.ID       `json:"agent"` // who wrote it, as the pack names them
	Item     string          `json:"item"`
	Version  int             `json:"version"`
	Consent  *store.ID       `json:"consent"`
	Villager *draftVillager  `json:"villager"`
	Filled   time.Time       `json:"filled"`
	Values   json.RawMessage `json:"values"`
	Again    bool            `json:"again"`
}

type draftVillager struct {
	Name     string    `json:"name"`
	ID       string    `json:"id"`
	Phone    string    `json:"phone"`
	Relation string    `json:"relation"`
	How      How       `json:"how"`
	Witness  string    `json:"witness"`
	At       time.Time `json:"at"`
	Village  string    `json:"village"`
	Fields   []string  `json:"fields"` // none: all ten
}

// told is the answer to a draft.
type told struct {
	State   string      `json:"state"`
	Number  string      `json:"number,omitempty"`
	Code    string      `json:"code,omitempty"`
	Slip    string      `json:"slip,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Message string      `json:"message,omitempty"`
	Open    string      `json:"open,omitempty"`
	Errors  []toldError `json:"errors,omitempty"`
}

type toldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (s *Service) postHandIn(w http.ResponseWriter, r *http.Request) error {
	who, ok, err := s.device(w, r)
	if err != nil || !ok {
		return err
	}
	l := web.ViewOf(r).L
	d, status, err := readDraft(r)
	if err != nil {
		return answer(w, status, told{State: "bad", Errors: []toldError{{"draft", l.T("agent.bad."+badOf(status)) + " (" + err.Error() + ")"}}})
	}
	if d.Agent != nil && *d.Agent != who.Account { // another agent has signed in on the same device: nothing goes in under a foreign name
		return answer(w, http.StatusUnauthorized, map[string]string{"state": "signin"})
	}
	h, err := s.handInDraft(r.Context(), who, d, r.MultipartForm)
	if err == nil {
		return s.answerTaken(w, r, h)
	}
	return s.answerNo(w, r, d, err)
}

func badOf(status int) string {
	if status == http.StatusRequestEntityTooLarge {
		return "large"
	}
	return "form"
}

// maxMemory is how much of a draft is held in memory while it is read; the rest waits in files.
const maxMemory = 4 << 20

func readDraft(r *http.Request) (d draft, status int, err error) {
	err = r.ParseMultipartForm(maxMemory) //nolint:gosec // G120: the route bounds the body (web.Route.MaxBody)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return d, http.StatusRequestEntityTooLarge, errors.New("too large")
	}
	if err != nil {
		return d, http.StatusUnprocessableEntity, errors.New("not multipart/form-data")
	}
	if err := json.Unmarshal([]byte(r.FormValue("draft")), &d); err != nil {
		return d, http.StatusUnprocessableEntity, errors.New("draft is not JSON of the form expected")
	}
	if !uuid(d.Draft) {
		return d, http.StatusUnprocessableEntity, errors.New("draft has no UUID")
	}
	return d, 0, nil
}

// uuid reports whether a text has the form of a UUID.
func uuid(text string) bool {
	const size = 36
	if len(text) != size {
		return false
	}
	for i, r := range text {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !unicode.Is(unicode.ASCII_Hex_Digit, r) {
			return false
		}
	}
	return true
}

// handInDraft takes the consent that the draft brought, keeps its files, and hands it in.
func (s *Service) handInDraft(ctx context.Context, who identity.Principal, d draft, parts *multipart.Form) (Handed, error) {
	d.Draft = strings.ToLower(d.Draft)
	if h, ok, err := s.taken(ctx, who.Account, d.Draft); err != nil || ok {
		return h, err
	}
	c, err := s.consentOf(ctx, who, &d)
	if err != nil {
		return Handed{}, err
	}
	// What stands against it is found before its files are kept: they are many, and may come again.
	if err := s.mayAct(ctx, who, &c); err != nil {
		return Handed{}, err
	}
	it, err := s.item(who.Post, &c, d.Item, d.Version)
	if err != nil {
		return Handed{}, err
	}
	a := Handing{Draft: d.Draft, Item: d.Item, Version: d.Version, Form: d.Values, Again: d.Again}
	for _, m := range it.Materials {
		for _, h := range parts.File["file:"+m.Key] {
			ref, err := s.keep(ctx, who, m.Key, h)
			if err != nil {
				return Handed{}, err
			}
			a.Files = append(a.Files, ref)
		}
	}
	return s.HandIn(ctx, who, &c, a)
}

// keep stores an uploaded file. What is wrong with it is a refusal of its material.
func (s *Service) keep(ctx context.Context, who identity.Principal, material string, h *multipart.FileHeader) (casework.FileRef, error) {
	r, err := h.Open()
	if err != nil {
		return casework.FileRef{}, fmt.Errorf("read an upload: %w", err)
	}
	f, err := s.Files.Put(ctx, who.Account, h.Filename, r, file.Limits{})
	err = errors.Join(err, r.Close())
	var refused *file.Refusal
	if errors.As(err, &refused) {
		return casework.FileRef{}, &casework.Refusal{Code: casework.RefusedFile, Fields: []casework.FieldError{{Path: "/files/" + material, Code: "file", Text: refused.Text}}}
	}
	if err != nil {
		return casework.FileRef{}, err
	}
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: material}, nil
}

// consentOf returns the consent of a draft. One taken without a line is entered, unless the villager has agreed meanwhile.
func (s *Service) consentOf(ctx context.Context, who identity.Principal, d *draft) (Consent, error) {
	if d.Consent != nil && *d.Consent != 0 {
		c, err := s.Consent(ctx, *d.Consent)
		if isNotFound(err) || err == nil && c.Agent != who.Account {
			return c, &casework.Refusal{Code: casework.RefusedSubject, Text: noConsent, Args: map[string]any{"Why": WhyEnded}}
		}
		return c, err
	}
	if d.Villager == nil {
		return Consent{}, refuse("/villager", "required", noConsent)
	}
	v := d.Villager
	number := strings.ToUpper(strings.TrimSpace(v.ID))
	c, err := s.given(ctx, who.Account, s.cases.HolderIndex(number), s.Now())
	if err == nil && s.widens(&c, d) { // they have agreed to more since, without a line: it takes the place of the narrower one
		err = s.LayDown(ctx, who, &c, renewed, c.Number+"/renewed/"+d.Draft)
		if err == nil {
			err = store.ErrNotFound
		}
	}
	if !isNotFound(err) {
		return c, err
	}
	if v.Village == "" {
		mine, err := s.Villages(ctx, who.Account, who.Post.Body, s.today())
		if err != nil {
			return Consent{}, err
		}
		if len(mine) > 0 {
			v.Village = mine[0]
		}
	}
	c, err = s.Take(ctx, who, Agreed{
		Villager: Villager{Name: v.Name, IDNumber: number, Phone: v.Phone, Relation: v.Relation}, How: v.How, Witness: v.Witness, At: v.At, Village: v.Village, Fields: v.Fields, Draft: d.Draft,
	}, d.Draft)
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && (refusal.Code == casework.RefusedReplay || len(refusal.Fields) == 1 && refusal.Fields[0].Code == "there") {
		return s.given(ctx, who.Account, s.cases.HolderIndex(number), s.Now()) // another draft of the same villager came in at the same time
	}
	return c, err
}

// widens reports whether a draft brought a later consent for the field of its item, which the one in force does not cover.
func (s *Service) widens(c *Consent, d *draft) bool {
	it, err := s.Items.Item(strings.ToUpper(d.Item))
	if err != nil {
		return false // it is refused anyway
	}
	f, in := s.fieldOf(it.Key)
	later := Consent{Fields: d.Villager.Fields}
	return in && !c.Covers(f.Key) && later.Covers(f.Key) && d.Villager.At.After(c.From)
}

func (s *Service) answerTaken(w http.ResponseWriter, r *http.Request, h Handed) error {
	c, err := s.cases.Get(r.Context(), h.ID)
	if err != nil {
		return fmt.Errorf("case %s: %w", h.Number, err)
	}
	return answer(w, http.StatusOK, told{State: "taken", Number: h.Number, Code: s.cases.Code(c), Slip: slipHref(h.Number)})
}

// answerNo tells the app what stands against a draft: a conflict that somebody has to decide, or fields to mend.
func (s *Service) answerNo(w http.ResponseWriter, r *http.Request, d draft, err error) error {
	var refusal *casework.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	l := web.ViewOf(r).L
	if why := whyOf(refusal); why != "" {
		t := told{State: "conflict", Reason: why, Message: web.RefusalText(l, refusal), Open: "/agent"}
		if d.Consent != nil {
			t.Open = villagerHref(*d.Consent)
		}
		if number, _ := refusal.Args["Number"].(string); number != "" {
			t.Open = "/agent/cases/" + number
		}
		return answer(w, http.StatusConflict, t)
	}
	status := http.StatusUnprocessableEntity
	t := told{State: "bad"}
	for field, text := range web.FieldTexts(l, refusal) {
		t.Errors = append(t.Errors, toldError{field, text})
	}
	slices.SortFunc(t.Errors, func(a, b toldError) int { return strings.Compare(a.Field, b.Field) })
	if refusal.Code == casework.RefusedFile {
		status = http.StatusUnsupportedMediaType
	}
	if len(t.Errors) == 0 {
		t.Errors = []toldError{{"", web.RefusalText(l, refusal)}}
	}
	return answer(w, status, t)
}
