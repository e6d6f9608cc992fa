package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
)

// JournalType is the type in the envelope of an entry of the journal, where an event of a case has the kind of case.
const JournalType = "journal"

// journalPrefix begins the kinds of the events of the journal.
const journalPrefix = "admin."

// Journal (管理日志) keeps what administrators do: a [journal.Recorder]. Its entries are events of the one log, as if the journal of
// each node were a case that never ends: numbered from 1 without a gap, with the personal parts sealed. It is safe for concurrent use.
type Journal struct {
	db   *store.DB
	keys *seal.Ring
	ids  *store.IDs
	now  func() time.Time
	node int
}

// NewJournal returns the journal of a node.
func NewJournal(db *store.DB, keys *seal.Ring, ids *store.IDs, now func() time.Time, node int) *Journal {
	return &Journal{db, keys, ids, now, node}
}

// id stands where the id of a case stands in the events of the journal of a node. Identifiers of cases begin far above.
func journalID(node int) store.ID { return store.ID(node + 1) }

// IsJournal reports whether an event is an entry of a journal and not of a case.
func (e *Event) IsJournal() bool { return strings.HasPrefix(e.Kind, journalPrefix) }

// JournalName is the name of a node's journal, where the number of a case stands in the log.
func JournalName(node int) string { return fmt.Sprintf("journal/%d", node) }

// JournalKind returns the kind of act of an event's kind.
func JournalKind(eventKind string) string { return strings.TrimPrefix(eventKind, journalPrefix) }

// Names of the private fields of an entry that every act has.
const (
	fieldAccount = "account"
	fieldActor   = "actor"
	fieldOn      = "on"
	fieldData    = "data"
)

// Record implements [journal.Recorder].
func (j *Journal) Record(ctx context.Context, tx *store.Tx, a journal.Act) error {
	if a.Kind == "" || a.On.Kind == "" {
		return errors.New("journal: an act needs its kind, and what it was done to")
	}
	if a.By.Kind == "" {
		a.By.Kind = journal.Operator
	}
	name := JournalName(j.node)
	// The row of the counter is held until the end of the transaction: entries get their numbers in the order in which they commit.
	tx.Queue(`INSERT INTO journal_head (node, last) VALUES ($1, 0) ON CONFLICT (node) DO NOTHING`, j.node)
	last, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT last FROM journal_head WHERE node = $1`+tx.ForUpdate(), j.node))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	at := j.now().Round(0).UTC().Truncate(time.Microsecond)
	ev := Event{ID: j.ids.New(), Case: journalID(j.node), Seq: last + 1, At: at, Kind: journalPrefix + a.Kind, Leaf: -1}
	env, private, err := journalEnvelope(a, name, &ev)
	if err != nil {
		return fmt.Errorf("journal: %s: %w", a.Kind, err)
	}
	secrets, err := sealEvent(j.keys, &ev, &env, private)
	if err != nil {
		return fmt.Errorf("journal: %s: %w", a.Kind, err)
	}
	tx.Queue(`UPDATE journal_head SET last = $2 WHERE node = $1`, j.node, ev.Seq)
	tx.Queue(`INSERT INTO event (id, case_id, seq, at, kind, content, leaf, sealed, command, asked)
		VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, NULL, NULL)`,
		int64(ev.ID), int64(ev.Case), ev.Seq, store.Micros(at), ev.Kind, string(ev.Content), secrets)
	tx.Queue(`INSERT INTO journal_entry (event, at, kind, refused, account, post, target_kind, target) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		int64(ev.ID), store.Micros(at), a.Kind, a.Refused, int64(a.By.Account), a.By.Post, a.On.Kind, a.On.ID)
	return nil
}

// RecordAlone takes down an act that changed nothing else: a refusal, the reading of the trail.
func (j *Journal) RecordAlone(ctx context.Context, a journal.Act) error {
	return j.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return j.Record(ctx, tx, a) })
}

// journalEnvelope divides an act into what everybody may read and what is sealed.
func journalEnvelope(a journal.Act, name string, ev *Event) (Envelope, map[string]json.RawMessage, error) {
	env := Envelope{
		Actor: Actor{Kind: identity.Kind(a.By.Kind)}, At: ev.At.Format(envelopeTime), Case: name, Kind: ev.Kind, Seq: ev.Seq,
		Type: JournalType, V: 1, Data: map[string]any{"result": "done"},
	}
	if a.Refused != "" {
		env.Data["result"] = "refused"
	}
	secret := map[string]any{}
	for k, v := range a.Secret {
		secret[k] = v
	}
	if a.By.Account != 0 {
		secret[fieldAccount] = a.By.Account
	}
	actor := Actor{Body: a.By.Body, Kind: env.Actor.Kind, Post: a.By.Post, Role: a.By.Role}
	on := a.On.Kind + "/" + a.On.ID
	data := map[string]any{}
	for k, v := range a.Data {
		data[k] = v
	}
	if a.Refused != "" {
		data["refused"] = a.Refused
	}
	if a.Public {
		env.Actor, env.Body = actor, a.By.Body
		env.Data[fieldOn] = on
		for k, v := range data {
			env.Data[k] = v
		}
	} else {
		secret[fieldActor], secret[fieldOn], secret[fieldData] = actor, on, data
	}
	private := make(map[string]json.RawMessage, len(secret))
	for k, v := range secret {
		raw, err := json.Marshal(v)
		if err != nil {
			return env, nil, fmt.Errorf("%s: %w", k, err)
		}
		private[k] = raw
	}
	return env, private, nil
}
