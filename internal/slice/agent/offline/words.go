package offline

import (
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
)

// formWords are the messages about fields that the app shares with the pages of the hall, with what they are filled with.
var formWords = map[string][]string{
	"required": {"Label"}, "choose": {"Label"}, "tick": {"Label"}, "format": {"Label", "Text"}, "date": {"Label"}, "integer": {"Label"}, "number": {"Label"},
	"money": {"Label"}, "max-length": {"Label", "Max", "Got"}, "min-length": {"Label", "Min", "Got"}, "minimum": {"Label", "Min"}, "maximum": {"Label", "Max"},
	"above": {"Label", "Min"}, "below": {"Label", "Max"}, "min-items": {"Label", "Min"}, "max-items": {"Label", "Max"}, "please-choose": nil, "yes": nil, "no": nil, "and": nil,
}

// wordTable is the words of the app by key and language, as the device fills them in: {{.Name}} stands where a value goes, and English has
// forms for one and for other numbers where something is counted.
func wordTable(c *web.Catalogue) (map[string]map[lang.Tag]any, error) {
	table := map[string]map[lang.Tag]any{}
	paths, err := fs.Glob(locales, "locales/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		raw, err := fs.ReadFile(locales, path)
		if err != nil {
			return nil, err
		}
		var words map[string]map[lang.Tag]any
		if err := yaml.Unmarshal(raw, &words); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for key, texts := range words {
			table[strings.TrimPrefix(key, "offline.")] = texts
		}
	}
	for key, names := range formWords {
		holes := web.Args{}
		for _, name := range names {
			holes[name] = "{{." + name + "}}" // filled in on the device
		}
		texts := map[lang.Tag]any{}
		for _, tag := range lang.All {
			texts[tag] = c.Localizer(tag).T("web.form."+key, holes)
		}
		table["form."+key] = texts
	}
	return table, nil
}
