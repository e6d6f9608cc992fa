package publication

import (
	"embed"
	"io/fs"

	"openhall.org/openhall/internal/platform/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of publication.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "publication", Files: files}
}
