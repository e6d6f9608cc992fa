package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/slice/audit"
)

func newAuditCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Check the journal of what administrators did, or an export of it"}
	cmd.AddCommand(newAuditVerifyCommand())
	return cmd
}

func newAuditVerifyCommand() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "verify [FILE --key KEY]",
		Short: "Check an exported file offline, or the journal in the database",
		Long: `Check an export of the journal (a ZIP) against the log's public key, without asking anybody: the signature of its manifest, every
file, the place of each entry in the log, and the commitments to what was sealed.

Without FILE, check the journal in the database of this node: that the entries are numbered without a gap, that none was altered, and
that the index by which they are searched agrees with them. Together with openhall verify log it shows that nothing is missing.`,
		Example: "  openhall audit verify journal-20261128-101500.zip --key key.txt\n  openhall audit verify --data ./data",
		Args:    cobra.MaximumNArgs(1),
	}
	s := addSettings(cmd)
	cmd.Flags().StringVar(&key, "key", "", "the log's public key (name+hash+base64), or a file that holds it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return verifyExport(cmd.OutOrStdout(), args[0], key)
		}
		return checkJournal(cmd.Context(), s, cmd.OutOrStdout())
	}
	return cmd
}

func verifyExport(out io.Writer, name, key string) error {
	verifier, err := readKey(key)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(name) //nolint:gosec // G304: the user names a file of their own
	if err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	m, err := audit.VerifyExport(data, verifier)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "export verified")
	fmt.Fprintln(out, "log:", m.Origin)
	fmt.Fprintln(out, "asked for:", m.Subject)
	fmt.Fprintln(out, "exported:", m.ExportedAt)
	fmt.Fprintf(out, "entries: %d, places %d to %d of %d\n", m.Entries, m.First+1, m.Last+1, m.Size)
	fmt.Fprintln(out, "root:", m.Root)
	return nil
}

// errJournal says that the journal is not complete.
var errJournal = errors.New("the journal is not complete: leave the database as it is, and compare with a backup and with checkpoints kept elsewhere")

func checkJournal(ctx context.Context, s *settings, out io.Writer) (err error) {
	c, err := s.load()
	if err != nil {
		return err
	}
	path := filepath.Join(c.Data, "keys", "seal.key")
	if _, err := os.Stat(path); err != nil { // checking must not make a key
		return fmt.Errorf("the keys of the sealed columns are needed: %w", err)
	}
	keys, err := seal.Load(path)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	report, err := casework.NewJournal(db, keys, nil, clock, c.Node).Check(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "journals: %d, entries: %d, waiting for the log: %d\n", report.Journals, report.Entries, report.Waiting)
	for _, f := range report.Faults {
		fmt.Fprintf(out, "%s %d: %s\n", f.Journal, f.Seq, f.Code)
	}
	if len(report.Faults) > 0 {
		return errJournal
	}
	fmt.Fprintln(out, "complete: numbered without a gap, nothing altered")
	return nil
}
