package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/rules"
)

// dueFlags is a question about a deadline.
type dueFlags struct {
	ruleFlags
	rule    string
	start   string
	on      string
	pauses  []string
	extend  bool
	promise int
}

// dueAnswer is what openhall due prints.
type dueAnswer struct {
	Due         calendar.Date `json:"due"`       // last day of the promise, or of the statutory term when nothing was promised
	Statutory   calendar.Date `json:"statutory"` // last day of the statutory term
	Steps       []dueStep     `json:"steps"`     // the arithmetic of Due
	Provisional bool          `json:"provisional"`
}

// dueStep is one sentence of the arithmetic. Date is there when the step is about a single day.
type dueStep struct {
	Kind    term.Kind     `json:"kind"`
	Date    calendar.Date `json:"date,omitempty"`
	From    calendar.Date `json:"from"`
	To      calendar.Date `json:"to"`
	Counted bool          `json:"counted"`
	Days    int           `json:"days,omitempty"`
	N       int           `json:"n"`
	Text    string        `json:"text"`
	Article string        `json:"article,omitempty"`
}

// newDueCommand answers by when something has to be done, and how that was counted.
func newDueCommand() *cobra.Command {
	f := &dueFlags{}
	cmd := &cobra.Command{
		Use:   "due --rule ID --start D",
		Short: "Compute the last day of a statutory term and show how it was counted",
		Long: `Compute the last day of a statutory term and show how it was counted.

The day of the start isn't counted. For a rule that counts back from an event, such as the notice of a hearing, --start is the day
of the event, and due the last day on which the duty can be done.`,
		Example: `  openhall due --rule licence.decide --start 2025-09-22
  openhall due --rule licence.decide --start 2025-09-22 --pause 2025-10-13..2025-10-17 --extend --json
  openhall due --rule request.reply --start 2013-04-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return due(cmd.OutOrStdout(), f) },
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.rule, "rule", "", "id of the rule, such as licence.decide (see openhall rules list)")
	flags.StringVar(&f.start, "start", "", "day on which the term begins, YYYY-MM-DD")
	flags.StringVar(&f.on, "on", "", "day by which the version of the rule is chosen, YYYY-MM-DD (default: the start)")
	flags.StringArrayVar(&f.pauses, "pause", nil, "days that are not counted, both included, YYYY-MM-DD..YYYY-MM-DD; may be repeated")
	flags.BoolVar(&f.extend, "extend", false, "prolong the term by its extension rule")
	flags.IntVar(&f.promise, "promise", 0, "promised length, in the unit of the rule; not longer than the rule's")
	return cmd
}

// due answers the question and prints the answer.
func due(out io.Writer, f *dueFlags) error {
	tag, err := f.tag()
	if err != nil {
		return err
	}
	cal, err := calendar.Load(rules.Files, "calendar")
	if err != nil {
		return err
	}
	answer, err := f.answer(cal, tag)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(out, answer)
	}
	return printDue(out, answer)
}

func (f *dueFlags) answer(cal *calendar.Calendar, tag lang.Tag) (dueAnswer, error) {
	if f.rule == "" || f.start == "" {
		return dueAnswer{}, errors.New("--rule and --start are both needed, such as --rule licence.decide --start 2025-09-22")
	}
	start, err := parseDay("--start", f.start)
	if err != nil {
		return dueAnswer{}, err
	}
	on := start
	if f.on != "" {
		if on, err = parseDay("--on", f.on); err != nil {
			return dueAnswer{}, err
		}
	}
	r, err := f.load()
	if err != nil {
		return dueAnswer{}, err
	}
	p, err := r.Lookup(f.rule)
	if err != nil {
		return dueAnswer{}, fmt.Errorf("--rule: %w", err)
	}
	length, err := f.length("--rule", p, on)
	if err != nil {
		return dueAnswer{}, err
	}
	if p.Direction == statute.Before {
		return f.before(cal, start, p, length, tag)
	}
	t, err := f.term(r, start, on, length)
	if err != nil {
		return dueAnswer{}, err
	}
	now := start.Start() // matters only for a pause that is still open, and these are not
	lines := t.Compute(cal, now)
	return dueAnswer{
		Due: lines.PromiseDay, Statutory: lines.StatuteDay,
		Steps: dueSteps(t.ExplainPromise(cal, now), tag), Provisional: lines.Provisional,
	}, nil
}

// length reads the length of a rule on a day; flag is the one that led to the rule.
func (f *dueFlags) length(flag string, p statute.Parameter, on calendar.Date) (term.Length, error) {
	var missing *statute.NotInForceError
	length, err := term.FromRule(p, on)
	if errors.As(err, &missing) {
		return length, fmt.Errorf("%s: %w, or choose the version of the rule with --on", flag, missing)
	}
	if err != nil {
		return length, fmt.Errorf("%s: %w", flag, err)
	}
	return length, nil
}

// term puts the clock together from the flags.
func (f *dueFlags) term(r *statute.Rules, start, on calendar.Date, length term.Length) (term.Term, error) {
	promised := term.Length{}
	if f.promise != 0 {
		if f.promise < 0 || f.promise > length.N {
			return term.Term{}, fmt.Errorf("--promise: %d is outside 1 to %d; a promise is never longer than the term of %s", f.promise, length.N, f.rule)
		}
		promised = term.Length{N: f.promise, Unit: length.Unit}
	}
	t, err := term.New(start.Start(), length, promised)
	if err != nil {
		return t, err
	}
	for _, text := range f.pauses {
		pause, err := parsePause(text)
		if err != nil {
			return t, err
		}
		t.Pauses = append(t.Pauses, pause)
	}
	if !f.extend {
		return t, nil
	}
	extension, ok := r.Extension(f.rule)
	if !ok {
		return t, fmt.Errorf("--extend: rule %s has no extension in the law; leave --extend out", f.rule)
	}
	by, err := f.length("--extend", extension, on)
	if err != nil {
		return t, err
	}
	t.MaxExtensions = extension.Times
	t.Extensions = []term.Extension{{By: by, At: start.Start(), Approver: extension.Approver.Hans}}
	return t, nil
}

// before answers for a rule that counts back from an event.
func (f *dueFlags) before(cal *calendar.Calendar, event calendar.Date, p statute.Parameter, length term.Length, tag lang.Tag) (dueAnswer, error) {
	if len(f.pauses) > 0 || f.extend || f.promise != 0 {
		return dueAnswer{}, fmt.Errorf("rule %s counts back from the day given by --start; leave --pause, --extend and --promise out", p.ID)
	}
	c, err := term.Before(cal, event, length)
	if err != nil {
		return dueAnswer{}, err
	}
	return dueAnswer{Due: c.Day, Statutory: c.Day, Steps: dueSteps(c.Steps, tag), Provisional: c.Provisional}, nil
}

// parsePause reads D1..D2.
func parsePause(text string) (term.Pause, error) {
	from, to, found := strings.Cut(text, "..")
	if !found {
		return term.Pause{}, fmt.Errorf("--pause: %q; write two days with two dots between them, such as 2025-10-13..2025-10-17", text)
	}
	first, err := parseDay("--pause", from)
	if err != nil {
		return term.Pause{}, err
	}
	last, err := parseDay("--pause", to)
	if err != nil {
		return term.Pause{}, err
	}
	if last < first {
		return term.Pause{}, fmt.Errorf("--pause: %s lies before %s; write the earlier day first", last, first)
	}
	return term.PauseDays(first, last), nil
}

func dueSteps(steps []term.Step, tag lang.Tag) []dueStep {
	shown := make([]dueStep, len(steps))
	for i, s := range steps {
		shown[i] = dueStep{
			Kind: s.Kind, From: s.From, To: s.To, Counted: s.Counted, Days: s.Days, N: s.N,
			Text: s.Text.In(tag), Article: s.Article.In(tag),
		}
		if s.From == s.To {
			shown[i].Date = s.From
		}
	}
	return shown
}

func printDue(out io.Writer, a dueAnswer) error {
	fmt.Fprintf(out, "due %s", a.Due)
	if a.Due != a.Statutory {
		fmt.Fprintf(out, " (statutory %s)", a.Statutory)
	}
	if a.Provisional {
		fmt.Fprint(out, " provisional")
	}
	fmt.Fprintln(out)
	for _, s := range a.Steps {
		line := "  " + s.Text
		if s.Article != "" {
			line += " " + s.Article
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
