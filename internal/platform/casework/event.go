package casework

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

func (s *step) event(kind string, at time.Time) *pending {
	e := &pending{kind: kind, at: at, data: map[string]any{}, private: map[string]json.RawMessage{}}
	s.events = append(s.events, e)
	return e
}

// secret keeps a personal value out of the log: a salted commitment stands there in its place.
func (p *pending) secret(field string, value any) {
	raw, ok := value.(json.RawMessage)
	if !ok {
		var err error
		if raw, err = json.Marshal(value); err != nil {
			return // unreachable: the values are plain structs and strings
		}
	}
	if len(raw) > 0 {
		p.private[field] = raw
	}
}

// consent notes how the applicant agreed to what was done for them; who was there is personal.
func (p *pending) consent(c *Consent) {
	if c == nil {
		return
	}
	p.data["consent"] = c.How
	if c.Witness != "" {
		p.secret("witness", c.Witness)
	}
}

// files puts the digests of files into the log, and their names into the sealed part.
func (p *pending) files(files []FileRef) {
	if len(files) == 0 {
		return
	}
	digests := make([]string, len(files))
	for i, f := range files {
		digests[i] = f.Digest
	}
	p.data["files"] = digests
	p.secret("files", files)
}

func (p *pending) list(name, value string) {
	l, _ := p.data[name].([]string)
	p.data[name] = append(l, value)
}

// sealedEvent is an event ready to be written.
type sealedEvent struct {
	Event
	secrets []byte // sealed; nil when there are none
}

// sealedField is how a private value is stored: with the salt that opens its commitment.
type sealedField struct {
	Salt  merkle.Salt     `json:"salt"`
	Value json.RawMessage `json:"value"`
}

// seal turns what happened into events and the receipt of the first of them. A new case has no number yet: its place in the
// events is left empty until the turn of the command has come ([step.numbered]).
func (s *step) seal() error {
	actor := s.actor()
	for _, p := range s.events {
		s.c.Seq++
		ev, secrets, err := s.sealOne(p, actor)
		if err != nil {
			return err
		}
		s.sealed = append(s.sealed, sealedEvent{ev, secrets})
	}
	if len(s.sealed) == 0 {
		return nil
	}
	first := &s.sealed[0].Event
	s.receipt = receiptOf(first, s.c.Number)
	s.receipt.Open = s.c.state.Tasks
	if s.a.key != nil {
		m := mark{seq: first.Seq}
		copy(m.key[:], s.a.key)
		copy(m.digest[:], s.a.digest)
		s.c.marks = append(slices.Clip(s.c.marks), m)
	}
	return nil
}

// numbered returns the step of a new case with the number in its place. The step itself stays as it is: its transaction may fail,
// and the number go to another.
func (s *step) numbered(number string) (*step, error) {
	quoted, err := merkle.Canonical(number)
	if err != nil {
		return nil, fmt.Errorf("number %q: %w", number, err)
	}
	n, c := *s, *s.c
	n.c, c.Number = &c, number
	n.sealed = slices.Clone(s.sealed)
	for i := range n.sealed {
		e := &n.sealed[i]
		// Quotes within a JSON text are escaped, so the first such bytes are the member itself.
		if e.Content = bytes.Replace(e.Content, unnumbered, append([]byte(`"case":`), quoted...), 1); len(e.Content) > merkle.MaxEntry {
			return nil, refuse(RefusedTooLarge)
		}
	}
	n.receipt = receiptOf(&n.sealed[0].Event, number)
	n.receipt.Open = c.state.Tasks
	n.write()
	return &n, nil
}

// unnumbered is how the member for the number stands in the events of a case without one.
var unnumbered = []byte(`"case":""`)

// receiptOf makes the receipt of a command from its event.
func receiptOf(e *Event, number string) Receipt {
	leaf := merkle.LeafHash(e.Content)
	return Receipt{Case: e.Case, Number: number, Seq: e.Seq, Event: e.ID, At: e.At, Leaf: leaf[:]}
}

func (s *step) sealOne(p *pending, actor Actor) (Event, []byte, error) {
	ev := Event{ID: s.r.IDs.New(), Case: s.c.ID, Seq: s.c.Seq, At: p.at, Kind: p.kind, Leaf: -1}
	env := Envelope{
		Actor: actor, At: p.at.UTC().Format(envelopeTime), Body: s.c.Body, Case: s.c.Number, Data: p.data,
		Division: s.c.Division, Kind: p.kind, Seq: s.c.Seq, Subject: s.c.Subject, Type: s.c.Kind, V: 1,
	}
	secrets, err := sealEvent(s.r.Keys, &ev, &env, p.private)
	return ev, secrets, err
}

// envelopeTime is how an envelope writes an instant in UTC.
const envelopeTime = "2006-01-02T15:04:05.000000Z"

// sealEvent writes the content of the event from its envelope, with commitments in place of the private values, and returns those
// sealed; nil when there are none.
func sealEvent(keys *seal.Ring, ev *Event, env *Envelope, private map[string]json.RawMessage) ([]byte, error) {
	var secrets []byte
	if len(private) > 0 {
		fields := make(map[string]sealedField, len(private))
		env.Private = make(map[string]string, len(private))
		for name, value := range private {
			salt, err := merkle.NewSalt(rand.Reader)
			if err != nil {
				return nil, err
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, value); err != nil {
				return nil, fmt.Errorf("private field %s: %w", name, err)
			}
			fields[name] = sealedField{salt, compact.Bytes()}
			sum := merkle.Commit(salt, name, compact.Bytes())
			env.Private[name] = base64.StdEncoding.EncodeToString(sum[:])
		}
		plain, err := json.Marshal(fields)
		if err != nil {
			return nil, fmt.Errorf("private fields: %w", err)
		}
		secrets = keys.Seal(privateContext(ev.ID), plain)
	}
	var err error
	if ev.Content, err = canonical(env); err == nil && len(ev.Content) > merkle.MaxEntry {
		err = refuse(RefusedTooLarge)
	}
	return secrets, err
}

func privateContext(event store.ID) string {
	return "event/" + strconv.FormatInt(int64(event), 10)
}

func (s *step) actor() Actor {
	p := &s.a.cmd.Actor
	a := Actor{Kind: p.Kind}
	if p.Post.ID != "" {
		a.Post, a.Body = p.Post.ID, p.Post.Body
		a.Role = s.role
	}
	return a
}

// canonical writes the envelope by RFC 8785. encoding/json does so for structs whose fields stand in order and maps of strings
// and integers; what it writes otherwise goes through the full canonical form.
func canonical(env *Envelope) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(env); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	out := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if plain(out) {
		return out, nil
	}
	return merkle.Canonical(json.RawMessage(out))
}

// plain reports whether JSON of encoding/json is canonical already: no escape, which RFC 8785 may write otherwise, and no number
// but small integers.
func plain(b []byte) bool {
	inString := false
	digits := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			return false
		case c == '"':
			inString = !inString
		case inString:
		case c >= '0' && c <= '9':
			if digits++; digits > 15 {
				return false
			}
			continue
		case c == '.', c == 'e', c == 'E', c == '+', c == '-':
			if digits > 0 || c == '-' || c == '.' {
				return false
			}
		}
		digits = 0
	}
	return true
}
