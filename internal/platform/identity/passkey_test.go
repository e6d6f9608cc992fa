package identity_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
)

// device is an authenticator written from the specification (WebAuthn Level 3, 6.1 and 6.5), with one key for each site.
type device struct {
	t       testing.TB
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	origin  string
	host    string
	flags   byte // user present, user verified
}

func newDevice(t testing.TB) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{t: t, key: key, id: id, origin: "https://hall.example.org", host: "hall.example.org", flags: 0x05}
}

var b64 = base64.RawURLEncoding

// asked is what a site asks.
type asked struct {
	PublicKey struct {
		Challenge string
		RPID      string
		RP        struct{ ID string }
		User      struct{ ID string }
		Allow     []struct{ ID string } `json:"allowCredentials"`
		Exclude   []struct{ ID string } `json:"excludeCredentials"`
		Verified  string                `json:"userVerification"`
		Selection struct {
			Verified string `json:"userVerification"`
			Resident string `json:"residentKey"`
		} `json:"authenticatorSelection"`
	}
}

func (d *device) parse(options []byte) asked {
	d.t.Helper()
	var a asked
	if err := json.Unmarshal(options, &a); err != nil {
		d.t.Fatal(err)
	}
	return a
}

func (d *device) client(kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

func (d *device) data(extra []byte, flags byte) []byte {
	hash := sha256.Sum256([]byte(d.host))
	d.counter++
	b := append(hash[:], d.flags|flags)
	b = binary.BigEndian.AppendUint32(b, d.counter)
	return append(b, extra...)
}

// create answers a registration.
func (d *device) create(options []byte) []byte {
	d.t.Helper()
	a := d.parse(options)
	if a.PublicKey.Selection.Verified != "required" || a.PublicKey.Selection.Resident != "required" {
		d.t.Errorf("asked for %+v", a.PublicKey.Selection)
	}
	d.handle, _ = b64.DecodeString(a.PublicKey.User.ID)
	raw, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	cose := bytes.Join([][]byte{{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, raw[1:33], {0x22, 0x58, 0x20}, raw[33:]}, nil)
	attested := bytes.Join([][]byte{make([]byte, 16), {0, byte(len(d.id))}, d.id, cose}, nil)
	data := d.data(attested, 0x40)
	object := bytes.Join([][]byte{{0xa3, 0x63}, []byte("fmt"), {0x64}, []byte("none"), {0x67}, []byte("attStmt"), {0xa0, 0x68}, []byte("authData"), {0x58, byte(len(data))}, data}, nil)
	return d.write(map[string]any{"clientDataJSON": b64.EncodeToString(d.client("webauthn.create", a.PublicKey.Challenge)), "attestationObject": b64.EncodeToString(object), "transports": []string{"internal"}})
}

// get answers a request for a proof.
func (d *device) get(options []byte) []byte {
	d.t.Helper()
	a := d.parse(options)
	if a.PublicKey.Verified != "required" {
		d.t.Errorf("user verification: %q", a.PublicKey.Verified)
	}
	client, data := d.client("webauthn.get", a.PublicKey.Challenge), d.data(nil, 0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.write(map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data), "signature": b64.EncodeToString(signature), "userHandle": b64.EncodeToString(d.handle)})
}

func (d *device) write(response map[string]any) []byte {
	text, err := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

func (s *site) ask(of func(r *http.Request) ([]byte, error)) (options []byte) {
	s.t.Helper()
	if err := s.act(func(r *http.Request) (err error) { options, err = of(r); return err }); err != nil {
		s.t.Fatal(err)
	}
	return options
}

func (s *site) addPasskey(d *device, name string) (codes []string, err error) {
	s.t.Helper()
	answer := d.create(s.ask(s.OfferPasskey))
	err = s.act(func(r *http.Request) (err error) { codes, err = s.AddPasskey(r, name, answer); return err })
	return codes, err
}

func (s *site) provePasskey(answer []byte) error {
	return s.act(func(r *http.Request) error { _, err := s.ProvePasskey(r, answer); return err })
}

func TestPasskeys(t *testing.T) {
	eachWith(t, required, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		s := newSite(h)
		s.signIn("xu.wangshu")
		d := newDevice(t)
		codes, err := s.addPasskey(d, "电脑")
		if err != nil || len(codes) != 10 {
			t.Fatalf("%v, %v", codes, err)
		}
		again := s.ask(s.OfferPasskey)
		if x := d.parse(again); len(x.PublicKey.Exclude) != 1 {
			t.Errorf("a second passkey of one device is not excluded: %s", again)
		}
		if d.parse(again).PublicKey.User.ID == b64.EncodeToString([]byte(a.ID.String())) {
			t.Error("the handle tells the account")
		}
		s.get("/out")

		// Alone: the device has verified its user.
		options := s.ask(s.AskPasskey)
		if x := d.parse(options); len(x.PublicKey.Allow) != 0 || x.PublicKey.RPID != "hall.example.org" {
			t.Errorf("a visitor learns of credentials: %s", options)
		}
		answer := d.get(options)
		if err := s.provePasskey(answer); err != nil {
			t.Fatal(err)
		}
		s.is("with a passkey alone", "staff 徐望舒")
		if err := s.act(func(r *http.Request) error {
			if who, _ := s.Principal(r); who.Unproven {
				t.Error("a passkey counts as one factor")
			}
			return s.Fresh(r)
		}); err != nil {
			t.Error(err)
		}
		other := newSite(h)
		refused(t, other.provePasskey(answer), identity.RefusedOffer) // nothing was asked
		other.ask(other.AskPasskey)
		refused(t, other.provePasskey(answer), identity.RefusedPasskey) // another challenge
		refused(t, other.provePasskey(answer), identity.RefusedOffer)   // each is answered once

		// As the second step, and as a fresh proof.
		s.get("/out")
		s.half("xu.wangshu")
		options = s.ask(s.AskPasskey)
		if x := d.parse(options); len(x.PublicKey.Allow) != 1 {
			t.Errorf("asked %s", options)
		}
		if err := s.provePasskey(d.get(options)); err != nil {
			t.Fatal(err)
		}
		s.is("with both", "staff 徐望舒")
		h.wait(20 * time.Minute)
		if err := s.act(s.Fresh); err == nil {
			t.Error("fresh after twenty minutes")
		}
		if err := s.provePasskey(d.get(s.ask(s.AskPasskey))); err != nil {
			t.Error(err)
		}
		if err := s.act(s.Fresh); err != nil {
			t.Error(err)
		}
		own, err := h.Factors(t.Context(), a.ID)
		if err != nil || len(own) != 1 || own[0].Kind != identity.Passkey || own[0].Name != "电脑" || !own[0].UsedAt.Equal(h.clock()) {
			t.Errorf("%+v, %v", own, err)
		}
	})
}

func TestPasskeysRefuse(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		h.staff("xu.wangshu")
		s := newSite(h)
		s.signIn("wang.xiaoming")
		d := newDevice(t)
		if _, err := s.addPasskey(d, "电脑"); err != nil {
			t.Fatal(err)
		}
		other := newSite(h)
		other.signIn("xu.wangshu")
		if _, err := other.addPasskey(d, "同一个"); err == nil { // one credential, two accounts
			t.Error("a credential was added twice")
		}
		mine := newDevice(t)
		if _, err := other.addPasskey(mine, "手机"); err != nil {
			t.Fatal(err)
		}
		for name, change := range map[string]func(d *device){
			"another site":     func(d *device) { d.origin = "https://hall.example.org.evil.example" },
			"another host":     func(d *device) { d.host = "evil.example" },
			"user unverified":  func(d *device) { d.flags = 0x01 },
			"user absent":      func(d *device) { d.flags = 0x04 },
			"another key":      func(d *device) { d.key = newDevice(t).key },
			"unknown":          func(d *device) { d.id = newDevice(t).id },
			"another's handle": func(d *device) { d.handle = mine.handle },
			"a copy":           func(d *device) { d.counter = 0 },
		} {
			v, x := newSite(h), *d
			x.counter = d.counter + 5
			change(&x)
			err := v.provePasskey(x.get(v.ask(v.AskPasskey)))
			t.Run(name, func(t *testing.T) { refused(t, err, identity.RefusedPasskey) })
			v.is(name, "visitor")
		}
		// The passkey of another account is no second step.
		v := newSite(h)
		v.half("xu.wangshu")
		v.ask(v.AskPasskey)
		refused(t, v.provePasskey(d.get(v.ask(v.AskPasskey))), identity.RefusedPasskey)
		v.is("with the passkey of another", "visitor")
		// Too late.
		options := s.ask(s.AskPasskey)
		h.wait(6 * time.Minute)
		refused(t, s.provePasskey(d.get(options)), identity.RefusedOffer)
		for _, rubbish := range []string{"", "{}", "null", `{"id":1}`, `{"id":"x","rawId":"x","type":"public-key","response":{}}`} {
			s.ask(s.AskPasskey)
			refused(t, s.provePasskey([]byte(rubbish)), identity.RefusedPasskey)
		}
	})
}

func TestNoPasskeysOnAnAddress(t *testing.T) {
	for base, want := range map[string]string{"http://192.0.2.1:8080": "", "": "", "http://127.0.0.1:8080": "localhost", "http://localhost:8080": "localhost", "https://hall.example.org": "hall.example.org"} {
		eachWith(t, func(o *identity.Options) { o.BaseURL = base }, func(t *testing.T, h *hall) {
			if got := h.PasskeyHost(); got != want {
				t.Errorf("%s: %q, want %q", base, got, want)
			}
			h.register(person())
			s := newSite(h)
			s.signIn("wang.xiaoming")
			if want == "" {
				refused(t, s.act(func(r *http.Request) error { _, err := s.OfferPasskey(r); return err }), identity.RefusedPasskey)
			}
		})
	}
}
