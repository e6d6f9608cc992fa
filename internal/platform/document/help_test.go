package document

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/letters"
)

var shipped = sync.OnceValues(func() (*Templates, error) { return Load(letters.Files) })

func templates(t testing.TB) *Templates {
	t.Helper()
	ts, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

var parsed fonts

func typesetting(t testing.TB) *typeset {
	t.Helper()
	set, err := parsed.get()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// facts are those of an invented matter. The first character of the applicant's name is one that hardly any font has.
func facts(tag lang.Tag) Facts {
	words := func(hans, hant, en string) string { return lang.Text{Hans: hans, Hant: hant, En: en}.In(tag) }
	return Facts{
		"number": "合人社受〔2026〕12号", "issuer": words("合肥市人力资源和社会保障局", "合肥市人力資源和社會保障局", "Hefei Human Resources and Social Security Bureau"),
		"case": "11340100MB900024283000514004000202611230001", "applicant": "𠮷田建筑劳务（合肥）有限公司",
		"id-label": words("统一社会信用代码", "統一社會信用代碼", "Credit code"), "id-number": "9134************0X", "item": words("劳务派遣经营许可", "勞務派遣經營許可", "Labour dispatch licence"),
		"received": words("2026年11月20日", "2026年11月20日", "20 November 2026"), "received-at": words("2026年11月20日 09:12", "2026年11月20日 09:12", "20 November 2026, 09:12"),
		"date": words("2026年11月23日", "2026年11月23日", "23 November 2026"), "query-code": "7K3M9QXA", "files": words("申请书、营业执照、验资报告", "申請書、營業執照、驗資報告", "application, business licence, audit report"),
		"licence": "是", "answer-day": "2026年11月27日", "answer-length": "5个工作日", "answer-article": "《行政许可法》第32条",
		"statute-day": "2026年12月21日", "statute-length": "20个工作日", "statute-article": "《劳务派遣行政许可实施办法》第11条",
		"promise-day": "2026年12月4日", "promise-length": "9个工作日", "review-length": "60日", "review-article": "《行政复议法》第20条",
		"suit-length": "6个月", "suit-article": "《行政诉讼法》第46条", "valid-until": "2029年11月22日", "ground": "专家评审", "ground-article": "《行政许可法》第45条",
		"pause-from": "2026年11月23日 10:00", "pause-needs": "15日", "extended-by": "10个工作日", "extended-article": "《行政许可法》第42条", "new-line": "2027年1月6日",
		"manner": "邮寄", "delivered": "2026年12月8日", "receiver": "王小明", "tracking": "EMS 1234567890123",
		"missing":      "一、验资报告没有注册会计师签名。\n二、办公场所使用证明缺少第 2 页，请补充完整的租赁合同复印件（加盖公章）。",
		"third-length": "15个工作日", "third-day": "2026年12月14日", "third-article": "《政府信息公开条例》第32条",
		"maker-length": "15个工作日", "maker-day": "2026年12月14日", "maker-article": "《政府信息公开条例》第34条",
		"reasons": "注册资本不足二百万元，不符合《中华人民共和国劳动合同法》第五十七条第一项的规定。",
	}
}

// whole is a letter with its small print.
func whole(t testing.TB, kind string, tag lang.Tag) *Letter {
	t.Helper()
	ts := templates(t)
	l := ts.Fill(kind, tag, facts(tag))
	l.Code, l.Scan = "https://hall.example.gov.cn/verify/123456789012345678/ABCDEFGHJK", ts.common.Scan.In(tag)
	for _, p := range ts.common.Proof {
		l.Proof = append(l.Proof, Facts{
			"number": l.Number, "code": "ABCDEFGHJK", "origin": "hall.example.gov.cn/log", "place": "1234567",
			"leaf": "O7CWvnKs1Z2uqIT3bQ0XTXpdbT3hAdHQfYuITOhIBmo=", "verify": "https://hall.example.gov.cn/verify",
		}.into(p.In(tag)))
	}
	return l
}

// bureau issues documents on a database of its own, in a world where the log has every event at once.
type bureau struct {
	*Service
	db      *store.DB
	ids     *store.IDs
	mu      sync.Mutex
	now     time.Time
	waiting bool // the log has not come to the event yet
	log     string
	public  string
	name    string // of the applicant
	printed int
}

func (b *bureau) time() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bureau) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func schemas() []store.Migrations { return []store.Migrations{file.Schema(), Schema()} }

func each(t *testing.T, test func(t *testing.T, b *bureau)) {
	t.Helper()
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { test(t, open(t, db, t.TempDir())) })
}

// open opens the bureau whose keys lie in a folder, beside what stands in the database already.
func open(t testing.TB, db *store.DB, keys string) *bureau {
	t.Helper()
	b := &bureau{db: db, now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), name: "王小明"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ring, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	b.ids, err = store.NewIDs(1, time.Now)
	must(err)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(keys), Keys: ring, IDs: b.ids, Now: b.time})
	must(err)
	signers, err := LoadSigners(keys, "hall.example/documents")
	must(err)
	b.log, b.public, err = merkle.GenerateKey(strings.NewReader(strings.Repeat("l", 64)), "hall.example/log")
	must(err)
	b.Service, err = New(t.Context(), Options{
		DB: db, Files: files, Keys: ring, IDs: b.ids, Now: b.time, Log: slog.New(slog.DiscardHandler), Templates: templates(t), Signers: signers,
		Holder: "test", BaseURL: "https://hall.example",
	})
	must(err)
	b.Attach(b.prove)
	b.Register("approval", func(_ context.Context, r Record, tag lang.Tag) (Facts, string, error) {
		b.printed++
		f := facts(tag)
		f["applicant"], f["case"] = b.name, r.CaseNumber
		return f, "王*", nil
	})
	return b
}

// prove gives an event a place as the only entry of a log.
func (b *bureau) prove(_ context.Context, event store.ID) (r merkle.Receipt, ok bool, err error) {
	if b.waiting {
		return r, false, nil
	}
	entry := []byte(fmt.Sprintf(`{"body":"human-resources","case":"C-%s","seq":2}`, event))
	signer, err := merkle.NewSigner(b.log)
	if err != nil {
		return r, false, err
	}
	leaf := merkle.LeafHash(entry)
	signed, err := merkle.Checkpoint{Origin: "hall.example/log", Size: 1, Root: leaf}.Sign(signer)
	if err != nil {
		return r, false, err
	}
	return merkle.NewReceipt(entry, 0, nil, signed), true, nil
}

// order asks for a letter of a matter of its own.
func (b *bureau) order(body, kind string) Order {
	event := b.ids.New()
	return Order{
		Case:  &casework.Case{ID: b.ids.New(), Number: "C-" + event.String(), Kind: "approval", Body: body, Division: "340100000000"},
		Event: casework.Event{ID: event, Seq: 2, At: b.time()}, Kind: kind, Agency: "合人社",
	}
}

// issue lets letters come into being in one transaction.
func (b *bureau) issue(t testing.TB, orders ...Order) []Record {
	t.Helper()
	err := b.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
		for _, o := range orders {
			b.Issue(tx, o)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []Record
	for _, o := range orders {
		r, err := b.Find(t.Context(), o.Case.ID, o.Event.Seq, o.Kind)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}
