package disclosure

import "strings"

// block is a paragraph, a heading or a list of a text as package publication keeps it: an empty line parts paragraphs, "# " and "## " begin
// headings, "- " an item of a list.
type block struct {
	kind  string // p, h3, h4, ul
	lines []string
}

// blocks cuts a text into its blocks.
func blocks(text string) []block {
	var out []block
	open := "" // kind of the block that the next line may continue
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		kind, words := "p", line
		switch {
		case line == "":
			open = ""
			continue
		case strings.HasPrefix(line, "## "):
			kind, words = "h4", line[3:]
		case strings.HasPrefix(line, "# "):
			kind, words = "h3", line[2:]
		case strings.HasPrefix(line, "- "):
			kind, words = "ul", line[2:]
		}
		if kind == open && kind != "h3" && kind != "h4" {
			last := &out[len(out)-1]
			last.lines = append(last.lines, words)
			continue
		}
		out = append(out, block{kind, []string{words}})
		open = kind
	}
	return out
}
