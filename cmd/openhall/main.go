// Command openhall is the whole platform in one program: it serves the sites, runs the demo, migrates the database, and answers
// questions about calendars, rules, procedures and proofs from the command line.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // named time zones in expressions must not depend on the machine

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "openhall: "+err.Error())
		os.Exit(1)
	}
}

// newRoot assembles the commands. Each command stands in a file of its own and is added here.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "openhall",
		Short:         "The platform on which a province's government works in the open",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newDemoCommand(), newServeCommand(), newMigrateCommand(), newVersionCommand(),
		newCalendarCommand(), newDueCommand(), newRulesCommand(), newProcedureCommand(), newEvalCommand(), newIDCommand(),
		newVerifyCommand(openDataLog), newBoardCommand(), newBackupCommand(), newRestoreCommand(), newKeysCommand(), newEraseCommand(), newJobCommand(),
		newAuditCommand(), newSetupCommand(), newImportCommand(),
	)
	return root
}
