package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"
)

// What is kept of the dictionaries that pages need. Everything else stays behind: metadata, names of layers, private data of programs.
var (
	resourceKeys = []Name{"ExtGState", "ColorSpace", "Pattern", "Shading", "ProcSet"}
	formKeys     = []Name{"Type", "Subtype", "FormType", "BBox", "Matrix", "Group"}
	imageKeys    = []Name{"Type", "Subtype", "Width", "Height", "ColorSpace", "BitsPerComponent", "Decode", "DecodeParms", "Filter", "ImageMask", "Mask", "SMask",
		"SMaskInData", "Interpolate", "Intent", "Matte"}
	fontKeys = []Name{"Type", "Subtype", "BaseFont", "Name", "Encoding", "FirstChar", "LastChar", "Widths", "FontDescriptor", "FontMatrix", "FontBBox", "CIDSystemInfo",
		"W", "DW", "W2", "DW2", "CIDToGIDMap"}
	private = map[Name]bool{"Metadata": true, "PieceInfo": true, "Parent": true, "P": true, "OC": true, "StructParent": true, "StructParents": true, "Thumb": true,
		"LastModified": true, "AA": true, "A": true, "OPI": true, "Alternates": true, "Measure": true, "PtData": true, "Annots": true, "Length": true, "FontFamily": true}
)

// copy writes what an object needs into the new file.
func (r *rewriter) copy(o Object, level int) Object {
	if level > maxDepth {
		return nil
	}
	switch v := o.(type) {
	case Ref:
		return r.ref(v, level, func(o Object) Object { return r.copy(o, level+1) })
	case Array:
		out := make(Array, len(v))
		for i := range v {
			out[i] = r.copy(v[i], level+1)
		}
		return out
	case Dict:
		out := Dict{}
		for k, x := range v {
			if !private[k] {
				out[k] = r.copy(x, level+1)
			}
		}
		return out
	case *Stream:
		return r.stream(v, 0, level)
	default:
		return v
	}
}

// ref copies the object that a reference points to, once.
func (r *rewriter) ref(v Ref, level int, copyOf func(Object) Object) Object {
	if to, ok := r.copied[v.Number]; ok {
		return to
	}
	o := r.f.load(v.Number)
	if o == nil {
		return nil
	}
	to := r.w.reserve()
	r.copied[v.Number] = to
	if s, ok := o.(*Stream); ok {
		r.w.set(to, r.stream(s, v.Number, level+1))
		return to
	}
	r.w.set(to, copyOf(o))
	return to
}

// stream copies a stream by what it is.
func (r *rewriter) stream(s *Stream, number, level int) Object {
	switch subtype := s.Dict["Subtype"]; {
	case subtype == Name("Form"), s.Dict["PatternType"] != nil && s.Dict["PaintType"] != nil:
		return r.form(s, number, level)
	case subtype == Name("Image"):
		return r.image(s, number, level)
	}
	d := Dict{}
	for k, v := range s.Dict {
		if !private[k] {
			d[k] = r.copy(v, level+1)
		}
	}
	return &Stream{d, s.Raw}
}

// form copies a form or a pattern with its content. Text of one that no page draws by itself was not read, and is left out.
func (r *rewriter) form(s *Stream, number, level int) Object {
	data, _, err := r.f.decode(s)
	if err != nil {
		r.err = err
		return nil
	}
	own := r.f.dict(s.Dict["Resources"])
	if r.f.drawn[number] {
		data = r.content(data, own, source{-1, number})
	} else {
		data = withoutText(data)
	}
	d := r.some(s.Dict, level, formKeys...)
	for _, k := range [...]Name{"PatternType", "PaintType", "TilingType", "XStep", "YStep"} {
		if v := s.Dict[k]; v != nil {
			d[k] = r.copy(v, level+1)
		}
	}
	if own != nil {
		d["Resources"] = r.resources(own)
	}
	if s.Dict["OC"] != nil {
		if ref, ok := s.Dict["OC"].(Ref); ok && r.f.layerOff(ref) {
			data = nil
		}
	}
	out, err := packed(d, data)
	if err != nil {
		r.err = err
		return nil
	}
	return out
}

