package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Text is what a record says, as it is shown.
type Text struct {
	Title string
	Text  string
}

// Texts reads records that were put into the index. What is not there any more is left out.
type Texts func(ctx context.Context, ids []store.ID) (map[store.ID]Text, error)

// Options say what an index works with.
type Options struct {
	DB    *store.DB
	IDs   *store.IDs
	Now   func() time.Time
	Texts Texts // nil: hits without snippets, and no suggestions
}

// Index is the index of published records.
type Index struct {
	o       Options
	heads   *cache[head]
	rows    *cache[row]
	further *cache[[]uint32]
	columns *cache[*columnRow]
	changed *changes
	sql     statements
	wake    chan struct{}
}

// What the caches hold at most, in bytes: where lists begin, where the further rows of long ones do, and columns, about 60 bytes for each
// record. Half of it is enough to keep all columns of a million records, which a rare word asks for from everywhere. Further rows of lists
// have a cache of a size that depends on the engine.
const (
	headCache    = 48 << 20
	furtherCache = 8 << 20
	columnCache  = 160 << 20
)

// New returns the index in the tables of a database.
func New(o Options) *Index {
	sql := statementsFor(o.DB.Engine())
	return &Index{
		o: o, sql: sql, changed: newChanges(), wake: make(chan struct{}, 1),
		heads: newCache[head](headCache), rows: newCache[row](sql.cache), further: newCache[[]uint32](furtherCache), columns: newCache[*columnRow](columnCache),
	}
}

// segmentDocs bounds the records of one segment as it is put: their lists are built in memory.
const segmentDocs = 16384

// Put indexes records. One that is there already is replaced by what it is now. Many at once are cheaper than one by one.
func (ix *Index) Put(ctx context.Context, tx *store.Tx, docs ...Doc) error {
	b, err := new(Preparer).Prepare(docs...)
	if err != nil {
		return err
	}
	return ix.PutBatch(ctx, tx, b)
}

// Batch is records that are ready to be put: what takes time is done already.
type Batch struct{ parts []*prepared }

// prepared is what becomes a segment.
type prepared struct {
	ids  []store.ID
	docs []columns
	rows []row // of lists
}

// Prepare does the work of [Index.Put] that needs no transaction, so that a load keeps nobody else from writing and can prepare the next
// records while the last ones are written.
func (p *Preparer) Prepare(docs ...Doc) (*Batch, error) {
	for i := range docs {
		if err := docs[i].check(); err != nil {
			return nil, err
		}
	}
	b := &Batch{}
	for part := range slices.Chunk(lastOfEach(docs), segmentDocs) {
		segment, err := p.prepare(part)
		if err != nil {
			return nil, err
		}
		b.parts = append(b.parts, segment)
	}
	return b, nil
}

func (p *Preparer) prepare(docs []*Doc) (*prepared, error) {
	out := &prepared{}
	b := p.builder(len(docs))
	defer p.leave(b)
	for _, d := range docs {
		out.ids = append(out.ids, d.ID)
		b.add(d)
	}
	out.docs = b.docs
	w := rowWriter{emit: func(r row) error {
		out.rows = append(out.rows, r)
		return nil
	}}
	if err := b.lists(w.add); err != nil {
		return nil, err
	}
	return out, w.flush()
}

// PutBatch is [Index.Put] for records that were prepared. A batch is put once.
func (ix *Index) PutBatch(ctx context.Context, tx *store.Tx, b *Batch) error {
	for _, p := range b.parts {
		if err := ix.put(ctx, tx, p); err != nil {
			return fmt.Errorf("index records: %w", err)
		}
	}
	tx.OnCommit(ix.awake)
	return nil
}

// lastOfEach sorts records, newest first. Of records with the same id the last one counts.
func lastOfEach(docs []Doc) []*Doc {
	last := make(map[store.ID]int, len(docs))
	for i := range docs {
		last[docs[i].ID] = i
	}
	out := make([]*Doc, 0, len(last))
	for i := range docs {
		if last[docs[i].ID] == i {
			out = append(out, &docs[i])
		}
	}
	slices.SortFunc(out, func(a, b *Doc) int {
		if (place{a.Published, a.ID}).before(place{b.Published, b.ID}) {
			return -1
		}
		return 1
	})
	return out
}

