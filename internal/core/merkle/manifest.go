package merkle

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ErrManifest says that a text is not the manifest of an export.
var ErrManifest = errors.New("malformed manifest")

// manifestTitle is the first line of a manifest. A checkpoint begins with the name of its log, which is no sentence, so that neither
// can be taken for the other though one key signs both.
const manifestTitle = "openhall export manifest 1"

// Manifest (导出清单) is signed by the log's key and goes with an export of entries: which files there are, what they hold, and how far
// the log reached. Whoever gets the files from a third hand checks them against it.
type Manifest struct {
	Origin     string // name of the log
	Subject    string // what was asked for, in one line
	Entries    int64
	First      int64 // place in the log of the first entry; -1 when there is none
	Last       int64
	Size       int64 // of the log at that time
	Root       Hash
	Files      []ManifestFile
	ExportedAt string // RFC 3339, UTC
}

// ManifestFile is a file of the export.
type ManifestFile struct {
	Name   string
	SHA256 string // hexadecimal
}

// Text is what is signed.
func (m Manifest) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nlog: %s\nsubject: %s\nexported: %s\nentries: %d\nplaces: %d %d\ncheckpoint: %d %s\n",
		manifestTitle, m.Origin, m.Subject, m.ExportedAt, m.Entries, m.First, m.Last, m.Size, m.Root)
	for _, f := range m.Files {
		fmt.Fprintf(&b, "file: %s %s\n", f.SHA256, f.Name)
	}
	return b.String()
}

// Sign returns the manifest as a signed note.
func (m Manifest) Sign(log note.Signer) ([]byte, error) {
	if strings.ContainsAny(m.Subject+m.Origin, "\n\r") || m.Origin != log.Name() {
		return nil, fmt.Errorf("sign a manifest: %w: subject and origin are one line each, the origin is the key's", ErrManifest)
	}
	signed, err := note.Sign(&note.Note{Text: m.Text()}, log)
	if err != nil {
		return nil, fmt.Errorf("sign a manifest: %w", err)
	}
	return signed, nil
}

// OpenManifest checks the signature of a signed manifest and returns what it states. It answers ErrWrongKey, ErrSignature or
// ErrManifest.
func OpenManifest(signed []byte, log note.Verifier) (Manifest, error) {
	n, err := note.Open(signed, note.VerifierList(log))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &invalid):
		return Manifest{}, fmt.Errorf("manifest: %w: it claims to be by %s", ErrSignature, invalid.Name)
	case errors.As(err, &unverified):
		return Manifest{}, fmt.Errorf("manifest: %w: expected %s+%08x", ErrWrongKey, log.Name(), log.KeyHash())
	case err != nil:
		return Manifest{}, fmt.Errorf("%w: not a signed note", ErrManifest)
	}
	m, err := ParseManifest(n.Text)
	if err == nil && m.Origin != log.Name() {
		err = fmt.Errorf("manifest: %w: the log is %q, the key belongs to %q", ErrWrongKey, m.Origin, log.Name())
	}
	return m, err
}

// ParseManifest reads the text of a manifest. Only what Text writes is accepted.
func ParseManifest(text string) (Manifest, error) {
	var m Manifest
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 7 || lines[0] != manifestTitle {
		return m, fmt.Errorf("%w: it does not begin with %q", ErrManifest, manifestTitle)
	}
	value := func(i int, key string) string {
		v, _ := strings.CutPrefix(lines[i], key+": ")
		return v
	}
	m.Origin, m.Subject, m.ExportedAt = value(1, "log"), value(2, "subject"), value(3, "exported")
	var err error
	number := func(s string) int64 {
		n, nerr := strconv.ParseInt(s, 10, 64)
		err = errors.Join(err, nerr)
		return n
	}
	m.Entries = number(value(4, "entries"))
	first, last, _ := strings.Cut(value(5, "places"), " ")
	m.First, m.Last = number(first), number(last)
	size, root, _ := strings.Cut(value(6, "checkpoint"), " ")
	m.Size = number(size)
	err = errors.Join(err, m.Root.UnmarshalJSON([]byte(strconv.Quote(root))))
	for i := range lines[7:] {
		sum, name, _ := strings.Cut(value(7+i, "file"), " ")
		m.Files = append(m.Files, ManifestFile{Name: name, SHA256: sum})
	}
	if err != nil || m.Text() != text {
		return Manifest{}, fmt.Errorf("%w: it is not written as this program writes it", ErrManifest)
	}
	return m, nil
}
