package cleanup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

// attempt is what a case of the kind [AttemptKind] is opened with.
type attempt struct {
	Item string    `json:"item"`
	Name lang.Text `json:"name"`
	Body string    `json:"body"`
	By   string    `json:"by,omitempty"` // post that tried; empty: it came in by no door
}

// Attempted (未经清理设定审批) takes down, once a day for each body, that somebody tried to have an item exercised that is in no round.
// Supervision makes a card of it, which the head of the body explains.
func (s *Service) Attempted(ctx context.Context, by identity.Principal, item string, name lang.Text, bodies []string) error {
	var failed []error
	for _, body := range bodies {
		form, err := json.Marshal(attempt{item, name, body, by.Post.ID})
		if err == nil {
			_, err = s.cases.Do(ctx, casework.Command{
				Key: fmt.Sprintf("cleanup/attempt/%s/%s/%s/%s", item, body, by.Post.ID, s.today()), Actor: identity.Platform,
				Act: casework.Submit{Kind: AttemptKind, Subject: item, Channel: casework.Office, Form: form},
			})
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("report the attempt of %s with %s: %w", body, item, err))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) beginAttempt(_ context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var a attempt
	if err := json.Unmarshal(sent.Form, &a); err != nil {
		return casework.Beginning{}, fmt.Errorf("attempt: %w", err)
	}
	b := s.Registry.Now().Body(a.Body)
	if b == nil {
		return casework.Beginning{}, refuse("/body", "unknown", noBody)
	}
	return casework.Beginning{
		Title: a.Name, Division: b.Division, Body: b.Key, Procedure: AttemptKind, Series: "QW" + b.Division,
		Public: map[string]any{"attempt": true, "item": a.Item, "by": a.By},
	}, nil
}

var attemptTitle = lang.Text{Hans: "未经清理设定审批", Hant: "未經清理設定審批", En: "An item outside of every round of clean-up"}
