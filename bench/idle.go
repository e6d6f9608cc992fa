package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// idleFor is how long the started program is left alone before its memory is read.
const idleFor = 10 * time.Second

// benchIdle measures the product as it is shipped: its size, how long it takes to the first page when the demo province is new
// and when it is there already, and what it holds of the memory when nobody asks anything.
func benchIdle(ctx context.Context, report func(string, ...any)) (out []measure, err error) {
	dir, err := os.MkdirTemp("", "openhall-bench")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary, err := build(ctx, dir)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	first, err := startDemo(ctx, binary, data)
	if err != nil {
		return nil, err
	}
	if err := first.stop(); err != nil {
		return nil, err
	}
	again, err := startDemo(ctx, binary, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, again.stop()) }()
	time.Sleep(idleFor)
	memory, err := again.memory()
	if err != nil {
		return nil, err
	}
	report("first page after %v with a new demo province, after %v with one that is there", first.began.Round(time.Millisecond), again.began.Round(time.Millisecond))
	return []measure{
		{"binary-size", float64(info.Size()) / (1 << 20), "MB", 60, false},
		{"start-new", first.began.Seconds(), "s", 10, false},
		{"start-again", again.began.Seconds(), "s", 2, false},
		{"idle-memory", memory, "MB", 120, false},
	}, nil
}
