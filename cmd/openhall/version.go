package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/rules"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of the rule set that it carries",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			law, err := statute.Load(rules.Files, statute.Chain("cn-ah")...)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "openhall %s %s %s/%s\nrules %s %s\n",
				version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, law.Jurisdiction(), law.Digest())
			return err
		},
	}
}

// version is that of the module as it was built.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
