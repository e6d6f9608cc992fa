package disclosure

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a piece of a text: an address that a reader can follow, or what stands between addresses.
type span struct {
	text    string
	address bool
}

// addressBegins finds where an address may begin: nothing else than the web is linked.
var addressBegins = regexp.MustCompile(`(?i)https?://`)

// spans finds the addresses in a text. Nothing of the text is changed or lost: its spans put together are the text. An address whose path a
// letter of another script follows at once (https://a.cn/水库) is none: nobody can tell where it ends. A host ends there (登录https://a.cn查询).
func spans(text string) []span {
	if !strings.Contains(text, "://") { // nearly all texts, and much faster found out
		if text == "" {
			return nil
		}
		return []span{{text: text}}
	}
	var out []span
	done, upto := 0, 0 // before done all is in out; upto is the end of the last address, linked or not
	for _, at := range addressBegins.FindAllStringIndex(text, -1) {
		from := at[0]
		if before, _ := utf8.DecodeLastRuneInString(text[:from]); from < upto || before < utf8.RuneSelf && wordSign(before) {
			continue
		}
		upto = addressEnd(text, from)
		// A full stop in front of a word is none (https://www.gov.中国): the address goes on, and what stands before leads elsewhere.
		next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[upto:], "."))
		goesOn := wordSign(next) && (text[upto] == '.' || strings.ContainsAny(text[at[1]:upto], "/?#"))
		if goesOn || !followed(text[from:upto]) {
			continue
		}
		if from > done {
			out = append(out, span{text: text[done:from]})
		}
		out = append(out, span{text[from:upto], true})
		done = upto
	}
	if done < len(text) {
		out = append(out, span{text: text[done:]})
	}
	return out
}

// wordSign reports whether a sign goes on with a word in any script.
func wordSign(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// addressSign reports whether a sign can stand in an address as RFC 3986 writes it. Quotation marks of ASCII close one.
func addressSign(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-._~:/?#[]@!$&()*+,;=%", r))
}

// addressEnd is where the address ends that begins at a place: before the first sign that none can hold, without the marks that end the
// sentence around it, and without a bracket that was opened before it.
func addressEnd(text string, from int) int {
	upto := from
	for upto < len(text) && addressSign(rune(text[upto])) {
		upto++
	}
	for upto > from {
		switch last := text[upto-1]; {
		case strings.IndexByte(".,;:!?", last) >= 0:
		case last == ')' && strings.Count(text[from:upto], ")") > strings.Count(text[from:upto], "("):
		case last == ']' && strings.Count(text[from:upto], "]") > strings.Count(text[from:upto], "["):
		default:
			return upto
		}
		upto--
	}
	return upto
}

// hostName is a host as addresses on the web name it: labels of letters, digits and hyphens. An account in front of it (https://gov.cn@…) hides
// where a link leads, so that is none.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{1,5})?$`)

// followed reports whether an address is one that a link may lead to.
func followed(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && u.Opaque == "" && hostName.MatchString(u.Host)
}

// elsewhere is what a link says of an address that is not the site's own.
func elsewhere(address, own string) string {
	if rest, found := strings.CutPrefix(address, own); own != "" && found && (rest == "" || strings.ContainsRune("/?#", rune(rest[0]))) {
		return ""
	}
	return "nofollow noopener noreferrer"
}
