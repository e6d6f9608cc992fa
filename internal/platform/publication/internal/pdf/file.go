package pdf

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
)

// place is where an object stands: at an offset, or as the n-th of an object stream.
type place struct {
	offset int
	stream int // number of the object stream; 0 for none
	index  int
}

// File is a PDF file that was opened.
type File struct {
	b       []byte
	limits  Limits
	left    int
	places  map[int]place
	objects map[int]Object
	loading map[int]bool
	streams map[int][]inner // object streams that were unpacked
	Trailer Dict
	// Earlier reports that the file holds objects that later ones have replaced: an earlier version of the document.
	Earlier bool
	pages   []Dict
	drawn   map[int]bool // forms that pages draw
	fontRef map[Ref]*font
	fonts   map[uintptr]*font // those that stand in the resources themselves, by where their dictionary is
	cipher  *cipher
	glyphs  int
	rebuilt bool
}

type inner struct {
	number int
	value  Object
}

func indexFrom(b []byte, from int, s string) int {
	if i := bytes.Index(b[min(from, len(b)):], []byte(s)); i >= 0 {
		return from + i
	}
	return len(b)
}

// Open reads the tables of a file and finds its pages.
func Open(ctx context.Context, content []byte, limits Limits) (*File, error) {
	f := &File{b: content, limits: limits, left: limits.Unpacked}
	f.clear()
	if err := f.tables(); err != nil || f.root() == nil {
		if err := f.rebuild(ctx); err != nil {
			return nil, err
		}
	}
	if err := f.unlock(); err != nil {
		return nil, err
	}
	err := f.findPages(ctx)
	if (err != nil || len(f.pages) == 0) && !f.rebuilt {
		if rerr := f.rebuild(ctx); rerr != nil {
			return nil, rerr
		}
		if uerr := f.unlock(); uerr != nil {
			return nil, uerr
		}
		err = f.findPages(ctx)
	}
	if err != nil {
		return nil, err
	}
	if len(f.pages) == 0 {
		return nil, fmt.Errorf("%w: no pages", ErrBroken)
	}
	return f, nil
}

func (f *File) clear() {
	f.places, f.objects, f.loading, f.streams = map[int]place{}, map[int]Object{}, map[int]bool{}, map[int][]inner{}
	f.fontRef, f.fonts, f.drawn = map[Ref]*font{}, map[uintptr]*font{}, map[int]bool{}
	f.Trailer, f.pages = Dict{}, nil
}

func (f *File) root() Dict {
	d, _ := f.Resolve(f.Trailer["Root"]).(Dict)
	return d
}

// tables reads the tables of objects, the newest first.
func (f *File) tables() error {
	tail := f.b[max(0, len(f.b)-2048):]
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return fmt.Errorf("%w: no startxref", ErrBroken)
	}
	l := lexer{b: tail, at: i + len("startxref")}
	at, ok := l.value().(int)
	if !ok {
		return fmt.Errorf("%w: no startxref", ErrBroken)
	}
	seen := map[int]bool{}
	for queue := []int{at}; len(queue) > 0; {
		at := queue[0]
		queue = queue[1:]
		if at < 0 || at >= len(f.b) || seen[at] {
			continue
		}
		seen[at] = true
		trailer, err := f.table(at)
		if err != nil {
			return err
		}
		for k, v := range trailer {
			if _, ok := f.Trailer[k]; !ok {
				f.Trailer[k] = v
			}
		}
		if n, ok := trailer["XRefStm"].(int); ok {
			queue = append(queue, n)
		}
		if n, ok := integer(trailer["Prev"]); ok {
			queue = append(queue, n)
		}
	}
	f.Earlier = bytes.Count(f.b, []byte("startxref")) > 1 && !bytes.Contains(f.b[:min(len(f.b), 2048)], []byte("/Linearized"))
	return nil
}

func (f *File) put(number int, p place) error {
	if _, ok := f.places[number]; ok || number < 0 {
		return nil
	}
	if len(f.places) >= f.limits.Objects {
		return fmt.Errorf("%w: more than %d objects", ErrLimit, f.limits.Objects)
	}
	f.places[number] = p
	return nil
}

// table reads one table, plain or in a stream, and returns its trailer.
func (f *File) table(at int) (Dict, error) {
	l := lexer{b: f.b, at: at}
	save := l.at
	if w, ok := l.value().(Operator); !ok || w != "xref" {
		l.at = save
		return f.streamTable(&l)
	}
	for {
		switch v := l.value().(type) {
		case int:
			count, ok := l.value().(int)
			if !ok || count < 0 {
				return nil, fmt.Errorf("%w: table of objects at byte %d", ErrBroken, at)
			}
			for i := range count {
				offset, ok1 := l.value().(int)
				_, ok2 := l.value().(int)
				kind, ok3 := l.value().(Operator)
				if !ok1 || !ok2 || !ok3 {
					return nil, fmt.Errorf("%w: table of objects at byte %d", ErrBroken, at)
				}
				if kind == "n" {
					if err := f.put(v+i, place{offset: offset}); err != nil {
						return nil, err
					}
				}
			}
		case Operator:
			if v == "trailer" {
				d, ok := l.value().(Dict)
				if !ok {
					return nil, fmt.Errorf("%w: trailer", ErrBroken)
				}
				return d, nil
			}
			return nil, fmt.Errorf("%w: table of objects at byte %d", ErrBroken, at)
		default:
			return nil, fmt.Errorf("%w: table of objects at byte %d", ErrBroken, at)
		}
	}
}

