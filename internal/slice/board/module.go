package board

import (
	"embed"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the board.
func Messages() i18n.Source { return i18n.Source{Module: "board", FS: locales} }

// Module brings the board into the program. Connect says what it works with, once the node stands.
func Module(connect func(*app.Node) Deps) app.Module {
	return app.Module{
		Name: "board", Locales: []i18n.Source{Messages()},
		Mount: func(n *app.Node) error {
			s, err := New(connect(n))
			if err == nil {
				s.Mount(n.Shell)
			}
			return err
		},
	}
}
