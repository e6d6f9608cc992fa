package feel

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxSource  = 64 << 10 // bytes of a source
	maxNesting = 200
)

// SyntaxError says where a source is not FEEL, what was expected there and what stands there.
type SyntaxError struct {
	Line, Column int // from 1, in characters
	Message      string
}

func (e *SyntaxError) Error() string {
	if e.Line > 1 {
		return fmt.Sprintf("feel: line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("feel: column %d: %s", e.Column, e.Message)
}

func syntaxError(src string, pos int, format string, args ...any) *SyntaxError {
	before := src[:min(pos, len(src))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return &SyntaxError{strings.Count(before, "\n") + 1, utf8.RuneCountInString(line) + 1, fmt.Sprintf(format, args...)}
}

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokNumber
	tokString
	tokAt // @"…", text is what the quotes hold
	tokSymbol
)

type token struct {
	kind     tokenKind
	text     string // of a string: its value
	pos, end int    // bytes of the source
}

// String names the token in messages.
func (t token) String() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokString:
		return fmt.Sprintf("the text %.40q", t.text)
	case tokAt:
		return fmt.Sprintf("@%.40q", t.text)
	default:
		return fmt.Sprintf("%.40q", t.text)
	}
}

// is tells whether t is the symbol or the word s.
func (t token) is(s string) bool { return (t.kind == tokSymbol || t.kind == tokWord) && t.text == s }

// symbols are tried in this order: the longer before those they begin with.
var symbols = [...]string{"..", "**", "!=", "<=", ">=", "->", "(", ")", "[", "]", "{", "}", ",", ":", ".", "+", "-", "*", "/", "=", "<", ">"}

// hints tell people what FEEL writes for what they know from elsewhere.
var hints = []struct{ found, hint string }{
	{"==", `FEEL compares with a single "="`},
	{"&&", `FEEL writes "and"`},
	{"||", `FEEL writes "or"`},
	{"!", `FEEL writes "not(…)"`},
	{"<>", `FEEL writes "!="`},
	{"%", `FEEL writes "modulo(a, b)"`},
	{"“", `texts stand between straight quotes "…"`},
	{"”", `texts stand between straight quotes "…"`},
	{"'", `texts stand between double quotes "…"`},
	{"（", `write the half-width "("`},
	{"）", `write the half-width ")"`},
	{"，", `write the half-width ","`},
	{"、", `write the half-width ","`},
	{"：", `write the half-width ":"`},
	{"＝", `write the half-width "="`},
	{"＞", `write the half-width ">"`},
	{"＜", `write the half-width "<"`},
	{"≥", `write ">="`},
	{"≤", `write "<="`},
	{"≠", `write "!="`},
}

// lex splits src into tokens; the last is always tokEnd.
func lex(src string) ([]token, error) {
	if len(src) > maxSource {
		return nil, syntaxError(src, 0, "the expression has %d bytes; at most %d are read", len(src), maxSource)
	}
	if !utf8.ValidString(src) {
		return nil, syntaxError(src, 0, "the expression is not UTF-8")
	}
	var out []token
	for pos := 0; ; {
		pos = skipSpace(src, pos)
		if pos < 0 {
			return nil, syntaxError(src, len(src), `expected "*/" to close the comment but found the end`)
		}
		if pos == len(src) {
			return append(out, token{tokEnd, "", pos, pos}), nil
		}
		t, err := next(src, pos)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		pos = t.end
	}
}

// skipSpace passes white space and comments; -1 when a comment does not end.
func skipSpace(src string, pos int) int {
	for pos < len(src) {
		rest := src[pos:]
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r) || r == '\uFEFF' || r == '\u180E':
			pos += n
		case strings.HasPrefix(rest, "//"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				pos += i
			} else {
				pos = len(src)
			}
		case strings.HasPrefix(rest, "/*"):
			i := strings.Index(rest[2:], "*/")
			if i < 0 {
				return -1
			}
			pos += i + 4
		default:
			return pos
		}
	}
	return pos
}

