package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/publication"
)

func newVerifyRecordCommand() *cobra.Command {
	var key, receipt, server string
	cmd := &cobra.Command{
		Use:   "record FILE [--key KEY] [--receipt FILE | --server URL]",
		Short: "Check that the text of a published record is what was published on its day",
		Long: `Check that a record is, byte for byte, what was published on its day. FILE is the proof as the hall gives it at
/open/proof/RECORD/VERSION, which needs nothing else but the log's public key; or the statement of the record, with the receipt of the
event that published it (--receipt), or the address of the hall, which is asked for it (--server). FILE may be - for standard input.

The key is compared with nothing when it is taken from the hall itself: give it with --key from a source that you trust.`,
		Example: "  openhall verify record record.json --key demo.openhall.org/log+0f2a…+AQ…\n  openhall verify record statement.json --server https://demo.openhall.org",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readFile(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			return verifyRecord(cmd.Context(), cmd.OutOrStdout(), data, recordProof{key: key, receipt: receipt, server: server, in: cmd.InOrStdin()})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&key, "key", "", "the log's public key, or a file that holds it (default: asked of --server)")
	flags.StringVar(&receipt, "receipt", "", "file with the receipt of the event that published it")
	flags.StringVar(&server, "server", "", "web address of the hall, which is asked for what is missing")
	return cmd
}

// recordProof is where the other half of a proof comes from.
type recordProof struct {
	key, receipt, server string
	in                   io.Reader
}

func verifyRecord(ctx context.Context, out io.Writer, data []byte, from recordProof) error {
	statement := data
	var receipt merkle.Receipt
	proof, whole := publication.ParseProof(data)
	switch {
	case whole:
		statement, receipt = []byte(proof.Statement), proof.Receipt
	case from.receipt != "":
		text, err := readFile(from.receipt, from.in)
		if err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
		if receipt, err = merkle.ParseReceipt(text); err != nil {
			return err
		}
	case from.server != "":
		st, err := publication.ParseStatement(data)
		if err != nil {
			return err
		}
		if receipt, err = askForReceipt(ctx, from.server, st); err != nil {
			return err
		}
	default:
		return errors.New("this is no proof: give the receipt with --receipt FILE, or the hall with --server URL")
	}
	key, own := from.key, false
	if key == "" {
		if from.server == "" {
			return errors.New("give the log's public key: --key name+hash+base64 or --key FILE, or ask the hall with --server URL")
		}
		source, err := newHTTPSource(ctx, from.server)
		if err != nil {
			return err
		}
		if key, err = source.Key(); err != nil {
			return err
		}
		own = true
	}
	verifier, err := readKey(strings.TrimSpace(key))
	if err != nil {
		return err
	}
	v, err := publication.Verify(statement, receipt, verifier)
	if err != nil {
		return fmt.Errorf("not what was published: %w", err)
	}
	printVerified(out, &v)
	if own {
		fmt.Fprintln(out, "key:", strings.TrimSpace(key))
		fmt.Fprintln(out, "The key was given by the hall itself: compare it with the one published elsewhere, or give that with --key.")
	}
	return nil
}

// askForReceipt fetches the proof of a version from the hall and takes the receipt out of it.
func askForReceipt(ctx context.Context, server string, st *publication.Statement) (merkle.Receipt, error) {
	source, err := newHTTPSource(ctx, server)
	if err != nil {
		return merkle.Receipt{}, err
	}
	source.prefix = strings.TrimSuffix(source.prefix, "log/") + "open/proof/"
	data, err := source.get(fmt.Sprintf("%s/%d", st.Record, st.Version))
	if err != nil {
		return merkle.Receipt{}, err
	}
	proof, ok := publication.ParseProof(data)
	if !ok {
		return merkle.Receipt{}, fmt.Errorf("%s answered with something that is no proof of a record", server)
	}
	return proof.Receipt, nil
}

func printVerified(out io.Writer, v *publication.Verified) {
	st := v.Statement
	fmt.Fprintln(out, "verified: this is what was published")
	fmt.Fprintln(out, "record:", st.Index)
	fmt.Fprintln(out, "title:", st.Content.Title)
	fmt.Fprintf(out, "version: %d, published on %s\n", st.Version, st.Published)
	fmt.Fprintln(out, "SHA-256:", v.Digest)
	fmt.Fprintf(out, "case: %s of %s, released %s\n", v.Case, v.Body, v.At.Format("2006-01-02T15:04:05Z07:00"))
	fmt.Fprintf(out, "log: %s, entry %d\n", v.Origin, v.Index)
	if v.Elsewhere {
		fmt.Fprintf(out, "It was published elsewhere before; this log vouches for the text since %s.\n", v.Day)
	}
}
