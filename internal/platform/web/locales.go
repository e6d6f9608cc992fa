package web

import (
	"embed"

	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the frame and the components; every catalogue is loaded with them.
func Messages() i18n.Source { return i18n.Source{Module: "web", FS: locales} }
