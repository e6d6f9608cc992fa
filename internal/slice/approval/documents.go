package approval

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
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

// document is an official letter of a matter.
type document struct {
	letter   web.Letter
	opening  string   // first paragraph
	words    string   // what an official wrote to the applicant: what is missing, the reasons
	wordsFor string   // heading of words
	rows     []ui.Row // facts
	closing  []string // what follows: terms, remedies
	proof    string   // hash and place in the log
}

func (s *Service) getDocument(open doorFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, err := open(r)
		if err != nil {
			return err
		}
		seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
		kind := r.PathValue("kind")
		if err != nil || !d.issued(kind, seq) {
			return web.NotFound("approval.document.none")
		}
		v := web.ViewOf(r)
		doc, err := s.document(r.Context(), v, d, seq, kind)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, documentView(v, doc))
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

func (s *Service) document(ctx context.Context, v *web.View, d door, seq int64, kind string) (document, error) {
	m, err := s.material(ctx, d, seq)
	if err != nil {
		return document{}, err
	}
	l := v.L
	say := func(part string, args web.Args) string { return l.T("approval.letter."+kind+"."+part, args) }
	x := document{letter: web.Letter{
		Issuer: l.Text(s.Names.Body(d.c.Body)), Title: l.T(documentTitle(d.c, kind)), Number: d.c.Number + "-" + strconv.FormatInt(seq, 10),
		To: m.applicant.Name, Date: l.DateOf(m.event.At), Back: d.base, CodeLabel: l.T("approval.letter.qr"),
	}}
	x.letter.Code = s.BaseURL + "/track/" + d.c.Number
	if kind == receiptSlip || kind == acceptanceSlip || kind == correctionNotice {
		// These are the applicant's own slips; decisions are shown to others, so their code opens the page that asks for the query code.
		x.letter.Code = s.BaseURL + trackPath(d.c.Number, d.code)
	}
	args := web.Args{"Item": l.Text(d.c.Title), "Number": d.c.Number, "Received": l.DateOf(d.c.CreatedAt), "Date": l.DateOf(m.event.At)}
	x.opening = say("opening", args)
	x.rows = []ui.Row{{Key: l.T("approval.number"), Value: d.c.Number}, {Key: idLabel(l, m.applicant.Kind), Value: m.applicant.IDNumber}}
	switch kind {
	case receiptSlip:
		err = s.receiptLetter(l, m, &x)
	case acceptanceSlip, deemedAcceptance:
		x.closing = append(s.decideLines(l, d), say("closing", args))
	case correctionNotice:
		x.words, x.wordsFor = m.word("missing"), say("words", args)
		x.closing = []string{say("closing", args)}
	case rejectionSlip, decisionRefusal:
		x.words, x.wordsFor = m.word("reasons"), say("words", args)
		x.closing = s.remedies(l, calendar.Of(m.event.At))
	case decisionGrant:
		x.words, x.wordsFor = m.word("reasons"), say("words", args)
		if day, err := calendar.Parse(m.value("validUntil")); err == nil {
			x.rows = append(x.rows, ui.Row{Key: l.T("approval.letter.valid-until"), Value: l.Date(day)})
		}
		x.closing = []string{say("closing", args)}
	case pauseNotice:
		x.rows = append(x.rows, pauseRows(l, m)...)
		x.closing = []string{say("closing", args)}
	case extensionNotice:
		x.words, x.wordsFor = m.word("reasons"), say("words", args)
		x.rows = append(x.rows, s.extensionRows(l, m)...)
	case deliveryReceipt:
		x.rows = append(x.rows, deliveryRows(l, m)...)
	}
	x.proof = proofText(l, m.event)
	return x, err
}

