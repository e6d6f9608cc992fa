package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

const (
	format         = 1
	formatResealed = 2 // some uploads were sealed anew since the pool began
	manifestName   = "manifest.json"
	listName       = "files.txt"
	poolName       = "files"
	stamp          = "2006-01-02T150405Z" // of the folder of a backup, UTC
)

// ErrAltered says that a backup is not what was written, or was never finished. Take another one.
var ErrAltered = errors.New("the backup is not what was written")

// Manifest says what a backup holds.
type Manifest struct {
	Format     int          `json:"format"`
	Version    string       `json:"version"` // of the program that took it
	TakenAt    time.Time    `json:"takenAt"` // UTC
	Engine     store.Engine `json:"engine"`
	Log        string       `json:"log"`        // name of the hall's log
	Key        string       `json:"key"`        // public key of the log
	Checkpoint string       `json:"checkpoint"` // signed, of the log in this backup
	Entries    int64        `json:"entries"`    // of the log
	Database   Part         `json:"database"`
	Files      Part         `json:"files"` // the list of uploads
	Uploads    int          `json:"uploads"`
	Bytes      int64        `json:"bytes"` // of all uploads
}

// Part is a file of a backup.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Read reads the manifest of a backup.
func Read(dir string) (Manifest, error) {
	var m Manifest
	data, err := os.ReadFile(filepath.Join(filepath.Clean(dir), manifestName))
	if err != nil {
		return m, fmt.Errorf("%s is no backup, or one that was never finished: %w", dir, err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%s: %w: %w", filepath.Join(dir, manifestName), ErrAltered, err)
	}
	if m.Format != format && m.Format != formatResealed {
		return m, fmt.Errorf("%s: format %d; this program reads %d and %d: use the program that took it, version %s", dir, m.Format, format, formatResealed, m.Version)
	}
	if filepath.Base(m.Database.Name) != m.Database.Name || m.Files.Name != listName {
		return m, fmt.Errorf("%s: %w: it names files elsewhere", filepath.Join(dir, manifestName), ErrAltered)
	}
	return m, nil
}

// write puts the manifest into its place. It comes last: a folder without one is an attempt.
func (m *Manifest) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	return writeFile(filepath.Join(dir, manifestName), append(data, '\n'))
}

// writeFile writes a file that is there whole, and on disk, or not at all.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(filepath.Clean(path)+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return errors.Join(os.Rename(path+".new", path), flush(filepath.Dir(path)))
}

// flush makes the names in a folder survive a power cut.
func flush(dir string) error {
	f, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// part describes a file.
func part(dir, name string) (Part, error) {
	sum, size, err := digest(filepath.Join(dir, name))
	return Part{Name: name, Size: size, SHA256: sum}, err
}

// verify compares a file with what the manifest says of it.
func (p Part) verify(dir string) error {
	sum, size, err := digest(filepath.Join(dir, p.Name))
	if err != nil {
		return err
	}
	if sum != p.SHA256 || size != p.Size {
		return fmt.Errorf("%s: %w: %d bytes with SHA-256 %s; want %d with %s", filepath.Join(dir, p.Name), ErrAltered, size, sum, p.Size, p.SHA256)
	}
	return nil
}

func digest(path string) (sum string, size int64, err error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, errors.Join(err, f.Close())
}

// resealedMark stands between the name of an upload and that of its key, in the pool.
const resealedMark = "~"

// upload is a line of the list: a blob of the pool.
type upload struct{ sum, name string }

// home is the name of the upload in the hall.
func (u upload) home() string {
	name, _, _ := strings.Cut(u.name, resealedMark)
	return name
}

// readList reads the list of uploads.
func readList(dir string) ([]upload, error) {
	f, err := os.Open(filepath.Join(filepath.Clean(dir), listName))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	var list []upload
	s := bufio.NewScanner(f)
	for s.Scan() {
		sum, name, ok := strings.Cut(s.Text(), "  ")
		if !ok || !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s, line %d: %w", listName, len(list)+1, ErrAltered)
		}
		list = append(list, upload{sum, name})
	}
	return list, s.Err()
}
