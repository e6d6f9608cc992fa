package procedure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Limits of a BPMN file. They are far above any procedure a person can read and keep a hostile file from costing memory.
const (
	MaxBytes    = 4 << 20
	MaxDepth    = 100
	MaxElements = 20_000
)

// xmlNode is an element of the document as it was written: prefixes, order, comments and white space are kept, so that the
// document can be given back to the tool it came from.
type xmlNode struct {
	prefix, local string
	space         string // the namespace the prefix stands for here
	attrs         []xmlAttr
	children      []xmlChild
	line          int
}

type xmlAttr struct {
	prefix, local, space, value string
}

// xmlChild is an element, or character data, or a comment or processing instruction kept verbatim.
type xmlChild struct {
	node *xmlNode
	text string
	raw  string
}

// readXML reads one document into a tree of the size allowed. Namespaces are resolved by hand over raw tokens, because
// encoding/xml forgets the prefixes, and attribute values such as xsi:type="bpmn:tFormalExpression" need them.
func readXML(data []byte) (*xmlNode, []xmlChild, error) {
	if len(data) > MaxBytes {
		return nil, nil, unreadable(0, "文件有 %d 字节，最多允许 %d 字节", "檔案有 %d 位元組，最多允許 %d 位元組", "the file has %d bytes, at most %d are allowed", len(data), MaxBytes)
	}
	r := xmlReader{dec: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))}
	for {
		tok, err := r.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := r.dec.InputPos()
		if err != nil {
			return nil, nil, unreadable(line, "不是格式正确的 XML（%v）", "不是格式正確的 XML（%v）", "not well-formed XML: %v", err)
		}
		if err := r.token(tok, line); err != nil {
			err.Line = line
			return nil, nil, err
		}
	}
	switch {
	case len(r.stack) > 0:
		last := r.stack[len(r.stack)-1]
		return nil, nil, unreadable(last.line, "<%s> 没有结束标签", "<%s> 沒有結束標籤", "<%s> is never closed", last.name())
	case r.root == nil:
		return nil, nil, unreadable(0, "文件中没有 XML 元素", "檔案中沒有 XML 元素", "the file holds no XML element")
	}
	return r.root, r.prolog, nil
}

type xmlReader struct {
	dec    *xml.Decoder
	root   *xmlNode
	prolog []xmlChild // what stands before the root
	stack  []*xmlNode
	spaces []map[string]string // namespace declarations, one map (or nil) for each open element
	count  int
}

func (r *xmlReader) token(tok xml.Token, line int) *Unreadable {
	switch t := tok.(type) {
	case xml.StartElement:
		return r.open(t, line)
	case xml.EndElement:
		if len(r.stack) == 0 {
			return unreadable(0, "</%s> 没有对应的开始标签", "</%s> 沒有對應的開始標籤", "</%s> closes nothing", t.Name.Local)
		}
		top := r.stack[len(r.stack)-1]
		if top.prefix != t.Name.Space || top.local != t.Name.Local {
			return unreadable(0, "第 %[2]d 行的 <%[1]s> 用了别的名字 </%[3]s> 结束", "第 %[2]d 行的 <%[1]s> 用了別的名字 </%[3]s> 結束", "<%[1]s> of line %[2]d is closed by another name, </%[3]s>", top.name(), top.line, t.Name.Local)
		}
		r.stack, r.spaces = r.stack[:len(r.stack)-1], r.spaces[:len(r.spaces)-1]
	case xml.CharData:
		if len(r.stack) > 0 {
			r.add(xmlChild{text: string(t)})
		} else if len(bytes.TrimSpace(t)) > 0 {
			return unreadable(0, "根元素之外有文字", "根元素之外有文字", "text outside the root element")
		}
	case xml.Comment:
		r.add(xmlChild{raw: "<!--" + string(t) + "-->"})
	case xml.ProcInst:
		if t.Target != "xml" {
			r.add(xmlChild{raw: "<?" + t.Target + " " + string(t.Inst) + "?>"})
		}
	case xml.Directive:
		return unreadable(0, "不允许文档类型声明和实体声明，请删去", "不允許文件類型宣告和實體宣告，請刪去", "a document type or entity declaration is not allowed: remove it")
	}
	return nil
}

