package publication

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

// partSize is how many records one event publishes: their digests have to fit into an entry of the log, and a transaction should be short.
const partSize = 400

// sealed is a version that is ready to be published by the next event of its batch.
type sealed struct {
	record store.ID
	n      int
	index  string
	digest string
}

// listed is how a version stands in the event that publishes it.
type listed struct {
	Index   string `json:"index"`
	Digest  string `json:"sha256"`
	Version int    `json:"version"`
}

// Release publishes what was approved in a case, part by part. It goes on where it was interrupted, and does nothing when all is done. Two
// that release the same case at once do each part once.
func (s *Service) Release(ctx context.Context, kase store.ID) error {
	batch, err := store.Scalar[store.ID](s.DB.Read().QueryRow(ctx, `SELECT id FROM publication_batch WHERE case_id <> 0 AND case_id = $1`, int64(kase)))
	if err != nil {
		return fmt.Errorf("release: batch of case %s: %w", kase, err)
	}
	defer s.ahead.forget(batch) // also of what another process has released
	for {
		done, err := s.releasePart(ctx, kase)
		if err != nil || done {
			return err
		}
	}
}

// releasePart publishes the next part of a case, and reports whether all is done.
func (s *Service) releasePart(ctx context.Context, kase store.ID) (done bool, err error) {
	c, err := s.cases.Get(ctx, kase)
	if err != nil {
		return false, fmt.Errorf("release: %w", err)
	}
	token := 0
	for _, t := range c.Tasks() {
		if t.Element == StepRelease {
			token = t.Token
		}
	}
	if token == 0 {
		return true, nil
	}
	id, part, list, more, err := s.prepare(ctx, kase)
	if err != nil {
		return false, fmt.Errorf("release of case %s: %w", c.Number, err)
	}
	versions := make([]listed, len(list))
	for i, v := range list {
		versions[i] = listed{v.index, v.digest, v.n}
	}
	data, err := json.Marshal(map[string]any{"part": part, "versions": versions, "more": more})
	if err != nil {
		return false, fmt.Errorf("release of case %s: %w", c.Number, err)
	}
	s.ahead.wait(partKey{id, part})
	_, err = s.cases.Do(ctx, casework.Command{
		Key: fmt.Sprintf("release/%s/%d", id, part), Actor: identity.Platform, Case: kase, Act: casework.Complete{Token: token, Data: data},
	})
	var refusal *casework.Refusal
	if errors.As(err, &refusal) && slices.Contains(overtaken, refusal.Code) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("release of case %s: %w", c.Number, err)
	}
	return !more, nil
}

// overtaken are the refusals that say that somebody else released the part meanwhile.
var overtaken = []string{casework.RefusedTaskDone, casework.RefusedStale, casework.RefusedEnded, casework.RefusedReplay}

// prepare numbers and seals the next part of a batch. What was prepared before and not published yet is that part again.
func (s *Service) prepare(ctx context.Context, kase store.ID) (id store.ID, part int, list []sealed, more bool, err error) {
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		b, err := store.One(ctx, tx, scanBatch, `SELECT `+batchColumns+` FROM publication_batch WHERE case_id <> 0 AND case_id = $1`+tx.ForUpdate(), int64(kase))
		if err != nil {
			return err
		}
		id, part = b.id, b.parts+1
		if list, err = readSealed(ctx, tx, b.id, part); err != nil || len(list) > 0 {
			more = b.released+len(list) < b.records
			return err
		}
		if list, err = s.sealPart(ctx, tx, b, part); err != nil {
			return err
		}
		more = b.released+len(list) < b.records
		return nil
	})
	return id, part, list, more, err
}

func readSealed(ctx context.Context, q store.Querier, id store.ID, part int) ([]sealed, error) {
	return store.All(ctx, q, func(row store.Row) (v sealed, err error) {
		return v, row.Scan(&v.record, &v.n, &v.index, &v.digest)
	}, `SELECT v.record, v.n, r.index_no, v.digest FROM publication_version v JOIN publication_record r ON r.id = v.record
		WHERE v.batch <> 0 AND v.batch = $1 AND v.part = $2 ORDER BY v.record`, int64(id), part)
}

