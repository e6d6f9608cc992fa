package importing

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// csvSource reads comma-separated values; tabs and semicolons separate too when the row of headings has them.
type csvSource struct {
	reader *csv.Reader
	layout *layout
	number int // of the row as a spreadsheet shows it, which counts blank rows but not the lines within a cell
	line   int // where the last row ended
}

func newCSV(r io.Reader) (*csvSource, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	if i := bytes.IndexByte(head, '\n'); i > 0 {
		head = head[:i]
	}
	s := &csvSource{reader: csv.NewReader(buffered)}
	s.reader.FieldsPerRecord = -1
	s.reader.ReuseRecord = true
	s.reader.Comma = separator(head)
	names, err := s.read()
	if errors.Is(err, io.EOF) {
		return nil, refuse(text("文件是空的", "檔案是空的", "the file is empty"), text("请选择有内容的文件", "請選擇有內容的檔案", "Choose a file that holds records"))
	}
	if err != nil {
		return nil, err
	}
	s.layout, err = newLayout(names, s.number)
	return s, err
}

func separator(head []byte) rune {
	comma := bytes.Count(head, []byte(","))
	switch {
	case bytes.Count(head, []byte("\t")) > comma:
		return '\t'
	case bytes.Count(head, []byte(";")) > comma:
		return ';'
	}
	return ','
}

// read returns the cells of the next row.
func (s *csvSource) read() ([]string, error) {
	values, err := s.reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if fault := (*csv.ParseError)(nil); errors.As(err, &fault) {
		s.number += fault.StartLine - s.line
		s.line = fault.Line
		return nil, &FileError{Problem{Row: s.number,
			Rule:   text("引号没有成对", "引號沒有成對", "quotation marks don't pair"),
			Remedy: text("请检查这一行的引号；单元格里的引号要写两遍", "請檢查這一列的引號；儲存格裡的引號要寫兩遍", "Check the quotation marks of this row; one within a cell is written twice")}}
	}
	if err != nil {
		return nil, fmt.Errorf("read the table: %w", err)
	}
	start, _ := s.reader.FieldPos(0)
	s.number += start - s.line
	last, _ := s.reader.FieldPos(len(values) - 1)
	s.line = last + strings.Count(values[len(values)-1], "\n")
	return values, nil
}

func (s *csvSource) next() (row, error) {
	for {
		values, err := s.read()
		if err != nil {
			return row{}, err
		}
		if !empty(values) {
			return s.layout.row(s.number, values)
		}
	}
}

// Limits of an XLSX table when it is unpacked, so that a small file can't fill the memory: pictures and all else that is no sheet are held in it.
const (
	maxUnpacked = 1 << 30
	maxInMemory = 64 << 20 // sheets larger than this are unpacked to the disk
)

// xlsxSource reads the first sheet of a spreadsheet.
type xlsxSource struct {
	rows   *excelize.Rows
	layout *layout
	number int
}

func (f *File) table(r io.Reader, unpacked int64) error {
	if unpacked == 0 {
		unpacked = maxUnpacked
	}
	book, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: unpacked, UnzipXMLSizeLimit: min(maxInMemory, unpacked)})
	if err != nil {
		return refuse(text("打不开这个 XLSX 文件", "打不開這個 XLSX 檔案", "the XLSX file can't be opened"),
			text("请去掉密码、图片和多余的工作表，用电子表格程序重新保存", "請去掉密碼、圖片和多餘的工作表，用試算表程式重新儲存", "Take its password, pictures and other sheets off, and save it again from a spreadsheet program"))
	}
	f.close = book.Close
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return refuse(text("文件里没有工作表", "檔案裡沒有工作表", "the file has no sheet"), text("请选择有内容的文件", "請選擇有內容的檔案", "Choose a file that holds records"))
	}
	rows, err := book.Rows(sheets[0])
	if err != nil {
		return fmt.Errorf("read the sheet %s: %w", sheets[0], err)
	}
	f.close = func() error { return errors.Join(rows.Close(), book.Close()) }
	s := &xlsxSource{rows: rows}
	f.source = s
	names, err := s.read()
	if errors.Is(err, io.EOF) {
		return refuse(text("第一张工作表是空的", "第一張工作表是空的", "the first sheet is empty"), text("请把数据放在第一张工作表", "請把資料放在第一張工作表", "Put the records on the first sheet"))
	}
	if err != nil {
		return err
	}
	s.layout, err = newLayout(names, s.number)
	return err
}

// read returns the cells of the next row that has any.
func (s *xlsxSource) read() ([]string, error) {
	for s.rows.Next() {
		s.number++
		values, err := s.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, fmt.Errorf("read row %d of the sheet: %w", s.number, err)
		}
		if !empty(values) {
			return values, nil
		}
	}
	if err := s.rows.Error(); err != nil {
		return nil, fmt.Errorf("read the sheet: %w", err)
	}
	return nil, io.EOF
}

func (s *xlsxSource) next() (row, error) {
	values, err := s.read()
	if err != nil {
		return row{}, err
	}
	return s.layout.row(s.number, values)
}
