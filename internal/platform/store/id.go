package store

import (
	"fmt"
	"strconv"
	"sync"
	"time"
)

// ID identifies a row for good, on every node: 41 bits of milliseconds since 2020-01-01 UTC, 10 bits of node, 12 bits of
// sequence. IDs of one node grow with time. In JSON an ID is a string, because JavaScript loses digits above 2^53.
type ID int64

const (
	nodeBits     = 10
	sequenceBits = 12
)

// MaxNode is the highest number that a node of a hall can have. The numbers above it, up to maxNumber, are those of commands that run beside
// the nodes: see [DB.CommandNumber].
const (
	MaxNode   = maxNumber / 2
	maxNumber = 1<<nodeBits - 1
)

var idEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// String returns the decimal form.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// FirstID returns the smallest identifier that any node hands out at the instant: identifiers can so be chosen by time.
func FirstID(at time.Time) ID { return ID(max(0, at.UnixMilli()-idEpoch) << (nodeBits + sequenceBits)) }

// ParseID reads the decimal form of a positive ID.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("identifier %q: want a positive number of up to 19 digits", s)
	}
	return ID(n), nil
}

// MarshalText writes the decimal form; encoding/json turns it into a string.
func (id ID) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(id), 10), nil }

// UnmarshalText reads the decimal form.
func (id *ID) UnmarshalText(b []byte) error {
	if string(b) == "0" {
		*id = 0
		return nil
	}
	v, err := ParseID(string(b))
	*id = v
	return err
}

// IDs hands out identifiers of one node. It is safe for concurrent use.
type IDs struct {
	now  func() time.Time
	node int64

	mu   sync.Mutex
	last int64 // milliseconds and sequence of the last one
}

// NewIDs returns the generator of a node (0 to [MaxNode]) or of a command (see [DB.CommandNumber]), reading the time from now. No two programs
// that run at once on one database may have the same number.
func NewIDs(node int, now func() time.Time) (*IDs, error) {
	if node < 0 || node > maxNumber {
		return nil, fmt.Errorf("node number %d: want 0 to %d", node, maxNumber)
	}
	return &IDs{now: now, node: int64(node)}, nil
}

// New returns the next identifier. When the clock stands still or runs back, the sequence goes on from the last one, so that
// no identifier is ever given twice by a running node.
func (g *IDs) New() ID {
	ms := g.now().UnixMilli() - idEpoch
	g.mu.Lock()
	defer g.mu.Unlock()
	next := ms << sequenceBits
	if next <= g.last {
		next = g.last + 1
	}
	g.last = next
	ms, seq := next>>sequenceBits, next&(1<<sequenceBits-1)
	return ID(ms<<(nodeBits+sequenceBits) | g.node<<sequenceBits | seq)
}

// Micros is the form in which an instant is stored: microseconds since 1970 UTC. The zero time is stored as 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Instant reads the stored form of an instant. 0 is the zero time.
func Instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
