package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
)

// newKeysCommand lists and rotates the keys of a hall.
func newKeysCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "List the keys of a hall, put new ones in their place, and take the old ones out"}
	cmd.AddCommand(newKeysListCommand(), newKeysRotateCommand(), newKeysResealCommand(), newKeysRetireCommand())
	return cmd
}

func newKeysListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys by their short names, with what they are for; never a secret",
		Args:  cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withHall(cmd, s, func(ctx context.Context, b *app.Base) error {
			out := cmd.OutOrStdout()
			for i, id := range b.Keys.Keys() {
				does := "seals and opens personal data (AES-256-GCM)"
				if i > 0 {
					does = "opens what it has sealed (AES-256-GCM)"
				}
				fmt.Fprintf(out, "seal      %s  %s\n", id, does)
			}
			fmt.Fprintf(out, "log       %08x  signs %s (Ed25519); it is the log's name for good\n", b.LogKey.Verifier.KeyHash(), b.LogKey.Signer.Name())
			known, err := b.Letters.Keys(ctx)
			if err != nil {
				return err
			}
			for _, k := range known {
				until := "signs documents"
				if !k.Until.IsZero() {
					until = "signed documents until " + calendar.Of(k.Until).String()
				}
				fmt.Fprintf(out, "document  %s  %s, %s, since %s\n", k.ID(), k.Algorithm(), until, calendar.Of(k.From))
			}
			return nil
		})
	}
	return cmd
}

func newKeysRotateCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "rotate seal|documents",
		Short: "Put a new key in the place of the one that seals, or of those that sign documents",
		Long: `Put a new key in the place of the one that seals personal data, or of those that sign documents. Old keys go on opening, and what they
signed stays valid. Nodes take a new seal key up within seconds from their folder keys/: when each node has a folder of its own, bring the
new one to all of them at once. New keys of documents are taken up when a node is started again.

What the old seal keys have sealed is sealed anew by "openhall keys reseal"; "openhall keys retire" takes them out then.

The key of the log is not rotated: it is the log's name, which proofs and earlier checkpoints carry. What to do when it was stolen stands
in the guide for operators.`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"seal", "documents"},
	}
	s := addSettings(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] != "seal" && args[0] != "documents" {
			return fmt.Errorf("there is no key %q to rotate: say seal or documents", args[0])
		}
		return withHall(cmd, s, func(ctx context.Context, b *app.Base) error {
			dir := filepath.Join(b.Config.Data, "keys")
			if dry {
				fmt.Fprintf(cmd.OutOrStdout(), "would rotate the %s key in %s; nothing was changed\n", args[0], dir)
				return nil
			}
			data, err := rotate(args[0], dir)
			if err != nil {
				return err
			}
			if err := b.Journal.RecordAlone(ctx, journal.Act{Kind: journal.KeyRotated, On: journal.On("key", args[0]), Data: data}); err != nil {
				return fmt.Errorf("the key was rotated, but that could not be written into the journal: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "rotated: %s. Keep a copy of %s where copies of keys are kept.\n%s\n", args[0], dir, next[args[0]])
			return nil
		})
	}
	return cmd
}

// next is what is to be done after a rotation.
var next = map[string]string{
	"documents": "Start every node again: from then on it signs with the new keys.",
	"seal":      "Nodes that share the folder take it up within seconds; bring it to the others at once. Then: openhall keys reseal, openhall keys retire.",
}

// rotate returns what the journal is told.
func rotate(what, dir string) (map[string]any, error) {
	if what == "documents" {
		moved, err := document.Retire(dir, calendar.Of(clock()).String())
		return map[string]any{"retired": len(moved)}, err
	}
	ring, err := seal.Rotate(filepath.Join(dir, "seal.key"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"key": ring.Keys()[0]}, nil
}

// withHall opens the base of a hall that is there: no command about keys makes any.
func withHall(cmd *cobra.Command, s *settings, work func(ctx context.Context, b *app.Base) error) error {
	c, err := s.load()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Data, "keys", "seal.key")); err != nil {
		return fmt.Errorf("%s holds no hall: %w", c.Data, err)
	}
	return withBase(cmd, s, work)
}
