package identity

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the list
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode"
)

// commonText is the list of common passwords: small letters, sorted, one a line. It is the frequency list of zxcvbn-ts (MIT, see
// common/LICENSE.txt): every one that the policy would take by its length, 17,950 of them, and the most frequent shorter ones, which people
// lengthen with a year or a few signs.
//
//go:embed common/passwords.txt.gz
var commonText []byte

// commonList answers whether many people have a password.
type commonList struct{ text string }

func openCommon() (commonList, error) {
	r, err := gzip.NewReader(bytes.NewReader(commonText))
	if err != nil {
		return commonList{}, fmt.Errorf("common passwords: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return commonList{}, fmt.Errorf("common passwords: %w", err)
	}
	return commonList{string(text)}, nil
}

// has looks a word up by halving the text.
func (c commonList) has(word string) bool {
	if len(word) < 5 {
		return false
	}
	line := func(i int) string { // the line in which byte i lies
		start := strings.LastIndexByte(c.text[:i], '\n') + 1
		end := strings.IndexByte(c.text[start:], '\n')
		return c.text[start : start+end]
	}
	i := sort.Search(len(c.text), func(i int) bool { return line(i) >= word })
	return i < len(c.text) && line(i) == word
}

// holds reports whether a password is common: on the list, such a one with digits or signs before or after it, or two in a row.
func (c commonList) holds(password string) bool {
	lower := strings.ToLower(password)
	if c.has(lower) || c.has(strings.TrimFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) })) {
		return true
	}
	for i := 1; i < len(lower); i++ {
		if c.has(lower[:i]) && c.has(lower[i:]) {
			return true
		}
	}
	return false
}
