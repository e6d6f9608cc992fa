package main

import (
	"bytes"
	"strings"
	"testing"
)

func runCalendar(args ...string) (string, error) {
	var out bytes.Buffer
	cmd := newCalendarCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.Execute()
	return out.String(), err
}

// 2013: 清明节4月4日至6日放假调休，4月7日（星期日）上班 (国办发明电〔2012〕33号).
func TestCalendarJSON(t *testing.T) {
	got, err := runCalendar("--from", "2013-04-06", "--to", "2013-04-08", "--json")
	want := `[{"date":"2013-04-06","working":false,"why":"清明节（国办发明电〔2012〕33号）"},` +
		`{"date":"2013-04-07","working":true,"why":"清明节调休上班（国办发明电〔2012〕33号）"},` +
		`{"date":"2013-04-08","working":true,"why":"工作日（星期一）"}]` + "\n"
	if err != nil || got != want {
		t.Errorf("%v, got %s want %s", err, got, want)
	}
}

func TestCalendarTable(t *testing.T) {
	got, err := runCalendar("--from", "2013-10-11", "--to", "2013-10-13", "--lang", "en")
	want := "2013-10-11  working  working day (Friday)\n" +
		"2013-10-12  working  working Saturday in exchange for National Day (State Council notice 国办发明电〔2012〕33号)\n" +
		"2013-10-13  off      weekend (Sunday)\n" +
		"3 days, 2 of them working days\n"
	if err != nil || got != want {
		t.Errorf("%v, got\n%s want\n%s", err, got, want)
	}
}

func TestCalendarRefuses(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"--from 2013-04-06", "give both ends"},
		{"--from 2023-02-30 --to 2023-03-01", "--from: date \"2023-02-30\": no such day: February 2023 has the days 01 to 28"},
		{"--from 2023-02-01 --to tomorrow", "--to: date \"tomorrow\": not a date of the form YYYY-MM-DD"},
		{"--from 2023-03-01 --to 2023-02-01", "lies before --from 2023-03-01"},
		{"--from 1950-01-01 --to 2050-01-01", "longer than 100 years"},
		{"--from 2023-03-01 --to 2023-03-02 --lang fr", "choose one of zh-Hans, zh-Hant, en"},
		{"--from 2023-03-01 --to 2023-03-02 now", "unknown command"},
	} {
		out, err := runCalendar(strings.Fields(tt.args)...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, output %q; want %q", tt.args, err, out, tt.want)
		}
	}
	if out, err := runCalendar("--from", "1950-01-01", "--to", "2049-12-31", "--json"); err != nil || strings.Count(out, `"date"`) != 36525 {
		t.Errorf("a hundred years: %d days, %v", strings.Count(out, `"date"`), err)
	}
}
