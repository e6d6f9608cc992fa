package importing

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// maxLine is how long a line may be, in bytes.
const maxLine = 16 << 20

// jsonSource reads one JSON object a line.
type jsonSource struct {
	scanner *bufio.Scanner
	known   headings
	number  int
}

func newJSONLines(r io.Reader) *jsonSource {
	s := &jsonSource{scanner: bufio.NewScanner(r), known: newHeadings()}
	s.scanner.Buffer(make([]byte, 64<<10), maxLine)
	return s
}

func (s *jsonSource) next() (row, error) {
	for s.scanner.Scan() {
		s.number++
		line := bytes.TrimSpace(s.scanner.Bytes())
		if len(line) > 0 {
			return s.row(line)
		}
	}
	switch err := s.scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return row{}, refuse(text(fmt.Sprintf("第 %d 行太长", s.number+1), fmt.Sprintf("第 %d 行太長", s.number+1), fmt.Sprintf("line %d is too long", s.number+1)),
			text("请把正文放入附件", "請把正文放入附件", "Attach the text as a file"))
	case err != nil:
		return row{}, fmt.Errorf("read: %w", err)
	}
	return row{}, io.EOF
}

// wrong spoils a line.
func (s *jsonSource) wrong(field Column, value string, rule, remedy lang.Text) error {
	return &FileError{Problem{Row: s.number, Field: field, Value: shown(value), Rule: rule, Remedy: remedy}}
}

func (s *jsonSource) row(line []byte) (row, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var members map[string]any
	err := d.Decode(&members)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err != nil || members == nil {
		return row{}, s.wrong(Column{}, "", text("不是一个 JSON 对象", "不是一個 JSON 物件", "it is no JSON object"),
			text("每行写一个对象，以 { 开头、以 } 结尾", "每行寫一個物件，以 { 開頭、以 } 結尾", "Write one object a line, from { to }"))
	}
	r := row{number: s.number, cells: map[string]cell{}, lists: map[string][]string{}}
	for name, value := range members {
		c, ok := s.known.find(name)
		if !ok {
			return row{}, s.wrong(Column{}, name, text("不认识这个字段", "不認識這個欄位", "this member is not known"),
				text("字段可以是："+columnNames(lang.En), "欄位可以是："+columnNames(lang.En), "Members are: "+columnNames(lang.En)))
		}
		if _, twice := r.cells[c.Key]; twice {
			return row{}, s.wrong(c, name, text("这个字段写了两遍", "這個欄位寫了兩遍", "this member stands twice"), text("请删去一个", "請刪去一個", "Take one out"))
		}
		if err := s.member(&r, c, value); err != nil {
			return row{}, err
		}
	}
	return r, nil
}

// member takes a value: a text, a number, null, or where several may stand a list of texts.
func (s *jsonSource) member(r *row, c Column, value any) error {
	switch v := value.(type) {
	case nil:
		r.cells[c.Key] = cell{}
		return nil
	case string:
		r.cells[c.Key] = cell{value: v}
		return nil
	case json.Number:
		r.cells[c.Key] = cell{value: v.String()}
		return nil
	case []any:
		if list, ok := texts(v); ok && c.List {
			r.lists[c.Key] = list
			r.cells[c.Key] = cell{}
			return nil
		}
	}
	var raw strings.Builder
	e := json.NewEncoder(&raw)
	e.SetEscapeHTML(false) // as the line has it
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("value of %s in line %d: %w", c.Key, s.number, err)
	}
	return s.wrong(c, raw.String(), text("必须是文字", "必須是文字", "it must be a text"), text("请给值加上引号", "請給值加上引號", "Put the value into quotation marks"))
}

// texts returns the texts of a list, if it holds nothing else. An empty list is one of texts; null in it says nothing.
func texts(list []any) (out []string, ok bool) {
	out = make([]string, 0, len(list))
	for _, v := range list {
		switch v := v.(type) {
		case nil:
			out = append(out, "")
		case string:
			out = append(out, v)
		default:
			return nil, false
		}
	}
	return out, true
}
