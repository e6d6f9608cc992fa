package statute

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// The raw types are the files as they are written. Dates stay text until they are checked, so that a refusal can quote them.
type (
	rawLaw struct {
		Title    lang.Text `yaml:"title"`
		Document string    `yaml:"document"`
		From     string    `yaml:"from"`
		Until    string    `yaml:"until"`
		URL      string    `yaml:"url"`
		Headings headings  `yaml:"headings"`
	}
	rawParameter struct {
		ID        string     `yaml:"id"`
		Overrides bool       `yaml:"overrides"`
		Title     lang.Text  `yaml:"title"`
		Unit      Unit       `yaml:"unit"`
		Tighter   Tighter    `yaml:"tighter"`
		Direction Direction  `yaml:"direction"`
		Extends   string     `yaml:"extends"`
		Times     int        `yaml:"times"`
		Approver  lang.Text  `yaml:"approver"`
		Pauses    []string   `yaml:"pauses"`
		Values    []rawValue `yaml:"values"`
	}
	rawValue struct {
		From       string     `yaml:"from"`
		Until      string     `yaml:"until"`
		Unit       Unit       `yaml:"unit"`
		Amount     *int64     `yaml:"amount"`
		Bands      Bands      `yaml:"bands"`
		Entries    []Entry    `yaml:"entries"`
		Yearly     string     `yaml:"yearly"`
		Source     rawSource  `yaml:"source"`
		Confidence Confidence `yaml:"confidence"`
		Note       string     `yaml:"note"`
	}
	rawSource struct {
		Law     string `yaml:"law"`
		Article string `yaml:"article"`
		URL     string `yaml:"url"`
	}
)

// law is a law as values cite it.
type law struct {
	source      Source
	from, until calendar.Date // in force from; until (exclusive), zero: still
}

// decode reads a YAML file strictly: an unknown key, a key written twice or a second document is refused.
func (l *loader) decode(f file, into any) bool {
	d := yaml.NewDecoder(bytes.NewReader(f.data))
	d.KnownFields(true)
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		l.refuse(f.name, "", "", "the file is empty; add content or delete it")
		return false
	}
	if err == nil {
		var more yaml.Node
		if d.Decode(&more) == nil {
			l.refuse(f.name, "", "", "the file holds a second YAML document; put all parameters under one `parameters:`")
			return false
		}
		return true
	}
	var types *yaml.TypeError
	if !errors.As(err, &types) {
		l.refuse(f.name, "", "", "is not well-formed YAML: %v", err)
		return false
	}
	for _, message := range types.Errors {
		l.refuseYAML(f, message)
	}
	return false
}

var (
	lineMessage  = regexp.MustCompile(`^line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type`)
	idLine       = regexp.MustCompile(`^\s*- id:\s*(\S+)|^  ([a-z0-9-]+):\s*$`)
)

// refuseYAML turns a message of the YAML decoder, which knows only lines, into one that names the parameter and the key.
func (l *loader) refuseYAML(f file, message string) {
	m := lineMessage.FindStringSubmatch(message)
	if m == nil {
		l.refuse(f.name, "", "", "%s", message)
		return
	}
	line, _ := strconv.Atoi(m[1]) // digits by the pattern
	id := idAbove(f.data, line)
	if field := unknownField.FindStringSubmatch(m[2]); field != nil {
		l.refuse(f.name, id, field[1], "unknown key (line %d); correct the spelling or remove it", line)
		return
	}
	l.refuse(f.name, id, "", "line %d: %s", line, m[2])
}

// idAbove finds the parameter or law that a line belongs to.
func idAbove(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	for _, text := range slices.Backward(lines[:min(line, len(lines))]) {
		if m := idLine.FindStringSubmatch(text); m != nil {
			return m[1] + m[2]
		}
	}
	return ""
}

// readLaws takes in the laws that the values of this jurisdiction, and of those below, may cite. It reports whether they can be
// relied on to check the values.
func (l *loader) readLaws(f file) bool {
	var content struct {
		Laws map[string]rawLaw `yaml:"laws"`
	}
	if !l.decode(f, &content) {
		return false
	}
	sound := true
	for _, key := range slices.Sorted(maps.Keys(content.Laws)) {
		raw := content.Laws[key]
		if _, twice := l.laws[key]; twice {
			l.refuse(f.name, key, "", "this law is already named by a jurisdiction above; cite that one, or choose another key")
			continue
		}
		l.requireText(f.name, key, "title", raw.Title)
		from, until, ok := l.span(f.name, key, "", raw.From, raw.Until)
		sound = sound && ok
		l.laws[key] = law{
			source: Source{Law: raw.Title, Document: raw.Document, URL: raw.URL},
			from:   from, until: until,
		}
		if len(raw.Headings) > 0 {
			l.nameHeadings(f.name, key, raw.Headings)
		}
	}
	return sound
}

// nameHeadings gives a law the words for its headings, each of which is written in zh-Hans as its key.
func (l *loader) nameHeadings(file, id string, named headings) {
	for _, heading := range slices.Sorted(maps.Keys(named)) {
		words := named[heading]
		words.Hans = cmp.Or(words.Hans, heading)
		l.requireText(file, id, "headings."+heading, words)
		named[heading] = words
	}
	cited := l.laws[id]
	cited.source.headings = &named
	l.laws[id] = cited
}

// requireText refuses a text that is not there in all three languages.
func (l *loader) requireText(file, id, key string, x lang.Text) {
	for _, tag := range lang.All {
		have := map[lang.Tag]string{lang.Hans: x.Hans, lang.Hant: x.Hant, lang.En: x.En}[tag]
		if strings.TrimSpace(have) == "" {
			l.refuse(file, id, key+"."+string(tag), "missing translation; write it in zh-Hans, zh-Hant and en")
		}
	}
}

// span reads a from and an until, and reports whether they are sound; prefix stands before the key in a refusal.
func (l *loader) span(file, id, prefix, from, until string) (first, end calendar.Date, ok bool) {
	if from == "" {
		l.refuse(file, id, prefix+"from", "missing; write the first day on which it is in force, YYYY-MM-DD")
		return 0, 0, false
	}
	first, err := calendar.Parse(from)
	if err != nil {
		l.refuse(file, id, prefix+"from", "bad date: %v", err)
		return 0, 0, false
	}
	if until == "" {
		return first, 0, true
	}
	end, err = calendar.Parse(until)
	if err != nil {
		l.refuse(file, id, prefix+"until", "bad date: %v", err)
		return 0, 0, false
	}
	if end <= first {
		l.refuse(file, id, prefix+"until", "%s is not after from, %s; until is the first day on which it no longer holds", until, from)
		return 0, 0, false
	}
	return first, end, true
}

// yearly reads a day of every year, MM-DD. 29 February is refused: it is not there every year.
func yearly(s string) (YearlyDate, error) {
	// 2001 is no leap year.
	d, err := calendar.Parse("2001-" + s)
	if err != nil {
		return YearlyDate{}, fmt.Errorf("%q is no day of every year; write MM-DD", s)
	}
	return YearlyDate{Month: int(d.Month()), Day: d.DayOfMonth()}, nil
}
