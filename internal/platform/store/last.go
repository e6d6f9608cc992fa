package store

import (
	"cmp"
	"context"
	"slices"
)

// ending is work that a transaction does last.
type ending struct {
	key string
	add func(item any)
	run func(ctx context.Context) error
}

// Last keeps an item until all else in the transaction is done. Then finish gets every item that was kept under the key, once.
//
// It is for rows that many transactions want, such as a counter: they are locked late, so that nobody waits for long, and by one
// hand, which can lock them in an order that no other transaction crosses. Keys are finished in the order of their names.
func Last[T any](tx *Tx, key string, item T, finish func(ctx context.Context, tx *Tx, items []T) error) {
	for _, e := range tx.last {
		if e.key == key {
			e.add(item)
			return
		}
	}
	items := []T{item}
	tx.last = append(tx.last, &ending{
		key: key,
		add: func(more any) {
			if t, ok := more.(T); ok {
				items = append(items, t)
			}
		},
		run: func(ctx context.Context) error { return finish(ctx, tx, items) },
	})
}

// end does what was kept for last.
func (tx *Tx) end(ctx context.Context) error {
	slices.SortFunc(tx.last, func(a, b *ending) int { return cmp.Compare(a.key, b.key) })
	for _, e := range tx.last {
		if err := e.run(ctx); err != nil {
			return err
		}
	}
	return nil
}
