package casework_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

var (
	security = journal.Actor{Account: 71, Kind: "staff", Post: "hefei-security", Body: "hefei-data", Role: "security-admin"}
	system   = journal.Actor{Account: 72, Kind: "staff", Post: "hefei-system", Body: "hefei-data", Role: "system-admin"}
)

func (h *hall) journal(node int) *casework.Journal {
	h.t.Helper()
	ids, err := store.NewIDs(node, h.time)
	if err != nil {
		h.t.Fatal(err)
	}
	return casework.NewJournal(h.db, h.Keys, ids, h.time, node)
}

func record(t *testing.T, j *casework.Journal, acts ...journal.Act) {
	t.Helper()
	for _, a := range acts {
		if err := j.RecordAlone(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
}

var invented = []journal.Act{
	{Kind: journal.AccountMade, By: security, On: journal.On("account", 9001), Secret: map[string]any{"name": "王小明"}},
	{Kind: journal.RegistryChanged, By: system, On: journal.On("post", "hefei-window"), Public: true, Data: map[string]any{"after": map[string]any{"title": "受理岗"}}},
	{Kind: journal.SignInRefused, By: journal.Actor{Kind: "visitor"}, On: journal.On("account", 72), Refused: "wrong"},
	{Kind: journal.AuditRead, By: journal.Actor{Account: 73, Kind: "staff", Post: "hefei-audit"}, On: journal.On("journal", "search")},
	{Kind: journal.SetUp, On: journal.On("hall", "340000000000"), Public: true},
}

func TestTheJournalIsSearched(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		j := h.journal(1)
		for i, a := range invented {
			h.at("2026-03-02", 9+i)
			record(t, j, a)
		}
		hour := func(n int) time.Time { return time.Date(2026, 3, 2, n-8, 0, 0, 0, time.UTC) }
		for _, c := range []struct {
			name string
			f    casework.JournalFilter
			want []int // numbers of the entries, newest first
		}{
			{"all", casework.JournalFilter{}, []int{5, 4, 3, 2, 1}},
			{"by whom", casework.JournalFilter{Account: 71}, []int{1}},
			{"in which post", casework.JournalFilter{Post: "hefei-system"}, []int{2}},
			{"what", casework.JournalFilter{Kind: journal.AuditRead}, []int{4}},
			{"to what", casework.JournalFilter{TargetKind: "account", Target: "72"}, []int{3}},
			{"refused", casework.JournalFilter{Refused: true}, []int{3}},
			{"done", casework.JournalFilter{Done: true}, []int{5, 4, 2, 1}},
			{"from", casework.JournalFilter{From: hour(12)}, []int{5, 4}},
			{"until, which is not included", casework.JournalFilter{Until: hour(10)}, []int{1}},
			{"a page", casework.JournalFilter{Limit: 2}, []int{5, 4}},
		} {
			entries, err := j.List(t.Context(), c.f)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			var got []int
			for _, e := range entries {
				got = append(got, int(e.Seq))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: entries %v, want %v", c.name, got, c.want)
			}
		}
		first, err := j.List(t.Context(), casework.JournalFilter{Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		next, err := j.List(t.Context(), casework.JournalFilter{Before: first[1].ID, Limit: 2})
		if err != nil || len(next) != 2 || next[0].Seq != 3 {
			t.Errorf("second page %+v, %v", next, err)
		}
		e, err := j.Entry(t.Context(), next[1].ID)
		if err != nil || e.Act.By.Role != "system-admin" || e.Act.On != journal.On("post", "hefei-window") || !e.Act.Public {
			t.Errorf("entry %+v, %v", e, err)
		}
	})
}

// What everybody may read of an act: of one on an account only that it happened, of one that arranges power also who and what.
func TestTheLogHoldsNothingPersonalOfTheJournal(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		j := h.journal(1)
		record(t, j, invented...)
		entries, err := j.List(t.Context(), casework.JournalFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			content := string(e.Content)
			for _, personal := range []string{"王小明", "9001", `"71"`, `"72"`, "account/"} {
				if strings.Contains(content, personal) {
					t.Errorf("entry %d shows %q: %s", e.Seq, personal, content)
				}
			}
			if named := strings.Contains(content, "hefei-"); named != (e.Act.Kind == journal.RegistryChanged) {
				t.Errorf("entry %d, %s: post shown is %t: %s", e.Seq, e.Kind, named, content)
			}
		}
		if made := entries[4].Act; made.Secret["name"] != "王小明" || made.By.Account != 71 || made.By.Body != "hefei-data" {
			t.Errorf("opened: %+v", made)
		}
	})
}

