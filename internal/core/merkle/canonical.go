package merkle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"
)

// ErrNumber says that a value holds an integer that JSON readers elsewhere would round. The caller writes it as a string.
var ErrNumber = errors.New("integer too large for JSON")

// maxSafeInteger is the greatest integer that every reader of JSON keeps exactly (RFC 7493 § 2.2): 2^53 − 1.
const maxSafeInteger = 1<<53 - 1

// Canonical returns v as canonical JSON (RFC 8785): members sorted, no white space, one spelling per value. Equal values give
// equal bytes on every machine, which is what makes their hash worth anything. Integers beyond ±(2^53 − 1) are refused with
// ErrNumber, because the format would round them silently.
func Canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write canonical JSON: %w", err)
	}
	if err := checkIntegers(plain); err != nil {
		return nil, fmt.Errorf("write canonical JSON: %w", err)
	}
	canonical, err := jcs.Transform(plain)
	if err != nil {
		return nil, fmt.Errorf("write canonical JSON: %w", err)
	}
	return canonical, nil
}

func checkIntegers(plain []byte) error {
	if !hasLongNumber(plain) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		number, ok := token.(json.Number)
		if !ok || strings.ContainsAny(number.String(), ".eE") {
			continue
		}
		if n, err := strconv.ParseInt(number.String(), 10, 64); err != nil || n > maxSafeInteger || n < -maxSafeInteger {
			return fmt.Errorf("%w: %s; write it as a string", ErrNumber, number)
		}
	}
}

// hasLongNumber reports whether 16 digits follow each other anywhere: the cheap test that spares most entries a second parse.
func hasLongNumber(plain []byte) bool {
	run := 0
	for _, c := range plain {
		if c < '0' || c > '9' {
			run = 0
		} else if run++; run == 16 {
			return true
		}
	}
	return false
}
