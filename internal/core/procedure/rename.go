package procedure

import (
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Renamed returns the file of a definition in which the main process has another id and another name, and its pool that name: for a chart that
// begins as the copy of another one and is not that one. Everything else stays as it was. A process whose new id is that of another element
// keeps the one it has.
func Renamed(d *Definition, id string, title lang.Text) ([]byte, error) {
	copied, err := Parse(d.Marshal())
	if err != nil {
		return nil, fmt.Errorf("read the copy of %s: %w", d.ID, err)
	}
	old := copied.Main.ID
	taken := false
	copied.root.walk(func(n *xmlNode) { taken = taken || n.attr("id") == id })
	if taken || id == "" {
		id = old
	}
	copied.root.walk(func(n *xmlNode) {
		if n.space != bpmnSpace && n.space != diSpace {
			return
		}
		if n.local == "process" && n.attr("id") == old {
			n.rename(title)
			n.set("id", id)
		}
		if n.local == "participant" && local(n.attr("processRef")) == old {
			n.rename(title)
		}
		for _, name := range []string{"processRef", "calledElement", "bpmnElement"} { // which may be written with a prefix
			if v := n.attr(name); v != "" && local(v) == old {
				n.set(name, strings.TrimSuffix(v, old)+id)
			}
		}
	})
	return copied.Marshal(), nil
}

// local is a qualified name without its prefix.
func local(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

// walk visits the element and all within it.
func (n *xmlNode) walk(visit func(*xmlNode)) {
	visit(n)
	for _, c := range n.elements() {
		c.walk(visit)
	}
}

// set writes an attribute that is in no namespace; an empty one is taken away.
func (n *xmlNode) set(name, value string) {
	at := slices.IndexFunc(n.attrs, func(a xmlAttr) bool { return a.prefix == "" && a.local == name })
	switch {
	case value == "" && at >= 0:
		n.attrs = slices.Delete(n.attrs, at, at+1)
	case value == "":
	case at >= 0:
		n.attrs[at].value = value
	default:
		n.attrs = append(n.attrs, xmlAttr{local: name, value: value})
	}
}

// rename gives the element a name, and in our extension its names in the other scripts and languages.
func (n *xmlNode) rename(title lang.Text) {
	n.set("name", title.Hans)
	extensions := n.child(bpmnSpace, "extensionElements")
	if extensions == nil {
		if title.Hant == "" && title.En == "" {
			return
		}
		extensions = &xmlNode{prefix: n.prefix, local: "extensionElements", space: n.space}
		at := slices.IndexFunc(n.children, func(c xmlChild) bool { return c.node != nil && c.node.local != "documentation" })
		if at < 0 {
			at = len(n.children)
		}
		n.children = slices.Insert(n.children, at, xmlChild{node: extensions})
	}
	own := extensions.child(Namespace, "title")
	switch {
	case title.Hant == "" && title.En == "":
		extensions.children = slices.DeleteFunc(extensions.children, func(c xmlChild) bool { return c.node != nil && c.node == own })
		return
	case own == nil:
		own = &xmlNode{prefix: "openhall", local: "title", space: Namespace, attrs: []xmlAttr{{prefix: "xmlns", local: "openhall", value: Namespace}}}
		extensions.children = append(extensions.children, xmlChild{node: own})
	}
	own.set("zh-Hans", "") // the name says it
	own.set("zh-Hant", title.Hant)
	own.set("en", title.En)
}
