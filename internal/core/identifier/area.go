package identifier

import (
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Level is the level of a division, from the province down.
type Level int

// The levels of divisions that have codes.
const (
	Province Level = iota + 1 // 省级, 2 digits
	City                      // 地级, 4
	County                    // 县级, 6
	Township                  // 乡级, 9
	Village                   // 村级, 12
)

// levelEnds are the numbers of digits after which the part of each level ends.
var levelEnds = [...]int{Province: 2, City: 4, County: 6, Township: 9, Village: 12}

// Name returns the level in words.
func (l Level) Name() lang.Text {
	switch l {
	case Province:
		return lang.Text{Hans: "省级", Hant: "省級", En: "province"}
	case City:
		return lang.Text{Hans: "地级", Hant: "地級", En: "city"}
	case County:
		return lang.Text{Hans: "县级", Hant: "縣級", En: "county"}
	case Township:
		return lang.Text{Hans: "乡级", Hant: "鄉級", En: "township"}
	case Village:
		return lang.Text{Hans: "村级", Hant: "村級", En: "village"}
	default:
		return lang.Text{}
	}
}

// Area is the code of a division (行政区划代码): 12 digits, 2+2+2+3+3 for province, city, county (GB/T 2260), township
// (GB/T 10114) and village, zeros for the levels below its own. The zero Area is none.
type Area struct {
	Code string
}

// ParseArea reads an area code of 12 digits, or its beginning of 2, 4, 6 or 9 digits with nothing after. The error is an *Error.
// It checks the form, not whether the division exists: that is the registry's to know.
func ParseArea(s string) (Area, error) {
	shape := "dddddddddddd"
	switch n := len(s); n {
	case 2, 4, 6, 9:
		shape = shape[:n]
	}
	if err := match(KindArea, s, shape); err != nil {
		if err.Code == CodeLength {
			err = wrongLength(KindArea, "2, 4, 6, 9, 12", len([]rune(s)))
		}
		return Area{}, err
	}
	if err := checkProvince(KindArea, s, 0); err != nil {
		return Area{}, err
	}
	code := s + strings.Repeat("0", 12-len(s))
	// A township may hang on a city that has no counties (441900003000 in Dongguan); every other level needs the one above.
	for _, gap := range []struct{ from, to, below int }{{2, 4, 4}, {6, 9, 9}} {
		if zero(code[gap.from:gap.to]) && !zero(code[gap.below:]) {
			return Area{}, faultAt(KindArea, CodeArea, gap.from+1, '0', lang.Text{
				Hans: "起全为 0，下级却不为 0：缺了上级区划的代码，请核对", Hant: "起全為 0，下級卻不為 0：缺了上級區劃的代碼，請核對",
				En: "begins a level of zeros above a level that is not: the code of the division above is missing",
			})
		}
	}
	return Area{code}, nil
}

func zero(digits string) bool { return strings.Trim(digits, "0") == "" }

// Level returns the lowest level whose part is not zero; 0 for the zero Area.
func (a Area) Level() Level {
	if len(a.Code) != 12 {
		return 0
	}
	for l := Village; l > Province; l-- {
		if !zero(a.Code[levelEnds[l-1]:levelEnds[l]]) {
			return l
		}
	}
	return Province
}

// Prefix returns the digits that the codes of all divisions below begin with: 34 for 340000000000.
func (a Area) Prefix() string {
	if len(a.Code) != 12 {
		return ""
	}
	return a.Code[:levelEnds[a.Level()]]
}

// At returns the division of the given level that the area lies in, itself included, and whether there is one.
func (a Area) At(l Level) (Area, bool) {
	if l < Province || l > a.Level() || l > Province && zero(a.Code[levelEnds[l-1]:levelEnds[l]]) {
		return Area{}, false
	}
	end := levelEnds[l]
	return Area{a.Code[:end] + strings.Repeat("0", 12-end)}, true
}

// Parent returns the division next above, and whether there is one: a province has none.
func (a Area) Parent() (Area, bool) {
	for l := a.Level() - 1; l >= Province; l-- {
		if p, ok := a.At(l); ok {
			return p, true
		}
	}
	return Area{}, false
}

// Contains reports whether b is a or lies in it.
func (a Area) Contains(b Area) bool {
	return len(a.Code) == 12 && strings.HasPrefix(b.Code, a.Prefix())
}
