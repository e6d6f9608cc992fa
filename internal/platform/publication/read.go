package publication

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

const recordColumns = `id, index_no, state, live, division, d4, d6, body, category, item, root, version, latest, title, summary, docno, genre, language,
	made, first, day, effective, repealed, updated_at, gone_at, gone`

var recordPlaceholders = store.Placeholders(1, 26)

const entryColumns = `r.id, r.index_no, r.title, r.summary, r.docno, r.division, r.body, r.category, r.genre, r.language, r.first, r.day, r.made,
	r.effective, r.repealed, r.version, r.updated_at`

// instant reads a stored instant into a time.
type instant struct{ to *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(v any) error {
	us, ok := v.(int64)
	if !ok {
		return fmt.Errorf("an instant is stored as %T", v)
	}
	*i.to = store.Instant(us)
	return nil
}

// scan returns where the columns go.
func (e *Entry) scan() []any {
	return []any{&e.ID, &e.Index, &e.Title, &e.Summary, &e.DocumentNumber, &e.Division, &e.Body, &e.Category, &e.Genre, &e.Language, &e.First, &e.Day,
		&e.Made, &e.Effective, &e.Repealed, &e.Version, instant{&e.UpdatedAt}}
}

func scanEntry(row store.Row) (e Entry, err error) { return e, row.Scan(e.scan()...) }

// row reads the row of a record: what it says of its content is not complete.
func (s *Service) row(ctx context.Context, q store.Querier, id store.ID) (*Record, error) {
	return store.One(ctx, q, scanRow, `SELECT `+rowColumns+` FROM publication_record WHERE id = $1`, int64(id))
}

func (s *Service) rowByIndex(ctx context.Context, q store.Querier, index string) (*Record, error) {
	if index == "" {
		return nil, store.ErrNotFound
	}
	return store.One(ctx, q, scanRow, `SELECT `+rowColumns+` FROM publication_record WHERE index_no = $1 AND index_no <> ''`, index)
}

const rowColumns = `id, index_no, state, division, body, version, first, day, updated_at, gone`

func scanRow(row store.Row) (*Record, error) {
	var r Record
	var gone string
	err := row.Scan(&r.ID, &r.Index, &r.State, &r.Division, &r.Body, &r.Version, &r.First, &r.Day, instant{&r.UpdatedAt}, &gone)
	if err == nil && gone != "" {
		r.Tombstone = &Tombstone{}
		err = json.Unmarshal([]byte(gone), r.Tombstone)
	}
	return &r, err
}

// Get returns a published record with the version that is shown, the tombstone of a withdrawn one, or [store.ErrNotFound].
func (s *Service) Get(ctx context.Context, id store.ID) (*Record, error) {
	r, err := s.row(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", id, err)
	}
	return s.shown(ctx, r)
}

// ByIndex is Get by the index number.
func (s *Service) ByIndex(ctx context.Context, index string) (*Record, error) {
	r, err := s.rowByIndex(ctx, s.DB.Read(), index)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", index, err)
	}
	return s.shown(ctx, r)
}

// Find is Get by either: what stands in the permanent address /open/r/….
func (s *Service) Find(ctx context.Context, ref string) (*Record, error) {
	if id, err := store.ParseID(ref); err == nil {
		return s.Get(ctx, id)
	}
	return s.ByIndex(ctx, ref)
}

// shown reads the version that is shown. It is read together with the state of the record, so that a record withdrawn in between is not
// served.
func (s *Service) shown(ctx context.Context, r *Record) (*Record, error) {
	switch {
	case r.State == Withdrawn:
		return r, nil
	case r.State != Published:
		return nil, fmt.Errorf("record %s is not public: %w", r.ID, store.ErrNotFound)
	}
	return s.versionOf(ctx, r, r.Version)
}

// versionOf reads a published version of a live record into a copy of its row.
func (s *Service) versionOf(ctx context.Context, r *Record, n int) (*Record, error) {
	out := *r
	var text string
	err := s.DB.Read().QueryRow(ctx, `SELECT v.n, v.day, v.digest, v.event, v.case_id, `+says+`,
		(SELECT count(*) FROM publication_version o WHERE o.record = v.record AND o.state = 'public')
		FROM publication_version v JOIN publication_record r ON r.id = v.record
		WHERE v.record = $1 AND v.n = $2 AND v.state = 'public' AND r.live = 1`, int64(r.ID), n).
		Scan(&out.Version, &out.Day, &out.Digest, &out.Event, &out.Case, &text, &out.Versions)
	if err != nil {
		return nil, fmt.Errorf("version %d of record %s: %w", n, r.ID, err)
	}
	var st Statement
	if err := json.Unmarshal([]byte(text), &st); err != nil {
		return nil, fmt.Errorf("version %d of record %s: %w", n, r.ID, err)
	}
	out.Content = st.Content
	return &out, nil
}

