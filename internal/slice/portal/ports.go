package portal

import (
	"context"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/supervision"
)

// Services knows the service items (政务服务事项). The slice power stands behind it. It answers from memory.
type Services interface {
	// Offer tells what can be applied for with the bodies of a division, of those above it and of those within it; of "" on the
	// whole node.
	Offer(division string) Offer
	// OfBody lists what a body does, in the order of its catalogue.
	OfBody(body string) []Item
}

// Offer is how many services there are, by life event (人生事件) and by topic (主题).
type Offer struct {
	Total          int
	Events, Topics []Group
}

// Group is a life event or a topic with how many services it has.
type Group struct {
	Key   string
	Name  lang.Text
	Count int
}

// Item is a service item as one body exercises it.
type Item struct {
	Code string    // 实施编码
	Name lang.Text // of the item
	Type lang.Text // 事项类型 in words
	Term lang.Text // the promised term in words
}

// Tallies counts what happened to cases. Package supervision stands behind it.
type Tallies interface {
	// Counts returns sums by group, ordered by key, of the days from and to, or of ever when both are 0.
	Counts(ctx context.Context, sc supervision.Scope, by supervision.By, from, to calendar.Date) ([]supervision.Count, error)
}

// Log is the public log of the node. Package ledger stands behind it.
type Log interface {
	// Checkpoint returns the latest signed checkpoint.
	Checkpoint(ctx context.Context) ([]byte, error)
	// PublicKey returns the text of the key by which checkpoints are signed.
	PublicKey(ctx context.Context) (string, error)
	// Consistency returns the latest checkpoint and the path that shows that its tree begins with the one of size old.
	Consistency(ctx context.Context, old int64) (signed []byte, proof []merkle.Hash, err error)
}
