package approval

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// The kinds of documents beside those that procedures name.
const (
	receiptSlip      = "receipt-slip"    // 收件回执: of the application itself
	acceptanceSlip   = "acceptance-slip" // 受理通知书
	deemedAcceptance = "deemed-acceptance-notice"
	correctionNotice = "correction-notice" // 补正告知书
	rejectionSlip    = "rejection-slip"    // 不予受理决定书
	pauseNotice      = "pause-notice"      // 特别程序告知书
	extensionNotice  = "extension-notice"  // 延长期限通知书
	decisionGrant    = "decision-grant"    // 准予行政许可决定书
	decisionRefusal  = "decision-refusal"  // 不予行政许可决定书
	deliveryReceipt  = "delivery-receipt"  // 送达回证
)

// letterPage is an official letter of a matter as a page.
type letterPage struct {
	frame web.Letter
	text  *document.Letter
	proof string // hash and place in the log
	code  string // 核验码; empty when the letter has none
	check string // address by which everybody can verify it
	over  string // says that it holds no more; empty: it holds
}

func (s *Service) getDocument(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, seq, kind, err := asked(r, open)
		if err != nil {
			return err
		}
		v := web.ViewOf(r)
		page, err := s.letterPage(r.Context(), v, d, seq, kind)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, documentView(v, page))
	}
}

// asked opens the door and finds out which letter is asked for.
func asked(r *http.Request, open doorFunc) (d door, seq int64, kind string, err error) {
	if d, err = open(r); err != nil {
		return d, 0, "", err
	}
	seq, err = strconv.ParseInt(r.PathValue("seq"), 10, 64)
	kind = r.PathValue("kind")
	if err != nil || !d.issued(kind, seq) {
		return d, 0, "", web.NotFound("approval.document.none")
	}
	return d, seq, kind, nil
}

// getPDF hands out the signed PDF of a letter. It is printed at once when the background has not come to it yet.
func (s *Service) getPDF(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, seq, kind, err := asked(r, open)
		if err != nil {
			return err
		}
		if s.Documents == nil {
			return web.NotFound("approval.document.none")
		}
		if !d.full && !d.proven { // it names the applicant, which supervision need not know
			return &identity.Denied{Action: casework.ActionPrivate, Reason: identity.DeniedOther}
		}
		rec, err := s.Documents.Find(r.Context(), d.c.ID, seq, kind)
		if errors.Is(err, store.ErrNotFound) {
			return web.NotFound("approval.document.unsigned") // issued before there were signed letters
		}
		if err == nil {
			rec, err = s.Documents.Ensure(r.Context(), rec)
		}
		var missing *document.MissingGlyph
		switch {
		case errors.Is(err, document.ErrPending):
			w.Header().Set("Retry-After", "2")
			return &web.Error{Status: http.StatusServiceUnavailable, Key: "approval.proof.pending"}
		case errors.Is(err, document.ErrErased):
			return &web.Error{Status: http.StatusGone, Key: "approval.document.erased"}
		case errors.As(err, &missing):
			s.Log.ErrorContext(r.Context(), "print a document", "document", rec.ID, "err", err)
			return &web.Error{Status: http.StatusServiceUnavailable, Key: "approval.document.no-glyph"}
		case err != nil:
			return err
		}
		content, err := s.Documents.Open(r.Context(), rec)
		if err != nil {
			return err
		}
		name := rec.Number + web.ViewOf(r).L.T(documentTitle(d.c, kind)) + ".pdf"
		w.Header().Set("Content-Type", document.MediaType)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		_, err = io.Copy(w, content)
		return errors.Join(err, content.Close())
	}
}

// issued reports whether the document was issued by the event.
func (d *door) issued(kind string, seq int64) bool {
	return kind == receiptSlip && seq == 1 ||
		slices.ContainsFunc(d.c.Documents(), func(x casework.Document) bool { return x.Kind == kind && x.Seq == seq })
}

