package publication_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// refused expects a refusal and returns the fields that it names.
func refused(t testing.TB, err error, code string) []casework.FieldError {
	t.Helper()
	var r *casework.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
	return r.Fields
}

func denied(t testing.TB, err error) {
	t.Helper()
	var d *identity.Denied
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want it denied", err)
	}
}

func TestFromDraftToReader(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := note("关于规范取水许可的通知")
		c.DocumentNumber, c.Attachments = "合水务〔2026〕3号", []publication.Attachment{w.upload("附件.pdf", "%PDF-1.4 附件")}
		id := w.draft(c)
		if _, err := w.Get(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("a draft is read by everybody: %v", err)
		}
		rec, err := w.Submit(ctx, clerk, "hand-in", id)
		must(t, err)
		again, err := w.Submit(ctx, clerk, "hand-in", id)
		if err != nil || again.Case != rec.Case {
			t.Fatalf("the same submission again: case %v, %v; want %v", again.Case, err, rec.Case)
		}
		if _, err := w.Submit(ctx, clerk, "another", id); err == nil {
			t.Fatal("handed in twice")
		}
		refused(t, w.Edit(ctx, clerk, id, publication.Draft{Content: c}), publication.RefusedState)
		_, err = w.Review(ctx, clerk, rec.Case, w.key(), publication.Clear())
		denied(t, err)
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		if err == nil {
			t.Fatal("published without review")
		}
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		if _, err := w.Get(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("public before the decision: %v", err)
		}
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)

		r := w.get(id)
		if r.Title != c.Title || r.Index != "11340000MB9000023Q/202603-00001" || r.Version != 1 || r.Versions != 1 || r.State != publication.Published ||
			r.First.String() != "2026-03-02" || r.Case != rec.Case || len(r.Attachments) != 1 || r.Attachments[0].Name != "附件.pdf" {
			t.Errorf("published: %+v", r)
		}
		a, content, err := w.Attachment(ctx, id, r.Attachments[0].File)
		must(t, err)
		if got := readAll(t, content); got != "%PDF-1.4 附件" || a.Type != "application/pdf" {
			t.Errorf("attachment %+v holds %q", a, got)
		}
		// The log holds the digest of the canonical statement, and that is what can be downloaded.
		raw, err := w.Canonical(ctx, id, 1)
		must(t, err)
		if publication.Digest(raw) != r.Digest {
			t.Errorf("the digest of the statement is %s, the record says %s", publication.Digest(raw), r.Digest)
		}
		events, err := w.cases.Events(ctx, rec.Case, 0, 100)
		must(t, err)
		last := events[len(events)-1]
		if last.ID != r.Event || !strings.Contains(string(last.Content), r.Digest) || !strings.Contains(string(last.Content), r.Index) {
			t.Errorf("the event that published it: %s", last.Content)
		}
		kase, err := w.cases.Get(ctx, rec.Case)
		must(t, err)
		if kase.Open() || kase.Result != "published" || kase.Clock("publish").Term.Statutory.N != 20 {
			t.Errorf("the case ended as %q with %+v", kase.Result, kase.Clock("publish"))
		}
		list, err := w.List(ctx, publication.Filter{Division: anhui, Below: true, Category: "statutory.1"})
		must(t, err)
		if len(list) != 1 || list[0].ID != id || list[0].DocumentNumber != c.DocumentNumber {
			t.Errorf("list: %+v", list)
		}
		counts, err := w.Counts(ctx, publication.CountFilter{Body: "hf-water"})
		must(t, err)
		if !slices.Equal(counts, []publication.Count{{Division: hefei, Body: "hf-water", Item: "statutory.1", Year: 2026, N: 1}}) {
			t.Errorf("counts: %+v", counts)
		}
	})
}

