package pdf

import (
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// font says what the codes of a text mean, and how wide they are.
type font struct {
	dict      Dict
	composite bool
	toUnicode *cmap
	codes     *cmap // embedded encoding of a composite font
	set       charset
	known     bool // set says what codes mean
	names     map[byte]string
	widths    map[uint32]float64 // in em
	width     float64            // of all others
	scale     float64            // of a font whose glyphs are drawings
	vertical  bool
	used      map[uint32]string // codes that are still used, for a map of their own
}

// glyphCode is one code of a text.
type glyphCode struct {
	text  string // empty when nobody knows
	size  int    // bytes
	width float64
	space bool // word spacing applies: the one-byte code 32
	code  uint32
}

// fontOf returns the font under a name of the resources.
func (f *File) fontOf(resources Dict, name Name) *font {
	return f.fontAt(f.dict(resources["Font"])[name])
}

// fontAt returns the font that an object is or refers to. Each is read once: a page may name it a million times.
func (f *File) fontAt(o Object) *font {
	if r, ok := o.(Ref); ok {
		x := f.fontRef[r]
		if x == nil {
			x = f.newFont(f.dict(o))
			f.fontRef[r] = x
		}
		return x
	}
	d := f.dict(o)
	at := reflect.ValueOf(d).Pointer() // the font holds the dictionary, so that no other one comes to stand there
	x := f.fonts[at]
	if x == nil {
		x = f.newFont(d)
		f.fonts[at] = x
	}
	return x
}

func (f *File) newFont(d Dict) *font {
	x := &font{dict: d, widths: map[uint32]float64{}, width: 0.5, scale: 1, used: map[uint32]string{}}
	if s, ok := f.Resolve(d["ToUnicode"]).(*Stream); ok {
		if data, _, err := f.decode(s); err == nil {
			x.toUnicode = parseCMap(data)
		}
	}
	if d["Subtype"] == Name("Type0") {
		f.compositeFont(x)
		return x
	}
	f.simpleFont(x)
	return x
}

func (f *File) compositeFont(x *font) {
	x.composite, x.width = true, 1
	x.set = charset{two: true}
	switch e := f.Resolve(x.dict["Encoding"]).(type) {
	case Name:
		x.vertical = strings.HasSuffix(string(e), "-V")
		if set, ok := predefined(e); ok {
			x.set, x.known = set, set.ucs || set.dec != nil
		}
	case *Stream:
		if data, _, err := f.decode(e); err == nil {
			x.codes = parseCMap(data)
			if len(x.codes.spaces) == 0 {
				x.codes = nil
			}
		}
	}
	list := f.list(x.dict["DescendantFonts"])
	if len(list) == 0 {
		return
	}
	below := f.dict(list[0])
	if dw, ok := number(f.Resolve(below["DW"])); ok {
		x.width = dw / 1000
	}
	w := f.list(below["W"])
	for i := 0; i+1 < len(w) && len(x.widths) < maxMappings; {
		first, _ := integer(f.Resolve(w[i]))
		if list, ok := f.Resolve(w[i+1]).(Array); ok {
			for n, o := range list {
				x.widths[uint32(first+n)] = num(f.Resolve(o)) / 1000
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			break
		}
		last, _ := integer(f.Resolve(w[i+1]))
		for n := first; n <= last && n-first < 1<<16; n++ {
			x.widths[uint32(n)] = num(f.Resolve(w[i+2])) / 1000
		}
		i += 3
	}
}

func (f *File) simpleFont(x *font) {
	x.names = map[byte]string{}
	base := Name("")
	switch e := f.Resolve(x.dict["Encoding"]).(type) {
	case Name:
		base = e
	case Dict:
		base, _ = f.Resolve(e["BaseEncoding"]).(Name)
		code := 0
		for _, o := range f.list(e["Differences"]) {
			switch v := f.Resolve(o).(type) {
			case int:
				code = v
			case Name:
				if code >= 0 && code < 256 {
					if s := glyphName(string(v)); s != "" {
						x.names[byte(code)] = s
					}
				}
				code++
			}
		}
	}
	table := charmap.Windows1252
	if base == "MacRomanEncoding" {
		table = charmap.Macintosh
	}
	flags, _ := integer(f.Resolve(f.dict(x.dict["FontDescriptor"])["Flags"]))
	symbolic := flags&4 != 0 && flags&32 == 0 && base == ""
	if !symbolic || x.dict["FontDescriptor"] == nil {
		for c := range 256 {
			if _, ok := x.names[byte(c)]; !ok && (c >= 32 || c == 9) {
				x.names[byte(c)] = string(table.DecodeByte(byte(c)))
			}
		}
	}
	if x.dict["Subtype"] == Name("Type3") {
		if m := f.list(x.dict["FontMatrix"]); len(m) == 6 {
			x.scale = num(f.Resolve(m[0])) * 1000
		}
	}
	first, _ := integer(f.Resolve(x.dict["FirstChar"]))
	for i, o := range f.list(x.dict["Widths"]) {
		if i > 255 {
			break
		}
		x.widths[uint32(first+i)] = num(f.Resolve(o)) / 1000 * x.scale
	}
	if m, ok := number(f.Resolve(f.dict(x.dict["FontDescriptor"])["MissingWidth"])); ok && m > 0 {
		x.width = m / 1000
	}
}

// next reads the first code of a text.
func (x *font) next(s []byte) glyphCode {
	if !x.composite {
		c := s[0]
		g := glyphCode{size: 1, width: x.width, space: c == 32, code: uint32(c)}
		if w, ok := x.widths[uint32(c)]; ok {
			g.width = w
		}
		if x.toUnicode != nil {
			if t, ok := x.toUnicode.text(uint32(c)); ok {
				g.text = t
				return g
			}
		}
		g.text = x.names[c]
		return g
	}
	var code uint32
	var size int
	if x.codes != nil {
		code, size = x.codes.next(s)
	} else {
		code, size = x.set.next(s)
	}
	g := glyphCode{size: size, width: x.width, space: size == 1 && s[0] == 32, code: code}
	if w, ok := x.widths[code]; ok && !x.known {
		g.width = w
	}
	if x.toUnicode != nil {
		if t, ok := x.toUnicode.text(code); ok && t != "\x00" {
			g.text = t
			return g
		}
	}
	if x.known {
		g.text, _ = x.set.text(code, s[:size])
		if len(g.text) == 1 {
			g.width = x.width / 2
		}
	}
	return g
}

// glyphName returns what the name of a glyph stands for: uni4E2D, u4E2D, one, A.
func glyphName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	if s, ok := glyphNames[name]; ok {
		return s
	}
	if utf8.RuneCountInString(name) == 1 {
		return name
	}
	var digits string
	switch {
	case strings.HasPrefix(name, "uni") && len(name) == 7:
		digits = name[3:]
	case strings.HasPrefix(name, "u") && len(name) >= 5 && len(name) <= 7:
		digits = name[1:]
	default:
		return ""
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return ""
	}
	return string(rune(n))
}

// glyphNames are those of digits and of marks that stand in numbers and addresses (Adobe Glyph List).
var glyphNames = map[string]string{
	"space": " ", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
	"hyphen": "-", "minus": "-", "endash": "–", "emdash": "—", "period": ".", "comma": ",", "colon": ":", "semicolon": ";", "at": "@", "underscore": "_",
	"plus": "+", "slash": "/", "backslash": "\\", "parenleft": "(", "parenright": ")", "bracketleft": "[", "bracketright": "]", "asterisk": "*",
	"numbersign": "#", "percent": "%", "ampersand": "&", "quotesingle": "'", "quotedbl": "\"", "exclam": "!", "question": "?", "equal": "=",
	"less": "<", "greater": ">", "dollar": "$", "yen": "¥", "periodcentered": "·", "bullet": "•", "bar": "|", "asciitilde": "~", "grave": "`",
	"quoteleft": "‘", "quoteright": "’", "quotedblleft": "“", "quotedblright": "”", "braceleft": "{", "braceright": "}", "asciicircum": "^",
}
