package oidc

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Config describes a provider.
type Config struct {
	Name       string   `koanf:"name"`               // in addresses: letters, digits, hyphens
	Title      string   `koanf:"title"`              // as people know it
	Issuer     string   `koanf:"issuer"`             // its address, as its tokens name it
	ClientID   string   `koanf:"client-id"`          // the hall's name there
	SecretFile string   `koanf:"client-secret-file"` // file with the hall's secret there; empty: none (a public client with PKCE)
	Kinds      []string `koanf:"kinds"`              // whose accounts it opens: person, enterprise, staff; empty: person
	Create     bool     `koanf:"create"`             // the first sign-in of a person whose identity number it asserts makes the account
	Scopes     []string `koanf:"scopes"`             // beside openid; empty: profile
	Claims     Claims   `koanf:"claims"`
	// SecondFactor lists the values of acr and amr that say that a second factor was shown.
	SecondFactor struct {
		ACR []string `koanf:"acr"`
		AMR []string `koanf:"amr"`
	} `koanf:"second-factor"`
}

// Claims names the claims that hold what the hall wants to know.
type Claims struct {
	Name   string `koanf:"name"`   // empty: name
	Number string `koanf:"number"` // the identity number; empty: the provider asserts none
	Phone  string `koanf:"phone"`  // empty: phone_number
}

var (
	nameForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$`)
	kinds    = []string{"person", "enterprise", "staff"}
)

// complete fills in what was left out, and refuses what cannot be.
func (c *Config) complete() error {
	if c.Title == "" {
		c.Title = c.Name
	}
	if len(c.Kinds) == 0 {
		c.Kinds = []string{"person"}
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"profile"}
	}
	if c.Claims.Name == "" {
		c.Claims.Name = "name"
	}
	if c.Claims.Phone == "" {
		c.Claims.Phone = "phone_number"
	}
	issuer, err := url.Parse(c.Issuer)
	switch {
	case !nameForm.MatchString(c.Name):
		return fmt.Errorf("oidc %q: a name has up to 32 small letters, digits and hyphens", c.Name)
	case err != nil || issuer.Host == "" || issuer.Scheme != "https" && !loopback(issuer.Hostname()):
		return fmt.Errorf("oidc %s: issuer %q: want https://HOST", c.Name, c.Issuer)
	case c.ClientID == "":
		return fmt.Errorf("oidc %s: client-id is required", c.Name)
	case c.Create && c.Claims.Number == "":
		return fmt.Errorf("oidc %s: create needs claims.number, the claim that holds the identity number", c.Name)
	}
	for _, k := range c.Kinds {
		if !slices.Contains(kinds, k) {
			return fmt.Errorf("oidc %s: kind %q; want %s", c.Name, k, strings.Join(kinds, ", "))
		}
	}
	return nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// secret reads the hall's secret.
func (c *Config) secret() (string, error) {
	if c.SecretFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return "", fmt.Errorf("oidc %s: secret: %w", c.Name, err)
	}
	s := strings.TrimSpace(string(text))
	if s == "" {
		return "", errors.New("oidc " + c.Name + ": the file with the secret is empty")
	}
	return s, nil
}
