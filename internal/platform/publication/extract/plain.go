package extract

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Encoding returns how a plain text is encoded, with a byte order mark or without: UTF-8, UTF-16 or GB18030.
func Encoding(content []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return unicode.UTF8BOM
	case utf8.Valid(content):
		return unicode.UTF8
	default:
		return simplifiedchinese.GB18030
	}
}

// plain reads a plain text.
func (w *writer) plain(content []byte) error {
	text, err := Encoding(content).NewDecoder().Bytes(content)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	w.begin(Part{Place: Body})
	w.b.Write(bytes.ToValidUTF8(text, []byte("�")))
	return w.check()
}