// withoutText leaves the operators out that show text.
func withoutText(data []byte) []byte {
	var b bytes.Buffer
	_ = operations(data, func(op *operation) error {
		switch op.name {
		case "Tj", "TJ", "'", "\"", "BDC", "BMC", "EMC", "MP", "DP":
			return nil
		}
		b.Write(data[op.from:op.to])
		b.WriteByte('\n')
		return nil
	})
	return b.Bytes()
}

// some copies the named entries of a dictionary.
func (r *rewriter) some(d Dict, level int, keys ...Name) Dict {
	out := Dict{}
	for _, k := range keys {
		if v, ok := d[k]; ok {
			out[k] = r.copy(v, level+1)
		}
	}
	return out
}

// resources copies what content streams name.
func (r *rewriter) resources(d Dict) Dict {
	out := r.some(d, 0, resourceKeys...)
	fonts := Dict{}
	for name, o := range r.f.dict(d["Font"]) {
		fonts[name] = r.font(o)
	}
	if len(fonts) > 0 {
		out["Font"] = fonts
	}
	drawn := Dict{}
	for name, o := range r.f.dict(d["XObject"]) {
		if ref, ok := o.(Ref); ok {
			drawn[name] = r.copy(ref, 0)
		}
	}
	if len(drawn) > 0 {
		out["XObject"] = drawn
	}
	return out
}

// font copies a font, with a map to Unicode of only those codes that are still used: the old one would tell which characters were taken.
func (r *rewriter) font(o Object) Object {
	ref, isRef := o.(Ref)
	if isRef {
		if to, ok := r.copied[ref.Number]; ok {
			return to
		}
	}
	d := r.f.dict(o)
	if d == nil {
		return nil
	}
	to := r.w.reserve()
	if isRef {
		r.copied[ref.Number] = to
	}
	out := r.some(d, 0, fontKeys...)
	if list := r.f.list(d["DescendantFonts"]); len(list) > 0 {
		out["DescendantFonts"] = Array{r.w.add(r.some(r.f.dict(list[0]), 0, fontKeys...))}
	}
	if procs := r.f.dict(d["CharProcs"]); procs != nil {
		copies := Dict{}
		for name, p := range procs {
			copies[name] = r.copy(p, 0)
		}
		out["CharProcs"] = copies
		if res := r.f.dict(d["Resources"]); res != nil {
			out["Resources"] = r.resources(res)
		}
	}
	if x := r.f.fontRef[ref]; isRef && x != nil && x.toUnicode != nil && !x.known {
		s, err := packed(nil, x.usedMap())
		if err != nil {
			r.err = err
			return nil
		}
		out["ToUnicode"] = r.w.add(s)
	}
	r.w.set(to, out)
	return to
}

// usedMap writes the map to Unicode of the codes that are used.
func (x *font) usedMap() []byte {
	size := 1
	if x.composite {
		size = 2
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"+
		"1 begincodespacerange\n<%0*x> <%s>\nendcodespacerange\n", 2*size, 0, "ffff"[:2*size])
	codes := slices.Sorted(maps.Keys(x.used))
	for len(codes) > 0 {
		n := min(100, len(codes))
		fmt.Fprintf(&b, "%d beginbfchar\n", n)
		for _, c := range codes[:n] {
			fmt.Fprintf(&b, "<%0*x> <", 2*size, c)
			for _, u := range utf16.Encode([]rune(x.used[c])) {
				fmt.Fprintf(&b, "%04x", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
		codes = codes[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// image copies a picture, blackened where an invisible text above it was taken.
func (r *rewriter) image(s *Stream, number, level int) Object {
	areas := r.hide[number]
	d := r.some(s.Dict, level, imageKeys...)
	if len(areas) == 0 {
		raw := s.Raw
		if filters := r.f.list(s.Dict["Filter"]); len(filters) == 1 && r.f.Resolve(filters[0]) == Name("DCTDecode") {
			raw = WithoutMetadata(raw)
		}
		return &Stream{d, raw}
	}
	out, err := r.f.blackened(s, areas)
	if err != nil {
		r.err = err
		return nil
	}
	for _, k := range [...]Name{"SMask", "Mask", "Interpolate"} {
		if v := d[k]; v != nil {
			out.Dict[k] = v
		}
	}
	return out
}
