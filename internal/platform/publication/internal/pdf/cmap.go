package pdf

import (
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// cmap maps codes of a font to characters (ToUnicode), or says how long codes are.
type cmap struct {
	spaces []codeSpace
	single map[uint32]string
	ranges []codeRange // sorted by low before the first look-up
	sorted bool
}

type codeSpace struct {
	size      int
	low, high uint32
}

type codeRange struct {
	low, high uint32
	text      string // of low; the last character counts on
}

// maxMappings bounds the table of one font.
const maxMappings = 1 << 18

func codeOf(s String) (code uint32) {
	for _, c := range s {
		code = code<<8 | uint32(c)
	}
	return code
}

// utf16BE reads the text of a mapping.
func utf16BE(s String) string {
	u := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	if len(s) == 1 {
		return string(rune(s[0]))
	}
	return strings.ToValidUTF8(string(utf16.Decode(u)), "�")
}

// parseCMap reads a CMap. What it does not understand it passes over.
func parseCMap(data []byte) *cmap {
	m := &cmap{single: map[uint32]string{}}
	l := lexer{b: data, plain: true}
	var args []Object
	total := 0
	for {
		v := l.value()
		if _, ok := v.(end); ok {
			return m
		}
		op, ok := v.(Operator)
		if !ok {
			if _, bracket := v.(closing); !bracket && len(args) < 1<<16 {
				args = append(args, v)
			}
			continue
		}
		if total += len(args); total > maxMappings {
			return m
		}
		switch op {
		case "endcodespacerange":
			for i := 0; i+1 < len(args); i += 2 {
				low, ok1 := args[i].(String)
				high, ok2 := args[i+1].(String)
				if ok1 && ok2 && len(low) == len(high) && len(low) >= 1 && len(low) <= 4 {
					m.spaces = append(m.spaces, codeSpace{len(low), codeOf(low), codeOf(high)})
				}
			}
		case "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				code, ok1 := args[i].(String)
				text, ok2 := args[i+1].(String)
				if ok1 && ok2 {
					m.single[codeOf(code)] = utf16BE(text)
				}
			}
		case "endbfrange":
			for i := 0; i+2 < len(args); i += 3 {
				m.bfRange(args[i], args[i+1], args[i+2])
			}
		}
		args = args[:0]
	}
}

func (m *cmap) bfRange(a, b, to Object) {
	low, ok1 := a.(String)
	high, ok2 := b.(String)
	if !ok1 || !ok2 {
		return
	}
	switch v := to.(type) {
	case String:
		m.ranges = append(m.ranges, codeRange{codeOf(low), codeOf(high), utf16BE(v)})
	case Array:
		for i, o := range v {
			if s, ok := o.(String); ok && codeOf(low)+uint32(i) <= codeOf(high) {
				m.single[codeOf(low)+uint32(i)] = utf16BE(s)
			}
		}
	}
}

// text returns the characters of a code.
func (m *cmap) text(code uint32) (string, bool) {
	if s, ok := m.single[code]; ok {
		return s, true
	}
	if !m.sorted {
		sort.Slice(m.ranges, func(i, j int) bool { return m.ranges[i].low < m.ranges[j].low })
		m.sorted = true
	}
	i := sort.Search(len(m.ranges), func(i int) bool { return m.ranges[i].low > code })
	if i == 0 {
		return "", false
	}
	r := m.ranges[i-1]
	if code > r.high || r.text == "" {
		return "", false
	}
	last, size := utf8.DecodeLastRuneInString(r.text)
	return r.text[:len(r.text)-size] + string(last+rune(code-r.low)), true
}

// next splits the first code off.
func (m *cmap) next(s []byte) (code uint32, size int) {
	for n := 1; n <= 4 && n <= len(s); n++ {
		code = code<<8 | uint32(s[n-1])
		for _, space := range m.spaces {
			if space.size == n && within(code, space) {
				return code, n
			}
		}
	}
	return uint32(s[0]), 1
}

// within compares byte by byte, as code spaces are rectangles.
func within(code uint32, s codeSpace) bool {
	for shift := range s.size {
		c, low, high := code>>(8*shift)&0xff, s.low>>(8*shift)&0xff, s.high>>(8*shift)&0xff
		if c < low || c > high {
			return false
		}
	}
	return true
}

// charset is what a predefined encoding of a composite font says by its name.
type charset struct {
	two bool // all codes have two bytes
	dec encoding.Encoding
	ucs bool
}

// predefined returns the charset of the encodings that Chinese files use without embedding them.
func predefined(name Name) (charset, bool) {
	s := strings.TrimSuffix(strings.TrimSuffix(string(name), "-H"), "-V")
	switch {
	case strings.HasPrefix(s, "Identity"):
		return charset{two: true}, true
	case strings.Contains(s, "UCS2"), strings.Contains(s, "UTF16"):
		return charset{two: true, ucs: true}, true
	case strings.HasPrefix(s, "GBK"), strings.HasPrefix(s, "GB-"), strings.HasPrefix(s, "GBpc"), strings.HasPrefix(s, "GBT"):
		return charset{dec: simplifiedchinese.GB18030}, true
	case strings.HasPrefix(s, "B5"), strings.HasPrefix(s, "ETen"), strings.HasPrefix(s, "HKscs"), strings.HasPrefix(s, "CNS"):
		return charset{dec: traditionalchinese.Big5}, true
	}
	return charset{}, false
}

func (c charset) next(s []byte) (code uint32, size int) {
	switch {
	case c.two && len(s) >= 2:
		code = uint32(s[0])<<8 | uint32(s[1])
		if c.ucs && code >= 0xD800 && code < 0xDC00 && len(s) >= 4 {
			return code<<16 | uint32(s[2])<<8 | uint32(s[3]), 4
		}
		return code, 2
	case c.two:
		return uint32(s[0]), 1
	case s[0] >= 0x81 && len(s) >= 2:
		if s[1] >= '0' && s[1] <= '9' && len(s) >= 4 { // the four bytes of GB18030
			return codeOf(s[:4]), 4
		}
		return uint32(s[0])<<8 | uint32(s[1]), 2
	}
	return uint32(s[0]), 1
}

func (c charset) text(code uint32, raw []byte) (string, bool) {
	switch {
	case c.ucs:
		return utf16BE(raw), true
	case c.dec != nil:
		out, err := c.dec.NewDecoder().Bytes(raw)
		return validText(string(out)), err == nil
	}
	return "", false
}
