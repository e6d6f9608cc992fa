package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/province"
)

func newDemoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start the product with the demo province: real divisions and items, invented people and matters",
		Long: `Start the product with the demo province on the embedded database.

The first start creates everything in the data folder; later starts go on with it. Nothing else is needed.
The address is printed within seconds; records, requests and reports of the whole province are filled in behind it.`,
		Args: cobra.NoArgs,
	}
	small := cmd.Flags().Bool("small", false, "leave it small: a few of everything, as for tests")
	count := cmd.Flags().Bool("count", false, "serve nothing: fill the demo to its end, print what it holds, and end")
	s := addSettings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.load()
		if err != nil {
			return err
		}
		if !cmd.Flags().Changed("log") {
			c.Log = "warn"
		}
		tryOut(&c)
		if *count {
			return countDemo(cmd.Context(), c, !*small, cmd.OutOrStdout(), cmd.ErrOrStderr())
		}
		return serve(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr(), func(ctx context.Context, n *app.Node) (string, error) {
			n.Filling = !*small
			n.Filled = func() { _, _ = fmt.Fprintln(cmd.OutOrStdout(), "openhall: the demo province is complete") } // nobody may be reading
			return prepareDemo(ctx, n)
		})
	}
	return cmd
}

// countDemo makes the demo, fills it unless it stays small, and prints what it holds.
func countDemo(ctx context.Context, c app.Config, fill bool, out, logs io.Writer) (err error) {
	n, err := assemble(ctx, c, logTo(logs, c))
	if err != nil {
		return err
	}
	defer func() {
		n.Cases.Close()
		err = errors.Join(err, n.Close())
	}()
	began := n.Now()
	if _, err := prepareDemo(ctx, n.Node); err != nil {
		return err
	}
	if fill {
		if err := n.Fill(ctx); err != nil {
			return err
		}
	}
	for more := 1; more > 0; { // what was decided goes out in the background of a hall that serves
		if more, err = n.Publication.ReleaseAll(ctx); err != nil {
			return err
		}
	}
	took := n.Now().Sub(began)
	list, err := n.Holds(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, h := range list {
		_, _ = fmt.Fprintf(w, "%d\t  %s\n", h.N, h.What) // flushed below
	}
	_, _ = fmt.Fprintf(w, "%.0f\t  seconds that it took to make\n", took.Seconds())
	return w.Flush()
}

// tryOut has mails and short messages written into a folder when nothing sends them, so that they can be looked at.
func tryOut(c *app.Config) {
	outbox := "file:" + filepath.Join(c.Data, "outbox")
	if c.SMTP == "" {
		c.SMTP, c.MailFrom = outbox, "no-reply@demo.openhall.org"
	}
	if c.SMSWebhook == "" {
		c.SMSWebhook = outbox
	}
}

func prepareDemo(ctx context.Context, n *app.Node) (string, error) {
	accounts, err := province.SetUp(ctx, n.Base)
	if err != nil {
		return "", err
	}
	if err := n.Demo(ctx); err != nil {
		return "", err
	}
	if err := province.Matters(ctx, n); err != nil {
		return "", fmt.Errorf("matters of the demo: %w", err)
	}
	if err := n.DemoLater(ctx); err != nil {
		return "", err
	}
	return describe(accounts), nil
}

// describe lists the accounts to try.
func describe(accounts []province.Account) string {
	var b strings.Builder
	b.WriteString("\nAccounts of the demo (all people are invented):\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, a := range accounts {
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\n", a.Role, a.Name, a.Password) // a strings.Builder never fails
	}
	_ = w.Flush()
	b.WriteString("\nPress Ctrl-C to stop. Start again to go on where you stopped.\n")
	return b.String()
}
