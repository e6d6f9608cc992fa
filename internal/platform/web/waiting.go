package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

// maxWaiting bounds the words of a form that a page holds, in bytes.
const maxWaiting = 2 << 20

// waitingForm is what was typed into a form whose session had ended when it was sent. The page that says so holds it, to be sent once more after
// signing in: what somebody wrote for an hour is not lost because the hour was too long.
type waitingForm struct {
	Action string
	Coding string
	Fields [][2]string
	Files  bool // files came with it, which are chosen anew: no page can hold them
}

// SecretField reports whether a field of this name holds what no page sends back.
func SecretField(name string) bool {
	return slices.Contains([]string{"password", "again", "old", "answer", "code"}, name)
}

// waiting takes a form out of a request that was refused for want of a session. It returns nil where there is none to be kept: no form of a page,
// too large, or with a secret in it.
func waiting(r *http.Request) *waitingForm {
	coding, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || IsPart(r) || err != nil {
		return nil
	}
	w := &waitingForm{Action: r.URL.RequestURI(), Coding: coding}
	switch coding {
	case "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(nil, r.Body, maxWaiting)
		if err := r.ParseForm(); err != nil {
			return nil
		}
		for name, values := range r.PostForm {
			for _, value := range values {
				w.Fields = append(w.Fields, [2]string{name, value})
			}
		}
		slices.SortStableFunc(w.Fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	case "multipart/form-data":
		if !w.parts(multipart.NewReader(r.Body, parameters["boundary"])) {
			return nil
		}
	}
	if len(w.Fields) == 0 || slices.ContainsFunc(w.Fields, func(f [2]string) bool { return SecretField(f[0]) }) {
		return nil
	}
	return w
}

// parts reads the words of a form that came with files, and passes over the files. It reports whether it read all of them.
func (w *waitingForm) parts(from *multipart.Reader) bool {
	left := int64(maxWaiting)
	for {
		part, err := from.NextPart()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return false
		}
		if part.FileName() != "" {
			w.Files = true
			continue
		}
		if part.FormName() == "" {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, left+1))
		if left -= int64(len(text)); err != nil || left < 0 {
			return false
		}
		w.Fields = append(w.Fields, [2]string{part.FormName(), string(text)})
	}
}
