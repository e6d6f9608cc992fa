package publication

import (
	"embed"
	"io/fs"

	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

// says is what a version says, of a row v of publication_version: an import writes it beside the row.
const says = `CASE WHEN v.content <> '' THEN v.content ELSE (SELECT s.content FROM publication_sealed s WHERE s.record = v.record AND s.n = v.n) END`

//go:embed migrations/*.sql
var migrations embed.FS

// Schemas returns the tables of publication and of its index.
func Schemas() []store.Migrations { return []store.Migrations{schema(), search.Schema()} }

func schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "publication", Files: files}
}