// TestWhoMay: whoever drafted does not review, whoever reviewed does not decide, and other bodies have no part in it.
func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		d := publication.Draft{Body: "hf-water", Content: note("水情公报")}
		for _, who := range []identity.Principal{citizen, outsider, admin, {}} {
			_, err := w.Draft(ctx, who, d)
			denied(t, err)
		}
		both := staff(30, "hf-water.both", "hf-water", hefei, "reviewer", "head")
		id, err := w.Draft(ctx, both, d)
		must(t, err)
		rec, err := w.Submit(ctx, both, w.key(), id)
		must(t, err)
		_, err = w.Review(ctx, both, rec.Case, w.key(), publication.Clear())
		refused(t, err, casework.RefusedSamePerson)
		other := staff(31, "hf-water.both", "hf-water", hefei, "reviewer", "head")
		_, err = w.Review(ctx, other, rec.Case, w.key(), publication.Clear())
		must(t, err)
		_, err = w.Approve(ctx, other, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		refused(t, err, casework.RefusedSamePerson)
		_, err = w.Approve(ctx, outsider, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		denied(t, err)
	})
}

// TestChecklist: nothing passes that the checklist of arts. 14 to 16 stands against.
func TestChecklist(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		rec, err := w.Submit(ctx, clerk, w.key(), w.draft(note("防汛值班表")))
		must(t, err)
		r := publication.Clear()
		r.Secret = publication.Unsure
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), r)
		if got := refused(t, err, casework.RefusedForm); got[0].Path != "/secret" {
			t.Errorf("wrong are %+v", got)
		}
		r.Outcome = publication.Refer
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), r)
		if got := refused(t, err, casework.RefusedForm); got[0].Path != "/opinion" {
			t.Errorf("wrong are %+v", got)
		}
		r.Opinion = "含有未公开的水文数据，不能确定"
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), r)
		must(t, err)
		_, err = w.Answer(ctx, boss, rec.Case, w.key(), publication.Referred{Outcome: "public", Authority: "市保密局", Opinion: "不属于国家秘密"})
		must(t, err)
		third := publication.Clear()
		third.ThirdParty = publication.Consented
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), third)
		must(t, err)
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Withhold})
		refused(t, err, casework.RefusedForm) // reasons are needed
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Withhold, Opinion: "内部事务"})
		must(t, err)
		works, err := w.Works(ctx, clerk, "hf-water", 0, 0)
		if err != nil || len(works) != 0 {
			t.Errorf("in work after it was withheld: %v, %v", works, err)
		}
	})
}

func TestReturnedAndRevised(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		id := w.draft(note("取水计划"))
		rec, err := w.Submit(ctx, clerk, w.key(), id)
		must(t, err)
		r := publication.Clear()
		r.Outcome, r.Opinion = publication.Return, "缺少依据"
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), r)
		must(t, err)
		c := note("2026 年取水计划")
		must(t, w.Edit(ctx, clerk, id, publication.Draft{Content: c}))
		_, err = w.Resubmit(ctx, clerk, rec.Case, w.key())
		must(t, err)
		refused(t, w.Edit(ctx, clerk, id, publication.Draft{Content: c}), publication.RefusedState)
		_, err = w.Review(ctx, reviewer, rec.Case, w.key(), publication.Clear())
		must(t, err)
		_, err = w.Approve(ctx, boss, rec.Case, w.key(), publication.Approval{Outcome: publication.Publish})
		must(t, err)
		if got := w.get(id).Title; got != c.Title {
			t.Errorf("published is %q", got)
		}
	})
}

