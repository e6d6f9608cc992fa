package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store/journal"
)

// maxExported bounds one export: a year of a province is asked for month by month.
const maxExported = 50_000

// errTooMany says that more was asked for than one export holds.
type tooManyError struct{}

func (tooManyError) Error() string {
	return fmt.Sprintf("more than %d entries: choose a shorter period", maxExported)
}

// The files of an export.
const (
	fileLines      = "entries.jsonl"
	fileTable      = "entries.csv"
	fileCheckpoint = "checkpoint.txt"
	fileManifest   = "manifest.txt"
)

// line is an entry in the JSON lines: a receipt whose checkpoint is the one of the whole export.
type line struct {
	Event string `json:"event"`
	merkle.Receipt
}

// Export returns what a search finds as a ZIP of CSV and JSON lines, each line with the proof of its place, and a manifest that the
// log's key has signed. Entries that have no place in the log yet are left for the next export. That it was done is taken down first.
func (s *Service) Export(ctx context.Context, who identity.Principal, f casework.JournalFilter) ([]byte, error) {
	if err := s.allow(who); err != nil {
		return nil, err
	}
	signed, err := s.Log.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	body, _, _ := strings.Cut(string(signed), "\n\n")
	checkpoint, err := merkle.ParseCheckpoint(body + "\n")
	if err != nil {
		return nil, err
	}
	x := export{log: s.Log, checkpoint: checkpoint, first: -1, last: -1}
	f.Before, f.After, f.Limit = 0, 1, 200
	for {
		entries, err := s.Journal.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			if err := x.add(ctx, &entries[i]); err != nil {
				return nil, err
			}
		}
		if len(entries) < f.Limit {
			break
		}
		f.After = entries[len(entries)-1].ID
	}
	f.After = 0
	about := describe(f)
	manifest := merkle.Manifest{
		Subject: subject(about), Entries: x.n, First: x.first, Last: x.last, Size: checkpoint.Size, Root: checkpoint.Root,
		ExportedAt: s.Now().UTC().Format(time.RFC3339),
	}
	data, digest, err := x.pack(s.Log, manifest, signed)
	if err != nil {
		return nil, err
	}
	about["entries"], about["manifest"] = x.n, digest
	act := journal.Act{Kind: journal.AuditExported, By: who.Actor(), On: journal.On("journal", "export"), Data: about}
	return data, s.Journal.RecordAlone(ctx, act)
}

// subject is what was asked for, in one line.
func subject(about map[string]any) string {
	words := []string{"journal"}
	for _, name := range slices.Sorted(maps.Keys(about)) {
		words = append(words, name+"="+strings.Join(strings.Fields(fmt.Sprint(about[name])), "_"))
	}
	return strings.Join(words, " ")
}

// export is an export being put together.
type export struct {
	log         Log
	checkpoint  merkle.Checkpoint
	lines       bytes.Buffer
	rows        [][]string
	n           int64
	first, last int64
}

func (x *export) add(ctx context.Context, e *casework.Entry) error {
	if e.Leaf < 0 || e.Leaf >= x.checkpoint.Size {
		return nil
	}
	if x.n == maxExported {
		return tooManyError{}
	}
	proof, err := x.log.Proof(ctx, x.checkpoint.Size, e.Leaf)
	if err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	r := merkle.NewReceipt(e.Content, e.Leaf, proof, nil)
	r.Disclosed = e.Disclosed
	w := json.NewEncoder(&x.lines)
	w.SetEscapeHTML(false)
	if err := w.Encode(line{e.ID.String(), r}); err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	data, err := json.Marshal(e.Act.Data)
	if err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	result := "done"
	if e.Act.Refused != "" {
		result = "refused: " + e.Act.Refused
	}
	x.rows = append(x.rows, []string{
		e.Journal, strconv.FormatInt(e.Seq, 10), e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), e.Act.Kind, result, e.Act.By.Kind,
		e.Act.By.Account.String(), e.Act.By.Post, e.Act.On.Kind, e.Act.On.ID, string(data), strconv.FormatInt(e.Leaf, 10), r.Leaf.String(),
	})
	if x.first < 0 || e.Leaf < x.first {
		x.first = e.Leaf
	}
	x.last, x.n = max(x.last, e.Leaf), x.n+1
	return nil
}

// header names the columns of the table.
var header = []string{"journal", "number", "at", "act", "result", "actor_kind", "actor_account", "actor_post", "target_kind", "target", "details", "log_place", "log_hash"}

// table writes the rows as CSV with a byte order mark, by which spreadsheets know UTF-8. A cell that a spreadsheet would take for a
// formula gets an apostrophe in front.
func (x *export) table() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	rows := append([][]string{header}, x.rows...)
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// pack returns the ZIP, and the digest of its manifest.
func (x *export) pack(log Log, m merkle.Manifest, checkpoint []byte) (data []byte, digest string, err error) {
	table, err := x.table()
	if err != nil {
		return nil, "", fmt.Errorf("export: %w", err)
	}
	files := []struct {
		name string
		data []byte
	}{{fileLines, x.lines.Bytes()}, {fileTable, table}, {fileCheckpoint, checkpoint}}
	for _, f := range files {
		m.Files = append(m.Files, merkle.ManifestFile{Name: f.name, SHA256: sumOf(f.data)})
	}
	signed, err := log.SignManifest(m)
	if err != nil {
		return nil, "", err
	}
	files = append(files, struct {
		name string
		data []byte
	}{fileManifest, signed})
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			return nil, "", fmt.Errorf("export: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, "", fmt.Errorf("export: %w", err)
	}
	return b.Bytes(), sumOf(signed), nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// maxFile bounds what is read of one file of an export.
const maxFile = 512 << 20

// Open reads the files of an export.
func open(data []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("read the export: %w", err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name, err)
		}
		content, err := io.ReadAll(io.LimitReader(r, maxFile))
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name, err)
		}
		files[f.Name] = content
	}
	return files, nil
}
