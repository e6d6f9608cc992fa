package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/rules"
)

// newProcedureCommand checks procedures and runs them without a database.
func newProcedureCommand() *cobra.Command {
	f := &ruleFlags{}
	cmd := &cobra.Command{
		Use:   "procedure",
		Short: "Check a procedure drawn in BPMN 2.0, or run it step by step",
	}
	f.register(cmd)
	cmd.AddCommand(newProcedureCheckCommand(f), newProcedureRunCommand(f))
	return cmd
}

func newProcedureCheckCommand(f *ruleFlags) *cobra.Command {
	plain := false
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Print what is wrong with a procedure, one finding a line",
		Long: `Print what is wrong with a procedure, one finding a line, and fail when a finding is an error: what cannot be reached, what cannot
end, a task without a lane, a task of the authority without a term, a rule that does not exist.`,
		Example: "  openhall procedure check procedures/licence.bpmn",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkProcedure(cmd.OutOrStdout(), f, args[0], plain)
		},
	}
	cmd.Flags().BoolVar(&plain, "plain", false, "do not ask for lanes, roles and terms: the file is plain BPMN")
	return cmd
}

func checkProcedure(out io.Writer, f *ruleFlags, file string, plain bool) error {
	tag, err := f.tag()
	if err != nil {
		return err
	}
	law, err := f.load()
	if err != nil {
		return err
	}
	d, err := readProcedure(file)
	if err != nil {
		if _, printErr := fmt.Fprintf(out, "%s: %v\n", file, err); printErr != nil {
			return printErr
		}
		return errors.New("the procedure cannot be read")
	}
	findings := procedure.Check(d, procedure.Options{
		Plain:     plain,
		KnownRule: func(id string) bool { _, ok := law.Parameter(id); return ok },
	})
	if f.json {
		err = json.NewEncoder(out).Encode(slices.Concat([]procedure.Finding{}, findings))
	}
	faults := 0
	for _, x := range findings {
		if x.Level == procedure.Error {
			faults++
		}
		if !f.json && err == nil {
			_, err = fmt.Fprintf(out, "%s: %s\n", file, x.In(tag))
		}
	}
	if err != nil {
		return err
	}
	if faults > 0 {
		return fmt.Errorf("%s has %d faults", file, faults)
	}
	return nil
}

func readProcedure(file string) (*procedure.Definition, error) {
	data, err := os.ReadFile(file) //nolint:gosec // the file is named by the person at the keyboard
	if err != nil {
		return nil, err
	}
	return procedure.Parse(data)
}

func newProcedureRunCommand(f *ruleFlags) *cobra.Command {
	inputs := ""
	cmd := &cobra.Command{
		Use:   "run FILE --inputs FILE.jsonl",
		Short: "Run a procedure without a database and print where it stands after each input",
		Long: `Run a procedure without a database and print where it stands after each input: what is open, whether it has ended, its variables.
Service tasks pass at once. Time moves only by "at", and timers fire only by "advance". An input is one line of JSON:

  {"at":"2026-03-02T09:00:00+08:00","start":{"amount":5}}
  {"at":"…","complete":"review","index":0,"vars":{"ok":true}}
  {"at":"…","message":"paid","vars":{}}                          a message, or else a signal
  {"at":"…","advance":true}                                      fires the timers due by then
  {"at":"…","error":"inspect","code":"no-access"}                the task has failed
  {"at":"…","cancel":true}

"index" is the number of the instance of a multi-instance activity as it was started, from 0; when no open instance has that
number, it is the place among the open ones. A message that nothing waits for is lost, with a note on standard error.`,
		Example: "  openhall procedure run licence.bpmn --inputs case.jsonl --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			law, err := f.load()
			if err != nil {
				return err
			}
			cal, err := calendar.Load(rules.Files, "calendar")
			if err != nil {
				return err
			}
			d, err := readProcedure(args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			r := procedureRun{
				engine: procedure.Engine{Due: procedure.Lawful(cal, law), AutoServices: true},
				d:      d, out: cmd.OutOrStdout(), notes: cmd.ErrOrStderr(), json: f.json,
			}
			return r.file(cmd.InOrStdin(), inputs)
		},
	}
	cmd.Flags().StringVar(&inputs, "inputs", "-", "file of inputs, one JSON object a line; - is standard input")
	return cmd
}

// procedureRun is a case that lives as long as the command.
type procedureRun struct {
	engine     procedure.Engine
	d          *procedure.Definition
	s          procedure.State
	at         time.Time
	out, notes io.Writer
	json       bool
}

