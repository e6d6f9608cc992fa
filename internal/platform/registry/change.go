package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Change is what an edit does to one thing.
type Change struct {
	Kind   string // division, body, centre, post, appointment
	Key    string // of an appointment the post
	Before json.RawMessage
	After  json.RawMessage

	appointment Appointment
}

// New reports whether the thing was not there before.
func (c *Change) New() bool { return c.Before == nil }

// noted keeps a nil pointer from becoming a value that is not nil.
func noted[T any](v *T) any {
	if v == nil {
		return nil
	}
	return v
}

// changed notes a change, unless everything stays as it is.
func (e *Edit) changed(kind, key string, before, after any) {
	c := Change{Kind: kind, Key: key, After: marshal(after)}
	c.appointment, _ = after.(Appointment)
	if before != nil {
		c.Before = marshal(before)
	}
	if !bytes.Equal(c.Before, c.After) {
		e.changes = append(e.changes, c)
	}
}

func marshal(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`null`) // unreachable: the values are plain structs
	}
	return text
}

const (
	singly    = 60       // changes that get an entry of the journal each; more are an import, and get one together
	maxNoted  = 20 << 10 // bytes of a thing that stand in an entry as they are; a centre with hundreds of windows has more
	kindOfAll = "registry"
)

// record takes the changes of an edit down in the journal.
func (r *Registry) record(ctx context.Context, tx *store.Tx, e *Edit) error {
	if len(e.changes) > singly {
		return r.journal.Record(ctx, tx, imported(e))
	}
	for i := range e.changes {
		c := &e.changes[i]
		a := journal.Act{Kind: journal.RegistryChanged, By: e.by, On: journal.On(c.Kind, c.Key), Public: true, Data: map[string]any{}}
		if c.Kind == "appointment" {
			a.Kind, a.On = journal.Appointed, journal.On("post", c.Key)
			a.Data["from"], a.Data["until"] = instant(store.Micros(c.appointment.From)), instant(store.Micros(c.appointment.Until))
			a.Secret = map[string]any{"appointed": c.appointment.Account}
		} else {
			note(a.Data, "before", c.Before)
			note(a.Data, "after", c.After)
		}
		if err := r.journal.Record(ctx, tx, a); err != nil {
			return err
		}
	}
	return nil
}

func instant(us int64) string {
	if us == 0 {
		return ""
	}
	return store.Instant(us).Format("2006-01-02T15:04:05Z")
}

// note puts a thing into the data of an act, or its digest when it is long.
func note(data map[string]any, name string, text json.RawMessage) {
	switch {
	case text == nil:
	case len(text) <= maxNoted:
		data[name] = text
	default:
		sum := sha256.Sum256(text)
		data[name+"Digest"] = hex.EncodeToString(sum[:])
	}
}

// imported is the act of an edit with many changes: how many of each kind, and the digest of all.
func imported(e *Edit) journal.Act {
	counts, digest := map[string]int{}, sha256.New()
	for i := range e.changes {
		c := &e.changes[i]
		counts[c.Kind]++
		_, _ = fmt.Fprintf(digest, "%s/%s\n%s\n%s\n", c.Kind, c.Key, c.Before, c.After) // a hash never fails to write
	}
	data := map[string]any{"digest": hex.EncodeToString(digest.Sum(nil))}
	for kind, n := range counts {
		data[kind] = n
	}
	return journal.Act{Kind: journal.RegistryImported, By: e.by, On: journal.On(kindOfAll, len(e.changes)), Public: true, Data: data}
}
