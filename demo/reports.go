package demo

// ReportScript is how far the annual reports of the demo have come, and what they say.
type ReportScript struct {
	Reports     []ReportCourse      `yaml:"reports"`
	Others      []string            `yaml:"others"`
	Registers   []ReportRegister    `yaml:"registers"`
	Explanation string              `yaml:"explanation"`
	Remark      string              `yaml:"remark"`
	Correction  ReportCorrection    `yaml:"correction"`
	Texts       map[string][]string `yaml:"texts"` // by section
}

// ReportCourse is an owner with the courses of its reports, by how many years back: in-time, late, corrected, deciding, returned, compiling.
type ReportCourse struct {
	Owner   string         `yaml:"owner"` // key of a body, code of a division
	Courses map[int]string `yaml:"courses"`
}

// ReportCorrection is what a report that is corrected had wrong: a number, and by how much.
type ReportCorrection struct {
	Cell   string `yaml:"cell"`
	More   int    `yaml:"more"`
	Reason string `yaml:"reason"`
	// Recount is why reports are corrected once the large demo is there.
	Recount string `yaml:"recount"`
}

// ReportRegister is a number that comes from a register on paper.
type ReportRegister struct {
	Cell   string `yaml:"cell"`
	Most   int    `yaml:"most"`
	Reason string `yaml:"reason"`
}

// Reports reads them.
func Reports() (*ReportScript, error) {
	var s ReportScript
	return &s, decode(Files, "reports.yaml", &s)
}