// procedureInput is one line of inputs.
type procedureInput struct {
	At       time.Time           `json:"at"`
	Start    procedure.Variables `json:"start"`
	Complete string              `json:"complete"`
	Error    string              `json:"error"`
	Code     string              `json:"code"`
	Index    int                 `json:"index"`
	Message  string              `json:"message"`
	Advance  bool                `json:"advance"`
	Cancel   bool                `json:"cancel"`
	Vars     procedure.Variables `json:"vars"`
}

// procedureStand is one line of output.
type procedureStand struct {
	Open  []string            `json:"open"`
	Ended bool                `json:"ended"`
	Vars  procedure.Variables `json:"vars"`
}

// maxInputLine bounds one line of inputs, in bytes.
const maxInputLine = 4 << 20

func (r *procedureRun) file(in io.Reader, name string) error {
	if name != "-" {
		data, err := os.ReadFile(name) //nolint:gosec // the file is named by the person at the keyboard
		if err != nil {
			return err
		}
		in = bytes.NewReader(data)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxInputLine)
	n := 0
	for lines.Scan() {
		if n++; len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := r.line(lines.Bytes(), n); err != nil {
			return fmt.Errorf("%s, line %d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s, line %d: %w", name, n+1, err)
	}
	return nil
}

func (r *procedureRun) line(line []byte, n int) error {
	var x procedureInput
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&x); err != nil {
		return fmt.Errorf("not an input: %w", err)
	}
	if x.At.IsZero() || x.At.Before(r.at) {
		return fmt.Errorf("\"at\" must be an instant such as 2026-03-02T09:00:00+08:00, not before that of the line before (%s)", r.at.Format(time.RFC3339))
	}
	r.at = x.At
	in, err := r.input(x)
	if err != nil {
		return err
	}
	s, _, err := r.engine.Step(r.d, r.s, in, r.at)
	switch {
	case in.Kind == procedure.InputMessage && errors.Is(err, procedure.ErrNotAwaited):
		if _, err := fmt.Fprintf(r.notes, "line %d: %v\n", n, err); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		r.s = s
	}
	return r.print()
}

// input makes the engine's input of a line.
func (r *procedureRun) input(x procedureInput) (procedure.Input, error) {
	in := procedure.Input{Vars: x.Vars}
	given := 0
	for _, g := range []struct {
		is   bool
		kind procedure.InputKind
	}{
		{x.Start != nil, procedure.InputStart}, {x.Complete != "", procedure.InputComplete}, {x.Error != "", procedure.InputError},
		{x.Message != "", procedure.InputMessage}, {x.Advance, procedure.InputAdvance}, {x.Cancel, procedure.InputCancel},
	} {
		if g.is {
			given++
			in.Kind = g.kind
		}
	}
	if given != 1 {
		return in, errors.New("an input is one of start, complete, error, message, advance, cancel")
	}
	switch in.Kind {
	case procedure.InputStart:
		in.Vars = x.Start
	case procedure.InputMessage:
		in.Name = x.Message
	case procedure.InputComplete, procedure.InputError:
		in.Element, in.Index, in.Code = x.Complete+x.Error, x.Index, x.Code
		token, err := r.token(in.Element, in.Index)
		in.Token = token
		return in, err
	}
	return in, nil
}

// token finds the open instance of a task: the one started with the index, or else the one at that place; 0 when there is none.
func (r *procedureRun) token(element string, index int) (int, error) {
	items, err := r.engine.Open(r.d, r.s)
	if err != nil {
		return 0, err
	}
	items = slices.DeleteFunc(items, func(o procedure.OpenItem) bool { return o.Element.ID != element })
	if i := slices.IndexFunc(items, func(o procedure.OpenItem) bool { return o.Index == index }); i >= 0 {
		return items[i].Token, nil
	}
	if index >= 0 && index < len(items) {
		return items[index].Token, nil
	}
	return 0, nil
}

func (r *procedureRun) print() error {
	items, err := r.engine.Open(r.d, r.s)
	if err != nil {
		return err
	}
	stand := procedureStand{Open: make([]string, len(items)), Ended: r.s.Ended(), Vars: r.s.Vars()}
	for i, o := range items {
		stand.Open[i] = o.Element.ID
	}
	slices.Sort(stand.Open)
	if stand.Vars == nil {
		stand.Vars = procedure.Variables{}
	}
	if r.json {
		return json.NewEncoder(r.out).Encode(stand)
	}
	where := strings.Join(stand.Open, ", ")
	if stand.Ended {
		where = "ended: " + string(r.s.Outcome)
	}
	_, err = fmt.Fprintf(r.out, "%s  %s\n", r.at.In(calendar.Zone).Format("2006-01-02 15:04"), where)
	return err
}
