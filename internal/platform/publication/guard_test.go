package publication_test

import (
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/search"
)

const idCard = "11010519491231002X"

// TestGuard: what is grave stops a record, what is less grave is masked, and whoever lets it stand says why; the log shows kind and reason and
// never the value.
func TestGuard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := note("救助对象公示")
		c.Text = "申请人张小丽，联系电话 13800138000，公民身份号码 " + idCard + "。"
		d := publication.Draft{Body: "hf-water", Content: c}
		id, err := w.Draft(ctx, clerk, d)
		must(t, err)
		_, err = w.Submit(ctx, clerk, w.key(), id)
		if got := refused(t, err, publication.RefusedPersonal); len(got) != 1 || got[0].Code != string(guard.IDCard) || got[0].Path != "/records/0/text" {
			t.Errorf("refused for %+v", got)
		}
		found, err := w.Check(ctx, d)
		must(t, err)
		for _, f := range found {
			if f.Kind == guard.IDCard {
				refused(t, w.Override(ctx, clerk, id, publication.Override{Kind: f.Kind, Mark: f.Mark, Reason: "because"}), "form")
				refused(t, w.Override(ctx, clerk, id, publication.Override{Kind: f.Kind, Mark: "00", Reason: publication.OverrideConsent}), "form")
				must(t, w.Override(ctx, clerk, id, publication.Override{Kind: f.Kind, Mark: f.Mark, Reason: publication.OverrideConsent, Note: "本人书面同意"}))
			}
		}
		rec := w.publish(id)
		r := w.get(id)
		if !strings.Contains(r.Text, idCard) || strings.Contains(r.Text, "13800138000") || strings.Contains(r.Text, "张小丽") {
			t.Errorf("published: %s", r.Text)
		}
		events, err := w.cases.Events(ctx, rec.Case, 0, 10)
		must(t, err)
		said := string(events[0].Content)
		if !strings.Contains(said, `"overrides":[{"kind":"id-card","n":1,"reason":"consent"}]`) || strings.Contains(said, idCard) || strings.Contains(said, "书面同意") {
			t.Errorf("the log says %s", said)
		}
		// In a category that blocks, even a telephone number stops it.
		c.Category, c.Text = "statutory.11.aid", "联系人李明，电话 13800138000。"
		_, err = w.Submit(ctx, clerk, w.key(), w.draft(c))
		refused(t, err, publication.RefusedPersonal)
	})
}

// TestAttachmentsAreReadAndMasked: what stands in a file is found by the guard and by words, and a masked copy takes its place.
func TestAttachmentsAreReadAndMasked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := note("公告")
		c.Attachments = []publication.Attachment{w.upload("名单.txt", "补助名单\n申请人王小明，电话 13900139000。\n金额 500 元")}
		id := w.draft(c)
		_, err := w.Submit(ctx, clerk, w.key(), id)
		refused(t, err, publication.RefusedPersonal)
		must(t, w.MaskAttachment(ctx, clerk, id, c.Attachments[0].File))
		w.publish(id)
		r := w.get(id)
		_, content, err := w.Attachment(ctx, id, r.Attachments[0].File)
		must(t, err)
		if got := readAll(t, content); strings.Contains(got, "13900139000") || !strings.Contains(got, "金额 500 元") {
			t.Errorf("the copy holds %q", got)
		}
		page, err := w.Search.Find(ctx, search.Query{Words: "补助名单"})
		if err != nil || len(page.Hits) != 1 || page.Hits[0].ID != id {
			t.Errorf("found: %+v, %v", page, err)
		}
		_, err = w.Withdraw(ctx, boss, w.key(), id, publication.Withdrawal{Reason: publication.ReasonError})
		must(t, err)
		if page, err = w.Search.Find(ctx, search.Query{Words: "补助名单"}); err != nil || len(page.Hits) != 0 {
			t.Errorf("found after it was withdrawn: %+v, %v", page, err)
		}
	})
}
