package casework

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

// JournalReport says what a check of the journals has found.
type JournalReport struct {
	Journals int
	Entries  int64
	Waiting  int64          // entries that have no place in the log yet
	Faults   []JournalFault // empty: the journals are complete, and nothing was altered
}

// JournalFault is one thing that is wrong with a journal.
type JournalFault struct {
	Journal string
	Seq     int64
	Code    string // gap, tail, altered, sealed, index
}

// The codes of faults.
const (
	FaultGap     = "gap"     // an entry is missing
	FaultTail    = "tail"    // the last entries are missing: the counter says that there were more
	FaultAltered = "altered" // what stands in a column is not what stands in the entry
	FaultSealed  = "sealed"  // the sealed part is gone, or not the one that was committed to
	FaultIndex   = "index"   // the row by which it is searched is missing or another's
)

// maxFaults bounds a report: whoever sees so many needs no more.
const maxFaults = 100

// Check walks every journal and compares each entry with its number, its commitments and its row of the index. That the entries are
// those of the signed log, [merkle.VerifyLog] shows.
func (j *Journal) Check(ctx context.Context) (JournalReport, error) {
	var r JournalReport
	ends, err := j.ends(ctx)
	if err != nil {
		return r, fmt.Errorf("check the journal: %w", err)
	}
	for _, node := range slices.Sorted(maps.Keys(ends)) {
		r.Journals++
		if err := j.checkOne(ctx, node, ends[node], &r); err != nil {
			return r, fmt.Errorf("check the journal %s: %w", JournalName(node), err)
		}
	}
	strays, err := store.Scalar[int64](j.db.Read().QueryRow(ctx, `SELECT count(*) FROM journal_entry AS n
		WHERE NOT EXISTS (SELECT 1 FROM event AS e WHERE e.id = n.event AND e.case_id <= $1)`, store.MaxNode+1))
	if err != nil {
		return r, fmt.Errorf("check the journal: %w", err)
	}
	if strays > 0 {
		r.fault("", 0, FaultIndex)
	}
	return r, nil
}

// ends returns the number that the last entry of each journal has: by the counter, or by the entries when it says less.
func (j *Journal) ends(ctx context.Context) (map[int]int64, error) {
	type end struct {
		node int
		last int64
	}
	counters, err := store.All(ctx, j.db.Read(), func(row store.Row) (e end, err error) {
		return e, row.Scan(&e.node, &e.last)
	}, `SELECT node, last FROM journal_head`)
	if err != nil {
		return nil, err
	}
	entries, err := store.All(ctx, j.db.Read(), func(row store.Row) (e end, err error) {
		err = row.Scan(&e.node, &e.last)
		e.node--
		return e, err
	}, `SELECT case_id, max(seq) FROM event WHERE case_id <= $1 GROUP BY case_id`, store.MaxNode+1)
	if err != nil {
		return nil, err
	}
	ends := map[int]int64{}
	for _, e := range append(counters, entries...) {
		ends[e.node] = max(ends[e.node], e.last)
	}
	return ends, nil
}

func (r *JournalReport) fault(name string, seq int64, code string) {
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, JournalFault{name, seq, code})
	}
}

// checked is a row as it is compared.
type checked struct {
	Event
	sealed              []byte
	indexed             int64
	kind, refused, post string
	account             int64
	targetKind, target  string
	indexAt             int64
	hasLeaf             bool
}

func (j *Journal) checkOne(ctx context.Context, node int, last int64, r *JournalReport) error {
	name, next := JournalName(node), int64(1)
	for {
		rows, err := store.All(ctx, j.db.Read(), func(row store.Row) (c checked, err error) {
			var at int64
			err = row.Scan(&c.ID, &c.Seq, &at, &c.Kind, &c.hasLeaf, &c.Content, &c.sealed, &c.indexed, &c.indexAt, &c.kind, &c.refused, &c.account,
				&c.post, &c.targetKind, &c.target)
			c.At = store.Instant(at)
			return c, err
		}, `SELECT e.id, e.seq, e.at, e.kind, e.leaf IS NOT NULL, e.content, e.sealed, coalesce(n.event, 0), coalesce(n.at, 0), coalesce(n.kind, ''),
			coalesce(n.refused, ''), coalesce(n.account, 0), coalesce(n.post, ''), coalesce(n.target_kind, ''), coalesce(n.target, '')
			FROM event AS e LEFT JOIN journal_entry AS n ON n.event = e.id WHERE e.case_id = $1 AND e.seq >= $2 ORDER BY e.seq LIMIT 500`,
			int64(journalID(node)), next)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for i := range rows {
			c := &rows[i]
			for ; next < c.Seq; next++ {
				r.fault(name, next, FaultGap)
				if len(r.Faults) == maxFaults {
					return nil
				}
			}
			next = c.Seq + 1
			r.Entries++
			if !c.hasLeaf {
				r.Waiting++
			}
			if code := j.compare(c, name); code != "" {
				r.fault(name, c.Seq, code)
			}
		}
	}
	if next <= last {
		r.fault(name, next, FaultTail)
	}
	return nil
}

// compare returns the code of what is wrong with an entry; empty when nothing is.
func (j *Journal) compare(c *checked, name string) string {
	env, err := c.Envelope()
	if err != nil || env.Case != name || env.Seq != c.Seq || env.Kind != c.Kind || env.Type != JournalType || env.At != c.At.Format(envelopeTime) {
		return FaultAltered
	}
	fields, err := j.unseal(c.ID, c.sealed)
	if err != nil || len(fields) != len(env.Private) {
		return FaultSealed
	}
	for field, f := range fields {
		if !commits(env.Private[field], field, f) {
			return FaultSealed
		}
	}
	e := Entry{Event: c.Event}
	if err := j.open(&e, c.sealed); err != nil {
		return FaultSealed
	}
	on, account, post := env.Data[fieldOn], int64(0), env.Actor.Post
	if f, ok := fields[fieldOn]; ok {
		var text string
		if json.Unmarshal(f.Value, &text) == nil {
			on = text
		}
	}
	if f, ok := fields[fieldAccount]; ok {
		var id store.ID
		if json.Unmarshal(f.Value, &id) == nil {
			account = int64(id)
		}
	}
	if f, ok := fields[fieldActor]; ok {
		var actor Actor
		if json.Unmarshal(f.Value, &actor) == nil {
			post = actor.Post
		}
	}
	refused, _ := e.Act.Data["refused"].(string)
	switch {
	case c.indexed != int64(c.ID), c.indexAt != store.Micros(c.At), c.kind != JournalKind(c.Kind), c.refused != refused, c.account != account,
		c.post != post, on != any(c.targetKind+"/"+c.target):
		return FaultIndex
	}
	return ""
}

func commits(commitment, field string, f sealedField) bool {
	want, err := base64.StdEncoding.DecodeString(strings.TrimSpace(commitment))
	sum := merkle.Commit(f.Salt, field, f.Value)
	return err == nil && bytes.Equal(want, sum[:])
}
