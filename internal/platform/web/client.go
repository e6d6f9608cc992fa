package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// ParseProxies reads the networks of the proxies that stand in front of the hall: addresses or CIDRs, separated by commas or blanks.
func ParseProxies(text string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		if a, err := netip.ParseAddr(word); err == nil {
			a = a.Unmap()
			all = append(all, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%q: want an address or a network such as 10.0.0.0/8: %w", word, err)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// ClientOf names whoever sends a request, for limits: an IPv4 address, or the /64 network of an IPv6 address, because one household has
// all of it. Behind a trusted proxy it is the client of that proxy. It is for counting in memory and must not be kept or logged.
func ClientOf(r *http.Request) string {
	if info := infoOf(r); info.client != "" {
		return info.client
	}
	return clientOf(r.RemoteAddr, nil, nil)
}

// clientOf decides who the client is. Each proxy appends to X-Forwarded-For the address that it sees; what stands before the last one
// that is not ours, the client may have made up. So the list is read from its end, for as long as the address is a proxy's.
func clientOf(remote string, forwarded []string, proxies []netip.Prefix) string {
	at, ok := parseClient(remote)
	if !ok {
		return remote // a socket of the system has no address
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(at, proxies); i-- {
		next, ok := parseClient(strings.TrimSpace(hops[i]))
		if !ok {
			break // nobody can say more than that it came through this proxy
		}
		at = next
	}
	if at.Is6() {
		if p, err := at.Prefix(64); err == nil {
			return p.String()
		}
	}
	return at.String()
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// parseClient reads an address with or without a port, and with or without the brackets of IPv6.
func parseClient(text string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
