package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/rules"
)

func newBoardCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "board", Short: "Check the figures of electronic supervision against the events"}
	cmd.AddCommand(newBoardCheckCommand())
	return cmd
}

func newBoardCheckCommand() *cobra.Command {
	var repair bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Count everything again from the events, and name each figure that differs",
		Long: `Count every figure of the board again from the events of the log, as far as they were counted, and name each that differs: counts
by place, item, window, kind and day; what is known of each case; the counts of cards. The hall may run meanwhile. When something
differs, the exit code is 1; with --repair everything is written anew in one transaction first, and the exit code is 0 when it
agrees then.`,
		Example: `  openhall board check --data ./data
  openhall board check --database postgres://hall@db/openhall --repair`,
		Args: cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.Flags().BoolVar(&repair, "repair", false, "write all figures anew when some differ")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.load()
		if err != nil {
			return err
		}
		return boardCheck(cmd.Context(), c, repair, cmd.OutOrStdout())
	}
	return cmd
}

func boardCheck(ctx context.Context, c app.Config, repair bool, out io.Writer) (err error) {
	if path, lite := strings.CutPrefix(c.Database, "sqlite:"); lite {
		// A check must not make a database where there is none.
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("there is no database to check: %w; name its folder with --data, or the database with --database", err)
		}
	}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, supervision.Schema()); err != nil {
		return err
	}
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		return err
	}
	watched, err := supervision.Rules()
	if err != nil {
		return err
	}
	s, err := supervision.New(db, watched, func() *calendar.Calendar { return cal })
	if err != nil {
		return err
	}
	diffs, err := s.Recount(ctx)
	if err != nil {
		return err
	}
	for _, d := range diffs {
		fmt.Fprintln(out, d)
	}
	fresh, err := s.Freshness(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "events counted: %d, waiting: %d, figures that differ: %d\n", fresh.Counted, fresh.Waiting, len(diffs))
	switch {
	case len(diffs) == 0:
		return nil
	case !repair:
		return errors.New("the figures are not what the events give; --repair writes them anew")
	}
	if err := s.Repair(ctx); err != nil {
		return err
	}
	if diffs, err = s.Recount(ctx); err != nil {
		return err
	}
	if len(diffs) > 0 {
		return fmt.Errorf("%d figures differ after the repair: %s", len(diffs), diffs[0])
	}
	fmt.Fprintln(out, "repaired: all figures are what the events give")
	return nil
}
