package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/rules"
)

// ruleFlags are the flags that say which rules are meant and in which language they are shown.
type ruleFlags struct {
	jurisdiction string
	dir          string
	language     string
	json         bool
}

func (f *ruleFlags) register(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVar(&f.jurisdiction, "jurisdiction", "cn-ah", "whose rules: cn, or a lower jurisdiction such as cn-ah")
	flags.StringVar(&f.dir, "dir", "", "read the rules from this folder instead of those built in")
	flags.StringVar(&f.language, "lang", string(lang.Hans), "language of titles and sentences: zh-Hans, zh-Hant or en")
	flags.BoolVar(&f.json, "json", false, "print JSON")
}

func (f *ruleFlags) files() fs.FS {
	if f.dir != "" {
		return os.DirFS(f.dir)
	}
	return rules.Files
}

func (f *ruleFlags) load() (*statute.Rules, error) {
	return statute.Load(f.files(), statute.Chain(f.jurisdiction)...)
}

// watched loads what supervision watches under the rules. A folder of the law alone has none.
func (f *ruleFlags) watched(law *statute.Rules) ([]supervision.Rule, error) {
	if _, err := fs.Stat(f.files(), supervision.Folder); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return supervision.Load(f.files(), law, statute.Chain(f.jurisdiction)...)
}

// standards loads what bodies owe to the public at regular times. A folder of the law alone has none.
func (f *ruleFlags) standards(law *statute.Rules) ([]publication.Standard, error) {
	if _, err := fs.Stat(f.files(), publication.StandardsFile); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	s, err := publication.LoadStandards(f.files(), law)
	if err != nil {
		return nil, err
	}
	return s.List, nil
}

// matters returns the joint matters that ship; none in a set of rules without them.
func (f *ruleFlags) matters() ([]joint.Matter, error) {
	const folder = "joint"
	if _, err := fs.Stat(f.files(), folder); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return joint.LoadMatters(f.files(), folder)
}

func (f *ruleFlags) tag() (lang.Tag, error) {
	tag, ok := lang.Parse(f.language)
	if !ok {
		return tag, fmt.Errorf("--lang: %q is no language of the platform; give zh-Hans, zh-Hant or en", f.language)
	}
	return tag, nil
}

// newRulesCommand shows and checks the law as data.
func newRulesCommand() *cobra.Command {
	f := &ruleFlags{}
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Show and check the numbers of the law: terms, fees, closed lists, with their articles",
	}
	f.register(cmd)
	cmd.AddCommand(
		&cobra.Command{
			Use:   "check",
			Short: "Load every rule; refuse what is inconsistent, list what is not verified yet",
			Args:  cobra.NoArgs,
			RunE:  func(cmd *cobra.Command, _ []string) error { return checkRules(cmd.OutOrStdout(), f) },
		},
		&cobra.Command{
			Use:   "list",
			Short: "List all rules with the value that is the latest",
			Args:  cobra.NoArgs,
			RunE:  func(cmd *cobra.Command, _ []string) error { return listRules(cmd.OutOrStdout(), f) },
		},
		newRulesShowCommand(f),
	)
	return cmd
}

func newRulesShowCommand(f *ruleFlags) *cobra.Command {
	var on string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one rule with all its dated values, or with the one in force on a day",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return showRule(cmd.OutOrStdout(), f, args[0], on) },
	}
	cmd.Flags().StringVar(&on, "on", "", "only the value in force on this day, YYYY-MM-DD")
	return cmd
}

// checkRules loads the rules and reports how sure we are of them.
func checkRules(out io.Writer, f *ruleFlags) error {
	tag, err := f.tag()
	if err != nil {
		return err
	}
	r, err := f.load()
	if err != nil {
		return err
	}
	type doubt struct {
		ID     string        `json:"id"`
		From   calendar.Date `json:"from,omitzero"`
		Source string        `json:"source"`
		Note   string        `json:"note,omitempty"`
	}
	count, values := map[statute.Confidence]int{}, 0
	doubts := []doubt{}
	watched, err := f.watched(r)
	if err != nil {
		return err
	}
	for _, w := range watched {
		count[w.Confidence]++
		if w.Confidence == statute.Unverified {
			doubts = append(doubts, doubt{w.ID, w.From, w.Source.Cite(tag), w.Note})
		}
	}
	owed, err := f.standards(r)
	if err != nil {
		return err
	}
	for _, s := range owed {
		count[s.Confidence]++
		if s.Confidence == statute.Unverified {
			doubts = append(doubts, doubt{"standard " + s.Key, s.From, s.Source.Cite(tag), s.Note})
		}
	}
	matters, err := f.matters()
	if err != nil {
		return err
	}
	for i := range matters {
		for _, part := range matters[i].Parts() {
			for _, citation := range part.Unread() {
				count[statute.Unverified]++
				doubts = append(doubts, doubt{ID: "joint " + matters[i].Key + "/" + part.Key, Source: citation.In(tag)})
			}
		}
	}
	for _, p := range r.All() {
		for _, v := range p.Values {
			values++
			count[v.Confidence]++
			if v.Confidence == statute.Unverified {
				doubts = append(doubts, doubt{p.ID, v.From, v.Source.Cite(tag), v.Note})
			}
		}
	}
	if f.json {
		return printJSON(out, map[string]any{
			"jurisdiction": r.Jurisdiction(), "digest": r.Digest(), "rules": len(r.All()), "values": values, "supervision": len(watched), "standards": len(owed),
			"unverified": doubts,
		})
	}
	fmt.Fprintf(out, "%s: %d rules, %d values, %d rules of supervision, %d standards of publication: %d verified, %d practice, %d set by the province, %d unverified\n", r.Jurisdiction(), len(r.All()), values, len(watched), len(owed),
		count[statute.Verified], count[statute.Practice], count[statute.Local], count[statute.Unverified])
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, d := range doubts {
		from := ""
		if d.From != 0 { // a joint matter goes by versions, not by days
			from = "from " + d.From.String()
		}
		fmt.Fprintf(w, "unverified\t%s\t%s\t%s\t%s\n", d.ID, from, d.Source, d.Note)
	}
	return w.Flush()
}

