package admin

import (
	"embed"
	"io/fs"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema returns the tables of the room.
func Schema() store.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		files = migrations // unreachable: the folder is embedded above
	}
	return store.Migrations{Module: "admin", Files: files}
}

// Module brings the pages of the system and the security administrator into the program. keys are shown to the latter.
func Module(keys func(n *app.Node) []Key) app.Module {
	return app.Module{
		Name: "admin", Schema: Schema(), Locales: []i18n.Source{Messages()},
		Mount: func(n *app.Node) error {
			s, err := New(Deps{
				DB: n.DB, IDs: n.IDs, Cases: n.Cases, Identity: n.Identity, Policies: n.Policies, Registry: n.Registry, Law: n.Law,
				Journal: n.Journal, Keys: keys(n), Now: n.Now,
			})
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}
