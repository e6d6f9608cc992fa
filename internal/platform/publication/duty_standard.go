package publication

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/registry"
)

// DutyStandard is the kind of duties that come back: each quarter, each year (主动公开标准).
const DutyStandard = "standard"

// Standard (主动公开标准) is something that bodies of some kinds have to publish again and again.
type Standard struct {
	Key        string
	Title      lang.Text // {period} stands for the time that it is about
	Kinds      []string  // of bodies that owe it
	Levels     []string  // of these bodies; empty: all
	Every      string    // month, quarter, half-year, year
	Begins     bool      // its term runs from the first day of the time that it is about, not from the last
	Category   string    // under which it is expected, or below
	Words      []string  // that stand in the title of a record that meets it, beside the name of the time
	From       calendar.Date
	Rule       string // of its term: a length, or a day of the year
	Source     statute.Source
	Confidence statute.Confidence
	Note       string
}

// Standards are what bodies owe at regular times, and the terms of single records.
type Standards struct {
	List  []Standard
	terms map[string]string // category → rule of the term in which a record becomes public
}

// StandardsFile is the file of the standards that ship.
const StandardsFile = "publication/standards.yaml"

type rawStandards struct {
	Terms []struct {
		Category string `yaml:"category"`
		Rule     string `yaml:"rule"`
	} `yaml:"terms"`
	Standards []struct {
		Key      string    `yaml:"key"`
		Title    lang.Text `yaml:"title"`
		Kinds    []string  `yaml:"kinds"`
		Levels   []string  `yaml:"levels"`
		Every    string    `yaml:"every"`
		Begins   bool      `yaml:"begins"`
		Category string    `yaml:"category"`
		Words    []string  `yaml:"words"`
		From     string    `yaml:"from"`
		Rule     string    `yaml:"rule"`
		Source   struct {
			Law     string `yaml:"law"`
			Article string `yaml:"article"`
		} `yaml:"source"`
		Confidence statute.Confidence `yaml:"confidence"`
		Note       string             `yaml:"note"`
	} `yaml:"standards"`
}

// LoadStandards reads the standards of a folder of rules and checks them against the law and the categories that ship there. It refuses a
// file with every defect at once.
func LoadStandards(files fs.FS, law *statute.Rules) (*Standards, error) {
	data, err := fs.ReadFile(files, StandardsFile)
	if err != nil {
		return nil, fmt.Errorf("standards: %w", err)
	}
	shipped, err := fs.ReadFile(files, classification)
	if err != nil {
		return nil, fmt.Errorf("standards: %w", err)
	}
	categories, err := ReadCategories(shipped)
	if err != nil {
		return nil, err
	}
	var raw rawStandards
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&raw); err != nil {
		return nil, fmt.Errorf("%s: %w", StandardsFile, err)
	}
	c := standardChecker{law: law, keys: map[string]bool{}, categories: map[string]bool{}}
	for _, one := range categories {
		c.categories[one.Key] = true
	}
	out := &Standards{terms: map[string]string{}}
	for i, t := range raw.Terms {
		at := "terms " + strconv.Itoa(i+1)
		c.category(at, t.Category)
		if p, ok := law.Parameter(t.Rule); !ok || !p.Unit.IsTime() {
			c.say(at, "rule: %q is no term of the law", t.Rule)
		}
		out.terms[t.Category] = t.Rule
	}
	for i := range raw.Standards {
		r := &raw.Standards[i]
		s := Standard{
			Key: r.Key, Title: r.Title, Kinds: r.Kinds, Levels: r.Levels, Every: r.Every, Begins: r.Begins, Category: r.Category, Words: r.Words, Rule: r.Rule,
			Confidence: r.Confidence, Note: r.Note,
		}
		at := "standard " + strconv.Itoa(i+1) + " " + strconv.Quote(r.Key)
		if s.From, err = calendar.Parse(r.From); err != nil {
			c.say(at, "from: %v", err)
		}
		cited, ok := law.Law(r.Source.Law)
		if !ok || r.Source.Article == "" {
			c.say(at, "source: law %q, article %q: give a law of laws.yaml and an article", r.Source.Law, r.Source.Article)
		}
		s.Source = cited
		s.Source.Article = r.Source.Article
		c.standard(at, &s)
		out.List = append(out.List, s)
	}
	if err := errors.Join(c.problems...); err != nil {
		return nil, err
	}
	return out, nil
}

// standardChecker collects what is wrong with the file.
type standardChecker struct {
	law        *statute.Rules
	keys       map[string]bool
	categories map[string]bool
	problems   []error
}

func (c *standardChecker) say(at, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s: %s: %s", StandardsFile, at, fmt.Sprintf(format, args...)))
}

func (c *standardChecker) category(at, key string) {
	if !c.categories[key] {
		c.say(at, "category: %q does not ship", key)
	}
}

func (c *standardChecker) standard(at string, s *Standard) {
	if !categoryKey.MatchString(s.Key) || c.keys[s.Key] {
		c.say(at, "key: twice, or not of small letters, digits and hyphens")
	}
	c.keys[s.Key] = true
	for tag, text := range map[string]string{"zh-Hans": s.Title.Hans, "zh-Hant": s.Title.Hant, "en": s.Title.En} {
		if !strings.Contains(text, periodSlot) {
			c.say(at, "title in %s: must say %s, for the time that it is about", tag, periodSlot)
		}
	}
	if len(s.Kinds) == 0 || len(s.Words) == 0 {
		c.say(at, "kinds and words: both are required")
	}
	if monthsOf(s.Every) == 0 {
		c.say(at, "every: %q; give month, quarter, half-year or year", s.Every)
	}
	switch s.Confidence {
	case statute.Verified, statute.Practice, statute.Unverified:
	default:
		c.say(at, "confidence: %q; give verified, practice or unverified", s.Confidence)
	}
	c.category(at, s.Category)
	switch p, ok := c.law.Parameter(s.Rule); {
	case !ok, !p.Unit.IsTime() && p.Unit != statute.EveryYear:
		c.say(at, "rule: %q is neither a term nor a day of the year", s.Rule)
	case p.Unit == statute.EveryYear && (s.Every != "year" || s.Begins):
		c.say(at, "rule: a day of the year is for what is owed after each year")
	}
}

