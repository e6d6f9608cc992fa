// Package lang holds text in the three languages of the platform: 简体中文, 繁體中文 and English.
//
// Data that people read (titles of rules, names of bodies, labels of forms) carries all three beside each other, so that a
// missing translation is visible where it is missing. The words of pages live in the message catalogues of the modules.
package lang

// Tag is a BCP 47 language tag of one of the three languages of the platform.
type Tag string

// The three languages. Simplified Chinese comes first: it is the language of the law and the default of every page.
const (
	Hans Tag = "zh-Hans"
	Hant Tag = "zh-Hant"
	En   Tag = "en"
)

// All lists the languages in the order in which they are offered to a reader.
var All = [...]Tag{Hans, Hant, En}

// Parse returns the tag named by s, and whether s names one.
func Parse(s string) (Tag, bool) {
	for _, t := range All {
		if string(t) == s {
			return t, true
		}
	}
	return Hans, false
}

// Text is one text in three languages. Hans is required wherever a Text is; the others fall back to it.
type Text struct {
	Hans string `json:"zh-Hans" yaml:"zh-Hans"`
	Hant string `json:"zh-Hant,omitempty" yaml:"zh-Hant"`
	En   string `json:"en,omitempty" yaml:"en"`
}

// In returns the text in the language t, or in Simplified Chinese when it has not been translated.
func (x Text) In(t Tag) string {
	switch {
	case t == Hant && x.Hant != "":
		return x.Hant
	case t == En && x.En != "":
		return x.En
	default:
		return x.Hans
	}
}

// IsZero reports whether the text is empty in every language.
func (x Text) IsZero() bool { return x == Text{} }

// Complete reports whether the text is there in all three languages.
func (x Text) Complete() bool { return x.Hans != "" && x.Hant != "" && x.En != "" }
