package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Who has which post is asked of the registry and the accounts as they are at that instant.
func TestWhoStillHoldsAPost(t *testing.T) {
	c, err := LoadConfig("", nil, map[string]any{"data": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	b, err := OpenBase(context.Background(), c, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	a, err := b.Identity.CreateStaff(t.Context(), identity.Platform, identity.NewStaff{Login: "xuws", Password: "marble-orchard-lantern-17", Name: "徐望舒"})
	if err != nil {
		t.Fatal(err)
	}
	err = b.Registry.Edit(t.Context(), func(e *registry.Edit) error {
		name := lang.Text{Hans: "x", Hant: "x", En: "x"}
		for _, err := range []error{
			e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: name}}),
			e.PutBody(registry.Body{Key: "water", Division: "340000000000", Name: name}),
			e.PutPost(registry.Post{Key: "water.reviewer", Body: "water", Roles: []string{registry.Reviewer}, Title: name}),
			e.Appoint(a.ID, "water.reviewer", now, now.Add(24*time.Hour)),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		after      time.Duration
		account    store.ID
		body, role string
		want       string
	}{
		{0, a.ID, "water", registry.Reviewer, ""},
		{0, a.ID, "water", registry.Head, casework.WhyPostEnded},
		{0, a.ID, "police", registry.Reviewer, casework.WhyPostEnded},
		{0, 4711, "water", registry.Reviewer, casework.WhyAccountClosed},
		{24*time.Hour - time.Second, a.ID, "water", registry.Reviewer, ""},
		{time.Second, a.ID, "water", registry.Reviewer, casework.WhyPostEnded},
	} {
		now = now.Add(row.after)
		if why, err := b.holds(t.Context(), row.account, row.body, row.role); err != nil || why != row.want {
			t.Errorf("at %s: %s %s: %q, %v; want %q", now, row.body, row.role, why, err, row.want)
		}
	}
	now = now.Add(-time.Hour)
	if err := b.Identity.SetDisabled(t.Context(), identity.Platform, a.ID, true); err != nil {
		t.Fatal(err)
	}
	if why, err := b.holds(t.Context(), a.ID, "water", registry.Reviewer); err != nil || why != casework.WhyAccountClosed {
		t.Errorf("closed: %q, %v", why, err)
	}
}
