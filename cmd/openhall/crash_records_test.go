package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

const (
	publishedRecords = 1_200 // of one case: three parts
	importedRecords  = 2_400 // of one file: two portions, six parts
	killsOfRecords   = 3     // in the middle of each
	triesOfRecords   = 12    // cases and files: a machine that is busy may finish one before it is killed
)

// TestRecordsSurviveKills: the whole program is killed in the middle of publishing cases of hundreds of records, and in the middle
// of importing files of thousands, again and again. Afterwards each record is public once, under a number of its own, counted once, found
// once, and stands in one event.
func TestRecordsSurviveKills(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	v := &recordVictim{victim: &victim{t: t, binary: buildProgram(t)}}
	v.config = app.Config{Data: data, Addr: "127.0.0.1:0", Database: "sqlite:" + filepath.Join(data, "openhall.db"), BaseURL: "http://crash.test", Jurisdiction: "cn-ah",
		Division: "340000000000", Origin: "crash.test/log"}
	v.db = v.open().DB
	cases := v.publishedUnderKills()
	total := len(cases)*publishedRecords + v.importedUnderKills(len(cases)*publishedRecords)
	for query, want := range map[string]int{
		publicRecords: total, takenRecords: total,
		`SELECT count(DISTINCT index_no) FROM publication_record`:                                  total,
		`SELECT count(*) FROM publication_version WHERE state = 'public'`:                          total,
		`SELECT sum(n) FROM publication_tally`:                                                     total,
		`SELECT count(*) FROM publication_batch WHERE state <> 'published' AND records > released`: 0,
	} {
		if got := v.counted(query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	for _, kase := range cases {
		v.checkEvents(kase)
	}
}

// recordVictim is a victim whose records are counted while it works.
type recordVictim struct {
	*victim

	db *store.DB
}

const (
	publicRecords = `SELECT count(*) FROM publication_record WHERE live = 1`
	takenRecords  = `SELECT count(*) FROM publication_record`
)

// publishedUnderKills publishes cases, killing the program after the first part that it sees, until it was often enough in the middle
// of one: some of its records were public, and not all.
func (v *recordVictim) publishedUnderKills() (cases []store.ID) {
	v.t.Helper()
	kills := 0
	for kills < killsOfRecords {
		if len(cases) == triesOfRecords {
			v.t.Fatalf("killed %d times in the middle of publishing", kills)
		}
		cases = append(cases, v.approvedRecords(strconv.Itoa(len(cases))))
		all := len(cases) * publishedRecords
		for v.counted(publicRecords) < all {
			before := v.counted(publicRecords)
			v.start()
			v.until(publicRecords, before, nil)
			if kills < killsOfRecords {
				v.kill()
				if v.counted(publicRecords) < all {
					kills++
				}
				continue
			}
			v.until(publicRecords, all-1, nil)
			v.stop()
		}
	}
	v.t.Logf("killed %d times while %d records were published", kills, len(cases)*publishedRecords)
	return cases
}

// importedUnderKills imports files beside the records that there are, killing the command after the first portion that it sees, until
// it was often enough in the middle of one. It returns how many records it imported.
func (v *recordVictim) importedUnderKills(there int) int {
	v.t.Helper()
	kills, files := 0, 0
	for kills < killsOfRecords {
		if files == triesOfRecords {
			v.t.Fatalf("killed %d times in the middle of importing", kills)
		}
		files++
		table := v.oldRecords(files)
		all := there + files*importedRecords
		for v.counted(takenRecords) < all {
			before := v.counted(takenRecords)
			ended, over := v.importing(table)
			if kill := kills < killsOfRecords && v.until(takenRecords, before, ended); kill {
				if err := over(kill); err != nil && v.counted(takenRecords) < all {
					kills++
				}
			} else if err := over(kill); err != nil {
				v.t.Fatalf("the import does not end: %v", err)
			}
		}
	}
	v.t.Logf("killed %d times while %d records were imported", kills, files*importedRecords)
	return files * importedRecords
}

// oldRecords writes a file of records of an old system, each file with numbers of its own.
func (v *victim) oldRecords(file int) string {
	v.t.Helper()
	table := filepath.Join(v.t.TempDir(), "old.csv")
	var rows strings.Builder
	rows.WriteString("索引号,信息名称,发布机构,信息分类,发布日期,正文\n")
	for i := range importedRecords {
		fmt.Fprintf(&rows, "11340000MB9000023Q/2013%02d-%05d,第%d号通知,合肥市水务局,其他文件,2013-04-10,正文%d。\n", file, i+1, i+1, i+1)
	}
	if err := os.WriteFile(table, []byte(rows.String()), 0o600); err != nil {
		v.t.Fatal(err)
	}
	return table
}

// importing starts the command that imports a file. The function it returns kills it when asked to, and waits until it is gone.
func (v *victim) importing(table string) (ended <-chan struct{}, over func(kill bool) error) {
	v.t.Helper()
	cmd := exec.CommandContext(v.t.Context(), v.binary, "import", "records", table, "--data", v.config.Data, "--database", v.config.Database, "--origin", v.config.Origin)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	var result error
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := cmd.Wait(); err != nil {
			result = fmt.Errorf("%w: %s", err, said.String())
		}
	}()
	return gone, func(kill bool) error {
		if kill {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
		}
		<-gone
		return result
	}
}

// counted is the answer to a query for one number, asked of the database that the victim works on.
func (v *recordVictim) counted(query string) int {
	v.t.Helper()
	n, err := store.Scalar[int](v.db.Read().QueryRow(v.t.Context(), query))
	if err != nil {
		v.t.Fatal(err)
	}
	return n
}

// until waits for a number to pass a bound while something works, and says whether it did before that ended; nil is never ended.
func (v *recordVictim) until(query string, bound int, ended <-chan struct{}) bool {
	v.t.Helper()
	for range 20_000 {
		if v.counted(query) > bound {
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
	v.t.Fatal("nothing moves any more")
	return false
}

// open opens what the victim works on, for as long as the test takes.
func (v *victim) open() *program {
	v.t.Helper()
	n, err := assemble(v.t.Context(), v.config, slog.New(slog.DiscardHandler))
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() {
		n.Cases.Close()
		if err := n.Close(); err != nil {
			v.t.Error(err)
		}
	})
	return n
}

// approvedRecords makes a case of many records that was approved, and of which nothing is public yet. The key tells it from the others.
func (v *victim) approvedRecords(key string) store.ID {
	t := v.t
	t.Helper()
	n, err := assemble(t.Context(), v.config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	name := func(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }
	ok(n.Registry.Edit(ctx, func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: name("安徽省")}, {Code: "340100000000", Level: registry.City, Name: name("合肥市")}})
		if err != nil {
			return err
		}
		return e.PutBody(registry.Body{Key: "hefei-water", Division: "340100000000", Kind: "water", Level: "municipal", Name: name("合肥市水务局"), USCC: "11340000MB9000023Q"})
	}))
	staff := func(id store.ID, role string) identity.Principal {
		return identity.Principal{Account: id, Kind: identity.Staff, Post: identity.Post{ID: "hefei-water." + role, Body: "hefei-water", Division: "340100000000", Roles: []string{role}}}
	}
	clerk, reviewer, head := staff(11, registry.Disclosure), staff(12, registry.Reviewer), staff(13, registry.Head)
	ids := make([]store.ID, publishedRecords)
	for i := range ids {
		ids[i], err = n.Publication.Draft(ctx, clerk, publication.Draft{Body: "hefei-water", Content: publication.Content{
			Title: fmt.Sprintf("第%d号公告", i+1), Category: "statutory.1.other", Text: fmt.Sprintf("第%d号公告的正文。", i+1),
		}})
		ok(err)
	}
	rec, err := n.Publication.Submit(ctx, clerk, "submit-"+key, ids...)
	ok(err)
	_, err = n.Publication.Review(ctx, reviewer, rec.Case, "review-"+key, publication.Clear())
	ok(err)
	// The head approves; the program is killed before it publishes anything.
	c, err := n.Cases.Get(ctx, rec.Case)
	ok(err)
	data, err := json.Marshal(publication.Approval{Outcome: publication.Publish})
	ok(err)
	_, err = n.Cases.Do(ctx, casework.Command{Key: "approve-" + key, Actor: head, Case: rec.Case, Act: casework.Complete{Token: c.Tasks()[0].Token, Data: data}})
	ok(err)
	n.Cases.Close()
	ok(n.Close())
	return rec.Case
}

// checkEvents reads the log: each version of a case stands in exactly one event.
func (v *victim) checkEvents(kase store.ID) {
	t := v.t
	t.Helper()
	n := v.open()
	seen := map[string]int{}
	for _, data := range eventData(t, n, kase) {
		list, _ := data["versions"].([]any)
		for _, x := range list {
			one, _ := x.(map[string]any)
			index, _ := one["index"].(string)
			seen[index]++
		}
	}
	if len(seen) != publishedRecords {
		t.Errorf("%d records stand in the events of the case, want %d", len(seen), publishedRecords)
	}
	for index, times := range seen {
		if times != 1 {
			t.Errorf("%s stands in %d events", index, times)
		}
	}
}
