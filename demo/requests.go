package demo

import (
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// Requests (依申请公开) are what the requests for information of the demo are put together from. All of it is invented.
type Requests struct {
	Surnames string              `yaml:"surnames"` // one character each
	Given    string              `yaml:"given"`
	Firms    map[string][]string `yaml:"firms"`   // by kind of asker: ends of names
	Topics   map[string][]string `yaml:"topics"`  // by kind of body; "" for any
	Places   []string            `yaml:"places"`  // what the topic is about
	Papers   []string            `yaml:"papers"`  // what is asked for of it
	Reasons  map[string][]string `yaml:"reasons"` // of replies, by outcome
	Parties  []string            `yaml:"parties"` // third parties and agencies
	Agents   []string            `yaml:"agents"`  // who hands requests in for others
	Entries  []string            `yaml:"entries"` // of catalogues of what can be asked for
	Mix      map[string]int      `yaml:"mix"`     // how often each scenario comes in the large demo, of the sum
}

// LoadRequests reads what the requests of the demo are made of.
func LoadRequests() (Requests, error) {
	var r Requests
	data, err := fs.ReadFile(Files, "requests.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &r)
	}
	if err != nil {
		return r, fmt.Errorf("demo requests.yaml: %w", err)
	}
	return r, nil
}
