package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/disclosure"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// errNoRows says that there was nothing to bring in, so that an empty export is not taken for a complete one.
var errNoRows = errors.New("the file holds no records: below the names of the columns each record takes a row of the first sheet, or a line")

// errRows says that something was left out.
var errRows = errors.New("some rows were left out: correct them and import the file again; what is there already stays as it is")

// recordsOptions are the flags of the import of records.
type recordsOptions struct {
	dry, update              bool
	body, category, language string
}

func newImportRecordsCommand() *cobra.Command {
	var o recordsOptions
	cmd := &cobra.Command{
		Use:   "records FILE",
		Short: "Bring in disclosed information from another site: a table (CSV, XLSX), JSON Lines, or a document in plain text",
		Long: `Bring in what was published on another site. FILE is a table (.csv, .tsv, .xlsx) whose first row names the columns, JSON Lines (.jsonl), or
one official document in plain text (.txt). Text is UTF-8, UTF-16 or GB18030. Columns have the keys of a download of this hall
(/open/export/records.csv) or the Chinese names of the catalogue fields. Attachments are files in the folder of the table.

Rows in which something is wrong are named by row, column, rule and remedy, and left out; all others are brought in. Records are known by
their index number: what is there already stays as it is, so a file can be imported again after it was corrected. An interrupted import
goes on when it is started again. Readings in brackets that careless conversions have left, as in 印發(fā), are taken out, and personal
data is masked.`,
		Example: "  openhall import records old-site.csv --dry-run\n  openhall import records notice.txt --body anhui-data --category statutory.1.other",
		Args:    cobra.ExactArgs(1),
	}
	s := addSettings(cmd)
	cmd.Flags().BoolVar(&o.dry, "dry-run", false, "look at everything, and change nothing")
	cmd.Flags().BoolVar(&o.update, "update", false, "make a new version of a record that is there and says something else")
	cmd.Flags().StringVar(&o.body, "body", "", "key or name of the body, for rows that name none")
	cmd.Flags().StringVar(&o.category, "category", "", "key or name of the category, for rows that name none")
	cmd.Flags().StringVar(&o.language, "language", string(lang.En), "of the messages: zh-Hans, zh-Hant or en")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, ok := lang.Parse(o.language)
		if !ok {
			return fmt.Errorf("--language %s: want zh-Hans, zh-Hant or en", o.language)
		}
		return withProgram(cmd, s, func(ctx context.Context, p *program) error {
			return importRecords(ctx, p, args[0], o, tag, cmd.OutOrStdout())
		})
	}
	return cmd
}

// importRecords brings a file of records in, in the name of the platform.
func importRecords(ctx context.Context, p *program, name string, o recordsOptions, tag lang.Tag, out io.Writer) (err error) {
	room, err := disclosure.New(disclosureNeeds(p.wiring)(p.Node))
	if err != nil {
		return err
	}
	r, err := os.Open(name) //nolint:gosec // G304: the operator names a file of their own
	if err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	folder := filepath.Dir(name)
	known := room.Known()
	known.Attachment = func(file string) bool {
		_, err := os.Stat(filepath.Join(folder, filepath.Base(file)))
		return err == nil
	}
	f, err := importing.Open(name, r, importing.Options{
		Known: known, Today: calendar.Of(p.Now()), Defaults: map[string]string{"body": o.body, "category": o.category},
	})
	if problem, refused := importing.ProblemOf(err); refused {
		return errors.New(problem.In(tag))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	done, err := room.Load(ctx, identity.Platform, f, disclosure.Load{
		Key: hex.EncodeToString(sum.Sum(nil)[:16]), DryRun: o.dry, Update: o.update,
		Attach: func(file string) (io.ReadCloser, error) { return os.Open(filepath.Join(folder, filepath.Base(file))) }, //nolint:gosec // G304: beside the table that the operator names
		Report: func(problem importing.Problem) error {
			_, err := fmt.Fprintln(out, problem.In(tag))
			return err
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d rows: %d new, %d new versions, %d there already, %d there and different, %d left out; %d cleaned, %d masked\n",
		done.Rows, done.New, done.Updated, done.Same, done.Differ, done.Wrong, done.Cleaned, done.Masked)
	if done.Unread > 0 {
		fmt.Fprintf(out, "%d files hold what no program can read, such as scans: look at them for personal data\n", done.Unread)
	}
	if o.dry {
		fmt.Fprintln(out, "nothing was changed")
	}
	switch {
	case done.Wrong > 0:
		return errRows
	case done.Rows == 0:
		return errNoRows
	}
	return nil
}