// material is what a document is made of.
type material struct {
	door      door
	event     casework.Event
	data      map[string]any // public part of the event
	applicant casework.Applicant
	private   map[string]json.RawMessage // of the event
}

func (s *Service) material(ctx context.Context, d door, seq int64) (material, error) {
	m := material{door: d}
	var err error
	if m.event, err = s.Cases.Event(ctx, d.c.ID, seq); err != nil {
		return m, err
	}
	env, err := m.event.Envelope()
	if err != nil {
		return m, err
	}
	m.data = env.Data
	dossier, err := s.Cases.Dossier(ctx, d.c.ID)
	if err != nil {
		return m, err
	}
	m.applicant = dossier.Applicant
	for _, p := range dossier.Private {
		if p.Seq == seq {
			m.private = p.Fields
		}
	}
	if !d.full {
		m.applicant = masked(m.applicant)
	}
	return m, nil
}

// masked is what the holder of a query code sees of an applicant: enough to recognise the matter.
func masked(a casework.Applicant) casework.Applicant {
	return casework.Applicant{Kind: a.Kind, Name: publicName(a), IDNumber: identifier.MaskID(a.IDNumber)}
}

// word returns a private text of the event that is addressed to the applicant.
func (m *material) word(name string) string {
	var text string
	if err := json.Unmarshal(m.private[name], &text); err != nil {
		return "" // absent or erased
	}
	return text
}

func (m *material) value(name string) string {
	text, _ := m.data[name].(string)
	return text
}

// letterPage fills the template of a letter in the reader's language. The PDF is made of the same facts, see [Service.compose].
func (s *Service) letterPage(ctx context.Context, v *web.View, d door, seq int64, kind string) (letterPage, error) {
	m, err := s.material(ctx, d, seq)
	if err != nil {
		return letterPage{}, err
	}
	l := v.L
	f, err := s.facts(l, m, kind)
	if err != nil {
		return letterPage{}, err
	}
	// A letter from before letters were numbered is called by its case.
	f["number"] = d.c.Number + "-" + strconv.FormatInt(seq, 10)
	pdf, verify, code := "", "", ""
	var revoked time.Time
	if s.Documents != nil {
		rec, err := s.Documents.Find(ctx, d.c.ID, seq, kind)
		switch {
		case err == nil:
			f["number"], revoked = rec.Number, rec.RevokedAt
			verify, code = s.Documents.VerifyURL(rec.ID), s.Documents.Code(rec.ID)
			pdf = documentPath(d, seq, kind) + "/pdf"
			if strings.HasPrefix(d.base, "/desk/") {
				pdf = officePath(d.c, kind, seq) + "/pdf"
			}
		case !errors.Is(err, store.ErrNotFound):
			return letterPage{}, err
		}
	}
	x := letterPage{text: s.Letters.Fill(kind, l.Tag(), f), proof: proofText(l, m.event), code: code, check: verify}
	if x.text == nil {
		return x, web.NotFound("approval.document.none")
	}
	if !revoked.IsZero() {
		x.over = l.T("approval.document.revoked", web.Args{"Date": l.DateOf(revoked)})
	}
	x.frame = web.Letter{
		Issuer: x.text.Issuer, Title: x.text.Title, Number: x.text.Number, To: m.applicant.Name, Date: x.text.Date, Back: d.base,
		CodeLabel: l.T("approval.letter.qr"), File: pdf,
	}
	x.frame.Code = s.BaseURL + "/track/" + d.c.Number
	if d.code != "" && (kind == receiptSlip || kind == acceptanceSlip || kind == correctionNotice) {
		// These are the applicant's own slips; decisions are shown to others, so their code opens the page that asks for the query code.
		x.frame.Code = s.BaseURL + trackPath(d.c.Number, d.code)
	}
	return x, nil
}

