package store

import (
	"strconv"
	"strings"
)

// unnamed writes a text that names its parameters $1, $2, … in their order with ? instead. SQLite counts them by itself then; of named ones
// it looks for the name of each in a list of all whenever values are bound, and that is most of the work of a statement with hundreds. A text
// that names them otherwise stays as it is.
func unnamed(query string) string {
	if !strings.Contains(query, "$1") {
		return query
	}
	var b strings.Builder
	b.Grow(len(query))
	n, quoted := 0, false
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case c == '\'':
			quoted = !quoted // twice for a quotation mark within quotes
		case quoted:
		case c == '?' || c == '"' || c == '-' && strings.HasPrefix(query[i:], "--"):
			return query
		case c == '$':
			n++
			number := strconv.Itoa(n)
			rest, next := strings.CutPrefix(query[i+1:], number)
			if !next || rest != "" && '0' <= rest[0] && rest[0] <= '9' {
				return query
			}
			b.WriteByte('?')
			i += len(number)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