// receiptLetter lists what was handed in and says what comes next (行政许可法 32).
func (s *Service) receiptLetter(l *web.Localizer, m material, x *document) error {
	d := m.door
	x.rows = append(x.rows,
		ui.Row{Key: l.T("approval.query-code"), Value: d.code},
		ui.Row{Key: l.T("approval.received-at"), Value: l.Time(d.c.CreatedAt)})
	if files, err := s.handedIn(l, m); err != nil {
		return err
	} else if len(files) > 0 {
		x.rows = append(x.rows, ui.Row{Key: l.T("approval.part.files"), Value: strings.Join(files, l.T("web.form.and"))})
	}
	x.closing = []string{l.T("approval.letter.receipt-slip.closing")}
	if p, ok := s.Rules.Parameter("licence.accept.correction"); ok {
		length, err := term.FromRule(p, calendar.Of(d.c.CreatedAt))
		if err != nil {
			return err
		}
		t, err := term.New(d.c.CreatedAt, length, term.Length{})
		if err != nil {
			return err
		}
		day := t.Compute(s.Calendar(), s.Now()).StatuteDay
		x.closing = append(x.closing, l.T("approval.letter.answer-by", web.Args{"Date": l.Date(day), "Length": lengthText(l, length), "Article": l.Text(length.Article)}))
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

// decideLines says until when a decision is owed and promised.
func (s *Service) decideLines(l *web.Localizer, d door) []string {
	k := d.c.Clock(clockDecide)
	if k == nil {
		return nil
	}
	t := s.Cases.Explained(d.c, k.Term)
	lines := t.Compute(s.Calendar(), s.Now())
	list := []string{l.T("approval.letter.statute", web.Args{"Date": l.Date(lines.StatuteDay), "Length": lengthText(l, t.Statutory), "Article": l.Text(t.Statutory.Article)})}
	if lines.Promise.Before(lines.Statute) {
		list = append(list, l.T("approval.letter.promise", web.Args{"Date": l.Date(lines.PromiseDay), "Length": lengthText(l, t.Promised)}))
	}
	return list
}

// remedies tells of reconsideration and suit (行政许可法 38): their lengths are those of the law on the day of the decision.
func (s *Service) remedies(l *web.Localizer, day calendar.Date) []string {
	var list []string
	for _, rule := range []struct{ id, key string }{{"review.apply", "approval.letter.review"}, {"suit.direct", "approval.letter.suit"}} {
		p, ok := s.Rules.Parameter(rule.id)
		if !ok {
			continue
		}
		if length, err := term.FromRule(p, day); err == nil {
			list = append(list, l.T(rule.key, web.Args{"Length": lengthText(l, length), "Article": l.Text(length.Article)}))
		}
	}
	return list
}

// pauseRows says on which ground the clock stands still, and how long it is thought to take (行政许可法 45: 应当将所需时间书面告知申请人).
func pauseRows(l *web.Localizer, m material) []ui.Row {
	var rows []ui.Row
	if k := m.door.c.Clock(clockDecide); k != nil {
		for _, p := range k.Term.Pauses {
			if p.From.Equal(m.event.At) {
				rows = append(rows,
					ui.Row{Key: l.T("approval.letter.ground"), Value: l.Text(p.Title)},
					ui.Row{Key: l.T("approval.letter.article"), Value: l.Text(p.Article)},
					ui.Row{Key: l.T("approval.letter.from"), Value: l.Time(p.From)})
			}
		}
	}
	if days, ok := m.data["days"].(float64); ok {
		rows = append(rows, ui.Row{Key: l.T("approval.letter.needs"), Value: l.T("approval.length.calendar-day", web.Args{"Count": int(days)})})
	}
	return rows
}

// extensionRows says by how much the term was prolonged, and until when.
func (s *Service) extensionRows(l *web.Localizer, m material) []ui.Row {
	var rows []ui.Row
	if k := m.door.c.Clock(clockDecide); k != nil {
		for _, x := range s.Cases.Explained(m.door.c, k.Term).Extensions {
			if x.At.Equal(m.event.At) {
				rows = append(rows, ui.Row{Key: l.T("approval.letter.extended-by"), Value: lengthText(l, x.By)},
					ui.Row{Key: l.T("approval.letter.article"), Value: l.Text(x.By.Article)})
			}
		}
	}
	notes, _ := m.data["clocks"].([]any)
	for _, n := range notes {
		note, _ := n.(map[string]any)
		text, _ := note["statute"].(string)
		if day, err := calendar.Parse(text); err == nil {
			rows = append(rows, ui.Row{Key: l.T("approval.letter.new-line"), Value: l.Date(day)})
		}
	}
	return rows
}

// deliveryRows says how, when and to whom the decision was delivered (行政许可法 44).
func deliveryRows(l *web.Localizer, m material) []ui.Row {
	var rows []ui.Row
	if key := "approval.manner." + m.value("manner"); l.Has(key) {
		rows = append(rows, ui.Row{Key: l.T("approval.letter.manner"), Value: l.T(key)})
	}
	if day, err := calendar.Parse(m.value("delivered")); err == nil {
		rows = append(rows, ui.Row{Key: l.T("approval.letter.delivered"), Value: l.Date(day)})
	}
	if who := m.word("receiver"); who != "" && m.door.full {
		rows = append(rows, ui.Row{Key: l.T("approval.letter.receiver"), Value: who})
	}
	if number := m.word("tracking"); number != "" {
		rows = append(rows, ui.Row{Key: l.T("approval.letter.tracking"), Value: number})
	}
	return rows
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
	const licence = "01" // 事项类型: 行政许可
	if kind != decisionGrant && kind != decisionRefusal || feel.ToJSON(c.Variables()["itemType"]) != licence {
		return "approval.document." + kind
	}
	return "approval.document." + kind + "-licence"
}

// Document names a document of a case for the desk.
type Document struct {
	Kind string
	Key  string // message key of its title
	Href string // where officials print it
	At   time.Time
}

// Documents lists what was issued in a case, the receipt first.
func Documents(c *casework.Case) []Document {
	document := func(kind string, seq int64, at time.Time) Document {
		return Document{Kind: kind, Key: documentTitle(c, kind), Href: "/documents/" + c.Number + "/" + strconv.FormatInt(seq, 10) + "/" + kind, At: at}
	}
	list := []Document{document(receiptSlip, 1, c.CreatedAt)}
	for _, x := range c.Documents() {
		list = append(list, document(x.Kind, x.Seq, x.At))
	}
	return list
}
