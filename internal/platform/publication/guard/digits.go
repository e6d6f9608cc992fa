package guard

import (
	"strings"
	"unicode/utf8"
)

// gap is what stands before a digit of a run.
type gap byte

const (
	noGap   gap = 0
	space   gap = ' '
	hyphen  gap = '-'
	dot     gap = '.'
	bracket gap = ')'
	newLine gap = '\n'
)

// digits is a run of digits with what may stand between those of one number; an X may be the last.
type digits struct {
	val      []byte // '0'–'9' and 'X'
	from, to []int  // offsets in the text
	gap      []gap
}

// maxBlanks is how many blanks in a row may stand inside a number.
const maxBlanks = 8

// collect appends the digits of a text from an offset on, up to the end of the line, at most limit of them.
func (d *digits) collect(text string, at int, first gap, limit int) {
	g := first
	blanks := 0
	for at < len(text) && len(d.val) < limit {
		r, size := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[at:])
		}
		b := narrow(r)
		switch {
		case b >= '0' && b <= '9':
			d.push(b, at, size, g)
			g, blanks = noGap, 0
		case b == 'X' || b == 'x':
			if len(d.val) < 3 || narrow(after(text, at+size)) > '9' || g != noGap && len(d.val) < 17 {
				return
			}
			d.push('X', at, size, g)
			if b = narrow(after(text, at+size)); b == 0 { // figures directly behind belong to the next number
				return
			}
			g = noGap
		case invisible(r):
		case blank(r):
			if blanks++; blanks > maxBlanks {
				return
			}
			if g == noGap {
				g = space
			}
		case g != noGap && g != space:
			return
		case r == '-' || r == '－' || r >= '‐' && r <= '―' || r == '−':
			g = hyphen
		case r == '.':
			g = dot
		case r == ')' || r == '）':
			g = bracket
		default:
			return
		}
		at += size
	}
}

func (d *digits) push(b byte, at, size int, g gap) {
	d.val = append(d.val, b)
	d.from = append(d.from, at)
	d.to = append(d.to, at+size)
	d.gap = append(d.gap, g)
}

func (d *digits) clear() {
	d.val, d.from, d.to, d.gap = d.val[:0], d.from[:0], d.to[:0], d.gap[:0]
}

// keep drops all but the last n digits.
func (d *digits) keep(n int) {
	k := len(d.val) - n
	d.val = append(d.val[:0], d.val[k:]...)
	d.from = append(d.from[:0], d.from[k:]...)
	d.to = append(d.to[:0], d.to[k:]...)
	d.gap = append(d.gap[:0], d.gap[k:]...)
}

// keepFirst drops all but the first n digits.
func (d *digits) keepFirst(n int) {
	d.val, d.from, d.to, d.gap = d.val[:n], d.from[:n], d.to[:n], d.gap[:n]
}

// ends reports whether a group of digits ends before index k.
func (d *digits) ends(k int) bool { return k == len(d.val) || d.gap[k] != noGap }

// group returns the index behind the group that k lies in.
func (d *digits) group(k int) int {
	for k++; k < len(d.val) && d.gap[k] == noGap; k++ {
	}
	return k
}

// shape writes the lengths of the groups of n digits from k on, such as "3-4-4", with the one separator between them; mixed is '?'.
// A group that goes on beyond is counted only as far as n.
type shape struct {
	sizes [24]int
	count int
	sep   gap  // noGap for one group
	mixed bool // separators differ
	lines int  // line breaks inside
}

func (d *digits) shape(k, n int) shape {
	var s shape
	s.count = 1
	for i := k; i < k+n; i++ {
		if i > k && d.gap[i] != noGap {
			switch g := d.gap[i]; {
			case g == newLine:
				s.lines++
			case s.sep == noGap:
				s.sep = g
			case s.sep != g:
				s.mixed = true
			}
			if s.count == len(s.sizes) {
				s.mixed = true
				return s
			}
			s.count++
		}
		s.sizes[s.count-1]++
	}
	return s
}

// is reports whether the groups have these sizes.
func (s *shape) is(sizes ...int) bool {
	if s.count != len(sizes) {
		return false
	}
	for i, n := range sizes {
		if s.sizes[i] != n {
			return false
		}
	}
	return true
}

// whole reports one group, or one that a line break cut.
func (s *shape) whole() bool { return s.count == 1 || s.count == 2 && s.lines == 1 }

// singles reports digits that all stand alone.
func (s *shape) singles(n int) bool { return s.count == n && !s.mixed }

// fours reports groups of four, the last of which may be shorter.
func (s *shape) fours() bool {
	if s.count < 4 || s.mixed {
		return false
	}
	for i := range s.count - 1 {
		if s.sizes[i] != 4 {
			return false
		}
	}
	return s.sizes[s.count-1] <= 4
}

// number judges the run of digits that begins at an offset, and returns where to go on.
func (s *scanner) number(at int) int {
	d := &s.run1
	d.clear()
	d.collect(s.text, at, noGap, 1<<20)
	end := d.to[len(d.val)-1]
	below, cut := s.continued(end)
	if cut {
		if f, k := s.cutInTwo(d, below, true); k >= 0 { // an identity number by its check character: nothing else comes first
			d.keepFirst(k)
			s.judge(d, 0, 0)
			return s.nextLine(f, below)
		}
	}
	n := len(d.val)
	next := s.judge(d, 0, 0)
	if !cut || next == n || n-next > 18 {
		return end
	}
	d.keep(n - next)
	if f, k := s.cutInTwo(d, below, false); k >= 0 {
		return s.nextLine(f, below)
	}
	return end
}

