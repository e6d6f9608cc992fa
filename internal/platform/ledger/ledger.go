package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
)

// ErrKey says that the log was signed with another key than the one given. The operator puts the old key file back.
var ErrKey = errors.New("the log was signed with another key; put its key file back")

// Options are what a log works with. All are required.
type Options struct {
	DB     *store.DB
	Key    Key
	Now    func() time.Time
	Log    *slog.Logger
	Holder string // the node and process, for leases
}

// Ledger is the log of a node. It is safe for concurrent use.
type Ledger struct {
	Reader
	o Options

	mu  sync.Mutex
	tip tip // what this process last knew of the log; another one may have moved it since
}

// tip is the end of the log.
type tip struct {
	edge   merkle.Edge
	signed string
}

// pause is how long the sequencer and the followers wait when there is nothing to do.
const pause = 250 * time.Millisecond

// lease is how long a node that died keeps others from its duty.
const lease = 5 * time.Second

// New opens the log, or begins it. It reads the right edge of the tree from the tiles and fails when that does not give the root
// of the last checkpoint: nothing may be appended to a log that was altered.
func New(ctx context.Context, o Options) (*Ledger, error) {
	if o.DB == nil || o.Key.Signer == nil || o.Now == nil || o.Log == nil || o.Holder == "" {
		return nil, errors.New("ledger: an option is missing")
	}
	l := &Ledger{Reader: Reader{o.DB}, o: o}
	first, err := l.sign(merkle.Edge{})
	if err != nil {
		return nil, err
	}
	err = o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO ledger_head (id, size, checkpoint, verifier, at) VALUES (1, 0, $1, $2, $3) ON CONFLICT (id) DO NOTHING`,
			first, o.Key.Public, store.Micros(o.Now()))
		l.tip, err = l.lockTip(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return l, nil
}

// Run sequences events until ctx ends, on the one node that holds the lease: at once while much waits, else four times a second.
func (l *Ledger) Run(ctx context.Context) {
	l.lease("ledger").Poll(ctx, pause, func(ctx context.Context) (bool, error) {
		n, err := l.Sequence(ctx)
		return n >= maxRound, err
	}, func(err error) { l.o.Log.ErrorContext(ctx, "sequence the log", "err", err) })
}

func (l *Ledger) lease(name string) store.Lease {
	return store.Lease{DB: l.o.DB, Name: name, Holder: l.o.Holder, For: lease, Now: l.o.Now}
}

// Lag returns for how long the oldest event has been waiting for its place in the log; 0 when none waits.
func (l *Ledger) Lag(ctx context.Context) (time.Duration, error) {
	at, err := store.Scalar[int64](l.db.Read().QueryRow(ctx, `SELECT at FROM event WHERE leaf IS NULL ORDER BY id LIMIT 1`))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("lag of the log: %w", err)
	}
	return max(0, l.o.Now().Sub(store.Instant(at))), nil
}
