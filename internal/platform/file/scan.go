package file

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// Scanner looks for malicious content before an upload is kept.
type Scanner interface {
	// Scan returns the name of what was found, or nothing. An error says that the content could not be looked at: nothing is kept then.
	Scan(ctx context.Context, content []byte) (found string, err error)
}

// clamd asks a ClamAV daemon (clamd) by its INSTREAM command.
type clamd struct {
	network, address string
}

const (
	scanTime  = 60 * time.Second // for one upload
	scanChunk = 128 << 10        // bytes sent at once
)

// Clamd returns the scanner at an address: tcp://HOST:PORT or unix:/PATH.
func Clamd(address string) (Scanner, error) {
	u, err := url.Parse(address)
	switch {
	case err == nil && u.Scheme == "tcp" && u.Port() != "" && u.Path == "":
		return clamd{"tcp", u.Host}, nil
	case err == nil && u.Scheme == "unix" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		return clamd{"unix", u.Path}, nil
	}
	return nil, fmt.Errorf("clamd %q: want tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl", address)
}

// Scan implements Scanner.
func (c clamd) Scan(ctx context.Context, content []byte) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("reach clamd: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", fmt.Errorf("reach clamd: %w", err)
		}
	}
	sent := send(conn, content)
	// What clamd says counts even when it has hung up on us: it does so when a file is too large for its settings.
	answer, err := bufio.NewReader(io.LimitReader(conn, 4096)).ReadString(0)
	if answer = strings.TrimSuffix(answer, "\x00"); answer == "" {
		return "", fmt.Errorf("clamd gave no answer: %w", errors.Join(sent, err))
	}
	verdict := strings.TrimPrefix(answer, "stream: ")
	switch name, isFound := strings.CutSuffix(verdict, " FOUND"); {
	case verdict == "OK" && sent == nil:
		return "", nil
	case isFound:
		return name, nil
	}
	return "", fmt.Errorf("clamd answers %q: %w", answer, errors.Join(errors.ErrUnsupported, sent))
}

// send writes the content as clamd's INSTREAM wants it: chunks behind their length, and an empty one at the end.
func send(w io.Writer, content []byte) error {
	var b bytes.Buffer
	b.WriteString("zINSTREAM\x00")
	for len(content) > 0 {
		part := content[:min(scanChunk, len(content))]
		content = content[len(part):]
		b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		b.Write(part)
		if _, err := b.WriteTo(w); err != nil {
			return fmt.Errorf("send to clamd: %w", err)
		}
	}
	b.Write([]byte{0, 0, 0, 0})
	if _, err := b.WriteTo(w); err != nil {
		return fmt.Errorf("send to clamd: %w", err)
	}
	return nil
}
