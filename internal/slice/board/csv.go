package board

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
)

// csvRows bounds a download: a longer list is cut, and its last line says so.
const csvRows = 50_000

// getCasesCSV gives a list as a table for other programs. There is nothing personal in it: what the board knows of a case is public.
func (s *Service) getCasesCSV(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.frame(r)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	filter := listingOf(r.URL.Query()).filter(f)
	filter.After, filter.Limit = nil, 200
	page, err := s.Supervision.Cases(r.Context(), filter)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="cases-%s-%s.csv"`, f.Division.Code, calendar.Of(v.Now)))
	if _, err := w.Write([]byte("\xef\xbb\xbf")); err != nil { // by which spreadsheets know UTF-8
		return err
	}
	out := csv.NewWriter(w)
	var columns []string
	for _, key := range []string{"number", "title", "division", "body", "window", "status", "lamp", "grade", "received", "accepted", "ended", "gross", "paused", "net"} {
		columns = append(columns, v.L.T("board.csv."+key))
	}
	if err := out.Write(columns); err != nil {
		return err
	}
	cal, today := s.Cases.Calendar(), calendar.Of(v.Now)
	for written := 0; len(page) > 0; {
		for i := range page {
			if err := out.Write(s.csvRow(v, &page[i], cal, today)); err != nil {
				return err
			}
		}
		if written += len(page); len(page) < filter.Limit {
			break
		}
		if written >= csvRows {
			if err := out.Write([]string{v.L.T("board.csv.cut", web.Args{"Count": v.L.Number(csvRows)})}); err != nil {
				return err
			}
			break
		}
		filter.After = &page[len(page)-1].At
		if page, err = s.Supervision.Cases(r.Context(), filter); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (s *Service) csvRow(v *web.View, c *supervision.Listed, cal *calendar.Calendar, today calendar.Date) []string {
	gross, paused, net := c.Days(cal, today)
	lamp, grade := "", ""
	if c.Open() {
		_, lamp = lampTag(v.L, c.Lamp)
	}
	if c.Grade > 0 {
		grade = strconv.Itoa(c.Grade)
	}
	division := c.Division
	if d := s.Registry.Now().Division(c.Division); d != nil {
		division = v.L.Text(d.Name)
	}
	day := func(zero bool, d calendar.Date) string {
		if zero {
			return ""
		}
		return d.String()
	}
	row := []string{
		c.Number, v.L.Text(c.Title), division, s.bodyName(v, c.Body), s.postName(v, c.Post), caseview.Status(v.L, c.Status), lamp, grade,
		day(false, calendar.Of(c.Received)), day(c.Accepted.IsZero(), calendar.Of(c.Accepted)), day(c.Ended.IsZero(), calendar.Of(c.Ended)),
		strconv.FormatInt(gross, 10), strconv.FormatInt(paused, 10), strconv.FormatInt(net, 10),
	}
	for i, text := range row {
		row[i] = plainCell(text)
	}
	return row
}

// plainCell keeps a spreadsheet from taking a text for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
