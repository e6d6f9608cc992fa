package search

import (
	"encoding/binary"
	"math"
	"strconv"
	"sync"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// columnDocs is how many records one row of columns holds.
const columnDocs = 1024

// columnBytes is what one record takes, besides the texts that records of a row share.
const columnBytes = 8 + 4 + 4 + 4 + 8 + 4 + 2 + 4 + 2 + 2 + 2

// numberedBit says in the field of the title that a number follows.
const numberedBit = 1 << 15

// columns are what is known of a record of a segment besides the terms.
type columns struct {
	id       store.ID
	day      calendar.Date
	from     calendar.Date
	until    calendar.Date // 0: open
	division int64
	version  uint32
	title    uint16 // how many positions the title has
	numbered bool   // a document number follows the title
	length   uint32 // how many positions there are
	year     int16
	body     string
	category string // keys joined by /
}

func columnsOf(d *Doc, title, length int) columns {
	c := columns{
		id: d.ID, day: d.Published, from: d.From, until: d.Until,
		title: uint16(min(title, math.MaxInt16)), numbered: numberForm(d.Number) != "", length: uint32(length), year: int16(d.year()), body: d.Body,
	}
	c.division, _ = strconv.ParseInt(d.Division, 10, 64) // checked when the record was put; none is 0
	for i, k := range d.Category {
		if i > 0 {
			c.category += "/"
		}
		c.category += k
	}
	return c
}

// place is where a record stands in the order of lists: newest first, and of one day the later identifier first.
type place struct {
	day calendar.Date
	id  store.ID
}

func (c *columns) place() place { return place{c.day, c.id} }

// before reports whether p stands before q in lists.
func (p place) before(q place) bool {
	if p.day != q.day {
		return p.day > q.day
	}
	return p.id > q.id
}

// encodeColumns writes up to columnDocs records: how many texts they share, the texts, how many records, and the records, each in
// columnBytes, so that one is read without the others.
func encodeColumns(docs []columns) []byte {
	var texts []string
	places := map[string]uint16{}
	place := func(s string) uint16 {
		at, ok := places[s]
		if !ok {
			at = uint16(len(texts))
			places[s] = at
			texts = append(texts, s)
		}
		return at
	}
	le := binary.LittleEndian
	records := make([]byte, 0, len(docs)*columnBytes)
	for i := range docs {
		d := &docs[i]
		records = le.AppendUint64(records, uint64(d.id))
		records = le.AppendUint32(records, uint32(d.day))
		records = le.AppendUint32(records, uint32(d.from))
		records = le.AppendUint32(records, uint32(d.until))
		records = le.AppendUint64(records, uint64(d.division))
		records = le.AppendUint32(records, d.version)
		title := d.title
		if d.numbered {
			title |= numberedBit
		}
		records = le.AppendUint16(records, title)
		records = le.AppendUint32(records, d.length)
		records = le.AppendUint16(records, uint16(d.year))
		records = le.AppendUint16(records, place(d.body))
		records = le.AppendUint16(records, place(d.category))
	}
	out := binary.AppendUvarint(nil, uint64(len(texts)))
	for _, s := range texts {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	return append(out, records...)
}

// columnRow is a row of columns, ready to be read.
type columnRow struct {
	shared  []byte // the texts
	count   int
	once    sync.Once
	texts   []string // of shared, once they are asked for
	records []byte
	first   calendar.Date // the first day on which one of the records is in force
	last    calendar.Date // the day before which all of them are out of force; 0: none such
}

func decodeColumns(data []byte) (*columnRow, error) {
	texts := data
	n, data, ok := cutNumber(data)
	if !ok {
		return nil, errDamaged
	}
	for range n {
		var size int
		if size, data, ok = cutNumber(data); !ok || size > len(data) {
			return nil, errDamaged
		}
		data = data[size:]
	}
	if len(data)%columnBytes != 0 {
		return nil, errDamaged
	}
	c := &columnRow{shared: texts[:len(texts)-len(data)], count: n, records: data}
	for i := range c.len() {
		from, until := c.force(i)
		if i == 0 {
			c.first, c.last = from, until
			continue
		}
		c.first = min(c.first, from)
		if until == 0 || c.last == 0 {
			c.last = 0
		} else {
			c.last = max(c.last, until)
		}
	}
	return c, nil
}

func cutNumber(data []byte) (n int, rest []byte, ok bool) {
	v, size := binary.Uvarint(data)
	if size <= 0 || v > uint64(len(data)) {
		return 0, nil, false
	}
	return int(v), data[size:], true
}

// text returns the i-th text that records share.
func (c *columnRow) text(i uint16) (string, error) {
	c.once.Do(func() {
		_, data, _ := cutNumber(c.shared) // was checked when the row was decoded
		for range c.count {
			size, rest, _ := cutNumber(data)
			c.texts = append(c.texts, string(rest[:size]))
			data = rest[size:]
		}
	})
	if int(i) >= len(c.texts) {
		return "", errDamaged
	}
	return c.texts[i], nil
}

func (c *columnRow) len() int { return len(c.records) / columnBytes }

// place reads where the i-th record stands.
func (c *columnRow) place(i int) place {
	b := c.records[i*columnBytes:]
	return place{day: calendar.Date(binary.LittleEndian.Uint32(b[8:])), id: store.ID(binary.LittleEndian.Uint64(b))}
}

// version reads which version of its record the i-th is.
func (c *columnRow) version(i int) uint32 {
	return binary.LittleEndian.Uint32(c.records[i*columnBytes+28:])
}

// force returns from when the i-th record is in force, and until when.
func (c *columnRow) force(i int) (from, until calendar.Date) {
	b := c.records[i*columnBytes:]
	return calendar.Date(binary.LittleEndian.Uint32(b[12:])), calendar.Date(binary.LittleEndian.Uint32(b[16:]))
}

// inForce reports whether the i-th record is in force on a day.
func (c *columnRow) inForce(i int, day calendar.Date) bool {
	from, until := c.force(i)
	return from <= day && (until == 0 || day < until)
}

// someInForce reports whether one of the records can be in force on a day.
func (c *columnRow) someInForce(day calendar.Date) bool {
	return c.first <= day && (c.last == 0 || day < c.last)
}

// get reads all of the i-th record.
func (c *columnRow) get(i int) (columns, error) {
	le := binary.LittleEndian
	b := c.records[i*columnBytes : (i+1)*columnBytes]
	body, err := c.text(le.Uint16(b[40:]))
	if err != nil {
		return columns{}, err
	}
	category, err := c.text(le.Uint16(b[42:]))
	if err != nil {
		return columns{}, err
	}
	return columns{
		id: store.ID(le.Uint64(b)), day: calendar.Date(le.Uint32(b[8:])), from: calendar.Date(le.Uint32(b[12:])),
		until: calendar.Date(le.Uint32(b[16:])), division: int64(le.Uint64(b[20:])), version: le.Uint32(b[28:]),
		title: le.Uint16(b[32:]) &^ numberedBit, numbered: le.Uint16(b[32:])&numberedBit != 0, length: le.Uint32(b[34:]),
		year: int16(le.Uint16(b[38:])), body: body, category: category,
	}, nil
}
