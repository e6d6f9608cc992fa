package publication_test

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// old makes records of an older site: every second one without an index number.
func old(n int) []publication.Incoming {
	bodies := []string{"hf-water", "hf-health", "fx-water"}
	categories := []string{"statutory.1.normative", "statutory.7.budget", "statutory.4.bulletin", "guide"}
	list := make([]publication.Incoming, n)
	for i := range list {
		in := publication.Incoming{Body: bodies[i%3], Published: day("2014-03-01") + calendar.Date(i%400), Content: publication.Content{
			Title: fmt.Sprintf("旧站信息第 %d 号", i), Category: categories[i%4], Text: strings.Repeat(fmt.Sprintf("第%d段，关于水利、卫生和预算的说明。", i), 30),
			DocumentNumber: fmt.Sprintf("合水〔2014〕%d号", i),
		}}
		if i%2 == 0 {
			in.Index = fmt.Sprintf("11340000MB9000023Q/201601-%05d", i+1)
		}
		list[i] = in
	}
	return list
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := publication.Batch{Key: "old-site", Body: "ah-data", Records: old(600)}
		b.Records[1].Links = []publication.Link{{Kind: publication.Interprets, Index: b.Records[4].Index}, {Kind: publication.Amends, Index: b.Records[598].Index}}
		b.Records[3].Title, b.Records[5].Body = "", "nobody"
		b.Records[7].Index, b.Records[9].Index = "11340000MB9000023Q/201613-00001", b.Records[0].Index
		b.Records[11].Text = "申请人张小丽，身份证号 11010519491231002X，电话 13800138000。"
		_, err := w.Import(ctx, boss, b)
		denied(t, err)
		_, err = w.Import(ctx, citizen, b)
		denied(t, err)
		b.DryRun = true
		got, err := w.Import(ctx, admin, b)
		must(t, err)
		if got.New != 596 || len(got.Errors) != 4 || got.Case != 0 {
			t.Errorf("dry run: %+v", got)
		}
		if list, err := w.List(ctx, publication.Filter{}); err != nil || len(list) != 0 {
			t.Fatalf("a dry run published %v, %v", list, err)
		}
		b.DryRun = false
		got, err = w.Import(ctx, admin, b)
		must(t, err)
		if got.New != 596 || got.Same != 0 || got.Masked != 1 || len(got.Errors) != 4 {
			t.Fatalf("imported: %+v", got)
		}
		for i, want := range []struct {
			line int
			path string
		}{{3, "/title"}, {5, "/body"}, {7, "/index"}, {9, "/index"}} {
			if e := got.Errors[i]; e.Line != want.line || e.Fields[0].Path != want.path {
				t.Errorf("error %+v, want %+v", e, want)
			}
		}
		r, err := w.ByIndex(ctx, b.Records[4].Index)
		if err != nil || r.Title != b.Records[4].Title || r.First != b.Records[4].Published || r.Body != "hf-health" {
			t.Errorf("a record of the old site: %+v, %v", r, err)
		}
		links, err := w.Links(ctx, r.ID)
		if err != nil || len(links.From) != 1 || links.From[0].Entry.Title != b.Records[1].Title {
			t.Errorf("links to an earlier and a later line: %+v, %v", links, err)
		}
		if links, err = w.Links(ctx, links.From[0].Entry.ID); err != nil || len(links.To) != 2 {
			t.Errorf("links of the line: %+v, %v", links, err)
		}
		for rec, err := range w.Each(ctx, publication.Filter{}) {
			must(t, err)
			if strings.Contains(rec.Text, "13800138000") || strings.Contains(rec.Text, "张小丽") {
				t.Errorf("personal data is public: %s", rec.Text)
			}
		}
		// In 2014 numbers began with the organisation code.
		first, err := w.List(ctx, publication.Filter{Body: "fx-water", Year: 2014, Limit: 500})
		must(t, err)
		oldForm := 0
		for _, e := range first {
			if strings.HasPrefix(e.Index, "MB900004X/2014") {
				oldForm++
			}
		}
		if oldForm == 0 {
			t.Error("no number of the form of 2013")
		}
		again, err := w.Import(ctx, admin, b)
		if err != nil || again.Case != got.Case {
			t.Errorf("the same import again: %+v, %v", again, err)
		}
		b.Key = "again"
		b.Records = b.Records[:0:0]
		for i, in := range old(600) {
			if in.Index != "" && i > 10 {
				b.Records = append(b.Records, in)
			}
		}
		b.Records[0].Text += "有修改。"
		again, err = w.Import(ctx, admin, b)
		if err != nil || again.New != 0 || again.Same != len(b.Records)-1 || len(again.Differ) != 1 || again.Case != 0 {
			t.Errorf("under another key: %+v, %v", again, err)
		}
		b.Update, b.Key = true, "update"
		again, err = w.Import(ctx, admin, b)
		if err != nil || again.Updated != 1 {
			t.Fatalf("update: %+v, %v", again, err)
		}
		r, err = w.ByIndex(ctx, b.Records[0].Index)
		if err != nil || r.Version != 2 || !strings.HasSuffix(r.Text, "有修改。") || r.First != b.Records[0].Published {
			t.Errorf("updated: %+v, %v", r, err)
		}
		// What comes next in a month does not take a number from elsewhere.
		in := old(1)[0]
		in.Index, in.Published = "", day("2016-01-20")
		again, err = w.Import(ctx, admin, publication.Batch{Key: "one", Body: "ah-data", Records: []publication.Incoming{in}})
		must(t, err)
		list, err := w.List(ctx, publication.Filter{Year: 2016})
		must(t, err)
		if list[0].Index != "11340000MB9000023Q/201601-00600" {
			t.Errorf("the next number is %s", list[0].Index)
		}
		total := 0
		counts, err := w.Counts(ctx, publication.CountFilter{Division: anhui, Below: true})
		must(t, err)
		for _, c := range counts {
			total += c.N
		}
		if total != 597 {
			t.Errorf("%d records are counted, want 597", total)
		}
	})
}

