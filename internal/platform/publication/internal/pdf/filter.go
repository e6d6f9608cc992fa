package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"
)

// decode undoes the filters of a stream, as far as they are none of pictures; picture is the name of the filter that is left.
func (f *File) decode(s *Stream) (data []byte, picture Name, err error) {
	data = s.Raw
	filters := f.list(s.Dict["Filter"])
	if len(filters) == 0 {
		filters = f.list(s.Dict["F"])
	}
	parms := f.list(s.Dict["DecodeParms"])
	if len(filters) > 8 {
		return nil, "", fmt.Errorf("%w: %d filters", ErrLimit, len(filters))
	}
	// What is not packed costs too: a form may be drawn a million times, a font be named anew by every operator.
	if err := f.spend(len(data)); err != nil {
		return nil, "", err
	}
	for i, o := range filters {
		name, _ := f.Resolve(o).(Name)
		var p Dict
		if i < len(parms) {
			p, _ = f.Resolve(parms[i]).(Dict)
		}
		switch name {
		case "FlateDecode", "Fl":
			data, err = f.inflate(data)
			if err == nil {
				data, err = f.predict(data, p)
			}
		case "LZWDecode", "LZW":
			early := 1
			if v, ok := integer(f.Resolve(p["EarlyChange"])); ok {
				early = v
			}
			data, err = f.lzw(data, early)
			if err == nil {
				data, err = f.predict(data, p)
			}
		case "ASCIIHexDecode", "AHx":
			l := lexer{b: append([]byte{'<'}, data...)}
			data = l.hex()
		case "ASCII85Decode", "A85":
			data = decode85(data)
		case "RunLengthDecode", "RL":
			data, err = f.runLength(data)
		case "Crypt":
		default:
			return data, name, nil
		}
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
	}
	return data, "", nil
}

// spend takes unpacked bytes from what is allowed.
func (f *File) spend(n int) error {
	if f.left -= n; f.left < 0 {
		return fmt.Errorf("%w: more than %d bytes unpacked", ErrLimit, f.limits.Unpacked)
	}
	return nil
}

// inflate unpacks as much as there is: readers show pages whose streams are cut short.
func (f *File) inflate(data []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(f.left)+1))
	if serr := f.spend(len(out)); serr != nil {
		return nil, serr
	}
	if err != nil && len(out) == 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return out, nil
}

func decode85(data []byte) []byte {
	data = bytes.TrimSpace(data)
	data = bytes.TrimPrefix(data, []byte("<~"))
	if i := bytes.IndexByte(data, '~'); i >= 0 {
		data = data[:i]
	}
	out := make([]byte, 4*len(data)+4)
	n, _, _ := ascii85.Decode(out, data, true) // as much as there is
	return out[:n]
}

func (f *File) runLength(data []byte) ([]byte, error) {
	var out []byte
	for i := 0; i < len(data); {
		n := int(data[i])
		i++
		switch {
		case n == 128:
			return out, f.spend(len(out))
		case n < 128:
			to := min(len(data), i+n+1)
			out = append(out, data[i:to]...)
			i = to
		case i < len(data):
			out = append(out, bytes.Repeat(data[i:i+1], 257-n)...)
			i++
		}
		if len(out) > f.left {
			return nil, ErrLimit
		}
	}
	return out, f.spend(len(out))
}

// lzw unpacks the LZW of PDF and TIFF, whose codes grow one earlier than those of compress/lzw.
func (f *File) lzw(data []byte, early int) ([]byte, error) {
	type entry struct {
		prefix int
		last   byte
		length int
	}
	table := make([]entry, 258, 4096)
	for i := range 256 {
		table[i] = entry{-1, byte(i), 1}
	}
	var out []byte
	width, prev := 9, -1
	acc, bits := 0, 0
	write := func(code int) byte {
		n := table[code].length
		at := len(out)
		out = append(out, make([]byte, n)...)
		for i := n - 1; i >= 0; i-- {
			out[at+i] = table[code].last
			code = table[code].prefix
		}
		return out[at]
	}
	for _, b := range data {
		acc, bits = acc<<8|int(b), bits+8
		if bits < width {
			continue
		}
		code := acc >> (bits - width) & (1<<width - 1)
		bits -= width
		acc &= 1<<bits - 1
		switch {
		case code == 256:
			table, width, prev = table[:258], 9, -1
			continue
		case code == 257:
			return out, f.spend(len(out))
		case prev < 0 && code < 256:
			write(code)
		case prev >= 0 && code < len(table):
			first := write(code)
			if len(table) < 4096 {
				table = append(table, entry{prev, first, table[prev].length + 1})
			}
		case prev >= 0 && code == len(table) && code < 4096:
			at := len(out)
			first := write(prev)
			out = append(out, first)
			_ = at
			table = append(table, entry{prev, first, table[prev].length + 1})
		default:
			return out, f.spend(len(out))
		}
		prev = code
		if len(out) > f.left {
			return nil, ErrLimit
		}
		for width < 12 && len(table)+early >= 1<<width {
			width++
		}
	}
	return out, f.spend(len(out))
}

// predict undoes the predictors of PNG and TIFF.
func (f *File) predict(data []byte, p Dict) ([]byte, error) {
	kind, _ := integer(f.Resolve(p["Predictor"]))
	if kind < 2 {
		return data, nil
	}
	get := func(key Name, otherwise int) int {
		if v, ok := integer(f.Resolve(p[key])); ok && v > 0 && v < 1<<20 {
			return v
		}
		return otherwise
	}
	colors, bpc, columns := get("Colors", 1), get("BitsPerComponent", 8), get("Columns", 1)
	size := max(1, colors*bpc/8)
	row := (colors*bpc*columns + 7) / 8 // the three are below 2^20 each: this does not run over
	if row > len(data) {
		return nil, fmt.Errorf("%w: rows of %d bytes in %d bytes", ErrBroken, row, len(data))
	}
	if kind == 2 {
		if bpc == 8 {
			data = bytes.Clone(data)
			for at := 0; at+row <= len(data); at += row {
				for i := size; i < row; i++ {
					data[at+i] += data[at+i-size]
				}
			}
		}
		return data, nil
	}
	out := make([]byte, 0, len(data))
	above := make([]byte, row)
	for at := 0; at < len(data); at += row + 1 {
		line := make([]byte, row)
		copy(line, data[at+1:min(len(data), at+1+row)])
		unfilter(data[at], line, above, size)
		out = append(out, line...)
		above = line
	}
	return out, nil
}

func unfilter(kind byte, line, above []byte, size int) {
	for i := range line {
		var left, upLeft byte
		if i >= size {
			left, upLeft = line[i-size], above[i-size]
		}
		up := above[i]
		switch kind {
		case 1:
			line[i] += left
		case 2:
			line[i] += up
		case 3:
			line[i] += byte((int(left) + int(up)) / 2)
		case 4:
			line[i] += paeth(left, up, upLeft)
		}
	}
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
