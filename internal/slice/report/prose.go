package report

import "strings"

// Paragraph is a part of a section's words: one of heading, text and item of a list.
type Paragraph struct {
	Heading string
	Text    string
	Item    string
}

// Prose reads the words of a section: an empty line parts paragraphs, a line that begins with "# " or "## " is a heading, one that begins
// with "- " an item of a list. Nothing else has a meaning, and nothing is lost: what is no mark is text.
func Prose(text string) (list []Paragraph) {
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			list = append(list, Paragraph{Text: joinLines(lines)})
			lines = nil
		}
	}
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line = strings.TrimSpace(line)
		head, isHead := cutMark(line, "## ", "# ")
		item, isItem := cutMark(line, "- ", "· ")
		switch {
		case line == "":
			flush()
		case isHead:
			flush()
			list = append(list, Paragraph{Heading: head})
		case isItem:
			flush()
			list = append(list, Paragraph{Item: item})
		default:
			lines = append(lines, line)
		}
	}
	flush()
	return list
}

func cutMark(line string, marks ...string) (string, bool) {
	for _, m := range marks {
		if rest, ok := strings.CutPrefix(line, m); ok && strings.TrimSpace(rest) != "" {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// joinLines joins the lines of a paragraph: with a space only between words of scripts that part them so.
func joinLines(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 && b.Len() > 0 && isASCII(b.String()[b.Len()-1]) && isASCII(line[0]) {
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return b.String()
}

func isASCII(c byte) bool { return c < 0x80 }
