package cleanup

import "net/url"

// itemHref is the address of what became of an item.
func itemHref(key string) string { return "/cleanup/items/" + url.PathEscape(key) }

// roundHref is the address of a published round.
func roundHref(number string) string { return "/cleanup/rounds/" + number }

// workHref is the address of a round for those who prepare it.
func workHref(number string) string { return "/desk/cleanup/rounds/" + number }

// handoverHref is the address of a hand-over.
func handoverHref(number string) string { return "/desk/cleanup/handovers/" + number }
