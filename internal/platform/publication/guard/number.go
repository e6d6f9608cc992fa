package guard

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/identifier"
)

// The years in which bearers of identity numbers were born.
const (
	firstBirth = 1880
	lastBirth  = 2049
)

// provinces reports whether two digits begin the area code of a province, or of a residence permit (83; 9 and then the province).
func provinces(v []byte) bool {
	a, b := v[0], v[1]
	if a == '9' {
		a, b = v[1], v[2]
	}
	switch a {
	case '1':
		return b >= '1' && b <= '5'
	case '2':
		return b >= '1' && b <= '3'
	case '3':
		return b >= '1' && b <= '7'
	case '4':
		return b >= '1' && b <= '6'
	case '5':
		return b >= '0' && b <= '4'
	case '6':
		return b >= '1' && b <= '5'
	case '7':
		return b == '1'
	case '8':
		return b >= '1' && b <= '3'
	}
	return false
}

func two(v []byte, at int) int { return int(v[at]-'0')*10 + int(v[at+1]-'0') }

// birth returns the date that eight digits are, if somebody may have been born on it.
func birth(year, month, day int) (time.Time, bool) {
	if year < firstBirth || year > lastBirth || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day
}

// citizen judges 18 characters: whether they have the form of an identity number, and whether the check character agrees.
func citizen(v []byte) (form, check bool) {
	if !provinces(v) {
		return false, false
	}
	for _, b := range v[:17] {
		if b == 'X' {
			return false, false
		}
	}
	born, ok := birth(two(v, 6)*100+two(v, 8), two(v, 10), two(v, 12))
	if !ok {
		return false, false
	}
	_, err := identifier.ParseIDCard(string(v), born)
	var fault *identifier.Error
	if errors.As(err, &fault) && fault.Code != identifier.CodeCheck {
		return false, false
	}
	return true, err == nil
}

// idCard recognises identity numbers of 18 characters (GB 11643), with type and degree behind on a certificate of disability.
func (s *scanner) idCard(d *digits, k int) (Finding, int) {
	if k+18 > len(d.val) {
		return Finding{}, 0
	}
	v := d.val[k : k+18]
	form, check := citizen(v)
	n, end := 18, d.ends(k+18)
	mask := identifier.MaskID(string(v))
	switch {
	case check && !end:
		rest := d.group(k+17) - (k + 18)
		switch {
		case rest == 2 && d.val[k+18] >= '1' && d.val[k+18] <= '7' && d.val[k+19] >= '1' && d.val[k+19] <= '4':
			n, mask = 20, mask[:14]+"******"
		case rest == 11 && isMobile(d.val[k+18:]): // two numbers without anything between
		case rest == 18 && isCitizen(d.val[k+18:k+36]):
		case v[17] == 'X':
		default:
			return Finding{}, 0
		}
	case check:
		if s.isBody(v, d.from[k]) {
			return Finding{}, 18
		}
	}
	said := s.said(sayID, d, k, n)
	if check && !said && k == 0 && caseNumber(s.text[:d.from[k]]) {
		return Finding{}, 18
	}
	switch {
	case check:
		s.nameBefore(d.from[k])
		return d.finding(IDCard, k, n, mask, Certain, ByCheck), n
	case !end || s.glued(d, k, n) && !said || s.starred(d, k, n):
		return Finding{}, 0
	}
	sh := d.shape(k, n)
	if !sh.whole() && !sh.is(6, 8, 4) && !sh.is(6, 4, 4, 4) && !sh.is(3, 3, 8, 4) || identifierOfThing(s, d.from[k]) && !said {
		return Finding{}, 0
	}
	switch {
	case said && s.near(sayID, d.from[k], reachNear) && !s.isBody(v, d.from[k]), said && form:
		return d.finding(IDCard, k, n, mask, Likely, WrongCheck), n
	case form && sh.lines == 0:
		return d.finding(IDCard, k, n, mask, Possible, WrongCheck), n
	}
	return Finding{}, 0
}

