package importing

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"openhall.org/openhall/internal/core/lang"
)

// source yields the rows of a file; io.EOF ends them. A *FileError about a row with a number spoils that row only.
type source interface {
	next() (row, error)
}

// File is a file of records that is being read.
type File struct {
	source  source
	checker *checker
	close   func() error
	// Encoding is how the text was written: UTF-8, UTF-16 or GB18030; empty for XLSX.
	Encoding string
}

// Formats lists the endings of names that Open knows.
func Formats() []string { return []string{".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson", ".txt"} }

// Open begins to read a file; what it is, its name tells. The error is a *FileError when the file can't be read as records at all.
func Open(name string, r io.ReadSeeker, o Options) (*File, error) {
	f := &File{checker: newChecker(o), close: func() error { return nil }}
	head := make([]byte, 4)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("read %s: %w", path.Base(name), err)
	}
	if n == 0 {
		return nil, refuse(text("文件是空的", "檔案是空的", "the file is empty"), text("请选择有内容的文件", "請選擇有內容的檔案", "Choose a file that holds records"))
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read %s: %w", path.Base(name), err)
	}
	zipped := bytes.Equal(head[:n], []byte("PK\x03\x04"))
	switch ext := strings.ToLower(path.Ext(name)); {
	case ext == ".xlsx" && !zipped:
		return nil, refuse(text("这不是 XLSX 文件", "這不是 XLSX 檔案", "this is no XLSX file"),
			text("请用电子表格程序另存为 XLSX 或者 CSV", "請用試算表程式另存為 XLSX 或者 CSV", "Save it as XLSX or CSV from a spreadsheet program"))
	case ext == ".xlsx":
		return f, f.table(r, o.Unpacked)
	case zipped || ext == ".xls" || bytes.Equal(head[:n], []byte("%PDF")) || bytes.Equal(head[:n], []byte("\xd0\xcf\x11\xe0")):
		return nil, refuse(text("文件的内容和名称不符", "檔案的內容和名稱不符", "the file is not what its name says"),
			text("请用电子表格程序另存为 XLSX 或者 CSV", "請用試算表程式另存為 XLSX 或者 CSV", "Save it as XLSX or CSV from a spreadsheet program"))
	case ext == ".csv", ext == ".tsv", ext == ".jsonl", ext == ".ndjson", ext == ".txt":
		return f, f.plain(ext, r)
	}
	return nil, refuse(text("不认识这种文件", "不認識這種檔案", "this kind of file is not known"),
		text("请使用 CSV、XLSX 或者 JSON Lines（.jsonl）", "請使用 CSV、XLSX 或者 JSON Lines（.jsonl）", "Use CSV, XLSX or JSON Lines (.jsonl)"))
}

// plain reads a file of text.
func (f *File) plain(ext string, r io.ReadSeeker) error {
	decoded, encoding, err := decode(r)
	if err != nil {
		return err
	}
	f.Encoding = encoding
	switch ext {
	case ".jsonl", ".ndjson":
		f.source = newJSONLines(decoded)
	case ".txt":
		f.source = &documentSource{r: decoded}
	default:
		f.source, err = newCSV(decoded)
	}
	return err
}

// Next returns the next row. io.EOF ends the file; any other error is one of reading it.
func (f *File) Next() (Item, error) {
	r, err := f.source.next()
	if refused := (*FileError)(nil); errors.As(err, &refused) && refused.Problem.Row > 0 {
		return Item{Row: refused.Problem.Row, Problems: []Problem{refused.Problem}}, nil
	}
	if err != nil {
		return Item{}, err
	}
	return f.checker.check(r), nil
}

// Close lets go of what the file holds in memory; the reader stays its owner's.
func (f *File) Close() error { return f.close() }

// decode returns the text of a file as UTF-8. Without a mark at its beginning it is UTF-8 if all of it is; otherwise GB18030, which
// every office program in China writes.
func decode(r io.ReadSeeker) (out io.Reader, encoding string, err error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	mark, err := buffered.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", fmt.Errorf("read: %w", err)
	}
	switch {
	case bytes.HasPrefix(mark, []byte{0xEF, 0xBB, 0xBF}):
		_, err := buffered.Discard(3)
		return buffered, "UTF-8", err
	case bytes.HasPrefix(mark, []byte{0xFF, 0xFE}), bytes.HasPrefix(mark, []byte{0xFE, 0xFF}):
		return transform.NewReader(buffered, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), "UTF-16", nil
	}
	valid, err := isUTF8(buffered)
	if err != nil {
		return nil, "", err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, "", fmt.Errorf("read: %w", err)
	}
	buffered.Reset(r)
	if valid {
		return buffered, "UTF-8", nil
	}
	return transform.NewReader(buffered, simplifiedchinese.GB18030.NewDecoder()), "GB18030", nil
}

