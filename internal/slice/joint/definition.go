package joint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// Matter (联合事项) is a joint matter as data. It is not changed once it was published: a change is a new version.
type Matter struct {
	Key      string    `json:"key" yaml:"key"`
	Platform string    `json:"platform" yaml:"-"` // construction, enterprise, or other for those that were built on the page
	Division string    `json:"division,omitempty" yaml:"-"`
	Order    int       `json:"order,omitempty" yaml:"order"`
	Title    lang.Text `json:"title" yaml:"title"`
	Summary  lang.Text `json:"summary" yaml:"summary"`
	Lead     string    `json:"lead" yaml:"-"`   // kind of the body whose window leads
	Serves   []string  `json:"serves" yaml:"-"` // person, organisation
	Promised int       `json:"promised,omitempty" yaml:"promised"`
	Stages   []Stage   `json:"stages" yaml:"stages"`

	Fields    map[string]json.RawMessage `json:"fields,omitempty" yaml:"-"` // JSON Schemas of what parts ask, by name
	Materials map[string]Material        `json:"materials,omitempty" yaml:"-"`
}

// Stage (阶段) is what happens side by side. Stages follow one another.
type Stage struct {
	Title   lang.Text `json:"title" yaml:"title"`
	Meeting string    `json:"meeting,omitempty" yaml:"meeting"` // survey, review or acceptance; empty: none
	Parts   []Part    `json:"parts" yaml:"parts"`
}

// Meetings are the kinds of joint meetings: survey on site (联合踏勘), review of drawings (联合审图), acceptance (联合验收).
var Meetings = []string{"survey", "review", "acceptance"}

// Part (部分) is what one department does in a joint matter.
type Part struct {
	Key        string    `json:"key" yaml:"key"`
	Title      lang.Text `json:"title" yaml:"title"`
	Department string    `json:"department,omitempty" yaml:"department"` // kind of body, found in the division of the application
	Body       string    `json:"body,omitempty" yaml:"body"`             // key of a body, in its place
	Item       string    `json:"item,omitempty" yaml:"item"`             // key in the power catalogue, which gives what is not said here
	Asks       []string  `json:"asks,omitempty" yaml:"asks"`             // names of fields of the matter
	Materials  []string  `json:"materials,omitempty" yaml:"materials"`   // keys of materials of the matter
	Extra      []string  `json:"extra,omitempty" yaml:"extra"`           // further ones beside those of the item
	Statutory  Term      `json:"statutory,omitzero" yaml:"statutory"`
	Promised   int       `json:"promised,omitempty" yaml:"promised"` // in the unit of the statutory term; 0: as the item promises, or not
	Optional   bool      `json:"optional,omitempty" yaml:"optional"` // the applicant says whether it is needed
	Refusal    string    `json:"refusal" yaml:"refusal"`             // RefusalEndsAll or RefusalIsOwn
	Default    Default   `json:"default,omitzero" yaml:"default"`
}

// What the refusal of one department means for the others.
const (
	RefusalEndsAll = "all" // the whole matter ends
	RefusalIsOwn   = "own" // the others go on
)

// Term is a statutory term in working days with its citation.
type Term struct {
	N          int                `json:"n" yaml:"n"`
	Basis      lang.Text          `json:"basis" yaml:"basis"`
	Confidence statute.Confidence `json:"confidence,omitempty" yaml:"confidence"`
}

// Default (超时默认、缺席默认) says whether a department that is late or absent is taken to agree. Where it is off because a law forbids it,
// the law is named.
type Default struct {
	Late   bool      `json:"late" yaml:"late"`
	Absent bool      `json:"absent" yaml:"absent"`
	After  int       `json:"after,omitempty" yaml:"after"` // working days until the default; 0: the promised term, else the statutory one
	Law    lang.Text `json:"law,omitzero" yaml:"law"`
	// Confidence says whether somebody has read that law's own text.
	Confidence statute.Confidence `json:"confidence,omitempty" yaml:"confidence"`
}

// Unread lists the citations of a part that nobody has compared with the law's own text yet.
func (p *Part) Unread() []lang.Text {
	var list []lang.Text
	if p.Statutory.Confidence == statute.Unverified {
		list = append(list, p.Statutory.Basis)
	}
	if p.Default.Confidence == statute.Unverified {
		list = append(list, p.Default.Law)
	}
	return list
}

// Material (申请材料) is handed in once for all parts that name it.
type Material struct {
	Name   lang.Text `json:"name" yaml:"name"`
	Main   bool      `json:"main" yaml:"main"`              // 主要材料: without it nothing is accepted; others may be promised (容缺)
	Commit lang.Text `json:"commit,omitzero" yaml:"commit"` // the commitment that may stand in its place (告知承诺); zero: none
}

// Parts returns the parts of all stages in their order.
func (m *Matter) Parts() []*Part {
	var list []*Part
	for i := range m.Stages {
		for j := range m.Stages[i].Parts {
			list = append(list, &m.Stages[i].Parts[j])
		}
	}
	return list
}

