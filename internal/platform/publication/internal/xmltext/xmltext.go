// Package xmltext reads XML and remembers where each piece stands, so that a document can be changed in some places and left byte for
// byte as it is in all others. encoding/xml does not keep attributes, prefixes and white space as they were written, and does not say
// where an attribute stands.
//
// It reads what office programs write: UTF-8, no entities but the five of XML and numbers. It expands nothing, so that no document
// grows while it is read, and it takes what is not well formed as far as it goes.
package xmltext

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a token.
type Kind int

// The kinds.
const (
	Text    Kind = iota // character data, CDATA sections among them
	Start               // <a …>
	End                 // </a>
	Empty               // <a …/>
	Comment             // <!-- … -->
	Other               // <?…?>, <!DOCTYPE …>
)

// Span is a stretch of the document, in bytes.
type Span struct{ From, To int }

// Attr is an attribute; Value says where its value stands between the quotation marks.
type Attr struct {
	Name  string // with its prefix
	Value Span
}

// Local returns the name without the prefix.
func (a Attr) Local() string { return local(a.Name) }

// Token is a piece of the document.
type Token struct {
	Kind  Kind
	Span         // the whole piece
	Name  string // with its prefix
	Attrs []Attr // valid until the next token is read
	CDATA bool
}

// Local returns the name of the element without the prefix.
func (t *Token) Local() string { return local(t.Name) }

func local(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// Attr returns the value of the attribute with the local name, and whether there is one.
func (t *Token) Attr(doc []byte, name string) (string, bool) {
	for _, a := range t.Attrs {
		if a.Local() == name {
			return Unescape(doc[a.Value.From:a.Value.To]), true
		}
	}
	return "", false
}

// Reader reads a document token by token.
type Reader struct {
	doc   []byte
	at    int
	attrs []Attr
}

// NewReader returns a Reader of a document.
func NewReader(doc []byte) *Reader { return &Reader{doc: doc} }

// Next reads the next token. It returns false at the end.
func (r *Reader) Next(t *Token) bool {
	if r.at >= len(r.doc) {
		return false
	}
	from := r.at
	rest := r.doc[from:]
	*t = Token{Span: Span{from, len(r.doc)}}
	switch {
	case rest[0] != '<':
		t.Kind = Text
		if i := bytes.IndexByte(rest, '<'); i >= 0 {
			t.To = from + i
		}
	case bytes.HasPrefix(rest, []byte("<!--")):
		t.Kind, t.To = Comment, r.behind(from+4, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		t.Kind, t.CDATA, t.To = Text, true, r.behind(from+9, "]]>")
	case len(rest) > 1 && (rest[1] == '?' || rest[1] == '!'):
		t.Kind, t.To = Other, r.behind(from+2, ">")
	default:
		r.tag(t)
	}
	r.at = t.To
	return true
}

// behind returns the offset behind the next place of mark.
func (r *Reader) behind(from int, mark string) int {
	if from > len(r.doc) {
		return len(r.doc)
	}
	if i := bytes.Index(r.doc[from:], []byte(mark)); i >= 0 {
		return from + i + len(mark)
	}
	return len(r.doc)
}

func (r *Reader) tag(t *Token) {
	i := t.From + 1
	t.Kind = Start
	if i < len(r.doc) && r.doc[i] == '/' {
		t.Kind = End
		i++
	}
	name := i
	for i < len(r.doc) && !ends(r.doc[i]) {
		i++
	}
	t.Name = string(r.doc[name:i])
	r.attrs = r.attrs[:0]
	for i < len(r.doc) {
		switch c := r.doc[i]; {
		case c == '>':
			t.To, t.Attrs = i+1, r.attrs
			return
		case c == '/':
			if t.Kind == Start && i+1 < len(r.doc) && r.doc[i+1] == '>' {
				t.Kind = Empty
			}
			i++
		case c <= ' ':
			i++
		default:
			i = r.attr(i)
		}
	}
	t.To, t.Attrs = len(r.doc), r.attrs
}

func ends(c byte) bool { return c <= ' ' || c == '>' || c == '/' }

// attr reads name="value" and returns the offset behind.
func (r *Reader) attr(i int) int {
	name := i
	for i < len(r.doc) && !ends(r.doc[i]) && r.doc[i] != '=' {
		i++
	}
	a := Attr{Name: string(r.doc[name:i])}
	for i < len(r.doc) && r.doc[i] <= ' ' {
		i++
	}
	if i >= len(r.doc) || r.doc[i] != '=' {
		return max(i, name+1)
	}
	for i++; i < len(r.doc) && r.doc[i] <= ' '; i++ {
	}
	if i >= len(r.doc) || r.doc[i] != '"' && r.doc[i] != '\'' {
		return i
	}
	quote := r.doc[i]
	i++
	a.Value.From = i
	end := bytes.IndexByte(r.doc[i:], quote)
	if end < 0 {
		return len(r.doc)
	}
	a.Value.To = i + end
	r.attrs = append(r.attrs, a)
	return a.Value.To + 1
}

// Value returns what a text token says.
func (t *Token) Value(doc []byte) string {
	raw := doc[t.From:t.To]
	if t.CDATA {
		raw = bytes.TrimPrefix(raw, []byte("<![CDATA["))
		return strings.ToValidUTF8(string(bytes.TrimSuffix(raw, []byte("]]>"))), "�")
	}
	return Unescape(raw)
}

// Unescape replaces the entities of XML and character numbers. Unknown ones stay as they are.
func Unescape(raw []byte) string {
	if bytes.IndexByte(raw, '&') < 0 {
		return strings.ToValidUTF8(string(raw), "�")
	}
	var b strings.Builder
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			break
		}
		b.Write(raw[:i])
		raw = raw[i:]
		end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
		r, ok := rune('&'), false
		if end > 0 {
			r, ok = entity(string(raw[1:end]))
		}
		if !ok {
			b.WriteByte('&')
			raw = raw[1:]
			continue
		}
		b.WriteRune(r)
		raw = raw[end+1:]
	}
	b.Write(raw)
	return strings.ToValidUTF8(b.String(), "�")
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// Escape writes text so that it may stand between tags and in attributes. Characters that XML does not allow are left out.
func Escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0xFFFE, r == 0xFFFF:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