func direct(o Object) (int, bool) { n, ok := o.(int); return n, ok }

func (f *File) streamTable(l *lexer) (Dict, error) {
	_, o, err := l.object(direct)
	if err != nil {
		return nil, err
	}
	s, ok := o.(*Stream)
	if !ok {
		return nil, fmt.Errorf("%w: no table of objects", ErrBroken)
	}
	data, _, err := f.decode(s)
	if err != nil {
		return nil, err
	}
	var w [3]int
	list, _ := s.Dict["W"].(Array)
	for i := range min(3, len(list)) {
		w[i], _ = integer(list[i])
		if w[i] < 0 || w[i] > 8 {
			return nil, fmt.Errorf("%w: widths of the table of objects", ErrBroken)
		}
	}
	size := w[0] + w[1] + w[2]
	if size == 0 {
		return nil, fmt.Errorf("%w: widths of the table of objects", ErrBroken)
	}
	index, _ := s.Dict["Index"].(Array)
	if len(index) == 0 {
		index = Array{0, s.Dict["Size"]}
	}
	field := func(b []byte, otherwise int) int {
		if len(b) == 0 {
			return otherwise
		}
		n := 0
		for _, c := range b {
			n = n<<8 | int(c)
		}
		return n
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, _ := integer(index[i])
		count, _ := integer(index[i+1])
		for n := 0; n < count && len(data) >= size; n++ {
			kind, a, b := field(data[:w[0]], 1), field(data[w[0]:w[0]+w[1]], 0), field(data[w[0]+w[1]:size], 0)
			data = data[size:]
			var err error
			switch kind {
			case 1:
				err = f.put(first+n, place{offset: a})
			case 2:
				err = f.put(first+n, place{stream: a, index: b})
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return s.Dict, nil
}

// rebuild finds the objects without a table: every "n g obj" of the file, the last of each number.
func (f *File) rebuild(ctx context.Context) error {
	f.clear()
	f.rebuilt = true
	count := 0
	for at := 0; ; {
		i := indexFrom(f.b, at, "obj")
		if i >= len(f.b) {
			break
		}
		at = i + 3
		if i >= 3 && string(f.b[i-3:i]) == "end" {
			continue
		}
		if n, start, ok := headBefore(f.b, i); ok {
			if count++; count > f.limits.Objects {
				return fmt.Errorf("%w: more than %d objects", ErrLimit, f.limits.Objects)
			}
			f.Earlier = f.Earlier || f.places[n].offset != 0
			f.places[n] = place{offset: start}
		}
		if count%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for at := 0; ; {
		i := indexFrom(f.b, at, "trailer")
		if i >= len(f.b) {
			break
		}
		at = i + len("trailer")
		l := lexer{b: f.b, at: at}
		if d, ok := l.value().(Dict); ok {
			for k, v := range d {
				f.Trailer[k] = v
			}
		}
	}
	numbers := make([]int, 0, len(f.places))
	for n := range f.places {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if s, ok := f.load(n).(*Stream); ok {
			if s.Dict["Type"] == Name("ObjStm") {
				for i, in := range f.unpackObjects(n) {
					if _, ok := f.places[in.number]; !ok {
						f.places[in.number] = place{stream: n, index: i}
					}
				}
			}
			if s.Dict["Type"] == Name("XRef") {
				for _, k := range []Name{"Root", "Info", "Encrypt", "ID"} {
					if v, ok := s.Dict[k]; ok {
						f.Trailer[k] = v
					}
				}
			}
		}
	}
	if f.root() == nil {
		for _, n := range numbers {
			if d, ok := f.load(n).(Dict); ok && d["Type"] == Name("Catalog") {
				f.Trailer["Root"] = Ref{n, 0}
			}
		}
	}
	if f.root() == nil {
		return fmt.Errorf("%w: no catalog of pages", ErrBroken)
	}
	return nil
}

// headBefore reads "12 0 " before the word obj at an offset.
func headBefore(b []byte, at int) (n, start int, ok bool) {
	i := at
	digits := func() (string, bool) {
		for i > 0 && isSpace(b[i-1]) {
			i--
		}
		to := i
		for i > 0 && b[i-1] >= '0' && b[i-1] <= '9' && to-i < 10 {
			i--
		}
		return string(b[i:to]), i < to
	}
	if _, ok := digits(); !ok {
		return 0, 0, false
	}
	s, ok := digits()
	if !ok {
		return 0, 0, false
	}
	n, err := strconv.Atoi(s)
	return n, i, err == nil
}

// Resolve follows references.
func (f *File) Resolve(o Object) Object {
	for range 16 {
		r, ok := o.(Ref)
		if !ok {
			return o
		}
		o = f.load(r.Number)
	}
	return nil
}

func (f *File) dict(o Object) Dict {
	switch v := f.Resolve(o).(type) {
	case Dict:
		return v
	case *Stream:
		return v.Dict
	}
	return nil
}

// list returns an array, or a single value as one.
func (f *File) list(o Object) Array {
	switch v := f.Resolve(o).(type) {
	case nil:
		return nil
	case Array:
		return v
	default:
		return Array{v}
	}
}

// load reads an object by its number. What is not there is nil.
func (f *File) load(n int) Object {
	if o, ok := f.objects[n]; ok {
		return o
	}
	p, ok := f.places[n]
	if !ok || f.loading[n] {
		return nil
	}
	f.loading[n] = true
	defer delete(f.loading, n)
	var o Object
	if p.stream > 0 {
		list := f.unpackObjects(p.stream)
		if p.index >= 0 && p.index < len(list) && list[p.index].number == n {
			o = list[p.index].value
		} else {
			for _, in := range list {
				if in.number == n {
					o = in.value
				}
			}
		}
	} else if p.offset >= 0 && p.offset < len(f.b) {
		l := lexer{b: f.b, at: p.offset}
		ref, v, err := l.object(func(o Object) (int, bool) { return integer(f.Resolve(o)) })
		if err == nil && ref.Number == n {
			o = f.decrypt(v, ref)
		}
	}
	f.objects[n] = o
	return o
}

// unpackObjects reads an object stream.
func (f *File) unpackObjects(n int) []inner {
	if list, ok := f.streams[n]; ok {
		return list
	}
	f.streams[n] = nil
	s, ok := f.load(n).(*Stream)
	if !ok {
		return nil
	}
	data, _, err := f.decode(s)
	if err != nil {
		return nil
	}
	count, _ := integer(f.Resolve(s.Dict["N"]))
	first, _ := integer(f.Resolve(s.Dict["First"]))
	if first < 0 || first > len(data) || count > f.limits.Objects {
		return nil
	}
	head := lexer{b: data[:first]}
	var list []inner
	for range count {
		number, ok1 := head.value().(int)
		offset, ok2 := head.value().(int)
		if !ok1 || !ok2 || offset < 0 || first+offset > len(data) {
			break
		}
		l := lexer{b: data, at: first + offset}
		v := l.value()
		switch v.(type) {
		case end, closing, Operator:
			v = nil
		}
		list = append(list, inner{number, v})
	}
	f.streams[n] = list
	return list
}

// inherited are the attributes of pages that stand in the nodes above.
var inherited = []Name{"Resources", "MediaBox", "CropBox", "Rotate"}

// findPages walks over the tree of pages.
func (f *File) findPages(ctx context.Context) error {
	f.pages = nil
	seen := map[int]bool{}
	var walk func(o Object, from Dict, depth int) error
	walk = func(o Object, from Dict, depth int) error {
		if r, ok := o.(Ref); ok {
			if seen[r.Number] {
				return nil
			}
			seen[r.Number] = true
		}
		d, ok := f.Resolve(o).(Dict)
		if !ok || depth > f.limits.Depth {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		own := Dict{}
		for k, v := range d {
			own[k] = v
		}
		for _, k := range inherited {
			if _, ok := own[k]; !ok && from[k] != nil {
				own[k] = from[k]
			}
		}
		kids, isNode := f.Resolve(d["Kids"]).(Array)
		if !isNode {
			if len(f.pages) >= f.limits.Objects {
				return ErrLimit
			}
			f.pages = append(f.pages, own)
			return nil
		}
		for _, k := range kids {
			if err := walk(k, own, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(f.root()["Pages"], Dict{}, 0)
}

// Left returns how many bytes may still be unpacked.
func (f *File) Left() int { return f.left }

// Pages returns how many pages there are.
func (f *File) Pages() int { return len(f.pages) }

// PageSize returns the area of a page in square points.
func (f *File) PageSize(n int) float64 {
	b := f.box(f.pages[n])
	return (b[2] - b[0]) * (b[3] - b[1])
}

// box returns the media box of a page; A4 where there is none.
func (f *File) box(page Dict) [4]float64 {
	list := f.list(page["MediaBox"])
	if len(list) != 4 {
		return [4]float64{0, 0, 595, 842}
	}
	var b [4]float64
	for i := range b {
		b[i] = num(f.Resolve(list[i]))
	}
	return [4]float64{min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])}
}

// Numbers lists the numbers of all objects.
func (f *File) Numbers() []int {
	list := make([]int, 0, len(f.places))
	for n := range f.places {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// Load returns an object by its number.
func (f *File) Load(n int) Object { return f.load(n) }

// Data returns what a stream holds, and the name of the filter of a picture that it is still packed with.
func (f *File) Data(s *Stream) ([]byte, Name, error) { return f.decode(s) }
