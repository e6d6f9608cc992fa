package publication

import (
	"encoding/json"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
)

// What an event says of a full part fits into an entry of the log, with the longest index numbers that the form of the event takes.
func TestAFullPartFitsIntoAnEntry(t *testing.T) {
	t.Parallel()
	const (
		longest  = 40      // characters of an index number: procedures/forms/publication-release.json
		envelope = 4 << 10 // what else stands in an entry: case, step, actor, times
	)
	versions := make([]listed, partSize)
	for i := range versions {
		versions[i] = listed{Index: strings.Repeat("9", longest), Digest: strings.Repeat("f", 64), Version: 9_999}
	}
	data, err := json.Marshal(map[string]any{"part": 9_999, "versions": versions, "more": false})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(data) + envelope; n > merkle.MaxEntry {
		t.Errorf("a part of %d records takes up to %d bytes of an entry, which holds %d", partSize, n, merkle.MaxEntry)
	}
}