func next(src string, pos int) (token, error) {
	rest := src[pos:]
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case r == '"':
		return lexString(src, pos)
	case strings.HasPrefix(rest, `@"`):
		t, err := lexString(src, pos+1)
		t.kind, t.pos = tokAt, pos
		return t, err
	case isDigit(r) || r == '.' && len(rest) > 1 && isDigit(rune(rest[1])):
		end := numberEnd(src, pos)
		return token{tokNumber, src[pos:end], pos, end}, nil
	case startsName(r):
		end := pos
		for i, r := range rest {
			if i > 0 && !continuesName(r) {
				break
			}
			end = pos + i + utf8.RuneLen(r)
		}
		return token{tokWord, src[pos:end], pos, end}, nil
	}
	for _, h := range hints {
		if strings.HasPrefix(rest, h.found) && !strings.HasPrefix(rest, "!=") {
			return token{}, syntaxError(src, pos, "%q is not FEEL: %s", h.found, h.hint)
		}
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return token{tokSymbol, s, pos, pos + len(s)}, nil
		}
	}
	return token{}, syntaxError(src, pos, "%q has no meaning in FEEL", r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// numberEnd finds the end of digits [. digits] [e [sign] digits]. The dots of 1..5 belong to the interval.
func numberEnd(src string, pos int) int {
	run := func(i int) int {
		for i < len(src) && isDigit(rune(src[i])) {
			i++
		}
		return i
	}
	end := run(pos)
	if end+1 < len(src) && src[end] == '.' && isDigit(rune(src[end+1])) {
		end = run(end + 1)
	}
	if end < len(src) && (src[end] == 'e' || src[end] == 'E') {
		i := end + 1
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if j := run(i); j > i {
			end = j
		}
	}
	return end
}

// startsName follows rule 28 of the grammar (DMN 1.3, 10.3.1.2), but leaves out the full-width punctuation that the rule lets in:
// in a Chinese expression it is a slip of the keyboard, never part of a name.
func startsName(r rune) bool {
	return unicode.IsLetter(r) || r == '_' || r == '?' || unicode.Is(unicode.Nl, r) || r >= 0x10000 && r != unicode.MaxRune
}

func continuesName(r rune) bool {
	return startsName(r) && r != '?' || unicode.IsDigit(r) || unicode.IsMark(r) || r == '·' || r == '\'' || r == '\u200C' || r == '\u200D'
}

// lexString reads a text between quotes with the escapes of rule 64. Another letter after a backslash stays as it is, with the
// backslash, as regular expressions are often written so.
func lexString(src string, pos int) (token, error) {
	var b strings.Builder
	for i := pos + 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == '"':
			return token{tokString, b.String(), pos, i + 1}, nil
		case c != '\\' || i+1 == len(src):
			b.WriteByte(c)
		default:
			i++
			switch src[i] {
			case '"', '\'', '\\':
				b.WriteByte(src[i])
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			case 'u', 'U':
				r, n := unescape(src[i:])
				if n == 0 {
					return token{}, syntaxError(src, i-1, `expected four (\uXXXX) or six (\UXXXXXX) hexadecimal digits of a character`)
				}
				b.WriteRune(r)
				i += n - 1
			default:
				b.WriteByte('\\')
				b.WriteByte(src[i])
			}
		}
	}
	return token{}, syntaxError(src, len(src), "expected a closing quote but found the end")
}

// unescape reads uXXXX, a pair of those that are surrogates, or UXXXXXX, and returns the character and the bytes read, 0 for none.
func unescape(s string) (rune, int) {
	n := 5
	if s[0] == 'U' {
		n = 7
	}
	hex := func(s string) rune {
		v, err := strconv.ParseUint(s, 16, 31)
		if err != nil {
			return utf8.RuneError
		}
		return rune(v)
	}
	if len(s) < n {
		return 0, 0
	}
	r := hex(s[1:n])
	if r >= 0xD800 && r < 0xDC00 && len(s) >= 11 && s[5:7] == `\u` {
		if low := hex(s[7:11]); low >= 0xDC00 && low < 0xE000 {
			return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, 11
		}
	}
	if !utf8.ValidRune(r) || r == utf8.RuneError {
		return 0, 0
	}
	return r, n
}
