package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// File is an upload.
type File struct {
	ID        store.ID
	Owner     store.ID // account that uploaded it
	Name      string   // as the owner named it; personal
	Digest    string   // SHA-256 of the content, hexadecimal
	Size      int64    // bytes
	Type      string   // media type found in the content
	CreatedAt time.Time
}

// Limits are what one place of upload takes. The zero value is the usual one.
type Limits struct {
	MaxBytes int64  // 0: 20 MB
	Types    []Type // nil: all of [Types]
	Stranger bool   // who uploads has no account: what they all have uploaded in an hour and handed in nowhere is bounded
}

// What people without an account may have uploaded, all together, before it belongs to anything: in this time, so much. Uploads that belong to
// nothing are swept after [Unclaimed] only; whoever wants to fill the disk shall need an account, or forms that are handed in.
const (
	looseTime  = time.Hour
	looseBytes = 1 << 30
)

// DefaultMaxBytes is how large a file may be where nothing else is said.
const DefaultMaxBytes = 20 << 20

const maxName = 200 // characters

// Options are what the store of files works with. All are required but Scanner and Report.
type Options struct {
	DB    *store.DB
	Blobs Blobs
	Keys  *seal.Ring
	IDs   *store.IDs
	Now   func() time.Time
	// Scanner looks at each upload before it is kept; nil: nobody does.
	Scanner Scanner
	// Report is told why the scanner could not look at an upload.
	Report func(ctx context.Context, err error)
}

// Files keeps uploads. It is safe for concurrent use.
type Files struct{ o Options }

// New returns the store of files.
func New(o Options) (*Files, error) {
	if o.DB == nil || o.Blobs == nil || o.Keys == nil || o.IDs == nil || o.Now == nil {
		return nil, errors.New("file: an option is missing")
	}
	return &Files{o}, nil
}

