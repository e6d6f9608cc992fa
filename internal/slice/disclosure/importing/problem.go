package importing

import (
	"fmt"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Problem says what is wrong with a row, where, which rule it breaks and what to do.
type Problem struct {
	Row    int    // as a spreadsheet counts, or the line of JSON Lines; 0: the file as a whole
	Column string // letter of the column; empty where there are no columns
	Field  Column // zero: the row as a whole
	Value  string // what stands there, shortened
	Rule   lang.Text
	Remedy lang.Text // zero: there is none, or the rule names it
}

// In puts the problem into a line of words in a language.
func (p Problem) In(tag lang.Tag) string {
	var where []string
	if p.Row > 0 {
		where = append(where, lang.Text{
			Hans: fmt.Sprintf("第 %d 行", p.Row), Hant: fmt.Sprintf("第 %d 列", p.Row), En: fmt.Sprintf("row %d", p.Row),
		}.In(tag))
	}
	if !p.Field.Name.IsZero() {
		name := p.Field.Name.In(tag)
		if p.Column != "" {
			name = lang.Text{Hans: p.Column + " 列“" + name + "”", Hant: p.Column + " 欄「" + name + "」", En: "column " + p.Column + " (" + name + ")"}.In(tag)
		}
		where = append(where, name)
	} else if p.Column != "" {
		where = append(where, lang.Text{Hans: p.Column + " 列", Hant: p.Column + " 欄", En: "column " + p.Column}.In(tag))
	}
	text := strings.Join(where, lang.Text{Hans: "，", Hant: "，", En: ", "}.In(tag))
	if p.Value != "" {
		text += lang.Text{Hans: "，“" + p.Value + "”", Hant: "，「" + p.Value + "」", En: ", " + strconv.Quote(p.Value)}.In(tag)
	}
	if text != "" {
		text += lang.Text{Hans: "：", Hant: "：", En: ": "}.In(tag)
	}
	for _, said := range []lang.Text{p.Rule, p.Remedy} {
		if words := strings.TrimRight(said.In(tag), ".。"); words != "" {
			text += words + lang.Text{Hans: "。", Hant: "。", En: ". "}.In(tag)
		}
	}
	return strings.TrimSuffix(text, " ")
}

// FileError refuses a file as a whole.
type FileError struct{ Problem Problem }

// Error returns the English text.
func (e *FileError) Error() string { return e.Problem.In(lang.En) }

// shown shortens a value for a message.
func shown(value string) string {
	const most = 40
	value = strings.Join(strings.Fields(value), " ")
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

// text makes a text of its three wordings.
func text(hans, hant, en string) lang.Text { return lang.Text{Hans: hans, Hant: hant, En: en} }

func refuse(rule, remedy lang.Text) error { return &FileError{Problem{Rule: rule, Remedy: remedy}} }
