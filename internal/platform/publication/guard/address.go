package guard

import (
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
)

// maxAddress is how many characters of an address are read.
const maxAddress = 90

// addressMarks are the characters of which an address has at least one.
const addressMarks = "省市县縣区區镇鎮乡鄉街路道村组組号號社巷弄室栋棟幢楼樓苑园園屯庄莊寨湾灣队隊"

// livesAt reports whether the single character 住 at an offset begins where somebody lives: 张三，男，住棠溪镇石门高村12号.
func (s *scanner) livesAt(at int) bool {
	next := after(s.text, at+len("住"))
	if strings.ContainsRune("房院宅建宿户戶民保改址所客店在进進地持了过過", next) || next == 0 {
		return next == '址' || next == '所'
	}
	prev := before(s.text, at)
	return prev == 0 || !isHan(prev) || strings.ContainsRune("人均现現", prev) || s.onLine(sayRole) || s.onLine(sayName)
}

// addressAfter looks for an address behind a word.
func (s *scanner) addressAfter(at int, w word) {
	start := skipRemark(s.text, at)
	from := skipDelimiters(s.text, start)
	for _, lead := range [...]string{"在", "于"} {
		from += len(lead) * b2i(strings.HasPrefix(s.text[from:], lead))
	}
	end := addressEnd(s.text, from)
	a := s.text[from:end]
	below := belowTownship(a)
	if below == "" || !strings.ContainsAny(a, addressMarks) {
		return
	}
	person := max(s.seen[sayRole], s.seen[sayName], s.seen[sayID])
	body := s.near(sayOffice, at, reachFar) && s.seen[sayOffice] >= s.line && s.seen[sayOffice] > person
	f := Finding{Kind: Address, From: from, To: end, Mask: identifier.MaskAddress(a), Confidence: Certain, Why: ByWord}
	switch {
	case body || officeAddress(a):
		return
	case w.is == sayHome:
		if w.text == "住" {
			f.Confidence = Likely
			if len(a) < 12 || !strings.ContainsAny(below, "村组組号號室栋幢路巷屯庄寨") {
				return
			}
		}
	case person >= s.line && at-person <= 2*reachFar || s.near(sayID, at, reachFar):
		f.Confidence = Likely
	case strings.ContainsAny(below, "室组組") || strings.Contains(below, "单元"):
		f.Confidence, f.Why = Possible, OtherMeaning
	default:
		return
	}
	s.add(f)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// officeAddress reports whether an address is that of a body by its own words: 政务服务中心3楼302室.
func officeAddress(a string) bool {
	for _, w := range [...]string{"中心", "大厅", "窗口", "办公", "局", "委员会", "政府", "公司", "法院", "银行", "学校", "医院", "大厦", "服务站", "派出所", "党群", "居委会", "村委会"} {
		if strings.Contains(a, w) {
			return true
		}
	}
	return false
}

// belowTownship returns what of an address lies below the township.
func belowTownship(a string) string {
	head, _ := strings.CutSuffix(identifier.MaskAddress(a), "***")
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(a), head))
}

// addressEnd returns where the address that begins at an offset ends.
func addressEnd(text string, from int) int {
	end, at, figures, broken := from, from, 0, false
	number := from // where the address ended before the figures that it ends with
	for n := 0; at < len(text) && n < maxAddress; n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		b := narrow(r)
		switch {
		case b != 0:
			if figures++; figures == 1 {
				number = end
			}
			if figures >= 7 { // a telephone number
				return number
			}
		case isHan(r):
			figures = 0
			if w, ok := words.at(text, at, r); ok && endsAddress(w) {
				return end
			}
		case r == '-' || r == '—' || r == '－' || r == '#' || r == '、' && figures > 0 || r == '·':
			figures = 0
		case r == '（' || r == '(' || r == '）' || r == ')':
			figures = 0
		case invisible(r):
		case r == '\n' && end > from && !broken && at-lastLine(text, at) >= reachNear && continues(text, at+1): // a line that was wrapped
			broken = true
		case blank(r): // an address goes on after a blank where figures or a word for a part of one come
			if !goesOn(text, at+size) {
				return end
			}
		case r == '*' && figures > 0: // of a number that was masked
			return number
		default:
			return end
		}
		at += size
		if r != '（' && r != '(' && r != '、' && !blank(r) && r != '-' && r != '\n' {
			end = at
		}
	}
	return end
}