func TestTheJournalHasNoGap(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var all sync.WaitGroup
		for node := range 2 {
			j := h.journal(node)
			for i := range 20 {
				all.Go(func() {
					err := h.db.Write(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
						if err := j.Record(ctx, tx, journal.Act{Kind: journal.TokenMade, By: security, On: journal.On("token", i)}); err != nil {
							return err
						}
						if i%4 == 0 {
							return errUndone // the change fails, and its entry with it
						}
						return nil
					})
					if err != nil && !errors.Is(err, errUndone) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		r, err := h.journal(0).Check(t.Context())
		if err != nil || r.Journals != 2 || r.Entries != 30 || len(r.Faults) != 0 {
			t.Errorf("%+v, %v; want 2 journals with 15 entries each and no fault", r, err)
		}
	})
}

var errUndone = errors.New("undone")

// Whoever alters or removes a row behind the platform's back is found out.
func TestAlteringTheJournalIsFound(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		j := h.journal(1)
		record(t, j, invented...)
		id := func(seq int) string {
			return fmt.Sprintf(`(SELECT id FROM event WHERE case_id = 2 AND seq = %d)`, seq)
		}
		for _, c := range []struct {
			name, statement string
			seq             int64
			code            string
		}{
			{"an entry removed", `DELETE FROM event WHERE id = ` + id(2), 2, casework.FaultGap},
			{"the last entry removed", `DELETE FROM event WHERE id = ` + id(5), 5, casework.FaultTail},
			{"another kind", `UPDATE event SET kind = 'admin.token.made' WHERE id = ` + id(1), 1, casework.FaultAltered},
			{"another time", `UPDATE event SET at = at + 1 WHERE id = ` + id(3), 3, casework.FaultAltered},
			{"the sealed part removed", `UPDATE event SET sealed = NULL WHERE id = ` + id(4), 4, casework.FaultSealed},
			{"the sealed part of another", `UPDATE event SET sealed = (SELECT sealed FROM event WHERE case_id = 2 AND seq = 1) WHERE id = ` + id(4), 4, casework.FaultSealed},
			{"another actor in the index", `UPDATE journal_entry SET account = 99 WHERE event = ` + id(1), 1, casework.FaultIndex},
			{"hidden from the search", `DELETE FROM journal_entry WHERE event = ` + id(1), 1, casework.FaultIndex},
		} {
			var got casework.JournalReport
			err := h.db.Write(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
				tx.Queue(`CREATE TABLE kept_event AS SELECT * FROM event WHERE case_id = 2`)
				tx.Queue(`CREATE TABLE kept_entry AS SELECT * FROM journal_entry`)
				return tx.Exec(ctx, c.statement)
			})
			if err == nil {
				got, err = j.Check(t.Context())
			}
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if !slices.ContainsFunc(got.Faults, func(f casework.JournalFault) bool { return f.Seq == c.seq && f.Code == c.code }) {
				t.Errorf("%s: found %+v, want %s at %d", c.name, got.Faults, c.code, c.seq)
			}
			err = h.db.Write(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
				tx.Queue(`DELETE FROM event WHERE case_id = 2`)
				tx.Queue(`DELETE FROM journal_entry`)
				tx.Queue(`INSERT INTO event SELECT * FROM kept_event`)
				tx.Queue(`INSERT INTO journal_entry SELECT * FROM kept_entry`)
				tx.Queue(`DROP TABLE kept_event`)
				return tx.Exec(ctx, `DROP TABLE kept_entry`)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if r, err := j.Check(t.Context()); err != nil || len(r.Faults) > 0 || r.Entries != 5 {
			t.Errorf("put back: %+v, %v", r, err)
		}
	})
}
