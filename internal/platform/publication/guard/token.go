package guard

import (
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
)

// latin are words in Latin letters that announce something.
var latin = map[string]class{
	"TEL": sayPhone, "PHONE": sayPhone, "MOBILE": sayPhone, "MOB": sayPhone, "CELL": sayPhone, "FAX": sayOfficePhone, "ID": sayID,
	"EMAIL": sayMail, "MAIL": sayMail, "ISBN": sayNumber, "ISSN": sayNumber, "CN": sayNumber, "NO": sayNumber, "SN": sayNumber, "NAME": sayName,
}

// token reads the letters at an offset.
func (s *scanner) token(at int) int {
	var word [8]byte
	n, end := 0, at
	for end < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[end:])
		b := narrow(r)
		if b <= '9' {
			break
		}
		if n < len(word) {
			word[n] = b &^ 0x20 // the capital
		}
		n++
		end += size
	}
	if n >= 2 && n < len(word) {
		if is, ok := latin[string(word[:n])]; ok {
			s.seen[is] = end
		}
	}
	return end
}

// chineseDigit returns the digit that a character writes, or 0.
func chineseDigit(r rune) byte {
	switch r {
	case '〇', '零', '○', '洞':
		return '0'
	case '一', '壹', '幺':
		return '1'
	case '二', '贰', '貳', '两':
		return '2'
	case '三', '叁', '參':
		return '3'
	case '四', '肆':
		return '4'
	case '五', '伍':
		return '5'
	case '六', '陆', '陸':
		return '6'
	case '七', '柒', '拐':
		return '7'
	case '八', '捌':
		return '8'
	case '九', '玖', '勾':
		return '9'
	}
	return 0
}

// spoken recognises mobile and identity numbers that are written in words: 一三八〇〇〇〇〇〇〇一.
func (s *scanner) spoken(at int) int {
	var v [18]byte
	n, end := 0, at
	for end < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[end:])
		b := chineseDigit(r)
		if b == 0 {
			if invisible(r) && n > 0 {
				end += size
				continue
			}
			break
		}
		if n < len(v) {
			v[n] = b
		}
		n++
		end += size
	}
	switch {
	case n == 11 && isMobile(v[:]):
		s.add(Finding{Kind: Mobile, From: at, To: end, Mask: identifier.MaskPhone(string(v[:11])), Confidence: Likely, Why: ByForm})
	case n == 18 && isCitizen(v[:]):
		s.add(Finding{Kind: IDCard, From: at, To: end, Mask: identifier.MaskID(string(v[:])), Confidence: Certain, Why: ByCheck})
	}
	return end
}

// plateSigns are the names of provinces on number plates, as bits: nearly every character of a text is asked for.
var plateSigns = func() (bits [1024]uint64) {
	for _, r := range "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新晉遼滬蘇閩贛魯粵瓊貴雲陝寧" {
		bits[r>>6] |= 1 << (r & 63)
	}
	return bits
}()

// platePrefix reports whether a character is the name of a province on a number plate.
func platePrefix(r rune) bool { return r <= 0xffff && plateSigns[r>>6]&(1<<(r&63)) != 0 }

// plates in traditional characters are checked by their simplified ones.
var simplifiedPlate = strings.NewReplacer("晉", "晋", "遼", "辽", "滬", "沪", "蘇", "苏", "閩", "闽", "贛", "赣", "魯", "鲁", "粵", "粤", "瓊", "琼", "貴", "贵", "雲", "云", "陝", "陕", "寧", "宁")

// plate recognises a number plate at an offset whose character, of the given size, names a province.
func (s *scanner) plate(at, size int) int {
	next := at + size
	var bare [16]byte
	n, digit := 0, false
	tail := ""
	end, stop := next, next
	for i := next; i < len(s.text) && n < 9 && tail == ""; {
		r, w := utf8.DecodeRuneInString(s.text[i:])
		b := narrow(r)
		switch {
		case b != 0:
			if b >= 'a' {
				b &^= 0x20
			}
			if n == 0 && b <= '9' {
				return next
			}
			digit = digit || b <= '9' && n > 0
			bare[n] = b
			n++
			end = i + w
		case n == 5 && strings.ContainsRune("挂学警港澳掛學", r):
			tail = map[rune]string{'掛': "挂", '學': "学"}[r]
			if tail == "" {
				tail = string(r)
			}
			end = i + w
		case invisible(r):
		case n == 1 && end == i && (strings.ContainsRune("·•.・‧・- ", r) || r == 0x3000):
		default:
			i = len(s.text)
			continue
		}
		i += w
		stop = end
	}
	if n < 5 || n > 7 || !digit {
		return next
	}
	v := simplifiedPlate.Replace(s.text[at:next]) + string(bare[:n]) + tail
	if identifier.CheckPlate(v) != nil || n == 7 && !strings.ContainsRune("ABCDEFGHJK", rune(bare[1])) && !strings.ContainsRune("ABCDEFGHJK", rune(bare[6])) {
		return next
	}
	f := Finding{Kind: Plate, From: at, To: stop, Confidence: Likely, Why: ByForm}
	f.Mask = s.text[at:next] + string(bare[:1]) + strings.Repeat("*", n-3+len(tail)/3) + string(bare[n-2:n])
	if tail != "" {
		f.Mask = s.text[at:next] + string(bare[:1]) + strings.Repeat("*", n-2) + string(bare[n-1:n]) + tail
	}
	switch {
	case s.near(sayPlate, at, reachNear):
		f.Confidence, f.Why = Certain, ByWord
	case placeBefore(s.text, at), s.near(sayNumber, at, 15), after(s.text, stop) == '-':
		return next
	}
	s.add(f)
	return stop
}

