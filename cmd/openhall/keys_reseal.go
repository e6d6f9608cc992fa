package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/reseal"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
)

// newKeysResealCommand seals old rows and uploads with the present key.
func newKeysResealCommand() *cobra.Command {
	var dry bool
	var batch int
	var pause time.Duration
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal anew, with the present key, what older keys have sealed: rows and uploads, while the hall runs",
		Long: `Seal anew, with the key on top of the ring, what older keys have sealed: rows a batch at a time, and uploads one by one, while the hall
runs. It can be broken off at any moment and begun again: what is done is passed over. Proofs, receipts, query codes and look-ups stay what
they are; what was erased stays erased.

When nothing is left under the old keys, "openhall keys retire" takes them out of the ring.`,
		Args: cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what is sealed with older keys, and do nothing")
	cmd.Flags().IntVar(&batch, "batch", 200, "rows in a transaction, 1 to 5000")
	cmd.Flags().DurationVar(&pause, "pause", 10*time.Millisecond, "how long the hall goes first between two batches")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		const most = 5000
		if batch < 1 || batch > most || pause < 0 {
			return fmt.Errorf("--batch is 1 to %d rows, and --pause 0 or more", most)
		}
		return withNode(cmd, s, func(ctx context.Context, n *app.Node) error {
			h := hallOf(n)
			h.Batch, h.Pause = batch, pause
			if dry {
				return showLeft(ctx, h, cmd.OutOrStdout(), "nothing was changed")
			}
			return resealAll(ctx, n, h, cmd.OutOrStdout())
		})
	}
	return cmd
}

func hallOf(n *app.Node) reseal.Hall {
	return reseal.Hall{DB: n.DB, Keys: n.Keys, Files: n.Files, Columns: n.Sealed()}
}

func showLeft(ctx context.Context, h reseal.Hall, out io.Writer, end string) error {
	left, err := h.Left(ctx)
	if err != nil {
		return err
	}
	for _, c := range left {
		fmt.Fprintf(out, "%-32s %d\n", c.Place, c.Values)
	}
	fmt.Fprintf(out, "keys: %s; places with values of the older ones: %d; %s\n", strings.Join(h.Keys.Keys(), " "), len(left), end)
	return nil
}

// resealAll does it, and tells how far it is now and then.
func resealAll(ctx context.Context, n *app.Node, h reseal.Hall, out io.Writer) error {
	const often = 10_000
	told := map[string]int64{}
	began := n.Now()
	counts, err := h.Run(ctx, func(c reseal.Count) {
		if c.Values/often > told[c.Place] {
			told[c.Place] = c.Values / often
			fmt.Fprintf(out, "%s: %d so far\n", c.Place, c.Values)
		}
	})
	var total int64
	var broken []string
	for _, c := range counts {
		total += c.Values
		for _, key := range c.Broken {
			broken = append(broken, c.Place+" "+key)
		}
		if c.Values > 0 {
			fmt.Fprintf(out, "%-32s %d sealed anew\n", c.Place, c.Values)
		}
	}
	if total > 0 {
		act := journal.Act{Kind: journal.KeyRotated, On: journal.On("key", "seal"), Data: map[string]any{"key": h.Keys.Keys()[0], "resealed": total}}
		err = errors.Join(err, n.Journal.RecordAlone(context.WithoutCancel(ctx), act))
	}
	switch {
	case err != nil:
		return fmt.Errorf("%d values were sealed anew, then it stopped: %w; begin again, and it goes on from there", total, err)
	case len(broken) > 0:
		return fmt.Errorf("%d values were sealed anew; %d can't be opened by any key, among them %s: bring them back from a backup", total, len(broken),
			strings.Join(broken[:min(5, len(broken))], ", "))
	}
	fmt.Fprintf(out, "%d values are sealed anew with key %s, in %s\n", total, h.Keys.Keys()[0], n.Now().Sub(began).Round(time.Millisecond))
	return nil
}

// newKeysRetireCommand takes the old keys out of the ring.
func newKeysRetireCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "retire",
		Short: "Take the older seal keys out of the ring, once nothing is sealed with them any more",
		Long: `Take all keys out of keys/seal.key but the one that seals. It is refused while anything in the database or among the uploads is sealed
with another one, and while a node is alive that still seals with another one. What query codes and look-ups are derived from stays.

What backups hold is sealed with the keys of their time: keep those keys with copies of keys/ for as long as the backups are kept, and
destroy both together.`,
		Args: cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say whether it could be done, and do nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withNode(cmd, s, func(ctx context.Context, n *app.Node) error { return retire(ctx, n, dry, cmd.OutOrStdout()) })
	}
	return cmd
}

func retire(ctx context.Context, n *app.Node, dry bool, out io.Writer) error {
	keys := n.Keys.Keys()
	if len(keys) == 1 {
		fmt.Fprintf(out, "the ring holds one key, %s: there is nothing to take out\n", keys[0])
		return nil
	}
	nodes, err := n.DB.Nodes(ctx, n.Now().Add(-app.Alive))
	if err != nil {
		return err
	}
	for _, other := range nodes {
		if len(other.Keys) == 0 || other.Keys[0] != keys[0] {
			return fmt.Errorf("node %d, seen %s ago, does not seal with key %s yet: bring keys/ to it, or end it and wait %s", other.Number,
				n.Now().Sub(other.SeenAt).Round(time.Second), keys[0], app.Alive)
		}
	}
	left, err := hallOf(n).Left(ctx)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%d values of %s and %d other places are sealed with older keys: openhall keys reseal comes first", left[0].Values, left[0].Place, len(left)-1)
	}
	if dry {
		fmt.Fprintf(out, "keys %s could be taken out; nothing was changed\n", strings.Join(keys[1:], " "))
		return nil
	}
	dir := filepath.Join(n.Config.Data, "keys")
	gone, err := seal.Retire(filepath.Join(dir, "seal.key"))
	if err != nil {
		return err
	}
	if err := n.Journal.RecordAlone(ctx, journal.Act{Kind: journal.KeyRotated, On: journal.On("key", "seal"), Data: map[string]any{"key": keys[0], "retired": gone}}); err != nil {
		return fmt.Errorf("the old keys were taken out, but that could not be written into the journal: %w", err)
	}
	fmt.Fprintf(out, "taken out: %s. Keep a copy of %s where copies of keys are kept, and bring it to the other nodes; destroy the older copies together with the\n"+
		"backups of their time.\n", strings.Join(gone, " "), dir)
	return nil
}
