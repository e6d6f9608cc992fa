package demo

// OversightScript is what has become of the cards of the demo, by rule, and the supervise orders.
type OversightScript struct {
	Cards  map[string][]OversightCard `yaml:"cards"`
	Orders []OversightOrder           `yaml:"orders"`
}

// OversightCard is the story of one card.
type OversightCard struct {
	Acts []OversightAct `yaml:"acts"`
}

// OversightOrder is a supervise order (督办). Day counts in working days from today, Days is the term of the answer.
type OversightOrder struct {
	To    string         `yaml:"to"` // key of the body
	Title string         `yaml:"title"`
	Text  string         `yaml:"text"`
	Day   int            `yaml:"day"`
	Days  int            `yaml:"days"`
	Acts  []OversightAct `yaml:"acts"`
}

// OversightAct is a step that was done: so many working days after the story began, by whom, with what in its form. A text @+10 stands for
// the day so many working days later.
type OversightAct struct {
	Day  int            `yaml:"day"`
	As   string         `yaml:"as"` // explain, supervisor or head
	Data map[string]any `yaml:"data"`
}

// Oversight reads the stories of cards and orders.
func Oversight() (*OversightScript, error) {
	var s OversightScript
	return &s, decode(Files, "oversight.yaml", &s)
}