// lastLine returns where the line begins that an offset lies in, looking back no further than a line is long.
func lastLine(text string, at int) int {
	for i := at; i > 0 && at-i < reachFar; i-- {
		if text[i-1] == '\n' {
			return i
		}
	}
	return max(0, at-reachFar)
}

// continues reports whether a line begins with the rest of an address: a mark of one comes before anything else but characters and digits.
func continues(text string, at int) bool {
	for n := 0; n < 16 && at < len(text); n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case n > 0 && strings.ContainsRune("镇鎮乡鄉街路道村组組号號巷弄室栋棟幢屯庄莊寨", r):
			return true
		case !isHan(r) && narrow(r) == 0:
			return false
		}
		at += size
	}
	return false
}

// endsAddress reports whether a word tells something else than where.
func endsAddress(w word) bool {
	switch w.is {
	case sayID, sayPhone, sayHomePhone, sayName, sayAccount, sayMail, sayPlate, sayPaper, sayContact, sayOfficePhone, sayDuty, sayNumber, sayOfficeMail,
		sayBodyAccount, sayPublic:
		return true
	default:
		return false
	}
}

// goesOn reports whether what follows a blank still belongs to an address: a short stretch that holds one of its marks.
func goesOn(text string, at int) bool {
	figures := 0
	for n := 0; n < 12 && at < len(text); n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch b := narrow(r); {
		case b != 0 && b <= '9':
			figures++
		case strings.ContainsRune("路街巷弄号號室栋棟幢村组組楼樓", r):
			return n > 0 && figures < 7
		case !isHan(r) && r != '-':
			return false
		}
		at += size
	}
	return false
}

// room looks for a home without a word before it, at the mark of its last part (室, 号): 幸福小区3栋501室, 石门村高上组12号.
func (s *scanner) room(at int, mark rune) {
	b := narrow(before(s.text, at))
	if b == 0 || b > '9' {
		return
	}
	from := max(s.line, at-120)
	for from < at && !utf8.RuneStart(s.text[from]) {
		from++
	}
	part := s.text[from:at]
	var inner int
	switch mark {
	case '室':
		inner = lastOf(part, "栋", "棟", "幢", "座", "单元", "單元", "号楼", "號樓")
	default:
		inner = lastOf(part, "组", "組", "村民组", "队", "屯")
		if inner >= 0 && !strings.Contains(part[:inner], "村") {
			inner = -1
		}
	}
	if inner < 0 || len(part)-inner > 30 {
		return
	}
	begin := 0
	for i := 0; i < inner; {
		r, size := utf8.DecodeRuneInString(part[i:])
		if !isHan(r) && narrow(r) == 0 && r != '-' && r != '#' {
			i += size
			begin = i
			continue
		}
		if w, ok := words.at(part, i, r); ok && (endsAddress(w) || w.is == sayHome || w.is == sayPlace || w.is == sayRole) {
			begin = max(begin, i+len(w.text))
		}
		i += size
	}
	for _, w := range [...]string{"位于", "坐落于", "坐落在", "居住在", "住在"} {
		if i := strings.LastIndex(part[begin:inner], w); i >= 0 {
			begin += i + len(w)
		}
	}
	from += begin
	end := at + len(string(mark))
	a := s.text[from:end]
	if len(a) < 18 || officeAddress(a) || s.onLine(sayOffice) || s.onLine(sayOfficePhone) || belowTownship(a) == "" {
		return
	}
	f := Finding{Kind: Address, From: from, To: end, Mask: identifier.MaskAddress(a), Confidence: Likely, Why: ByForm}
	if !s.onLine(sayRole) && !s.onLine(sayName) && !s.onLine(sayID) {
		f.Confidence = Possible
	}
	s.add(f)
}

// lastOf returns where the last of several words begins, or -1.
func lastOf(s string, of ...string) int {
	last := -1
	for _, w := range of {
		last = max(last, strings.LastIndex(s, w))
	}
	return last
}
