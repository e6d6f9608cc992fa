package importing

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxDocument is how large a document in plain text may be, in bytes.
const maxDocument = 4 << 20

// documentSource reads a file as one official document.
type documentSource struct {
	r    io.Reader
	done bool
}

func (s *documentSource) next() (row, error) {
	if s.done {
		return row{}, io.EOF
	}
	s.done = true
	data, err := io.ReadAll(io.LimitReader(s.r, maxDocument+1))
	if err != nil {
		return row{}, fmt.Errorf("read the document: %w", err)
	}
	if len(data) > maxDocument {
		return row{}, refuse(text("文字太长", "文字太長", "the text is too long"), text("请作为附件导入", "請作為附件匯入", "Import it as an attachment"))
	}
	r, err := readDocument(string(data))
	if err != nil {
		return row{}, err
	}
	r.number, r.guessed = 1, true
	return r, nil
}

// What official documents are made of (GB/T 9704): the number in lenticular brackets, the day by which they are signed, the title in
// title marks that a notice passes on.
var (
	numberForm = regexp.MustCompile(`^[\p{Han}]{1,20}[〔\[［(（【](?:19|20)\d\d[〕\]］)）】]\s*第?\d{1,5}[号號]$`)
	dayForm    = regexp.MustCompile(`^((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日$`)
	titleForm  = regexp.MustCompile(`《([^《》]{4,100})》`)
	signerForm = regexp.MustCompile(`^\p{Han}{2,40}(?:政府|厅|廳|局|委|委员会|委員會|办公厅|辦公廳|办公室|辦公室|院|中心|部|署|处|處)$`)
)

// errNothing says that a document has no text.
var errNothing = refuse(text("文件里没有文字", "檔案裡沒有文字", "the document has no text"), text("请选择有内容的文件", "請選擇有內容的檔案", "Choose a file that holds a text"))

// readDocument finds the fields of an official document (公文) in its plain text: document number, title, the body that signs it, the day
// on which it was made. What it does not find stays empty, for defaults to fill in.
func readDocument(plain string) (row, error) {
	plain, cleaned := Clean(plain)
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(plain, "\r\n", "\n")) {
		lines = append(lines, strings.Trim(line, " \t\n\r\u3000\u00a0"))
	}
	full := strings.Join(lines, "\n")
	r := row{number: 1, cells: map[string]cell{}, cleaned: cleaned}
	set := func(key, value string) {
		if value != "" && r.cells[key].value == "" {
			r.cells[key] = cell{value: value}
		}
	}
	passed := passedOn(full)
	for i, line := range lines {
		switch {
		case line == "":
		case numberForm.MatchString(line):
			set(colNumber, line)
		case dayForm.MatchString(line):
			set(colMade, line)
			set(colBody, signerBefore(lines[:i]))
		case line == passed:
			set(colTitle, line)
		}
	}
	set(colTitle, headline(lines))
	body := paragraphs(lines)
	if body == "" {
		return row{}, errNothing
	}
	set(colText, body)
	return r, nil
}

// passedOn returns the title of the document that a notice passes on (印发), when it stands on a line of its own as well.
func passedOn(full string) string {
	for _, m := range titleForm.FindAllStringSubmatch(full, -1) {
		if strings.Contains("\n"+full+"\n", "\n"+m[1]+"\n") {
			return m[1]
		}
	}
	return ""
}

// signerBefore returns the body that signs: the last line with words before the day.
func signerBefore(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] != "" {
			if signerForm.MatchString(lines[i]) {
				return lines[i]
			}
			return ""
		}
	}
	return ""
}

// headline returns the first line that can be a title: no address of the recipients, no number, not too long.
func headline(lines []string) string {
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n == 0 || numberForm.MatchString(line) {
			continue
		} else if n > maxTitle || strings.HasSuffix(line, "：") || strings.HasSuffix(line, ":") || strings.HasSuffix(line, "。") {
			return ""
		}
		return line
	}
	return ""
}

// paragraphs joins lines to a text, with no more than one blank line between two.
func paragraphs(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		if line == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line)
	}
	return b.String()
}

// ProblemOf returns what refused a file, or nil when the error is another one.
func ProblemOf(err error) (Problem, bool) {
	if refused := (*FileError)(nil); errors.As(err, &refused) {
		return refused.Problem, true
	}
	return Problem{}, false
}
