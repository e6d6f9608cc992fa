package offline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/assets"
)

// Prefix is the path of the app and the scope of its worker.
const Prefix = "/agent/offline/"

// File is one file of the app under an address of its own.
type File struct {
	Address string
	Type    string
	Content []byte
}

// icons are the pictures of the app, by the address at which it has them.
var icons = []struct {
	name, purpose string
	size          int
}{{"icon-192", "any", 192}, {"icon-512", "any", 512}, {"icon-maskable", "maskable", 512}}

// manifestName is the name of the description in a language; that in Simplified Chinese is the one which the page names at first.
func manifestName(tag lang.Tag) string {
	if tag == lang.Hans {
		return "manifest"
	}
	return "manifest-" + string(tag)
}

// addresses are those of all files, by the name of the route.
func addresses() map[string]string {
	all := map[string]string{"app": Prefix, "words": Prefix + "words.json", "worker": Prefix + "worker.js"}
	for _, i := range icons {
		all[i.name] = Prefix + i.name + ".png"
	}
	for _, tag := range lang.All {
		name := manifestName(tag)
		all[strings.ToLower(name)] = Prefix + name + ".webmanifest"
	}
	return all
}

// kept is one line of the list in the worker: what it keeps, and by which sum it knows it.
type kept struct {
	Address string `json:"address"`
	SHA256  string `json:"sha256"`
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

const script = "text/javascript; charset=utf-8"

// shared are the assets that the page loads; they have addresses of their own, under which everybody gets them.
var shared = []string{"site.css", "offline.css", "offline.js", "icon.svg"}

// Build makes the files of the app from the assets and the words.
func Build(c *web.Catalogue) ([]File, error) {
	set, err := assets.Load()
	if err != nil {
		return nil, err
	}
	list := make([]kept, 0, 2*len(shared))
	for _, name := range append([]string{"offline-worker.js"}, shared...) {
		raw, ok := set.Raw(name)
		if !ok {
			return nil, fmt.Errorf("there is no asset %s", name)
		}
		list = append(list, kept{set.Href(name), sum(raw)})
	}
	files, err := manifests(c)
	if err != nil {
		return nil, err
	}
	page := bytes.Buffer{}
	if err := shellPage(set.Href).Render(context.Background(), &page); err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	files = append(files, File{Address: Prefix, Type: "text/html; charset=utf-8", Content: page.Bytes()})
	words, err := wordTable(c)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		list = append(list, kept{f.Address, sum(f.Content)})
	}
	version := version(list, words)
	content, err := json.Marshal(map[string]any{"version": version, "words": words})
	if err != nil {
		return nil, err
	}
	table := File{Address: Prefix + "words.json", Type: "application/json; charset=utf-8", Content: content}
	worker, err := workerFile(set, version, append(list[1:], kept{table.Address, sum(content)})) // the worker itself is kept by the browser
	if err != nil {
		return nil, err
	}
	return append(files, table, worker), nil
}

// version is the hash of all that the app is made of.
func version(list []kept, words map[string]map[lang.Tag]any) string {
	raw, err := json.Marshal([]any{list, words})
	if err != nil {
		return "" // unreachable: texts only
	}
	const enough = 12 // hexadecimal digits
	return sum(raw)[:enough]
}

// workerFile is the service worker with the list of what it keeps before it.
func workerFile(set *assets.Set, version string, list []kept) (File, error) {
	raw, err := json.Marshal(map[string]any{"version": version, "files": list})
	if err != nil {
		return File{}, err
	}
	text, _ := set.Raw("offline-worker.js") // Build has looked for it
	content := fmt.Appendf(nil, "const SHELL = %s;\n%s", raw, text)
	return File{Address: Prefix + "worker.js", Type: script, Content: content}, nil
}

// manifests are the icons and, in each language, the description by which browsers install the app.
func manifests(c *web.Catalogue) ([]File, error) {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	var files []File
	var pictures []icon
	for _, one := range icons {
		raw, err := drawIcon(one.size, one.purpose == "maskable")
		if err != nil {
			return nil, fmt.Errorf("draw the icon: %w", err)
		}
		f := File{Address: Prefix + one.name + ".png", Type: "image/png", Content: raw}
		files = append(files, f)
		pictures = append(pictures, icon{f.Address, fmt.Sprintf("%dx%d", one.size, one.size), f.Type, one.purpose})
	}
	for _, tag := range lang.All {
		l := c.Localizer(tag)
		raw, err := json.Marshal(map[string]any{
			"id": Prefix, "start_url": Prefix, "scope": Prefix, "display": "standalone", "lang": string(tag), "dir": "ltr",
			"name": l.T("offline.name"), "short_name": l.T("offline.short-name"), "description": l.T("offline.description"),
			"background_color": "#ffffff", "theme_color": "#0b3a5b", "icons": pictures,
		})
		if err != nil {
			return nil, err
		}
		files = append(files, File{Address: Prefix + manifestName(tag) + ".webmanifest", Type: "application/manifest+json; charset=utf-8", Content: raw})
	}
	return files, nil
}