// isUTF8 reads everything.
func isUTF8(r io.Reader) (bool, error) {
	buffer := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buffer[kept:])
		data := buffer[:kept+n]
		end := len(data)
		if err == nil { // the last character may be cut
			for back := 1; back < utf8.UTFMax && back <= len(data); back++ {
				if utf8.RuneStart(data[len(data)-back]) {
					if !utf8.FullRune(data[len(data)-back:]) {
						end = len(data) - back
					}
					break
				}
			}
		}
		if !utf8.Valid(data[:end]) {
			return false, nil
		}
		kept = copy(buffer, data[end:])
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, fmt.Errorf("read: %w", err)
		}
	}
}

// layout is what the row of headings says.
type layout struct {
	columns []Column // in the order of the file; zero where a column has no heading and must be empty
}

// newLayout reads the row of headings.
func newLayout(names []string, number int) (*layout, error) {
	known := newHeadings()
	l := &layout{columns: make([]Column, len(names))}
	place := map[string]int{}
	for i, name := range names {
		if strings.Trim(name, " \t\ufeff\u00a0") == "" {
			continue
		}
		c, ok := known.find(name)
		if !ok && misread(name) {
			return nil, refuse(text("文件的文字编码不能识别", "檔案的文字編碼不能識別", "the encoding of the text is not known"),
				text("请另存为 UTF-8 编码的 CSV，或者存为 XLSX", "請另存為 UTF-8 編碼的 CSV，或者存為 XLSX", "Save it as CSV in UTF-8, or as XLSX"))
		}
		if !ok {
			return nil, &FileError{Problem{Row: number, Column: letter(i), Value: shown(name),
				Rule:   text("不认识这一列", "不認識這一欄", "this column is not known"),
				Remedy: text("列名可以是："+columnNames(lang.Hans), "欄名可以是："+columnNames(lang.Hant), "Columns are: "+columnNames(lang.En))}}
		}
		if first, twice := place[c.Key]; twice {
			return nil, &FileError{Problem{Row: number, Column: letter(i), Field: c, Value: shown(name),
				Rule:   text("和 "+letter(first)+" 列重复", "和 "+letter(first)+" 欄重複", "column "+letter(first)+" is the same"),
				Remedy: text("请删去其中一列", "請刪去其中一欄", "Take one of them out")}}
		}
		place[c.Key], l.columns[i] = i, c
	}
	if len(place) == 0 {
		return nil, refuse(text("第一行没有列名", "第一列沒有欄名", "the first row has no names of columns"),
			text("请在第一行写列名："+columnNames(lang.Hans), "請在第一列寫欄名："+columnNames(lang.Hant), "Write them into it: "+columnNames(lang.En)))
	}
	return l, nil
}

// misread reports whether a name was read in another encoding than it was written in: Big5, or UTF-8 with a byte somewhere in the file that is none.
func misread(name string) bool {
	if strings.ContainsRune(name, utf8.RuneError) {
		return true
	}
	raw, err := simplifiedchinese.GB18030.NewEncoder().String(name)
	return err == nil && raw != name && utf8.ValidString(raw)
}

func columnNames(tag lang.Tag) string {
	var names []string
	for _, c := range Columns() {
		if tag == lang.En {
			names = append(names, c.Key)
		} else {
			names = append(names, c.Name.In(tag))
		}
	}
	return strings.Join(names, text("、", "、", ", ").In(tag))
}

// row puts the cells of a row in their columns.
func (l *layout) row(number int, values []string) (row, error) {
	r := row{number: number, cells: make(map[string]cell, len(values))}
	for i, v := range values {
		switch {
		case i < len(l.columns) && l.columns[i].Key != "":
			r.cells[l.columns[i].Key] = cell{v, letter(i)}
		case strings.TrimSpace(v) != "":
			return row{}, &FileError{Problem{Row: number, Column: letter(i), Value: shown(v),
				Rule:   text("这一列没有列名", "這一欄沒有欄名", "this column has no name"),
				Remedy: text("请检查这一行是否多了分隔符，或者补上列名", "請檢查這一列是否多了分隔符，或者補上欄名", "See whether the row has a separator too many, or name the column")}}
		}
	}
	for i, c := range l.columns { // a row may be shorter than the headings
		if c.Key != "" && i >= len(values) {
			r.cells[c.Key] = cell{column: letter(i)}
		}
	}
	return r, nil
}

func empty(values []string) bool { return strings.TrimSpace(strings.Join(values, "")) == "" }
