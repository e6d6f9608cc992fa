package power

import (
	"embed"

	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages.
func Messages() i18n.Source { return i18n.Source{Module: "power", FS: locales} }
