package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// ErrAltered says that a stored file is not what was uploaded: its blob was changed, cut short, exchanged, or its key is missing.
// The operator restores it from a backup.
var ErrAltered = errors.New("the stored file is not what was uploaded; restore it from a backup")

// chunkSize is how much of the content is sealed together, so that a file is read without holding the whole of it.
const chunkSize = 64 << 10

// chunkContext binds a chunk to its file and place. The last one is marked, so that a file cut short is found out.
func chunkContext(id store.ID, n int, last bool) string {
	return fmt.Sprintf("file/%d/%d/%t", id, n, last)
}

// sealTo writes content as sealed chunks, each behind its length in four bytes.
func sealTo(w io.Writer, keys *seal.Ring, id store.ID, content []byte) error {
	for n := 0; ; n++ {
		part := content[:min(chunkSize, len(content))]
		content = content[len(part):]
		sealed := keys.Seal(chunkContext(id, n, len(content) == 0), part)
		if _, err := w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(sealed)))); err != nil {
			return err
		}
		if _, err := w.Write(sealed); err != nil {
			return err
		}
		if len(content) == 0 {
			return nil
		}
	}
}

// opener reads what sealTo has written and compares it with the digest.
type opener struct {
	blob   io.ReadCloser
	keys   *seal.Ring
	file   File
	n      int
	read   int64
	sum    hash.Hash
	part   bytes.Reader
	failed error
}

func newOpener(blob io.ReadCloser, keys *seal.Ring, f File) *opener {
	return &opener{blob: blob, keys: keys, file: f, sum: sha256.New()}
}

// Read returns content that was checked; at its end, io.EOF only when all of it is there and has the digest.
func (o *opener) Read(p []byte) (int, error) {
	for o.part.Len() == 0 && o.failed == nil {
		o.failed = o.next()
	}
	if o.part.Len() > 0 {
		return o.part.Read(p)
	}
	return 0, o.failed
}

func (o *opener) next() error {
	if o.read == o.file.Size {
		if hex.EncodeToString(o.sum.Sum(nil)) != o.file.Digest {
			return fmt.Errorf("file %s: %w", o.file.ID, ErrAltered)
		}
		return io.EOF
	}
	var head [4]byte
	if _, err := io.ReadFull(o.blob, head[:]); err != nil {
		return o.broken(err)
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > chunkSize+1024 {
		return o.broken(nil)
	}
	sealed := make([]byte, size)
	if _, err := io.ReadFull(o.blob, sealed); err != nil {
		return o.broken(err)
	}
	part, err := o.keys.Open(chunkContext(o.file.ID, o.n, o.read+chunkSize >= o.file.Size), sealed)
	if err != nil || len(part) == 0 {
		return o.broken(err)
	}
	o.n++
	o.read += int64(len(part))
	o.sum.Write(part)
	o.part.Reset(part)
	return nil
}

func (o *opener) broken(err error) error {
	return fmt.Errorf("file %s, part %d: %w", o.file.ID, o.n, errors.Join(ErrAltered, err))
}

func (o *opener) Close() error { return o.blob.Close() }
