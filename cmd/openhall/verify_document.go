package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/platform/document"
)

// errNotGenuine ends the command with a status by which scripts know.
var errNotGenuine = errors.New("the file is not genuine")

func newVerifyDocumentCommand() *cobra.Command {
	var keys string
	cmd := &cobra.Command{
		Use:   "document FILE --keys KEYS",
		Short: "Check offline that an official letter (PDF) is genuine and unchanged",
		Long: `Check an official letter without asking anybody: the signatures by the document keys of the hall, that not a byte of the file was
changed since, and the proof that leads from the event of the letter to the hall's log.

KEYS is the file of public keys as the hall gives it at /verify/keys; take it from a source that you trust. A single key as text will
do if the letter has one signature. FILE may be - for standard input. The command fails unless the letter is genuine.`,
		Example: "  curl -O https://hall.example.gov.cn/verify/keys\n  openhall verify document letter.pdf --keys keys",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if keys == "" {
				return errors.New("give the hall's public keys: --keys FILE, as /verify/keys of the hall has it")
			}
			text := []byte(keys)
			if _, err := document.ParsePublicKey(keys); err != nil {
				if text, err = readFile(keys, cmd.InOrStdin()); err != nil {
					return fmt.Errorf("keys: %w", err)
				}
			}
			known, log, err := document.ParseKeys(text)
			if err != nil {
				return err
			}
			data, err := readFile(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			return printVerdict(cmd.OutOrStdout(), document.Verify(data, known, log))
		},
	}
	cmd.Flags().StringVar(&keys, "keys", "", "file with the hall's public keys, or one key as text")
	return cmd
}

func printVerdict(out io.Writer, v document.Verdict) error {
	switch v.Outcome {
	case document.Changed:
		fmt.Fprintln(out, "changed: the file is not what was signed")
		return errNotGenuine
	case document.UnknownSigner:
		fmt.Fprintln(out, "unknown signer: a key that signed it is not among those given; it says that it is by "+v.Statement.Issuer)
		return errNotGenuine
	case document.NotOurs:
		fmt.Fprintln(out, "not one of ours: the file has no signature of an openhall")
		return errNotGenuine
	}
	st := v.Statement
	fmt.Fprintln(out, "genuine and unchanged")
	fmt.Fprintln(out, "letter:", st.Title)
	fmt.Fprintln(out, "number:", st.Number)
	fmt.Fprintf(out, "issued by: %s (%s)\n", st.Issuer, st.Body)
	fmt.Fprintln(out, "case:", st.Case)
	fmt.Fprintln(out, "date of the event:", st.At)
	fmt.Fprintln(out, "signed:", st.SignedAt)
	for i := range v.Signers {
		k := &v.Signers[i]
		fmt.Fprintf(out, "by: %s %s (%s)\n", k.Name, k.ID(), k.Algorithm())
	}
	fmt.Fprintf(out, "template: %s, version %d\n", st.Kind, st.Template)
	if v.Proof == document.Proven {
		fmt.Fprintf(out, "log: entry %d of %s, hash %s\n", st.Proof.Index, v.Origin, st.Leaf())
	} else {
		fmt.Fprintln(out, "log: not checked, because the key of the log was not given")
	}
	fmt.Fprintln(out, "Whether it was revoked or replaced since, the hall says: look it up at its /verify.")
	return nil
}
