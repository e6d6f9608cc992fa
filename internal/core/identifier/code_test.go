package identifier

import (
	"testing"
	"time"
)

func TestArea(t *testing.T) {
	for _, c := range []struct {
		in, code, prefix, parent string
		level                    Level
	}{
		{"34", "340000000000", "34", "", Province},
		{"3417", "341700000000", "3417", "340000000000", City},
		{"341702", "341702000000", "341702", "341700000000", County},
		{"341702003", "341702003000", "341702003", "341702000000", Township},
		{"341702003201", "341702003201", "341702003201", "341702003000", Village},
		{"340000000000", "340000000000", "34", "", Province},
		{"441900003000", "441900003000", "441900003", "441900000000", Township}, // Dongguan has no counties
		{"110101001001", "110101001001", "110101001001", "110101001000", Village},
		{"429004000000", "429004000000", "429004", "429000000000", County}, // Xiantao, under the province directly
	} {
		a, err := ParseArea(c.in)
		if err != nil || a.Code != c.code || a.Level() != c.level || a.Prefix() != c.prefix {
			t.Errorf("%s: %+v %v %s, %v", c.in, a, a.Level(), a.Prefix(), err)
			continue
		}
		parent, ok := a.Parent()
		if parent.Code != c.parent || ok != (c.parent != "") {
			t.Errorf("%s: parent %q, want %q", c.in, parent.Code, c.parent)
		}
		if ok && (!parent.Contains(a) || a.Contains(parent)) {
			t.Errorf("%s should lie in %s, and not the other way", a.Code, parent.Code)
		}
		if !a.Contains(a) || (Area{}).Contains(a) || a.Contains(Area{}) {
			t.Errorf("%s: contains itself %v, is in nothing %v", a.Code, a.Contains(a), (Area{}).Contains(a))
		}
	}
	village, err := ParseArea("341702003201")
	if err != nil {
		t.Fatal(err)
	}
	if city, ok := village.At(City); !ok || city.Code != "341700000000" {
		t.Errorf("city of %s = %+v, %v", village.Code, city, ok)
	}
	if _, ok := area(t, "3417").At(Village); ok {
		t.Error("a city lies in a village")
	}
	if (Area{}).Level() != 0 || (Area{}).Prefix() != "" {
		t.Error("the zero Area has a level")
	}
}

func area(t *testing.T, code string) Area {
	t.Helper()
	a, err := ParseArea(code)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestItemAndCaseCodes(t *testing.T) {
	const item = "11341702486344515H" + "4" + "000123045W00"
	got, err := ParseItemCode(item)
	if err != nil {
		t.Fatal(err)
	}
	basic := BasicCode{Code: "000123045W00", Province: "00", Type: "01", Department: "23", Main: "045", Sub: "W00"}
	if got.Body.Code != "11341702486344515H" || got.Level != 4 || got.Basic != basic {
		t.Errorf("read as %+v", got)
	}
	if again, err := NewItemCode(got.Body, 4, basic); err != nil || again != got {
		t.Errorf("made again as %+v, %v", again, err)
	}
	if b, err := ParseBasicCode("342017002001"); err != nil || b.Type.Name().En != "public service" || b.Province != "34" {
		t.Errorf("a local public service: %+v, %v", b, err)
	}

	n, err := ParseCaseNumber(item + "20240229" + "0017")
	if err != nil || n.Item != got || n.Serial != 17 || !n.Date.Equal(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("case read as %+v, %v", n, err)
	}
	day := time.Date(2024, 2, 29, 23, 0, 0, 0, time.FixedZone("CST", 8*3600))
	if again, err := NewCaseNumber(got, day, 17); err != nil || again.Number != item+"202402290017" {
		t.Errorf("case made as %+v, %v", again, err)
	}
	if again, err := NewCaseNumber(got, day, 10000); err == nil {
		t.Errorf("serial 10000 accepted: %+v", again)
	}
	if _, err := NewItemCode(got.Body, 7, basic); err == nil {
		t.Error("level 7 accepted")
	}
}

// Both numbers stand on the sites of their bodies (design/law § 1).
func TestIndexNumber(t *testing.T) {
	for _, c := range []struct {
		number string
		want   IndexNumber
	}{
		{"11341702486344515H/202110-00013", IndexNumber{Body: "11341702486344515H", Year: 2021, Month: 10, Serial: 13}},
		{"003110926/201510-00216", IndexNumber{Body: "003110926", Year: 2015, Month: 10, Serial: 216}},
	} {
		c.want.Number = c.number
		if got, err := ParseIndexNumber(c.number); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", c.number, got, err)
		}
	}
	body, err := ParseUSCC("11341702486344515H")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := NewIndexNumber(body, 2021, time.October, 13); err != nil || got.Number != "11341702486344515H/202110-00013" {
		t.Errorf("made %+v, %v", got, err)
	}
}

// ISO 7064 MOD 37-2: the vector of the python-stdnum manual; hyphens do not count.
func TestMod37(t *testing.T) {
	for s, want := range map[string]byte{"G123489654321": 'Y', "G1234-8965-4321": 'Y'} {
		if got := mod37(s); got != want {
			t.Errorf("%s: %c, want %c", s, got, want)
		}
	}
}

// tradeSample has its check character from a separate Python program that tries all 37 against the definition of ISO 7064.
const tradeSample = "A0111341702486344515H-20180901-0000014"

func TestTradeCode(t *testing.T) {
	code := tradeSample
	c, err := ParseTradeCode(code)
	if err != nil {
		t.Fatal(err)
	}
	if c.Class != "A01" || c.Body.Code != "11341702486344515H" || c.Serial != 1 || c.Date.Format(time.DateOnly) != "2018-09-01" {
		t.Errorf("read as %+v", c)
	}
	if again, err := NewTradeCode("A01", c.Body, c.Date, 1); err != nil || again != c {
		t.Errorf("made again as %+v, %v", again, err)
	}
	for i := range code {
		if code[i] < '0' || code[i] > '9' {
			continue
		}
		slip := code[:i] + string('0'+(code[i]-'0'+1)%10) + code[i+1:]
		if _, err := ParseTradeCode(slip); err == nil {
			t.Errorf("%s passes for %s", slip, code)
		}
	}
	if _, err := NewTradeCode("A1", c.Body, c.Date, 1); err == nil {
		t.Error("class A1 accepted")
	}
}

func TestContacts(t *testing.T) {
	for number, mobile := range map[string]bool{
		"13800138000": true, "19912345678": true, "010-12345678": false, "01012345678": false, "0551-62602114": false,
		"05662022222": false, "0566-2022222": false, "02087654321": false,
	} {
		if p, err := ParsePhone(number); err != nil || p.Mobile != mobile {
			t.Errorf("%s: %+v, %v", number, p, err)
		}
	}
	for card, source := range map[string]string{
		"6200000000000005": "UnionPay test card of Stripe", "6205500000000000004": "the same, 19 digits", "4111111111111111": "the usual Visa test card",
	} {
		if err := CheckBankCard(card); err != nil {
			t.Errorf("%s (%s): %v", card, source, err)
		}
	}
	for _, plate := range []string{"皖A12345", "京AD12345", "皖B1234警", "粤Z1234港", "沪A1234学", "川A8H5K2"} {
		if err := CheckPlate(plate); err != nil {
			t.Errorf("%s: %v", plate, err)
		}
	}
}
