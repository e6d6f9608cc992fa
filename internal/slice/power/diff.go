package power

import (
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/lang"
)

// Change is one element in which two versions of an item differ. Before and After are what each says, line by line; they differ.
type Change struct {
	Element string // key of the element; its name is the message power.element.KEY
	Before  []string
	After   []string
}

// Diff lists the elements in which two versions differ, in the reader's language. Where only the wording in another language
// differs, that wording is shown.
func Diff(before, after *Item, tag lang.Tag) []Change {
	var changes []Change
	a, b := elementsOf(before), elementsOf(after)
	for i := range a {
		if slices.Equal(a[i].lines, b[i].lines) {
			continue
		}
		shown := tag
		if slices.Equal(a[i].in(tag), b[i].in(tag)) {
			for _, other := range lang.All {
				if !slices.Equal(a[i].in(other), b[i].in(other)) {
					shown = other
				}
			}
		}
		changes = append(changes, Change{Element: a[i].key, Before: a[i].in(shown), After: b[i].in(shown)})
	}
	return changes
}

// fact is one element of an item in words.
type fact struct {
	key   string
	lines []lang.Text
}

func (f fact) in(tag lang.Tag) []string {
	out := make([]string, 0, len(f.lines))
	for _, x := range f.lines {
		out = append(out, x.In(tag))
	}
	return out
}

// elementsOf puts all elements of an item into words, in a fixed order.
func elementsOf(it *Item) []fact {
	var facts []fact
	add := func(key string, lines ...lang.Text) {
		facts = append(facts, fact{key, slices.DeleteFunc(lines, lang.Text.IsZero)})
	}
	add("name", it.Name)
	add("summary", it.Summary)
	add("basic-code", plain(it.BasicCode), plain(it.LocalCode))
	add("type", nameOf(it.Type))
	add("handling", it.Handling.Name())
	add("department", plain(it.Department))
	add("source", it.Source.Name(), it.BodyNature.Name(), it.Delegator)
	add("status", it.Status.Name())
	add("effective", day(it))
	add("cancelled", cancelLines(it)...)
	add("levels", names(it.Level)...)
	add("bodies", bodyLines(it)...)
	add("serves", names(it.Serves)...)
	add("labels", plainAll(append(slices.Clone(it.Topics), it.Events...))...)
	add("basis", basisLines(it.Basis)...)
	add("conditions", it.Conditions...)
	add("statutory", join(it.Statutory.Text(), it.Statutory.Basis.CiteText()), plain(it.Statutory.Basis.Text))
	add("promised", it.Promised.Text(), it.Promised.Note)
	add("special", specialLines(it)...)
	add("procedure", plain(it.Procedure))
	add("visits", number(it.Visits))
	add("channels", names(it.Channels)...)
	add("form", plain(it.Form))
	add("materials", materialLines(it)...)
	add("fees", feeLines(it)...)
	add("results", resultLines(it)...)
	add("extended", extendedLines(it.Extended)...)
	return facts
}

func plain(s string) lang.Text { return lang.Text{Hans: s} }

func plainAll(list []string) []lang.Text {
	out := make([]lang.Text, 0, len(list))
	for _, s := range list {
		out = append(out, plain(s))
	}
	return out
}

func number(n *int) lang.Text {
	if n == nil {
		return lang.Text{}
	}
	return plain(strconv.Itoa(*n))
}

func yes(b *bool) string {
	if b == nil {
		return "–"
	}
	return strconv.FormatBool(*b)
}

func day(it *Item) lang.Text {
	if it.Effective == 0 {
		return lang.Text{}
	}
	return plain(it.Effective.String())
}

func names[T interface{ Name() lang.Text }](list []T) []lang.Text {
	out := make([]lang.Text, 0, len(list))
	for _, v := range list {
		out = append(out, v.Name())
	}
	return out
}

// join sets texts side by side, leaving out empty ones.
func join(parts ...lang.Text) lang.Text {
	var out lang.Text
	for _, p := range parts {
		if p.IsZero() {
			continue
		}
		if !out.IsZero() {
			out.Hans, out.Hant, out.En = out.Hans+" · ", out.Hant+" · ", out.En+" · "
		}
		out.Hans, out.Hant, out.En = out.Hans+p.In(lang.Hans), out.Hant+p.In(lang.Hant), out.En+p.In(lang.En)
	}
	return out
}

func cancelLines(it *Item) []lang.Text {
	if it.Cancelled == nil {
		return nil
	}
	return []lang.Text{plain(it.Cancelled.On.String()), it.Cancelled.Reason, it.Cancelled.Basis.CiteText()}
}

func bodyLines(it *Item) []lang.Text {
	lines := make([]lang.Text, 0, len(it.By))
	for _, by := range it.By {
		lines = append(lines, join(plain(by.Body), by.Level.Name()))
	}
	return lines
}

func basisLines(list []LegalBasis) []lang.Text {
	lines := make([]lang.Text, 0, len(list))
	for _, b := range list {
		lines = append(lines, join(b.CiteText(), plain(b.Text), plain(string(b.Confidence))))
	}
	return lines
}

func specialLines(it *Item) []lang.Text {
	lines := make([]lang.Text, 0, len(it.Special))
	for _, s := range it.Special {
		lines = append(lines, join(plain(s.Ground), s.Note))
	}
	return lines
}

func materialLines(it *Item) []lang.Text {
	lines := make([]lang.Text, 0, len(it.Materials))
	for _, m := range it.Materials {
		parts := []lang.Text{m.Name, m.Kind.Name(), m.Need.Name(), m.When, m.Origin.Name(), plain("× " + strconv.Itoa(m.Copies)), m.Accept, m.Basis.CiteText()}
		lines = append(lines, join(append(parts, names(m.Formats)...)...))
	}
	return lines
}

func feeLines(it *Item) []lang.Text {
	lines := []lang.Text{plain(yes(it.Charged))}
	for _, f := range it.Fees {
		lines = append(lines, join(f.Name, f.Standard, plain(strconv.FormatInt(f.Fen, 10)), f.Waiver, f.Basis.CiteText()))
	}
	return lines
}

func resultLines(it *Item) []lang.Text {
	lines := make([]lang.Text, 0, len(it.Results))
	for _, r := range it.Results {
		lines = append(lines, join(r.Kind.Name(), r.Name, r.Validity))
	}
	return lines
}

func extendedLines(e Extended) []lang.Text {
	lines := []lang.Text{e.OnlineDepth.Name(), e.Reach.Name(), e.Intermediaries, e.Quota}
	lines = append(lines, plainAll(e.Joint)...)
	for _, flag := range []struct {
		key   string
		value string
	}{
		{"in-hall", yes(e.InHall)}, {"express", yes(e.Express)}, {"online-payment", yes(e.OnlinePayment)},
		{"appointment", strconv.FormatBool(e.Appointment)}, {"agent-points", strconv.FormatBool(e.AgentPoints)},
	} {
		lines = append(lines, plain(flag.key+": "+flag.value))
	}
	return lines
}