// compose gives the facts of a letter for its PDF. It is the applicant's: names stand in it in full, of identity numbers the ends.
func (s *Service) compose(ctx context.Context, r document.Record, tag lang.Tag) (f document.Facts, holder string, err error) {
	c, err := s.Cases.Get(ctx, r.Case)
	if err != nil {
		return nil, "", err
	}
	m, err := s.material(ctx, door{c: c, code: s.Cases.Code(c), full: true}, r.Seq)
	if err != nil {
		return nil, "", err
	}
	holder = publicName(m.applicant)
	m.applicant.IDNumber = identifier.MaskID(m.applicant.IDNumber)
	f, err = s.facts(s.words.Localizer(tag), m, r.Kind)
	if tag != lang.En {
		for name, text := range f { // on paper no space stands between a number and its unit (GB/T 9704)
			if strings.HasSuffix(name, "-length") || name == "pause-needs" || name == "extended-by" {
				f[name] = strings.ReplaceAll(text, " ", "")
			}
		}
	}
	return f, holder, err
}

// facts are what the templates of letters ask for, as far as it is there, in the words of a language.
func (s *Service) facts(l *web.Localizer, m material, kind string) (document.Facts, error) {
	c := m.door.c
	f := document.Facts{
		"issuer": l.Text(s.Names.Body(c.Body)), "case": c.Number, "applicant": m.applicant.Name, "id-label": idLabel(l, m.applicant.Kind),
		"id-number": m.applicant.IDNumber, "item": l.Text(c.Title), "received": l.DateOf(c.CreatedAt), "received-at": l.Time(c.CreatedAt),
		"date": l.DateOf(m.event.At), "query-code": m.door.code, "missing": m.word("missing"), "reasons": m.word("reasons"),
	}
	if licence(c) {
		f["licence"] = l.T("approval.yes")
	}
	if day, err := calendar.Parse(m.value("validUntil")); err == nil {
		f["valid-until"] = l.Date(day)
	}
	s.decideFacts(l, m, f)
	s.remedyFacts(l, m, f)
	switch kind {
	case receiptSlip:
		return f, s.receiptFacts(l, m, f)
	case pauseNotice:
		pauseFacts(l, m, f)
	case extensionNotice:
		s.extensionFacts(l, m, f)
	case deliveryReceipt:
		deliveryFacts(l, m, f)
	}
	return f, nil
}

// receiptFacts list what was handed in and say what comes next (行政许可法 32).
func (s *Service) receiptFacts(l *web.Localizer, m material, f document.Facts) error {
	files, err := s.handedIn(l, m)
	if err != nil {
		return err
	}
	f["files"] = strings.Join(files, l.T("web.form.and"))
	received := m.door.c.CreatedAt
	if p, ok := s.Rules.Parameter("licence.accept.correction"); ok {
		length, err := term.FromRule(p, calendar.Of(received))
		if err != nil {
			return err
		}
		t, err := term.New(received, length, term.Length{})
		if err != nil {
			return err
		}
		f["answer-day"] = l.Date(t.Compute(s.Calendar(), s.Now()).StatuteDay)
		f["answer-length"], f["answer-article"] = lengthText(l, length), l.Text(length.Article)
	}
	return nil
}