// Put takes an upload. The error is a *Refusal when the file can't be taken as it is. When Put returns nil, content and row are
// on disk. It holds one copy of the content: what an archive holds is told at its end.
func (s *Files) Put(ctx context.Context, owner store.ID, name string, r io.Reader, limits Limits) (File, error) {
	f, content, err := s.examine(ctx, owner, name, r, limits)
	if err != nil {
		return File{}, err
	}
	err = s.o.Blobs.Write(ctx, BlobName(f.ID), func(w io.Writer) error { return sealTo(w, s.o.Keys, f.ID, content) })
	if err != nil {
		return File{}, fmt.Errorf("keep the upload: %w", err)
	}
	err = s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO file_ (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`, int64(f.ID), int64(f.Owner),
			s.o.Keys.Seal(nameContext(f.ID), []byte(f.Name)), f.Digest, f.Size, f.Type, store.Micros(f.CreatedAt))
	})
	if err != nil {
		return File{}, fmt.Errorf("keep the upload: %w", err)
	}
	return f, nil
}

// examine reads an upload and refuses what can't be taken. Nothing is kept yet.
func (s *Files) examine(ctx context.Context, owner store.ID, name string, r io.Reader, limits Limits) (File, []byte, error) {
	if limits.MaxBytes == 0 {
		limits.MaxBytes = DefaultMaxBytes
	}
	if limits.Types == nil {
		limits.Types = Types()
	}
	name, ok := cleanName(name)
	if !ok {
		return File{}, nil, refusal(RefusedName)
	}
	var content bytes.Buffer
	if _, err := content.ReadFrom(io.LimitReader(r, limits.MaxBytes+1)); err != nil {
		return File{}, nil, fmt.Errorf("read the upload: %w", err)
	}
	switch size := int64(content.Len()); {
	case size == 0:
		return File{}, nil, refusal(RefusedEmpty)
	case size > limits.MaxBytes:
		return File{}, nil, refuseLarge(limits.MaxBytes)
	}
	if limits.Stranger {
		if err := s.room(ctx, int64(content.Len())); err != nil {
			return File{}, nil, err
		}
	}
	found, refused := detect(name, content.Bytes(), limits.Types)
	if refused != nil {
		return File{}, nil, refused
	}
	if err := s.scanned(ctx, content.Bytes()); err != nil {
		return File{}, nil, err
	}
	sum := sha256.Sum256(content.Bytes())
	return File{
		ID: s.o.IDs.New(), Owner: owner, Name: name, Digest: hex.EncodeToString(sum[:]), Size: int64(content.Len()), Type: found.Media,
		CreatedAt: s.o.Now().UTC().Truncate(time.Microsecond),
	}, content.Bytes(), nil
}

// room refuses an upload of somebody without an account while there are too many of them that belong to nothing.
func (s *Files) room(ctx context.Context, size int64) error {
	loose, err := store.Scalar[int64](s.o.DB.Read().QueryRow(ctx, `SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM file_ WHERE created_at > $1 AND owner = 0
		AND NOT EXISTS (SELECT 1 FROM file_binding b WHERE b.file_id = file_.id)`, store.Micros(s.o.Now().Add(-looseTime))))
	if err != nil {
		return fmt.Errorf("count unclaimed uploads: %w", err)
	}
	if loose+size > looseBytes {
		return refusal(RefusedFull)
	}
	return nil
}

// scanned refuses content in which the scanner finds something, or at which it could not look.
func (s *Files) scanned(ctx context.Context, content []byte) error {
	if s.o.Scanner == nil {
		return nil
	}
	found, err := s.o.Scanner.Scan(ctx, content)
	if err != nil {
		if s.o.Report != nil {
			s.o.Report(ctx, err)
		}
		return refusal(RefusedUnscanned)
	}
	if found != "" {
		return refusal(RefusedMalicious)
	}
	return nil
}

// cleanName takes the folders that some browsers send off a name, and signs that can't be seen.
func cleanName(name string) (string, bool) {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		// Cf holds the signs that turn the direction of writing, by which gnp.exe can look like exe.png.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	return name, name != "" && name != "." && name != "/" && utf8.RuneCountInString(name) <= maxName
}

const columns = `id, owner, name, digest, size, type, created_at`

func (s *Files) read(row store.Row) (f File, err error) {
	var sealed []byte
	var at int64
	if err = row.Scan(&f.ID, &f.Owner, &sealed, &f.Digest, &f.Size, &f.Type, &at); err != nil {
		return f, err
	}
	f.CreatedAt = store.Instant(at)
	name, err := s.o.Keys.Open(nameContext(f.ID), sealed)
	if err != nil {
		return f, fmt.Errorf("name of file %s: %w", f.ID, err)
	}
	f.Name = string(name)
	return f, nil
}

func nameContext(id store.ID) string { return "file_name/" + id.String() }

// BlobName returns under which name the content of a file is kept. It spreads blobs over 256 folders. The name says nothing about the content.
func BlobName(id store.ID) string { return fmt.Sprintf("%02x/%d", int64(id)&0xff, id) }

// Stat returns what is known of a file, or [store.ErrNotFound].
func (s *Files) Stat(ctx context.Context, id store.ID) (File, error) {
	return store.One(ctx, s.o.DB.Read(), s.read, `SELECT `+columns+` FROM file_ WHERE id = $1`, int64(id))
}

// Get returns a file and its content, which the caller closes. Reading ends with [ErrAltered] instead of io.EOF when the content
// is not what was uploaded; no content that was not sealed by the platform is ever returned.
func (s *Files) Get(ctx context.Context, id store.ID) (File, io.ReadCloser, error) {
	f, err := s.Stat(ctx, id)
	if err != nil {
		return f, nil, err
	}
	blob, err := s.o.Blobs.Open(ctx, BlobName(id))
	if err != nil {
		return f, nil, fmt.Errorf("file %s: %w", id, errors.Join(ErrAltered, err))
	}
	return f, newOpener(blob, s.o.Keys, f), nil
}

// Owned returns the files that an account has uploaded, the latest first, up to 100: they can be handed in again.
func (s *Files) Owned(ctx context.Context, owner store.ID) ([]File, error) {
	return store.All(ctx, s.o.DB.Read(), s.read, `SELECT `+columns+` FROM file_ WHERE owner = $1 ORDER BY id DESC LIMIT 100`, int64(owner))
}
