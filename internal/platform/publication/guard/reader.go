package guard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// The buffer of a stream, and how much of what was read stays in it as context for what comes.
const (
	window  = 1 << 20
	overlap = 4 << 10
)

// Read finds the personal data in a stream and hands each finding to yield, with offsets from the beginning of the stream. It keeps some
// two megabytes however long the stream is. It stops at the first error of the stream or of yield.
func Read(r io.Reader, yield func(Finding) error) error {
	buf := make([]byte, 0, window+overlap)
	base, done := 0, 0 // offset of buf in the stream; up to where findings were handed over
	var memory table
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return fmt.Errorf("read what is to be scanned: %w", err)
		}
		s := scanner{text: Unify(string(buf)), table: memory}
		s.reset()
		s.run()
		cut := len(buf)
		if !last {
			cut = cutAt(buf)
		}
		for _, f := range s.finish() {
			if base+f.From < done || !last && f.From >= cut {
				continue
			}
			f.From, f.To = f.From+base, f.To+base
			if err := yield(f); err != nil {
				return err
			}
			done = f.To
		}
		if last {
			return nil
		}
		done = max(done, base+cut)
		keep := max(0, cut-overlap)
		keep = bytes.LastIndexByte(buf[:max(keep, 1)], '\n') + 1
		if cut-keep > window/2 { // no line break for long
			keep = cut - overlap
			for !utf8.RuneStart(buf[keep]) {
				keep++
			}
		}
		memory = s.table
		base += keep
		buf = buf[:copy(buf, buf[keep:])]
	}
}

// cutAt returns where what is decided ends: before the last line that has as much behind it as a finding may reach.
func cutAt(buf []byte) int {
	cut := len(buf) - overlap/4
	if i := bytes.LastIndexByte(buf[cut-overlap/4:cut], '\n'); i >= 0 {
		return cut - overlap/4 + i + 1
	}
	for !utf8.RuneStart(buf[cut]) {
		cut++
	}
	return cut
}
