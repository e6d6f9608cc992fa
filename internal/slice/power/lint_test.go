package power

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// sound loads testdata/sound, an item without a finding, for a test to spoil.
func sound(t *testing.T) (*Item, Surroundings) {
	t.Helper()
	c, err := Load(os.DirFS("testdata/sound"))
	if err != nil {
		t.Fatal(err)
	}
	text := lang.Text{Hans: "中心", Hant: "中心", En: "Centre"}
	offices := map[string]Office{"a-health": {Level: County, Place: text, Hours: text, Consult: "1", Complaint: "2"}}
	return &c.Items[0], Surroundings{
		Office:    func(body string) (Office, bool) { o, ok := offices[body]; return o, ok },
		Form:      formsOf(c),
		Procedure: func(key string) bool { return key == "general-licence" },
	}
}

// formsOf knows the forms of a catalogue by their keys.
func formsOf(c *Catalogue) func(string) error {
	return func(key string) error {
		if _, ok := c.Forms[key]; !ok {
			return ErrNoForm
		}
		return nil
	}
}

func TestSoundItemHasNoFinding(t *testing.T) {
	it, around := sound(t)
	if findings := Lint(it, today, around); len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
	if findings := Lint(it, today, Surroundings{}); len(findings) > 0 {
		t.Errorf("without surroundings: %v", findings)
	}
}