// Part returns the part with the key and the number of its stage, or nil.
func (m *Matter) Part(key string) (*Part, int) {
	for i := range m.Stages {
		for j := range m.Stages[i].Parts {
			if p := &m.Stages[i].Parts[j]; p.Key == key {
				return p, i
			}
		}
	}
	return nil, 0
}

// matterFile is a file of rules/joint.
type matterFile struct {
	Platform  string              `yaml:"platform"`
	Lead      string              `yaml:"lead"`
	Serves    []string            `yaml:"serves"`
	Fields    map[string]any      `yaml:"fields"`
	Materials map[string]Material `yaml:"materials"`
	Matters   []Matter            `yaml:"matters"`
}

// LoadMatters reads the joint matters of a folder.
func LoadMatters(fsys fs.FS, dir string) ([]Matter, error) {
	names, err := fs.Glob(fsys, dir+"/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("joint matters: %w", err)
	}
	var list []Matter
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("joint matters: %w", err)
		}
		found, err := ParseMatters(data)
		if err != nil {
			return nil, fmt.Errorf("joint matters %s: %w", name, err)
		}
		list = append(list, found...)
	}
	return list, nil
}

// ParseMatters reads a file of joint matters and checks it.
func ParseMatters(data []byte) ([]Matter, error) {
	var f matterFile
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	fields := make(map[string]json.RawMessage, len(f.Fields))
	for name, schema := range f.Fields {
		raw, err := json.Marshal(schema)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		fields[name] = raw
	}
	for i := range f.Matters {
		m := &f.Matters[i]
		m.Platform, m.Lead, m.Serves = f.Platform, f.Lead, f.Serves
		m.keep(fields, f.Materials)
		if faults := m.Check(); len(faults) > 0 {
			return nil, fmt.Errorf("%s: %w", m.Key, errors.Join(faults...))
		}
	}
	return f.Matters, nil
}

// keep takes over the fields and materials that the parts name, and no others.
func (m *Matter) keep(fields map[string]json.RawMessage, materials map[string]Material) {
	m.Fields, m.Materials = map[string]json.RawMessage{}, map[string]Material{}
	for _, p := range m.Parts() {
		for _, name := range p.Asks {
			if raw, ok := fields[name]; ok {
				m.Fields[name] = raw
			}
		}
		for _, key := range slices.Concat(p.Materials, p.Extra) {
			if x, ok := materials[key]; ok {
				m.Materials[key] = x
			}
		}
	}
}

// Fault is one thing that is wrong with a joint matter. Where names the place: a field of the matter, or stage and part.
type Fault struct {
	Code  string
	Where string
}

// Error says it for programs; pages have words under joint.fault.CODE.
func (f *Fault) Error() string { return f.Code + " at " + f.Where }

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// maxParts is how many parts a joint matter can have: the form of who came to a meeting has as many places.
const maxParts = 24

// Check says what is wrong with a joint matter, all of it at once.
func (m *Matter) Check() []error {
	var faults []error
	fault := func(code, where string) { faults = append(faults, &Fault{code, where}) }
	if !keyForm.MatchString(m.Key) {
		fault("key", "key")
	}
	if !m.Title.Complete() {
		fault("title", "title")
	}
	if m.Lead == "" {
		fault("lead", "lead")
	}
	if len(m.Serves) == 0 {
		fault("serves", "serves")
	}
	if n := len(m.Parts()); n < 2 || n > maxParts {
		fault("parts", "stages")
	}
	seen := map[string]bool{}
	for i := range m.Stages {
		s := &m.Stages[i]
		at := fmt.Sprintf("stage %d", i+1)
		if len(s.Parts) == 0 {
			fault("empty-stage", at)
		}
		if s.Meeting != "" && !slices.Contains(Meetings, s.Meeting) {
			fault("meeting", at)
		}
		for j := range s.Parts {
			p := &s.Parts[j]
			where := at + ", " + p.Key
			if !keyForm.MatchString(p.Key) || seen[p.Key] {
				fault("part-key", where)
			}
			seen[p.Key] = true
			m.checkPart(p, where, fault)
		}
	}
	return faults
}

func (m *Matter) checkPart(p *Part, where string, fault func(code, where string)) {
	if !p.Title.Complete() {
		fault("title", where)
	}
	if p.Department == "" && p.Body == "" && p.Item == "" {
		fault("department", where)
	}
	if p.Refusal != RefusalEndsAll && p.Refusal != RefusalIsOwn {
		fault("refusal", where)
	}
	if p.Item == "" && (len(p.Asks) == 0 || p.Statutory.N <= 0 || p.Statutory.Basis.IsZero()) {
		fault("item-or-asks", where)
	}
	if p.Statutory.N > 0 && p.Promised > p.Statutory.N {
		fault("promised", where)
	}
	// law.md § 2: the default is off where a law forbids it, and then the law is named.
	if (!p.Default.Late || !p.Default.Absent) && p.Default.Law.IsZero() {
		fault("default-law", where)
	}
	for _, name := range p.Asks {
		if _, ok := m.Fields[name]; !ok {
			fault("field", where+", "+name)
		}
	}
	for _, key := range slices.Concat(p.Materials, p.Extra) {
		if _, ok := m.Materials[key]; !ok {
			fault("material", where+", "+key)
		}
	}
}
