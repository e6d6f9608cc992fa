package document

import (
	"os"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/letters"
)

func templates(t testing.TB) *Templates {
	t.Helper()
	ts, err := Load(letters.Files)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// facts are those of an invented matter, by placeholder.
func facts(tag lang.Tag) Facts {
	f := Facts{
		"agency": "合人社", "number": "合人社受〔2026〕12号", "issuer": "合肥市人力资源和社会保障局", "case": "11340100MB900024283000514004000202611230001",
		"applicant": "𠮷田建筑劳务（合肥）有限公司", "id-label": "统一社会信用代码", "id-number": "91340100********0X", "item": "劳务派遣经营许可",
		"received": "2026年11月20日", "received-at": "2026年11月20日 09:12", "date": "2026年11月23日", "query-code": "7K3M9QXA", "files": "申请书、营业执照、验资报告",
		"licence": "是", "answer-day": "2026年11月27日", "answer-length": "5个工作日", "answer-article": "《中华人民共和国行政许可法》第32条",
		"statute-day": "2026年12月21日", "statute-length": "20个工作日", "statute-article": "《劳务派遣行政许可实施办法》第11条", "promise-day": "2026年12月4日", "promise-length": "9个工作日",
		"review-length": "60日", "review-article": "《中华人民共和国行政复议法》第20条", "suit-length": "6个月", "suit-article": "《中华人民共和国行政诉讼法》第46条",
		"valid-until": "2029年11月22日", "ground": "专家评审", "ground-article": "《中华人民共和国行政许可法》第45条", "pause-from": "2026年11月23日 10:00", "pause-needs": "15日",
		"extended-by": "10个工作日", "extended-article": "《中华人民共和国行政许可法》第42条", "new-line": "2027年1月6日", "manner": "邮寄", "delivered": "2026年12月8日", "receiver": "王小明", "tracking": "EMS 1234567890123",
		"missing": "一、验资报告没有注册会计师签名。\n二、办公场所使用证明缺少第 2 页，请补充完整的租赁合同复印件（加盖公章）。", "reasons": "注册资本不足二百万元，不符合《中华人民共和国劳动合同法》第五十七条第一项的规定。",
	}
	return f
}

func TestShow(t *testing.T) {
	ts := templates(t)
	var fs fonts
	set, err := fs.get()
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("SHOW")
	if dir == "" {
		dir = t.TempDir()
	}
	for _, kind := range ts.Kinds() {
		for _, tag := range lang.All {
			l := ts.Fill(kind, tag, facts(tag))
			l.Code = "https://hall.example.gov.cn/verify/123456789012345678/ABCDEFGHJK"
			l.Scan = ts.common.Scan.In(tag)
			for _, p := range ts.common.Proof {
				l.Proof = append(l.Proof, Facts{"number": l.Number, "code": "ABCDEFGHJK", "origin": "hall.example.gov.cn/log", "place": "1234567", "leaf": "O7CWvnKs1Z2uqIT3bQ0XTXpdbT3hAdHQfYuITOhIBmo=", "verify": "https://hall.example.gov.cn/verify"}.into(p.In(tag)))
			}
			pdf, err := set.print(l)
			if err != nil {
				t.Fatal(kind, tag, err)
			}
			st := &Statement{Number: l.Number, Issuer: l.Issuer, Title: l.Title, Lang: "zh-CN", SignedAt: "2026-11-23T02:00:00Z"}
			s, err := LoadSigners(t.TempDir(), "x/documents")
			if err != nil {
				t.Fatal(err)
			}
			if pdf, err = sign(pdf, st, s); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir+"/"+kind+"."+strings.ToLower(string(tag))+".pdf", pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
