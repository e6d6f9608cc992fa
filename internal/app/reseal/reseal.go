package reseal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Hall is what is sealed anew.
type Hall struct {
	DB      *store.DB
	Keys    *seal.Ring
	Files   *file.Files
	Columns []seal.Column
	Batch   int           // rows in a transaction; 0: 200
	Pause   time.Duration // between two batches, in which the hall goes first
}

// Uploads is the place under which a [Count] names the content of uploads.
const Uploads = "uploads"

const usualBatch = 200

// Count says how many values of a place were sealed anew, or wait for it.
type Count struct {
	Place  string // TABLE.COLUMN, or Uploads
	Values int64
	Broken []string // values that can't be opened, by their keys: they were altered, or their key is missing; they are left as they are
}

// Run seals everything anew that older keys have sealed. It tells after each batch how much of a place is done, and returns what was done
// at each place, in order, also when it was broken off.
func (h Hall) Run(ctx context.Context, tell func(Count)) ([]Count, error) {
	if h.Batch <= 0 {
		h.Batch = usualBatch
	}
	var out []Count
	for _, c := range h.Columns {
		count, err := h.column(ctx, c, tell)
		out = append(out, count)
		if err != nil {
			return out, fmt.Errorf("seal %s anew: %w", count.Place, err)
		}
	}
	count, err := h.uploads(ctx, tell)
	out = append(out, count)
	if err != nil {
		return out, fmt.Errorf("seal uploads anew: %w", err)
	}
	return out, nil
}

// value is a sealed value and the key of its row.
type value struct {
	key    []any
	sealed []byte
}

func (v value) name() string { return strings.Trim(fmt.Sprint(v.key...), " ") }

// column walks over a column in the order of its keys.
func (h Hall) column(ctx context.Context, c seal.Column, tell func(Count)) (Count, error) {
	count := Count{Place: c.Table + "." + c.Name}
	var last []any
	for {
		batch, err := h.next(ctx, c, last)
		if err != nil || len(batch) == 0 {
			return count, err
		}
		last = batch[len(batch)-1].key
		done := int64(0)
		err = h.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			done = 0
			for _, v := range batch {
				plain, err := h.Keys.Open(c.Place(v.key), v.sealed)
				if err != nil {
					continue // named below
				}
				n, err := tx.ExecCount(ctx, `UPDATE `+c.Table+` SET `+c.Name+` = $1 WHERE `+where(c.Key)+` AND `+c.Name+fmt.Sprintf(` = $%d`, len(c.Key)+2),
					append(append([]any{h.Keys.Seal(c.Place(v.key), plain)}, v.key...), v.sealed)...)
				if err != nil {
					return err
				}
				done += n
			}
			return nil
		})
		if err != nil {
			return count, err
		}
		for _, v := range batch {
			if _, err := h.Keys.Open(c.Place(v.key), v.sealed); err != nil {
				count.Broken = append(count.Broken, v.name())
			}
		}
		count.Values += done
		tell(count)
		if err := h.rest(ctx); err != nil {
			return count, err
		}
	}
}

// where finds one row; $1 is the new value.
func where(key []string) string {
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i] = fmt.Sprintf("%s = $%d", k, i+2)
	}
	return strings.Join(parts, " AND ")
}

// next reads the values behind a key that another key than the present one has sealed.
func (h Hall) next(ctx context.Context, c seal.Column, last []any) ([]value, error) {
	keys := strings.Join(c.Key, ", ")
	query := `SELECT ` + keys + `, ` + c.Name + ` FROM ` + c.Table + ` WHERE ` + c.Name + ` IS NOT NULL AND substr(` + c.Name + `, 1, 4) <> $1`
	args := append([]any{h.Keys.First()}, last...)
	if last != nil {
		query += ` AND (` + keys + `) > (` + store.Placeholders(2, len(last)) + `)`
	}
	query += fmt.Sprintf(` ORDER BY %s LIMIT $%d`, keys, len(args)+1)
	return store.All(ctx, h.DB.Read(), func(r store.Row) (value, error) {
		v := value{key: make([]any, len(c.Key))}
		to := make([]any, 0, len(c.Key)+1)
		for i := range v.key {
			to = append(to, &v.key[i])
		}
		return v, r.Scan(append(to, &v.sealed)...)
	}, query, append(args, h.Batch)...)
}

// uploads walks over the uploads.
func (h Hall) uploads(ctx context.Context, tell func(Count)) (Count, error) {
	count := Count{Place: Uploads}
	var last store.ID
	for {
		ids, err := h.Files.After(ctx, last, h.Batch)
		if err != nil || len(ids) == 0 {
			return count, err
		}
		for _, id := range ids {
			done, err := h.Files.Reseal(ctx, id)
			switch {
			case errors.Is(err, file.ErrAltered):
				count.Broken = append(count.Broken, id.String())
			case errors.Is(err, store.ErrNotFound): // erased meanwhile
			case err != nil:
				return count, err
			case done:
				count.Values++
			}
		}
		last = ids[len(ids)-1]
		tell(count)
		if err := h.rest(ctx); err != nil {
			return count, err
		}
	}
}

func (h Hall) rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(h.Pause):
		return nil
	}
}

// shortest is the size of the smallest sealed value, of an empty text: name of the key, nonce and tag. Hashes are no longer than that.
const shortest = 4 + 12 + 16

// Left counts what is still sealed with another key of the ring than the present one, at every place that has some: in each column of
// bytes of the database, declared or not, and among the uploads.
func (h Hall) Left(ctx context.Context) ([]Count, error) {
	columns, err := h.DB.BytesColumns(ctx)
	if err != nil {
		return nil, err
	}
	declared := map[string]bool{}
	for _, c := range h.Columns {
		declared[c.Table+"."+c.Name] = true
	}
	old := map[string]bool{}
	var names []any
	for _, k := range h.Keys.Keys()[1:] {
		old[k] = true
		names = append(names, nameOf(k))
	}
	if len(names) == 0 {
		return nil, nil
	}
	var out []Count
	for _, c := range columns {
		place := c.Table + "." + c.Name
		query := `SELECT count(*) FROM ` + c.Table + ` WHERE substr(` + c.Name + `, 1, 4) IN (` + store.Placeholders(1, len(names)) + `)`
		if !declared[place] {
			query += fmt.Sprintf(` AND length(%s) > %d`, c.Name, shortest)
		}
		n, err := store.Scalar[int64](h.DB.Read().QueryRow(ctx, query, names...))
		if err != nil {
			return nil, fmt.Errorf("what is left in %s: %w", place, err)
		}
		if n > 0 {
			out = append(out, Count{Place: place, Values: n})
		}
	}
	uploads := Count{Place: Uploads}
	var last store.ID
	for {
		ids, err := h.Files.After(ctx, last, usualBatch)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			key, err := h.Files.KeyOf(ctx, id)
			if err != nil && !errors.Is(err, file.ErrAltered) {
				return nil, err
			}
			if old[key] {
				uploads.Values++
			}
		}
		last = ids[len(ids)-1]
	}
	if uploads.Values > 0 {
		out = append(out, uploads)
	}
	return out, nil
}

// nameOf turns the short name of a key into the bytes that stand before what it has sealed.
func nameOf(key string) []byte {
	var n uint32
	if _, err := fmt.Sscanf(key, "%08x", &n); err != nil {
		return nil // unreachable: names of keys are 8 hexadecimal digits
	}
	return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}
