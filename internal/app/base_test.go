package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// New keys beside an old database would make everything that was sealed unreadable: the program refuses to start instead.
func TestKeysAreNotMadeAnew(t *testing.T) {
	c, err := LoadConfig("", nil, map[string]any{"data": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	open := func() (*Base, error) {
		return OpenBase(context.Background(), c, time.Now, slog.New(slog.DiscardHandler))
	}
	b, err := open()
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Identity.Register(t.Context(), identity.Registration{
		Kind: identity.Person, Login: "wang", Password: "a long sentence as a password", Name: "王小明", Number: "11010519491231002X", Phone: "13800000000",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(c.Data, "keys", "seal.key")
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil || !strings.Contains(err.Error(), "seal.key is missing") {
		t.Fatalf("it started with new keys: %v", err)
	}
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Errorf("a new key was left behind: %v", err)
	}
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	if b, err = open(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Identity.AccountByLogin(t.Context(), "wang"); err != nil {
		t.Errorf("with the key back: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// A command of the operator runs beside the node whose settings it uses: in the same instant neither names anything as the other does, nor as a
// second command.
func TestCommandsNameThingsApart(t *testing.T) {
	c, err := LoadConfig("", nil, map[string]any{"data": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	instant := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	seen := map[store.ID]int{}
	for program, command := range []bool{false, true, true} {
		c.Command = command
		b, err := OpenBase(context.Background(), c, func() time.Time { return instant }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			id := b.IDs.New()
			if other, twice := seen[id]; twice {
				t.Fatalf("programs %d and %d both name something %s", other, program, id)
			}
			seen[id] = program
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}
