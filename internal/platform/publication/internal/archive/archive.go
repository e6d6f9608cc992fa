// Package archive unpacks zip archives from strangers within limits.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What is wrong with an archive.
var (
	ErrLimit  = errors.New("more than may be unpacked")
	ErrBroken = errors.New("broken archive")
)

// Entry is a file of an archive.
type Entry struct {
	Name string
	Data []byte
}

// Read unpacks an archive: at most limit bytes in at most files files. It believes no size that the archive states. The name of the entry
// that is wrong is returned with the error.
func Read(content []byte, limit, files int) (entries []Entry, wrong string, err error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(z.File) > files {
		return nil, "", fmt.Errorf("%w: %d files, at most %d", ErrLimit, len(z.File), files)
	}
	left := int64(limit)
	seen := map[string]bool{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if seen[f.Name] { // programs differ in which of the two they open
			return nil, f.Name, fmt.Errorf("%w: two files of one name", ErrBroken)
		}
		seen[f.Name] = true
		r, err := f.Open()
		if err != nil {
			return nil, f.Name, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		data, err := io.ReadAll(io.LimitReader(r, left+1))
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, f.Name, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		if left -= int64(len(data)); left < 0 {
			return nil, f.Name, fmt.Errorf("%w: %d bytes", ErrLimit, limit)
		}
		entries = append(entries, Entry{f.Name, data})
	}
	return entries, "", nil
}

// Write packs entries. The archive tells nothing of who packed it, and when.
func Write(entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(e.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", e.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return b.Bytes(), nil
}
