package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app/backup"
)

// newBackupCommand copies a hall away while it runs.
func newBackupCommand() *cobra.Command {
	var to string
	var keep int
	cmd := &cobra.Command{
		Use:   "backup --to DIR",
		Short: "Copy a running hall into a folder of backups, and check the copy",
		Long: `Copy the database and the uploads of a hall into a new folder below DIR while the hall runs, and check the copy: digests, the structure
of the database, every entry of the log, every upload that a case holds.

Keys are left out, because who finds a backup must not be able to read it: keep copies of DATA/keys elsewhere.`,
		Example: `  openhall backup --config /etc/openhall.yaml --to /backup/openhall --keep 30
  openhall backup check /backup/openhall/2026-11-28T010203Z`,
		Args: cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.Flags().StringVar(&to, "to", "", "folder of backups")
	cmd.Flags().IntVar(&keep, "keep", 0, "afterwards remove all but so many of the newest backups (default: all are kept)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.load()
		if err != nil {
			return err
		}
		if to == "" {
			return fmt.Errorf("say where the backup goes: --to DIR")
		}
		if cmd.Flags().Changed("keep") && keep < 1 {
			return fmt.Errorf("--keep %d: at least one backup is kept", keep)
		}
		began := clock()
		dir, m, err := backup.Take(cmd.Context(), backup.Source{
			Database: c.Database, Files: filepath.Join(c.Data, "files"), Version: version(), Now: clock,
		}, to)
		if err != nil {
			return err
		}
		printBackup(cmd, "backup taken and checked", dir, m, clock().Sub(began))
		if keep > 0 {
			removed, err := backup.Prune(to, keep)
			if err != nil {
				return fmt.Errorf("remove older backups: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "older backups removed: %d\n", removed)
		}
		return nil
	}
	cmd.AddCommand(newBackupCheckCommand(), newBackupListCommand())
	return cmd
}

func newBackupCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: "Check a backup again: digests, database, log, uploads",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			began := clock()
			m, err := backup.Check(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			printBackup(cmd, "backup checked", args[0], m, clock().Sub(began))
			return nil
		},
	}
}

func newBackupListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list DIR",
		Short: "List the finished backups of a folder, oldest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); err != nil {
				return fmt.Errorf("there is no folder of backups: %w", err)
			}
			dirs, err := backup.List(args[0])
			if err != nil {
				return err
			}
			if len(dirs) == 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%s holds no finished backup\n", args[0])
			}
			for _, dir := range dirs {
				m, err := backup.Read(dir)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %d entries of the log, %d uploads\n", dir, m.Engine, m.Entries, m.Uploads)
			}
			return nil
		},
	}
}

func newRestoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Bring a hall back from a backup into an empty place, and check it",
		Long: `Bring the database and the uploads of a hall back from a backup, and check what was brought back: the whole log, and every upload that a
case holds. The place must be empty: nothing is ever written over.

Put DATA/keys back by hand before the hall is started: a backup holds no keys, and without them nothing that was sealed can be read.`,
		Example: "  openhall restore /backup/openhall/2026-11-28T010203Z --config /etc/openhall.yaml",
		Args:    cobra.ExactArgs(1),
	}
	s := addSettings(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := s.load()
		if err != nil {
			return err
		}
		began := clock()
		m, err := backup.Restore(cmd.Context(), args[0], backup.Target{Database: c.Database, Files: filepath.Join(c.Data, "files")})
		if err != nil {
			return err
		}
		printBackup(cmd, "hall brought back and checked", args[0], m, clock().Sub(began))
		fmt.Fprintf(cmd.OutOrStdout(), "Put the keys back into %s, then start the hall.\n", filepath.Join(c.Data, "keys"))
		return nil
	}
	return cmd
}

func printBackup(cmd *cobra.Command, what, dir string, m backup.Manifest, took time.Duration) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s: %s\n", what, dir)
	fmt.Fprintf(out, "log: %s, %d entries\n", m.Log, m.Entries)
	fmt.Fprintf(out, "database: %s, %d bytes; uploads: %d, %d bytes\n", m.Engine, m.Database.Size, m.Uploads, m.Bytes)
	fmt.Fprintf(out, "took %s\n", took.Round(time.Millisecond))
}