// TestVersions: a newer version is shown, the older one stays as it was, and each day has its own.
func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := note("供水价格")
		c.Effective = day("2026-03-10")
		r := w.public(c)
		first, err := w.Canonical(ctx, r.ID, 1)
		must(t, err)
		w.at("2026-04-01", 9)
		c.Title, c.Repealed = "供水价格（修订）", day("2027-01-01")
		_, err = w.Draft(ctx, clerk, publication.Draft{Record: r.ID, Content: c})
		must(t, err)
		_, err = w.Draft(ctx, clerk, publication.Draft{Record: r.ID, Content: c})
		refused(t, err, publication.RefusedState) // one at a time
		if w.get(r.ID).Title != "供水价格" {
			t.Error("the draft of a version shows")
		}
		w.publish(r.ID)
		now := w.get(r.ID)
		if now.Title != c.Title || now.Version != 2 || now.Versions != 2 || now.Index != r.Index || now.First != r.First || now.Day.String() != "2026-04-01" {
			t.Errorf("second version: %+v", now)
		}
		again, err := w.Canonical(ctx, r.ID, 1)
		if err != nil || string(again) != string(first) {
			t.Errorf("the first version has changed: %v", err)
		}
		lines, err := w.Versions(ctx, r.ID)
		if err != nil || len(lines) != 2 || lines[0].Number != 2 || lines[1].Digest != r.Digest {
			t.Errorf("versions %+v, %v", lines, err)
		}
		for on, want := range map[string]struct {
			title    string
			validity publication.Validity
		}{
			"2026-03-05": {"供水价格", publication.NotYet}, "2026-03-10": {"供水价格", publication.InForce}, "2026-03-31": {"供水价格", publication.InForce},
			"2026-04-01": {"供水价格（修订）", publication.InForce}, "2026-12-31": {"供水价格（修订）", publication.InForce},
			"2027-01-01": {"供水价格（修订）", publication.Expired},
		} {
			got, validity, err := w.InForceOn(ctx, r.ID, day(on))
			if err != nil || got.Title != want.title || validity != want.validity {
				t.Errorf("on %s: %v, %v, %v; want %v", on, got, validity, err, want)
			}
		}
		if _, _, err := w.InForceOn(ctx, r.ID, day("2026-03-01")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("before it was published: %v", err)
		}
	})
}

// TestWithdrawn: a tombstone is left, and nothing else is served.
func TestWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := note("抽查名单")
		c.Attachments = []publication.Attachment{w.upload("名单.pdf", "%PDF-1.4 名单")}
		r := w.public(c)
		other := note("名单解读")
		other.Links = []publication.Link{{Kind: publication.Interprets, Index: r.Index}}
		reading := w.public(other)
		_, err := w.Withdraw(ctx, citizen, w.key(), r.ID, publication.Withdrawal{Reason: publication.ReasonPrivacy})
		denied(t, err)
		_, err = w.Withdraw(ctx, clerk, w.key(), r.ID, publication.Withdrawal{Reason: "whim"})
		refused(t, err, casework.RefusedForm)
		rec, err := w.Withdraw(ctx, clerk, w.key(), r.ID, publication.Withdrawal{Reason: publication.ReasonPrivacy, Note: "含有电话号码"})
		must(t, err)
		if w.get(r.ID).State != publication.Published {
			t.Fatal("withdrawn before the head decided")
		}
		_, err = w.TakeDown(ctx, boss, rec.Case, w.key(), publication.Removal{Outcome: publication.TakeBack})
		must(t, err)
		gone := w.get(r.ID)
		if gone.State != publication.Withdrawn || gone.Title != "" || gone.Text != "" || gone.Tombstone == nil || gone.Tombstone.Reason != publication.ReasonPrivacy ||
			gone.Tombstone.Note != "含有电话号码" || gone.Index != r.Index {
			t.Errorf("tombstone: %+v %+v", gone, gone.Tombstone)
		}
		if _, err := w.Version(ctx, r.ID, 1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its version is served: %v", err)
		}
		if _, err := w.Canonical(ctx, r.ID, 1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its statement is served: %v", err)
		}
		if _, _, err := w.Attachment(ctx, r.ID, r.Attachments[0].File); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its attachment is served: %v", err)
		}
		if lines, err := w.Versions(ctx, r.ID); err != nil || len(lines) != 0 {
			t.Errorf("its versions are listed: %v, %v", lines, err)
		}
		if links, err := w.Links(ctx, reading.ID); err != nil || len(links.To) != 0 {
			t.Errorf("it is linked: %v, %v", links, err)
		}
		if list, err := w.List(ctx, publication.Filter{Body: "hf-water"}); err != nil || len(list) != 1 {
			t.Errorf("it is listed: %v, %v", list, err)
		}
		if counts, err := w.Counts(ctx, publication.CountFilter{Body: "hf-water"}); err != nil || len(counts) != 1 || counts[0].N != 1 {
			t.Errorf("it is counted: %v, %v", counts, err)
		}
		if stones, err := w.Gone(ctx, 0, 0); err != nil || len(stones) != 1 || stones[0].ID != r.ID {
			t.Errorf("tombstones: %v, %v", stones, err)
		}
		_, err = w.Draft(ctx, clerk, publication.Draft{Record: r.ID, Content: c})
		refused(t, err, publication.RefusedState)
		// The head withdraws at once.
		_, err = w.Withdraw(ctx, boss, w.key(), reading.ID, publication.Withdrawal{Reason: publication.ReasonVoid})
		must(t, err)
		if w.get(reading.ID).State != publication.Withdrawn {
			t.Error("the head withdrew it, and it is still there")
		}
	})
}