// TestImportKeepsAttachments: a file that a line brings is known by its name, kind and hash, as one of a draft is, and nobody sweeps it.
func TestImportKeepsAttachments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		list := old(3)
		f, err := w.files.Put(ctx, admin.Account, "附件.txt", strings.NewReader("附件的正文"), publication.Uploads())
		must(t, err)
		list[0].Attachments = []publication.Attachment{{File: f.ID}}
		list[2].Attachments = []publication.Attachment{{File: 7}}
		got, err := w.Import(ctx, admin, publication.Batch{Key: "files", Body: "ah-data", Records: list})
		must(t, err)
		if got.New != 2 || len(got.Errors) != 1 || got.Errors[0].Line != 2 || got.Errors[0].Fields[0].Path != "/attachments/0" {
			t.Fatalf("imported: %+v", got)
		}
		w.now = w.now.Add(file.Unclaimed + time.Hour)
		if n, err := w.files.Sweep(ctx); err != nil || n != 0 {
			t.Errorf("%d files of records were swept, %v", n, err)
		}
		r, err := w.ByIndex(ctx, list[0].Index)
		must(t, err)
		want := publication.Attachment{File: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type}
		if len(r.Attachments) != 1 || r.Attachments[0] != want {
			t.Errorf("attachments %+v, want %+v", r.Attachments, want)
		}
		_, content, err := w.Attachment(ctx, r.ID, f.ID)
		must(t, err)
		if text := readAll(t, content); text != "附件的正文" {
			t.Errorf("the attachment says %q", text)
		}
		again, err := w.Import(ctx, admin, publication.Batch{Key: "files again", Body: "ah-data", Records: list[:1]})
		if err != nil || again.Same != 1 {
			t.Errorf("again: %+v, %v", again, err)
		}
	})
}