func listRules(out io.Writer, f *ruleFlags) error {
	tag, err := f.tag()
	if err != nil {
		return err
	}
	r, err := f.load()
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(out, r.All())
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range r.All() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.ID, worth(p.Values[len(p.Values)-1]), p.Title.In(tag))
	}
	return w.Flush()
}

func showRule(out io.Writer, f *ruleFlags, id, on string) error {
	tag, err := f.tag()
	if err != nil {
		return err
	}
	r, err := f.load()
	if err != nil {
		return err
	}
	p, err := r.Lookup(id)
	if err != nil {
		return err
	}
	if on != "" {
		day, err := parseDay("--on", on)
		if err != nil {
			return err
		}
		v, err := p.At(day)
		if err != nil {
			return fmt.Errorf("--on: %w", err)
		}
		p.Values = []statute.Value{v}
	}
	if f.json {
		return printJSON(out, p)
	}
	fmt.Fprintf(out, "%s\n%s\n", p.ID, p.Title.In(tag))
	if p.Extends != "" {
		fmt.Fprintf(out, "extends %s, %d time(s), decided by: %s\n", p.Extends, p.Times, p.Approver.In(tag))
	}
	if len(p.Pauses) > 0 {
		fmt.Fprintf(out, "pauses %s\n", strings.Join(p.Pauses, ", "))
	}
	for _, v := range p.Values {
		printValue(out, v, tag)
	}
	return nil
}

// printValue prints one dated value with its source, and its scale or list if it has one.
func printValue(out io.Writer, v statute.Value, tag lang.Tag) {
	until := ""
	if v.Until != 0 {
		until = " until " + v.Until.String()
	}
	fmt.Fprintf(out, "  from %s%s: %s  %s  %s (%s)\n", v.From, until, worth(v), v.Source.Cite(tag), v.Confidence, v.Jurisdiction)
	for _, b := range v.Bands {
		fmt.Fprintf(out, "    %s\n", bandText(b))
	}
	for _, e := range v.Entries {
		fmt.Fprintf(out, "    %s  %s\n", e.Code, e.Title.In(tag))
	}
	if v.Note != "" {
		fmt.Fprintf(out, "    note: %s\n", v.Note)
	}
}

// worth writes what a value holds in a few words.
func worth(v statute.Value) string {
	switch {
	case len(v.Bands) > 0:
		return fmt.Sprintf("scale of %d bands", len(v.Bands))
	case v.Unit == statute.List:
		return fmt.Sprintf("list of %d", len(v.Entries))
	case v.Unit == statute.EveryYear:
		return fmt.Sprintf("by %02d-%02d of every year", v.Yearly.Month, v.Yearly.Day)
	case v.Unit == statute.Ground:
		return "ground for a pause"
	case v.Unit == statute.Flag && v.Amount == 1:
		return "applies"
	case v.Unit == statute.Flag:
		return "does not apply"
	default:
		return fmt.Sprintf("%d %s", v.Amount, v.Unit)
	}
}

func bandText(b statute.Band) string {
	to := "on"
	if b.To != 0 {
		to = fmt.Sprintf("to %d", b.To)
	}
	text := fmt.Sprintf("from %d %s: %d fen each", b.From, to, b.Each)
	if b.Size > 0 {
		text += fmt.Sprintf(", %d fen more for every further %d", b.Rise, b.Size)
	}
	return text
}

// parseDay reads the day given by a flag.
func parseDay(flag, text string) (calendar.Date, error) {
	d, err := calendar.Parse(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w; write a day of the calendar as YYYY-MM-DD", flag, err)
	}
	return d, nil
}

// printJSON prints a value as indented JSON, with Chinese and signs as they are.
func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
