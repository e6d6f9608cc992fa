package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
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
	publishedRecords = 800 // of one case: four parts
	importedRecords  = 1_600
	killsOfRecords   = 3
)

// TestRecordsSurviveKills: the whole program is killed in the middle of publishing a case of hundreds of records, and in the middle
// of importing a file of thousands, again and again. Afterwards each record is public once, under a number of its own, counted once, found
// once, and stands in one event.
func TestRecordsSurviveKills(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	v := &victim{t: t, binary: buildProgram(t)}
	v.config = app.Config{Data: data, Addr: "127.0.0.1:0", Database: "sqlite:" + filepath.Join(data, "openhall.db"), BaseURL: "http://crash.test", Jurisdiction: "cn-ah",
		Division: "340000000000", Origin: "crash.test/log"}
	kase := v.approvedRecords()
	db := v.open().DB
	counted := func(query string) int {
		t.Helper()
		n, err := store.Scalar[int](db.Read().QueryRow(t.Context(), query))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	// until waits for a number to pass a bound while the victim works, and says whether it did.
	until := func(query string, bound int, ended func() bool) bool {
		for range 20_000 {
			if counted(query) > bound {
				return true
			}
			if ended() {
				return false
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatal("nothing moves any more")
		return false
	}
	const public = `SELECT count(*) FROM publication_record WHERE live = 1`
	kills := 0
	for counted(public) < publishedRecords {
		before := counted(public)
		v.start()
		until(public, before, func() bool { return false })
		if kills++; kills <= killsOfRecords {
			v.kill()
			continue
		}
		until(public, publishedRecords-1, func() bool { return false })
		v.stop()
	}
	if kills < 2 {
		t.Fatalf("killed %d times in the middle of publishing", kills)
	}
	t.Logf("killed %d times while %d records were published", min(kills, killsOfRecords), publishedRecords)

	table := filepath.Join(t.TempDir(), "old.csv")
	var rows strings.Builder
	rows.WriteString("索引号,信息名称,发布机构,信息分类,发布日期,正文\n")
	for i := range importedRecords {
		fmt.Fprintf(&rows, "11340000MB9000023Q/201304-%05d,第%d号通知,合肥市水务局,其他文件,2013-04-10,正文%d。\n", i+1, i+1, i+1)
	}
	if err := os.WriteFile(table, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	const taken = `SELECT count(*) FROM publication_record`
	killed := 0
	for round := 0; ; round++ {
		cmd := exec.CommandContext(t.Context(), v.binary, "import", "records", table, "--data", data, "--database", v.config.Database, "--origin", v.config.Origin)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		ended := make(chan error, 1)
		before := counted(taken)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var result error
		over := false
		go func() { ended <- cmd.Wait() }()
		gone := func() bool {
			select {
			case result = <-ended:
				over = true
			default:
			}
			return over
		}
		if killed < killsOfRecords && until(taken, before, gone) {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
			killed++
		}
		if !over {
			result = <-ended
		}
		if result == nil {
			break
		}
		if killed == 0 || round > 4*killsOfRecords {
			t.Fatalf("the import does not end: %v: %s", result, said.String())
		}
	}
	if killed < 2 {
		t.Fatalf("killed %d times in the middle of importing", killed)
	}
	t.Logf("killed %d times while %d records were imported", killed, importedRecords)
	for query, want := range map[string]int{
		public: publishedRecords + importedRecords, taken: publishedRecords + importedRecords,
		`SELECT count(DISTINCT index_no) FROM publication_record`:                                  publishedRecords + importedRecords,
		`SELECT count(*) FROM publication_version WHERE state = 'public'`:                          publishedRecords + importedRecords,
		`SELECT sum(n) FROM publication_tally`:                                                     publishedRecords + importedRecords,
		`SELECT count(*) FROM publication_batch WHERE state <> 'published' AND records > released`: 0,
	} {
		if got := counted(query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	v.checkEvents(kase)
}

// open opens what the victim works on.
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

// approvedRecords makes a case of many records that was approved, and of which nothing is public yet.
func (v *victim) approvedRecords() store.ID {
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
	rec, err := n.Publication.Submit(ctx, clerk, "all", ids...)
	ok(err)
	_, err = n.Publication.Review(ctx, reviewer, rec.Case, "review", publication.Clear())
	ok(err)
	// The head approves; the program is killed before it publishes anything.
	c, err := n.Cases.Get(ctx, rec.Case)
	ok(err)
	data, err := json.Marshal(publication.Approval{Outcome: publication.Publish})
	ok(err)
	_, err = n.Cases.Do(ctx, casework.Command{Key: "approve", Actor: head, Case: rec.Case, Act: casework.Complete{Token: c.Tasks()[0].Token, Data: data}})
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
