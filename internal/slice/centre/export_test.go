package centre

// NewBook is a book of records, for tests.
func NewBook(records []Record) *Book { return newBook(1, records, nil) }

// ParseMeasures reads definitions of measures, for tests.
func ParseMeasures(data []byte) ([]Measure, error) { return parseMeasures(data) }

// ParseSpecial reads a day with hours of its own, for tests.
func ParseSpecial(text string) (Special, error) { return parseSpecial(text) }

// NormalCode takes what people add to a code, for tests.
func NormalCode(text string) string { return normalCode(text) }