// Each row spoils one element and expects one finding and no other.
func TestLint(t *testing.T) {
	n, yes, no := -1, true, false
	two := 2
	text := lang.Text{Hans: "文", Hant: "文", En: "text"}
	for _, c := range []struct {
		name  string
		rule  string
		field string
		spoil func(*Item)
	}{
		{"no summary", "element.missing", "summary", func(it *Item) { it.Summary = lang.Text{} }},
		{"no source", "element.missing", "source", func(it *Item) { it.Source = "" }},
		{"no nature", "element.missing", "body-nature", func(it *Item) { it.BodyNature = "" }},
		{"no version", "element.missing", "version", func(it *Item) { it.Version = 0 }},
		{"no implementer", "element.missing", "implemented-by", func(it *Item) { it.By = nil }},
		{"no audience", "element.missing", "serves", func(it *Item) { it.Serves = nil }},
		{"no topic", "element.missing", "topics", func(it *Item) { it.Topics = nil }},
		{"no basis", "element.missing", "basis", func(it *Item) { it.Basis = nil }},
		{"no condition", "element.missing", "conditions", func(it *Item) { it.Conditions = nil }},
		{"no promise", "element.missing", "promised", func(it *Item) { it.Promised = Promise{} }},
		{"no procedure", "element.missing", "procedure", func(it *Item) { it.Procedure = "" }},
		{"no visits", "element.missing", "visits", func(it *Item) { it.Visits = nil }},
		{"no channel", "element.missing", "channels", func(it *Item) { it.Channels = nil }},
		{"no form", "element.missing", "form", func(it *Item) { it.Form = "" }},
		{"no material", "element.missing", "materials", func(it *Item) { it.Materials = nil }},
		{"not said whether charged", "element.missing", "charged", func(it *Item) { it.Charged = nil }},
		{"no result", "element.missing", "results", func(it *Item) { it.Results = nil }},
		{"not said whether in hall", "element.missing", "extended.in-hall", func(it *Item) { it.Extended.InHall = nil }},
		{"delegated by nobody", "element.delegator", "delegated-by", func(it *Item) { it.Source = Delegated }},
		{"two visits", "visits.many", "visits", func(it *Item) { it.Visits = &two }},
		{"visits below zero", "visits.negative", "visits", func(it *Item) { it.Visits = &n }},

		{"code too short", "code.form", "basic-code", func(it *Item) { it.BasicCode = "00012301" }},
		{"code with a small letter", "code.form", "basic-code", func(it *Item) { it.BasicCode = "00012300100a" }},
		{"local code too long", "code.form", "local-code", func(it *Item) { it.LocalCode = "3401230010000" }},
		{"code of another type", "code.type", "basic-code", func(it *Item) { it.BasicCode = "000723001000" }},
		{"type of another code", "code.type", "basic-code", func(it *Item) { it.Type = "10" }},
		{"unknown handling", "value.unknown", "handling", func(it *Item) { it.Handling = "3" }},
		{"unknown audience", "value.unknown", "serves", func(it *Item) { it.Serves = []Audience{"animal"} }},
		{"unknown channel", "value.unknown", "channels", func(it *Item) { it.Channels = []Channel{"pigeon"} }},
		{"unknown depth", "value.unknown", "extended.online-depth", func(it *Item) { it.Extended.OnlineDepth = "V" }},
		{"unknown result", "value.unknown", "results", func(it *Item) { it.Results[0].Kind = "cake" }},
		{"nameless result", "result.incomplete", "results", func(it *Item) { it.Results[0].Name = lang.Text{} }},
		{"name not translated", "text.translation", "name", func(it *Item) { it.Name.En = "" }},
		{"condition not translated", "text.translation", "conditions", func(it *Item) { it.Conditions[0].Hant = "" }},
		{"material not translated", "text.translation", "materials.application.name", func(it *Item) { it.Materials[0].Name.En = "" }},

		{"cancelled without a date", "cancel.undated", "cancelled", func(it *Item) { it.Status = Withdrawn }},
		{"cancelled before it began", "cancel.order", "cancelled.on", func(it *Item) {
			it.Effective = today + 10
			it.Cancelled = &Cancellation{On: today + 5, Reason: text, Basis: it.Basis[0]}
		}},
		{"cancelled for no reason", "cancel.reason", "cancelled", func(it *Item) { it.Cancelled = &Cancellation{On: today + 5, Basis: it.Basis[0]} }},
		{"cancelled yet in use", "cancel.status", "status", func(it *Item) {
			it.Cancelled = &Cancellation{On: today, Reason: text, Basis: it.Basis[0]}
		}},

		{"implementer of another level", "implementer.level", "implemented-by.a-health", func(it *Item) { it.Level = []Level{Municipal, County}; it.By[0].Level = Municipal }},
		{"level that the item lacks", "implementer.level", "implemented-by.a-health", func(it *Item) { it.Level = []Level{Municipal} }},
		{"unknown implementer", "implementer.unknown", "implemented-by.b-health", func(it *Item) { it.By[0].Body = "b-health" }},

		{"basis without a law", "basis.empty", "basis", func(it *Item) { it.Basis = append(it.Basis, LegalBasis{}) }},
		{"licence by a departmental rule", "basis.rank", "basis", func(it *Item) { it.Basis[0].Rank = DepartmentRule }},
		{"unread basis", "basis.unverified", "basis", func(it *Item) { it.Basis[0].Confidence = statute.Unverified }},
		{"basis of unknown confidence", "basis.confidence", "statutory.basis", func(it *Item) { it.Statutory.Basis.Confidence = "" }},
		{"term in money", "term.unit", "statutory.unit", func(it *Item) { it.Statutory.Unit = statute.Fen }},
		{"term by no law", "term.basis", "statutory.basis", func(it *Item) { it.Statutory.Basis = LegalBasis{} }},
		{"promise above the statute", "term.promise.exceeds", "promised", func(it *Item) { it.Promised.N = 21 }},
		{"promise in another unit", "term.promise.unit", "promised.unit", func(it *Item) { it.Promised.Unit = statute.CalendarDay }},
		{"on the spot in five days", "term.on-the-spot", "promised", func(it *Item) { it.Handling = OnTheSpot }},
		{"special without a ground", "special.ground", "special", func(it *Item) { it.Special = []Special{{}} }},

		{"material without a basis", "material.basis", "materials.application.basis", func(it *Item) { it.Materials[0].Basis = LegalBasis{} }},
		{"material without a format", "material.incomplete", "materials.application", func(it *Item) { it.Materials[0].Formats = nil }},
		{"material twice", "material.twice", "materials.application", func(it *Item) { it.Materials = append(it.Materials, it.Materials[0]) }},
		{"needed sometimes", "material.when", "materials.application.when", func(it *Item) { it.Materials[0].Need = Conditional }},
		{"shared yet asked for", "material.copies", "materials.application.copies", func(it *Item) { it.Materials[0].Origin = SharedByState }},
		{"material of unknown origin", "value.unknown", "materials.application.origin", func(it *Item) { it.Materials[0].Origin = "heaven" }},
		{"charged without a fee", "fee.charged", "charged", func(it *Item) { it.Charged = &yes }},
		{"free with a fee", "fee.charged", "charged", func(it *Item) {
			it.Charged = &no
			it.Fees = []Fee{{Name: text, Standard: text, Fen: 100, Basis: it.Basis[0]}}
		}},
		{"fee without a basis", "fee.basis", "fees.basis", func(it *Item) {
			it.Charged = &yes
			it.Fees = []Fee{{Name: text, Standard: text, Fen: 100}}
		}},
		{"negative fee", "fee.incomplete", "fees", func(it *Item) {
			it.Charged = &yes
			it.Fees = []Fee{{Name: text, Standard: text, Fen: -1, Basis: it.Basis[0]}}
		}},
		{"unknown procedure", "procedure.unknown", "procedure", func(it *Item) { it.Procedure = "dance" }},
		{"unknown form", "form.unknown", "form", func(it *Item) { it.Form = "none" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			it, around := sound(t)
			c.spoil(it)
			findings := Lint(it, today, around)
			if len(findings) != 1 || findings[0].Rule != c.rule || findings[0].Field != c.field {
				t.Fatalf("findings %v, want one of %s at %s", findings, c.rule, c.field)
			}
			f := findings[0]
			if !f.Message.Complete() || strings.Contains(f.Message.Hans+f.Message.Hant+f.Message.En, "%!") {
				t.Errorf("message: %+v", f.Message)
			}
			severe := f.Rule != "visits.many" && f.Rule != "basis.unverified"
			if Publishable(findings) == severe {
				t.Errorf("publishable: %v with %s", !severe, f)
			}
		})
	}
}

