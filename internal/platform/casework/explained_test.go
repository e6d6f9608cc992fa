package casework_test

import (
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// 行政许可法 32: five working days to tell the applicant what is missing.
func TestExplainedNamesTheRule(t *testing.T) {
	h := open(t, storetest.New(t, store.SQLite, casework.Schema()))
	c := h.load(h.apply().Case)
	stored := *c.Tasks()[0].Term
	got := h.Explained(c, stored)
	if got.Statutory.N != 5 || got.Statutory.Title.Hans != "一次性告知申请人需要补正的全部内容" || got.Statutory.Article.In(lang.Hans) != "《行政许可法》第32条" {
		t.Errorf("explained %+v; want art. 32", got.Statutory)
	}
	if got.Promised.N != 0 || !got.Promised.Title.IsZero() {
		t.Errorf("a promise that was not made: %+v", got.Promised)
	}
}
