package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Source is the hall that is copied.
type Source struct {
	Database string // sqlite:PATH or postgres://…
	Files    string // folder of its uploads
	Version  string // of the program
	Now      func() time.Time
}

// Take copies a hall into a new folder within the folder of backups, checks the copy, and returns its folder. The hall goes on meanwhile.
// A backup that was broken off leaves a folder without a manifest; the next Take removes it.
func Take(ctx context.Context, s Source, backups string) (dir string, m Manifest, err error) {
	m = Manifest{Format: format, Version: s.Version, TakenAt: s.Now().UTC().Truncate(time.Second)}
	if path, ok := strings.CutPrefix(s.Database, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil { // opening would make an empty one
			return "", m, fmt.Errorf("there is no database to copy: %w", err)
		}
	}
	db, err := store.Open(ctx, s.Database)
	if err != nil {
		return "", m, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m.Engine = db.Engine()
	if err := errors.Join(os.MkdirAll(filepath.Join(backups, poolName), 0o700), removeAttempts(backups)); err != nil {
		return "", m, fmt.Errorf("folder of backups: %w", err)
	}
	dir = filepath.Join(backups, m.TakenAt.Format(stamp))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", m, fmt.Errorf("folder of the backup: %w", err)
	}
	defer func() {
		// What was broken off, such as by a full disk, does not stay in its way.
		if _, missing := os.Stat(filepath.Join(dir, manifestName)); errors.Is(missing, fs.ErrNotExist) {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	name, err := copyDatabase(ctx, db, s.Database, dir)
	if err != nil {
		return dir, m, err
	}
	if err := m.describeLog(ctx, db, dir, name); err != nil {
		return dir, m, err
	}
	if m.Database, err = part(dir, name); err != nil {
		return dir, m, err
	}
	if err := m.copyUploads(s.Files, backups, dir); err != nil {
		return dir, m, err
	}
	if err := m.write(dir); err != nil {
		return dir, m, err
	}
	_, err = Check(ctx, dir)
	return dir, m, err
}

// describeLog notes the end of the log in the copy. That of an archive of PostgreSQL can't be read before it is brought back: there
// it is the end of the log after the copy was made, which the copy does not reach.
func (m *Manifest) describeLog(ctx context.Context, db *store.DB, dir, name string) (err error) {
	if m.Engine == store.SQLite {
		if db, err = store.Open(ctx, "sqlite:"+filepath.Join(dir, name)); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	log := ledger.OpenReader(db)
	signed, err := log.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if m.Key, err = log.PublicKey(ctx); err != nil {
		return err
	}
	verifier, err := merkle.NewVerifier(m.Key)
	if err != nil {
		return err
	}
	c, err := merkle.OpenCheckpoint(signed, verifier)
	if err != nil {
		return err
	}
	m.Checkpoint, m.Log, m.Entries = string(signed), c.Origin, c.Size
	return nil
}

// copyUploads adds to the pool what it lacks, and lists what this backup needs of it.
func (m *Manifest) copyUploads(from, backups, dir string) error {
	var list strings.Builder
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // no upload yet, or swept away while it was walked over
		case err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return err // what begins with a dot is being written
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if name, err = poolNameOf(path, filepath.Join(backups, poolName), name); errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		if strings.Contains(name, resealedMark) {
			m.Format = formatResealed
		}
		target := filepath.Join(backups, poolName, name)
		if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
			if err := copyFile(path, target); errors.Is(err, fs.ErrNotExist) {
				return nil
			} else if err != nil {
				return err
			}
		}
		sum, size, err := digest(target)
		if err != nil {
			return err
		}
		m.Uploads++
		m.Bytes += size
		fmt.Fprintf(&list, "%s  %s\n", sum, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		return fmt.Errorf("copy the uploads: %w", err)
	}
	if err := writeFile(filepath.Join(dir, listName), []byte(list.String())); err != nil {
		return fmt.Errorf("list of uploads: %w", err)
	}
	m.Files, err = part(dir, listName)
	return err
}

// poolNameOf returns under which name an upload lies in the pool: its own, unless the pool has it from before it was sealed anew with
// another key; then the name of the key stands behind it. Backups from before need the one, those from after the other.
func poolNameOf(path, pool, name string) (string, error) {
	key, err := keyOf(path)
	if err != nil {
		return "", err
	}
	there, err := keyOf(filepath.Join(pool, name))
	if errors.Is(err, fs.ErrNotExist) || err == nil && there == key {
		return name, nil
	}
	return name + resealedMark + key, err
}

// keyOf returns the short name of the key that an upload is sealed with: it stands behind the length of the first part.
func keyOf(path string) (string, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return "", err
	}
	var head [8]byte
	_, err = io.ReadFull(f, head[:])
	return seal.KeyOf(head[4:]), errors.Join(err, f.Close())
}

// copyFile copies a file into a new one, which is there whole, and on disk, or not at all.
func copyFile(from, to string) (err error) {
	in, err := os.Open(filepath.Clean(from))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(filepath.Clean(to)+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(out.Name()))
	}
	return errors.Join(os.Rename(out.Name(), to), flush(filepath.Dir(to)))
}

// List returns the folders of the finished backups, oldest first.
func List(backups string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(backups, "*", manifestName))
	if err != nil {
		return nil, err
	}
	dirs := make([]string, len(found))
	for i, path := range found {
		dirs[i] = filepath.Dir(path)
	}
	slices.Sort(dirs)
	return dirs, nil
}

// removeAttempts removes backups that were broken off.
func removeAttempts(backups string) error {
	entries, err := os.ReadDir(backups)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := time.Parse(stamp, e.Name()); err != nil || !e.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(backups, e.Name(), manifestName)); errors.Is(err, fs.ErrNotExist) {
			if err := os.RemoveAll(filepath.Join(backups, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Prune removes all but the newest backups, and uploads that none of those left needs.
func Prune(backups string, keep int) (removed int, err error) {
	if keep < 1 {
		return 0, fmt.Errorf("keep %d: at least one backup is kept", keep)
	}
	dirs, err := List(backups)
	if err != nil {
		return 0, err
	}
	needed := map[string]bool{}
	for i, dir := range dirs {
		if i < len(dirs)-keep {
			// The manifest goes first: what is left of a removal that was broken off is no backup.
			if err := errors.Join(os.Remove(filepath.Join(dir, manifestName)), os.RemoveAll(dir)); err != nil {
				return removed, err
			}
			removed++
			continue
		}
		list, err := readList(dir)
		if err != nil {
			return removed, err
		}
		for _, u := range list {
			needed[filepath.FromSlash(u.name)] = true
		}
	}
	pool, err := os.OpenRoot(filepath.Join(backups, poolName))
	if err != nil {
		return removed, err
	}
	err = fs.WalkDir(pool.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || needed[filepath.FromSlash(name)] {
			return err
		}
		return pool.Remove(name)
	})
	return removed, errors.Join(err, pool.Close())
}
