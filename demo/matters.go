package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/identifier"
)

// Matter is an invented matter (办件): what somebody applied for, and what has happened to it since. Days are counted in working days
// from today, or from the last day After that has passed, so that the matters are as fresh as the demo, whenever it is made.
type Matter struct {
	Key       string
	Item      *MatterItem
	Body      string // key
	Code      string // 实施编码: the item as this body exercises it
	Applicant MatterApplicant
	Window    bool           // handed in at the window; else online
	After     string         // MM-DD; empty: today
	Day       int            // of the application
	Form      map[string]any // as it was filled in; a text that begins with @ stands for something, see [Matters]
	Acts      []MatterAct    // in their order
}

// MatterApplicant is who applied: an account, or somebody invented who came to the window.
type MatterApplicant struct {
	Account string `yaml:"account"` // login; the rest is empty then
	Kind    string `yaml:"kind"`    // person or enterprise
	Name    string `yaml:"name"`
	Number  string `yaml:"number"` // a form that [Matters] explains
	Phone   string `yaml:"phone"`
	Address string `yaml:"address"`
}

// MatterAct is one thing that happened. One of Step, Message, Attach and Rate says what.
type MatterAct struct {
	Day     int            `yaml:"day"`
	Step    string         `yaml:"step"` // element of the procedure that was done
	Data    map[string]any `yaml:"data"` // its form
	Message string         `yaml:"message"`
	Reason  string         `yaml:"reason"` // of the message
	Attach  string         `yaml:"attach"` // name of a paper that was added
	Rate    int            `yaml:"rate"`   // 1 to 5
	Comment string         `yaml:"comment"`
}

// MatterItem is a service item as far as an application needs it.
type MatterItem struct {
	Key    string
	Papers []Paper // that have to be handed in
	basic  string
	levels map[string]string // by body
}

// Paper is a material (申请材料).
type Paper struct{ Key, Name string }

// Matters reads the invented matters, each with its form filled in from the item's usual one. In the texts of forms and steps these
// stand for something that is known only when the matter is played:
//
//	@name, @number, @phone            of the applicant
//	@+3, @-10, @0                     the day so many working days from that of the act
//	@id 340104 1985-03-02 122         an identity number with its check character
//	@uscc 340104 MA9Y0101             a unified social credit code with its check character
//
// A key, an item, a body or an account that nobody knows is an error.
func Matters() ([]Matter, error) { return matters(Files) }

// matterData is the file as it is written.
type matterData struct {
	People  map[string]MatterApplicant `yaml:"people"`
	Forms   map[string]map[string]any  `yaml:"forms"` // by item
	Matters []struct {
		Key    string         `yaml:"key"`
		Item   string         `yaml:"item"`
		Body   string         `yaml:"body"`
		By     string         `yaml:"by"` // login, or key of one of the people
		Window bool           `yaml:"window"`
		After  string         `yaml:"after"`
		Day    int            `yaml:"day"`
		Form   map[string]any `yaml:"form"`
		Acts   []MatterAct    `yaml:"acts"`
	} `yaml:"matters"`
}

