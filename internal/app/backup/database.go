package backup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/store"
)

const (
	sqliteName   = "openhall.db"
	postgresName = "openhall.dump"
)

// copyDatabase copies the database into the folder of a backup and returns the name of the copy.
func copyDatabase(ctx context.Context, db *store.DB, dsn, dir string) (string, error) {
	if db.Engine() == store.SQLite {
		return sqliteName, db.Snapshot(ctx, filepath.Join(dir, sqliteName))
	}
	server, env, err := postgresArguments(dsn)
	if err != nil {
		return "", err
	}
	return postgresName, run(ctx, env, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--serializable-deferrable",
		"--file="+filepath.Join(dir, postgresName), "--dbname="+server)
}

// restoreDatabase brings the copy back into an empty database.
func restoreDatabase(ctx context.Context, m *Manifest, dir, dsn string) error {
	path := filepath.Join(dir, m.Database.Name)
	if m.Engine == store.SQLite {
		target, ok := strings.CutPrefix(dsn, "sqlite:")
		if !ok {
			return fmt.Errorf("the backup is one of SQLite, and the database is to be %q: give sqlite:PATH", scheme(dsn))
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		return copyFile(path, target)
	}
	if strings.HasPrefix(dsn, "sqlite:") {
		return errors.New("the backup is one of PostgreSQL: give the address of an empty PostgreSQL database with --database")
	}
	server, env, err := postgresArguments(dsn)
	if err != nil {
		return err
	}
	return run(ctx, env, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--dbname="+server, path)
}

// empty refuses a place where a hall lives already: a backup never overwrites one.
func empty(ctx context.Context, dsn string) error {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is there already: a hall is brought back into an empty place only; move it away or choose another --data", path)
		}
		return nil
	}
	db, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	n, err := store.Scalar[int](db.Read().QueryRow(ctx, `SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'`))
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("the database holds %d tables: a hall is brought back into an empty one only (createdb NAME)", n)
	}
	return nil
}

func scheme(dsn string) string {
	s, _, _ := strings.Cut(dsn, ":")
	return s + ":…"
}

// postgresArguments takes the password out of an address: arguments of programs are seen by everybody on the machine.
func postgresArguments(dsn string) (server string, env []string, err error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", nil, errors.New("the address of the database can't be read: want postgres://USER@HOST/NAME")
	}
	if password, has := u.User.Password(); has {
		env = append(env, "PGPASSWORD="+password)
		u.User = url.User(u.User.Username())
	}
	return u.String(), env, nil
}

// run runs one of PostgreSQL's programs, of the newest version on this machine.
func run(ctx context.Context, env []string, name string, args ...string) error {
	path, err := program(name)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // G204: one of two fixed programs, with arguments that the operator configured
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// program finds one of PostgreSQL's programs: where Debian keeps the versions, newest first, or on the PATH.
func program(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		return slices.MaxFunc(found, byVersion), nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not on this machine: install the client programs of PostgreSQL: %w", name, err)
	}
	return path, nil
}

// byVersion orders paths by the length and then the text of the version in them: 9 before 15 before 17.
func byVersion(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
