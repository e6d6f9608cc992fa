package demo

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"

	"openhall.org/openhall/internal/core/lang"
)

// Level is a level of government (行政层级), counted from the top of the demo.
type Level int

// The four levels of government and the village below them.
const (
	Province Level = 1 + iota // 省
	City                      // 设区的市
	County                    // 县、县级市、区
	Township                  // 乡、镇、街道
	Village                   // 村、社区
)

// Division is an administrative division (行政区划).
type Division struct {
	Code  string // 12 digits: 2 province, 2 city, 2 county, 3 township, 3 village; zeros below its own level
	Level Level
	Name  lang.Text // a few townships and villages have no English
}

// digits gives how many leading digits of a code belong to a level.
var digits = [...]int{Province: 2, City: 4, County: 6, Township: 9, Village: 12}

// Parent returns the code of the division above, or "" for the province.
func (d Division) Parent() string {
	if d.Level <= Province || d.Level > Village {
		return ""
	}
	return d.Code[:digits[d.Level-1]] + "000000000000"[digits[d.Level-1]:]
}

// Divisions yields every division in the order of the codes, so that a parent comes before its children. An error ends it.
func Divisions() iter.Seq2[Division, error] {
	return func(yield func(Division, error) bool) {
		if err := eachDivision(Files, func(d Division) bool { return yield(d, nil) }); err != nil {
			yield(Division{}, err)
		}
	}
}

func eachDivision(fsys fs.FS, yield func(Division) bool) error {
	names, err := loadNames(fsys)
	if err != nil {
		return err
	}
	villages, err := loadVillages(fsys)
	if err != nil {
		return err
	}
	return eachPacked(fsys, "divisions.csv.gz", 3, func(row []string) (bool, error) {
		if len(row[1]) != 1 || row[1] < "1" || row[1] > "5" {
			return false, fmt.Errorf("level %q: want 1 to 5", row[1])
		}
		d := Division{Code: row[0], Level: Level(row[1][0] - '0'), Name: lang.Text{Hans: row[2]}}
		if len(d.Code) != 12 {
			return false, fmt.Errorf("code %q: want 12 digits", d.Code)
		}
		if name, ok := names[d.Code]; ok {
			d.Name = name
		} else if name, ok := villages[d.Code]; ok {
			d.Name.Hant, d.Name.En = name.Hant, name.En
		}
		return yield(d), nil
	})
}

func loadNames(fsys fs.FS) (map[string]lang.Text, error) {
	f, err := fsys.Open("names.csv")
	if err != nil {
		return nil, fmt.Errorf("demo names: %w", err)
	}
	defer f.Close()
	names := make(map[string]lang.Text, 2000)
	err = eachRow(f, "names.csv", 4, func(row []string) (bool, error) {
		names[row[0]] = lang.Text{Hans: row[1], Hant: row[2], En: row[3]}
		return true, nil
	})
	return names, err
}

// loadVillages reads the names of villages in traditional Chinese and English.
func loadVillages(fsys fs.FS) (map[string]lang.Text, error) {
	names := make(map[string]lang.Text, 20_000)
	err := eachPacked(fsys, "villages.csv.gz", 3, func(row []string) (bool, error) {
		names[row[0]] = lang.Text{Hant: row[1], En: row[2]}
		return true, nil
	})
	return names, err
}

// eachPacked is eachRow over a packed file.
func eachPacked(fsys fs.FS, name string, columns int, use func([]string) (bool, error)) error {
	f, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("demo %s: %w", name, err)
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("demo %s: %w", name, err)
	}
	return eachRow(unpacked, name, columns, use)
}

// eachRow hands every row after the heading to use, until it returns false or an error.
func eachRow(r io.Reader, name string, columns int, use func([]string) (bool, error)) error {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = columns
	rows.ReuseRecord = true
	if _, err := rows.Read(); err != nil {
		return fmt.Errorf("demo %s: heading: %w", name, err)
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("demo %s: %w", name, err)
		}
		more, err := use(row)
		if err != nil {
			line, _ := rows.FieldPos(0)
			return fmt.Errorf("demo %s line %d: %w", name, line, err)
		}
		if !more {
			return nil
		}
	}
}
