package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"openhall.org/openhall/internal/platform/store"
)

// Target is where a hall is brought back to. Both must be empty.
type Target struct {
	Database string // sqlite:PATH or postgres://…
	Files    string // folder for its uploads
}

// Restore checks a backup, brings the hall back, and checks what it has brought back. It never writes over a hall that is there.
func Restore(ctx context.Context, dir string, t Target) (m Manifest, err error) {
	m, err = Check(ctx, dir)
	if err != nil {
		return m, err
	}
	if err := empty(ctx, t.Database); err != nil {
		return m, err
	}
	if entries, err := os.ReadDir(t.Files); err == nil && len(entries) > 0 {
		return m, fmt.Errorf("%s holds files: a hall is brought back into an empty place only", t.Files)
	}
	list, err := readList(dir)
	if err != nil {
		return m, err
	}
	began := true
	defer func() {
		// The place was empty, and is so again when the way back was broken off, such as by a full disk.
		if err != nil && began {
			err = errors.Join(err, os.RemoveAll(t.Files))
		}
	}()
	// Uploads first: a database in its place says that the hall is whole.
	pool := filepath.Join(filepath.Dir(filepath.Clean(dir)), poolName)
	for _, u := range list {
		name := filepath.FromSlash(u.name)
		if err := copyFile(filepath.Join(pool, name), filepath.Join(t.Files, filepath.FromSlash(u.home()))); err != nil {
			return m, fmt.Errorf("bring back upload %s: %w", u.name, err)
		}
	}
	if err := restoreDatabase(ctx, &m, dir, t.Database); err != nil {
		return m, fmt.Errorf("bring back the database: %w", err)
	}
	began = false // the hall is there: what is found wrong with it is looked at, and not removed
	db, err := store.Open(ctx, t.Database)
	if err != nil {
		return m, err
	}
	err = examine(ctx, db, &m, func(name string) bool {
		_, err := os.Stat(filepath.Join(t.Files, filepath.FromSlash(name)))
		return err == nil
	})
	if err == nil {
		err = db.Analyze(ctx) // plans made for empty tables are slow
	}
	return m, errors.Join(err, db.Close())
}
