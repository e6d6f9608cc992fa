package feed

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSVType is the media type of CSV.
const CSVType = "text/csv; charset=utf-8"

// columns are those of openhall import records.
func columns() []string {
	return []string{
		"index", "title", "body", "category", "theme", "audience", "genre", "lifecycle", "number", "made", "published", "in_force", "repealed", "keywords",
		"language", "source", "summary", "text", "attachments", "interprets", "amends", "repeals", "answers", "implements",
	}
}

// CSV writes a table with the columns of openhall import records. It begins with a byte order mark, by which spreadsheets know UTF-8;
// a text that a spreadsheet would take for a formula gets an apostrophe in front, which the import takes off again.
func CSV(out io.Writer, entries Entries) error {
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	w := csv.NewWriter(out)
	if err := w.Write(columns()); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	for e, err := range entries {
		if err != nil {
			return err
		}
		list := func(all []string) string { return strings.Join(all, ";") }
		cells := []string{
			e.Index, e.Title, e.Body, e.CategoryKey, e.Theme, e.Audience, e.Genre, e.LifeCycle, e.DocumentNumber, day(e.Made), day(e.Published), day(e.Effective),
			day(e.Repealed), list(e.Keywords), e.Language, e.Source, e.Summary, e.Text, list(e.fileNames()), list(e.linked("interprets")), list(e.linked("amends")),
			list(e.linked("repeals")), list(e.linked("answers")), list(e.linked("implements")),
		}
		for i := range cells {
			cells[i] = plainCell(cells[i])
		}
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("write the table: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// plainCell keeps a spreadsheet from taking a text for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
