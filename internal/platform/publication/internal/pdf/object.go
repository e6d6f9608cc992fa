package pdf

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Object is a value of a PDF file: nil, bool, int, float64, String, Name, Array, Dict, Ref, *Stream, or in content streams Operator.
type Object any

type (
	// String is a string, of text or of anything else.
	String []byte
	// Name is a name, without its slash.
	Name string
	// Array is a list of values.
	Array []Object
	// Dict is a dictionary.
	Dict map[Name]Object
	// Ref points to another object.
	Ref struct{ Number, Generation int }
	// Operator is a word of a content stream.
	Operator string
	// Stream is a dictionary with bytes.
	Stream struct {
		Dict Dict
		Raw  []byte // as it stands in the file
	}
)

// What is wrong with a file.
var (
	ErrBroken    = errors.New("broken")
	ErrLimit     = errors.New("larger than a document may be")
	ErrEncrypted = errors.New("locked by a password")
)

// Limits bound what a file may cost.
type Limits struct {
	Unpacked int // bytes of all streams together
	Objects  int
	Depth    int
	Glyphs   int // characters on all pages
}

// Text returns what a string in a dictionary says: UTF-16 with a mark, UTF-8 with a mark, or PDFDocEncoding.
func (s String) Text() string {
	switch {
	case len(s) >= 2 && s[0] == 0xFE && s[1] == 0xFF:
		u := make([]uint16, 0, len(s)/2)
		for i := 2; i+1 < len(s); i += 2 {
			u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(u))
	case len(s) >= 3 && s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF:
		return strings.ToValidUTF8(string(s[3:]), "�")
	}
	var b strings.Builder
	for _, c := range s {
		b.WriteRune(docEncoding(c))
	}
	return b.String()
}

// docEncoding is PDFDocEncoding as far as it differs from Latin-1 in what is written.
func docEncoding(c byte) rune {
	switch c {
	case 0x80:
		return '•'
	case 0x84:
		return '—'
	case 0x85:
		return '–'
	case 0x8D:
		return '“'
	case 0x8E:
		return '”'
	case 0x8F:
		return '‘'
	case 0x90:
		return '’'
	case 0xA0:
		return '€'
	}
	return rune(c)
}

// TextString encodes text for a dictionary.
func TextString(s string) String {
	out := String{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "�")
}

// number returns a number as float64, and whether it is one.
func number(o Object) (float64, bool) {
	switch v := o.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func num(o Object) float64 {
	v, _ := number(o)
	return v
}

func integer(o Object) (int, bool) {
	switch v := o.(type) {
	case int:
		return v, true
	case float64:
		return int(v), true
	}
	return 0, false
}
