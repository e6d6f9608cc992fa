package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// withBase opens the base of a node for a command of its operator.
func withBase(cmd *cobra.Command, s *settings, work func(ctx context.Context, b *app.Base) error) (err error) {
	c, err := s.load()
	if err != nil {
		return err
	}
	if !cmd.Flags().Changed("log") {
		c.Log = "warn"
	}
	c.Command = true
	b, err := app.OpenBase(cmd.Context(), c, clock, logTo(cmd.ErrOrStderr(), c))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return work(cmd.Context(), b)
}

// withProgram assembles the program for a command of its operator: all tables are there then, and all procedures are published.
func withProgram(cmd *cobra.Command, s *settings, work func(ctx context.Context, p *program) error) error {
	c, err := s.load()
	if err != nil {
		return err
	}
	return assembled(cmd, c, work)
}

// assembled does so with settings that are read already.
func assembled(cmd *cobra.Command, c app.Config, work func(ctx context.Context, p *program) error) (err error) {
	if !cmd.Flags().Changed("log") {
		c.Log = "warn"
	}
	c.Command = true
	p, err := assemble(cmd.Context(), c, logTo(cmd.ErrOrStderr(), c))
	if err != nil {
		return err
	}
	defer func() {
		p.Cases.Close()
		err = errors.Join(err, p.Close())
	}()
	return work(cmd.Context(), p)
}

func newImportCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "import KIND FILE",
		Short: "Put divisions, bodies, centres, windows or posts into the registry from a table (CSV); bring in records of another site",
		Long: `Put divisions, bodies, centres, windows or posts (KIND) into the registry from a table. What is there already and not in the table
stays; what has the same key is replaced. Everything that is wrong is named by its row and column, and nothing is changed then.

The table is CSV in UTF-8; its first row names the columns. docs/operations.md lists them. Import in the order in which the kinds refer to
one another: divisions, bodies, centres, windows, posts. Bodies that are stationed in a centre are imported again when it is there.`,
		Example: "  openhall import divisions divisions.csv --dry-run\n  openhall import bodies bodies.csv",
		Args:    cobra.ExactArgs(2),
	}
	s := addSettings(cmd)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "show what would change, and change nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		data, err := readFile(args[1], cmd.InOrStdin())
		if err != nil {
			return err
		}
		return withBase(cmd, s, func(ctx context.Context, b *app.Base) error {
			return importSheet(ctx, b, args[0], data, dry, cmd.OutOrStdout())
		})
	}
	cmd.AddCommand(newImportRecordsCommand())
	return cmd
}

func importSheet(ctx context.Context, b *app.Base, kind string, data []byte, dry bool, out io.Writer) error {
	sheet, err := b.Registry.Now().ReadSheet(kind, data)
	if err != nil {
		return err
	}
	put := func(e *registry.Edit) error { return e.PutSheet(sheet) }
	changes, err := b.Registry.Preview(ctx, put)
	if err != nil {
		return err
	}
	fresh := 0
	for i := range changes {
		what := "changes"
		if changes[i].New() {
			what, fresh = "is new", fresh+1
		}
		if dry {
			fmt.Fprintf(out, "%s %s %s\n", changes[i].Kind, changes[i].Key, what)
		}
	}
	fmt.Fprintf(out, "%d rows: %d new, %d changed, the others as they are\n", len(sheet.Keys), fresh, len(changes)-fresh)
	if dry || len(changes) == 0 {
		fmt.Fprintln(out, "nothing was changed")
		return nil
	}
	return b.Registry.Edit(ctx, put)
}

func newSetupCommand() *cobra.Command {
	var folder, name string
	var people []string
	cmd := &cobra.Command{
		Use:   "setup --admin system=LOGIN,NAME --admin security=LOGIN,NAME --admin audit=LOGIN,NAME",
		Short: "Set up an empty hall: its places from tables, and the first three administrators",
		Long: `Set up an empty hall: the divisions, bodies, centres, windows and posts of a folder with tables (divisions.csv, bodies.csv, …; those
that are there), and the first three administrators, who must be three different people (三员分立: nobody of them watches themselves).
Each gets a first password, which is shown once and is to be changed after signing in.

Without a folder, the hall begins with one division (--division of the configuration) of the name given with --name.
A hall that has administrators already is refused.`,
		Example: "  openhall setup --from ./tables --admin system=li.wei,李伟 --admin security=zhang.min,张敏 --admin audit=chen.jie,陈洁",
		Args:    cobra.NoArgs,
	}
	s := addSettings(cmd)
	cmd.Flags().StringVar(&folder, "from", "", "folder with divisions.csv, bodies.csv, centres.csv, windows.csv, posts.csv")
	cmd.Flags().StringVar(&name, "name", "", "name of the division at the top, when no table gives it")
	cmd.Flags().StringArrayVar(&people, "admin", nil, "ROLE=LOGIN,NAME, once for each of system, security and audit")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		admins, err := readAdmins(people)
		if err != nil {
			return err
		}
		return withProgram(cmd, s, func(ctx context.Context, p *program) error {
			return setUp(ctx, p.Base, folder, name, admins, cmd.OutOrStdout())
		})
	}
	return cmd
}

// firstAdmin is one of the first three administrators.
type firstAdmin struct {
	role     string // system, security, audit
	login    string
	name     string
	password string
}

// adminRoles are the three, with the titles of their posts.
var adminRoles = []struct {
	name, role string
	title      lang.Text
}{
	{"system", registry.SystemAdmin, lang.Text{Hans: "系统管理员", Hant: "系統管理員", En: "System administrator"}},
	{"security", registry.SecurityAdmin, lang.Text{Hans: "安全保密管理员", Hant: "安全保密管理員", En: "Security administrator"}},
	{"audit", registry.AuditAdmin, lang.Text{Hans: "安全审计员", Hant: "安全審計員", En: "Audit administrator"}},
}

