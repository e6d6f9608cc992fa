package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// importedRecords is how many records the import brings in.
const importedRecords = 20_000

// importRuns is how often the import is measured, each time into a hall of its own: a shared machine is half as fast in some minutes.
const importRuns = 5

// benchImport brings a file of records of about 1,000 characters in by the command that an operator uses: every line is read, checked,
// looked through for personal data, sealed, entered in the log and indexed. The measure is the median of all runs. Then it brings the same
// file in again, which must change nothing.
func benchImport(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
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
	size, err := writeRecords(file, 0, importedRecords)
	if err != nil {
		return nil, err
	}
	rates := make([]float64, importRuns)
	for i := range rates {
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
		if err := oneOffice(ctx, binary, dir, data); err != nil {
			return nil, err
		}
		rate, each, said, err := bring(ctx, binary, data, file, importedRecords)
		if err != nil {
			return nil, err
		}
		report("%d records, %.0f MB of JSON Lines: %.0f records/s from the start of the command to its end, %.2f ms of a processor each; %s", importedRecords, float64(size)/1e6, rate, each, said)
		if want := fmt.Sprintf("%d new", importedRecords); !strings.Contains(said, want) {
			return nil, fmt.Errorf("the import says %q, not %q", said, want)
		}
		rates[i] = rate
	}
	slices.Sort(rates)
	rate := rates[importRuns/2]
	again, _, said, err := bring(ctx, binary, data, file, importedRecords)
	if err != nil {
		return nil, err
	}
	report("the same file again: %.0f records/s; %s", again, said)
	if !strings.Contains(said, " 0 new, 0 new versions, ") {
		return nil, fmt.Errorf("the second import says %q", said)
	}
	return []measure{{"import-rate-sqlite", rate, "records/s", 3000, true}, {"import-again-sqlite", again, "records/s", 3000, true}}, nil
}

// oneOffice sets a hall with one office up.
func oneOffice(ctx context.Context, binary, dir, data string) error {
	tables := map[string]string{
		"divisions.csv": "code,level,name_hans,name_hant,name_en\n340000000000,1,安徽省,安徽省,Anhui\n",
		"bodies.csv":    "key,division,kind,level,name_hans,name_hant,uscc\n" + officeKey + ",340000000000,data,provincial,安徽省人民政府办公厅,安徽省人民政府辦公廳," + officeCode + "\n",
	}
	for name, content := range tables {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, binary, "setup", "--data", data, "--from", dir, //nolint:gosec // we built it
		"--admin", "system=li.wei,李伟", "--admin", "security=zhang.min,张敏", "--admin", "audit=chen.jie,陈洁")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("setup: %w: %s", err, out)
	}
	return nil
}

const (
	officeKey  = "anhui-office"
	officeCode = "11340000MB9000015X"
)

// writeRecords writes records as JSON Lines, every twentieth with personal data that the guard masks.
func writeRecords(name string, from, to int) (size int64, err error) {
	f, err := os.Create(name) //nolint:gosec // in our own folder
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	c := newCorpus()
	for i := from; i < to; i++ {
		d := c.doc(i, to)
		if i%20 == 0 {
			d.Text += fmt.Sprintf("联系人：张伟，手机 138%08d。", 55550000+i)
		}
		line, err := json.Marshal(map[string]any{
			"index": fmt.Sprintf("%s/%04d%02d-%05d", officeCode, d.Published.Year(), d.Published.Month(), i%100_000), "title": d.Title, "body": officeKey, "category": "statutory.1.other",
			"number": d.Number, "published": d.Published.String(), "keywords": d.Keywords, "text": d.Text,
		})
		if err != nil {
			return 0, err
		}
		size += int64(len(line)) + 1
		if _, err := w.Write(append(line, '\n')); err != nil {
			return 0, err
		}
	}
	return size, w.Flush()
}

// bring imports a file and returns records a second, milliseconds of a processor for each, and what the command says at its end.
func bring(ctx context.Context, binary, data, file string, n int) (rate, each float64, said string, err error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, "import", "records", file, "--data", data) //nolint:gosec // we built it
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	began := time.Now()
	err = cmd.Run()
	took := time.Since(began)
	if err != nil {
		return 0, 0, "", fmt.Errorf("import: %w: %.2000s", err, out.String())
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		each = float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6 / float64(n)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return float64(n) / took.Seconds(), each, " " + lines[len(lines)-1], nil
}
