package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// What an export and a feed are measured with: a hall with so many records, and one with ten times as many.
const (
	fewRecords  = 10_000
	manyRecords = 100_000
	recordsMade = 1_000 // brought in by the command; the others are copies
)

// benchRecord asks for the page of a record as fast as 32 connections can, against a bare handler that writes the same bytes, and streams
// the export and the feeds of 10,000 and of 100,000 records from processes of their own, of which the most memory they ever held is read.
func benchRecord(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary, err := build(ctx, dir)
	if err != nil {
		return nil, err
	}
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "records.jsonl")
	if err := oneOffice(ctx, binary, dir, data); err != nil {
		return nil, err
	}
	if _, err := writeRecords(file, 0, recordsMade); err != nil {
		return nil, err
	}
	if _, _, _, err := bring(ctx, binary, data, file, recordsMade); err != nil {
		return nil, err
	}
	page, err := recordPage(ctx, binary, data, dir, report)
	if err != nil {
		return nil, err
	}
	out = append(out, page)
	var peaks [2]float64
	copies := 1
	for i, n := range []int{fewRecords, manyRecords} {
		if err := copyRecords(ctx, data, copies, n/recordsMade); err != nil {
			return out, err
		}
		copies = n / recordsMade
		if peaks[i], err = streamed(ctx, binary, data, n, report); err != nil {
			return out, err
		}
	}
	return append(out, measure{"record-export-memory", peaks[1] / peaks[0], "times for ten times as many", 1.25, false}), nil
}

func serveHall(ctx context.Context, binary, data string) (*program, error) {
	return start(ctx, "openhall: ", binary, "serve", "--data", data, "--addr", "127.0.0.1:0", "--log", "warn")
}

// recordPage measures the page of a record.
func recordPage(ctx context.Context, binary, data, dir string, report func(string, ...any)) (m measure, err error) {
	hall, err := serveHall(ctx, binary, data)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, hall.stop()) }()
	d := newCorpus().doc(500, recordsMade)
	path := fmt.Sprintf("/open/r/%s/%04d%02d-%05d", officeCode, d.Published.Year(), d.Published.Month(), 500)
	m, err = hall.against(ctx, path, filepath.Join(dir, "record"), report)
	m.name = "record-page"
	return m, err
}

// copyRecords makes so many copies of the records that were brought in, under numbers of their own.
func copyRecords(ctx context.Context, data string, from, to int) (err error) {
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(data, "openhall.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const apart = 1_000_000_000_000 // between the identifiers of copies
	for k := from; k < to; k++ {
		err := db.Write(ctx, func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO publication_version (record, n, state, body, batch, part, day, at, event, case_id, author, digest, content, extra)
				SELECT v.record + $1, v.n, v.state, v.body, 0, 0, v.day, v.at, v.event, v.case_id, v.author, v.digest, v.content, v.extra
				FROM publication_version v WHERE v.batch <> 0`, int64(k)*apart)
			tx.Queue(`INSERT INTO publication_sealed SELECT s.record + $1, s.n, s.content FROM publication_sealed s JOIN publication_version v ON v.record = s.record AND v.n = s.n
				AND v.batch <> 0`, int64(k)*apart)
			tx.Queue(`INSERT INTO publication_record SELECT r.id + $1, substr(r.index_no, 1, length(r.index_no) - 5) || printf('%05d', CAST(substr(r.index_no, -5) AS INTEGER) + $2),
				r.state, r.live, r.division, r.d4, r.d6, r.body, r.category, r.item, r.root, r.version, r.latest, r.title, r.summary, r.docno, r.genre, r.language, r.made, r.first,
				r.day, r.effective, r.repealed, r.updated_at, r.gone_at, r.gone FROM publication_record r JOIN publication_version v ON v.record = r.id AND v.batch <> 0`,
				int64(k)*apart, k*recordsMade)
			return nil
		})
		if err != nil {
			return fmt.Errorf("copy %d: %w", k, err)
		}
	}
	return db.Analyze(ctx)
}

// streamed reads exports and feeds to their ends and returns the most memory that the program ever held, in MB. Of fewer records it reads
// them again until as many have come: what a program holds after two seconds of work is chance, and no measure of what the records cost.
func streamed(ctx context.Context, binary, data string, n int, report func(string, ...any)) (peak float64, err error) {
	hall, err := serveHall(ctx, binary, data)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, hall.stop()) }()
	began := time.Now()
	var bytes int64
	times := manyRecords / n
	for reader := range times {
		// Each time from another address of this machine: the hall bounds how much one address takes.
		from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+reader))}}
		through := &http.Transport{DialContext: from.DialContext}
		for _, path := range []string{"/open/export/records.jsonl", "/open/export/records.csv", "/open/export/records.jsonld", "/open/feed.atom", "/open/feed.json"} {
			size, err := hall.drain(ctx, through, path)
			if err != nil {
				return 0, err
			}
			bytes += size
		}
		through.CloseIdleConnections()
	}
	if peak, err = hall.status("VmHWM:"); err != nil {
		return 0, err
	}
	report("%d records: three exports and two feeds, %d times, of %.0f MB in %.1f s; the program never held more than %.0f MB", n, times, float64(bytes)/1e6, time.Since(began).Seconds(), peak)
	if least := int64(n) * 3 * 1000 * int64(times); bytes < least {
		return 0, fmt.Errorf("the exports have %d bytes; that cannot be all of %d records", bytes, n)
	}
	return peak, nil
}

// drain reads an answer to its end without keeping it.
func (p *program) drain(ctx context.Context, through http.RoundTripper, path string) (size int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0, err
	}
	res, err := through.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	size, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return size, err
}
