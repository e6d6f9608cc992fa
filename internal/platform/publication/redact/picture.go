package redact

import (
	"bytes"
	"encoding/binary"
)

// plainPNG takes texts, times and private chunks out of a PNG file. What is no PNG file is returned as it is.
func plainPNG(b []byte) []byte {
	const signature = "\x89PNG\r\n\x1a\n"
	if !bytes.HasPrefix(b, []byte(signature)) {
		return b
	}
	out := append(make([]byte, 0, len(b)), signature...)
	for at := len(signature); at+12 <= len(b); {
		size := int(binary.BigEndian.Uint32(b[at:]))
		end := at + 12 + size
		if size < 0 || end > len(b) || end < at {
			return b
		}
		switch string(b[at+4 : at+8]) {
		case "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs":
			out = append(out, b[at:end]...)
		}
		at = end
	}
	return out
}