// placeBefore reports whether the character before makes the name of a place of the province's: 北京A12345 is a thing of Beijing's.
func placeBefore(text string, at int) bool {
	switch before(text, at) {
	case '北', '南', '东', '東', '天', '长', '長', '四', '内', '安', '西', '辽', '海':
		return true
	}
	return false
}

const (
	maxLocal  = 64
	maxDomain = 120
)

// mail recognises a mail address around an @ of the given size.
func (s *scanner) mail(at, size int) {
	from, domain, end := at, "", at+size
	for n := 0; from > 0 && n < maxLocal; n++ {
		r, w := utf8.DecodeLastRuneInString(s.text[:from])
		if narrow(r) == 0 && !strings.ContainsRune("._%+-．＿", r) && !invisible(r) {
			break
		}
		from -= w
	}
	for from < at { // not from punctuation on
		r, w := utf8.DecodeRuneInString(s.text[from:])
		if narrow(r) != 0 {
			break
		}
		from += w
	}
	var b strings.Builder
	for i := at + size; i < len(s.text) && b.Len() < maxDomain; {
		r, w := utf8.DecodeRuneInString(s.text[i:])
		c := narrow(r)
		switch {
		case c != 0:
			b.WriteByte(c)
			end = i + w
		case r == '.' || r == '．' || r == '-':
			b.WriteRune(map[rune]rune{'．': '.', '.': '.', '-': '-'}[r])
		case !invisible(r):
			i = len(s.text)
			continue
		}
		i += w
	}
	domain = strings.TrimRight(b.String(), ".-")
	local := strings.TrimSpace(s.text[from:at])
	dotAt := strings.LastIndexByte(domain, '.')
	if local == "" || dotAt < 1 || len(domain)-dotAt < 3 || strings.ContainsAny(domain[dotAt:], "0123456789") {
		return
	}
	lower := strings.ToLower(domain)
	f := Finding{Kind: Email, From: from, To: end, Mask: maskMail(local, domain), Confidence: Likely, Why: ByForm}
	person := max(s.seen[sayRole], s.seen[sayName], s.seen[sayID])
	switch {
	case strings.HasSuffix(lower, ".gov.cn") || lower == "gov.cn" || before(s.text, from) == '*' || before(s.text, from) == '/':
		return
	case person >= s.line && at-person <= reachFar:
		f.Confidence, f.Why = Certain, ByWord
	case s.near(sayOfficeMail, at, reachFar) || strings.HasSuffix(lower, ".edu.cn") || strings.HasSuffix(lower, ".org.cn"):
		return
	case s.onLine(sayOffice) && s.near(sayOffice, at, reachFar), s.onLine(sayOfficePhone), bodyAhead(s.text, end):
		f.Confidence, f.Why = Possible, OtherMeaning
	}
	s.add(f)
}

// bodyAhead reports whether a body is named shortly after an offset on the same line.
func bodyAhead(text string, at int) bool {
	rest := lineAt(text, at)
	if len(rest) > 90 {
		rest = rest[:90]
	}
	for i, r := range rest {
		if w, ok := words.at(rest, i, r); ok && w.is == sayOffice {
			return true
		}
	}
	return false
}

// paperAfter recognises the number of a certificate directly after the word for it: E12345678, 南字第1234567号.
func (s *scanner) paperAfter(at int) {
	for _, w := range [...]string{"号码", "編號", "编号", "号", "號"} {
		if strings.HasPrefix(s.text[at:], w) {
			at += len(w)
			break
		}
	}
	i := skipDelimiters(s.text, at)
	if i == at && narrow(after(s.text, at)) == 0 {
		return
	}
	from := i
	for n := 0; n < 4 && i < len(s.text); n++ { // 南字第
		r, w := utf8.DecodeRuneInString(s.text[i:])
		if !isHan(r) {
			break
		}
		i += w
		if r == '第' {
			from = i
			break
		}
	}
	if from < i {
		return
	}
	i = from
	n, figures, letters := 0, 0, 0
	end := i
	for i < len(s.text) {
		r, w := utf8.DecodeRuneInString(s.text[i:])
		b := narrow(r)
		switch {
		case b != 0:
			if b > '9' {
				letters++
			} else {
				figures++
			}
			n++
			end = i + w
		case invisible(r), r == '-' && n > 0, blank(r) && n > 0 && n == letters:
		default:
			i = len(s.text)
			continue
		}
		i += w
	}
	if figures < 5 || n > 24 || letters > 6 || after(s.text, end) == '*' {
		return
	}
	v := make([]byte, 0, 24)
	for _, r := range s.text[from:end] {
		if b := narrow(r); b != 0 {
			v = append(v, b)
		}
	}
	if n == 18 && letters == 0 && isCitizen(v) || n == 18 && figures == 17 { // its own kind
		return
	}
	s.add(Finding{Kind: Certificate, From: from, To: end, Mask: maskTail(string(v)), Confidence: Certain, Why: ByWord})
}

// skipDelimiters passes over what stands between a word and what it announces.
func skipDelimiters(text string, at int) int {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case blank(r), invisible(r), r == ':', r == '：', r == '“', r == '"', r == '「', r == '_', r == '\t', r == '为' && at > 0, r == '是', r == '|':
		default:
			return at
		}
		at += size
	}
	return at
}
