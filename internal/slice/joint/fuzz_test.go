package joint_test

import (
	"encoding/json"
	"io/fs"
	"testing"

	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/rules"
)

// FuzzParseMatters: whatever a file holds, it is answered with matters that pass their own check and stay what they are when kept and read
// again, or with an error.
func FuzzParseMatters(f *testing.F) {
	names, err := fs.Glob(rules.Files, "joint/*.yaml")
	if err != nil || len(names) == 0 {
		f.Fatal("no matters ship", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(rules.Files, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("matters: [{key: a, stages: [{parts: [{key: x}]}]}]"))
	f.Add([]byte("fields: {a: &a {b: *a}}\nmatters: []"))
	f.Add([]byte("platform: 1\nfields: {1: {2: 3}}\nmatters: [{key: ab, promised: -1}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := joint.ParseMatters(data)
		if err != nil {
			return
		}
		for i := range list {
			if faults := list[i].Check(); len(faults) > 0 {
				t.Errorf("%s was read with faults: %v", list[i].Key, faults)
			}
			raw, err := json.Marshal(&list[i])
			if err != nil {
				t.Fatalf("%s can't be kept: %v", list[i].Key, err)
			}
			var back joint.Matter
			if err := json.Unmarshal(raw, &back); err != nil {
				t.Fatalf("%s can't be read again: %v", list[i].Key, err)
			}
			again, err := json.Marshal(&back)
			if err != nil || string(again) != string(raw) {
				t.Errorf("%s is another when it is read again: %v", list[i].Key, err)
			}
		}
	})
}
