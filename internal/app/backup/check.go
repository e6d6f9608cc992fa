package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// Check tells whether a backup holds what it should: each file with its digest and, of SQLite, a whole database, a log that verifies
// to the checkpoint of the manifest, and each upload that something holds. The inside of an archive of PostgreSQL shows when it is
// brought back; [Restore] checks it then.
func Check(ctx context.Context, dir string) (Manifest, error) {
	m, err := Read(dir)
	if err != nil {
		return m, err
	}
	if err := errors.Join(m.Database.verify(dir), m.Files.verify(dir)); err != nil {
		return m, err
	}
	list, err := readList(dir)
	if err != nil {
		return m, err
	}
	there := make(map[string]bool, len(list))
	pool := filepath.Join(filepath.Dir(filepath.Clean(dir)), poolName)
	for _, u := range list {
		sum, _, err := digest(filepath.Join(pool, filepath.FromSlash(u.name)))
		if err != nil {
			return m, fmt.Errorf("upload %s: %w: %w", u.name, ErrAltered, err)
		}
		if sum != u.sum {
			return m, fmt.Errorf("upload %s: %w", u.name, ErrAltered)
		}
		there[u.home()] = true
	}
	if m.Engine != store.SQLite {
		return m, nil
	}
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, m.Database.Name))
	if err != nil {
		return m, err
	}
	return m, errors.Join(examine(ctx, db, &m, func(name string) bool { return there[name] }), db.Close())
}

// examine checks a database that was copied or brought back.
func examine(ctx context.Context, db *store.DB, m *Manifest, there func(blob string) bool) error {
	if err := db.Intact(ctx); err != nil {
		return err
	}
	verifier, err := merkle.NewVerifier(m.Key)
	if err != nil {
		return err
	}
	log := ledger.OpenReader(db).Source(ctx)
	report, err := merkle.VerifyLog(log, verifier)
	if err != nil {
		return err
	}
	if m.Engine == store.SQLite {
		if signed, err := log.Checkpoint(); err != nil || string(signed) != m.Checkpoint {
			return errors.Join(fmt.Errorf("the log ends with entry %d; the manifest says %d: %w", report.Entries, m.Entries, ErrAltered), err)
		}
	} else if report.Entries > m.Entries {
		return fmt.Errorf("the log has %d entries, more than the %d at the time of the backup: %w", report.Entries, m.Entries, ErrAltered)
	}
	return uploadsThere(ctx, db, there)
}

// uploadsThere looks for each upload that a case or a draft holds. Others may be swept at any time.
func uploadsThere(ctx context.Context, db *store.DB, there func(blob string) bool) error {
	held, err := store.All(ctx, db.Read(), func(r store.Row) (id store.ID, err error) { return id, r.Scan(&id) },
		`SELECT DISTINCT file_id FROM file_binding ORDER BY file_id`)
	if err != nil {
		return fmt.Errorf("uploads that are held: %w", err)
	}
	var missing []string
	for _, id := range held {
		if !there(file.BlobName(id)) {
			missing = append(missing, id.String())
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d uploads are missing, among them %s: %w", len(missing), strings.Join(missing[:min(3, len(missing))], ", "),
			errors.Join(ErrAltered, fs.ErrNotExist))
	}
	return nil
}
