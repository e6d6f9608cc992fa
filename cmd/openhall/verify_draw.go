package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/slice/intermediary/draw"
)

func newVerifyDrawCommand() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "draw FILE --key KEY",
		Short: "Check offline that an agency was drawn as the hall says",
		Long: `Check the draw of an intermediary service without asking anybody: that a commitment to the candidates and the nonce stood in the public
log before the draw was started, that the checkpoint which decides is that of the log at the start, and that the agency follows from both.
FILE is the proof as the hall gives it at /intermediary/draws/ORDER/proof.json; it may be - for standard input.`,
		Example: "  openhall verify draw draw-ZJ….json --key demo.openhall.org/log+0f2a…+AQ…",
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
			proof, err := draw.ParseProof(data)
			if err != nil {
				return err
			}
			cp, err := proof.Verify(verifier)
			if err != nil {
				return fmt.Errorf("the draw does not hold: %w", err)
			}
			out := cmd.OutOrStdout()
			fmt.Fprintln(out, "draw verified")
			fmt.Fprintln(out, "order:", proof.Order)
			fmt.Fprintf(out, "committed: entry %d, started: entry %d of %d in the log %s\n", proof.Committed.Index, proof.Started.Index, cp.Size, cp.Origin)
			fmt.Fprintf(out, "decided by: the tree of %d entries, root %s\n", proof.Started.Index+1, proof.Root)
			fmt.Fprintln(out, "seed:", proof.Seed)
			for i, c := range proof.Candidates {
				mark := " "
				if c.Number == proof.Winner {
					mark = "*"
				}
				fmt.Fprintf(out, "%s %d %s %s\n", mark, i, c.Number, c.Name)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "the log's public key (name+hash+base64), or a file that holds it")
	return cmd
}
