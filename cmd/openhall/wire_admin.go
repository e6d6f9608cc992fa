package main

import (
	"os"
	"path/filepath"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/slice/admin"
	"openhall.org/openhall/internal/slice/audit"
)

// administration are the rooms of the administrators.
func administration() []app.Module {
	return []app.Module{admin.Module(keysOf), audit.Module()}
}

// keysOf tells of the keys of a node what may be known: what they are for and how old their files are.
func keysOf(n *app.Node) []admin.Key {
	since := func(name string) time.Time {
		info, err := os.Stat(filepath.Join(n.Config.Data, "keys", name))
		if err != nil {
			return n.Now() // read a moment ago, or the program would not run
		}
		return info.ModTime()
	}
	return []admin.Key{
		{Purpose: "log", ID: n.LogKey.Signer.Name(), Algorithm: "Ed25519", Since: since("log.key")},
		{Purpose: "seal", ID: "seal.key", Algorithm: "AES-256-GCM, HKDF-SHA-256", Since: since("seal.key")},
	}
}
