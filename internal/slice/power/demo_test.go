package power

import (
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/web/form"
)

func loadDemo(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load(demo.Files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// today is the day as of which the demo's items are checked.
var today = calendar.Day(2026, 11, 23)

func TestDemoItemsAreSound(t *testing.T) {
	c := loadDemo(t)
	around := Surroundings{
		Office: demoOffices(t),
		Form:   compiled(c),
		Procedure: func(key string) bool {
			return slices.Contains([]string{"general-licence", "on-the-spot", "service", "registration", "benefit", "township-transfer"}, key)
		},
	}
	for i := range c.Items {
		for _, f := range Lint(&c.Items[i], today, around) {
			if f.Severity != Notice {
				t.Error(f)
			}
		}
	}
}

// demoOffices answers for the bodies of the demo province; their hours and place are those of the centre where they sit.
func demoOffices(t *testing.T) func(string) (Office, bool) {
	t.Helper()
	r, err := demo.LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	offices := map[string]Office{}
	for _, b := range r.Bodies {
		for _, c := range r.Centres {
			if c.Key == b.Centre {
				offices[b.Key] = Office{Level: Level(b.Level), Place: c.Address, Hours: c.Hours, Consult: b.Consult, Complaint: b.Complaint}
			}
		}
	}
	return func(body string) (Office, bool) { o, ok := offices[body]; return o, ok }
}

// compiled says whether the platform can ask a form of the catalogue.
func compiled(c *Catalogue) func(string) error {
	sound := func(string) *lang.Text { return nil }
	return func(key string) error {
		schema, ok := c.Forms[key]
		if !ok {
			return ErrNoForm
		}
		_, err := form.Compile(schema, form.Formats{"id-card": sound, "uscc": sound})
		return err
	}
}

// Every body of the demo that exercises an item has a code for it, and no two codes are the same.
func TestDemoItemCodes(t *testing.T) {
	c := loadDemo(t)
	r, err := demo.LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	credit := map[string]identifier.USCC{}
	for _, b := range r.Bodies {
		if credit[b.Key], err = identifier.ParseUSCC(b.USCC); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for i := range c.Items {
		for _, by := range c.Items[i].By {
			code, err := c.Items[i].ItemCode(credit[by.Body], by.Level)
			if err != nil || len(code.Code) != 31 || seen[code.Code] {
				t.Errorf("%s by %s: code %q, %v", c.Items[i].Key, by.Body, code.Code, err)
			}
			seen[code.Code] = true
		}
	}
}

// The issue asks for at least thirty items over ten departments, among them the ten that it names.
func TestDemoCatalogueIsWide(t *testing.T) {
	c := loadDemo(t)
	departments, codes, active, verified := map[string]bool{}, map[string]string{}, 0, 0
	for i := range c.Items {
		it := &c.Items[i]
		departments[it.Department] = true
		if other := codes[it.BasicCode]; other != "" {
			t.Errorf("%s and %s share the code %s", it.Key, other, it.BasicCode)
		}
		codes[it.BasicCode] = it.Key
		if it.ActiveOn(today) {
			active++
		}
		if it.Statutory.Basis.Confidence == statute.Verified {
			verified++
		}
	}
	if len(departments) < 10 || active < 30 || verified < 20 {
		t.Errorf("%d departments, %d active items, %d with a statutory term read in the law", len(departments), active, verified)
	}
	for _, key := range []string{
		"company-registration", "food-business-licence", "construction-permit", "medical-institution-registration", "road-freight-licence",
		"water-abstraction-permit", "homestead-approval", "minimum-living-allowance", "social-insurance-registration", "birth-registration",
	} {
		if _, ok := c.Item(key); !ok {
			t.Errorf("%s is missing", key)
		}
	}
}

// Statutory terms that were read in the texts of the laws.
func TestDemoTermsFollowTheLaw(t *testing.T) {
	c := loadDemo(t)
	for key, want := range map[string]struct {
		n    int
		unit statute.Unit
		cite string
	}{
		"company-registration":            {3, statute.WorkingDay, "《市场主体登记管理条例》第19条"},
		"construction-permit":             {7, statute.CalendarDay, "《建筑法》第8条"},
		"housing-presale-licence":         {10, statute.CalendarDay, "《城市房地产开发经营管理条例》第24条"},
		"nurse-registration":              {20, statute.WorkingDay, "《护士条例》第8条"},
		"road-freight-licence":            {20, statute.CalendarDay, "《道路运输条例》第24条"},
		"water-abstraction-permit":        {45, statute.WorkingDay, "《取水许可和水资源费征收管理条例》第19条"},
		"association-registration":        {60, statute.CalendarDay, "《社会团体登记管理条例》第12条"},
		"identity-card":                   {60, statute.CalendarDay, "《居民身份证法》第12条"},
		"real-estate-transfer":            {30, statute.WorkingDay, "《不动产登记暂行条例》第20条"},
		"pollutant-discharge-permit":      {30, statute.CalendarDay, "《排污许可管理条例》第12条"},
		"environmental-impact-table":      {30, statute.CalendarDay, "《环境影响评价法》第22条"},
		"private-school-establishment":    {3, statute.Month, "《民办教育促进法》第17条"},
		"commercial-performance-approval": {3, statute.CalendarDay, "《营业性演出管理条例》第13条"},
		"internet-cafe-licence":           {20, statute.WorkingDay, "《互联网上网服务营业场所管理条例》第11条"},
		"seed-licence":                    {20, statute.WorkingDay, "《行政许可法》第42条"},
	} {
		it, ok := c.Item(key)
		if !ok {
			t.Errorf("%s is missing", key)
			continue
		}
		got := it.Statutory
		if got.N != want.n || got.Unit != want.unit || got.Basis.Cite("zh-Hans") != want.cite || got.Basis.Confidence != statute.Verified {
			t.Errorf("%s: %d %s by %s (%s), want %d %s by %s", key, got.N, got.Unit, got.Basis.Cite("zh-Hans"), got.Basis.Confidence, want.n, want.unit, want.cite)
		}
	}
}

// One item ceased in 2021, one takes effect in 2027: neither can be applied for today.
func TestDemoItemsOutsideTheirTime(t *testing.T) {
	c := loadDemo(t)
	for key, active := range map[string][2]calendar.Date{ // first and last day on which it can be applied for
		"company-name-preapproval": {calendar.Day(1992, 1, 1), calendar.Day(2021, 2, 28)},
		"flexible-worker-pension":  {calendar.Day(2027, 1, 1), calendar.Day(2099, 1, 1)},
	} {
		it, ok := c.Item(key)
		if !ok {
			t.Fatalf("%s is missing", key)
		}
		if !it.ActiveOn(active[0]) || !it.ActiveOn(active[1]) || it.ActiveOn(today) {
			t.Errorf("%s: wrong on the days of its life", key)
		}
	}
}

// Personal data is marked in every form that asks for it, so that it can be encrypted and masked.
func TestDemoFormsMarkPersonalData(t *testing.T) {
	c := loadDemo(t)
	used := map[string]bool{}
	for i := range c.Items {
		used[c.Items[i].Form] = true
	}
	for key, schema := range c.Forms {
		if !used[key] {
			t.Errorf("no item uses the form %s", key)
		}
		for _, part := range strings.Split(string(schema), "\n    \"")[1:] { // one property each, as the files are laid out
			if (strings.Contains(part, `"format": "id-card"`) || strings.Contains(part, `"format": "phone"`)) && !strings.Contains(part, `"x-personal": true`) {
				t.Errorf("form %s: a field is not marked as personal:\n%s", key, part)
			}
		}
	}
}
