package pdf

import "math"

// Area returns how large the picture is drawn, in square points.
func (i Image) Area() float64 { return math.Abs(i.To[0]*i.To[3] - i.To[1]*i.To[2]) }

// Role says what a dictionary is for, as far as it matters for what its strings say.
type Role int

// The roles.
const (
	Other      Role = iota
	Annotation      // notes, links, form fields
	Outline         // bookmarks
)

// RoleOf tells the role of an object.
func RoleOf(d Dict) Role {
	switch {
	case d["Rect"] != nil && d["Subtype"] != nil, d["FT"] != nil, d["Type"] == Name("Annot"):
		return Annotation
	case d["Title"] != nil && d["Parent"] != nil:
		return Outline
	}
	return Other
}

// mute are keys whose strings say nothing about anybody: identifiers, keys, names of character sets.
var mute = map[Name]bool{
	"ID": true, "O": true, "U": true, "OE": true, "UE": true, "Perms": true, "CharSet": true, "Registry": true, "Ordering": true, "Lang": true,
	"CreationDate": true, "ModDate": true, "M": true, "DA": true, "Panose": true, "CIDSet": true, "Lookup": true, "Style": true, "CheckSum": true,
	"Cert": true, "FontFamily": true, "ByteRange": true, "IDTree": true, "DestOutputProfile": true, "ColorSpace": true,
}

// Strings collects the texts of an object and of those inside it, without following references.
func Strings(o Object, depth int, each func(string)) {
	if depth > 20 {
		return
	}
	switch v := o.(type) {
	case String:
		if s := v.Text(); printable(s) {
			each(s)
		}
	case Array:
		if len(v) > 1 && v[0] == Name("Indexed") {
			return
		}
		for _, x := range v {
			Strings(x, depth+1, each)
		}
	case Dict:
		if v["Type"] == Name("Sig") || v["ByteRange"] != nil { // Contents is a signature
			for _, k := range [...]Name{"Name", "Reason", "Location", "ContactInfo"} {
				Strings(v[k], depth+1, each)
			}
			return
		}
		for k, x := range v {
			if !mute[k] {
				Strings(x, depth+1, each)
			}
		}
	case *Stream:
		Strings(v.Dict, depth+1, each)
	}
}

// printable leaves out what is no text.
func printable(s string) bool {
	if len(s) < 2 {
		return false
	}
	bad := 0
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '�' {
			bad++
		}
	}
	return bad*8 < len(s)
}
