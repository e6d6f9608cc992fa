package approval

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the slice.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "approval", Files: files}
}

// Decision (许可决定) is an entry of the public register. 行政许可法 40: decisions that grant a licence are made public and everybody
// may look them up.
type Decision struct {
	Case      store.ID
	Number    string
	Item      string // implementation code
	Title     lang.Text
	Division  string
	Body      string
	Applicant string // an enterprise by its name, a person by the masked name
	Seq       int64  // of the event of the decision
	DecidedAt time.Time
}

// decisionStandard is the publication standard by which procedures publish a decision.
const decisionStandard = "licence.decision"

// changed keeps the tables of the slice in step with the cases, and lets letters come into being, in their transaction.
func (s *Service) changed(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if s.Assistance != nil { // first: it may refuse what was not agreed to
		if err := s.Assistance.Happened(ctx, tx, c, h); err != nil {
			return err
		}
	}
	if err := record(ctx, tx, c, h); err != nil || s.Documents == nil {
		return err
	}
	if h.Kind == casework.DocumentRevoked {
		return s.revoked(tx, c, h)
	}
	kinds, _ := h.Data["documents"].([]string)
	if h.Kind == casework.Submitted {
		kinds = append([]string{receiptSlip}, kinds...)
	}
	for _, kind := range kinds {
		s.Documents.Issue(tx, document.Order{Case: c, Event: h.Event, Kind: kind, Agency: s.Agency(c.Body)})
	}
	return nil
}

// revoked writes into the books of letters that one holds no more. A licence whose decision was revoked is none that the register
// shows as granted.
func (s *Service) revoked(tx *store.Tx, c *casework.Case, h casework.Happened) error {
	kind, _ := h.Data["document"].(string)
	of, _ := h.Data["of"].(int64)
	var reason string
	if err := json.Unmarshal(h.Private["reason"], &reason); err != nil {
		return fmt.Errorf("reason of a revocation in %s: %w", c.Number, err)
	}
	s.Documents.RevokeOf(tx, c.ID, of, kind, h.Event.At, reason)
	if kind == decisionGrant {
		tx.Queue(`UPDATE approval_matter SET result = 'revoked' WHERE case_id = $1 AND result = 'grant'`, int64(c.ID))
	}
	return nil
}

// record keeps the register in step with the cases, in their transaction.
func record(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if err := bindFiles(ctx, tx, c, h); err != nil {
		return err
	}
	switch h.Kind {
	case casework.Submitted:
		return recordMatter(tx, c, h)
	case casework.HandedOver: // its decision will be the receiving body's
		tx.Queue(`UPDATE approval_matter SET item = $2, division = $3, body = $4 WHERE case_id = $1`, int64(c.ID), c.Subject, c.Division, c.Body)
		return nil
	}
	if err := charged(tx, c, h); err != nil {
		return err
	}
	published, _ := h.Data["publish"].([]string)
	result, _ := h.Data["outcome"].(string)
	if slices.Contains(published, decisionStandard) && result != "" {
		tx.Queue(`UPDATE approval_matter SET result = $2, seq = $3, decided_at = $4 WHERE case_id = $1`,
			int64(c.ID), result, h.Event.Seq, store.Micros(h.Event.At))
	}
	return nil
}

func recordMatter(tx *store.Tx, c *casework.Case, h casework.Happened) error {
	var a casework.Applicant
	if err := json.Unmarshal(h.Private["applicant"], &a); err != nil {
		return fmt.Errorf("applicant of %s: %w", c.Number, err)
	}
	title, err := json.Marshal(c.Title)
	if err != nil {
		return fmt.Errorf("title of %s: %w", c.Number, err)
	}
	tx.Queue(`INSERT INTO approval_matter (case_id, number, item, title, division, body, applicant, result, seq, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, 0)`,
		int64(c.ID), c.Number, c.Subject, string(title), c.Division, c.Body, publicName(a))
	return nil
}

// publicName is how an applicant is named in public.
func publicName(a casework.Applicant) string {
	if a.Kind == identity.Enterprise {
		return a.Name
	}
	return identifier.MaskName(a.Name)
}

// DecisionFilter chooses decisions. Empty fields choose all.
type DecisionFilter struct {
	Division string // its subtree
	Body     string
	Item     string // implementation code
	Before   *Cursor
	Limit    int // 1 to 100; 0: 20
}

// Cursor is the place in the register after which a page goes on.
type Cursor struct {
	DecidedAt int64 // UTC microseconds
	Case      store.ID
}

// Decisions returns the register of granted licences, the latest first.
func (s *Service) Decisions(ctx context.Context, f DecisionFilter) ([]Decision, error) {
	where := []string{"result = 'grant'"}
	var args []any
	add := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, cond)
	}
	if f.Division != "" {
		add("division LIKE ?", casework.Subtree(f.Division)+"%")
	}
	if f.Body != "" {
		add("body = ?", f.Body)
	}
	if f.Item != "" {
		add("item = ?", f.Item)
	}
	if f.Before != nil {
		add("(decided_at, case_id) < (?, ?)", f.Before.DecidedAt, int64(f.Before.Case))
	}
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 20
	}
	args = append(args, f.Limit)
	list, err := store.All(ctx, s.DB.Read(), scanDecision, `SELECT case_id, number, item, title, division, body, applicant, seq, decided_at
		FROM approval_matter WHERE `+strings.Join(where, " AND ")+
		fmt.Sprintf(" ORDER BY decided_at DESC, case_id DESC LIMIT $%d", len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("register of decisions: %w", err)
	}
	return list, nil
}

func scanDecision(row store.Row) (d Decision, err error) {
	var title string
	var at int64
	if err = row.Scan(&d.Case, &d.Number, &d.Item, &title, &d.Division, &d.Body, &d.Applicant, &d.Seq, &at); err != nil {
		return d, err
	}
	d.DecidedAt = store.Instant(at)
	return d, json.Unmarshal([]byte(title), &d.Title)
}