// periodSlot stands in titles for the name of the time.
const periodSlot = "{period}"

// monthsOf is how many months a time of a standard has; 0: there is no such time.
func monthsOf(every string) int {
	switch every {
	case "month":
		return 1
	case "quarter":
		return 3
	case "half-year":
		return 6
	case "year":
		return 12
	default:
		return 0
	}
}

// period is a time that a standard is about.
type period struct {
	first, last calendar.Date
	key         string    // such as 2026-Q3
	name        lang.Text // such as 2026年第三季度
	spoken      []string  // how titles of records say it
}

// periodOf returns the time of a standard in which a day lies.
func periodOf(every string, day calendar.Date) period {
	months := monthsOf(every)
	year := strconv.Itoa(day.Year())
	n := (int(day.Month())-1)/months + 1
	first := calendar.Day(day.Year(), 1, 1).AddMonths(months * (n - 1))
	p := period{first: first, last: first.AddMonths(months).Add(-1)}
	same := func(han string) { p.name.Hans, p.name.Hant = year+"年"+han, year+"年"+han }
	switch every {
	case "month":
		p.key = fmt.Sprintf("%s-%02d", year, n)
		same(strconv.Itoa(n) + "月")
		p.name.En = first.Month().String() + " " + year
		p.spoken = []string{p.name.Hans, fmt.Sprintf("%s年%02d月", year, n)}
	case "quarter":
		p.key = year + "-Q" + strconv.Itoa(n)
		han := string([]rune("一二三四")[n-1])
		same("第" + han + "季度")
		p.name.En = "quarter " + strconv.Itoa(n) + " of " + year
		p.spoken = []string{p.name.Hans, year + "年" + han + "季度", fmt.Sprintf("%s年第%d季度", year, n), fmt.Sprintf("%s年%d季度", year, n)}
	case "half-year":
		p.key = year + "-H" + strconv.Itoa(n)
		same(string([]rune("上下")[n-1]) + "半年")
		p.name.En = []string{"first", "second"}[n-1] + " half of " + year
		p.spoken = []string{p.name.Hans}
	default:
		p.key = year
		same("度")
		p.name.En = year
		p.spoken = []string{year + "年"}
	}
	return p
}

// owedBy reports whether a body owes what the standard says.
func (s *Standard) owedBy(b *registry.Body) bool {
	return slices.Contains(s.Kinds, b.Kind) && (len(s.Levels) == 0 || slices.Contains(s.Levels, b.Level)) && b.Ended == ""
}

// dutyKey names what a body owes of a time.
func (s *Standard) dutyKey(body string, p *period) string {
	return DutyStandard + "/" + s.Key + "/" + body + "/" + p.key
}

// duty is what a body owes of a time. The duty begins with the day on which what is to be published was made: the last of the time.
func (s *Standard) duty(law *statute.Rules, body string, p *period) (Duty, error) {
	in := func(title, name string) string { return strings.ReplaceAll(title, periodSlot, name) }
	d := Duty{
		Key: s.dutyKey(body, p), Kind: DutyStandard, Body: body, Category: s.Category, Rule: s.Rule, From: p.last.Start(),
		Title: lang.Text{Hans: in(s.Title.Hans, p.name.Hans), Hant: in(s.Title.Hant, p.name.Hant), En: in(s.Title.En, p.name.En)},
	}
	if s.Begins {
		d.From = p.first.Start()
	}
	v, err := law.At(s.Rule, calendar.Of(d.From))
	if err != nil {
		return d, fmt.Errorf("standard %s: %w", s.Key, err)
	}
	if v.Unit == statute.EveryYear { // the day of the year that follows
		d.Due = calendar.Day(p.last.Year()+1, time.Month(v.Yearly.Month), v.Yearly.Day)
	}
	return d, nil
}

// named reports whether a title is about what the standard says, and about the time.
func (s *Standard) named(title string, p *period) bool {
	for _, word := range s.Words {
		if !strings.Contains(title, word) {
			return false
		}
	}
	return slices.ContainsFunc(p.spoken, func(name string) bool { return strings.Contains(title, name) })
}

// byDuty returns the standard from which a duty came, or nil.
func (s *Standards) byDuty(key string) *Standard {
	parts := strings.Split(key, "/")
	if s == nil || len(parts) != 4 || parts[0] != DutyStandard {
		return nil
	}
	i := slices.IndexFunc(s.List, func(x Standard) bool { return x.Key == parts[1] })
	if i < 0 {
		return nil
	}
	return &s.List[i]
}

// termOf returns the term within which a record of a category becomes public, where the law has one of its own for it: 处理决定.
func (s *Service) termOf(category string, on calendar.Date) (term.Length, bool) {
	for _, c := range slices.Backward(s.tree.Load().path(category)) {
		rule, ok := s.standards.terms[c.Key]
		if !ok {
			continue
		}
		p, _ := s.Rules.Parameter(rule)
		l, err := term.FromRule(p, on)
		return l, err == nil // before the rule came into force the general term holds
	}
	return term.Length{}, false
}
