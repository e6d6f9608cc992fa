package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/identity"
)

// settings are the flags that all commands share which open a hall. A command may have flags of its own beside them.
type settings struct {
	flags *pflag.FlagSet
	file  string
}

func addSettings(cmd *cobra.Command) *settings {
	s := &settings{flags: pflag.NewFlagSet("settings", pflag.ContinueOnError)}
	s.flags.StringVar(&s.file, "config", "", "file with the configuration (YAML); keys are the names of the flags")
	s.flags.String("data", "", "folder for keys, files and the SQLite database (default data)")
	s.flags.String("addr", "", "where to listen, HOST:PORT (default 127.0.0.1:8080)")
	s.flags.String("database", "", "sqlite:PATH or postgres://… (default: a SQLite file in the data folder)")
	s.flags.String("base-url", "", "address by which people reach the site, for QR codes (default from --addr)")
	s.flags.String("origin", "", "name of this node's log, such as hall.example.gov.cn/log (default from --base-url)")
	s.flags.String("jurisdiction", "", "whose rules are in force, such as cn-ah")
	s.flags.Int("node", 0, "number of this node among those on one database, 0 to 511")
	s.flags.String("log", "", "debug, info, warn or error (default info)")
	s.flags.String("second-factor", "", "required or offered: whether staff need a second factor (default required; offered in demo)")
	s.flags.String("trusted-proxies", "", "networks of the proxies in front, whose X-Forwarded-For counts, such as 10.0.0.0/8")
	s.flags.Int("staff-sessions", 5, "how many sessions a member of staff can have at once; 0: any number")
	s.flags.Int("lock-after", 10, "wrong passwords or codes in a day that lock an account for half an hour")
	s.flags.Bool("dev", false, "development mode: show the component gallery at /dev/gallery")
	cmd.Flags().AddFlagSet(s.flags)
	return s
}

// load puts flags, environment and file together.
func (s *settings) load() (app.Config, error) {
	given := map[string]any{}
	s.flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Name != "config" {
			given[f.Name] = f.Value.String()
		}
	})
	return app.LoadConfig(s.file, os.Environ(), given)
}

func newServeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the sites, the API and the log",
		Args:  cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := s.load()
		if err != nil {
			return err
		}
		c.SecondFactor = cmp.Or(c.SecondFactor, identity.FactorRequired)
		return serve(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr(), nil)
	}
	return cmd
}

func newMigrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the tables of the database up to date, and publish the procedures that ship",
		Args:  cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withProgram(cmd, s, func(context.Context, *program) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "openhall: the database is up to date")
			return err
		})
	}
	return cmd
}

func logTo(w io.Writer, c app.Config) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

// serve runs a node until ctx ends. prepare is called before the first request is answered; what it returns is printed after the
// address.
func serve(ctx context.Context, c app.Config, out, logs io.Writer, prepare func(context.Context, *app.Node) (string, error)) (err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with --addr", c.Addr, err)
	}
	defer func() { err = errors.Join(err, ignoreClosed(listener.Close())) }()
	if _, port, _ := net.SplitHostPort(c.Addr); port == "0" {
		// A port chosen by the system is known only now, and addresses that are handed out must name it.
		c.BaseURL = "http://" + listener.Addr().String()
	}
	n, err := assemble(ctx, c, logTo(logs, c))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	words := ""
	if prepare != nil {
		if words, err = prepare(ctx, n.Node); err != nil {
			n.Cases.Close()
			return err
		}
	}
	f, err := frame(n)
	if err == nil {
		err = n.Mount(f)
	}
	if err != nil {
		n.Cases.Close()
		return err
	}
	return n.Run(ctx, listener, func() {
		_, _ = fmt.Fprintf(out, "openhall: %s\n%s", c.BaseURL, words) // nobody may be reading
	})
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// clock is the clock of the program.
func clock() time.Time { return time.Now() }
