package merkle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxEntry is the greatest length of an entry in bytes: a bundle writes it in two.
const MaxEntry = 1<<16 - 1

var (
	// ErrEntryTooLong says that an entry is longer than MaxEntry. The caller keeps large content outside the log and logs its hash.
	ErrEntryTooLong = errors.New("entry too long for the log")

	// ErrBundle says that bytes are not an entry bundle of the expected number of entries.
	ErrBundle = errors.New("malformed entry bundle")
)

// EncodeBundle writes entries (1 to TileWidth of them) as a C2SP entry bundle: each is preceded by its length in two bytes,
// big-endian.
func EncodeBundle(entries [][]byte) ([]byte, error) {
	if len(entries) == 0 || len(entries) > TileWidth {
		return nil, fmt.Errorf("%w: %d entries instead of 1 to %d", ErrBundle, len(entries), TileWidth)
	}
	size := 0
	for i, e := range entries {
		if len(e) > MaxEntry {
			return nil, fmt.Errorf("%w: entry %d of the bundle has %d bytes, at most %d fit", ErrEntryTooLong, i, len(e), MaxEntry)
		}
		size += 2 + len(e)
	}
	bundle := make([]byte, 0, size)
	for _, e := range entries {
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(e)))
		bundle = append(bundle, e...)
	}
	return bundle, nil
}

// DecodeBundle reads the entries of a bundle. They alias data.
func DecodeBundle(data []byte) ([][]byte, error) {
	var entries [][]byte
	for rest := data; len(rest) > 0; {
		if len(rest) < 2 {
			return nil, fmt.Errorf("%w: one byte is left after entry %d", ErrBundle, len(entries))
		}
		n := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+n {
			return nil, fmt.Errorf("%w: entry %d should have %d bytes, %d are left", ErrBundle, len(entries), n, len(rest)-2)
		}
		entries = append(entries, rest[2:2+n:2+n])
		rest = rest[2+n:]
	}
	if len(entries) == 0 || len(entries) > TileWidth {
		return nil, fmt.Errorf("%w: %d entries instead of 1 to %d", ErrBundle, len(entries), TileWidth)
	}
	return entries, nil
}
