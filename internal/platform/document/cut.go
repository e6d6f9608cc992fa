package document

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
)

// A font in a letter holds no more than the characters of the letter. Package gopdf leaves out the outlines of all others, but keeps a
// place for each: 30,000 of them take more time to pack than everything else that printing does, and more room than the letter. So it
// is given a font that has no other characters.

// composite glyphs, OpenType 1.9, “glyf”: what is said of each component.
const (
	wordArguments  = 0x0001
	hasScale       = 0x0008
	moreComponents = 0x0020
	hasTwoScales   = 0x0040
	hasTwoByTwo    = 0x0080
)

// cut returns a font (TrueType) with these characters alone, each with a glyph of its own, in the order of the characters.
func (x *face) cut(runes []rune) ([]byte, error) {
	parsed := x.font.GetTTFParser()
	c := &cutter{data: parsed.FontData(), at: map[string][]byte{}, loca: parsed.LocaTable, wide: int(parsed.NumberOfHMetrics())} // at most 65,535
	for tag, t := range parsed.GetTables() {
		if t.Offset+t.Length > uint(len(c.data)) {
			return nil, fmt.Errorf("table %q of a font ends behind it", tag)
		}
		c.at[tag] = c.data[t.Offset : t.Offset+t.Length]
	}
	for tag, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4 * c.wide, "name": 6, "OS/2": 68, "post": 32} {
		if len(c.at[tag]) < max(4, least) {
			return nil, fmt.Errorf("table %q of a font is too short", tag)
		}
	}
	runes = slices.Clone(runes)
	slices.Sort(runes)
	runes = slices.Compact(runes)
	c.glyphs = []int{0} // what is shown for a character that is not there
	for _, r := range runes {
		glyph, err := x.font.CharCodeToGlyphIndex(r)
		if err != nil || glyph == 0 {
			return nil, &MissingGlyph{r}
		}
		c.glyphs = append(c.glyphs, int(glyph)) // at most 65,535
	}
	if err := c.outlines(); err != nil {
		return nil, err
	}
	return c.font(runes), nil
}

// cutter puts a font together. glyphs are the old numbers of its glyphs, in their new order.
type cutter struct {
	data   []byte
	at     map[string][]byte // tables of the old font
	loca   []uint
	wide   int // how many glyphs have a width of their own
	glyphs []int
	glyf   []byte
	ends   []uint32 // new “loca”
}

func (c *cutter) outline(glyph int) ([]byte, error) {
	glyf := c.at["glyf"]
	if glyph+1 >= len(c.loca) || c.loca[glyph] > c.loca[glyph+1] || c.loca[glyph+1] > uint(len(glyf)) {
		return nil, fmt.Errorf("glyph %d of a font has no outline", glyph)
	}
	return glyf[c.loca[glyph]:c.loca[glyph+1]], nil
}

// outlines copies the outlines, and those of which they are composed.
func (c *cutter) outlines() error {
	parts := map[int]int{} // old number of a component: its new one
	c.ends = []uint32{0}
	for i := 0; i < len(c.glyphs); i++ {
		old, err := c.outline(c.glyphs[i])
		if err != nil {
			return err
		}
		own := slices.Clone(old)
		if err := c.components(own, parts); err != nil {
			return fmt.Errorf("glyph %d of a font: %w", c.glyphs[i], err)
		}
		c.glyf = append(c.glyf, own...)
		for len(c.glyf)%4 != 0 {
			c.glyf = append(c.glyf, 0)
		}
		c.ends = append(c.ends, uint32(len(c.glyf))) // smaller than the old font
	}
	return nil
}

// components gives the components of a glyph their new numbers.
func (c *cutter) components(glyph []byte, parts map[int]int) error {
	if len(glyph) < 10 || int16(binary.BigEndian.Uint16(glyph)) >= 0 { // the sign says whether it is composed
		return nil
	}
	for at := 10; ; {
		if at+4 > len(glyph) {
			return fmt.Errorf("its components end behind it")
		}
		flags, part := binary.BigEndian.Uint16(glyph[at:]), int(binary.BigEndian.Uint16(glyph[at+2:]))
		number, known := parts[part]
		if !known {
			number = len(c.glyphs)
			parts[part] = number
			c.glyphs = append(c.glyphs, part)
		}
		binary.BigEndian.PutUint16(glyph[at+2:], uint16(number)) // as many as the old font has, at most
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&hasTwoScales != 0:
			at += 4
		case flags&hasTwoByTwo != 0:
			at += 8
		}
		if flags&moreComponents == 0 {
			return nil
		}
	}
}

