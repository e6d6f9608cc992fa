package arch_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.yaml.in/yaml/v3"
)

// TestDeployment holds the files of deploy/ to what the guide for operators promises of them, and to the program: its metrics, its
// keys, the time that it takes to end.
func TestDeployment(t *testing.T) {
	t.Run("systemd", testUnits)
	t.Run("container", testContainer)
	t.Run("chart", testChart)
	t.Run("watching", testWatching)
	t.Run("litestream", func(t *testing.T) {
		var c struct {
			DBs []struct {
				Path    string
				Replica map[string]any
			}
		}
		text := deployed(t, "litestream/litestream.yml")
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		if len(c.DBs) != 1 || c.DBs[0].Path != "/srv/openhall/openhall.db" || c.DBs[0].Replica["sync-interval"] != "1s" {
			t.Errorf("litestream.yml copies %+v", c.DBs)
		}
		for _, key := range []string{"host", "user", "key-path", "host-key"} {
			if v, _ := c.DBs[0].Replica[key].(string); !strings.HasPrefix(v, "${") {
				t.Errorf("%s stands in the file, and not in the environment: %q", key, v)
			}
		}
	})
	t.Run("tags", func(t *testing.T) {
		latest := regexp.MustCompile(`(?i)(:latest\b|tag: *"?latest)`)
		err := filepath.WalkDir(filepath.Join(root, "deploy"), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if latest.Match(content) {
				t.Errorf("%s names latest: what runs must be known", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func deployed(t *testing.T, path string) string {
	t.Helper()
	return sourceOf(t, "deploy/"+path)
}

func sourceOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// number reads the number that a pattern finds.
func number(t *testing.T, text, pattern string) int {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("found no %s", pattern)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// drainSeconds is how long the program may take to end: requests, then the collector of traces.
func drainSeconds(t *testing.T) int {
	t.Helper()
	return number(t, sourceOf(t, "internal/app/node.go"), `drainTimeout\s*= (\d+) \* time\.Second`) +
		number(t, sourceOf(t, "internal/app/base.go"), `lastTraces = (\d+) \* time\.Second`)
}

func testUnits(t *testing.T) {
	hardened := []string{
		"User=openhall", "UMask=0077", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "AmbientCapabilities=", "ProtectSystem=strict",
		"ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "PrivateUsers=yes", "ProtectProc=invisible", "ProtectKernelTunables=yes",
		"ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes", "ProtectClock=yes", "ProtectHostname=yes",
		"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "RestrictNamespaces=yes", "RestrictSUIDSGID=yes", "RestrictRealtime=yes",
		"LockPersonality=yes", "MemoryDenyWriteExecute=yes", "SystemCallArchitectures=native", "SystemCallFilter=@system-service",
	}
	for unit, more := range map[string][]string{
		"openhall.service":        {"ReadWritePaths=/srv/openhall", "Restart=on-failure", "ExecStart=/usr/local/bin/openhall serve --config /etc/openhall/openhall.yaml"},
		"openhall-backup.service": {"ReadWritePaths=/srv/openhall /srv/openhall-backup", "Type=oneshot"},
		"openhall-backup.timer":   {"Persistent=yes", "WantedBy=timers.target"},
	} {
		lines := strings.Split(deployed(t, "systemd/"+unit), "\n")
		want := more
		if strings.HasSuffix(unit, ".service") {
			want = slices.Concat(hardened, more)
		}
		for _, line := range want {
			if !slices.Contains(lines, line) {
				t.Errorf("%s lacks %s", unit, line)
			}
		}
	}
	if stop, drain := number(t, deployed(t, "systemd/openhall.service"), `(?m)^TimeoutStopSec=(\d+)s$`), drainSeconds(t); stop <= drain {
		t.Errorf("systemd kills after %d s, and the program may take %d s to end", stop, drain)
	}
}

func testContainer(t *testing.T) {
	var last string // what the image is made from: the last stage
	for line := range strings.Lines(deployed(t, "container/Containerfile")) {
		switch word, rest, _ := strings.Cut(strings.TrimSpace(line), " "); word {
		case "FROM":
			last = rest
			if goVersion := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(sourceOf(t, "go.mod"))[1]; strings.Contains(rest, "golang:") &&
				!strings.Contains(rest, "golang:"+goVersion+"-") {
				t.Errorf("the image is built with %s, and go.mod says go %s", rest, goVersion)
			}
		case "ADD", "HEALTHCHECK":
			t.Errorf("%s has no place in the image", word)
		case "USER":
			if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(rest) {
				t.Errorf("the image runs as %s: want numbers of a user and a group, neither of them root", rest)
			}
		}
	}
	if last != "scratch" {
		t.Errorf("the image is made from %s", last)
	}
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath"} {
		if !strings.Contains(sourceOf(t, "scripts/image"), want) {
			t.Errorf("scripts/image lacks %q", want)
		}
	}
	for _, want := range []string{"\nUSER ", "\nVOLUME /data\n", "\nEXPOSE 8080\n", "\nSTOPSIGNAL SIGTERM\n"} {
		if !strings.Contains(deployed(t, "container/Containerfile"), want) {
			t.Errorf("the Containerfile lacks %q", want)
		}
	}
	ignored := strings.Split(sourceOf(t, ".dockerignore"), "\n")
	for _, want := range []string{".git", "data", "**/*.key", "**/*.db"} {
		if !slices.Contains(ignored, want) {
			t.Errorf(".dockerignore lacks %s", want)
		}
	}
}

func testChart(t *testing.T) {
	var chart, values map[string]any
	for name, into := range map[string]*map[string]any{"Chart.yaml": &chart, "values.yaml": &values} {
		if err := yaml.Unmarshal([]byte(deployed(t, "helm/openhall/"+name)), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	config, _ := values["config"].(map[string]any)
	keys := sourceOf(t, "internal/app/config.go")
	for key := range config {
		if !strings.Contains(keys, `"`+key+`": `) {
			t.Errorf("values.yaml sets config.%s, which the program does not know", key)
		}
	}
	if values["replicas"] != 1 || len(config) == 0 {
		t.Errorf("values.yaml starts %v nodes with %v", values["replicas"], config)
	}
	pod := deployed(t, "helm/openhall/templates/statefulset.yaml")
	for _, want := range []string{
		"runAsNonRoot: true", "runAsUser: 65532", "type: RuntimeDefault", "allowPrivilegeEscalation: false", "privileged: false",
		"readOnlyRootFilesystem: true", "drop: [ALL]", "automountServiceAccountToken: false", "path: /livez", "path: /readyz",
		"enableServiceLinks: false",                          // OPENHALL_SERVICE_HOST would be a key that the program does not know
		"metadata.labels['apps.kubernetes.io/pod-index']",    // each node has a number of its own
		"secretKeyRef:", "podManagementPolicy: OrderedReady", // keys and tables are made once
		"terminationGracePeriodSeconds: ", "ReadWriteOncePod", // SQLite belongs to one node
		`include "openhall.check"`, "checksum/config", // refuses what cannot work; restarts when the configuration changes
		"claimName: {{ .Values.storage.existingClaim }}",                  // uploads are shared
		"secretName: {{ $secret }}", "defaultMode: 0440", "args: [serve,", // secrets are the operator's own
	} {
		if !strings.Contains(pod, want) {
			t.Errorf("the StatefulSet lacks %s", want)
		}
	}
	grace, sleep := number(t, pod, `terminationGracePeriodSeconds: (\d+)`), number(t, pod, `sleep: \{seconds: (\d+)\}`)
	if drain := drainSeconds(t); grace <= sleep+drain {
		t.Errorf("a pod is killed after %d s, and takes %d s to leave the service and %d s to end", grace, sleep, drain)
	}
	for template, want := range map[string]string{
		"network.yaml": "policyTypes: [Ingress, Egress]", "disruption.yaml": "kind: PodDisruptionBudget", "servicemonitor.yaml": "path: /metrics",
		"ingress.yaml": `list "/metrics" "/livez" "/readyz"`, "service.yaml": "clusterIP: None", "configmap.yaml": "openhall.yaml: |",
	} {
		text := deployed(t, "helm/openhall/templates/"+template)
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", template, want)
		}
		if strings.Contains(text, "kind: Secret\n") {
			t.Errorf("%s makes a secret: secrets are named, and never stand in the values", template)
		}
	}
}

// testWatching compares the metrics that the dashboard and the alerts ask for with those that the program has.
func testWatching(t *testing.T) {
	has := map[string]bool{}
	registered := regexp.MustCompile(`"(openhall_[a-z_]+)"`)
	walk(t, func(path string, content []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, m := range registered.FindAllSubmatch(content, -1) {
			has[string(m[1])] = true
		}
	}, ".go")
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, err := process.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		has[f.GetName()] = true
	}
	asked := map[string]bool{}
	check := func(where, expression string) {
		for _, name := range regexp.MustCompile(`\b(?:openhall|process|go)_[a-z0-9_]+`).FindAllString(expression, -1) {
			asked[name] = true
			if !has[name] && !has[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s asks for %s, which the program does not have", where, name)
			}
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(deployed(t, "grafana/openhall.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			check("the dashboard, "+p.Title, target.Expr)
		}
	}
	var alerts struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(deployed(t, "prometheus/openhall.rules.yml")), &alerts); err != nil {
		t.Fatal(err)
	}
	guide := sourceOf(t, "docs/operations/watching.md")
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			check("the alert "+r.Alert, r.Expr)
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) {
				t.Errorf("the alert %s does not say what it is about, or for whom", r.Alert)
			}
			if !strings.Contains(guide, "`"+r.Alert+"`") {
				t.Errorf("docs/operations/watching.md does not say what to do about %s", r.Alert)
			}
		}
	}
	for name := range has {
		if strings.HasPrefix(name, "openhall_") && !asked[name] && !asked[name+"_bucket"] {
			t.Errorf("nobody looks at %s: neither the dashboard nor an alert asks for it", name)
		}
	}
}

// leaks are the forms of secrets that must not stand in the repository.
var leaks = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}`)},
	{"a key of a log or of documents", regexp.MustCompile(`PRIVATE\+KEY\+[^\s"+]+\+(?:[0-9a-f]{8}\+)?[A-Za-z0-9+/]{40}`)},
	{"a token of a hall", regexp.MustCompile(`\bohm_[A-Za-z0-9_-]{40}`)},
	{"a token of a provider", regexp.MustCompile(`\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20}|xox[abp]-[A-Za-z0-9-]{20})`)},
	{"a signed token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}`)},
	{"a password in an address", regexp.MustCompile(`[a-z]://[^\s:/@"'{}$%<>]+:[^\s:/@"'{}$%<>]{3,}@`)},
	{"a password", regexp.MustCompile(`(?i)(?:password|secret|api-?key|token)"?\s*[:=]+\s*"(?:[a-z!-/_]*[0-9]+[a-z!-/_]+|[a-z!-/_]+[0-9]+[a-z!-/_]*)[^"]{4,}"`)},
}

// known are secrets that are none, with the reason.
var known = map[string]string{
	"PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXH": "published with the format of signed notes, as its example",
	"p://USER:PASSWORD@": "a place-holder of the manual",
	"s://USER:PASSWORD@": "a place-holder of the manual",
	"p://hall:secret@":   "an example in the manual of a package",
	"s://user:password@": "a place-holder of a test",
	"p://u:verysecret@":  "an input of a test",
	"p://u:secret@":      "an input of a test",
}

// TestNoSecretShips: halls make their own keys, and demos their own passwords. What tests type into halls that live as long as the
// test is left out of the search for passwords, and of nothing else.
func TestNoSecretShips(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if slices.Contains([]string{"node_modules", "bin", "out", "data"}, name) || name == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(content[:min(len(content), 8000)], 0) >= 0 {
			return err // a picture, or another file that is no text
		}
		seen++
		of := strings.TrimPrefix(filepath.ToSlash(path), root+"/")
		test := strings.Contains(name, "_test.") || strings.Contains(name, ".test.") || strings.Contains(filepath.Dir(of), "test")
		for _, l := range leaks {
			if l.what == "a password" && test {
				continue
			}
			for _, found := range l.pattern.FindAll(content, -1) {
				if known[string(found)] == "" {
					t.Errorf("%s holds what looks like %s: %.24s…", of, l.what, found)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("saw only %d files", seen)
	}
	for what, text := range map[string]string{
		"a private key":                  "-----BEGIN EC PRIVATE " + "KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoG",
		"a key of a log or of documents": "PRIVATE+" + "KEY+ed25519+" + strings.Repeat("Ab3/", 12),
		"a token of a hall":              "ohm" + "_" + strings.Repeat("Ab3-", 11),
		"a token of a provider":          "AKIA" + "IOSFODNN7EXAMPLE",
		"a signed token":                 "eyJ" + strings.Repeat("a", 20) + ".eyJ" + strings.Repeat("b", 20) + "." + strings.Repeat("c", 20),
		"a password in an address":       "postgres://openhall:" + "hunter22@db.internal/openhall",
		"a password":                     `db-password: "` + `river8lantern"`,
	} {
		i := slices.IndexFunc(leaks, func(l struct {
			what    string
			pattern *regexp.Regexp
		}) bool {
			return l.what == what
		})
		if i < 0 || !leaks[i].pattern.MatchString(text) {
			t.Errorf("the search does not find %s", what)
		}
	}
}
