package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/store"
)

// Askable (可以申请公开的信息) is a line of the catalogue of what can be asked for.
type Askable struct {
	Name    string `json:"name"`
	Summary string `json:"summary,omitempty"` // what it holds, from when, in what form
}

// Edition is a catalogue as a body has published it.
type Edition struct {
	Case      store.ID
	Number    string
	Body      string
	Division  string
	Entries   []Askable
	Published calendar.Date // 0: waits for approval; sentBack
}

// sentBack stands in the place of a day of publication when the head sent a catalogue back.
const sentBack calendar.Date = -1

// Limits of a catalogue.
const (
	maxEntries = 500
	maxLine    = 200 // characters
)

func (s *Service) catalogueKind() casework.Kind {
	return casework.Kind{
		Name: CatalogueKind, Title: lang.Text{Hans: "依申请公开目录", Hant: "依申請公開目錄", En: "Catalogue of what can be asked for"}, Policy: CatalogueKind,
		Begin: s.beginCatalogue, Changed: s.catalogueChanged,
	}
}

// ParseCatalogue reads a catalogue as it is typed: one line for each entry, name and, after a bar, what it holds. What is wrong is told
// with its line.
func ParseCatalogue(text string) (list []Askable, wrong []casework.FieldError) {
	seen := map[string]bool{}
	fail := func(line int, code, hans, hant, en string) {
		wrong = append(wrong, casework.FieldError{Path: "/entries", Code: code, Text: lang.Text{
			Hans: fmt.Sprintf("第%d行：%s", line, hans), Hant: fmt.Sprintf("第%d行：%s", line, hant), En: fmt.Sprintf("Line %d: %s", line, en),
		}})
	}
	for i, line := range strings.Split(text, "\n") {
		name, summary, _ := strings.Cut(strings.ReplaceAll(line, "｜", "|"), "|")
		a := Askable{Name: strings.TrimSpace(name), Summary: strings.TrimSpace(summary)}
		switch {
		case a.Name == "" && a.Summary == "":
			continue
		case a.Name == "":
			fail(i+1, "required", "缺少名称，写在竖线前面", "缺少名稱，寫在豎線前面", "the name is missing; it stands before the bar")
		case utf8.RuneCountInString(a.Name) > maxLine || utf8.RuneCountInString(a.Summary) > maxLine:
			fail(i+1, "maxLength", fmt.Sprintf("名称和说明各不超过%d个字", maxLine), fmt.Sprintf("名稱和說明各不超過%d個字", maxLine),
				fmt.Sprintf("name and summary have at most %d characters each", maxLine))
		case len(guard.Scan(line)) > 0:
			fail(i+1, "public-text", "含有个人号码，请删去", "含有個人號碼，請刪去", "holds a personal number; take it out")
		case seen[a.Name]:
			fail(i+1, "twice", "这个名称已经有了", "這個名稱已經有了", "that name stands there already")
		}
		seen[a.Name] = true
		list = append(list, a)
	}
	switch {
	case len(list) == 0:
		wrong = append(wrong, casework.FieldError{Path: "/entries", Code: "required"})
	case len(list) > maxEntries:
		fail(maxEntries+1, "maxItems", fmt.Sprintf("最多%d项", maxEntries), fmt.Sprintf("最多%d項", maxEntries), fmt.Sprintf("at most %d entries", maxEntries))
	}
	return list, wrong
}

// HandIn hands in a catalogue for approval. The key makes it idempotent.
func (s *Service) HandIn(ctx context.Context, who identity.Principal, body string, list []Askable, key string) (casework.Receipt, error) {
	return handIn(ctx, s.Cases, who, body, list, key)
}

func handIn(ctx context.Context, cases *casework.Runtime, who identity.Principal, body string, list []Askable, key string) (casework.Receipt, error) {
	raw, err := json.Marshal(map[string]any{"entries": list})
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("catalogue: %w", err)
	}
	return cases.Do(ctx, casework.Command{Key: key, Actor: who, Act: casework.Submit{Kind: CatalogueKind, Subject: body, Channel: casework.Office, Form: raw}})
}

func (s *Service) beginCatalogue(_ context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var doc struct {
		Entries []Askable `json:"entries"`
	}
	if err := json.Unmarshal(sent.Form, &doc); err != nil || len(doc.Entries) == 0 || len(doc.Entries) > maxEntries {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/entries", Code: "required"}}}
	}
	b := s.Registry.Now().Body(sent.Subject)
	if !s.office(b) {
		return casework.Beginning{}, noOffice
	}
	return casework.Beginning{
		Title:    lang.Text{Hans: "依申请公开目录：" + b.Name.Hans, Hant: "依申請公開目錄：" + b.Name.In(lang.Hant), En: "What can be asked for: " + b.Name.In(lang.En)},
		Division: b.Division, Body: b.Key, Procedure: CatalogueKind, Series: seriesOf(catalogueSeries, b.Division),
		Public: map[string]any{"entries": len(doc.Entries)},
	}, nil
}

