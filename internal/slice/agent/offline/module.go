package offline

import (
	"embed"
	"fmt"
	"net/http"
	"sync"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the app.
func Messages() i18n.Source { return i18n.Source{Module: "offline", FS: locales} }

// Module returns what serves the app. Its files are made when they are first asked for.
func Module() app.Module {
	return app.Module{Name: "offline", Locales: []i18n.Source{Messages()}, Mount: func(n *app.Node) error {
		build := sync.OnceValues(func() (map[string]File, error) { return byAddress(n.Catalogue) })
		for name, address := range addresses() {
			pattern := address
			if address == Prefix {
				pattern += "{$}"
			}
			n.Shell.Handle("GET "+pattern, web.Route{Name: "offline." + name, Public: true}, func(w http.ResponseWriter, r *http.Request) error {
				files, err := build()
				if err != nil {
					return fmt.Errorf("the app of agents: %w", err)
				}
				return files[address].serve(w, r)
			})
		}
		return nil
	}}
}

func byAddress(c *web.Catalogue) (map[string]File, error) {
	list, err := Build(c)
	if err != nil {
		return nil, err
	}
	files := make(map[string]File, len(list))
	for _, f := range list {
		files[f.Address] = f
	}
	return files, nil
}

// serve answers with the file. It may be kept and is asked for again each time: its address stays, its content changes with the version.
func (f File) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Cache-Control", "no-cache")
	if web.NotModified(w, r, f.Content) {
		return nil
	}
	_, err := w.Write(f.Content)
	return err
}