// Every mandatory element is missed when nothing is there.
func TestEmptyItemMissesEverything(t *testing.T) {
	missing := map[string]bool{}
	for _, f := range Lint(&Item{Key: "empty"}, today, Surroundings{}) {
		if f.Rule == "element.missing" {
			missing[f.Field] = true
		}
	}
	if len(missing) != 28 { // the elements marked * in the standard that belong to the item itself, and form, department, topics, summary, channels, materials
		t.Errorf("%d elements are missed: %v", len(missing), missing)
	}
}

func TestUnusableForm(t *testing.T) {
	it, around := sound(t)
	around.Form = func(string) error { return errors.New("property a: unknown format") }
	findings := Lint(it, today, around)
	if len(findings) != 1 || findings[0].Rule != "form.schema" || !strings.Contains(findings[0].Message.En, "property a: unknown format") {
		t.Errorf("findings %v, want form.schema with the reason", findings)
	}
}

func TestItemCode(t *testing.T) {
	it, _ := sound(t)
	body, err := identifier.ParseUSCC("91350100M000100Y43") // the example printed in GB 32100
	if err != nil {
		t.Fatal(err)
	}
	code, err := it.ItemCode(body, County)
	if err != nil || code.Code != "91350100M000100Y434000123001000" {
		t.Errorf("code %s, %v", code.Code, err)
	}
	if _, err := it.ItemCode(body, "galactic"); err == nil {
		t.Error("an unknown level makes a code")
	}
	it.BasicCode = "1"
	if _, err := it.ItemCode(body, County); err == nil {
		t.Error("a broken basic code makes a code")
	}
}

func TestOfficeElements(t *testing.T) {
	full := lang.Text{Hans: "中心", Hant: "中心", En: "Centre"}
	for rule, office := range map[string]Office{
		"implementer.place":   {Level: County, Place: full, Consult: "1", Complaint: "2"},
		"implementer.contact": {Level: County, Place: full, Hours: full, Consult: "1"},
		"implementer.level":   {Level: Municipal, Place: full, Hours: full, Consult: "1", Complaint: "2"},
	} {
		it, around := sound(t)
		around.Office = func(string) (Office, bool) { return office, true }
		if findings := Lint(it, today, around); len(findings) != 1 || findings[0].Rule != rule {
			t.Errorf("findings %v, want %s", findings, rule)
		}
	}
}