// TestImportMasksAttachments: a file that a line brings is looked through and found by its words as one of a draft is; brought again, what
// was masked is the same.
func TestImportMasksAttachments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		bring := func(key, name, text string) (publication.Imported, store.ID) {
			list := old(1)
			f, err := w.files.Put(ctx, admin.Account, name, strings.NewReader(text), publication.Uploads())
			must(t, err)
			list[0].Attachments = []publication.Attachment{{File: f.ID}}
			got, err := w.Import(ctx, admin, publication.Batch{Key: key, Body: "ah-data", Records: list, Update: true})
			must(t, err)
			r, err := w.ByIndex(ctx, list[0].Index)
			must(t, err)
			return got, r.ID
		}
		const text = "补助名单\n申请人王小明，电话 13900139000。\n金额 500 元"
		got, id := bring("files", "名单.txt", text)
		if got.New != 1 || got.Masked != 1 {
			t.Fatalf("imported: %+v", got)
		}
		r := w.get(id)
		_, content, err := w.Attachment(ctx, id, r.Attachments[0].File)
		must(t, err)
		if said := readAll(t, content); strings.Contains(said, "13900139000") || !strings.Contains(said, "金额 500 元") {
			t.Errorf("the copy says %q", said)
		}
		if page, err := w.Search.Find(ctx, search.Query{Words: "补助名单"}); err != nil || len(page.Hits) != 1 || page.Hits[0].ID != id {
			t.Errorf("found: %+v, %v", page, err)
		}
		if got, _ = bring("again", "名单.txt", text); got.Same != 1 || got.Updated != 0 {
			t.Errorf("again: %+v", got)
		}
		if got, _ = bring("more", "名单.txt", text+"，已发放"); got.Updated != 1 {
			t.Errorf("with other words: %+v", got)
		}
		got, _ = bring("cannot", "扫描件.pdf", scan)
		if len(got.Errors) != 1 || got.Updated != 0 || got.Masked != 0 || got.Errors[0].Fields[0].Code != publication.RefusedPersonal ||
			!strings.Contains(got.Errors[0].Fields[0].Text.Hans, "“扫描件.pdf”") {
			t.Errorf("what cannot be masked: %+v", got)
		}
		if got, _ = bring("picture", "照片.png", "\x89PNG\r\n\x1a\n"); got.Updated != 1 || got.Unread != 1 {
			t.Errorf("a picture: %+v", got)
		}
	})
}

// TestDryRunForetells: a dry run says of each line and file what a real run says then, and keeps nothing.
func TestDryRunForetells(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		kept := func() (n int) {
			for _, table := range []string{"file_", "publication_text", "publication_record", "publication_batch"} {
				rows, err := store.Scalar[int](w.db.Read().QueryRow(ctx, `SELECT count(*) FROM `+table))
				must(t, err)
				n += rows
			}
			return n
		}
		files := []struct{ name, text string }{
			{"名单.txt", "补助名单\n申请人王小明，电话 13900139000。\n金额 500 元"}, {"扫描件.pdf", scan}, {"照片.png", "\x89PNG\r\n\x1a\n"}, {"通知.txt", "放假通知"},
		}
		bring := func(dry bool) publication.Imported {
			trial := w.files.Try()
			list := old(2 * len(files))
			for i, x := range files {
				var f file.File
				var err error
				if dry {
					f, err = trial.Take(ctx, admin.Account, x.name, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(x.text)), nil }, publication.Uploads())
				} else {
					f, err = w.files.Put(ctx, admin.Account, x.name, strings.NewReader(x.text), publication.Uploads())
				}
				must(t, err)
				list[2*i].Attachments = []publication.Attachment{{File: f.ID}}
			}
			list[1].Body = "nobody"
			got, err := w.Import(ctx, admin, publication.Batch{Key: "files", Body: "ah-data", Records: list, DryRun: dry, Trial: trial})
			must(t, err)
			return got
		}
		before := kept()
		told := bring(true)
		if after := kept(); after != before {
			t.Errorf("a dry run left %d rows behind", after-before)
		}
		done := bring(false)
		if done.Case == 0 || kept() == before {
			t.Errorf("imported: %+v", done)
		}
		if done.Case = 0; !reflect.DeepEqual(told, done) {
			t.Errorf("a dry run tells\n%+v\nand a real one\n%+v", told, done)
		}
		if len(told.Errors) != 2 || told.Errors[0].Line != 1 || told.Errors[1].Line != 2 || told.Masked != 1 || told.Unread != 1 || len(told.Notes) != 2 || told.Notes[0].Line != 0 ||
			!strings.Contains(told.Notes[0].Text.Hans, "“名单.txt”") || !strings.Contains(told.Notes[0].Text.Hans, "手机号码 1 处") || told.Notes[1].Line != 4 {
			t.Errorf("told: %+v", told)
		}
	})
}

