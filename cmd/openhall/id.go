package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
)

// newIDCommand checks the numbers that name bodies, persons, places, items and cases.
func newIDCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "id", Short: "Check identifiers: credit codes, ID cards, area, item and case numbers"}
	cmd.AddCommand(newIDCheckCommand())
	return cmd
}

// idAnswer is what openhall id check --json prints.
type idAnswer struct {
	Valid    bool              `json:"valid"`
	Kind     identifier.Kind   `json:"kind"`
	Parts    []identifier.Part `json:"parts,omitempty"`
	Code     identifier.Code   `json:"code,omitempty"`     // what is wrong, in one word
	Position int               `json:"position,omitempty"` // of the wrong character, from 1
	Char     string            `json:"char,omitempty"`     // what stands there
	Message  lang.Text         `json:"message,omitzero"`
}

func newIDCheckCommand() *cobra.Command {
	var on, language string
	var asJSON bool
	kinds := make([]string, 0, len(identifier.Kinds()))
	for _, k := range identifier.Kinds() {
		kinds = append(kinds, string(k))
	}
	cmd := &cobra.Command{
		Use:   "check KIND VALUE",
		Short: "Say whether an identifier is valid; if not, which character is wrong and how to mend it",
		Long: `Say whether an identifier is valid, and of what parts it consists; if it isn't, which character is wrong, why, and how to mend
it. Only the form is checked: whether the body, person or place exists, the registries know.

Kinds: ` + strings.Join(kinds, ", "),
		Example: `  openhall id check uscc 11341702486344515H
  openhall id check id-card 11010519491231002X --on 2013-06-01 --json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			tag, known := lang.Parse(language)
			if !known {
				return fmt.Errorf("--lang %q: choose one of %s, %s, %s", language, lang.Hans, lang.Hant, lang.En)
			}
			day := time.Now().In(time.FixedZone("CST", 8*60*60))
			if on != "" {
				var err error
				if day, err = time.Parse(time.DateOnly, on); err != nil {
					return fmt.Errorf("--on %q: write a day of the calendar as YYYY-MM-DD", on)
				}
			}
			return checkID(cmd.OutOrStdout(), identifier.Kind(args[0]), args[1], day, tag, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&on, "on", "", "day of the check, YYYY-MM-DD: a birth date after it is refused (default today)")
	flags.StringVar(&language, "lang", string(lang.Hans), "language of the answer: zh-Hans, zh-Hant or en")
	flags.BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// checkID prints what Check says. Of an invalid value it returns the message as the error, so that the program ends with 1.
func checkID(out io.Writer, kind identifier.Kind, value string, day time.Time, tag lang.Tag, asJSON bool) error {
	parts, err := identifier.Check(kind, value, day)
	answer := idAnswer{Valid: err == nil, Kind: kind, Parts: parts}
	var fault *identifier.Error
	if errors.As(err, &fault) {
		answer.Code, answer.Position, answer.Message = fault.Code, fault.Position, fault.Text
		if fault.Char != 0 {
			answer.Char = string(fault.Char)
		}
		err = errors.New(fault.Text.In(tag))
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		return errors.Join(encoder.Encode(answer), err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "valid")
	for _, p := range parts {
		line := p.Name.In(tag) + ": " + p.Value
		if !p.Meaning.IsZero() {
			line += " (" + p.Meaning.In(tag) + ")"
		}
		fmt.Fprintln(out, line)
	}
	return nil
}
