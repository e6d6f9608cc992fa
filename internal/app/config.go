package app

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"openhall.org/openhall/internal/platform/identity/oidc"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// Config says how the program runs. Every key can stand in a file, in the environment as OPENHALL_KEY, and most on the command
// line; the command line goes first, then the environment, then the file.
type Config struct {
	Data         string // folder for the keys, the files and the SQLite database
	Addr         string // where to listen: HOST:PORT
	Database     string // sqlite:PATH or postgres://…; empty: a SQLite file in Data
	BaseURL      string // address by which people reach the site; QR codes and mails use it
	Origin       string // name of this node's log, such as hall.example.gov.cn/log
	Jurisdiction string // whose rules are in force, such as cn-ah
	Division     string // 12-digit code of the division at the top of this node
	Node         int    // number of this node among those on one database, 0 to 511
	Log          string // debug, info, warn or error
	Dev          bool   // show the component gallery
	Command      bool   // no key: the program serves nothing, but carries out a command of its operator, perhaps beside the node that serves

	SecondFactor   string         // required or offered: whether staff need a second factor; empty: the command decides
	TrustedProxies []netip.Prefix // networks of the proxies in front, whose X-Forwarded-For counts
	StaffSessions  int            // how many sessions a member of staff can have at once; 0: any number
	LockAfter      int            // wrong passwords in a day that lock an account
	OIDC           []oidc.Config  // identity providers; in the file only
	Clamd          string         // address of a ClamAV daemon that sees each upload; empty: none
	Traces         string         // address of an OpenTelemetry collector (OTLP over HTTP); empty: no traces
	TracesRatio    float64        // share of the requests that are traced, 0 to 1

	SMTP       string // smtp://USER:PASSWORD@HOST:PORT?tls=…, or file:DIR; empty: this hall sends no mails
	MailFrom   string // sender of mails: an address, or NAME <ADDRESS>
	SMSWebhook string // https://…, or file:DIR; empty: this hall sends no short messages
	SMSSecret  string // shared with the SMS gateway
}

// keys lists the keys with their defaults.
var keys = map[string]any{
	"data": "data", "addr": "127.0.0.1:8080", "database": "", "base-url": "", "origin": "", "jurisdiction": "cn-ah",
	"division": "340000000000", "node": 0, "log": "info", "dev": false,
	"second-factor": "", "trusted-proxies": "", "staff-sessions": 5, "lock-after": 10, "oidc": nil,
	"clamd": "", "traces": "", "traces-ratio": 1.0,
	"smtp": "", "smtp-file": "", "mail-from": "", "sms-webhook": "", "sms-secret": "", "sms-secret-file": "",
}

// environment variables with this prefix that are not keys: switches of tests and benchmarks.
var notKeys = []string{"OPENHALL_TEST_", "OPENHALL_CRASH_", "OPENHALL_CITY_", "OPENHALL_BENCH_", "OPENHALL_BIN", "OPENHALL_PICTURES"}

// LoadConfig puts the configuration together. path may be empty; environ is in the form of os.Environ; flags holds what stood on
// the command line. A key that is not known is refused, wherever it stands.
func LoadConfig(path string, environ []string, flags map[string]any) (Config, error) {
	k := koanf.New("\x00") // keys are flat
	if err := k.Load(confmap.Provider(keys, ""), nil); err != nil {
		return Config{}, err
	}
	if path != "" {
		from := koanf.New("\x00")
		if err := from.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, fmt.Errorf("configuration %s: %w", path, err)
		}
		if err := known(from.All(), "configuration "+path); err != nil {
			return Config{}, err
		}
		if err := k.Merge(from); err != nil {
			return Config{}, fmt.Errorf("configuration %s: %w", path, err)
		}
	}
	env, err := fromEnvironment(environ)
	if err != nil {
		return Config{}, err
	}
	if err := known(flags, "command line"); err != nil {
		return Config{}, err
	}
	if err := errors.Join(k.Load(confmap.Provider(env, ""), nil), k.Load(confmap.Provider(flags, ""), nil)); err != nil {
		return Config{}, err
	}
	c := Config{
		Data: k.String("data"), Addr: k.String("addr"), Database: k.String("database"), BaseURL: strings.TrimSuffix(k.String("base-url"), "/"),
		Origin: k.String("origin"), Jurisdiction: k.String("jurisdiction"), Division: k.String("division"), Node: k.Int("node"),
		Log: k.String("log"), Dev: k.Bool("dev"), Clamd: k.String("clamd"), Traces: k.String("traces"), TracesRatio: k.Float64("traces-ratio"),
		SMTP: k.String("smtp"), MailFrom: k.String("mail-from"), SMSWebhook: k.String("sms-webhook"),
		SMSSecret:    k.String("sms-secret"),
		SecondFactor: k.String("second-factor"), StaffSessions: k.Int("staff-sessions"), LockAfter: k.Int("lock-after"),
	}
	proxies, one := k.Get("trusted-proxies").(string)
	if !one {
		proxies = strings.Join(k.Strings("trusted-proxies"), ",")
	}
	if c.TrustedProxies, err = web.ParseProxies(proxies); err != nil {
		return Config{}, fmt.Errorf("trusted-proxies: %w", err)
	}
	if err := k.Unmarshal("oidc", &c.OIDC); err != nil {
		return Config{}, fmt.Errorf("oidc: want a list of providers: %w", err)
	}
	if err := errors.Join(secret(k, "smtp", &c.SMTP), secret(k, "sms-secret", &c.SMSSecret)); err != nil {
		return c, err
	}
	return c, c.complete()
}

func known(given map[string]any, where string) error {
	for key := range given {
		if _, ok := keys[key]; !ok {
			return fmt.Errorf("%s: unknown key %q; the keys are %s", where, key, strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
		}
	}
	return nil
}

func fromEnvironment(environ []string) (map[string]any, error) {
	found := map[string]any{}
next:
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		key, ours := strings.CutPrefix(name, "OPENHALL_")
		if !ours {
			continue
		}
		for _, other := range notKeys {
			if strings.HasPrefix(name, other) {
				continue next
			}
		}
		key = strings.ReplaceAll(strings.ToLower(key), "_", "-")
		if err := known(map[string]any{key: value}, "environment "+name); err != nil {
			return nil, err
		}
		found[key] = value
	}
	return found, nil
}

// complete fills in what follows from other keys, and refuses what cannot be.
func (c *Config) complete() error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fmt.Errorf("addr %q: want HOST:PORT, such as 127.0.0.1:8080: %w", c.Addr, err)
	}
	if c.Node < 0 || c.Node > store.MaxNode {
		return fmt.Errorf("node %d: want 0 to %d", c.Node, store.MaxNode)
	}
	if u, err := url.Parse(c.Traces); c.Traces != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "") {
		return fmt.Errorf("traces %q: want the address of a collector, such as http://127.0.0.1:4318/v1/traces", c.Traces)
	}
	if c.TracesRatio < 0 || c.TracesRatio > 1 {
		return fmt.Errorf("traces-ratio %v: want 0 to 1", c.TracesRatio)
	}
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.Data, "openhall.db")
	}
	if c.BaseURL == "" {
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		c.BaseURL = "http://" + net.JoinHostPort(host, port)
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("base-url %q: want https://HOST", c.BaseURL)
	}
	if c.Origin == "" {
		c.Origin = u.Hostname() + "/log" // whatever the port: the log stays the same when that changes
	}
	return c.completeChannels(u.Hostname())
}

// TLS reports whether people reach the site by https.
func (c *Config) TLS() bool { return strings.HasPrefix(c.BaseURL, "https://") }
