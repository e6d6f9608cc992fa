package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/store"
)

// newJobCommand shows the background work to operators.
func newJobCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "job", Short: "Background work: what waits, what was given up, and begin it anew"}
	cmd.AddCommand(newJobListCommand(), newJobRetryCommand())
	return cmd
}

func newJobListCommand() *cobra.Command {
	var state, kind string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List jobs: those given up and why, or those that are open or done",
		Example: `  openhall job list
  openhall job list --state open --kind notify.mail`,
		Args: cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.Flags().StringVar(&state, "state", string(job.Dead), "dead, open or done")
	cmd.Flags().StringVar(&kind, "kind", "", "only jobs of this kind")
	cmd.Flags().IntVar(&limit, "limit", 100, "how many, 1 to 1000")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch job.State(state) {
		case job.Dead, job.Open, job.Done:
		default:
			return fmt.Errorf("--state %q: want dead, open or done", state)
		}
		if limit < 1 || limit > 1000 {
			return fmt.Errorf("--limit %d: want 1 to 1000", limit)
		}
		return s.withDatabase(cmd.Context(), func(db *store.DB) error {
			jobs, err := job.List(cmd.Context(), db, job.Filter{State: job.State(state), Kind: kind, Limit: limit})
			if err != nil {
				return err
			}
			if asJSON {
				return printJobsJSON(cmd.OutOrStdout(), jobs)
			}
			return printJobs(cmd.OutOrStdout(), state, jobs)
		})
	}
	return cmd
}

func newJobRetryCommand() *cobra.Command {
	var kind string
	var all, dry bool
	cmd := &cobra.Command{
		Use:   "retry [ID…]",
		Short: "Begin jobs anew that were given up",
		Long: `Begin jobs anew that were given up: those named by their IDs, all of a kind, or all. A node that runs does them within
seconds. Put right first what made them fail; openhall job list says what that was.`,
		Example: `  openhall job retry 1234567890123456
  openhall job retry --kind notify.mail
  openhall job retry --all --dry-run`,
	}
	s := addSettings(cmd)
	cmd.Flags().StringVar(&kind, "kind", "", "those of this kind")
	cmd.Flags().BoolVar(&all, "all", false, "those of every kind")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only list what would begin anew")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ids := make([]store.ID, len(args))
		for i, text := range args {
			var err error
			if ids[i], err = store.ParseID(text); err != nil {
				return err
			}
		}
		if len(ids) == 0 && kind == "" && !all {
			return errors.New("name the jobs by their IDs, or give --kind or --all")
		}
		return s.withDatabase(cmd.Context(), func(db *store.DB) error {
			if dry {
				return dryRetry(cmd.Context(), cmd.OutOrStdout(), db, kind, ids)
			}
			n, err := job.Retry(cmd.Context(), db, clock(), kind, ids...)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d jobs begin anew\n", n)
			return err
		})
	}
	return cmd
}

func dryRetry(ctx context.Context, w io.Writer, db *store.DB, kind string, ids []store.ID) error {
	jobs, err := job.List(ctx, db, job.Filter{State: job.Dead, Kind: kind, Limit: 1000})
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		named := map[store.ID]bool{}
		for _, id := range ids {
			named[id] = true
		}
		kept := jobs[:0]
		for _, j := range jobs {
			if named[j.ID] {
				kept = append(kept, j)
			}
		}
		jobs = kept
	}
	return printJobs(w, string(job.Dead), jobs)
}

// withDatabase opens the configured database, which must be there already, for a look or a small change beside a running node.
func (s *settings) withDatabase(ctx context.Context, use func(db *store.DB) error) (err error) {
	c, err := s.load()
	if err != nil {
		return err
	}
	if err := mustExist(c.Database); err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return use(db)
}

func printJobs(w io.Writer, state string, jobs []job.Record) error {
	if len(jobs) == 0 {
		_, err := fmt.Fprintf(w, "no jobs are %s\n", state)
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, "ID\tKIND\tATTEMPTS\tAT\tNODE\tPROBLEM"); err != nil {
		return err
	}
	for _, j := range jobs {
		problem, _, _ := strings.Cut(j.Problem, "\n")
		if _, err := fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\n", j.ID, j.Kind, j.Attempts, j.At.Format(time.RFC3339), j.Holder, problem); err != nil {
			return err
		}
	}
	return t.Flush()
}

func printJobsJSON(w io.Writer, jobs []job.Record) error {
	e := json.NewEncoder(w)
	for _, j := range jobs {
		if err := e.Encode(j); err != nil {
			return fmt.Errorf("print jobs: %w", err)
		}
	}
	return nil
}
