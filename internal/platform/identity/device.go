package identity

import "strings"

// Device is the kind of device and of browser from which somebody signed in: enough to recognise one's own, too little to follow anybody.
type Device struct {
	Kind    string // computer, phone, tablet, other
	Browser string // chrome, edge, firefox, safari, wechat, alipay, other
}

// signs are what tells a browser in a user agent, the more telling first: many name others as well.
var signs = []struct{ sign, name string }{
	{"MicroMessenger", "wechat"}, {"AlipayClient", "alipay"}, {"Edg", "edge"}, {"Firefox", "firefox"}, {"FxiOS", "firefox"},
	{"Chrome", "chrome"}, {"CriOS", "chrome"}, {"Safari", "safari"},
}

// deviceOf tells a device by its user agent, as a text that a session keeps.
func deviceOf(agent string) string {
	has := func(sign string) bool { return strings.Contains(agent, sign) }
	kind := "other"
	switch {
	case has("iPad"), has("Tablet"), has("Android") && !has("Mobile"):
		kind = "tablet"
	case has("Mobile"), has("iPhone"):
		kind = "phone"
	case has("Windows"), has("Macintosh"), has("X11"), has("Linux"), has("CrOS"):
		kind = "computer"
	}
	browser := "other"
	for _, b := range signs {
		if has(b.sign) {
			browser = b.name
			break
		}
	}
	return kind + "/" + browser
}

func parseDevice(kept string) Device {
	kind, browser, ok := strings.Cut(kept, "/")
	if !ok {
		return Device{Kind: "other", Browser: "other"}
	}
	return Device{kind, browser}
}
