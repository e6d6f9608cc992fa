package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// writer writes a file of nothing but what it is given: no properties, no earlier versions, no objects that nothing points to.
type writer struct {
	objects [][]byte // by number; the first is of number 1
}

// reserve returns the number of an object that is written later.
func (w *writer) reserve() Ref {
	w.objects = append(w.objects, nil)
	return Ref{len(w.objects), 0}
}

func (w *writer) set(r Ref, o Object) {
	var b bytes.Buffer
	write(&b, o, 0)
	w.objects[r.Number-1] = b.Bytes()
}

func (w *writer) add(o Object) Ref {
	r := w.reserve()
	w.set(r, o)
	return r
}

// packed makes a stream of data.
func packed(d Dict, data []byte) (*Stream, error) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	d = maps.Clone(d)
	if d == nil {
		d = Dict{}
	}
	delete(d, "DecodeParms")
	d["Filter"] = Name("FlateDecode")
	return &Stream{d, b.Bytes()}, nil
}

func (w *writer) file(root Ref) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(w.objects))
	for i, o := range w.objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(w.objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(w.objects)+1, root.Number, start)
	return b.Bytes()
}

// write writes a value; keys in order, so that the same document gives the same bytes.
func write(b *bytes.Buffer, o Object, depth int) {
	if depth > maxDepth {
		b.WriteString("null")
		return
	}
	switch v := o.(type) {
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	case String:
		fmt.Fprintf(b, "<%x>", []byte(v))
	case Name:
		writeName(b, v)
	case Ref:
		fmt.Fprintf(b, "%d %d R", v.Number, v.Generation)
	case Operator:
		b.WriteString(string(v))
	case Array:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(' ')
			}
			write(b, x, depth+1)
		}
		b.WriteByte(']')
	case Dict:
		b.WriteString("<<")
		for _, k := range slices.Sorted(maps.Keys(v)) {
			writeName(b, k)
			b.WriteByte(' ')
			write(b, v[k], depth+1)
			b.WriteByte(' ')
		}
		b.WriteString(">>")
	case *Stream:
		d := maps.Clone(v.Dict)
		d["Length"] = len(v.Raw)
		write(b, d, depth+1)
		b.WriteString("\nstream\n")
		b.Write(v.Raw)
		b.WriteString("\nendstream")
	default:
		b.WriteString("null")
	}
}

func writeName(b *bytes.Buffer, n Name) {
	b.WriteByte('/')
	for i := range len(n) {
		if c := n[i]; c <= ' ' || c > '~' || c == '#' || isDelimiter(c) {
			fmt.Fprintf(b, "#%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
}
