package demo

import "openhall.org/openhall/internal/core/lang"

// IntermediaryScript is the intermediary services (中介服务) of the demo province.
type IntermediaryScript struct {
	Services  []IntermediaryService  `yaml:"services"`
	Agencies  []IntermediaryAgency   `yaml:"agencies"`
	Relations []IntermediaryRelation `yaml:"relations"`
	Amended   []IntermediaryAmended  `yaml:"amended"`
	Applying  []string               `yaml:"applying"` // logins of agencies that have just applied
	Sanctions []IntermediarySanction `yaml:"sanctions"`
}

// IntermediaryService is a service of the catalogue.
type IntermediaryService struct {
	Key     string            `yaml:"key"`
	Name    lang.Text         `yaml:"name"`
	Summary lang.Text         `yaml:"summary"`
	Items   []IntermediaryUse `yaml:"items"`
	Basis   string            `yaml:"basis"`
	Days    int               `yaml:"days"`
	Fen     int64             `yaml:"fen"`
	Pricing string            `yaml:"pricing"`
	Needs   string            `yaml:"needs"`
}

// IntermediaryUse is an item that asks for a service, and the material that it becomes.
type IntermediaryUse struct {
	Item     string `yaml:"item"`
	Material string `yaml:"material"`
}

// IntermediaryAgency is an invented agency.
type IntermediaryAgency struct {
	Login          string   `yaml:"login"`
	Percent        int64    `yaml:"percent"` // of the highest price and the longest term that it asks
	Offers         []string `yaml:"offers"`
	Promise        string   `yaml:"promise"`
	Qualifications string   `yaml:"qualifications"`
	Address        string   `yaml:"address"`
}

// IntermediaryAmended is a change of what an agency promises; Day counts calendar days from today.
type IntermediaryAmended struct {
	Agency  string `yaml:"agency"`
	Day     int    `yaml:"day"`
	Percent int64  `yaml:"percent"`
	Promise string `yaml:"promise"`
}

// IntermediaryRelation is a relation that an agency has declared.
type IntermediaryRelation struct {
	Agency string `yaml:"agency"`
	Kind   string `yaml:"kind"`
	Target string `yaml:"target"`
	Note   string `yaml:"note"`
	Ended  string `yaml:"ended"` // why the registrar found that it has ended; empty: it holds
}

// IntermediarySanction is a sanction of the past; Day counts calendar days from today.
type IntermediarySanction struct {
	Agency string `yaml:"agency"`
	Kind   string `yaml:"kind"`
	Months int    `yaml:"months"`
	Day    int    `yaml:"day"`
	Reason string `yaml:"reason"`
	Basis  string `yaml:"basis"`
	// Course is what became of it: imposed when empty, hearing, deciding, dismissed, lifted before its end, asked that it is.
	Course  string `yaml:"course"`
	Ground  string `yaml:"ground"`  // of the lifting
	Because string `yaml:"because"` // reason why it was dismissed or lifted
}

// Intermediary reads them.
func Intermediary() (*IntermediaryScript, error) {
	var s IntermediaryScript
	return &s, decode(Files, "intermediary.yaml", &s)
}