func TestWhatIsWrongWithADraft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.public(note("通知"))
		for name, tt := range map[string]struct {
			change func(*publication.Content)
			field  string
		}{
			"no title":          {func(c *publication.Content) { c.Title = " " }, "/title"},
			"long title":        {func(c *publication.Content) { c.Title = strings.Repeat("长", 301) }, "/title"},
			"no text":           {func(c *publication.Content) { c.Text = "" }, "/text"},
			"no category":       {func(c *publication.Content) { c.Category = "" }, "/category"},
			"unknown category":  {func(c *publication.Content) { c.Category = "gossip" }, "/category"},
			"language":          {func(c *publication.Content) { c.Language = "中文" }, "/language"},
			"made in future":    {func(c *publication.Content) { c.Made = day("2026-03-03") }, "/made"},
			"ends before start": {func(c *publication.Content) { c.Effective, c.Repealed = day("2026-05-01"), day("2026-04-01") }, "/repealed"},
			"unknown relation":  {func(c *publication.Content) { c.Links = []publication.Link{{Kind: "likes", Record: r.ID}} }, "/links/0/relation"},
			"unknown record":    {func(c *publication.Content) { c.Links = []publication.Link{{Kind: publication.Amends, Index: "x"}} }, "/links/0"},
			"unknown file":      {func(c *publication.Content) { c.Attachments = []publication.Attachment{{File: 7}} }, "/attachments/0"},
		} {
			c := note("草稿")
			tt.change(&c)
			_, err := w.Draft(t.Context(), clerk, publication.Draft{Body: "hf-water", Content: c})
			if got := refused(t, err, casework.RefusedForm); got[0].Path != tt.field {
				t.Errorf("%s: wrong are %+v, want %s", name, got, tt.field)
			}
		}
		_, err := w.Draft(t.Context(), clerk, publication.Draft{Body: "nobody", Content: note("草稿")})
		refused(t, err, casework.RefusedForm)
	})
}

func TestStatementIsCanonical(t *testing.T) {
	s := publication.Statement{
		Type: publication.StatementType, V: 1, Version: 2, Record: 1 << 62, Index: "11340000MB9000023Q/202603-00001", Published: day("2026-03-02"),
		Content: publication.Content{
			Title: "<标题> & “引号” \u2028 \U0001F4A7", Text: "一\n\t二\\\"\b\f\x01", Category: "statutory.1", Audience: "居民", DocumentNumber: "1", Effective: day("2026-03-02"),
			Format: "HTML", Genre: "通知", Keywords: []string{"水"}, Language: "zh-Hans", LifeCycle: "办理", Made: day("2026-03-01"), Repealed: day("2027-01-01"),
			Source: "来源", Summary: "概述", Theme: "水利", Links: []publication.Link{{Index: "a", Record: 5, Kind: publication.Amends}},
			Attachments: []publication.Attachment{{File: 9, Name: "a", Digest: "b", Size: 12, Type: "c"}},
			Media:       []publication.Media{{Caption: "a", File: 9, Href: "b", Kind: "chart"}}, Questions: []publication.Question{{Question: "问", Answer: "答"}},
		},
	}
	for range 2 {
		got, digest, err := s.Canonical()
		must(t, err)
		want, err := merkle.Canonical(json.RawMessage(got))
		must(t, err)
		if got != string(want) || digest != publication.Digest(want) {
			t.Errorf("not canonical:\n%s\n%s", got, want)
		}
		back, err := publication.ParseStatement([]byte(got))
		if err != nil || back.Content.Title != s.Content.Title {
			t.Errorf("read back: %+v, %v", back, err)
		}
		if _, err := publication.ParseStatement([]byte(strings.Replace(got, `"v":1`, `"v": 1`, 1))); err == nil {
			t.Error("a statement that is not canonical was read")
		}
		s.Content.Title = "普通标题" // without the signs that need care
	}
}
