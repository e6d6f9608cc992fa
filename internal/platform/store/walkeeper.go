package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// SQLite begins its write-ahead log anew only in a moment in which nobody reads from it. Under load there is no such moment: the log
// grows without end, and once it is long, the engine copies it into the database with every commit, in the writer, with three flushes
// to disk instead of one. So the log is kept short from beside: copied while others write, and begun anew while the writer holds still
// for the few milliseconds until those who read have finished.
const (
	walFrames = 4000  // pages of 4 KB in the log from which on it is copied
	walNet    = 40000 // from which on the engine copies it itself, should this fail
	walWaits  = 250   // ms that the writer holds still at most
)

// walKeeper keeps the write-ahead log of a SQLite database short.
type walKeeper struct {
	db     *DB
	conn   *sql.DB
	wrote  chan struct{}
	stop   context.CancelFunc
	done   sync.WaitGroup
	enough int // pages from which on it is tried; more after it was tried in vain
}

func keepWAL(db *DB, path, dsn string) (*walKeeper, error) {
	conn, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	conn.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	k := &walKeeper{db: db, conn: conn, wrote: make(chan struct{}, 1), stop: stop, enough: walFrames}
	k.done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-k.wrote:
				k.look(ctx)
			}
		}
	})
	return k, nil
}

// committed is told of each transaction that was committed.
func (k *walKeeper) committed() {
	if k == nil {
		return
	}
	select {
	case k.wrote <- struct{}{}:
	default: // it will look anyway
	}
}

// look copies the log when it is long, and has it begin anew. When that fails, or somebody reads for too long, it is tried again once
// the log has grown by as much; what is wrong with the disk, the next commit says.
func (k *walKeeper) look(ctx context.Context) {
	n, err := k.frames(ctx)
	if err != nil || n < k.enough {
		return
	}
	if _, err := k.checkpoint(ctx, "PASSIVE"); err == nil {
		select {
		case w := <-k.db.conns: // the writer holds still
			again, err := k.checkpoint(ctx, "RESTART")
			k.db.conns <- w
			if err == nil && again {
				k.enough = walFrames
				return
			}
		case <-ctx.Done():
			return
		}
	}
	k.enough = n + walFrames
}

// checkpoint copies the log into the database and reports whether nobody was in its way.
func (k *walKeeper) checkpoint(ctx context.Context, mode string) (bool, error) {
	var busy, log, copied int
	err := k.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &copied)
	return busy == 0, err
}

// frames is how many pages are in the log. The engine is asked: whoever opens and closes one of its files by himself takes away all locks
// that this process has on it, and other programs, such as one that copies the database, would write into what they believe is theirs.
func (k *walKeeper) frames(ctx context.Context) (n int, err error) {
	var busy, copied int
	err = k.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &n, &copied)
	return n, err
}

func (k *walKeeper) close() error {
	if k == nil {
		return nil
	}
	k.stop()
	k.done.Wait()
	return k.conn.Close()
}
