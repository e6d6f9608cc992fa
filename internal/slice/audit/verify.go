package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// ErrExport says that an export is not what its manifest says.
var ErrExport = errors.New("the export is not what was handed out")

// VerifyExport checks an export against the public key of the log, offline: the signature of the manifest, the digest of every file,
// and of each entry its place in the log and the commitments to what was sealed.
func VerifyExport(data []byte, log note.Verifier) (merkle.Manifest, error) {
	files, err := open(data)
	if err != nil {
		return merkle.Manifest{}, err
	}
	m, err := merkle.OpenManifest(files[fileManifest], log)
	if err != nil {
		return m, err
	}
	listed := map[string]bool{fileManifest: true}
	for _, f := range m.Files {
		listed[f.Name] = true
		if content, there := files[f.Name]; !there || sumOf(content) != f.SHA256 {
			return m, fmt.Errorf("%w: %s is missing or was altered", ErrExport, f.Name)
		}
	}
	for name := range files {
		if !listed[name] {
			return m, fmt.Errorf("%w: %s was put into it", ErrExport, name)
		}
	}
	var n int64
	lines := json.NewDecoder(bytes.NewReader(files[fileLines]))
	for lines.More() {
		var l line
		if err := lines.Decode(&l); err != nil {
			return m, fmt.Errorf("%w: line %d: %w", ErrExport, n+1, err)
		}
		l.Checkpoint = string(files[fileCheckpoint])
		proven, err := l.Verify(log)
		if err != nil {
			return m, fmt.Errorf("line %d: %w", n+1, err)
		}
		if proven.Checkpoint.Size != m.Size || proven.Checkpoint.Root != m.Root {
			return m, fmt.Errorf("%w: its checkpoint is not that of the manifest", ErrExport)
		}
		n++
	}
	if n != m.Entries {
		return m, fmt.Errorf("%w: %d entries, the manifest says %d", ErrExport, n, m.Entries)
	}
	return m, nil
}
