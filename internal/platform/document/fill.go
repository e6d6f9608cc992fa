package document

import (
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Facts are what is put into a template, by the names of placeholders, in one language. What is not there is left out.
type Facts map[string]string

// Letter is a letter in one language, ready to be shown or printed.
type Letter struct {
	Tag     lang.Tag
	Kind    string
	Version int // of the template
	Form    Form
	Issuer  string // 发文机关
	Number  string // 发文字号
	Title   string
	To      string // 主送, with its colon
	Parts   []Passage
	Date    string // 成文日期
	Seal    string // the word in the place of the seal
	Note    string // that it is a translation; empty on the original
	// Scan stands under the code that Code opens; Proof is the small print. Both are empty on a letter that is not issued yet.
	Scan, Code string
	Proof      []string
}

// Passage is a part of a letter's body: a paragraph, facts, or words under a heading.
type Passage struct {
	Text    string
	Facts   []Pair
	Heading string
	Words   []string // paragraphs, as the official wrote them
}

// Pair is a fact with its name. Of is the placeholder that the whole value is, empty where words of the template stand in it too: so a page
// can tell what a person wrote from what the template says.
type Pair struct{ Name, Value, Of string }

// Fill puts the facts into the template of a kind. It answers nil for a kind that there is not.
func (t *Templates) Fill(kind string, tag lang.Tag, f Facts) *Letter {
	x := t.kinds[kind]
	if x == nil {
		return nil
	}
	l := &Letter{
		Tag: tag, Kind: kind, Version: x.Version, Form: x.Form, Issuer: f["issuer"], Number: f["number"], Title: x.Title(f).In(tag),
		Date: f["date"], Seal: t.common.Seal.In(tag), To: f.into(t.common.To.In(tag)),
	}
	if tag != lang.Hans {
		l.Note = t.common.Translation.In(tag)
	}
	for _, parts := range [][]Part{x.Body, x.Remedies} {
		for i := range parts {
			if p, ok := parts[i].fill(tag, f); ok {
				l.Parts = append(l.Parts, p)
			}
		}
	}
	return l
}

// Title returns the title that the facts call for.
func (x *Template) Title(f Facts) lang.Text {
	for _, t := range x.Titles {
		if t.When == "" || f[t.When] != "" {
			return t.Text
		}
	}
	return lang.Text{}
}

func (p *Part) fill(tag lang.Tag, f Facts) (Passage, bool) {
	if p.When != "" && f[p.When] == "" {
		return Passage{}, false
	}
	switch {
	case len(p.Facts) > 0:
		var x Passage
		for _, fact := range p.Facts {
			if fact.When == "" || f[fact.When] != "" {
				pair := Pair{Name: f.into(fact.Name.In(tag)), Value: f.into(fact.Value)}
				if braces.FindString(fact.Value) == fact.Value {
					pair.Of = strings.Trim(fact.Value, "{}")
				}
				x.Facts = append(x.Facts, pair)
			}
		}
		return x, len(x.Facts) > 0
	case p.Words != "":
		x := Passage{Heading: f.into(p.Heading.In(tag))}
		for line := range strings.SplitSeq(f[p.Words], "\n") {
			if line = strings.TrimSpace(line); line != "" {
				x.Words = append(x.Words, line)
			}
		}
		return x, len(x.Words) > 0
	default:
		return Passage{Text: f.into(p.Text.In(tag))}, true
	}
}

// into fills the braces of a text. What a person wrote is put in as it is: braces in it stay.
func (f Facts) into(text string) string {
	return braces.ReplaceAllStringFunc(text, func(found string) string { return f[found[1:len(found)-1]] })
}

// FormatNumber writes a document number by the pattern of its template.
func (x *Template) FormatNumber(agency string, year int, ordinal int64) string {
	return Facts{"agency": agency, "year": strconv.Itoa(year), "ordinal": strconv.FormatInt(ordinal, 10)}.into(x.Number)
}