// Version returns a record as one of its published versions says, or [store.ErrNotFound]: also when it was withdrawn.
func (s *Service) Version(ctx context.Context, id store.ID, n int) (*Record, error) {
	r, err := s.row(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", id, err)
	}
	return s.versionOf(ctx, r, n)
}

// Versions lists the published versions of a record, the newest first. A withdrawn record has none any more.
func (s *Service) Versions(ctx context.Context, id store.ID) ([]VersionLine, error) {
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (v VersionLine, err error) {
		var text string
		if err = row.Scan(&v.Number, &v.Day, instant{&v.At}, &v.Digest, &v.Event, &v.Case, &text); err == nil {
			var st Statement
			err = json.Unmarshal([]byte(text), &st)
			v.Title = st.Content.Title
		}
		return v, err
	}, `SELECT v.n, v.day, v.at, v.digest, v.event, v.case_id, `+says+` FROM publication_version v JOIN publication_record r ON r.id = v.record
		WHERE v.record = $1 AND v.state = 'public' AND r.live = 1 ORDER BY v.n DESC`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("versions of record %s: %w", id, err)
	}
	return list, nil
}

// InForceOn returns a record as it was public on a day, and how it stood then. It answers [store.ErrNotFound] when it was not public yet, or
// has been withdrawn since.
func (s *Service) InForceOn(ctx context.Context, id store.ID, day calendar.Date) (*Record, Validity, error) {
	r, err := s.row(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, NotYet, fmt.Errorf("record %s: %w", id, err)
	}
	n, err := store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT n FROM publication_version WHERE record = $1 AND state = 'public' AND day <= $2 ORDER BY n DESC LIMIT 1`,
		int64(id), int64(day)))
	if err != nil {
		return nil, NotYet, fmt.Errorf("record %s on %s: %w", id, day, err)
	}
	if r, err = s.versionOf(ctx, r, n); err != nil {
		return nil, NotYet, err
	}
	return r, r.ValidOn(day), nil
}

// Canonical returns the canonical JSON of a published version, byte for byte what its digest in the log is about.
func (s *Service) Canonical(ctx context.Context, id store.ID, n int) ([]byte, error) {
	text, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT `+says+` FROM publication_version v JOIN publication_record r ON r.id = v.record
		WHERE v.record = $1 AND v.n = $2 AND v.state = 'public' AND r.live = 1`, int64(id), n))
	if err != nil {
		return nil, fmt.Errorf("version %d of record %s: %w", n, id, err)
	}
	return []byte(text), nil
}

// Filter chooses public records. Empty fields choose all.
type Filter struct {
	Division string        // 12 digits
	Below    bool          // with the divisions below it
	Body     string        // key
	Category string        // with those below it
	Year     int           // in which it was first published
	Genre    string        // 体裁
	InForce  calendar.Date // that were in force on that day
	Number   string        // document number, exactly
	After    Cursor        // the last entry of the page before
	Limit    int           // 0: 50; at most 500
}

// Cursor is where a page ended.
type Cursor struct {
	First calendar.Date
	ID    store.ID
}

// Cursor returns the place of the entry in lists.
func (e *Entry) Cursor() Cursor { return Cursor{e.First, e.ID} }

// String writes the cursor for an address.
func (c Cursor) String() string {
	if c.ID == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d", c.First, c.ID)
}

// ParseCursor reads what [Cursor.String] wrote. What it does not understand is the first page.
func ParseCursor(text string) (c Cursor) {
	day, id, ok := strings.Cut(text, ".")
	n, err := store.ParseID(id)
	if !ok || err != nil {
		return c
	}
	var d int64
	if _, err := fmt.Sscanf(day, "%d", &d); err != nil || d < 0 || d > 1<<24 {
		return c
	}
	return Cursor{calendar.Date(d), n}
}

// where collects the conditions of a query.
type where struct {
	terms []string
	args  []any
}

