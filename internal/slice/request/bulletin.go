package request

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Bulletin is what a body publishes regularly of requests: its catalogue of what can be asked for once it was approved, and each month what
// it replied to. Everything in it was decided on before and is public in the register; as a record it is searched, fed and proved by the log.
type Bulletin struct {
	Key       string // the same key is the same record
	Body      string
	Catalogue bool // of what can be asked for; otherwise of what was replied to
	Title     string
	Summary   string
	Text      string
}

// bulletinRound bounds one round of publishing.
const bulletinRound = 20

// months is how many months back a bulletin is still made up for, after the hall stood still.
const months = 2

// PublishRegularly publishes the bulletins that are due, and returns how many; it is to be called again while there were any.
func (s *Service) PublishRegularly(ctx context.Context) (int, error) {
	if s.Publisher == nil {
		return 0, nil
	}
	list, err := s.bulletins(ctx)
	if err != nil {
		return 0, fmt.Errorf("bulletins of requests: %w", err)
	}
	for _, b := range list {
		if err := s.Publisher.Bulletin(ctx, b); err != nil {
			return 0, fmt.Errorf("bulletin %s: %w", b.Key, err)
		}
		// Noted afterwards: a bulletin whose note was lost is published again under the same key, which changes nothing.
		err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, `INSERT INTO request_bulletin (key, body, at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`, b.Key, b.Body, store.Micros(s.Now()))
		})
		if err != nil {
			return 0, fmt.Errorf("note bulletin %s: %w", b.Key, err)
		}
	}
	return len(list), nil
}

// bulletins are those that are due and were not published.
func (s *Service) bulletins(ctx context.Context) ([]Bulletin, error) {
	// An edition that another one has followed is history, and needs no record any more.
	editions, err := store.All(ctx, s.DB.Read(), scanEdition, `SELECT `+editionColumns+` FROM request_edition AS e WHERE published > 0
		AND NOT EXISTS (SELECT 1 FROM request_bulletin AS b WHERE b.key = 'catalogue/' || e.number)
		AND NOT EXISTS (SELECT 1 FROM request_edition AS n WHERE n.body = e.body AND n.published > 0 AND (n.published > e.published OR n.published = e.published AND n.case_id > e.case_id))
		ORDER BY published, case_id LIMIT $1`, bulletinRound)
	if err != nil {
		return nil, err
	}
	var list []Bulletin
	for i := range editions {
		list = append(list, s.ofCatalogue(&editions[i]))
	}
	today := s.today()
	for ago := months; ago >= 1 && len(list) < bulletinRound; ago-- {
		first := calendar.Of(time.Date(today.Year(), today.Month()-time.Month(ago), 1, 12, 0, 0, 0, calendar.Zone))
		next := calendar.Of(time.Date(today.Year(), today.Month()-time.Month(ago-1), 1, 12, 0, 0, 0, calendar.Zone))
		month := first.String()[:len("2006-01")]
		bodies, err := store.All(ctx, s.DB.Read(), func(r store.Row) (b string, err error) { return b, r.Scan(&b) },
			`SELECT DISTINCT c.body FROM request_case AS c WHERE c.closed >= $1 AND c.closed < $2
			AND NOT EXISTS (SELECT 1 FROM request_bulletin AS b WHERE b.key = 'register/' || c.body || '/' || $3) ORDER BY 1 LIMIT $4`,
			int64(first), int64(next), month, bulletinRound-len(list))
		if err != nil {
			return nil, err
		}
		for _, body := range bodies {
			entries, err := store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM request_case WHERE body = $1 AND closed >= $2 AND closed < $3
				ORDER BY closed, case_id`, body, int64(first), int64(next))
			if err != nil {
				return nil, err
			}
			list = append(list, s.ofMonth(body, first, month, entries))
		}
	}
	return list, nil
}

func (s *Service) ofCatalogue(e *Edition) Bulletin {
	name, day := s.bodyName(e.Body).Hans, calendar.Long(e.Published).Hans
	var b strings.Builder
	for i, a := range e.Entries {
		fmt.Fprintf(&b, "%d．%s", i+1, a.Name)
		if a.Summary != "" {
			b.WriteString("：" + a.Summary)
		}
		b.WriteByte('\n')
	}
	return Bulletin{
		Key: "catalogue/" + e.Number, Body: e.Body, Catalogue: true, Title: name + "可以申请公开的信息目录（" + day + "）", Text: b.String(),
		Summary: fmt.Sprintf("%d项。目录以外的信息也可以申请：%s/open/apply/%s", len(e.Entries), s.BaseURL, e.Body),
	}
}

func (s *Service) ofMonth(body string, first calendar.Date, month string, entries []Entry) Bulletin {
	var b strings.Builder
	for i, e := range entries {
		subject := e.Subject
		if subject == "" {
			subject = "（未经审查即办结，没有内容摘要）"
		}
		fmt.Fprintf(&b, "%d．%s。%s，用%d个工作日；登记号%s。\n", i+1, subject, s.OutcomeTitle(e.Outcome, e.Arrived).Hans, e.Days, e.Number)
	}
	return Bulletin{
		Key: "register/" + body + "/" + month, Body: body, Title: fmt.Sprintf("%s政府信息公开申请答复情况（%d年%d月）", s.bodyName(body).Hans, first.Year(), first.Month()),
		Text: b.String(), Summary: fmt.Sprintf("本月办结%d件。不公开申请人。登记簿：%s/open/requests?body=%s", len(entries), s.BaseURL, body),
	}
}

// dutyOf is the duty to renew a catalogue after an edition.
func dutyOf(body, number string) string { return CatalogueKind + "/" + body + "/" + number }

var dutyTitle = lang.Text{Hans: "更新可以申请公开的信息目录", Hant: "更新可以申請公開的信息目錄", En: "Renew the catalogue of what can be asked for"}

// owes notes that a published catalogue meets the duty to renew the one before, and that it has to be renewed in its turn.
func (s *Service) owes(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	if s.Duties == nil {
		return nil
	}
	before, err := store.Scalar[string](tx.QueryRow(ctx, `SELECT number FROM request_edition WHERE body = $1 AND published > 0 AND case_id <> $2
		ORDER BY published DESC, case_id DESC LIMIT 1`, c.Body, int64(c.ID)))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("catalogue before %s: %w", c.Number, err)
	}
	if err == nil {
		if err := s.Duties.Meet(ctx, tx, dutyOf(c.Body, before), h.Event.At); err != nil {
			return err
		}
	}
	return s.Duties.Owe(ctx, tx, Owed{Key: dutyOf(c.Body, c.Number), Body: c.Body, Title: dutyTitle, From: h.Event.At, Rule: ruleCatalogue})
}

// runBulletins publishes what is due, on one node.
func (s *Service) runBulletins(ctx context.Context, holder string) {
	l := store.Lease{DB: s.DB, Name: "request.bulletin", Holder: holder, For: time.Minute, Now: s.Now}
	l.Poll(ctx, erasePause, func(ctx context.Context) (bool, error) {
		n, err := s.PublishRegularly(ctx)
		return n > 0, err
	}, func(err error) { s.Log.ErrorContext(ctx, "publish what is due of requests", "error", err) })
}
