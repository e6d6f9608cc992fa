package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/rules"
)

// calendarDay is one day as openhall calendar prints it.
type calendarDay struct {
	Date    calendar.Date `json:"date"`
	Working bool          `json:"working"`
	Why     string        `json:"why"`
}

// newCalendarCommand says of each day in a span whether it is a working day, and why.
func newCalendarCommand() *cobra.Command {
	var from, to, language string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "calendar --from D --to D",
		Short: "Say which days are working days, and why",
		Long: `Say which days are working days, and why: by the yearly notices of the State Council on holidays, or, in a year whose notice
isn't known, by the weekends and the statutory holidays, marked as provisional.`,
		Example: `  openhall calendar --from 2025-09-26 --to 2025-10-12
  openhall calendar --from 2026-02-01 --to 2026-02-28 --lang en --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			first, last, err := parseCalendarSpan(from, to)
			if err != nil {
				return err
			}
			tag, known := lang.Parse(language)
			if !known {
				return fmt.Errorf("--lang %q: choose one of %s, %s, %s", language, lang.Hans, lang.Hant, lang.En)
			}
			cal, err := calendar.Load(rules.Files, "calendar")
			if err != nil {
				return err
			}
			days := make([]calendarDay, 0, last-first+1)
			for d := first; d <= last; d++ {
				info := cal.Explain(d)
				days = append(days, calendarDay{Date: d, Working: info.Working, Why: info.Why(tag)})
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(days)
			}
			return printCalendar(cmd.OutOrStdout(), days, tag, cal.Count(first-1, last))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "", "first day, YYYY-MM-DD")
	flags.StringVar(&to, "to", "", "last day, YYYY-MM-DD, included")
	flags.StringVar(&language, "lang", string(lang.Hans), "language of the reasons: zh-Hans, zh-Hant or en")
	flags.BoolVar(&asJSON, "json", false, "print a JSON array of {date, working, why}")
	return cmd
}

// maxCalendarYears bounds the span that is printed at once.
const maxCalendarYears = 100

// parseCalendarSpan reads the two ends of the span and checks it.
func parseCalendarSpan(from, to string) (first, last calendar.Date, err error) {
	if from == "" || to == "" {
		return 0, 0, errors.New("give both ends of the span: --from YYYY-MM-DD --to YYYY-MM-DD")
	}
	if first, err = calendar.Parse(from); err != nil {
		return 0, 0, fmt.Errorf("--from: %w", err)
	}
	if last, err = calendar.Parse(to); err != nil {
		return 0, 0, fmt.Errorf("--to: %w", err)
	}
	if last < first {
		return 0, 0, fmt.Errorf("--to %s lies before --from %s; exchange them", last, first)
	}
	if last >= first.AddMonths(12*maxCalendarYears) {
		return 0, 0, fmt.Errorf("%s to %s is longer than %d years; ask for less at once", first, last, maxCalendarYears)
	}
	return first, last, nil
}

// printCalendar writes one line a day and the sum.
func printCalendar(out io.Writer, days []calendarDay, tag lang.Tag, working int) error {
	words := map[bool]lang.Text{
		true:  {Hans: "上班", Hant: "上班", En: "working"},
		false: {Hans: "休息", Hant: "休息", En: "off"},
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, d := range days {
		fmt.Fprintf(table, "%s\t%s\t%s\n", d.Date, words[d.Working].In(tag), d.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	sum := lang.Text{
		Hans: fmt.Sprintf("共%d天，其中工作日%d天", len(days), working),
		Hant: fmt.Sprintf("共%d天，其中工作日%d天", len(days), working),
		En:   fmt.Sprintf("%d days, %d of them working days", len(days), working),
	}
	_, err := fmt.Fprintln(out, sum.In(tag))
	return err
}
