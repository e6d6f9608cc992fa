package power

import (
	"context"
	"encoding/json"
	"fmt"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Import publishes a catalogue for the operator of the node: its laws, labels, forms, and those items that were never published
// with the same content. So importing a catalogue twice changes nothing, and what was changed meanwhile stays. It returns how many
// versions it published. An item with errors refuses the whole import with a *LintError, one that is in no
// round of clean-up with an *UnlistedError.
func (s *Service) Import(ctx context.Context, c *Catalogue) (published int, err error) {
	err = s.deps.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		return putReferences(tx, c)
	})
	if err == nil {
		err = s.Load(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("import the catalogue: %w", err)
	}
	var fresh []Item
	for _, it := range c.Items {
		known, err := s.known(ctx, it)
		if err != nil {
			return 0, fmt.Errorf("import the catalogue: %w", err)
		}
		if known {
			continue
		}
		if findings := s.Lint(ctx, &it); !Publishable(findings) {
			return 0, fmt.Errorf("item %s: %w", it.Key, &LintError{Findings: findings})
		}
		if err := s.admit(ctx, identity.Platform, &it); err != nil {
			return 0, fmt.Errorf("import the catalogue: %w", err)
		}
		fresh = append(fresh, it)
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	err = s.deps.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		for _, it := range fresh {
			last, err := newest(ctx, tx, it.Key)
			if err != nil {
				return err
			}
			it.Version = last.Item.Version + 1
			if err := s.insert(ctx, tx, it, 0); err != nil {
				return err
			}
		}
		return s.deps.Journal.Record(ctx, tx, journal.Act{
			Kind: journal.ItemsImported, On: journal.On("items", len(fresh)), Public: true, Data: map[string]any{"items": namesOf(fresh)},
		})
	})
	if err != nil {
		return 0, fmt.Errorf("import the catalogue: %w", err)
	}
	return len(fresh), s.Load(ctx)
}

// namesOf lists items by their keys, as far as an entry of the log holds them.
func namesOf(items []Item) []string {
	const most = 500
	keys := make([]string, 0, min(len(items), most))
	for _, it := range items[:min(len(items), most)] {
		keys = append(keys, it.Key)
	}
	return keys
}

// known reports whether the item was published before with the same content.
func (s *Service) known(ctx context.Context, it Item) (bool, error) {
	digest, err := digestOf(it)
	if err != nil {
		return false, err
	}
	n, err := store.Scalar[int64](s.deps.DB.Read().QueryRow(ctx,
		`SELECT COUNT(*) FROM power_item WHERE key = $1 AND digest = $2`, it.Key, digest))
	return n > 0, err
}

func putReferences(tx *store.Tx, c *Catalogue) error {
	for key, law := range c.Laws {
		if err := putReference(tx, 0, refLaw, key, law); err != nil {
			return err
		}
	}
	for _, labels := range []struct {
		kind string
		list []Label
	}{{refTopic, c.Topics}, {refEvent, c.Events}} {
		for i, l := range labels.list {
			if err := putReference(tx, i, labels.kind, l.Key, l); err != nil {
				return err
			}
		}
	}
	for key, schema := range c.Forms {
		if err := putReference(tx, 0, refForm, key, json.RawMessage(schema)); err != nil {
			return err
		}
	}
	return nil
}