// starred reports whether asterisks stand beside the n digits from index k on: they are what is left of a number that was masked.
func (s *scanner) starred(d *digits, k, n int) bool {
	return k == 0 && before(s.text, d.from[k]) == '*' || k+n == len(d.val) && after(s.text, d.to[k+n-1]) == '*'
}

func isCitizen(v []byte) bool {
	_, check := citizen(v)
	return check
}

// caseNumber reports whether 18 digits behind a text are rather the number of a case: two capitals name the register, and a place, a day and a
// running number follow (YK340100202603020001), of which one in eleven has the check digit of an identity number.
func caseNumber(head string) bool {
	capital := func(b byte) bool { return 'A' <= b && b <= 'Z' }
	n := len(head)
	if n < 2 || !capital(head[n-1]) || !capital(head[n-2]) {
		return false
	}
	register := head[n-2:]
	return register != "ID" && register != "NO" && (n == 2 || head[n-3] >= utf8.RuneSelf || !isLetter(rune(head[n-3])))
}

// isBody reports whether 18 digits are rather the unified social credit code of a body: those are public.
func (s *scanner) isBody(v []byte, at int) bool {
	if s.lastOf(at, reachNear, sayNumber, sayID) != sayNumber {
		return false
	}
	_, err := identifier.ParseUSCC(string(v))
	return err == nil
}

// identifierOfThing reports whether the closest word before says that the number is one of a thing.
func identifierOfThing(s *scanner, at int) bool {
	return s.lastOf(at, reachNear, sayNumber, sayID, sayPhone, sayHomePhone, sayAccount, sayPaper) == sayNumber
}

// said reports whether a word of the class, or the heading of the column, announces the n digits from index k on.
func (s *scanner) said(c class, d *digits, k, n int) bool {
	at := d.from[k]
	if s.column(at) == c {
		return true
	}
	return s.near(c, at, reachFar) && !(s.near(sayNumber, at, 15) && s.seen[sayNumber] > s.seen[c])
}

// oldIDCard recognises identity numbers of the first generation: 15 digits without a check character.
func (s *scanner) oldIDCard(d *digits, k int) (Finding, int) {
	const n = 15
	if k+n > len(d.val) || !d.ends(k+n) || d.val[k+n-1] == 'X' {
		return Finding{}, 0
	}
	v := d.val[k : k+n]
	if !provinces(v) || v[0] == '9' {
		return Finding{}, 0
	}
	if _, ok := birth(1900+two(v, 6), two(v, 8), two(v, 10)); !ok {
		return Finding{}, 0
	}
	sh := d.shape(k, n)
	if !sh.whole() && !sh.is(6, 6, 3) || s.glued(d, k, n) || s.amount(d, k, n) || s.starred(d, k, n) {
		return Finding{}, 0
	}
	mask := identifier.MaskID(string(v))
	switch {
	case s.said(sayID, d, k, n):
		return d.finding(IDCard, k, n, mask, Likely, ByWord), n
	case identifierOfThing(s, d.from[k]) || sh.lines > 0:
		return Finding{}, 0
	}
	return d.finding(IDCard, k, n, mask, Possible, OtherMeaning), n
}

// isMobile reports whether eleven digits begin like a mobile number that the ministry has given out.
func isMobile(v []byte) bool {
	if v[0] != '1' {
		return false
	}
	switch v[1] {
	case '3', '8':
		return true
	case '4':
		return v[2] != '2' && v[2] != '3'
	case '5':
		return v[2] != '4'
	case '6':
		return v[2] == '2' || v[2] == '5' || v[2] == '6' || v[2] == '7'
	case '7':
		return v[2] != '9'
	case '9':
		return v[2] != '4'
	}
	return false
}

// mobile recognises mobile numbers, with the code of the country before or without.
func (s *scanner) mobile(d *digits, k int) (Finding, int) {
	lead := 0
	switch rest := d.val[k:]; {
	case len(rest) >= 13 && rest[0] == '8' && rest[1] == '6' && rest[2] == '1':
		lead = 2
	case len(rest) >= 15 && rest[0] == '0' && rest[1] == '0' && rest[2] == '8' && rest[3] == '6':
		lead = 4
	}
	if f, n := s.mobileAt(d, k, lead); n > 0 {
		return f, n
	}
	return Finding{}, 0
}

