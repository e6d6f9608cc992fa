package identifier

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// today is the day of the tests.
var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestUSCC(t *testing.T) {
	for _, c := range []struct{ code, orgCode, source string }{
		{"91350100M000100Y43", "M000100Y-4", "GB 32100-2015, the standard's example"},
		{"11341702486344515H", "48634451-5", "a district government in Anhui, index number on its site"},
		{"91330100799655058B", "79965505-8", "Alibaba (China), public register"},
		{"9144030071526726XG", "71526726-X", "Tencent, public register"},
		{"91110000802100433B", "80210043-3", "Baidu Online, public register"},
		{"914403001922038216", "19220382-1", "Huawei, public register"},
	} {
		u, err := ParseUSCC(c.code)
		if err != nil {
			t.Errorf("%s (%s): %v", c.code, c.source, err)
			continue
		}
		o, err := ParseOrgCode(u.OrgCode)
		if err != nil || o.String() != c.orgCode {
			t.Errorf("%s: organisation code %v, %v, want %s", c.code, o, err, c.orgCode)
		}
		again, err := NewUSCC(u.Registrar, u.Category, u.Area, u.OrgCode[:8])
		if err != nil || again.Code != c.code {
			t.Errorf("%s made again as %s, %v", c.code, again.Code, err)
		}
	}
	u, err := ParseUSCC("11341702486344515H")
	if err != nil || u.Registrar != '1' || u.Category != '1' || u.Area != "341702" || u.RegistrarName().Hans != "机构编制" {
		t.Errorf("parts %+v, %v", u, err)
	}
}

func TestOrgCode(t *testing.T) {
	for code, source := range map[string]string{
		"D2143569-X": "GB 11714-1997, the standard's example",
		"00311092-6": "a city government in Anhui, index number of 2015 on its site",
		"003110926":  "the same without the hyphen",
		"11111111-7": "worked out by hand: the weights sum to 48, 11 − 48 mod 11 = 7",
		"00000000-0": "worked out by hand: 11 − 0 = 11, which is written 0",
	} {
		o, err := ParseOrgCode(code)
		if err != nil || strings.ReplaceAll(code, "-", "") != o.Code {
			t.Errorf("%s (%s): %+v, %v", code, source, o, err)
		}
	}
}

// GB 32100's check counts modulo the prime 31 with weights that differ from place to place: it finds every single wrong
// character and every swap of two neighbours that differ.
func TestUSCCFindsSlips(t *testing.T) {
	area := rapid.StringMatching(`[1-6][1-5][0-9]{4}`)
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9A-HJ-NP-RTUWXY]{8}`).Draw(t, "body")
		u, err := NewUSCC('9', '1', area.Draw(t, "area"), body)
		if err != nil {
			t.Fatal(err)
		}
		for i := range u.Code {
			for _, c := range usccSet {
				if slip := u.Code[:i] + string(c) + u.Code[i+1:]; slip != u.Code {
					if _, err := ParseUSCC(slip); err == nil {
						t.Fatalf("%s passes for %s", slip, u.Code)
					}
				}
			}
			if i == 0 || u.Code[i] == u.Code[i-1] {
				continue
			}
			if _, err := ParseUSCC(u.Code[:i-1] + u.Code[i:i+1] + u.Code[i-1:i] + u.Code[i+1:]); err == nil {
				t.Fatalf("%s passes with places %d and %d swapped", u.Code, i, i+1)
			}
		}
	})
}

// GB 11714 finds every wrong digit and every swap of neighbouring digits; a letter may pass for the one 11 further on, and that
// is a property of the standard.
func TestOrgCodeFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[0-9]{8}`).Draw(t, "body")
		code := body + string(orgCodeCheck(body))
		if _, err := ParseOrgCode(code); err != nil {
			t.Fatal(err)
		}
		for i := range body {
			for _, c := range digitSet {
				if slip := code[:i] + string(c) + code[i+1:]; slip != code {
					if _, err := ParseOrgCode(slip); err == nil {
						t.Fatalf("%s passes for %s", slip, code)
					}
				}
			}
			if i > 0 && code[i] != code[i-1] {
				if _, err := ParseOrgCode(code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]); err == nil {
					t.Fatalf("%s passes with places %d and %d swapped", code, i, i+1)
				}
			}
		}
	})
	// D2143569-X with D (13) and with 2 (13 − 11) in the first place.
	if _, err := ParseOrgCode("22143569-X"); err != nil {
		t.Errorf("modulo 11, 2 and D are the same: %v", err)
	}
}
