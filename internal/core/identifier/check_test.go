package identifier

import (
	"fmt"
	"strings"
	"testing"
)

func TestCheckNamesTheParts(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		value string
		want  string // name=value(meaning), in English
	}{
		{KindUSCC, "11341702486344515H",
			"unified social credit code=11341702486344515H registrar=1(public staffing office) registrar's area=341702 organisation code=48634451-5"},
		{KindIDCard, "11010519491231002X", "area=110105 birth date=1949-12-31 sex=2(female)"},
		{KindOrgCode, "003110926", "organisation code=00311092-6"},
		{KindArea, "341702", "area code=341702000000 level=3(county) parent=341700000000"},
		{KindArea, "34", "area code=340000000000 level=1(province)"},
		{KindBasic, "000123045W00", "basic item code=000123045W00 type=01(licence)"},
		{KindItem, "11341702486344515H4000123045W00",
			"item code=11341702486344515H4000123045W00 body=11341702486344515H level=4(county) basic item code=000123045W00 type=01(licence)"},
		{KindIndex, "003110926/201510-00216", "body=003110926 month=2015-10 serial=216"},
		{KindPhone, "13800138000", "mobile=13800138000"},
		{KindPhone, "0551-62602114", "fixed line=055162602114"},
		{KindBankCard, "6200000000000005", ""},
		{KindPlate, "皖A12345", ""},
	} {
		parts, err := Check(c.kind, c.value, today)
		if err != nil {
			t.Errorf("%s %s: %v", c.kind, c.value, err)
			continue
		}
		var got []string
		for _, p := range parts {
			s := p.Name.En + "=" + p.Value
			if !p.Meaning.IsZero() {
				s += "(" + p.Meaning.En + ")"
			}
			got = append(got, s)
			if !p.Name.Complete() || !p.Meaning.IsZero() && !p.Meaning.Complete() {
				t.Errorf("%s: a language is missing in %+v", c.kind, p)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s %s:\n%s, want\n%s", c.kind, c.value, s, c.want)
		}
	}
	parts, err := Check(KindTrade, tradeSample, today)
	if err != nil || len(parts) != 7 || parts[0].Value != "A01" || parts[5].Value != "2018-09-01" || parts[6].Value != "1" {
		t.Errorf("trade code: %+v, %v", parts, err)
	}
	parts, err = Check(KindCase, "11341702486344515H4000123045W00202402290017", today)
	if err != nil || len(parts) != 7 || parts[5].Value != "2024-02-29" || parts[6].Value != "17" {
		t.Errorf("case number: %+v, %v", parts, err)
	}
}

// Eleven types of items and six levels (design/law § 7), twelve registrars (GB 32100 with its first amendment).
func TestCodeTables(t *testing.T) {
	types, levels, registrars := 0, 0, 0
	for i := range 100 {
		if name := ItemType(fmt.Sprintf("%02d", i)).Name(); name.Complete() {
			types++
		} else if !name.IsZero() {
			t.Errorf("type %02d lacks a language", i)
		}
		if name := LevelName(i); name.Complete() {
			levels++
		} else if !name.IsZero() {
			t.Errorf("level %d lacks a language", i)
		}
	}
	for _, c := range []byte(usccSet) {
		if name := (USCC{Registrar: c}).RegistrarName(); name.Complete() {
			registrars++
		} else if !name.IsZero() {
			t.Errorf("registrar %c lacks a language", c)
		}
	}
	if types != 11 || levels != 6 || registrars != 12 {
		t.Errorf("%d types, %d levels, %d registrars, want 11, 6, 12", types, levels, registrars)
	}
	for level := Province; level <= Village; level++ {
		if !level.Name().Complete() {
			t.Errorf("level %d lacks a language", level)
		}
	}
	if !Level(0).Name().IsZero() {
		t.Error("level 0 has a name")
	}
}
