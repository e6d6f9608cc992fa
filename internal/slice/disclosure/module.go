package disclosure

import (
	"context"
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
	return store.Migrations{Module: "disclosure", Files: files}
}

// Module brings the room into the program. Connect says what it works with, once the node stands.
func Module(connect func(*app.Node) Deps) app.Module {
	var s *Service
	holder := ""
	return app.Module{
		Name: "disclosure", Schema: Schema(), Sealed: sealedColumns(), Locales: []i18n.Source{Messages()},
		Open: func(_ context.Context, n *app.Node) (err error) {
			holder = n.Holder
			s, err = New(connect(n))
			return err
		},
		Mount: func(n *app.Node) error {
			s.Mount(n.Shell)
			return nil
		},
		Jobs: []app.Job{{Name: "disclosure.alerts", Run: func(ctx context.Context) { s.keepAlerting(ctx, holder) }}},
		// After the matters of the demo, which are played on a node that has no case yet.
		Later: func(ctx context.Context, _ *app.Node) error { return s.Demo(ctx) },
		Fill:  func(ctx context.Context, _ *app.Node) error { return s.Fill(ctx) },
		Holds: func(ctx context.Context) ([]app.Holding, error) { return s.holds(ctx) },
	}
}

func (s *Service) holds(ctx context.Context) ([]app.Holding, error) {
	c, err := s.Records.Census(ctx)
	return []app.Holding{
		{What: "records published", N: c.Records}, {What: "records withdrawn", N: c.Withdrawn}, {What: "versions published", N: c.Versions},
		{What: "divisions with records", N: c.Divisions}, {What: "bodies with records", N: c.Bodies}, {What: "years with records", N: c.Years},
		{What: "policies with an interpretation", N: c.Explained}, {What: "texts that two records share", N: c.Twins},
	}, err
}
