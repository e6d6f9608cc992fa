package power

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Catalogue is the catalogue of items with what they refer to.
type Catalogue struct {
	Items  []Item            // sorted by key
	Laws   map[string]Law    // by key
	Topics []Label           // 主题, in the order of the file
	Events []Label           // 人生事件, in the order of the file
	Forms  map[string][]byte // JSON Schemas of the application forms by key; package web/form compiles them
}

// Item returns the item with the key.
func (c *Catalogue) Item(key string) (*Item, bool) {
	i, found := slices.BinarySearchFunc(c.Items, key, func(it Item, key string) int { return strings.Compare(it.Key, key) })
	if !found {
		return nil, false
	}
	return &c.Items[i], true
}

// Files of the catalogue that aren't lists of items.
const (
	lawsFile   = "items/laws.yaml"
	labelsFile = "items/labels.yaml"
)

// Load reads a catalogue: items/laws.yaml, items/labels.yaml, forms/*.json, and the items in every other items/*.yaml.
//
// It refuses what cannot be read: an unknown or repeated key, a law, topic or life event that the catalogue doesn't know, an item
// without a key or with a key used twice. Every problem names its file; all of them are reported at once. Elements that are
// missing or contradict each other are found by [Lint].
func Load(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{Forms: map[string][]byte{}}
	var labels struct {
		Topics []Label `yaml:"topics"`
		Events []Label `yaml:"life-events"`
	}
	err := errors.Join(
		decode(fsys, lawsFile, &c.Laws),
		decode(fsys, labelsFile, &labels),
		c.loadForms(fsys),
		c.loadItems(fsys),
	)
	if err != nil {
		return nil, err
	}
	c.Topics, c.Events = labels.Topics, labels.Events
	for key, law := range c.Laws {
		law.Key = key
		c.Laws[key] = law
	}
	slices.SortFunc(c.Items, func(a, b Item) int { return strings.Compare(a.Key, b.Key) })
	if err := c.resolve(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Catalogue) loadForms(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "forms/*.json")
	if err != nil {
		return fmt.Errorf("catalogue forms: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("catalogue: %w", err)
		}
		c.Forms[strings.TrimSuffix(path.Base(name), ".json")] = data
	}
	return nil
}

func (c *Catalogue) loadItems(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "items/*.yaml")
	if err != nil {
		return fmt.Errorf("catalogue items: %w", err)
	}
	file := map[string]string{} // of each key
	var problems []error
	for _, name := range names {
		if name == lawsFile || name == labelsFile {
			continue
		}
		var items []Item
		if err := decode(fsys, name, &items); err != nil {
			problems = append(problems, err)
			continue
		}
		for i, it := range items {
			switch first, taken := file[it.Key]; {
			case it.Key == "":
				problems = append(problems, fmt.Errorf("%s: item %d has no key", name, i+1))
			case taken:
				problems = append(problems, fmt.Errorf("%s: the key %s is taken by an item of %s: give one of them another key", name, it.Key, first))
			default:
				file[it.Key] = name
				c.Items = append(c.Items, it)
			}
		}
	}
	return errors.Join(problems...)
}

// resolve sets the titles of the laws that the items cite and checks the labels they stand under.
func (c *Catalogue) resolve() error {
	var problems []error
	for i := range c.Items {
		it := &c.Items[i]
		for _, b := range it.bases() {
			if b.Key == "" {
				continue
			}
			law, ok := c.Laws[b.Key]
			if !ok {
				problems = append(problems, fmt.Errorf("item %s cites the law %q: it is not in %s", it.Key, b.Key, lawsFile))
				continue
			}
			b.Law, b.Rank, b.Document, b.URL = law.Title, law.Rank, law.Document, law.URL
		}
		problems = append(problems,
			unknownLabel(it.Key, "topic", it.Topics, c.Topics),
			unknownLabel(it.Key, "life event", it.Events, c.Events))
	}
	return errors.Join(problems...)
}

func unknownLabel(item, kind string, keys []string, known []Label) error {
	for _, key := range keys {
		if !slices.ContainsFunc(known, func(l Label) bool { return l.Key == key }) {
			return fmt.Errorf("item %s stands under the %s %q: it is not in %s", item, kind, key, labelsFile)
		}
	}
	return nil
}

// bases returns every legal basis in the item, named or not.
func (it *Item) bases() []*LegalBasis {
	all := []*LegalBasis{&it.Statutory.Basis}
	for i := range it.Basis {
		all = append(all, &it.Basis[i])
	}
	for i := range it.Materials {
		all = append(all, &it.Materials[i].Basis)
	}
	for i := range it.Fees {
		all = append(all, &it.Fees[i].Basis)
	}
	if it.Cancelled != nil {
		all = append(all, &it.Cancelled.Basis)
	}
	return all
}

// decode reads one YAML document strictly: unknown keys, repeated keys and a second document are errors.
func decode(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: the file is empty", name)
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: one file holds one document: remove what follows the line ---", name)
	}
	return nil
}
