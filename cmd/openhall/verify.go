package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// logSource is a log with the public key that it says is its own. Who trusts nobody gives the key from elsewhere.
type logSource interface {
	merkle.Source
	Key() (string, error)
	Close() error
}

// newVerifyCommand checks receipts and whole logs. The log of a data folder is opened by openData.
func newVerifyCommand(openData func(ctx context.Context, dir string) (logSource, error)) *cobra.Command {
	cmd := &cobra.Command{Use: "verify", Short: "Check proofs: a receipt, a letter, a published record or a draw offline, or a whole log"}
	cmd.AddCommand(newVerifyReceiptCommand(), newVerifyDocumentCommand(), newVerifyRecordCommand(), newVerifyDrawCommand(), newVerifyLogCommand(openData))
	return cmd
}

func newVerifyReceiptCommand() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "receipt FILE --key KEY",
		Short: "Check offline that a receipt's event stands in the log of the holder of a key",
		Long: `Check that the event of a receipt stands in the public log, without asking anybody: the signature of the checkpoint, the
proof that leads from the event to it, and each private field that the receipt reveals. FILE may be - for standard input.`,
		Example: "  openhall verify receipt receipt.json --key demo.openhall.org/log+0f2a…+AQ…",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			verifier, err := readKey(key)
			if err != nil {
				return err
			}
			data, err := readFile(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			receipt, err := merkle.ParseReceipt(data)
			if err != nil {
				return err
			}
			proven, err := receipt.Verify(verifier)
			if err != nil {
				return err
			}
			return printProven(cmd.OutOrStdout(), proven)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "the log's public key (name+hash+base64), or a file that holds it")
	return cmd
}

func printProven(out io.Writer, p merkle.Proven) error {
	fmt.Fprintln(out, "receipt verified")
	fmt.Fprintln(out, "log:", p.Checkpoint.Origin)
	fmt.Fprintf(out, "place: %d of %d entries\n", p.Index+1, p.Checkpoint.Size)
	fmt.Fprintln(out, "root:", p.Checkpoint.Root)
	for _, d := range p.Disclosed {
		fmt.Fprintf(out, "revealed: %s = %s\n", d.Field, d.Value)
	}
	var event bytes.Buffer
	if err := json.Indent(&event, p.Entry, "", "  "); err != nil {
		return fmt.Errorf("print the event: %w", err)
	}
	fmt.Fprintln(out, "event:", event.String())
	return nil
}

func newVerifyLogCommand(openData func(ctx context.Context, dir string) (logSource, error)) *cobra.Command {
	var dir, address, key string
	var earlier []string
	cmd := &cobra.Command{
		Use:   "log --data DIR | --url URL",
		Short: "Walk a whole log: signature, every entry, every tile, the root, the numbers of each case's events",
		Long: `Walk a whole log and compute it again from its entries: the signature of the checkpoint, every entry, every tile, the root, and
that the events of each case are numbered without a gap. With --earlier, also that the log still contains what it contained when
that checkpoint was fetched: keep one (curl URL/log/checkpoint) and nobody can rewrite what lies before it without being seen.`,
		Example: `  openhall verify log --data ./data
  openhall verify log --url https://demo.openhall.org --key key.txt --earlier checkpoint-2026-01.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if (dir == "") == (address == "") {
				return errors.New("say which log: either --data DIR or --url URL")
			}
			var source logSource
			if address != "" {
				source, err = newHTTPSource(cmd.Context(), address)
			} else {
				source, err = openData(cmd.Context(), dir)
			}
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, source.Close()) }()
			return verifyLog(cmd.OutOrStdout(), source, key, earlier)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "data", "", "data folder of the node")
	flags.StringVar(&address, "url", "", "web address of the node; its log is read from URL/log/")
	flags.StringVar(&key, "key", "", "the log's public key, or a file that holds it (default: the key that the log itself gives)")
	flags.StringArrayVar(&earlier, "earlier", nil, "file with a checkpoint fetched earlier; may be repeated")
	return cmd
}

func verifyLog(out io.Writer, source logSource, key string, earlier []string) error {
	own := key == ""
	if own {
		var err error
		if key, err = source.Key(); err != nil {
			return fmt.Errorf("read the log's key: %w", err)
		}
	}
	verifier, err := readKey(key)
	if err != nil {
		return err
	}
	kept := make([]merkle.Checkpoint, 0, len(earlier))
	for _, name := range earlier {
		signed, err := os.ReadFile(name) //nolint:gosec // G304: the user names a file of their own
		if err != nil {
			return fmt.Errorf("read an earlier checkpoint: %w", err)
		}
		checkpoint, err := merkle.OpenCheckpoint(signed, verifier)
		if err != nil {
			return fmt.Errorf("earlier checkpoint %s: %w", name, err)
		}
		kept = append(kept, checkpoint)
	}
	report, err := merkle.VerifyLog(source, verifier, kept...)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "log verified")
	fmt.Fprintln(out, "log:", report.Checkpoint.Origin)
	fmt.Fprintf(out, "entries: %d (%d bytes), cases: %d, hash tiles: %d\n", report.Entries, report.Bytes, report.Cases, report.Tiles)
	for _, j := range report.Journals {
		fmt.Fprintf(out, "journal of administration %s: %d entries, numbered without a gap\n", j.Name, j.Entries)
	}
	fmt.Fprintln(out, "root:", report.Checkpoint.Root)
	for _, c := range report.Earlier {
		fmt.Fprintf(out, "unchanged since: the checkpoint of %d entries\n", c.Size)
	}
	if own {
		fmt.Fprintln(out, "key:", strings.TrimSpace(key))
		fmt.Fprintln(out, "The key was given by the log itself: compare it with the one published elsewhere, or give that with --key.")
	}
	return nil
}

// readKey reads a public key given as text, or as the name of a file that holds it.
func readKey(key string) (note.Verifier, error) {
	if key == "" {
		return nil, errors.New("give the log's public key: --key name+hash+base64, or --key FILE")
	}
	verifier, err := merkle.NewVerifier(key)
	if err == nil {
		return verifier, nil
	}
	text, fileErr := os.ReadFile(key) //nolint:gosec // G304: the user names a file of their own
	if fileErr != nil {
		return nil, fmt.Errorf("%w; nor is there a file of that name", err)
	}
	if verifier, err = merkle.NewVerifier(string(text)); err != nil {
		return nil, fmt.Errorf("file %s: %w", key, err)
	}
	return verifier, nil
}

// readFile reads a file, or in when the name is a hyphen.
func readFile(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	return os.ReadFile(name) //nolint:gosec // G304: the user names a file of their own
}
