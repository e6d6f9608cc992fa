package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// A hall is set up from an empty folder without a line of code, and not a second time.
func TestSetup(t *testing.T) {
	data, tables := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{
		"divisions.csv": "code,level,name_hans,name_hant,name_en\n340000000000,1,安徽省,安徽省,Anhui\n340100000000,2,合肥市,合肥市,Hefei\n",
		"bodies.csv":    "key,division,kind,level,name_hans\nhefei-water,340100000000,water,municipal,合肥市水务局\n",
		"posts.csv":     "key,body,roles,title_hans\nhefei.water.head,hefei-water,head,审批岗\n",
	} {
		if err := os.WriteFile(filepath.Join(tables, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	three := []string{"--admin", "system=li.wei,李伟", "--admin", "security=zhang.min,张敏", "--admin", "audit=chen.jie,陈洁"}
	for name, people := range map[string][]string{
		"nobody":                     nil,
		"two":                        three[:4],
		"one person twice":           append(three[:4:4], "--admin", "audit=LI.wei,陈洁"),
		"one name under two logins":  append(three[:4:4], "--admin", "audit=li.wei2,李伟"),
		"a role that there is not":   append(three[:4:4], "--admin", "boss=chen.jie,陈洁"),
		"no name":                    append(three[:4:4], "--admin", "audit=chen.jie"),
		"a fourth beside the others": append(three[:6:6], "--admin", "audit=wu.fang,吴芳"),
	} {
		if out, err := run(t, append([]string{"setup", "--data", data, "--from", tables}, people...)...); err == nil {
			t.Errorf("%s: %s", name, out)
		}
	}
	out, err := run(t, append([]string{"setup", "--data", data, "--from", tables}, three...)...)
	passwords := regexp.MustCompile(`(?m)^  (system|security|audit) +\S+ +([a-z2-7]{20})$`).FindAllStringSubmatch(out, -1)
	if err != nil || len(passwords) != 3 || passwords[0][2] == passwords[1][2] {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := run(t, append([]string{"setup", "--data", data}, three...)...); err == nil || !strings.Contains(err.Error(), "administrators already") {
		t.Errorf("a second time: %v: %s", err, out)
	}
	centre := filepath.Join(tables, "centres.csv")
	if err := os.WriteFile(centre, []byte("key,division,body,name_hans\nhefei-centre,340100000000,hefei-water,合肥市政务服务中心\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		dry  []string
		want string
	}{{[]string{"--dry-run"}, "nothing was changed"}, {nil, "1 new, 0 changed"}, {nil, "0 new, 0 changed"}} {
		out, err := run(t, append([]string{"import", "centres", centre, "--data", data}, step.dry...)...)
		if err != nil || !strings.Contains(out, step.want) {
			t.Errorf("%v: %v: %s", step.dry, err, out)
		}
	}
	if out, err := run(t, "audit", "verify", "--data", data); err != nil || !strings.Contains(out, "complete") {
		t.Errorf("%v: %s", err, out)
	}
}
