package demo

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestRegistry(t *testing.T) {
	r, err := LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	level := map[string]Level{}
	for d, err := range Divisions() {
		if err != nil {
			t.Fatal(err)
		}
		level[d.Code] = d.Level
	}
	want := map[string]Level{"provincial": Province, "municipal": City, "county": County, "township": Township}
	for _, b := range r.Bodies {
		if level[b.Division] != want[b.Level] {
			t.Errorf("body %s: division %s is of level %d, the body is %s", b.Key, b.Division, level[b.Division], b.Level)
		}
		if !validUSCC(b.USCC) || b.USCC[2:8] != b.Division[:6] || b.USCC[:2] != "11" {
			t.Errorf("body %s: code %s is no code of a state organ in %s", b.Key, b.USCC, b.Division)
		}
	}
	for _, c := range r.Centres {
		if level[c.Division] == 0 {
			t.Errorf("centre %s: no division %s", c.Key, c.Division)
		}
	}
	for _, a := range r.Accounts {
		if level[a.Division] == 0 {
			t.Errorf("account %s: no division %s", a.Login, a.Division)
		}
		if a.Kind == "person" && !validID(a.Number) || a.Kind == "enterprise" && !validUSCC(a.Number) {
			t.Errorf("account %s: the check digit of %s is wrong", a.Login, a.Number)
		}
	}
}

// Every implementing body needs somebody who reviews and somebody else who decides, every window a clerk or an agent, and the three
// administrators are three people (三员分立).
func TestPostsAreFilled(t *testing.T) {
	r, err := LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	post := map[string]Post{}
	for _, p := range r.Posts {
		post[p.Key] = p
	}
	roles := map[string][]string{} // of a person
	holders := map[string]int{}    // of a body and role, or of a window
	for _, p := range r.People {
		for _, key := range p.Posts {
			roles[p.Login] = append(roles[p.Login], post[key].Role)
			holders[post[key].Body+" "+post[key].Role]++
			for _, w := range post[key].Windows {
				holders[w]++
			}
		}
	}
	served := map[string]bool{} // bodies, by some window
	for _, c := range r.Centres {
		for _, w := range c.Windows {
			for _, b := range w.Bodies {
				served[b] = true
			}
		}
	}
	for login, held := range roles {
		if len(held) != 1 {
			t.Errorf("%s holds %v: in the demo everybody has one post", login, held)
		}
	}
	for _, b := range r.Bodies {
		if b.Level == "provincial" || b.Kind == "data" || b.Kind == "supervision" {
			continue
		}
		if !served[b.Key] {
			t.Errorf("no window takes in what %s decides", b.Key)
		}
		for _, role := range []string{"reviewer", "head"} {
			if holders[b.Key+" "+role] == 0 {
				t.Errorf("%s has no %s", b.Key, role)
			}
		}
	}
	for _, c := range r.Centres {
		for _, w := range c.Windows {
			if strings.HasPrefix(w.Key, "anhui-") { // the provincial centre only shows where its bodies sit
				continue
			}
			if holders[w.Key] == 0 {
				t.Errorf("nobody sits at the window %s", w.Key)
			}
		}
	}
	for _, role := range []string{"system", "security", "audit"} {
		if holders["anhui-data "+role+"-administrator"] != 1 {
			t.Errorf("there isn't one %s administrator", role)
		}
	}
}

func TestBrokenRegistry(t *testing.T) {
	const body = "bodies: [{key: a, name: {zh-Hans: 甲, zh-Hant: 甲, en: A}, centre: c}]"
	const centre = "centres: [{key: c, body: a, name: {zh-Hans: 心, zh-Hant: 心, en: C}, windows: [{key: w, name: {zh-Hans: 窗, zh-Hant: 窗, en: W}, bodies: [a]}]}]"
	for name, c := range map[string]struct{ bodies, centres, people, want string }{
		"sound":          {body, centre, "", ""},
		"unknown key":    {"bodys: []", centre, "", "bodys"},
		"twice":          {body + "\n", centre, "posts: [{key: p, body: a, role: r}, {key: p, body: a, role: r}]\nroles: [{key: r, name: {zh-Hans: 岗, zh-Hant: 崗, en: R}}]", `post key "p" is empty or used twice`},
		"no centre":      {strings.Replace(body, "centre: c", "centre: x", 1), centre, "", `body a names the centre "x"`},
		"no body":        {body, strings.Replace(centre, "bodies: [a]", "bodies: [x]", 1), "", `window w names the body "x"`},
		"no post":        {body, centre, "people: [{login: l, name: {zh-Hans: 某, zh-Hant: 某, en: S}, posts: [x]}]", `person l names the post "x"`},
		"no role":        {body, centre, "posts: [{key: p, body: a, role: x}]", `post p names the role "x"`},
		"no principal":   {body, centre, "accounts: [{login: l, name: {zh-Hans: 某, zh-Hant: 某, en: S}, representative: x}]", `account l names the login "x"`},
		"no translation": {strings.Replace(body, ", en: A", "", 1), centre, "", "body a lacks a language"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadRegistry(fstest.MapFS{
				"bodies.yaml": {Data: []byte(c.bodies)}, "centres.yaml": {Data: []byte(c.centres)}, "people.yaml": {Data: []byte(c.people)},
			})
			if c.want == "" && err != nil {
				t.Fatal(err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// validUSCC checks GB 32100 by its definition: Σ value·3^i of the first 17 characters + check ≡ 0 (mod 31).
func validUSCC(code string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	if len(code) != 18 {
		return false
	}
	sum, weight := strings.IndexByte(alphabet, code[17]), 1
	for _, c := range []byte(code[:17]) {
		sum += strings.IndexByte(alphabet, c) * weight
		weight = weight * 3 % 31
	}
	return sum%31 == 0
}

// validID checks GB 11643 by its definition: Σ digit·2^(17-i) ≡ 1 (mod 11), X counting ten.
func validID(number string) bool {
	sum := 0
	for _, c := range []byte(number) {
		digit := int(c - '0')
		if c == 'X' {
			digit = 10
		}
		sum = (sum*2 + digit) % 11
	}
	return len(number) == 18 && sum == 1
}

func TestChecksOfTheTest(t *testing.T) {
	// The examples printed in the two standards, and the same with one character changed.
	if !validUSCC("91350100M000100Y43") || validUSCC("91350100M000100Y44") || !validID("11010519491231002X") || validID("110105194912310021") {
		t.Fatal("the check of the check digits is wrong")
	}
}
