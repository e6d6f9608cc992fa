package main

import (
	"bytes"
	"strings"
	"testing"
)

func runID(args ...string) (string, error) {
	var out bytes.Buffer
	cmd := newIDCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.Execute()
	return out.String(), err
}

func TestIDCheck(t *testing.T) {
	for _, c := range []struct {
		args, out, err string
	}{
		{"check id-card 11010519491231002X --lang en", "valid\narea: 110105\nbirth date: 1949-12-31\nsex: 2 (female)\n", ""},
		{"check area 3417", "valid\n行政区划代码: 341700000000\n级别: 2 (地级)\n上级: 340000000000\n", ""},
		{"check id-card 11010519491231002X --on 1949-12-30", "", "公民身份号码第 7 位“1”起的出生日期 19491231 还没有到，请核对"},
		{"check uscc 11341702486344515h --lang zh-Hant", "", "統一社會信用代碼第 18 位「h」是小寫字母，請改為「H」"},
		{"check uscc 11341702486344551H --lang en", "", "unified social credit code: character 18, 'H', is the check character"},
		{"check phone 13800138000 --json", `{"valid":true,"kind":"phone","parts":[{"name":{"zh-Hans":"手机","zh-Hant":"手機","en":"mobile"},"value":"13800138000"}]}` + "\n", ""},
		{"check org-code 003110927 --json --lang en", `{"valid":false,"kind":"org-code","code":"check","position":9,"char":"7","message":{"zh-Hans":"组织机构代码第 9 位`, "is the check character"},
		{"check tax 1 --lang en", "", "use one of [uscc id-card"},
		{"check uscc", "", "accepts 2 arg(s), received 1"},
		{"check uscc 1 --lang fr", "", "choose one of"},
		{"check uscc 1 --on tomorrow", "", "write a day of the calendar"},
	} {
		out, err := runID(strings.Fields(c.args)...)
		if !strings.HasPrefix(out, c.out) || c.err == "" && out != c.out {
			t.Errorf("%s: output %q, want %q", c.args, out, c.out)
		}
		if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.args, err, c.err)
		}
	}
}
