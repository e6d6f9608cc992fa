package agent_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/agent"
)

// TestAskedOf: the head of the centre sees what villagers of the township are asked for, until when and by whose agent, what is due first at the
// head; not whose it is, and nothing once it was supplied.
func TestAskedOf(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		w.see(chief, "/agent/township", "没有等村民补正的申请")
		h, token := w.asked(&c)
		_, page := w.get(chief, "/agent/township", "zh-CN")
		for _, word := range []string{h.Number, "苏集村", "账户11", "2026年3月2日 10:00", "2026年4月1日"} { // thirty days after 2 March are over with 1 April
			if !strings.Contains(page, word) {
				t.Errorf("the list of corrections lacks %s", word)
			}
		}
		if strings.Contains(page, "王奶奶") || strings.Contains(page, wangID) {
			t.Error("the list of corrections says whose they are")
		}
		if code, _ := w.get(zhao, "/agent/township", "zh-CN"); code != http.StatusForbidden {
			t.Errorf("an agent opens the page of the head: %d", code)
		}
		w.at("2026-04-02", 0) // the term is over, and nothing has closed it yet
		w.see(chief, "/agent/township", "逾期")
		w.at("2026-03-03", 9)
		must(t, w.Supply(ctx, zhao, &h, token, said, []byte(`{"note":"户口簿"}`), nil, "k"))
		list, err := w.AskedOf(ctx, "town")
		must(t, err)
		if len(list) != 0 {
			t.Errorf("supplied, and still asked for: %+v", list)
		}
	})
}

// TestFollowing: whoever the villager lets act in the field of the application is told of it; when nobody is left, who handed it in.
func TestFollowing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		h, _ := w.asked(&c)
		follow := func(name string, want ...store.ID) {
			t.Helper()
			kept, err := w.cases.Get(ctx, h.ID)
			must(t, err)
			got, err := w.Following(ctx, kept)
			must(t, err)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v follow it, want %v", name, got, want)
			}
		}
		follow("handed in", zhao.Account)
		must(t, w.Withdraw(ctx, elder, c.ID, true, "w"))
		follow("taken back", zhao.Account) // who can take consent anew
		must(t, w.Assign(ctx, chief, qian.Account, suji, day(t, "2026-03-02")))
		narrow := agreed(wangID)
		narrow.Fields = []string{"employment"}
		_, err := w.Take(ctx, qian, narrow, "narrow")
		must(t, err)
		follow("to another for another field", zhao.Account)
		list, err := w.InForce(ctx, qian.Account, w.time())
		must(t, err)
		must(t, w.LayDown(ctx, qian, &list[0], "由新的委托代替", "down"))
		_, err = w.Take(ctx, qian, agreed(wangID), "wide")
		must(t, err)
		follow("to another", qian.Account)
	})
}

// TestCatchUp: applications that waited for a correction when the hall got the program that follows them are found once, by index, and never
// against an event that has come since.
func TestCatchUp(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := w.take(wangID)
		h, token := w.asked(&c)
		before, err := w.AskedOf(ctx, "town")
		must(t, err)
		older := func() { // as the program before wrote it
			must(t, w.db.Write(ctx, func(_ context.Context, tx *store.Tx) error {
				tx.QueueOne(`UPDATE agent_case SET asked_at = 0, ask_due = 0, followed = 0 WHERE id = $1`, int64(h.ID))
				return nil
			}))
		}
		catchUp := func(want bool) {
			t.Helper()
			if found, err := w.CatchUp(ctx); err != nil || found != want {
				t.Fatalf("caught up: %t %v, want %t", found, err, want)
			}
		}
		catchUp(false)
		older()
		if _, page := w.get(zhao, "/agent", "zh-CN"); strings.Contains(page, "等村民补正的申请") {
			t.Fatal("it is not as the program before wrote it")
		}
		catchUp(true)
		catchUp(false)
		after, err := w.AskedOf(ctx, "town")
		must(t, err)
		if len(after) != 1 || len(before) != 1 || !after[0].AskedAt.Equal(before[0].AskedAt) || !after[0].AskDue.Equal(before[0].AskDue) || after[0].AskDue.IsZero() {
			t.Errorf("caught up with %+v, want %+v", after, before)
		}
		w.see(zhao, "/agent", "等村民补正的申请", "王奶奶")
		w.see(zhao, "/agent/cases/"+h.Number, "/supply/"+strconv.Itoa(token))

		older() // an event comes first: it says what holds
		must(t, w.Supply(ctx, zhao, &h, token, said, []byte(`{"note":"户口簿"}`), nil, "k"))
		catchUp(false)
		if list, err := w.AskedOf(ctx, "town"); err != nil || len(list) != 0 {
			t.Errorf("supplied, and still asked for: %+v %v", list, err)
		}
		must(t, w.Recall(ctx, zhao, &h, agent.Wish{How: agent.Signed}, "不办了", "r"))
		older() // ended: nothing to look at
		catchUp(false)
	})
}
