package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Event is one step of a case, as it happened and for good.
type Event struct {
	ID       store.ID        `json:"id"`
	Seq      int64           `json:"seq" doc:"Its number in the case, from 1."`
	At       time.Time       `json:"at"`
	Kind     string          `json:"kind" example:"task.completed"`
	Leaf     *int64          `json:"leaf,omitempty" doc:"Its place in the log; absent until it has one."`
	Envelope json.RawMessage `json:"envelope" doc:"What stands in the log. Private fields are salted commitments. The receipt has it byte for byte."`
}

func eventOf(e *casework.Event) Event {
	out := Event{ID: e.ID, Seq: e.Seq, At: e.At.UTC(), Kind: e.Kind, Envelope: e.Content}
	if e.Leaf >= 0 {
		out.Leaf = &e.Leaf
	}
	return out
}

// EventList is a page of events.
type EventList struct {
	Events []Event `json:"events" nullable:"false"`
	Next   string  `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

type eventsInput struct {
	CaseName
	Page
}

type eventsOutput struct{ Body EventList }

type eventInput struct {
	CaseName
	Seq int64 `path:"seq" minimum:"1" doc:"Number of the event in the case."`
}

type eventOutput struct{ Body Event }

type proofInput struct {
	Event string `path:"event" doc:"Identifier of the event."`
}

type proofOutput struct{ Body LogReceipt }

// LogReceipt (回执) proves without asking anybody that an event stands in the public log.
type LogReceipt struct {
	Version    int      `json:"version"`
	Entry      string   `json:"entry" doc:"The canonical JSON of the event, byte for byte."`
	Leaf       string   `json:"leaf" doc:"Its leaf hash (RFC 6962), base64."`
	Index      int64    `json:"index" doc:"Its place in the log, from 0."`
	Checkpoint string   `json:"checkpoint" doc:"The signed checkpoint (C2SP tlog-checkpoint) to which the proof leads."`
	Proof      []string `json:"proof" nullable:"false" doc:"Hashes of the inclusion proof, base64."`
}

func receiptOf(r merkle.Receipt) LogReceipt {
	out := LogReceipt{Version: r.Version, Entry: r.Entry, Leaf: r.Leaf.String(), Index: r.Index, Checkpoint: r.Checkpoint, Proof: make([]string, 0, len(r.Proof))}
	for _, h := range r.Proof {
		out.Proof = append(out.Proof, h.String())
	}
	return out
}

func (a *API) addEvents() {
	const tag = "Log"
	Register(a, Operation{
		ID: "list-events", Method: http.MethodGet, Path: "/cases/{case}/events", Tag: tag, Summary: "The events of a case, oldest first",
		Actions: []string{casework.ActionRead}, Errors: []int{http.StatusNotFound},
	}, a.listEvents)
	Register(a, Operation{
		ID: "get-event", Method: http.MethodGet, Path: "/cases/{case}/events/{seq}", Tag: tag, Summary: "One event of a case",
		Actions: []string{casework.ActionRead}, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *eventInput) (*eventOutput, error) {
		c, err := a.found(ctx, in.Case, false)
		if err != nil {
			return nil, err
		}
		e, err := a.Cases.Event(ctx, c.ID, in.Seq)
		if err != nil {
			return nil, err
		}
		return &eventOutput{eventOf(&e)}, nil
	})
	Register(a, Operation{
		ID: "get-receipt", Method: http.MethodGet, Path: "/receipts/{event}", Tag: tag, Summary: "The proof that an event stands in the log",
		Description: "Check it offline with openhall verify receipt. An event that has no place in the log yet answers 404 with the code receipt-pending: ask again after Retry-After.",
		Errors:      []int{http.StatusNotFound},
	}, func(ctx context.Context, in *proofInput) (*proofOutput, error) {
		id, err := store.ParseID(in.Event)
		if err != nil {
			return nil, NotFound()
		}
		r, err := a.Receipts.Receipt(ctx, id)
		if err != nil {
			return nil, err
		}
		return &proofOutput{receiptOf(r)}, nil
	})
}

func (a *API) listEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	c, err := a.found(ctx, in.Case, false)
	if err != nil {
		return nil, err
	}
	events, err := a.Cases.Events(ctx, c.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &eventsOutput{}
	events, out.Body.Next = cut(in.Page, events, func(e casework.Event) string { return strconv.FormatInt(e.Seq, 10) })
	out.Body.Events = make([]Event, 0, len(events))
	for i := range events {
		out.Body.Events = append(out.Body.Events, eventOf(&events[i]))
	}
	return out, nil
}
