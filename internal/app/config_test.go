package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestConfigTakesTheNearest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openhall.yaml")
	if err := os.WriteFile(file, []byte("addr: 127.0.0.1:1\ndata: from-file\nnode: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(file, []string{"OPENHALL_ADDR=127.0.0.1:2", "OPENHALL_BASE_URL=https://hall.example.org/", "HOME=/x", "OPENHALL_TEST_POSTGRES=y"},
		map[string]any{"addr": "127.0.0.1:3"})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Data: "from-file", Addr: "127.0.0.1:3", Database: "sqlite:from-file/openhall.db", BaseURL: "https://hall.example.org",
		Origin: "hall.example.org/log", Jurisdiction: "cn-ah", Division: "340000000000", Node: 3, Log: "info", TracesRatio: 1,
		StaffSessions: 5, LockAfter: 10,
	}
	if !reflect.DeepEqual(c, want) || !c.TLS() {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestConfigRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openhall.yaml")
	if err := os.WriteFile(file, []byte("listen: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		file  string
		env   []string
		flags map[string]any
		says  string
	}{
		{file: file, says: `unknown key "listen"`},
		{file: file + ".missing", says: "openhall.yaml.missing"},
		{env: []string{"OPENHALL_LISTEN=x"}, says: "environment OPENHALL_LISTEN"},
		{flags: map[string]any{"port": 1}, says: `unknown key "port"`},
		{flags: map[string]any{"addr": "8080"}, says: "want HOST:PORT"},
		{flags: map[string]any{"node": 512}, says: "want 0 to 511"},
		{flags: map[string]any{"trusted-proxies": "10.0.0.0/99"}, says: `trusted-proxies: "10.0.0.0/99"`},
		{env: []string{"OPENHALL_OIDC=x"}, says: "oidc: want a list of providers"},
		{flags: map[string]any{"base-url": "hall.example.org"}, says: "want https://HOST"},
	} {
		_, err := LoadConfig(row.file, row.env, row.flags)
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%+v: %v; want it to say %q", row, err, row.says)
		}
	}
}

func TestConfigOfPeople(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openhall.yaml")
	text := `
second-factor: offered
trusted-proxies: [10.0.0.0/8, 192.0.2.1]
staff-sessions: 2
lock-after: 5
oidc:
  - name: gov
    title: 安徽政务服务网
    issuer: https://sso.example.gov.cn
    client-id: hall
    kinds: [person, staff]
    create: true
    claims: {number: id_number}
    second-factor: {acr: [urn:gov:level3], amr: [mfa]}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.OIDC) != 1 || c.SecondFactor != "offered" || c.StaffSessions != 2 || c.LockAfter != 5 {
		t.Fatalf("%+v", c)
	}
	p := c.OIDC[0]
	if p.Name != "gov" || p.Title != "安徽政务服务网" || p.ClientID != "hall" || !p.Create || p.Claims.Number != "id_number" || len(p.Kinds) != 2 ||
		!reflect.DeepEqual(p.SecondFactor.ACR, []string{"urn:gov:level3"}) || !reflect.DeepEqual(p.SecondFactor.AMR, []string{"mfa"}) {
		t.Errorf("%+v", p)
	}
	for _, c := range []struct {
		config Config
		want   int
	}{{c, 2}, {load(t, "OPENHALL_TRUSTED_PROXIES=10.0.0.0/8 2001:db8::/32, 192.0.2.1"), 3}, {load(t), 0}} {
		if len(c.config.TrustedProxies) != c.want {
			t.Errorf("%v, want %d", c.config.TrustedProxies, c.want)
		}
	}
}

func load(t *testing.T, environ ...string) Config {
	t.Helper()
	c, err := LoadConfig("", environ, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
