package identity

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vectors of RFC 4226, appendix D: the secret is the text 12345678901234567890.
func TestHOTP(t *testing.T) {
	secret := []byte("12345678901234567890")
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := hotp(secret, uint64(counter)); got != want {
			t.Errorf("counter %d: %s, want %s", counter, got, want)
		}
	}
}

// The vectors of RFC 6238, appendix B, for SHA-1; of the eight digits there the last six.
func TestTOTP(t *testing.T) {
	secret, err := hex.DecodeString("3132333435363738393031323334353637383930")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		step, ok := matchTOTP(secret, want, time.Unix(at, 0), 0)
		if !ok || step != at/30 {
			t.Errorf("at %d: step %d, %t", at, step, ok)
		}
	}
}

// A code counts in its own step and in those beside it, and not once a later or the same one was used.
func TestTOTPWindow(t *testing.T) {
	secret := []byte("12345678901234567890")
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Int64Range(10, 1<<32).Draw(t, "step")
		off := rapid.Int64Range(-4, 4).Draw(t, "off")
		used := rapid.Int64Range(step-3, step+3).Draw(t, "used")
		code := hotp(secret, uint64(step))
		now := time.Unix((step+off)*30+rapid.Int64Range(0, 29).Draw(t, "second"), 0)
		got, ok := matchTOTP(secret, code, now, used)
		// What may match: the steps of the window that bear these digits and were not used. It is the one step, or two once in a million.
		var may []int64
		for s := step + off - 1; s <= step+off+1; s++ {
			if s > used && hotp(secret, uint64(s)) == code {
				may = append(may, s)
			}
		}
		if inWindow := off >= -1 && off <= 1 && step > used; inWindow && !slices.Contains(may, step) {
			t.Fatalf("step %d, off %d, used %d: the model is wrong: %v", step, off, used, may)
		}
		if ok != (len(may) > 0) || ok && !slices.Contains(may, got) {
			t.Fatalf("step %d, off %d, used %d: %d, %t; want one of %v", step, off, used, got, ok, may)
		}
	})
}

func TestTOTPURI(t *testing.T) {
	u, err := url.Parse(totpURI("开放大厅 a", "xu.wangshu", "JBSWY3DPEHPK3PXP"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/开放大厅 a:xu.wangshu" {
		t.Errorf("%v, %v", u, err)
	}
	if q := u.Query(); q.Get("secret") != "JBSWY3DPEHPK3PXP" || q.Get("issuer") != "开放大厅 a" || q.Get("digits") != "6" || q.Get("period") != "30" {
		t.Errorf("%v", q)
	}
}

func TestTypedCode(t *testing.T) {
	for typed, want := range map[string]string{"123 456": "123456", "１２３４５６": "123456", "abcde-fghij": "ABCDEFGHIJ", "ａｂ－１": "AB1", "　": ""} {
		if got := typedCode(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func FuzzTypedCode(f *testing.F) {
	f.Add("123 456")
	f.Add("ａｂｃ－ｄ")
	f.Fuzz(func(t *testing.T, typed string) {
		once := typedCode(typed)
		if twice := typedCode(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", typed, once, twice)
		}
		matchTOTP([]byte("12345678901234567890"), once, time.Unix(59, 0), 0)
	})
}

// The user agents are those that the browsers document.
func TestDeviceOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                                   "computer/chrome",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":                     "computer/edge",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                            "computer/firefox",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1":           "phone/safari",
		"Mozilla/5.0 (Linux; Android 15; x) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50": "phone/wechat",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1":                    "tablet/safari",
		"curl/8.0": "other/other", "": "other/other",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
	if d := parseDevice("rubbish"); d.Kind != "other" || d.Browser != "other" {
		t.Errorf("%+v", d)
	}
}

func TestCommonPasswords(t *testing.T) {
	list, err := openCommon()
	if err != nil {
		t.Fatal(err)
	}
	long := 0
	last := ""
	for word := range strings.SplitSeq(strings.TrimSuffix(list.text, "\n"), "\n") {
		if word <= last {
			t.Fatalf("%q stands after %q", word, last)
		}
		if last = word; len(word) >= minPassword {
			long++
		}
		if !list.has(word) {
			t.Fatalf("%q is on the list and not found", word)
		}
	}
	// ASVS 5.0, 6.2.4: at least the top 3000 of those that match the policy.
	if long < 3000 {
		t.Errorf("%d passwords match the policy", long)
	}
	for password, want := range map[string]bool{
		"password": true, "PassWord123": true, "football2024!": true, "qwertyuiop": true, "!!!iloveyou!!!": true, "sunshinedragon": true,
		"riverside-lantern-82": false, "清河岸边有三棵柳树": false, "k7vq2m": false, "": false, "zzzzz": false,
	} {
		if got := list.holds(password); got != want {
			t.Errorf("%s: %t", password, got)
		}
	}
}