// nextLine takes a finding that goes on in the next line, and returns where to go on.
func (s *scanner) nextLine(f Finding, below int) int {
	s.add(f)
	s.startLine(strings.LastIndexByte(s.text[:below], '\n') + 1)
	return f.To
}

// cutInTwo looks for a number that begins in the last digits of a line and ends in the next line, whose first digit stands at below. It returns
// the index of the first of its digits in the run, or -1.
func (s *scanner) cutInTwo(d *digits, below int, checked bool) (Finding, int) {
	n := len(d.val)
	tail := &s.run2
	tail.clear()
	first := max(0, n-18)
	tail.val, tail.from, tail.to, tail.gap = append(tail.val, d.val[first:]...), append(tail.from, d.from[first:]...), append(tail.to, d.to[first:]...), append(tail.gap, d.gap[first:]...)
	cut := len(tail.val)
	tail.collect(s.text, below, newLine, cut+20)
	if len(tail.val) == cut {
		return Finding{}, -1
	}
	for k := 0; k < cut; k = tail.group(k) {
		if checked && (k+18 > len(tail.val) || k+18 <= cut || !tail.ends(k+18) || !isCitizen(tail.val[k:k+18])) {
			continue
		}
		if f, size := s.match(tail, k); size > cut-k && f.Kind != "" {
			return f, first + k
		}
	}
	return Finding{}, -1
}

// continued returns where the next line's first digit stands, if the line ends here and the next begins with one.
func (s *scanner) continued(at int) (int, bool) {
	breaks := 0
	for n := 0; at < len(s.text) && n < 2*maxBlanks; n++ {
		r, size := utf8.DecodeRuneInString(s.text[at:])
		switch {
		case r == '\n' && breaks == 0:
			breaks++
		case r == '\r' && breaks == 0, blank(r), invisible(r):
		default:
			b := narrow(r)
			return at, breaks == 1 && (b >= '0' && b <= '9' || b == 'X' || b == 'x')
		}
		at += size
	}
	return 0, false
}

// judge finds the numbers in a run from index k on and returns the index behind the last that was recognised.
func (s *scanner) judge(d *digits, k, matched int) int {
	for k < len(d.val) {
		f, n := s.match(d, k)
		if n == 0 {
			k = d.group(k)
			continue
		}
		if f.Kind != "" {
			s.add(f)
		}
		k += n
		matched = k
	}
	return matched
}

// match recognises the number that begins at index k of a run, where a group begins or a number has ended, and returns how many digits
// it has; 0 for none.
func (s *scanner) match(d *digits, k int) (Finding, int) {
	for _, try := range [...]func(*scanner, *digits, int) (Finding, int){
		(*scanner).idCard, (*scanner).mobile, (*scanner).bankCard, (*scanner).landline, (*scanner).oldIDCard, (*scanner).account,
	} {
		if f, n := try(s, d, k); n > 0 {
			return f, n
		}
	}
	return Finding{}, 0
}

// finding makes a finding of n digits from index k on.
func (d *digits) finding(kind Kind, k, n int, mask string, c Confidence, why Reason) Finding {
	return Finding{Kind: kind, From: d.from[k], To: d.to[k+n-1], Mask: mask, Confidence: c, Why: why}
}

// glued reports whether letters stand directly before or behind the n digits from index k on.
func (s *scanner) glued(d *digits, k, n int) bool {
	return k == 0 && isLetter(before(s.text, d.from[k])) || d.ends(k+n) && (k+n == len(d.val) || d.gap[k+n] == noGap) && isLetter(after(s.text, d.to[k+n-1]))
}

// units follow amounts directly.
const units = "元万萬亿億吨噸千百平立米公里升斤克度户戶人个個株头頭只隻台臺辆輛套份册册件次亩畝㎡%％℃倍期"

// amount reports whether the n digits from index k on are an amount: money or a quantity.
func (s *scanner) amount(d *digits, k, n int) bool {
	switch before(s.text, d.from[k]) {
	case '¥', '￥', '$', '＄', '€':
		return true
	case '.', ',':
		if d.gap[k] == noGap && k == 0 && digitBefore(s.text, d.from[k]) {
			return true
		}
	}
	end := d.to[k+n-1]
	r := after(s.text, end)
	if r == '.' || r == ',' {
		rest := s.text[end:]
		i := strings.IndexByte(rest, byte(r))
		return i+1 < len(rest) && rest[i+1] >= '0' && rest[i+1] <= '9'
	}
	if blank(r) {
		rest := strings.TrimLeft(s.text[end:min(len(s.text), end+16)], " \u3000\u00a0")
		for _, u := range [...]string{"元", "万元", "亿元", "千瓦", "公斤", "公里", "立方", "平方", "吨", "亩", "萬元", "億元"} {
			if strings.HasPrefix(rest, u) {
				return true
			}
		}
	}
	return r != 0 && strings.ContainsRune(units, r)
}

// digitBefore reports whether the punctuation before an offset follows a digit.
func digitBefore(text string, at int) bool {
	return at >= 2 && text[at-2] >= '0' && text[at-2] <= '9'
}
