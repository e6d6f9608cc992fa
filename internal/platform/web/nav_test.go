package web

import "testing"

// One entry is current: the one that the page lies below most nearly.
func TestOneEntryIsCurrent(t *testing.T) {
	all := []NavItem{{Href: "/"}, {Href: "/desk"}, {Href: "/desk/records", Also: []string{"/desk/imports"}}, {Href: "/board"}}
	for path, want := range map[string]string{
		"/": "/", "/desk": "/desk", "/desk/case/1": "/desk", "/desk/records": "/desk/records", "/desk/records/new": "/desk/records",
		"/desk/recordsets": "/desk", "/desk/imports": "/desk/records", "/desk/imports/new": "/desk/records", "/board/340000000000": "/board", "/hall": "",
	} {
		got := ""
		for _, item := range all {
			if isCurrent(path, item, all) {
				got += item.Href
			}
		}
		if got != want {
			t.Errorf("%s: %q is current, want %q", path, got, want)
		}
	}
}