// sealPart gives the next versions of a batch their index numbers and writes their statements.
func (s *Service) sealPart(ctx context.Context, tx *store.Tx, b *batch, part int) ([]sealed, error) {
	works, err := store.All(ctx, tx, scanWork, `SELECT `+workColumns+workTables+`
		WHERE v.batch <> 0 AND v.batch = $1 AND v.part = 0 AND v.state = 'work' ORDER BY v.record LIMIT $2`, int64(b.id), s.part)
	if err != nil {
		return nil, err
	}
	day := s.today()
	need := map[series]int{}
	for _, w := range works {
		if w.Index == "" {
			sr, err := s.seriesOf(w.Body, day)
			if err != nil {
				return nil, err
			}
			need[sr]++
		}
	}
	next, err := take(ctx, tx, need)
	if err != nil {
		return nil, err
	}
	numbers := map[store.ID]string{}
	for _, w := range works {
		if w.Index == "" {
			sr, err := s.seriesOf(w.Body, day)
			if err != nil {
				return nil, err
			}
			if w.Index, err = sr.number(next[sr]); err != nil {
				return nil, err
			}
			next[sr]++
			tx.Queue(`UPDATE publication_record SET index_no = $2 WHERE id = $1 AND index_no = ''`, int64(w.Record), w.Index)
		}
		numbers[w.Record] = w.Index
	}
	list := make([]sealed, len(works))
	for i, w := range works {
		for j := range w.Links {
			if n, together := numbers[w.Links[j].Record]; together && w.Links[j].Index == "" {
				w.Links[j].Index = n
			}
		}
		st := Statement{Content: w.Content, Index: w.Index, Published: day, Record: w.Record, Type: StatementType, V: 1, Version: w.Number}
		text, digest, err := st.Canonical()
		if err != nil {
			return nil, err
		}
		tx.QueueOne(`UPDATE publication_version SET part = $3, day = $4, digest = $5, content = $6 WHERE record = $1 AND n = $2 AND part = 0`,
			int64(w.Record), w.Number, part, int64(day), digest, text)
		list[i] = sealed{w.Record, w.Number, w.Index, digest}
	}
	return list, nil
}

// series is the serial numbers of a code in a month.
type series struct {
	code  string
	year  int
	month time.Month
}

// seriesOf returns the series in which a body numbers its records of a day: under its organisation code before the uniform codes came, under
// that since (rule disclosure.index-form).
func (s *Service) seriesOf(body string, day calendar.Date) (series, error) {
	b, err := s.bodyOf(body)
	if err != nil {
		return series{}, err
	}
	code := b.USCC
	if code == "" {
		return series{}, refuse(RefusedNumber, lang.Text{
			Hans: b.Name.Hans + "没有登记统一社会信用代码，无法编制索引号，请先在机构管理中补充", Hant: b.Name.In(lang.Hant) + "沒有登記統一社會信用代碼，無法編製索引號，請先在機構管理中補充",
			En: b.Name.In(lang.En) + " has no unified social credit code of which an index number could be made; add it to the registry first",
		})
	}
	if p, ok := s.Rules.Parameter(ruleIndexForm); ok {
		if v, err := p.At(day); err == nil {
			if _, old := v.Entry(organisationCode); old {
				code = code[8:17] // the organisation code stands within the uniform code (GB 32100)
			}
		}
	}
	return series{code, day.Year(), day.Month()}, nil
}

const (
	ruleIndexForm    = "disclosure.index-form"
	organisationCode = "organisation-code"
)

// maxSerial is the last serial that an index number can hold.
const maxSerial = 99_999

func (sr series) number(serial int) (string, error) {
	if serial > maxSerial {
		return "", refuse(RefusedNumber, lang.Text{Hans: "本月的索引号已经用完", Hant: "本月的索引號已經用完", En: "The index numbers of this month are used up"})
	}
	n, err := identifier.ParseIndexNumber(fmt.Sprintf("%s/%04d%02d-%05d", sr.code, sr.year, int(sr.month), serial))
	if err != nil {
		return "", fmt.Errorf("index number of code %s: %w", sr.code, err)
	}
	return n.Number, nil
}

func compareSeries(a, b series) int {
	return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.year, b.year), cmp.Compare(a.month, b.month))
}

// take takes serials, in an order that no other transaction crosses, and returns the first of each series. What the transaction does not
// keep it gives back.
func take(ctx context.Context, tx *store.Tx, need map[series]int) (map[series]int, error) {
	first := make(map[series]int, len(need))
	for _, sr := range slices.SortedFunc(maps.Keys(need), compareSeries) {
		next, err := store.Scalar[int](tx.QueryRow(ctx, `INSERT INTO publication_series (body, month, next) VALUES ($1, $2, $3 + 1)
			ON CONFLICT (body, month) DO UPDATE SET next = publication_series.next + $3 RETURNING next`, sr.code, sr.year*100+int(sr.month), need[sr]))
		if err != nil {
			return nil, fmt.Errorf("index numbers of %s: %w", sr.code, err)
		}
		first[sr] = next - need[sr]
	}
	return first, nil
}