// catalogueChanged keeps the editions in step with their cases, in their transaction.
func (s *Service) catalogueChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if h.Kind == casework.Submitted {
		var doc struct {
			Entries json.RawMessage `json:"entries"`
		}
		if err := json.Unmarshal(h.Private["form"], &doc); err != nil {
			return fmt.Errorf("catalogue %s: %w", c.Number, err)
		}
		if err := waits(ctx, tx, c); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO request_edition (case_id, number, division, body, entries, published) VALUES ($1, $2, $3, $4, $5, 0)`,
			int64(c.ID), c.Number, c.Division, c.Body, string(doc.Entries))
	}
	if c.Open() || h.Data["ended"] == nil {
		return nil
	}
	tx.Queue(`DELETE FROM request_waiting WHERE body = $1 AND case_id = $2`, c.Body, int64(c.ID))
	if c.Status != "published" {
		tx.Queue(`UPDATE request_edition SET published = $2 WHERE case_id = $1`, int64(c.ID), int64(sentBack))
		return nil
	}
	tx.Queue(`UPDATE request_edition SET published = $2 WHERE case_id = $1`, int64(c.ID), int64(calendar.Of(h.Event.At)))
	return s.owes(ctx, tx, c, h)
}

// waits takes the place of the one catalogue of a body that may wait for its head, or refuses it when another has it.
func waits(ctx context.Context, tx *store.Tx, c *casework.Case) error {
	n, err := tx.ExecCount(ctx, `INSERT INTO request_waiting (body, case_id, number) VALUES ($1, $2, $3) ON CONFLICT (body) DO NOTHING`,
		c.Body, int64(c.ID), c.Number)
	if err != nil || n == 1 {
		return err
	}
	number, err := store.One(ctx, tx, scanNumber, `SELECT number FROM request_waiting WHERE body = $1`, c.Body)
	if errors.Is(err, store.ErrNotFound) { // decided between the two
		return waits(ctx, tx, c)
	}
	if err != nil {
		return err
	}
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: "/entries", Code: "waits", Text: lang.Text{
		Hans: "目录 " + number + " 正在等待审定。请等审定以后，或者请负责人退回以后再提交",
		Hant: "目錄 " + number + " 正在等待審定。請等審定以後，或者請負責人退回以後再提交",
		En:   "Catalogue " + number + " waits for approval. Hand in the next one when it is decided, or have the head send that one back",
	}}}}
}

// WaitingCatalogue is the number of the catalogue of a body that waits for approval; empty: there is none.
func (s *Service) WaitingCatalogue(ctx context.Context, body string) (string, error) {
	number, err := store.One(ctx, s.DB.Read(), scanNumber, `SELECT number FROM request_waiting WHERE body = $1`, body)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return number, err
}

func scanNumber(row store.Row) (number string, err error) {
	err = row.Scan(&number)
	return number, err
}

func scanEdition(row store.Row) (e Edition, err error) {
	var raw []byte
	if err = row.Scan(&e.Case, &e.Number, &e.Division, &e.Body, &raw, &e.Published); err == nil {
		err = json.Unmarshal(raw, &e.Entries)
	}
	return e, err
}

const editionColumns = `case_id, number, division, body, entries, published`

// Edition returns the catalogue of a body that is in force; ok is false when it has published none.
func (s *Service) Edition(ctx context.Context, body string) (e Edition, ok bool, err error) {
	e, err = store.One(ctx, s.DB.Read(), scanEdition, `SELECT `+editionColumns+` FROM request_edition WHERE body = $1 AND published > 0
		ORDER BY published DESC, case_id DESC LIMIT 1`, body)
	if errors.Is(err, store.ErrNotFound) {
		return Edition{}, false, nil
	}
	return e, err == nil, err
}

// Editions returns the catalogues of a body, the latest first, those that wait for approval among them.
func (s *Service) Editions(ctx context.Context, body string) ([]Edition, error) {
	return store.All(ctx, s.DB.Read(), scanEdition, `SELECT `+editionColumns+` FROM request_edition WHERE body = $1 ORDER BY case_id DESC LIMIT 50`, body)
}

// Renew is the day until which a body owes a new edition after one of that day.
func (s *Service) Renew(published calendar.Date) calendar.Date {
	p, ok := s.Rules.Parameter(ruleCatalogue)
	if !ok {
		return 0
	}
	n, err := term.FromRule(p, published)
	if err != nil {
		return 0
	}
	t, err := term.New(published.Start(), n, term.Length{})
	if err != nil {
		return 0
	}
	return t.Compute(s.Calendar(), s.Now()).StatuteDay
}