func (s *scanner) mobileAt(d *digits, k, lead int) (Finding, int) {
	n, at := lead+11, k+lead
	if k+n > len(d.val) || !isMobile(d.val[at:]) {
		return Finding{}, 0
	}
	end := d.ends(k + n)
	if !end && !(d.group(k)-k == 29 && len(d.val) >= k+29 && isCitizen(d.val[k+11:k+29])) {
		return Finding{}, 0
	}
	for _, b := range d.val[at : at+11] {
		if b == 'X' {
			return Finding{}, 0
		}
	}
	said := s.said(sayPhone, d, k, n) || s.said(sayHomePhone, d, k, n)
	sh := d.shape(at, 11)
	switch {
	case sh.whole():
	case sh.is(3, 4, 4), sh.is(3, 8), sh.is(7, 4), sh.is(4, 3, 4), sh.is(3, 3, 5), sh.is(5, 6), sh.is(3, 2, 3, 3), sh.is(4, 4, 3):
		if sh.sep == dot && !sh.is(3, 4, 4) {
			return Finding{}, 0
		}
	case sh.singles(11) && (said || at == 0 && k+n == len(d.val)):
	case said && s.near(sayPhone, d.from[k], reachNear) && sh.count <= 4:
	default:
		return Finding{}, 0
	}
	mask := identifier.MaskPhone(string(d.val[at : at+11]))
	if lead > 0 {
		mask = "+86 " + mask
	}
	f := d.finding(Mobile, k, n, mask, Likely, ByForm)
	if lead > 0 {
		f.From = plusBefore(s.text, f.From)
	}
	switch {
	case sh.lines > 0 && !said && !s.wrapped(d.from[k]):
		return Finding{}, 0
	case after(s.text, f.To) == '@':
		return Finding{}, n // part of a mail address
	case said:
		f.Confidence, f.Why = Certain, ByWord
	case s.glued(d, k, n):
		return Finding{}, 0
	case s.amount(d, k, n):
		return Finding{}, n
	case sh.count > 1 && sh.lines == 0 && k+n < len(d.val) && d.gap[k+n] == sh.sep && d.group(k+n)-(k+n) != 3 && d.group(k+n)-(k+n) != 11,
		identifierOfThing(s, d.from[k]), d.gap[k] == hyphen || k+n < len(d.val) && d.gap[k+n] == hyphen, d.gap[k] == dot:
		f.Confidence, f.Why = Possible, OtherMeaning
	}
	if f.Confidence > Possible {
		s.nameBefore(f.From)
	}
	return f, n
}

// plusBefore takes the + of the code of the country along.
func plusBefore(text string, at int) int {
	switch {
	case at >= 1 && text[at-1] == '+':
		return at - 1
	case at >= 3 && text[at-3:at] == "＋":
		return at - 3
	}
	return at
}

// wrapped reports whether the line that an offset lies in is one of running text, which is broken anywhere.
func (s *scanner) wrapped(at int) bool { return at-s.line >= reachNear }

// bankCard recognises cards by issuer and Luhn's formula.
func (s *scanner) bankCard(d *digits, k int) (Finding, int) {
	if !issuer(d.val[k:]) {
		return Finding{}, 0
	}
	for n := 19; n >= 16; n-- {
		if k+n > len(d.val) || !d.ends(k+n) || d.val[k+n-1] == 'X' {
			continue
		}
		sh := d.shape(k, n)
		if !sh.whole() && !sh.fours() && !sh.is(6, n-6) && !sh.singles(n) && !sh.is(6, 4, 4, n-14) {
			continue
		}
		v := string(d.val[k : k+n])
		union := v[:2] == "62"
		if !union && n != 16 {
			continue
		}
		luhn := identifier.CheckBankCard(v) == nil
		said := s.said(sayAccount, d, k, n)
		f := d.finding(BankCard, k, n, identifier.MaskBankCard(v), Certain, ByCheck)
		switch {
		case s.glued(d, k, n) || s.amount(d, k, n):
			return Finding{}, n
		case luhn && said:
		case luhn && (identifierOfThing(s, d.from[k]) || sh.lines > 0 && !s.wrapped(d.from[k])):
			f.Confidence, f.Why = Possible, OtherMeaning
		case luhn:
			f.Confidence = Likely
		case said && union && !s.ofBody(d.from[k]) && !s.starred(d, k, n):
			f.Confidence, f.Why = Likely, WrongCheck
		default:
			continue
		}
		return f, n
	}
	return Finding{}, 0
}

