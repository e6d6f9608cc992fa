package disclosure

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/lang"
)

// A page that is kept is shown again only as long as everything that it is made of is the same, and in its language.
func TestKeptPageOfItsCut(t *testing.T) {
	var pages recordPages
	key, cut := recordKey{"11340000MB9000015X/202603-00001", lang.Hans}, recordCut{day: 20515, minute: 7}
	pages.put(key, cut, recordHTML{main: "甲"})
	if page, ok := pages.get(key, cut); !ok || page.main != "甲" {
		t.Errorf("got %v, %v", page, ok)
	}
	for name, other := range map[string]recordCut{"another day": {day: 20516, minute: 7}, "a minute later": {day: 20515, minute: 8}} {
		if page, ok := pages.get(key, other); ok {
			t.Errorf("%s: %v is shown", name, page)
		}
	}
	if _, ok := pages.get(recordKey{key.index, lang.En}, cut); ok {
		t.Error("shown in another language")
	}
	pages.put(key, recordCut{day: 20516}, recordHTML{main: "乙"})
	if page, ok := pages.get(key, recordCut{day: 20516}); !ok || page.main != "乙" {
		t.Errorf("after it was made anew: %v, %v", page, ok)
	}
}

// However pages come, what is kept stays bounded, and what it answers is what was put last.
func TestKeptPagesAreBounded(t *testing.T) {
	long := strings.Repeat("x", keptBytes/4)
	rapid.Check(t, func(t *rapid.T) {
		var pages recordPages
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			key := recordKey{fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "key")), lang.Hans}
			main := long[:rapid.IntRange(0, len(long)).Draw(t, "size")]
			pages.put(key, recordCut{}, recordHTML{main: main})
			size := 0
			for _, half := range []map[recordKey]keptRecord{pages.young, pages.old} {
				for _, kept := range half {
					size += len(kept.page.main)
				}
			}
			if size > 2*keptBytes {
				t.Fatalf("%d bytes are kept", size)
			}
			if page, ok := pages.get(key, recordCut{}); ok && page.main != main {
				t.Fatalf("%q answers what was put before", key.index)
			}
		}
	})
}
