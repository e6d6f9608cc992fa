package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Node is a node that serves the hall, as it has told last.
type Node struct {
	Number  int
	Program string    // version of the program
	Keys    []string  // short names of the keys that it seals (the first) and opens with
	SeenAt  time.Time // zero: it has ended in order
}

// Tell takes down what a node says of itself.
func (db *DB) Tell(ctx context.Context, n Node) error {
	err := db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.Exec(ctx, `INSERT INTO node (number, program, keys, seen_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (number) DO UPDATE SET program = excluded.program, keys = excluded.keys, seen_at = excluded.seen_at`,
			n.Number, n.Program, strings.Join(n.Keys, " "), Micros(n.SeenAt))
	})
	if err != nil {
		return fmt.Errorf("tell of node %d: %w", n.Number, err)
	}
	return nil
}

// Nodes returns the nodes that were seen since an instant, by their numbers.
func (db *DB) Nodes(ctx context.Context, since time.Time) ([]Node, error) {
	nodes, err := All(ctx, db.Read(), func(r Row) (n Node, err error) {
		var keys string
		var at int64
		err = r.Scan(&n.Number, &n.Program, &keys, &at)
		n.Keys, n.SeenAt = strings.Fields(keys), Instant(at)
		return n, err
	}, `SELECT number, program, keys, seen_at FROM node WHERE seen_at >= $1 ORDER BY number`, Micros(since))
	if err != nil {
		return nil, fmt.Errorf("nodes of the hall: %w", err)
	}
	return nodes, nil
}

// CommandNumber returns the number under which a command of an operator makes its identifiers ([NewIDs]). The node whose settings it uses
// serves meanwhile, and both would name things alike in the same millisecond. Commands take turns at the numbers above [MaxNode]: two have
// the same one only if 510 others have begun between them.
func (db *DB) CommandNumber(ctx context.Context) (int, error) {
	var last int64
	err := db.Write(ctx, func(ctx context.Context, tx *Tx) (err error) {
		last, err = Scalar[int64](tx.QueryRow(ctx, `UPDATE command_count SET last = last + 1 RETURNING last`))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("number of a command: %w", err)
	}
	return MaxNode + 1 + int(last%(maxNumber-MaxNode)), nil
}

// BytesColumn is a column of bytes.
type BytesColumn struct{ Table, Name string }

// BytesColumns asks the engine for all columns of bytes: sealed values, hashes, blind indexes.
func (db *DB) BytesColumns(ctx context.Context) ([]BytesColumn, error) {
	query := `SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND c.type = 'BYTEA' ORDER BY m.name, c.cid`
	if db.engine == Postgres {
		query = `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND data_type = 'bytea' ORDER BY table_name, ordinal_position`
	}
	columns, err := All(ctx, db.Read(), func(r Row) (c BytesColumn, err error) { return c, r.Scan(&c.Table, &c.Name) }, query)
	if err == nil && len(columns) == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return nil, fmt.Errorf("columns of bytes: %w", err)
	}
	return columns, nil
}
