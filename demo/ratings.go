package demo

import (
	"fmt"
	"io/fs"
)

// Opinions (评价与投诉) are what people of the demo rate and complain of, and what becomes of it. Days are working days from today; those of
// follow-ups are counted from the rating.
type Opinions struct {
	Ratings    []Opinion               `yaml:"ratings"`   // given in turn to ended matters that nobody has rated
	Answers    []Opinion               `yaml:"answers"`   // the same of answered requests for information
	Visits     []VisitOpinion          `yaml:"visits"`    // of visits to windows
	Followups  map[string][]OpinionAct `yaml:"followups"` // of bad ratings, by the first reason given that stands there; "": of those without one
	Answered   map[string][]OpinionAct `yaml:"answered"`  // the same of bad ratings of answered requests
	Complaints []Grievance             `yaml:"complaints"`
}

// Opinion is a rating.
type Opinion struct {
	Grade   int      `yaml:"grade"`
	Reasons []string `yaml:"reasons"`
	Comment string   `yaml:"comment"`
}

// VisitOpinion is the rating of a visit to a window.
type VisitOpinion struct {
	Opinion `yaml:",inline"`
	Day     int    `yaml:"day"`
	Window  string `yaml:"window"`
	Body    string `yaml:"body"`
}

// OpinionAct is a step that somebody does.
type OpinionAct struct {
	Day  int            `yaml:"day"`
	Step string         `yaml:"step"`
	Data map[string]any `yaml:"data"`
}

// Grievance is a complaint and what becomes of it.
type Grievance struct {
	Key          string       `yaml:"key"`
	Day          int          `yaml:"day"`
	When         int          `yaml:"when"` // day on which it happened; 0: not said
	Body         string       `yaml:"body"`
	Item         string       `yaml:"item"` // its title
	Window       string       `yaml:"window"`
	Matter       string       `yaml:"matter"`
	Who          string       `yaml:"who"`
	What         string       `yaml:"what"`
	Wish         string       `yaml:"wish"`
	Confidential bool         `yaml:"confidential"`
	Account      string       `yaml:"account"` // login; empty: nobody signed in
	Name         string       `yaml:"name"`
	Phone        string       `yaml:"phone"`
	Acts         []OpinionAct `yaml:"acts"`
}

// LoadOpinions reads the ratings and complaints of the demo.
func LoadOpinions() (Opinions, error) { return loadOpinions(Files) }

func loadOpinions(fsys fs.FS) (Opinions, error) {
	var o Opinions
	if err := decode(fsys, "ratings.yaml", &o); err != nil {
		return o, err
	}
	for i, c := range o.Complaints {
		if c.Key == "" || c.Body == "" || c.Day > 0 {
			return o, fmt.Errorf("demo ratings.yaml: complaint %d lacks key or body, or lies in the future", i+1)
		}
	}
	return o, nil
}
