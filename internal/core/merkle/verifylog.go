package merkle

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ErrSequence says that the events of a case do not stand in the log as 1, 2, 3, … without gap or repetition.
var ErrSequence = errors.New("the events of a case have a gap")

// Source is where a log is read from: a folder, a database, a web address.
type Source interface {
	// Checkpoint returns the latest signed checkpoint.
	Checkpoint() ([]byte, error)
	// Tile returns the bytes at a path of the tlog-tiles layout. A path that does not exist answers an error that is
	// fs.ErrNotExist.
	Tile(path string) ([]byte, error)
}

// Report says what a walk over a log has found to be true.
type Report struct {
	Checkpoint Checkpoint
	Entries    int64
	Bytes      int64        // of all entries
	Tiles      int          // hash tiles compared
	Cases      int          // cases whose events are numbered without a gap
	Journals   []Sequence   // journals of administrative acts, numbered without a gap as well; sorted by name
	Earlier    []Checkpoint // earlier checkpoints that the log still contains
}

// Sequence is a run of entries numbered from 1 without a gap.
type Sequence struct {
	Name    string
	Entries int64
}

// journalType is the type of the entries of a journal, where an event of a case has the kind of case.
const journalType = "journal"

// VerifyLog walks a whole log: it reads the checkpoint and checks its signature, reads every entry, recomputes every tile and
// the root from the entries, and checks that the events of each case are numbered without a gap. Each earlier checkpoint that
// the caller has kept must be the root at its size, or the log has been rewritten since. The first fault ends the walk with
// one of ErrWrongKey, ErrSignature, ErrCheckpoint, ErrBundle, ErrEntryAltered, ErrEntryForm, ErrSequence, ErrTileAltered or
// ErrRootMismatch, and a text that says where.
func VerifyLog(src Source, log note.Verifier, earlier ...Checkpoint) (Report, error) {
	signed, err := src.Checkpoint()
	if err != nil {
		return Report{}, fmt.Errorf("verify log: read the checkpoint: %w", err)
	}
	checkpoint, err := OpenCheckpoint(signed, log)
	if err != nil {
		return Report{}, fmt.Errorf("verify log: %w", err)
	}
	w := walk{src: src, to: checkpoint, cases: map[string]int64{}, journals: map[string]bool{}, earlier: slices.Clone(earlier)}
	slices.SortFunc(w.earlier, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	if err := w.run(); err != nil {
		return Report{}, fmt.Errorf("verify log: %w", err)
	}
	report := Report{
		Checkpoint: checkpoint, Entries: checkpoint.Size, Bytes: w.bytes, Tiles: w.tiles, Cases: len(w.cases) - len(w.journals), Earlier: w.earlier,
	}
	for _, key := range slices.Sorted(maps.Keys(w.journals)) {
		report.Journals = append(report.Journals, Sequence{strings.Trim(key, `"`), w.cases[key]})
	}
	return report, nil
}

// walk is the state of VerifyLog between two bundles.
type walk struct {
	src     Source
	to      Checkpoint
	edge    Edge
	cases   map[string]int64 // case → number of its last event
	earlier []Checkpoint     // sorted by size
	// journals are the keys of cases that are none but journals
	journals map[string]bool
	checked  int // how many of earlier have been met
	bytes    int64
	tiles    int
}

func (w *walk) run() error {
	for index := int64(0); ; index++ {
		tile, ok := TileAt(w.to.Size, EntriesLevel, index)
		if !ok {
			break
		}
		if err := w.bundle(tile); err != nil {
			return err
		}
	}
	for _, t := range w.edge.partial() {
		if err := w.compare(t); err != nil {
			return err
		}
	}
	if err := w.meetEarlier(w.edge, nil); err != nil {
		return err
	}
	if w.checked < len(w.earlier) {
		return fmt.Errorf("%w: an earlier checkpoint had %d entries, the log now has %d",
			ErrRootMismatch, w.earlier[w.checked].Size, w.to.Size)
	}
	if w.edge.Root() != w.to.Root {
		return fmt.Errorf("%w: %d entries give %s, the checkpoint says %s", ErrRootMismatch, w.to.Size, w.edge.Root(), w.to.Root)
	}
	return nil
}

// bundle reads one bundle, appends its entries to the edge, and compares the tiles that follow with those of the source.
func (w *walk) bundle(tile Tile) error {
	data, err := w.fetch(tile)
	if err != nil {
		return err
	}
	entries, err := DecodeBundle(data)
	if err != nil {
		return fmt.Errorf("%s: %w", tile.Path(), err)
	}
	if len(entries) < tile.Width {
		return fmt.Errorf("%s: %w: %d entries instead of %d", tile.Path(), ErrBundle, len(entries), tile.Width)
	}
	leaves := make([]Hash, tile.Width)
	for i, entry := range entries[:tile.Width] {
		leaves[i] = LeafHash(entry)
		w.bytes += int64(len(entry))
		if err := w.event(entry); err != nil {
			return fmt.Errorf("entry %d: %w", tile.Index*TileWidth+int64(i), err)
		}
	}
	if err := w.meetEarlier(w.edge, leaves); err != nil {
		return err
	}
	edge, tiles := w.edge.Append(leaves)
	w.edge = edge
	for _, t := range tiles {
		if !t.Full() {
			continue // it is stored only if a checkpoint had this size; those of the last size are compared at the end
		}
		if err := w.compare(t); err != nil {
			return err
		}
	}
	return nil
}

// event checks the number of an event within its case. Entries that belong to no case have none.
func (w *walk) event(entry []byte) error {
	head, err := readEntry(entry)
	if err != nil {
		return err
	}
	if head.Case == nil {
		return nil
	}
	key := string(head.Case)
	if last := w.cases[key]; head.Seq != last+1 {
		return fmt.Errorf("%w: case %s has event %d after event %d", ErrSequence, key, head.Seq, last)
	}
	w.cases[key] = head.Seq
	if head.Type == journalType {
		w.journals[key] = true
	}
	return nil
}

// meetEarlier checks the earlier checkpoints whose sizes lie between edge and edge plus leaves.
func (w *walk) meetEarlier(edge Edge, leaves []Hash) error {
	for ; w.checked < len(w.earlier); w.checked++ {
		c := w.earlier[w.checked]
		more := c.Size - edge.Size()
		if more > int64(len(leaves)) {
			return nil
		}
		if more < 0 || c.Origin != w.to.Origin {
			return fmt.Errorf("%w: the earlier checkpoint of %q, size %d, is not of this log", ErrCheckpoint, c.Origin, c.Size)
		}
		if at, _ := edge.Append(leaves[:more]); at.Root() != c.Root {
			return fmt.Errorf("%w: the log was rewritten: its first %d entries are not those of the earlier checkpoint", ErrRootMismatch, c.Size)
		}
	}
	return nil
}

// compare fetches the tile that should have been computed and names the first hash that differs.
func (w *walk) compare(want TileData) error {
	data, err := w.fetch(want.Tile)
	if err != nil {
		return err
	}
	stored, err := TileReader(func(Tile) ([]byte, error) { return data, nil }).hashes(want.Tile)
	if err != nil {
		return err
	}
	w.tiles++
	for i, h := range stored {
		if h == Hash(want.Data[i*len(h):]) {
			continue
		}
		if want.Level == 0 {
			return fmt.Errorf("entry %d: %w, or its hash in %s was", want.Index*TileWidth+int64(i), ErrEntryAltered, want.Path())
		}
		return fmt.Errorf("%s: %w: hash %d does not follow from the entries", want.Path(), ErrTileAltered, i)
	}
	return nil
}

// fetch reads a tile. A log may drop a partial tile once the full one is there (tlog-tiles, "Partial Tiles").
func (w *walk) fetch(t Tile) ([]byte, error) {
	data, err := w.src.Tile(t.Path())
	if errors.Is(err, fs.ErrNotExist) && !t.Full() {
		t.Width = TileWidth
		data, err = w.src.Tile(t.Path())
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Path(), err)
	}
	return data, nil
}
