package main

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/admin"
)

// Two people erase a case, one by the command: its sealed rows, its uploads and its letters are in no file of the hall any more, those
// of another case are, and the log verifies from its first entry to its last.
func TestErasedByTwo(t *testing.T) {
	n := demoAt(t, time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone))
	cases := playMatters(t, n)
	sequenceAll(t, n)
	erased, kept := endedWithPapers(t, n, cases)
	gone, stays := marksOf(t, n, erased), marksOf(t, n, kept)
	if found := inFiles(t, n, gone); found != len(gone) {
		t.Fatalf("the test looks for the wrong bytes: %d of %d are there before anything is erased", found, len(gone))
	}
	var said bytes.Buffer
	for _, dry := range []bool{true, false} {
		if err := proposeErasure(t.Context(), n, erased.Number, "the applicant asked for it, art. 47", dry, &said); err != nil {
			t.Fatal(err)
		}
	}
	if s := said.String(); !strings.Contains(s, "nothing was proposed") || !strings.Contains(s, "once the audit administrator confirms") || strings.Contains(s, " 0 uploads") {
		t.Errorf("the command says: %s", s)
	}
	s, err := admin.Of(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Erasures(t.Context(), identity.Platform)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	account, err := n.Identity.AccountByLogin(t.Context(), "admin.audit")
	if err != nil {
		t.Fatal(err)
	}
	auditor := identity.Principal{Account: account.ID, Kind: identity.Staff, Post: n.Identity.Posts(account.ID)[0]}
	if err := s.DecideErasure(t.Context(), auditor, list[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if found := inFiles(t, n, gone); found != 0 {
		t.Errorf("%d of %d marks of what was erased are still in the files of the hall", found, len(gone))
	}
	if found := inFiles(t, n, stays); found != len(stays) {
		t.Errorf("of the other case %d of %d marks are left", found, len(stays))
	}
	sequenceAll(t, n)
	if err := verifyLog(&said, dataLog{n.Ledger.Source(t.Context()), n.DB}, n.LogKey.Public, nil); err != nil {
		t.Errorf("the log: %v", err)
	}
}

// endedWithPapers finds two ended cases with uploads and prints their letters.
func endedWithPapers(t *testing.T, n *app.Node, cases []*casework.Case) (one, other *casework.Case) {
	t.Helper()
	var found []*casework.Case
	for _, c := range cases {
		files, err := n.Files.Held(t.Context(), file.Holder{Kind: file.HolderCase, ID: c.ID})
		if err != nil {
			t.Fatal(err)
		}
		letters, err := n.Letters.Of(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c.Open() || files == 0 || len(letters) == 0 || len(found) == 2 {
			continue
		}
		for _, r := range letters {
			if _, err := n.Letters.Ensure(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		found = append(found, c)
	}
	if len(found) < 2 {
		t.Fatal("the demo has no two ended cases with uploads and letters")
	}
	return found[0], found[1]
}

// marksOf takes bytes by which what is kept of a case is found again: the ends of its sealed rows, and of its sealed files.
func marksOf(t *testing.T, n *app.Node, c *casework.Case) [][]byte {
	t.Helper()
	const long = 24
	rows, err := store.All(t.Context(), n.DB.Read(), store.Scalar[[]byte], `SELECT sealed FROM event WHERE case_id = $1 AND sealed IS NOT NULL
		UNION ALL SELECT f.name FROM file_ f JOIN file_binding b ON b.file_id = f.id WHERE b.ref = $1 AND b.holder = 'case'`, int64(c.ID))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := store.All(t.Context(), n.DB.Read(), store.Scalar[int64], `SELECT file_id FROM file_binding WHERE holder = 'case' AND ref = $1
		UNION SELECT file_id FROM document_letter WHERE case_id = $1 AND file_id > 0`, int64(c.ID))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		content, err := os.ReadFile(filepath.Join(n.Config.Data, "files", filepath.FromSlash(file.BlobName(store.ID(id)))))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, content)
	}
	for i := range rows {
		rows[i] = rows[i][len(rows[i])-long:]
	}
	return rows
}

// inFiles counts the marks that are in any file of the hall: the data folder, and the database with its log moved into it.
func inFiles(t *testing.T, n *app.Node, marks [][]byte) int {
	t.Helper()
	path := strings.TrimPrefix(n.Config.Database, "sqlite:")
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)") // the keeper of the write-ahead log may be at it
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var busy, pages, moved int
	if err := raw.QueryRow(`PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil || busy != 0 {
		t.Fatalf("checkpoint: busy %d, %v", busy, err)
	}
	found := make([]bool, len(marks))
	for _, dir := range []string{n.Config.Data, filepath.Dir(path)} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			for i, m := range marks {
				found[i] = found[i] || bytes.Contains(content, m)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count := 0
	for _, f := range found {
		if f {
			count++
		}
	}
	return count
}
