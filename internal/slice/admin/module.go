package admin

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
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
			s, err := Of(n, keys(n))
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}

// Of returns the service of a node: for the pages, and for commands of the operator.
func Of(n *app.Node, keys []Key) (*Service, error) {
	return New(Deps{
		DB: n.DB, IDs: n.IDs, Cases: n.Cases, Identity: n.Identity, Policies: n.Policies, Registry: n.Registry, Law: n.Law,
		Journal: n.Journal, Papers: papers{n.Files, n.Letters, n.Modules}, Keys: keys, Now: n.Now,
	})
}

// papers are the uploads and the letters of a node, and what its modules keep apart.
type papers struct {
	*file.Files
	letters *document.Service
	modules []app.Module
}

// EraseCase implements [Papers].
func (p papers) EraseCase(ctx context.Context, tx *store.Tx, c store.ID, at time.Time) (files int, err error) {
	uploads, err := file.Erase(ctx, tx, file.Holder{Kind: file.HolderCase, ID: c})
	if err != nil {
		return uploads, err
	}
	letters, err := p.letters.EraseCase(ctx, tx, c, at)
	if err != nil {
		return uploads + letters, err
	}
	sum := uploads + letters
	for _, m := range p.modules {
		if m.Erase == nil {
			continue
		}
		apart, err := m.Erase(ctx, tx, c)
		if sum += apart; err != nil {
			return sum, fmt.Errorf("erase what %s keeps apart: %w", m.Name, err)
		}
	}
	return sum, nil
}

// Count implements [Papers].
func (p papers) Count(ctx context.Context, c store.ID) (uploads, letters int, err error) {
	if uploads, err = p.Held(ctx, file.Holder{Kind: file.HolderCase, ID: c}); err != nil {
		return 0, 0, err
	}
	list, err := p.letters.Of(ctx, c)
	return uploads, len(list), err
}