func matters(fsys fs.FS) ([]Matter, error) {
	var data matterData
	if err := decode(fsys, "matters.yaml", &data); err != nil {
		return nil, err
	}
	reg, err := loadRegistry(fsys)
	if err != nil {
		return nil, err
	}
	items, err := matterItems(fsys)
	if err != nil {
		return nil, err
	}
	codes := map[string]string{}
	for _, b := range reg.Bodies {
		codes[b.Key] = b.USCC
	}
	people := maps.Clone(data.People)
	for _, a := range reg.Accounts {
		people[a.Login] = MatterApplicant{Account: a.Login}
	}
	var out []Matter
	var problems []error
	seen := map[string]bool{}
	for _, d := range data.Matters {
		by, known := people[d.By]
		m := Matter{
			Key: d.Key, Item: items[d.Item], Body: d.Body, Applicant: by, Window: d.Window || by.Account == "", After: d.After, Day: d.Day,
			Form: maps.Clone(data.Forms[d.Item]), Acts: d.Acts,
		}
		switch {
		case d.Key == "" || seen[d.Key]:
			err = errors.New("the key is empty or used twice")
		case !known:
			err = fmt.Errorf("nobody is called %q", d.By)
		case m.Item == nil || m.Form == nil:
			err = fmt.Errorf("no item, or no form for it: %q", d.Item)
		default:
			maps.Copy(m.Form, d.Form)
			m.Code, err = m.Item.code(d.Body, codes[d.Body])
			err = errors.Join(err, checkActs(d.Day, d.Acts))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("demo matter %q: %w", d.Key, err))
		}
		seen[d.Key] = true
		out = append(out, m)
	}
	return out, errors.Join(problems...)
}

// checkActs refuses acts before their matter, out of order, or that are not one thing.
func checkActs(day int, acts []MatterAct) error {
	for i, a := range acts {
		if a.Day < day {
			return fmt.Errorf("act %d: day %d comes after day %d", i+1, a.Day, day)
		}
		day = a.Day
		things := 0
		for _, is := range []bool{a.Step != "", a.Message != "", a.Attach != "", a.Rate != 0} {
			if is {
				things++
			}
		}
		if things != 1 {
			return fmt.Errorf("act %d: want one of step, message, attach and rate", i+1)
		}
	}
	return nil
}

// matterItems reads of the items what an application needs.
func matterItems(fsys fs.FS) (map[string]*MatterItem, error) {
	files, err := fs.Glob(fsys, "items/*.yaml")
	if err != nil {
		return nil, err
	}
	items := map[string]*MatterItem{}
	for _, name := range files {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		if strings.HasSuffix(name, "/laws.yaml") || strings.HasSuffix(name, "/labels.yaml") {
			continue // shared by the items
		}
		var list []struct {
			Key       string `yaml:"key"`
			BasicCode string `yaml:"basic-code"`
			By        []struct {
				Body  string `yaml:"body"`
				Level string `yaml:"level"`
			} `yaml:"implemented-by"`
			Materials []struct {
				Key  string `yaml:"key"`
				Name struct {
					Hans string `yaml:"zh-Hans"`
				} `yaml:"name"`
				Kind   string `yaml:"kind"`
				Need   string `yaml:"need"`
				Origin string `yaml:"origin"`
			} `yaml:"materials"`
		}
		if err := yaml.Unmarshal(text, &list); err != nil {
			return nil, fmt.Errorf("demo %s: %w", name, err)
		}
		for _, d := range list {
			it := &MatterItem{Key: d.Key, basic: d.BasicCode, levels: map[string]string{}}
			for _, b := range d.By {
				it.levels[b.Body] = b.Level
			}
			for _, m := range d.Materials {
				// The form is made of what was typed, and what the state has it fetches by itself.
				if m.Need == "required" && m.Kind != "form" && m.Origin != "shared" {
					it.Papers = append(it.Papers, Paper{Key: m.Key, Name: m.Name.Hans})
				}
			}
			items[d.Key] = it
		}
	}
	return items, nil
}

// levelDigits are the digits of levels in an item code.
var levelDigits = map[string]int{"provincial": 2, "municipal": 3, "county": 4, "township": 5, "village": 6}

// code returns the implementation code (实施编码) of the item with a body.
func (it *MatterItem) code(body, uscc string) (string, error) {
	level, ok := it.levels[body]
	if !ok {
		return "", fmt.Errorf("%s does not exercise %s", body, it.Key)
	}
	basic, err := identifier.ParseBasicCode(it.basic)
	if err != nil {
		return "", err
	}
	who, err := identifier.ParseUSCC(uscc)
	if err != nil {
		return "", err
	}
	code, err := identifier.NewItemCode(who, levelDigits[level], basic)
	return code.Code, err
}