// put stores a segment.
func (ix *Index) put(ctx context.Context, tx *store.Tx, p *prepared) error {
	versions, err := ix.versions(ctx, tx, p.ids)
	if err != nil {
		return err
	}
	for i := range p.docs {
		p.docs[i].version = versions[p.docs[i].id]
	}
	id := ix.o.IDs.New()
	queue := func(r row) {
		tx.Queue(`INSERT INTO search_row (segment, key, data) VALUES ($1, $2, $3)`, int64(id), r.key, r.data)
	}
	n := 0
	for part := range slices.Chunk(p.docs, columnDocs) {
		queue(row{columnsKey(n), encodeColumns(part)})
		n++
	}
	for _, r := range p.rows {
		queue(r)
	}
	newest, oldest := p.docs[0].place(), p.docs[len(p.docs)-1].place()
	tx.Queue(`INSERT INTO search_segment (id, state, docs, newest, newid, oldest, at) VALUES ($1, 'live', $2, $3, $4, $5, $6)`,
		int64(id), len(p.docs), int64(newest.day), int64(newest.id), int64(oldest.day), store.Micros(ix.o.Now()))
	return tx.Flush(ctx)
}

// together is how many records one statement touches.
const together = 100

// versions counts the records up and returns which version of each is being put.
func (ix *Index) versions(ctx context.Context, tx *store.Tx, ids []store.ID) (map[store.ID]uint32, error) {
	ids = slices.Sorted(slices.Values(ids)) // so that two transactions never wait for each other's rows in a circle
	out := make(map[store.ID]uint32, len(ids))
	type counted struct {
		id      store.ID
		version uint32
	}
	for part := range slices.Chunk(ids, together) {
		for len(part) > 0 {
			n := 1 // texts of statements are kept, so there are two of them, not a hundred
			if len(part) == together {
				n = together
			}
			rows, err := store.All(ctx, tx, func(r store.Row) (c counted, err error) { return c, r.Scan(&c.id, &c.version) }, countUp(n), args(part[:n])...)
			if err != nil {
				return nil, err
			}
			for _, c := range rows {
				out[c.id] = c.version
				if c.version > 1 {
					store.Last(tx, "search.changes", c.id, numberChanges)
				}
			}
			part = part[n:]
		}
	}
	return out, nil
}

func countUp(n int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf("($%d, 1, 1, 0, 0)", i+1)
	}
	return `INSERT INTO search_doc (id, version, live, stale, change) VALUES ` + strings.Join(values, ", ") + `
		ON CONFLICT (id) DO UPDATE SET version = search_doc.version + 1, stale = search_doc.stale + search_doc.live, live = 1
		RETURNING id, version`
}

func args(ids []store.ID) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// numberChanges gives records that were replaced or removed the next number. It comes last in a transaction, because everybody who
// replaces or removes waits for the one row.
func numberChanges(ctx context.Context, tx *store.Tx, ids []store.ID) error {
	number, err := store.Scalar[int64](tx.QueryRow(ctx, `UPDATE search_state SET changes = changes + 1 WHERE one = 1 RETURNING changes`))
	if err != nil {
		return fmt.Errorf("number a change of the index: %w", err)
	}
	for _, id := range ids {
		tx.Queue(`UPDATE search_doc SET change = $2 WHERE id = $1`, int64(id), number)
	}
	return tx.Flush(ctx)
}

// Remove takes records out of the index. They are not found any more once the transaction is committed; one that is not there is no error.
func (ix *Index) Remove(ctx context.Context, tx *store.Tx, ids ...store.ID) error {
	sorted := slices.Sorted(slices.Values(ids))
	for _, id := range sorted {
		n, err := tx.ExecCount(ctx, `UPDATE search_doc SET live = 0, stale = stale + 1 WHERE id = $1 AND live = 1`, int64(id))
		if err != nil {
			return fmt.Errorf("take record %s out of the index: %w", id, err)
		}
		if n > 0 {
			store.Last(tx, "search.changes", id, numberChanges)
		}
	}
	tx.OnCommit(ix.awake)
	return nil
}

// awake tells [Index.Run] that there may be something to merge.
func (ix *Index) awake() {
	select {
	case ix.wake <- struct{}{}:
	default:
	}
}
