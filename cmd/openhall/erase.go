package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/admin"
)

// newEraseCommand proposes to erase the private parts of a case; somebody in the hall confirms it.
func newEraseCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "erase", Short: "Propose to erase the personal data of an ended case, and list what was proposed"}
	cmd.AddCommand(newEraseProposeCommand(), newEraseListCommand())
	return cmd
}

func newEraseProposeCommand() *cobra.Command {
	var reason string
	var dry bool
	cmd := &cobra.Command{
		Use:   "propose NUMBER --reason TEXT",
		Short: "Propose to erase the personal data of an ended case; the audit administrator confirms it in the hall",
		Long: `Propose to erase the personal data of an ended case: what its applicant and its officials wrote, its uploads, its letters as PDF. What the
log holds are salted commitments, which say nothing any more; every receipt and every proof stays valid, and a copy of a letter that
somebody has can still be verified.

Nobody erases alone: the audit administrator confirms it under /audit/erasures, and only then anything is erased. Backups hold what they
held, sealed, until they are pruned.`,
		Example: `  openhall erase propose 11340100… --reason "the applicant asked for it on 20 November, art. 47" --dry-run`,
		Args:    cobra.ExactArgs(1),
	}
	s := addSettings(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "who asked for it, and on which ground (10 to 500 characters); sealed")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be erased, and propose nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withNode(cmd, s, func(ctx context.Context, n *app.Node) error {
			return proposeErasure(ctx, n, args[0], reason, dry, cmd.OutOrStdout())
		})
	}
	return cmd
}

func proposeErasure(ctx context.Context, n *app.Node, number, reason string, dry bool, out io.Writer) error {
	s, err := admin.Of(n, nil)
	if err != nil {
		return err
	}
	x, err := s.Extent(ctx, number)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "case %s, ended on %s: %d events with private parts, %d uploads, %d letters\n", x.Number, calendar.Of(x.EndedAt), x.Events, x.Uploads, x.Letters)
	if dry {
		fmt.Fprintln(out, "nothing was proposed")
		return nil
	}
	if _, err := s.ProposeErasure(ctx, identity.Platform, number, reason); err != nil {
		return err
	}
	fmt.Fprintln(out, "proposed: it is erased once the audit administrator confirms it under /audit/erasures")
	return nil
}

func newEraseListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the proposals to erase, the newest first, with what was decided", Args: cobra.NoArgs}
	s := addSettings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withNode(cmd, s, func(ctx context.Context, n *app.Node) error {
			a, err := admin.Of(n, nil)
			if err != nil {
				return err
			}
			list, err := a.Erasures(ctx, identity.Platform)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, e := range list {
				by := "security administrator"
				if e.ProposedBy == 0 {
					by = "operator"
				}
				fmt.Fprintf(w, "%s\t%s\tproposed on %s by the %s\n", e.Number, e.State, calendar.Of(e.ProposedAt), by)
			}
			return w.Flush()
		})
	}
	return cmd
}

// withNode puts a node together for a command of its operator, without running it. No such command makes a hall.
func withNode(cmd *cobra.Command, s *settings, work func(ctx context.Context, n *app.Node) error) error {
	c, err := s.load()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Data, "keys", "seal.key")); err != nil {
		return fmt.Errorf("%s holds no hall: %w", c.Data, err)
	}
	return assembled(cmd, c, func(ctx context.Context, p *program) error { return work(ctx, p.Node) })
}
