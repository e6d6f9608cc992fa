package i18n

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"

	"openhall.org/openhall/internal/core/lang"
)

// Source is the message files of one module: FS holds a folder "locales" with *.yaml files, whose keys begin with Module.
type Source struct {
	Module string
	FS     fs.FS
}

// Catalogue holds the messages of all modules in all languages. It is safe for concurrent use.
type Catalogue struct {
	entries    map[string]entry
	localizers map[lang.Tag]*Localizer

	mu      sync.Mutex
	missing map[string]bool
}

// entry is what a message asks of its caller: the names of its placeholders, and whether it counts something.
type entry struct {
	placeholders []string
	plural       bool
}

// maxMissing bounds the memory that requests for unknown keys can take.
const maxMissing = 1000

var (
	keyForm     = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$`)
	placeholder = regexp.MustCompile(`\{\{\.([A-Z][A-Za-z0-9]*)\}\}`)
)

// Load reads the message files of all sources. The error names every file and key that has to be mended, not only the first.
func Load(sources ...Source) (*Catalogue, error) {
	c := &Catalogue{entries: map[string]entry{}, localizers: map[lang.Tag]*Localizer{}, missing: map[string]bool{}}
	bundle := goi18n.NewBundle(language.MustParse(string(lang.Hans)))
	for _, tag := range lang.All {
		c.localizers[tag] = &Localizer{catalogue: c, tag: tag, plain: map[string]string{}, rich: goi18n.NewLocalizer(bundle, string(tag))}
	}
	var problems []error
	var all []*messageFile
	var reading sync.WaitGroup
	for _, source := range sources {
		names, err := fs.Glob(source.FS, "locales/*.yaml")
		if err != nil || len(names) == 0 {
			problems = append(problems, fmt.Errorf("module %s: no message files in locales/*.yaml", source.Module))
			continue
		}
		for _, name := range names {
			f := &messageFile{module: source.Module, name: name}
			all = append(all, f)
			reading.Go(func() { f.read(source.FS) })
		}
	}
	reading.Wait()
	for _, f := range all {
		if err := c.take(bundle, f); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	return c, nil
}

// messageFile is a file of messages. Files are read side by side: it is a quarter of what starting takes.
type messageFile struct {
	module, name string
	messages     map[string]message
	err          error
}

func (f *messageFile) read(from fs.FS) {
	raw, err := fs.ReadFile(from, f.name)
	if err != nil {
		f.err = fmt.Errorf("module %s: %w", f.module, err)
		return
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f.messages); err != nil {
		f.err = fmt.Errorf("module %s, %s: %w", f.module, path.Base(f.name), err)
	}
}

// take adds the messages of a file.
func (c *Catalogue) take(bundle *goi18n.Bundle, f *messageFile) error {
	if f.err != nil {
		return f.err
	}
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(f.messages)) {
		if err := c.add(bundle, f.module, key, f.messages[key]); err != nil {
			problems = append(problems, fmt.Errorf("module %s, %s: key %q: %w", f.module, path.Base(f.name), key, err))
		}
	}
	return errors.Join(problems...)
}

// message is one entry of a message file.
type message struct {
	Hans string `yaml:"zh-Hans"`
	Hant string `yaml:"zh-Hant"`
	En   any    `yaml:"en"`
}

// plural is the English text: one string, or the forms for one and for other numbers. Chinese has one form for all.
type plural struct{ One, Other string }

// english reads the English text of an entry: a string or {one, other}.
func (m message) english() (plural, error) {
	switch en := m.En.(type) {
	case nil:
		return plural{}, nil
	case string:
		return plural{Other: en}, nil
	case map[string]any:
		one, hasOne := en["one"].(string)
		other, hasOther := en["other"].(string)
		if len(en) != 2 || !hasOne || !hasOther || one == "" || other == "" {
			return plural{}, fmt.Errorf("en needs both forms, {one: …, other: …}, and no more; it has %v", slices.Sorted(maps.Keys(en)))
		}
		return plural{one, other}, nil
	default:
		return plural{}, fmt.Errorf("en must be a text or {one: …, other: …}, not %v; put quotation marks around it", en)
	}
}

// add checks one message and files it: texts without placeholders into the plain maps, the others into go-i18n's bundle.
func (c *Catalogue) add(bundle *goi18n.Bundle, module, key string, m message) error {
	english, err := m.english()
	if err != nil {
		return err
	}
	texts := map[lang.Tag]string{lang.Hans: m.Hans, lang.Hant: m.Hant, lang.En: english.Other}
	for _, tag := range lang.All {
		if strings.TrimSpace(texts[tag]) == "" {
			return fmt.Errorf("the text in %s is missing", tag)
		}
	}
	if !keyForm.MatchString(key) || !strings.HasPrefix(key, module+".") {
		return fmt.Errorf("a key is written in small letters as %s.name or %s.group.name", module, module)
	}
	if _, double := c.entries[key]; double {
		return errors.New("defined twice")
	}
	e := entry{plural: english.One != ""}
	for _, tag := range lang.All {
		names, err := placeholdersOf(texts[tag])
		if err != nil {
			return fmt.Errorf("%s: %w", tag, err)
		}
		if tag == lang.Hans {
			e.placeholders = names
		} else if !slices.Equal(e.placeholders, names) {
			return fmt.Errorf("placeholders differ: zh-Hans has %v, %s has %v", e.placeholders, tag, names)
		}
	}
	if _, err := placeholdersOf(english.One); err != nil {
		return fmt.Errorf("en, one: %w", err)
	}
	if e.plural && !slices.Contains(e.placeholders, countArg) {
		return errors.New("a text with forms for one and other needs the placeholder {{.Count}}")
	}
	c.entries[key] = e
	for _, tag := range lang.All {
		if len(e.placeholders) == 0 {
			c.localizers[tag].plain[key] = texts[tag]
			continue
		}
		rich := &goi18n.Message{ID: key, Other: texts[tag]}
		if tag == lang.En {
			rich.One = english.One
		}
		if err := bundle.AddMessages(language.MustParse(string(tag)), rich); err != nil {
			return fmt.Errorf("%s: %w", tag, err)
		}
	}
	return nil
}

// placeholdersOf lists the distinct placeholders of a text, sorted, and refuses any other template action.
func placeholdersOf(text string) ([]string, error) {
	seen := map[string]bool{}
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		seen[match[1]] = true
	}
	if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return nil, fmt.Errorf("only placeholders of the form {{.Name}} are understood: %q", text)
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

// Localizer returns the words in the language tag; an unknown tag gets Simplified Chinese.
func (c *Catalogue) Localizer(tag lang.Tag) *Localizer {
	if l, ok := c.localizers[tag]; ok {
		return l
	}
	return c.localizers[lang.Hans]
}

// Has reports whether the key is defined.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.entries[key]
	return ok
}

// Missing lists, sorted, the keys that were asked for in vain, and the messages that were not given one of their arguments.
func (c *Catalogue) Missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.missing))
}

func (c *Catalogue) recordMissing(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.missing) < maxMissing {
		c.missing[what] = true
	}
}
