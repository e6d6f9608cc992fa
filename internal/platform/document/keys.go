package document

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// WriteKeys writes public keys as the file by which anybody checks documents without this hall: a line for each key with its time, and
// one for the key of the log.
func WriteKeys(keys []Known, log string) []byte {
	var b bytes.Buffer
	b.WriteString("# Keys by which documents of this hall are checked: openhall verify document FILE --keys THIS\n# key, signs from, until\n")
	for _, k := range keys {
		until := "-"
		if !k.Until.IsZero() {
			until = k.Until.UTC().Format(time.RFC3339Nano)
		}
		fmt.Fprintf(&b, "%s %s %s\n", k.PublicKey, k.From.UTC().Format(time.RFC3339Nano), until)
	}
	fmt.Fprintf(&b, "log %s\n", strings.TrimSpace(log))
	return b.Bytes()
}

// ParseKeys reads what [WriteKeys] has written. A key may also stand alone in its line: it is taken for any time then.
func ParseKeys(text []byte) (keys []Known, log note.Verifier, err error) {
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if fields[0] == "log" && len(fields) == 2 {
			if log, err = merkle.NewVerifier(fields[1]); err != nil {
				return nil, nil, fmt.Errorf("keys, line %d: %w", n, err)
			}
			continue
		}
		k, err := parseKnown(fields)
		if err != nil {
			return nil, nil, fmt.Errorf("keys, line %d: %w", n, err)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, nil, errors.New("keys: there are none; take the file from /verify/keys of the hall")
	}
	return keys, log, nil
}

func parseKnown(fields []string) (k Known, err error) {
	if k.PublicKey, err = ParsePublicKey(fields[0]); err != nil || len(fields) == 1 {
		return k, err
	}
	if len(fields) != 3 {
		return k, errors.New("want key, from, until")
	}
	if k.From, err = time.Parse(time.RFC3339Nano, fields[1]); err != nil || fields[2] == "-" {
		return k, err
	}
	k.Until, err = time.Parse(time.RFC3339Nano, fields[2])
	return k, err
}

func keyFile(dir string, a Algorithm) string {
	return filepath.Join(dir, "document-"+strings.ToLower(a.Name())+".key")
}

// Retire moves the key files of a folder aside, so that the next start makes new keys. Documents that the old keys signed stay valid: the
// node remembers their public halves and until when they signed. suffix tells the retired files apart, such as a day.
func Retire(dir, suffix string) (moved []string, err error) {
	for _, a := range Algorithms() {
		from := keyFile(dir, a)
		to := from + "." + suffix
		if _, err := os.Stat(to); err == nil {
			return moved, fmt.Errorf("key of documents: %s is there already", to)
		}
		if err := os.Rename(from, to); err != nil {
			return moved, fmt.Errorf("key of documents: %w", err)
		}
		moved = append(moved, to)
	}
	return moved, nil
}
