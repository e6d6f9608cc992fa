package statute

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Chain returns the chain of jurisdictions down to code, which is written from the state downward with hyphens: cn-ah lies below cn.
func Chain(code string) []string {
	var chain []string
	for i, c := range code + "-" {
		if c == '-' {
			chain = append(chain, code[:i])
		}
	}
	return chain
}

// Problem is one reason why a rule set is refused.
type Problem struct {
	File    string // path within the rule set, such as cn/licence.yaml
	ID      string // of the parameter or the law; empty where the file itself is at fault
	Key     string // the key at fault, such as values[1].until; empty where the whole parameter is
	Message string // what is wrong and how to mend it
}

func (p *Problem) Error() string {
	parts := []string{p.File}
	for _, s := range []string{p.ID, p.Key, p.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// Load reads the rule set of the last jurisdiction of the chain: the folders of fsys named by the chain, from the state downward,
// such as "cn", "cn-ah". The error joins every [*Problem] that it found; with an error there are no rules.
func Load(fsys fs.FS, chain ...string) (*Rules, error) {
	if len(chain) == 0 {
		return nil, errors.New("load rules: no jurisdiction given; name them from the state downward, such as cn, cn-ah")
	}
	l := &loader{byID: map[string]Parameter{}, file: map[string]string{}, laws: map[string]law{}}
	digest := sha256.New()
	for i, jurisdiction := range chain {
		if i > 0 && !strings.HasPrefix(jurisdiction, chain[i-1]+"-") {
			return nil, fmt.Errorf("load rules: %s does not lie below %s; the code of a lower jurisdiction begins with the code above it and a hyphen",
				jurisdiction, chain[i-1])
		}
		files, err := readFolder(fsys, jurisdiction)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			fmt.Fprintf(digest, "%s %d\n", f.name, len(f.data))
			digest.Write(f.data)
		}
		l.jurisdiction = jurisdiction
		l.layer(files)
	}
	l.checkReferences()
	if err := errors.Join(l.problems...); err != nil {
		return nil, err
	}
	return newRules(ruleSet{
		chain:  slices.Clone(chain),
		byID:   l.byID,
		ids:    slices.Sorted(maps.Keys(l.byID)),
		laws:   l.laws,
		digest: hex.EncodeToString(digest.Sum(nil)),
	}), nil
}

// lawsFile is the name of the file of a folder that holds the laws cited.
const lawsFile = "laws.yaml"

type file struct {
	name string
	data []byte
}

// readFolder reads the YAML files of a folder, sorted by name but with the laws first.
func readFolder(fsys fs.FS, folder string) ([]file, error) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, fmt.Errorf("load rules of jurisdiction %s: %w", folder, err)
	}
	var files []file
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".yaml" {
			continue
		}
		name := path.Join(folder, e.Name())
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("load rules of jurisdiction %s: %w", folder, err)
		}
		if e.Name() == lawsFile {
			files = slices.Insert(files, 0, file{name, data})
		} else {
			files = append(files, file{name, data})
		}
	}
	return files, nil
}

// loader gathers parameters and laws over the layers of a chain, and the problems met.
type loader struct {
	byID         map[string]Parameter
	file         map[string]string // where each id was first defined
	laws         map[string]law
	jurisdiction string // of the layer being read
	problems     []error
}

func (l *loader) refuse(file, id, key, format string, args ...any) {
	l.problems = append(l.problems, &Problem{File: file, ID: id, Key: key, Message: fmt.Sprintf(format, args...)})
}

// layer reads the files of one jurisdiction on top of those above it.
func (l *loader) layer(files []file) {
	seen := map[string]string{} // id → file, within this layer
	for _, f := range files {
		if path.Base(f.name) == lawsFile {
			if !l.readLaws(f) {
				return
			}
			continue
		}
		var content struct {
			Parameters []rawParameter `yaml:"parameters"`
		}
		if !l.decode(f, &content) {
			continue
		}
		if len(content.Parameters) == 0 {
			l.refuse(f.name, "", "parameters", "the file holds no parameter; add one or delete the file")
		}
		for _, raw := range content.Parameters {
			if other, twice := seen[raw.ID]; twice {
				l.refuse(f.name, raw.ID, "id", "is already defined in %s; an id stands once in a jurisdiction", other)
				continue
			}
			seen[raw.ID] = f.name
			l.add(f.name, raw)
		}
	}
}

// add takes one parameter into the rule set, or notes why it cannot be.
func (l *loader) add(file string, raw rawParameter) {
	upper, exists := l.byID[raw.ID]
	switch {
	case raw.Overrides && !exists:
		l.refuse(file, raw.ID, "overrides", "no jurisdiction above has this rule; correct the id, or define the rule here without overrides")
	case raw.Overrides:
		l.override(file, raw, upper)
	case exists:
		l.refuse(file, raw.ID, "id", "is already defined in %s; write `overrides: true` to tighten it", l.file[raw.ID])
	default:
		p := l.define(file, raw)
		l.byID[raw.ID], l.file[raw.ID] = p, file
	}
}

// checkReferences checks what one parameter says about another.
func (l *loader) checkReferences() {
	extended := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(l.byID)) {
		p, file := l.byID[id], l.file[id]
		if p.Extends != "" {
			target, ok := l.byID[p.Extends]
			switch other, twice := extended[p.Extends]; {
			case !ok:
				l.refuse(file, id, "extends", "there is no rule %q; name the id of the term that is prolonged", p.Extends)
			case !target.Unit.IsTime() || target.Unit != p.Unit:
				l.refuse(file, id, "extends", "%s counts in %s, this rule in %s; a term is prolonged in its own unit of time", p.Extends, target.Unit, p.Unit)
			case twice:
				l.refuse(file, id, "extends", "%s is already prolonged by %s; a term has one extension (say how often with times)", p.Extends, other)
			}
			extended[p.Extends] = id
		}
		for i, term := range p.Pauses {
			if target, ok := l.byID[term]; !ok || !target.Unit.IsTime() {
				l.refuse(file, id, fmt.Sprintf("pauses[%d]", i), "%q is no term of the rule set; name the id of a term", term)
			}
		}
	}
}