// issuer reports whether digits begin like those of an issuer: 62 UnionPay, 4 Visa, 51–55 and 2221–2720 Mastercard, 35 JCB.
func issuer(v []byte) bool {
	if len(v) < 16 {
		return false
	}
	switch v[0] {
	case '6':
		return v[1] == '2'
	case '4':
		return true
	case '5':
		return v[1] >= '1' && v[1] <= '5'
	case '3':
		return v[1] == '5'
	}
	return false
}

// ofBody reports whether the account spoken of is a body's: where fines and bonds are paid to must be public.
func (s *scanner) ofBody(at int) bool {
	person := max(s.seen[sayRole], s.seen[sayName], s.seen[sayID])
	return s.near(sayBodyAccount, at, reachFar) && s.seen[sayBodyAccount] > person ||
		s.near(sayOffice, at, reachFar) && s.onLine(sayOffice) && s.seen[sayOffice] > person
}

// account recognises account and card numbers of any form directly after the word for one.
func (s *scanner) account(d *digits, k int) (Finding, int) {
	at := d.from[k]
	column := s.column(at) == sayAccount
	if !column && (!s.near(sayAccount, at, 24) || s.lastOf(at, 24, sayAccount, sayNumber, sayPhone, sayID) != sayAccount) || s.ofBody(at) {
		return Finding{}, 0
	}
	n := d.group(k) - k
	for k+n < len(d.val) && (d.gap[k+n] == space || d.gap[k+n] == hyphen) && n < 21 { // grouped
		n += d.group(k+n) - (k + n)
	}
	if n < 12 || n > 23 {
		return Finding{}, 0
	}
	if !column && !s.onLine(sayRole) && !s.onLine(sayName) && bodyAhead(s.text, d.to[k+n-1]) {
		return Finding{}, n
	}
	v := string(d.val[k : k+n])
	if s.starred(d, k, n) || strings.Contains(v, "X") {
		return Finding{}, 0
	}
	return d.finding(BankCard, k, n, identifier.MaskBankCard(v), Likely, ByWord), n
}

// landline recognises fixed lines of persons. Those of offices are public, and most that stand in documents are of offices.
func (s *scanner) landline(d *digits, k int) (Finding, int) {
	at := d.from[k]
	home := s.near(sayHomePhone, at, reachNear) && s.lastOf(at, reachNear, sayHomePhone, sayOfficePhone, sayNumber) == sayHomePhone
	role := max(s.seen[sayRole], s.seen[sayName])
	private := home || role >= s.line && at-role <= reachFar && s.seen[sayOfficePhone] < role && s.seen[sayOffice] < role &&
		s.seen[sayContact] < role && s.near(sayPhone, at, reachNear)
	if !private || d.val[k] == 'X' {
		return Finding{}, 0
	}
	for _, n := range [...]int{12, 11, 10, 8, 7} {
		if k+n > len(d.val) || !d.ends(k+n) {
			continue
		}
		v := string(d.val[k : k+n])
		sh := d.shape(k, n)
		if s.starred(d, k, n) || strings.Contains(v, "X") {
			continue
		}
		if n <= 8 {
			if !home || v[0] == '0' || v[0] == '1' || !sh.whole() && !sh.is(4, 4) && !sh.is(3, 4) {
				continue
			}
			return d.finding(Landline, k, n, maskTail(v), Likely, ByWord), n
		}
		if _, err := identifier.ParsePhone(v); err != nil || v[0] != '0' || v[1] == '0' || sh.count > 3 {
			continue
		}
		f := d.finding(Landline, k, n, identifier.MaskPhone(v), Likely, ByWord)
		if home {
			f.Confidence = Certain
		}
		return f, n
	}
	return Finding{}, 0
}
