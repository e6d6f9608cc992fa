package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openhall.org/openhall/rules"
)

// runRules executes openhall rules with the given arguments.
func runRules(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newRulesCommand()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRulesCheckListsWhatIsNotVerified(t *testing.T) {
	out, err := runRules(t, "check")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cn-ah: ", " rules, ", "unverified  request.fee.payment", "unverified  licence.joint.default ",
		" rules of supervision, 8 standards of publication: ", "unverified  supervision.duty-late ",
		"unverified  joint enterprise-establishment/licence ", "《市场主体登记管理条例》第三条"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "unverified  licence.decide ") {
		t.Error("a verified rule is listed as unverified")
	}
	var got struct {
		Jurisdiction, Digest string
		Rules                int
		Unverified           []struct{ ID, Source string }
	}
	out, err = runRules(t, "check", "--json", "--jurisdiction", "cn")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Jurisdiction != "cn" || len(got.Digest) != 64 || got.Rules < 150 || len(got.Unverified) == 0 || got.Unverified[0].Source == "" {
		t.Errorf("%+v", got)
	}
}

// What supervision watches is checked with the law, and refused with it.
func TestRulesCheckRefusesAFaultyRuleOfSupervision(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, rules.Files); err != nil {
		t.Fatal(err)
	}
	if out, err := runRules(t, "check", "--dir", dir); err != nil {
		t.Fatalf("a copy of the rules: %v\n%s", err, out)
	}
	broken := "rules:\n  - {id: supervision.statute-missed, overrides: true, within: {length: 9, unit: working-day}, source: {law: work-2013, article: x}, confidence: practice}\n"
	if err := os.WriteFile(filepath.Join(dir, "supervision", "cn-ah.yaml"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	const want = "supervision/cn-ah.yaml: supervision.statute-missed: within: loosening: 9 against 3 working-day above"
	if _, err := runRules(t, "check", "--dir", dir); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v; want %s", err, want)
	}
}

func TestRulesCheckRefusesAFaultyFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cn"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cn", "a.yaml"), []byte("parameters:\n  - id: a.b\n    term: 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := runRules(t, "check", "--dir", dir, "--jurisdiction", "cn")
	if want := "cn/a.yaml: a.b: term: unknown key (line 3); correct the spelling or remove it"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRulesList(t *testing.T) {
	out, err := runRules(t, "list", "--lang", "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"20 working-day", "by 03-31 of every year", "scale of 3 bands", "ground for a pause", "Decide on a licence, from acceptance",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the list", want)
		}
	}
	out, err = runRules(t, "list", "--json", "--jurisdiction", "cn")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ ID string }
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(all); i++ {
		if all[i-1].ID >= all[i].ID {
			t.Errorf("%s stands before %s", all[i-1].ID, all[i].ID)
		}
	}
	if strings.Contains(out, "licence.joint.default") {
		t.Error("the state's rules hold a rule of Anhui")
	}
}

func TestRulesShow(t *testing.T) {
	for _, tt := range []struct {
		args string
		want []string
		not  string
	}{
		{
			"show request.reply", []string{
				"答复政府信息公开申请", "from 2008-05-01 until 2019-05-15: 15 working-day  《政府信息公开条例》第24条  verified (cn)",
				"from 2019-05-15: 20 working-day  《政府信息公开条例》第33条",
			}, "",
		},
		{"show request.reply --on 2013-04-10 --lang zh-Hant", []string{"答覆政府信息公開申請", "15 working-day  《政府信息公開條例》第24條"}, "第33"},
		{"show request.fee.per-item", []string{"from 31 on: 20000 fen each, 10000 fen more for every further 10"}, ""},
		{"show licence.decide.extension --lang en", []string{"extends licence.decide, 1 time(s), decided by: Head of the agency", "Administrative License Law, art. 42"}, ""},
		{"show licence.pause.hearing", []string{"pauses licence.decide, licence.joint, licence.first-review"}, ""},
		{"show rating.grades", []string{"5  非常满意"}, ""},
		{"show request.reply --on 2013-04-10 --json", []string{`"amount": 15`, `"document": "国务院令第492号"`}, `"amount": 20`},
	} {
		out, err := runRules(t, strings.Fields(tt.args)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", tt.args, want, out)
			}
		}
		if tt.not != "" && strings.Contains(out, tt.not) {
			t.Errorf("%s: %q in\n%s", tt.args, tt.not, out)
		}
	}
}

func TestRulesRefuses(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"show", "accepts 1 arg"},
		{"show licence.decision", `there is no rule "licence.decision"; of the same family are: licence.accept`},
		{"show request.reply --on 2008-04-30", "--on: rule request.reply is not in force on 2008-04-30: it holds from 2008-05-01"},
		{"show request.reply --on 2008-13-01", "--on: date"},
		{"list --lang de", "--lang"},
		{"check --jurisdiction xx", "load rules of jurisdiction xx"},
	} {
		if _, err := runRules(t, strings.Fields(tt.args)...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.args, err, tt.want)
		}
	}
}