func (r *xmlReader) open(t xml.StartElement, line int) *Unreadable {
	if r.count++; r.count > MaxElements {
		return unreadable(0, "元素超过 %d 个", "元素超過 %d 個", "more than %d elements", MaxElements)
	}
	if len(r.stack) >= MaxDepth {
		return unreadable(0, "元素嵌套超过 %d 层", "元素巢狀超過 %d 層", "elements nested more than %d deep", MaxDepth)
	}
	if len(r.stack) == 0 && r.root != nil {
		return unreadable(0, "有第二个根元素", "有第二個根元素", "a second root element")
	}
	n := &xmlNode{prefix: t.Name.Space, local: t.Name.Local, line: line}
	var declared map[string]string
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			declared = declare(declared, a.Name.Local, a.Value)
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			declared = declare(declared, "", a.Value)
		}
		n.attrs = append(n.attrs, xmlAttr{prefix: a.Name.Space, local: a.Name.Local, value: a.Value})
	}
	r.spaces = append(r.spaces, declared)
	var err *Unreadable
	if n.space, err = r.resolve(n.prefix); err != nil {
		return err
	}
	for i := range n.attrs {
		a := &n.attrs[i]
		if a.prefix == "" || a.prefix == "xmlns" { // an attribute without prefix is in no namespace
			continue
		}
		if a.space, err = r.resolve(a.prefix); err != nil {
			return err
		}
	}
	r.add(xmlChild{node: n})
	r.stack = append(r.stack, n)
	return nil
}

func declare(m map[string]string, prefix, space string) map[string]string {
	if m == nil {
		m = make(map[string]string, 4)
	}
	m[prefix] = space
	return m
}

func (r *xmlReader) resolve(prefix string) (string, *Unreadable) {
	for i := len(r.spaces) - 1; i >= 0; i-- {
		if s, ok := r.spaces[i][prefix]; ok {
			return s, nil
		}
	}
	switch prefix {
	case "":
		return "", nil
	case "xml":
		return "http://www.w3.org/XML/1998/namespace", nil
	}
	return "", unreadable(0, "前缀 %q 没有声明；请加上 xmlns:%[1]s", "前綴 %q 沒有宣告；請加上 xmlns:%[1]s", "the prefix %q is not declared: add xmlns:%[1]s", prefix)
}

func (r *xmlReader) add(c xmlChild) {
	switch {
	case len(r.stack) > 0:
		top := r.stack[len(r.stack)-1]
		top.children = append(top.children, c)
	case c.node != nil:
		r.root = c.node
	case r.root == nil:
		r.prolog = append(r.prolog, c)
	}
}

func (n *xmlNode) name() string {
	if n.prefix == "" {
		return n.local
	}
	return n.prefix + ":" + n.local
}

// attr returns the attribute of the BPMN element that is in no namespace.
func (n *xmlNode) attr(local string) string { return n.attrIn("", local) }

func (n *xmlNode) attrIn(space, local string) string {
	for i := range n.attrs {
		if a := &n.attrs[i]; a.local == local && a.space == space && a.prefix != "xmlns" {
			return a.value
		}
	}
	return ""
}

// elements returns the children that are elements.
func (n *xmlNode) elements() []*xmlNode {
	var out []*xmlNode
	for i := range n.children {
		if c := n.children[i].node; c != nil {
			out = append(out, c)
		}
	}
	return out
}

// child returns the first child element of that name, or nil.
func (n *xmlNode) child(space, local string) *xmlNode {
	for i := range n.children {
		if c := n.children[i].node; c != nil && c.local == local && c.space == space {
			return c
		}
	}
	return nil
}

// content returns the character data of the element without the white space around it.
func (n *xmlNode) content() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for i := range n.children {
		b.WriteString(n.children[i].text)
	}
	return strings.TrimSpace(b.String())
}

// write appends the element as XML.
func (n *xmlNode) write(b *bytes.Buffer) {
	b.WriteByte('<')
	b.WriteString(n.name())
	for _, a := range n.attrs {
		b.WriteByte(' ')
		if a.prefix != "" {
			b.WriteString(a.prefix)
			b.WriteByte(':')
		}
		b.WriteString(a.local)
		b.WriteString(`="`)
		attrEscaper.WriteString(b, a.value) //nolint:errcheck // a bytes.Buffer does not fail
		b.WriteByte('"')
	}
	if len(n.children) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	for _, c := range n.children {
		switch {
		case c.node != nil:
			c.node.write(b)
		case c.raw != "":
			b.WriteString(c.raw)
		default:
			textEscaper.WriteString(b, c.text) //nolint:errcheck // a bytes.Buffer does not fail
		}
	}
	b.WriteString("</")
	b.WriteString(n.name())
	b.WriteByte('>')
}

var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")
)
