package ui

import "regexp"

// piece is a part of a text: a day, perhaps with its time, or what stands between days.
type piece struct {
	text string
	day  bool
}

// days finds a day as the words of the hall write it, with the time that may follow: 2026年11月23日 09:30; 23 November 2026, 09:30.
var days = regexp.MustCompile(`[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日(?: [0-9]{2}:[0-9]{2})?|[0-9]{1,2} [A-Z][a-z]{2,8} [0-9]{4}(?:, [0-9]{2}:[0-9]{2})?`)

// shortest is how many bytes a day takes at least: 1 May 2026.
const shortest = len("1 May 2026")

// pieces cuts a text at its days.
func pieces(text string) []piece {
	if len(text) < shortest {
		return []piece{{text: text}}
	}
	var list []piece
	at := 0
	for _, m := range days.FindAllStringIndex(text, -1) {
		if m[0] > at {
			list = append(list, piece{text: text[at:m[0]]})
		}
		list, at = append(list, piece{text[m[0]:m[1]], true}), m[1]
	}
	if at < len(text) {
		list = append(list, piece{text: text[at:]})
	}
	return list
}