// scan is a page whose number stands under a picture of a kind that is not unpacked, and so cannot be blackened.
const scan = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
	"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>/Contents 4 0 R>>\nendobj\n" +
	"4 0 obj\n<</Length 78>>\nstream\nq 200 0 0 100 0 0 cm /I Do Q BT 3 Tr /F 20 Tf 10 40 Td (Tel 13800000001) Tj ET\nendstream\nendobj\n" +
	"5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\n" +
	"6 0 obj\n<</Type/XObject/Subtype/Image/Width 200/Height 100/BitsPerComponent 8/Filter/JPXDecode/Length 2>>\nstream\nxx\nendstream\nendobj\n" +
	"trailer\n<</Root 1 0 R>>\n"

// TestImportIsInterrupted: an import that ended after some parts is carried to its end, and each record is there once.
func TestImportIsInterrupted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		all := old(700)
		for cut := range 3 {
			b := publication.Batch{Key: fmt.Sprint("cut-", cut), Body: "ah-data", Records: all[cut*200 : cut*200+200]}
			for i := range b.Records {
				b.Records[i].Index = ""
			}
			must(t, w.ImportUpTo(ctx, admin, b, cut))
		}
		before := w.total()
		got, err := w.Import(ctx, admin, publication.Batch{Key: "cut-1", Body: "ah-data", Records: all[200:400]})
		if err != nil || got.Case == 0 {
			t.Fatalf("resumed: %+v, %v", got, err)
		}
		w.at("2026-03-02", 12) // nobody came back for the others
		for range 3 {
			_, err := w.ReleaseAll(ctx)
			must(t, err)
		}
		if after := w.total(); before != 0 || after != 600 {
			t.Errorf("%d records were public before, %d are now; want 0 and 600", before, after)
		}
	})
}

// What was prepared for the index is let go of, whoever releases the batch.
func TestNothingStaysAhead(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, schemas()...))
	beside := newWorldOn(t, w)
	for run := range 2 {
		b := publication.Batch{Key: fmt.Sprint("run-", run), Body: "ah-data", Records: old(600)}
		for i := range b.Records {
			b.Records[i].Index = ""
		}
		taken, err := w.TakeIn(t.Context(), admin, b)
		must(t, err)
		if w.Ahead() == 0 {
			t.Error("nothing was prepared")
		}
		if run == 0 {
			must(t, beside.Release(t.Context(), taken.Case))
		}
		must(t, w.Release(t.Context(), taken.Case))
		if n := w.Ahead(); n != 0 {
			t.Errorf("run %d: %d parts wait for ever", run, n)
		}
	}
	if n := w.total(); n != 1200 {
		t.Errorf("%d records are public, want 1,200", n)
	}
}

func (w *world) total() int {
	w.t.Helper()
	n := 0
	seen := map[string]bool{}
	for r, err := range w.Each(w.t.Context(), publication.Filter{}) {
		must(w.t, err)
		if seen[r.Index] {
			w.t.Errorf("%s is there twice", r.Index)
		}
		seen[r.Index] = true
		n++
	}
	return n
}

// BenchmarkImport brings in records of some 1,000 characters, with and without the guard.
func BenchmarkImport(b *testing.B) {
	for _, unguarded := range []bool{false, true} {
		b.Run(fmt.Sprintf("unguarded=%t", unguarded), func(b *testing.B) {
			db := storetest.New(b, store.SQLite, schemas()...)
			w := newWorld(b, db)
			const n = 5000
			all := old(n)
			for i := range all {
				all[i].Index = ""
				all[i].Text = strings.Repeat(fmt.Sprintf("第%d段，关于水利建设、卫生防疫和财政预算执行情况的说明。", i), 38)
			}
			b.ResetTimer()
			began := time.Now()
			runs := 0
			for b.Loop() {
				runs++
				_, err := w.Import(b.Context(), identity.Platform, publication.Batch{Key: fmt.Sprint("run-", runs), Body: "ah-data", Records: all, Unguarded: unguarded})
				must(b, err)
			}
			b.ReportMetric(float64(runs*n)/time.Since(began).Seconds(), "records/s")
		})
	}
}