func (w *where) add(term string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		term = strings.Replace(term, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	w.terms = append(w.terms, term)
}

// where turns a filter into conditions that an index serves: see the indexes of publication_record.
func (s *Service) where(f Filter) where {
	var w where
	w.add("r.live = 1")
	switch prefix := casework.Subtree(f.Division); {
	case f.Body != "":
		w.add("r.body = ?", f.Body)
	case f.Division == "":
	case !f.Below:
		w.add("r.division = ?", f.Division)
	case len(prefix) == cityDigits:
		w.add("r.d4 = ?", prefix)
	case len(prefix) == countyDigits:
		w.add("r.d6 = ?", prefix)
	default:
		w.add("r.division >= ? AND r.division <= ?", prefix+strings.Repeat("0", 12-len(prefix)), prefix+strings.Repeat("9", 12-len(prefix)))
	}
	if f.Category != "" {
		s.underCategory(&w, f.Category)
	}
	if f.Year != 0 {
		w.add("r.first >= ? AND r.first < ?", int64(calendar.Day(f.Year, time.January, 1)), int64(calendar.Day(f.Year+1, time.January, 1)))
	}
	if f.Genre != "" {
		w.add("r.genre = ?", f.Genre)
	}
	if f.Number != "" {
		w.add("r.docno = ? AND r.docno <> ''", f.Number)
	}
	if f.InForce != 0 {
		d := int64(f.InForce)
		w.add("CASE WHEN r.effective = 0 THEN r.first ELSE r.effective END <= ? AND (r.repealed = 0 OR r.repealed > ?)", d, d)
	}
	if f.After.ID != 0 {
		w.add("(r.first, r.id) < (?, ?)", int64(f.After.First), int64(f.After.ID))
	}
	return w
}

// underCategory chooses a category with those below it: a column by what stands in every row, an item by its index, what lies deeper
// within its item.
func (s *Service) underCategory(w *where, key string) {
	t := s.tree.Load()
	root, item := t.shelf(key)
	switch {
	case root == "":
		w.add("r.category = ?", key)
	case key == item && key != root || len(t.children[key]) == 0 && key == root:
		w.add("r.item = ?", item)
	case key == root:
		w.add("r.root = ?", key)
	default:
		below := t.below(key)
		slices.Sort(below)
		marks := strings.TrimSuffix(strings.Repeat("?,", len(below)), ",")
		args := []any{item}
		for _, k := range below {
			args = append(args, k)
		}
		w.add("r.item = ? AND r.category IN ("+marks+")", args...)
	}
}

// List returns public records, the latest first by the day on which they were first published. The next page begins after the last entry's
// [Entry.Cursor].
func (s *Service) List(ctx context.Context, f Filter) ([]Entry, error) {
	w := s.where(f)
	list, err := store.All(ctx, s.DB.Read(), scanEntry, `SELECT `+entryColumns+` FROM publication_record r WHERE `+strings.Join(w.terms, " AND ")+
		fmt.Sprintf(" ORDER BY r.first DESC, r.id DESC LIMIT %d", pageSize(f.Limit)), w.args...)
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	return list, nil
}

// eachPage is how many records Each holds at a time.
const eachPage = 200

// Each goes through all public records that a filter chooses, newest first, in constant memory: for exports and sitemaps. Limit is not
// looked at. It ends with an error when reading fails. A record that is withdrawn on the way is left out.
func (s *Service) Each(ctx context.Context, f Filter) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		f.Limit = eachPage
		for {
			w := s.where(f)
			page, err := store.All(ctx, s.DB.Read(), scanFull, `SELECT `+entryColumns+`, v.digest, v.event, v.case_id, `+says+` FROM publication_record r
				JOIN publication_version v ON v.record = r.id AND v.n = r.version WHERE `+strings.Join(w.terms, " AND ")+
				fmt.Sprintf(" ORDER BY r.first DESC, r.id DESC LIMIT %d", eachPage), w.args...)
			if err != nil {
				yield(nil, fmt.Errorf("records: %w", err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if len(page) < eachPage {
				return
			}
			last := page[len(page)-1]
			f.After = Cursor{last.First, last.ID}
		}
	}
}

func scanFull(row store.Row) (*Record, error) {
	var e Entry
	var r Record
	var text string
	if err := row.Scan(append(e.scan(), &r.Digest, &r.Event, &r.Case, &text)...); err != nil {
		return nil, err
	}
	var st Statement
	if err := json.Unmarshal([]byte(text), &st); err != nil {
		return nil, fmt.Errorf("record %s: %w", e.Index, err)
	}
	r.ID, r.Index, r.State, r.Division, r.Body, r.Version = e.ID, e.Index, Published, e.Division, e.Body, e.Version
	r.Content, r.First, r.Day, r.UpdatedAt = st.Content, e.First, e.Day, e.UpdatedAt
	return &r, nil
}

// Count says how many records are public under one item of the classification in one year.
type Count struct {
	Division, Body, Item string
	Year                 int
	N                    int
}

// CountFilter chooses counts. Empty fields choose all.
type CountFilter struct {
	Division string
	Below    bool
	Body     string
	Year     int
}

// Counts returns how many records are public, by division, body, item (a category of the second level, or a column) and year. They are kept
// by increments: the cost does not grow with the records.
func (s *Service) Counts(ctx context.Context, f CountFilter) ([]Count, error) {
	var w where
	w.add("n <> 0")
	switch prefix := casework.Subtree(f.Division); {
	case f.Division == "":
	case f.Below:
		w.add("division >= ? AND division <= ?", prefix+strings.Repeat("0", 12-len(prefix)), prefix+strings.Repeat("9", 12-len(prefix)))
	default:
		w.add("division = ?", f.Division)
	}
	if f.Body != "" {
		w.add("body = ?", f.Body)
	}
	if f.Year != 0 {
		w.add("year = ?", f.Year)
	}
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (c Count, err error) {
		return c, row.Scan(&c.Division, &c.Body, &c.Item, &c.Year, &c.N)
	}, `SELECT division, body, item, year, n FROM publication_tally WHERE `+strings.Join(w.terms, " AND ")+` ORDER BY division, body, item, year`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("counts of records: %w", err)
	}
	return list, nil
}