// errAdmins says how the three are given.
var errAdmins = errors.New("give three different people: --admin system=LOGIN,NAME --admin security=LOGIN,NAME --admin audit=LOGIN,NAME")

func readAdmins(given []string) ([]firstAdmin, error) {
	byRole, logins, names := map[string]firstAdmin{}, map[string]bool{}, map[string]bool{}
	for _, text := range given {
		role, rest, _ := strings.Cut(text, "=")
		login, name, ok := strings.Cut(rest, ",")
		login, name = strings.TrimSpace(login), strings.TrimSpace(name)
		if !ok || login == "" || name == "" {
			return nil, errAdmins
		}
		byRole[role] = firstAdmin{role: role, login: login, name: name, password: strings.ToLower(rand.Text()[:20])}
		logins[strings.ToLower(login)], names[name] = true, true
	}
	admins := make([]firstAdmin, 0, len(adminRoles))
	for _, r := range adminRoles {
		a, ok := byRole[r.name]
		if !ok {
			return nil, errAdmins
		}
		admins = append(admins, a)
	}
	if len(given) != len(adminRoles) || len(logins) != len(adminRoles) || len(names) != len(adminRoles) {
		return nil, errAdmins
	}
	return admins, nil
}

// errSetUp says that there is nothing to set up.
var errSetUp = errors.New("this hall has administrators already: appoint others on their pages, or choose another database")

// hallBody is the body in which the posts of the administrators stand when no table brings them.
const hallBody = "hall"

func setUp(ctx context.Context, b *app.Base, folder, name string, admins []firstAdmin, out io.Writer) error {
	for _, key := range b.Registry.Now().SheetKeys("posts") {
		p := b.Registry.Now().Post(key)
		for _, r := range adminRoles {
			if p.Has(r.role) && len(b.Registry.Now().AppointmentsTo(key)) > 0 {
				return errSetUp
			}
		}
	}
	if folder != "" {
		for _, kind := range setUpOrder(folder) {
			data, err := os.ReadFile(filepath.Join(folder, kind+".csv")) //nolint:gosec // G304: the operator names a folder of their own
			if err != nil {
				return fmt.Errorf("read a table: %w", err)
			}
			fmt.Fprintf(out, "%s: ", kind)
			if err := importSheet(ctx, b, kind, data, false, out); err != nil {
				return fmt.Errorf("%s.csv: %w", kind, err)
			}
		}
	}
	if b.Registry.Now().Division(b.Config.Division) == nil && name == "" {
		return fmt.Errorf("the division %s is not there: give its name with --name, or a table of divisions with --from", b.Config.Division)
	}
	accounts := make([]identity.NewAccount, len(admins))
	for i, a := range admins {
		accounts[i] = identity.NewAccount{Kind: identity.Staff, Login: a.login, Name: a.name, Password: a.password, Given: true}
	}
	ids, err := b.Identity.Import(ctx, identity.Platform, accounts)
	if err != nil {
		return err
	}
	err = b.Registry.Edit(ctx, func(e *registry.Edit) error { return appointFirst(b, e, name, ids) })
	if err != nil {
		return err
	}
	act := journal.Act{Kind: journal.SetUp, On: journal.On("hall", b.Config.Division), Public: true}
	if err := b.Journal.RecordAlone(ctx, act); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThe first administrators. Each password is shown this once: hand it over in person; it is to be changed after signing in.")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, a := range admins {
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\n", a.role, a.login, a.password) // what fails to be written is seen to be missing
	}
	return w.Flush()
}

// setUpOrder lists the tables of a folder in the order in which they refer to one another. Bodies come again after the centres in which
// they are stationed.
func setUpOrder(folder string) []string {
	var order []string
	for _, kind := range registry.Sheets() {
		if _, err := os.Stat(filepath.Join(folder, kind+".csv")); err == nil {
			order = append(order, kind)
		}
	}
	return order
}

// appointFirst puts the posts of the three administrators, and whatever they stand in, where no table has brought them.
func appointFirst(b *app.Base, e *registry.Edit, name string, ids []store.ID) error {
	now := b.Registry.Now()
	top := b.Config.Division
	if now.Division(top) == nil {
		level := registry.Province
		for n, l := range map[int]registry.Level{2: registry.City, 4: registry.County, 6: registry.Township} {
			if strings.Trim(top[n:], "0") != "" && l > level {
				level = l
			}
		}
		if err := e.PutDivisions([]registry.Division{{Code: top, Level: level, Name: lang.Text{Hans: name}}}); err != nil {
			return err
		}
	}
	for i, r := range adminRoles {
		key := ""
		for _, k := range now.SheetKeys("posts") {
			if p := now.Post(k); p.Has(r.role) {
				key = k
				break
			}
		}
		if key == "" {
			key = hallBody + "." + r.name
			if now.Body(hallBody) == nil {
				body := registry.Body{Key: hallBody, Division: top, Kind: "data", Level: "provincial", Name: lang.Text{Hans: "平台管理机构", Hant: "平台管理機構", En: "Administration of the hall"}}
				if err := e.PutBody(body); err != nil {
					return err
				}
			}
			if err := e.PutPost(registry.Post{Key: key, Body: hallBody, Roles: []string{r.role}, Title: r.title}); err != nil {
				return err
			}
		}
		if err := e.Appoint(ids[i], key, b.Now(), time.Time{}); err != nil {
			return err
		}
	}
	return nil
}