// out is a version that an event publishes.
type out struct {
	record    store.ID
	n         int
	was       int // version shown before; 0: none
	first     calendar.Date
	day       calendar.Date
	index     string
	division  string
	body      string
	digest    string
	wasItem   string
	text      string
	more      string
	statement Statement
}

// released makes a part of a batch public, in the transaction of the event that publishes it.
func (s *Service) released(ctx context.Context, tx *store.Tx, id store.ID, c *casework.Case, h casework.Happened) error {
	raw, err := json.Marshal(h.Data)
	if err != nil {
		return fmt.Errorf("event of case %s: %w", c.Number, err)
	}
	var said struct {
		Part     int      `json:"part"`
		Versions []listed `json:"versions"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return fmt.Errorf("event of case %s: %w", c.Number, err)
	}
	list, err := s.readOut(ctx, tx, id, said.Part)
	if err != nil {
		return err
	}
	if len(list) != len(said.Versions) {
		return fmt.Errorf("event of case %s names %d versions, part %d holds %d", c.Number, len(said.Versions), said.Part, len(list))
	}
	for i, v := range list {
		if said.Versions[i] != (listed{v.index, v.digest, v.n}) {
			return fmt.Errorf("event of case %s: version %d of %s is not what was sealed", c.Number, v.n, v.index)
		}
	}
	touch(tx)
	at := store.Micros(h.Event.At)
	state := stateOf(c)
	tx.QueueOne(`UPDATE publication_batch SET state = $2, released = released + $3, parts = $4, at = $5 WHERE id = $1 AND parts = $4 - 1`,
		int64(id), string(state), len(list), said.Part, at)
	tx.Queue(`UPDATE publication_version SET state = 'public', at = $3, event = $4, case_id = $5, extra = '' WHERE batch <> 0 AND batch = $1 AND part = $2`,
		int64(id), said.Part, at, int64(h.Event.ID), int64(c.ID))
	// First versions: their records were described when they were drafted. All of them in one statement.
	tx.Queue(`UPDATE publication_record SET state = 'published', live = 1, updated_at = $3,
		version = (SELECT n FROM publication_version v WHERE v.batch <> 0 AND v.batch = $1 AND v.part = $2 AND v.record = publication_record.id),
		first = (SELECT day FROM publication_version v WHERE v.batch <> 0 AND v.batch = $1 AND v.part = $2 AND v.record = publication_record.id),
		day = (SELECT day FROM publication_version v WHERE v.batch <> 0 AND v.batch = $1 AND v.part = $2 AND v.record = publication_record.id)
		WHERE version = 0 AND id IN (SELECT record FROM publication_version v WHERE v.batch <> 0 AND v.batch = $1 AND v.part = $2)`,
		int64(id), said.Part, at)
	docs, err := s.follow(ctx, tx, list, c.Variables()["route"] == routeCarried, h)
	if err != nil {
		return err
	}
	return s.index(ctx, tx, partKey{id, said.Part}, docs)
}

// follow does what follows from publication: newer versions, links, counts, duties. It returns what the index is to know.
func (s *Service) follow(ctx context.Context, tx *store.Tx, list []out, carried bool, h casework.Happened) ([]search.Doc, error) {
	t := s.tree.Load()
	counts := map[tally]int{}
	docs := make([]search.Doc, 0, len(list))
	for i := range list {
		v := &list[i]
		_, item := t.shelf(v.statement.Content.Category)
		first := v.first
		if v.was == 0 {
			first = v.day
			counts[tally{v.division, v.body, item, first.Year()}]++
		} else {
			s.describe(tx, v.record, &v.statement.Content)
			tx.Queue(`UPDATE publication_record SET version = $2, day = $3, updated_at = $4 WHERE id = $1`, int64(v.record), v.n, int64(v.day), store.Micros(h.Event.At))
			if v.wasItem != item {
				counts[tally{v.division, v.body, v.wasItem, first.Year()}]--
				counts[tally{v.division, v.body, item, first.Year()}]++
			}
		}
		s.link(tx, v)
		if err := s.duties(ctx, tx, v, carried, h.Event.At); err != nil {
			return nil, err
		}
		doc, err := s.doc(ctx, tx, v, first)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	if err := s.resolve(ctx, tx, list); err != nil {
		return nil, err
	}
	count(tx, counts)
	return docs, nil
}

// readOut reads what a part publishes. What was sealed in this process just now is known by its digest and need not be read again.
func (s *Service) readOut(ctx context.Context, tx *store.Tx, id store.ID, part int) ([]out, error) {
	if said := s.ahead.said(partKey{id, part}); said != nil {
		list, err := s.readPart(ctx, tx, id, part, `''`)
		if err != nil {
			return nil, err
		}
		all := true
		for i := range list {
			if st := said[list[i].digest]; st != nil {
				list[i].statement = *st
			} else {
				all = false
			}
		}
		if all {
			return list, nil
		}
	}
	list, err := s.readPart(ctx, tx, id, part, says)
	for i := range list {
		if err := json.Unmarshal([]byte(list[i].text), &list[i].statement); err != nil {
			return nil, fmt.Errorf("statement of %s: %w", list[i].index, err)
		}
	}
	return list, err
}

func (s *Service) readPart(ctx context.Context, tx *store.Tx, id store.ID, part int, content string) ([]out, error) {
	return store.All(ctx, tx, func(row store.Row) (v out, err error) {
		return v, row.Scan(&v.record, &v.n, &v.was, &v.first, &v.day, &v.index, &v.division, &v.body, &v.digest, &v.wasItem, &v.text, &v.more)
	}, `SELECT v.record, v.n, r.version, r.first, v.day, r.index_no, r.division, r.body, v.digest, r.item, `+content+`, v.extra
		FROM publication_version v JOIN publication_record r ON r.id = v.record WHERE v.batch <> 0 AND v.batch = $1 AND v.part = $2 AND v.state = 'work' ORDER BY v.record`,
		int64(id), part)
}

// tally is one count.
type tally struct {
	division, body, item string
	year                 int
}

// count adds to the counts last of all in the transaction, in one order.
func count(tx *store.Tx, counts map[tally]int) {
	for t, n := range counts {
		if n != 0 {
			store.Last(tx, "publication.tally", counted{t, n}, addCounts)
		}
	}
}

type counted struct {
	tally
	n int
}

func addCounts(_ context.Context, tx *store.Tx, items []counted) error {
	sum := map[tally]int{}
	for _, c := range items {
		sum[c.tally] += c.n
	}
	for _, t := range slices.SortedFunc(maps.Keys(sum), func(a, b tally) int {
		return cmp.Or(cmp.Compare(a.division, b.division), cmp.Compare(a.body, b.body), cmp.Compare(a.item, b.item), cmp.Compare(a.year, b.year))
	}) {
		tx.Queue(`INSERT INTO publication_tally (division, body, item, year, n) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (division, body, item, year) DO UPDATE SET n = publication_tally.n + excluded.n`, t.division, t.body, t.item, t.year, sum[t])
	}
	return nil
}

// abandoned is how long an import may stand still before the platform ends it with what it has taken in.
const abandoned = time.Hour

// ReleaseAll goes on with what was approved and is not all public, and with imports that were given up: after a restart, or for large
// batches. It returns how many cases it released.
func (s *Service) ReleaseAll(ctx context.Context) (int, error) {
	var failed []error
	given, err := store.All(ctx, s.DB.Read(), store.Scalar[store.ID], `SELECT id FROM publication_batch WHERE route = 'carried' AND case_id = 0 AND records > 0 AND at < $1
		ORDER BY id LIMIT 100`, store.Micros(s.Now().Add(-abandoned)))
	if err != nil {
		return 0, fmt.Errorf("release: %w", err)
	}
	for _, id := range given {
		if _, err := s.handIn(ctx, id); err != nil {
			failed = append(failed, err)
		}
	}
	cases, err := store.All(ctx, s.DB.Read(), store.Scalar[store.ID], `SELECT case_id FROM publication_batch WHERE state = 'release' ORDER BY id LIMIT 100`)
	if err != nil {
		return 0, fmt.Errorf("release: %w", err)
	}
	done := 0
	for _, kase := range cases {
		if err := s.Release(ctx, kase); err != nil {
			failed = append(failed, err)
			continue
		}
		done++
	}
	return done, errors.Join(failed...)
}
