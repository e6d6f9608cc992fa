package disclosure

import (
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// A page takes some hundred rows of a table; what stands behind them is neither read nor complained about.
func TestEndlessTablesEnd(t *testing.T) {
	f, err := importing.Open("old-site.csv", strings.NewReader("title,body,category,text\n"+strings.Repeat("甲,nobody,none,乙\n", 100_000)), importing.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var p importView
	drafts, err := (&Service{}).readDrafts(t.Context(), f, identity.Principal{}, lang.Hans, &p)
	if err != nil || len(drafts) > maxDrafts || p.rows != maxDrafts+1 || len(p.problems) < maxDrafts || len(p.problems) > 10*maxDrafts {
		t.Errorf("%d rows, %d drafts, %d problems: %v", p.rows, len(drafts), len(p.problems), err)
	}
}