// handedIn names the materials that came with the application.
func (s *Service) handedIn(l *web.Localizer, m material) ([]string, error) {
	raw, ok := m.private["files"]
	if !ok {
		return nil, nil
	}
	var refs []casework.FileRef
	if err := json.Unmarshal(raw, &refs); err != nil {
		return nil, err
	}
	names := map[string]string{}
	if it, ok := s.Items.Item(m.door.c.Subject); ok {
		for _, x := range it.Materials {
			names[x.Key] = l.Text(x.Name)
		}
	}
	var list []string
	for _, ref := range refs {
		if name := names[ref.Material]; name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list, nil
}

// decideFacts say until when a decision is owed and promised.
func (s *Service) decideFacts(l *web.Localizer, m material, f document.Facts) {
	k := m.door.c.Clock(clockDecide)
	if k == nil {
		return
	}
	t := s.Cases.Explained(m.door.c, k.Term)
	lines := asOf(t, m.event.At).Compute(s.Calendar(), m.event.At)
	f["statute-day"], f["statute-length"], f["statute-article"] = l.Date(lines.StatuteDay), lengthText(l, t.Statutory), l.Text(t.Statutory.Article)
	if lines.Promise.Before(lines.Statute) {
		f["promise-day"], f["promise-length"] = l.Date(lines.PromiseDay), lengthText(l, t.Promised)
	}
}

// asOf returns a term as it stood at an instant: a letter that is printed later says what was so when it was issued.
func asOf(t term.Term, at time.Time) term.Term {
	t.Pauses = slices.DeleteFunc(slices.Clone(t.Pauses), func(p term.Pause) bool { return p.From.After(at) })
	for i := range t.Pauses {
		if t.Pauses[i].Until.After(at) {
			t.Pauses[i].Until = time.Time{}
		}
	}
	t.Extensions = slices.DeleteFunc(slices.Clone(t.Extensions), func(x term.Extension) bool { return x.At.After(at) })
	if t.Stopped.After(at) {
		t.Stopped = time.Time{}
	}
	return t
}

// remedyFacts tell of reconsideration and suit (行政许可法 38): their lengths are those of the law on the day of the decision.
func (s *Service) remedyFacts(l *web.Localizer, m material, f document.Facts) {
	day := calendar.Of(m.event.At)
	for _, rule := range []struct{ id, name string }{{"review.apply", "review"}, {"suit.direct", "suit"}} {
		p, ok := s.Rules.Parameter(rule.id)
		if !ok {
			continue
		}
		if length, err := term.FromRule(p, day); err == nil {
			f[rule.name+"-length"], f[rule.name+"-article"] = lengthText(l, length), l.Text(length.Article)
		}
	}
}

// pauseFacts say on which ground the clock stands still, and how long it is thought to take (行政许可法 45: 应当将所需时间书面告知申请人).
func pauseFacts(l *web.Localizer, m material, f document.Facts) {
	if k := m.door.c.Clock(clockDecide); k != nil {
		for _, p := range k.Term.Pauses {
			if p.From.Equal(m.event.At) {
				f["ground"], f["ground-article"], f["pause-from"] = l.Text(p.Title), l.Text(p.Article), l.Time(p.From)
			}
		}
	}
	if days, ok := m.data["days"].(float64); ok {
		f["pause-needs"] = l.T("approval.length.calendar-day", web.Args{"Count": int(days)})
	}
}

// extensionFacts say by how much the term was prolonged, and until when.
func (s *Service) extensionFacts(l *web.Localizer, m material, f document.Facts) {
	if k := m.door.c.Clock(clockDecide); k != nil {
		for _, x := range s.Cases.Explained(m.door.c, k.Term).Extensions {
			if x.At.Equal(m.event.At) {
				f["extended-by"], f["extended-article"] = lengthText(l, x.By), l.Text(x.By.Article)
			}
		}
	}
	notes, _ := m.data["clocks"].([]any)
	for _, n := range notes {
		note, _ := n.(map[string]any)
		text, _ := note["statute"].(string)
		if day, err := calendar.Parse(text); err == nil {
			f["new-line"] = l.Date(day)
		}
	}
}

// deliveryFacts say how, when and to whom the decision was delivered (行政许可法 44).
func deliveryFacts(l *web.Localizer, m material, f document.Facts) {
	if key := "approval.manner." + m.value("manner"); l.Has(key) {
		f["manner"] = l.T(key)
	}
	if day, err := calendar.Parse(m.value("delivered")); err == nil {
		f["delivered"] = l.Date(day)
	}
	if m.door.full {
		f["receiver"] = m.word("receiver")
	}
	f["tracking"] = m.word("tracking")
}

// proofText names the event by its hash and its place in the log.
func proofText(l *web.Localizer, e casework.Event) string {
	hash := merkle.LeafHash(e.Content)
	args := web.Args{"Hash": base64.StdEncoding.EncodeToString(hash[:]), "Index": e.Leaf}
	if e.Leaf < 0 {
		return l.T("approval.letter.proof-waiting", args)
	}
	return l.T("approval.letter.proof", args)
}

// lastWords returns the latest text that officials wrote to the applicant under a name, such as what is missing.
func (s *Service) lastWords(ctx context.Context, d door, name string) (string, error) {
	parts, err := s.Cases.Private(ctx, d.c.ID)
	if err != nil {
		return "", err
	}
	for _, p := range slices.Backward(parts) {
		m := material{private: p.Fields}
		if text := m.word(name); text != "" {
			return text, nil
		}
	}
	return "", nil
}

// getProof hands out the receipt that proves an event, for openhall verify receipt.
func (s *Service) getProof(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if err != nil {
			return err
		}
		name, ok := strings.CutSuffix(r.PathValue("file"), ".json")
		seq, err := strconv.ParseInt(name, 10, 64)
		if err != nil || !ok {
			return web.NotFound("")
		}
		e, err := s.Cases.Event(r.Context(), d.c.ID, seq)
		if errors.Is(err, store.ErrNotFound) {
			return web.NotFound("")
		}
		if err != nil {
			return err
		}
		receipt, sequenced, err := s.proofs.Receipt(r.Context(), e.ID)
		if err != nil {
			return err
		}
		if !sequenced {
			w.Header().Set("Retry-After", "2")
			return &web.Error{Status: http.StatusServiceUnavailable, Key: "approval.proof.pending"}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="`+d.c.Number+"-"+name+`.json"`)
		_, err = w.Write(receipt)
		return err
	}
}

// documentTitle returns the message key of the title of a document. A licence is called by its name in the law (行政许可法 38).
func documentTitle(c *casework.Case, kind string) string {
	if kind != decisionGrant && kind != decisionRefusal || !licence(c) {
		return "approval.document." + kind
	}
	return "approval.document." + kind + "-licence"
}

// licence reports whether the matter is a licence.
func licence(c *casework.Case) bool {
	const code = "01" // 事项类型: 行政许可
	return feel.ToJSON(c.Variables()["itemType"]) == code
}

// officePath is where officials open a letter.
func officePath(c *casework.Case, kind string, seq int64) string {
	return "/documents/" + c.Number + "/" + strconv.FormatInt(seq, 10) + "/" + kind
}

// Document names a document of a case for the desk.
type Document struct {
	Kind      string
	Seq       int64  // of the event that issued it
	Key       string // message key of its title
	Href      string // where officials print it
	PDF       string // where they get the signed original; empty: there is none
	At        time.Time
	RevokedAt time.Time // zero: it holds
	Revocable bool      // the procedure issued it, so it can be revoked
}

// Documents lists what was issued in a case, the receipt first.
func Documents(c *casework.Case) []Document {
	document := func(kind string, seq int64, at time.Time) Document {
		return Document{Kind: kind, Seq: seq, Key: documentTitle(c, kind), Href: officePath(c, kind, seq), At: at}
	}
	list := []Document{document(receiptSlip, 1, c.CreatedAt)}
	for _, x := range c.Documents() {
		d := document(x.Kind, x.Seq, x.At)
		d.RevokedAt, d.Revocable = x.RevokedAt, x.RevokedAt.IsZero()
		list = append(list, d)
	}
	return list
}

// LettersOf is [Documents] with the signed originals.
func (s *Service) LettersOf(ctx context.Context, c *casework.Case) ([]Document, error) {
	list := Documents(c)
	numbers, err := s.signed(ctx, c)
	for i := range list {
		if numbers[list[i].Href] != "" {
			list[i].PDF = list[i].Href + "/pdf"
		}
	}
	return list, err
}

// signed returns the document numbers of the letters of a case that are signed, or will be, by where officials open them.
func (s *Service) signed(ctx context.Context, c *casework.Case) (map[string]string, error) {
	if s.Documents == nil {
		return nil, nil
	}
	records, err := s.Documents.Of(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("letters of %s: %w", c.Number, err)
	}
	numbers := make(map[string]string, len(records))
	for i := range records {
		numbers[officePath(c, records[i].Kind, records[i].Seq)] = records[i].Number
	}
	return numbers, nil
}