func TestCite(t *testing.T) {
	law := lang.Text{Hans: "建筑法", Hant: "建築法", En: "Construction Law"}
	for _, c := range []struct {
		article string
		tag     lang.Tag
		want    string
	}{
		{"8", lang.Hans, "《建筑法》第8条"},
		{"8(6)", lang.Hans, "《建筑法》第8条第（6）项"},
		{"8(6)", lang.Hant, "《建築法》第8條第（6）項"},
		{"8(6)", lang.En, "Construction Law, art. 8(6)"},
		{"", lang.Hans, "《建筑法》"},
		{"", lang.En, "Construction Law"},
	} {
		if got := (LegalBasis{Key: "c", Law: law, Article: c.article}).Cite(c.tag); got != c.want {
			t.Errorf("article %q in %s: %s, want %s", c.article, c.tag, got, c.want)
		}
	}
	if got := (LegalBasis{}).Cite(lang.Hans); got != "" {
		t.Errorf("no law cited as %q", got)
	}
}

// Each row breaks the sound catalogue in one place; the error names the file or the item, and what is wrong.
func TestBrokenCatalogue(t *testing.T) {
	for name, c := range map[string]struct{ file, from, to, want string }{
		"unknown key":     {"items/health.yaml", "version: 1", "verzion: 1", "items/health.yaml"},
		"repeated key":    {"items/health.yaml", "version: 1", "version: 1\n  version: 2", "already defined"},
		"wrong type":      {"items/health.yaml", "version: 1", "version: first", "items/health.yaml"},
		"impossible date": {"items/health.yaml", "version: 1", "version: 1\n  effective: 2026-02-30", "no such day"},
		"no key":          {"items/health.yaml", "- key: nurse", "- key: \"\"", "item 1 has no key"},
		"second document": {"items/health.yaml", "  charged: false", "---\n  charged: false", "one file holds one document"},
		"unknown law":     {"items/health.yaml", "law: nurses, article: \"7\"", "law: doctors, article: \"7\"", `item nurse cites the law "doctors"`},
		"unknown topic":   {"items/health.yaml", "topics: [health]", "topics: [wealth]", `item nurse stands under the topic "wealth"`},
		"unknown event":   {"items/health.yaml", "life-events: [job]", "life-events: [joy]", `item nurse stands under the life event "joy"`},
		"broken laws":     {"items/laws.yaml", "title:", "tittle:", "items/laws.yaml"},
		"empty labels":    {"items/labels.yaml", "", "", "items/labels.yaml: the file is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for _, file := range []string{"items/health.yaml", "items/laws.yaml", "items/labels.yaml", "forms/nurse.json"} {
				data, err := os.ReadFile("testdata/sound/" + file)
				if err != nil {
					t.Fatal(err)
				}
				if file == c.file {
					if c.from == "" {
						data = nil
					} else if !strings.Contains(string(data), c.from) {
						t.Fatalf("%s doesn't hold %q", file, c.from)
					}
					data = []byte(strings.Replace(string(data), c.from, c.to, 1))
				}
				fsys[file] = &fstest.MapFile{Data: data}
			}
			if _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	if _, err := Load(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "items/laws.yaml") {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestKeyTakenTwice(t *testing.T) {
	fsys := fstest.MapFS{
		"items/laws.yaml": {Data: []byte("{}")}, "items/labels.yaml": {Data: []byte("topics: []")},
		"items/a.yaml": {Data: []byte("- key: x")}, "items/b.yaml": {Data: []byte("- key: x")},
	}
	_, err := Load(fsys)
	if want := "items/b.yaml: the key x is taken by an item of items/a.yaml"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzLoad(f *testing.F) {
	data, err := os.ReadFile("testdata/sound/items/health.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("- key: x\n  materials: [{}]\n  fees: [{}]\n  cancelled: {}"))
	f.Add([]byte("- &a [*a]"))
	f.Fuzz(func(t *testing.T, items []byte) {
		c, err := Load(fstest.MapFS{
			"items/laws.yaml": {Data: []byte("{}")}, "items/labels.yaml": {Data: []byte("topics: []")}, "items/x.yaml": {Data: items},
		})
		if err != nil {
			return
		}
		for i := range c.Items {
			for _, finding := range Lint(&c.Items[i], today, Surroundings{Form: formsOf(c)}) {
				if fmt.Sprint(finding) == "" {
					t.Error("an empty finding")
				}
			}
		}
	})
}
