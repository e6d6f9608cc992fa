package demo

// CleanupScript is the rounds of clean-up of the demo.
type CleanupScript struct {
	Founding  CleanupFounding `yaml:"founding"`
	Rounds    []CleanupRound  `yaml:"rounds"`
	Checklist []string        `yaml:"checklist"`
}

// CleanupFounding is the round that takes in what is there.
type CleanupFounding struct {
	Title string        `yaml:"title"`
	Basis string        `yaml:"basis"`
	Day   string        `yaml:"day"`
	Items []CleanupLine `yaml:"items"`
}

// CleanupRound is a later round. A day is a date, or a number of days from today.
type CleanupRound struct {
	Title string        `yaml:"title"`
	Basis string        `yaml:"basis"`
	Day   string        `yaml:"day"`
	Draft bool          `yaml:"draft"` // it is still being drafted
	Lines []CleanupLine `yaml:"lines"`
}

// CleanupLine is what became of an item of a body.
type CleanupLine struct {
	Item   string          `yaml:"item"`
	Name   string          `yaml:"name"` // of an item that the catalogue does not have
	From   string          `yaml:"from"`
	Fate   string          `yaml:"fate"`
	On     string          `yaml:"on"`
	To     []string        `yaml:"to"`
	Into   string          `yaml:"into"`
	Cases  string          `yaml:"cases"`
	Reason string          `yaml:"reason"`
	Manner string          `yaml:"manner"`
	Follow []CleanupFollow `yaml:"follow"`
}

// CleanupFollow is a date of follow-up supervision.
type CleanupFollow struct {
	Body string `yaml:"body"`
	What string `yaml:"what"`
	Due  string `yaml:"due"`
}

// Cleanup reads them.
func Cleanup() (*CleanupScript, error) {
	var s CleanupScript
	return &s, decode(Files, "cleanup.yaml", &s)
}
