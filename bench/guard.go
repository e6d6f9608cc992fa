package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/guard/labelled"
)

// filler is what stands between personal data in what offices publish.
const filler = "为进一步规范政府信息公开工作，提高政府工作透明度，根据《中华人民共和国政府信息公开条例》，结合我市实际，现就有关事项通知如下。" +
	"各县区人民政府，市政府各部门、各直属机构要高度重视，明确分管领导和责任科室，于2013年12月31日前完成目录编制工作（池政办〔2013〕15号）。" +
	"全年完成固定资产投资1381234.56万元，同比增长12.3%；办理依申请公开事项138件，其中按时答复136件。咨询电话：0566-2028012。\n"

// peer is the same search for four kinds by regular expressions, without check characters, context or masks.
var peer = regexp.MustCompile(`[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]|1[3-9]\d{9}|62\d{14,17}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)

// benchGuard measures how fast and how well personal data is found.
func benchGuard(_ context.Context, report func(string, ...any)) ([]measure, error) {
	var measures []measure
	var cases []labelled.Case
	for _, half := range labelled.Halves() {
		list, err := labelled.Load(half)
		if err != nil {
			return nil, err
		}
		cases = append(cases, list...)
		scores := labelled.Judge(list, nil)
		var identifiers, all labelled.Score
		for _, kind := range guard.Kinds() {
			s := scores[kind]
			report("%-8s %-11s %s", half, kind, s)
			all.Add(s)
			if kind.Identifier() {
				identifiers.Add(s)
			}
		}
		report("%-8s %d cases: identifiers %s; all kinds %s", half, len(list), identifiers, all)
		measures = append(measures,
			measure{"guard-recall-" + half, identifiers.Recall(), "of identifiers", 0.99, true},
			measure{"guard-precision-" + half, all.Precision(), "of findings", 0.95, true})
	}

	var b strings.Builder
	for i := 0; b.Len() < 16<<20; i++ {
		b.WriteString(filler)
		b.WriteString(cases[i%len(cases)].Text)
		b.WriteByte('\n')
	}
	text := b.String()
	speed := func(f func()) float64 {
		r := testing.Benchmark(func(b *testing.B) {
			for range b.N {
				f()
			}
		})
		return float64(len(text)) * float64(r.N) / r.T.Seconds() / 1e6
	}
	found, runes, matches := 0, 0, 0
	scan := speed(func() { found = len(guard.Scan(text)) })
	plain := speed(func() {
		runes = 0
		for i := 0; i < len(text); {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			runes++
		}
	})
	byPeer := speed(func() { matches = len(peer.FindAllStringIndex(text, -1)) })
	report("%d MB of Chinese text: the guard %.0f MB/s (%d findings), a bare pass over its characters %.0f MB/s (%d), four regular expressions %.1f MB/s (%d matches)",
		len(text)>>20, scan, found, plain, runes, byPeer, matches)
	return append(measures,
		measure{"guard-scan", scan, "MB/s", 10, true},
		measure{"guard-scan-of-bare-pass", scan / plain, "x", 0.05, true},
		measure{"guard-scan-of-regexp", scan / byPeer, "x", 2, true}), nil
}
