package registry

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Roles returns the roles that a post may carry.
func Roles() []string {
	return []string{Clerk, Agent, Reviewer, Head, Supervisor, Manager, Complaints, Disclosure, SystemAdmin, SecurityAdmin, AuditAdmin}
}

// Row returns one thing of the registry as the row of a sheet; nil when it is not there.
func (s *Snapshot) Row(sheet, key string) map[string]string {
	row := map[string]string{}
	put := func(prefix string, t lang.Text) {
		row[prefix+"_hans"], row[prefix+"_hant"], row[prefix+"_en"] = t.Hans, t.Hant, t.En
	}
	switch sheet {
	case "divisions":
		d := s.Division(key)
		if d == nil {
			return nil
		}
		row["code"], row["level"] = d.Code, strconv.Itoa(int(d.Level))
		put("name", d.Name)
	case "bodies":
		b := s.Body(key)
		if b == nil {
			return nil
		}
		row = map[string]string{
			"key": b.Key, "division": b.Division, "kind": b.Kind, "level": b.Level, "agency": b.Agency, "uscc": b.USCC, "centre": b.Centre,
			"consult": b.Consult, "complaint": b.Complaint, "ended": b.Ended,
		}
		put("name", b.Name)
		put("address", b.Address)
	case "centres":
		c := s.Centre(key)
		if c == nil {
			return nil
		}
		row = map[string]string{"key": c.Key, "division": c.Division, "body": c.Body, "telephone": c.Telephone, "ended": c.Ended}
		put("name", c.Name)
		put("address", c.Address)
		put("hours", c.Hours)
	case "windows":
		w := s.Window(key)
		if w == nil {
			return nil
		}
		row = map[string]string{"key": w.Key, "number": w.Number, "bodies": strings.Join(w.Bodies, " "), "centre": s.centreOf(key)}
		put("name", w.Name)
	case "posts":
		p := s.Post(key)
		if p == nil {
			return nil
		}
		row = map[string]string{"key": p.Key, "body": p.Body, "roles": strings.Join(p.Roles, " "), "windows": strings.Join(p.Windows, " "), "ended": p.Ended}
		put("title", p.Title)
	default:
		return nil
	}
	return row
}

func (s *Snapshot) centreOf(window string) string {
	for _, c := range s.centre {
		if slices.ContainsFunc(c.Windows, func(w Window) bool { return w.Key == window }) {
			return c.Key
		}
	}
	return ""
}

// SheetKeys returns the keys of all things of a sheet, sorted.
func (s *Snapshot) SheetKeys(sheet string) []string {
	var keys []string
	switch sheet {
	case "divisions":
		for _, d := range s.order {
			keys = append(keys, d.Code)
		}
	case "bodies":
		for k := range s.body {
			keys = append(keys, k)
		}
	case "centres":
		for k := range s.centre {
			keys = append(keys, k)
		}
	case "windows":
		for k := range s.window {
			keys = append(keys, k)
		}
	case "posts":
		for k := range s.post {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// WriteSheet returns a sheet with all its things as CSV, as [Snapshot.ReadSheet] reads it.
func (s *Snapshot) WriteSheet(sheet string) ([]byte, error) {
	columns := Columns(sheet)
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.Name
	}
	rows := [][]string{head}
	for _, key := range s.SheetKeys(sheet) {
		row := s.Row(sheet, key)
		record := make([]string, len(columns))
		for i, c := range columns {
			record[i] = row[c.Name]
		}
		rows = append(rows, record)
	}
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	err := w.WriteAll(rows)
	return b.Bytes(), err
}
