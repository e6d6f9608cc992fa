package report

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// ruleCorrect is the rule of the term in which a correction is published: what has changed is published as what is new (条例 26).
const ruleCorrect = "disclosure.proactive"

// Correct opens a new version of a published report, with the reason that everybody will read. It begins with the words, adjustments and
// explanations of the version that holds; its numbers are counted again. That version holds until the new one is approved, and stays to be
// read afterwards.
func (s *Service) Correct(ctx context.Context, actor identity.Principal, owner Owner, year int, why, key string) (casework.Receipt, error) {
	return s.CorrectWith(ctx, s.cases, actor, owner, year, why, key)
}

// CorrectWith does so with a runtime.
func (s *Service) CorrectWith(ctx context.Context, cases *casework.Runtime, actor identity.Principal, owner Owner, year int, why, key string) (casework.Receipt, error) {
	office := s.Office(owner)
	if office == nil {
		return casework.Receipt{}, fmt.Errorf("office of %s: %w", owner.Key(), store.ErrNotFound)
	}
	if err := s.allow(actor, office.Key); err != nil {
		return casework.Receipt{}, err
	}
	why, err := reason(why)
	if err != nil {
		return casework.Receipt{}, err
	}
	return s.submit(ctx, cases, actor, begun{Owner: owner, Year: year, Reason: why}, key)
}

// beginCorrection looks whether there is a published report to be corrected, and no correction under way.
func (s *Service) beginCorrection(ctx context.Context, b *begun, out casework.Beginning, today calendar.Date) (casework.Beginning, error) {
	r, err := s.Newest(ctx, b.Owner, b.Year)
	if isNotFound(err) || err == nil && r.State != Published {
		return out, refuse("/reason", "state", lang.Text{
			Hans: "只能更正已经公布的报告；如果更正已经开始，请从列表中打开", Hant: "只能更正已經公佈的報告；如果更正已經開始，請從列表中打開", En: "Only a published report is corrected; if a correction has been begun, open it from the list",
		})
	}
	if err != nil {
		return out, err
	}
	p, _ := s.Rules.Parameter(ruleCorrect)
	length, err := term.FromRule(p, today)
	if err != nil {
		return out, fmt.Errorf("correction of report %s: %w", r.Number, err)
	}
	length.Rule = ruleCompile
	out.Terms = map[string]casework.Terms{ruleCompile: {Statutory: length}}
	title := out.Title
	out.Title = lang.Text{Hans: title.Hans + "（更正）", Hant: title.In(lang.Hant) + "（更正）", En: title.In(lang.En) + " (correction)"}
	delete(out.Public, "due")
	out.Public["version"], out.Public["corrects"], out.Public["reason"] = r.Version+1, r.Number, b.Reason
	return out, nil
}

// copied puts what the version that holds says into a correction, in the transaction that opens it.
func (s *Service) copied(ctx context.Context, tx *store.Tx, c *casework.Case, b *begun, h casework.Happened) error {
	was, err := store.One(ctx, tx, scanReport, `SELECT `+reportColumns+` FROM report_report WHERE division = $1 AND body = $2 AND year = $3 AND live = 1`,
		b.Owner.Division, b.Owner.Body, b.Year)
	if err != nil {
		return fmt.Errorf("report that is corrected: %w", err)
	}
	at, by, post := store.Micros(h.Event.At), int64(h.Actor.Account), h.Actor.Post.ID
	tx.Queue(`INSERT INTO report_report (id, division, body, office, year, due, state, number, begun_at, handed_at, published_at, prepared, draft, statement, record,
			version, live, first_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, '', '', '', '', $10, 0, $11, $12)`,
		int64(c.ID), b.Owner.Division, b.Owner.Body, c.Body, b.Year, int64(was.Due), string(Compiling), c.Number, at, was.Version+1, store.Micros(was.FirstAt), b.Reason)
	for _, a := range was.Statement.Adjusted {
		known, counted := 0, int64(0)
		if a.Counted != nil {
			known, counted = 1, *a.Counted
		}
		tx.Queue(`INSERT INTO report_adjustment (id, report, cell, known, counted, value, dropped, reason, by_, post, at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)`,
			int64(s.IDs.New()), int64(c.ID), a.Cell, known, counted, a.Value, a.Reason, by, a.Post, store.Micros(a.At))
	}
	for _, e := range was.Statement.Explained {
		tx.Queue(`INSERT INTO report_explanation (id, report, finding, left_, right_, reason, by_, post, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			int64(s.IDs.New()), int64(c.ID), e.Finding, e.Left, e.Right, e.Reason, by, e.Post, store.Micros(e.At))
	}
	for section, content := range was.Statement.Texts {
		tx.Queue(`INSERT INTO report_text (report, section, version, content, by_, post, at) VALUES ($1, $2, 1, $3, $4, $5, $6)`, int64(c.ID), section, content, by, post, at)
	}
	return nil
}

// Newest returns the newest version of a report, published or not, or [store.ErrNotFound].
func (s *Service) Newest(ctx context.Context, owner Owner, year int) (Report, error) {
	return s.oneOf(ctx, owner, year, `ORDER BY version DESC LIMIT 1`)
}

// Version returns a version of a report.
func (s *Service) Version(ctx context.Context, owner Owner, year, version int) (Report, error) {
	return s.oneOf(ctx, owner, year, `AND version = $4`, version)
}

func (s *Service) oneOf(ctx context.Context, owner Owner, year int, which string, more ...any) (Report, error) {
	r, err := store.One(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report WHERE division = $1 AND body = $2 AND year = $3 `+which,
		append([]any{owner.Division, owner.Body, year}, more...)...)
	if err != nil {
		return r, fmt.Errorf("report of %s on %d: %w", owner.Key(), year, err)
	}
	return r, nil
}

// Versions returns the published versions of a report, the newest first.
func (s *Service) Versions(ctx context.Context, owner Owner, year int) ([]Report, error) {
	list, err := store.All(ctx, s.DB.Read(), scanReport, `SELECT `+reportColumns+` FROM report_report WHERE division = $1 AND body = $2 AND year = $3 AND state = $4
		ORDER BY version DESC`, owner.Division, owner.Body, year, string(Published))
	if err != nil {
		return nil, fmt.Errorf("versions of the report of %s on %d: %w", owner.Key(), year, err)
	}
	return list, nil
}

// Change is a number that a correction has changed.
type Change struct {
	Cell     sheet.Address
	Was, Now int64
}

// changes lists the numbers in which two versions differ, in the order of the tables.
func changes(l *sheet.Layout, was, now *Statement) (list []Change) {
	for _, t := range l.Tables() {
		for _, row := range t.Rows.Leaves() {
			for _, column := range t.Columns.Leaves() {
				at := sheet.Address{Table: t.Key, Row: row.Code, Column: column.Code}
				if a, b := was.Values[at.String()], now.Values[at.String()]; a != b {
					list = append(list, Change{at, a, b})
				}
			}
		}
	}
	return list
}
