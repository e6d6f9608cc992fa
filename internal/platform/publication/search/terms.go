package search

import (
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// The classes of terms. A term is the byte of its class and what it stands for. Lists of upper case classes have positions.
const (
	classPair   = 'B' // two characters that touch
	classEdge   = 'E' // a character that touches a word or a number
	classWord   = 'W' // a word or a number
	classChar   = 'c' // a character anywhere
	classFilter = 'f' // what can be filtered by: a letter that says what, and its value
	classNumber = 'n' // a document number
	classTitle  = 't' // a pair, character or word of a title
)

func hasPositions(term string) bool { return term[0] < 'a' }

// longestTerm bounds a term. Longer words are told apart by a hash.
const longestTerm = 64

func wordTerm(class byte, text string) string {
	if len(text) > longestTerm {
		h := fnv.New128a()
		_, _ = h.Write([]byte(text)) // never fails
		text = text[:24] + "~" + hex.EncodeToString(h.Sum(nil))
	}
	return string(class) + text
}

// numberForm writes a document number without its signs, so that 皖政办〔2013〕12号 and 皖政办[2013]12号 are one.
func numberForm(number string) string {
	var b strings.Builder
	var last kind
	var s splitter
	s.split(lang.Fold(number), func(u unit) {
		if last != 0 && (last != character || u.kind != character) {
			b.WriteByte(' ')
		}
		last = u.kind
		b.WriteString(u.text)
	})
	if b.Len() > longestTerm {
		return wordTerm('~', b.String())
	}
	return b.String()
}

// The letters of filters.
const (
	filterBody     = 'b'
	filterCategory = 'c'
	filterDivision = 'd' // the digits that name it
	filterExactly  = 'e' // the division itself, without those below
	filterLevel    = 'l'
	filterLanguage = 'g'
	filterYear     = 'y'
)

func filterTerm(letter byte, value string) string {
	value = strings.ReplaceAll(value, "\x00", "~")
	if len(value) > longestTerm {
		value = wordTerm('~', value)
	}
	return string([]byte{classFilter, letter}) + value
}

// filters calls yield for each filter that a record answers to.
func (d *Doc) filters(yield func(term string)) {
	if d.Body != "" {
		yield(filterTerm(filterBody, d.Body))
	}
	for i, c := range d.Category {
		if !slices.Contains(d.Category[:i], c) {
			yield(filterTerm(filterCategory, c))
		}
	}
	if d.Division != "" {
		level := levelOf(d.Division)
		for _, end := range ends[:level] {
			yield(filterTerm(filterDivision, d.Division[:end]))
		}
		yield(filterTerm(filterExactly, d.Division))
		yield(filterTerm(filterLevel, strconv.Itoa(level)))
	}
	if d.Language != "" {
		yield(filterTerm(filterLanguage, d.Language))
	}
	yield(filterTerm(filterYear, strconv.Itoa(d.year())))
}