// font writes the tables that package gopdf reads.
func (c *cutter) font(runes []rune) []byte {
	n := uint16(len(c.glyphs)) // as many as the old font has, at most
	head, hhea, maxp := slices.Clone(c.at["head"]), slices.Clone(c.at["hhea"]), slices.Clone(c.at["maxp"])
	binary.BigEndian.PutUint16(head[50:], 1) // places are written in four bytes
	binary.BigEndian.PutUint16(hhea[34:], n)
	binary.BigEndian.PutUint16(maxp[4:], n)
	var hmtx, loca []byte
	for _, g := range c.glyphs {
		hmtx = append(hmtx, c.metrics(g)...)
	}
	for _, end := range c.ends {
		loca = binary.BigEndian.AppendUint32(loca, end)
	}
	return assemble(map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "loca": loca, "glyf": c.glyf,
		"cmap": characterMap(runes), "name": c.at["name"], "OS/2": c.at["OS/2"], "post": c.at["post"][:32]})
}

// metrics are the width of a glyph and how far its outline stands from the left.
func (c *cutter) metrics(glyph int) []byte {
	hmtx := c.at["hmtx"]
	if glyph < c.wide {
		return hmtx[4*glyph : 4*glyph+4]
	}
	out := slices.Clone(hmtx[4*(c.wide-1) : 4*c.wide])
	if at := 4*c.wide + 2*(glyph-c.wide); at+2 <= len(hmtx) {
		copy(out[2:], hmtx[at:at+2])
	}
	return out
}

// span is a run of characters that follow each other, as their glyphs do.
type span struct{ from, to, glyph uint32 }

func spans(runes []rune) (out []span) {
	for i, r := range runes {
		code, glyph := uint32(r), uint32(i+1) // characters and their places are never negative
		if n := len(out); n > 0 && out[n-1].to+1 == code && code != 0x10000 {
			out[n-1].to = code
			continue
		}
		out = append(out, span{code, code, glyph})
	}
	return out
}

// characterMap leads from characters to glyphs: in format 4 those up to U+FFFF, in format 12 all.
func characterMap(runes []rune) []byte {
	all := spans(runes)
	low := slices.DeleteFunc(slices.Clone(all), func(s span) bool { return s.from > 0xFFFE })
	low = append(low, span{0xFFFF, 0xFFFF, 0x10000}) // the table has to end with it; it leads to no glyph
	var four []byte
	u16 := func(v ...uint32) {
		for _, n := range v {
			four = binary.BigEndian.AppendUint16(four, uint16(n)) // modulo 65,536 is what the format means
		}
	}
	segments := uint32(len(low))                  // as many as characters, at most
	u16(4, 16+8*segments, 0, 2*segments, 0, 0, 0) // whoever searches by halves reads no font of ours
	for _, field := range []func(span) uint32{func(s span) uint32 { return s.to }, nil, func(s span) uint32 { return s.from },
		func(s span) uint32 { return s.glyph - s.from }, func(span) uint32 { return 0 }} {
		if field == nil {
			u16(0)
			continue
		}
		for _, s := range low {
			u16(field(s))
		}
	}
	twelve := []byte{0, 12, 0, 0}
	for _, v := range []uint32{uint32(16 + 12*len(all)), 0, uint32(len(all))} { // as many as characters, at most
		twelve = binary.BigEndian.AppendUint32(twelve, v)
	}
	for _, s := range all {
		for _, v := range []uint32{s.from, s.to, s.glyph} {
			twelve = binary.BigEndian.AppendUint32(twelve, v)
		}
	}
	const start = 4 + 2*8
	table := []byte{0, 0, 0, 2, 0, 3, 0, 1}
	table = binary.BigEndian.AppendUint32(table, start)
	table = append(table, 0, 3, 0, 10)
	table = binary.BigEndian.AppendUint32(table, uint32(start+len(four))) // small
	return slices.Concat(table, four, twelve)
}

// assemble puts tables together to a font.
func assemble(tables map[string][]byte) []byte {
	tags := make([]string, 0, len(tables))
	for tag := range tables {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	out := []byte{0, 1, 0, 0, 0, byte(len(tags)), 0, 0, 0, 0, 0, 0}
	at := 12 + 16*len(tags)
	for _, tag := range tags {
		t := tables[tag]
		out = append(out, tag...)
		for _, v := range []uint32{sumOf(t), uint32(at), uint32(len(t))} { // smaller than the old font
			out = binary.BigEndian.AppendUint32(out, v)
		}
		at += (len(t) + 3) / 4 * 4
	}
	for _, tag := range tags {
		out = append(out, tables[tag]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

// sumOf is the checksum of a table: of its words of four bytes.
func sumOf(t []byte) (sum uint32) {
	for len(t) >= 4 {
		sum += binary.BigEndian.Uint32(t)
		t = t[4:]
	}
	var rest [4]byte
	copy(rest[:], t)
	return sum + binary.BigEndian.Uint32(rest[:])
}
