package source

import (
	"bytes"
	"strings"
)

// binding says which namespace a prefix stands for, by the name that parsers know it by.
type binding struct {
	prefix string
	uri    string
	known  string // "" the namespace of a workbook's part; foreign: none of those that parsers know
	depth  int    // of the element it ends with, 0: the document's own
}

const foreign = "?"

// namespaces are the prefixes in force at one place of an XML document. By prefix alone an element of an extension
// cannot be told from one of the sheet (https://www.w3.org/TR/xml-names/).
type namespaces struct {
	list    []binding
	root    string // the namespace of the document's first element
	started bool
	renamed bool // some prefix stands for another namespace than its spelling says, so that names are looked up
}

// declare takes over the xmlns attributes of the element whose start tag came last. depth is the element's own.
func (m *markup) declare(depth int) {
	n := &m.spaces
	own := len(n.list)
	for attrs := m.attrs; ; {
		key, value, rest, ok := nextAttribute(attrs)
		if !ok {
			break
		}
		attrs = rest
		prefix, named := bytes.CutPrefix(key, []byte("xmlns:"))
		if !named && string(key) != "xmlns" {
			continue
		}
		if !named {
			prefix = nil
		}
		uri, _ := appendUnescaped(nil, value, false)
		n.list = append(n.list[:len(n.list):len(n.list)], binding{prefix: string(prefix), uri: string(uri), depth: depth})
	}
	if !n.started {
		n.started = true
		prefix, _ := splitName(m.name)
		n.root = n.uri(prefix)
		for i := range n.list {
			n.list[i].depth = 0
		}
	}
	for i := own; i < len(n.list); i++ {
		n.list[i].known = n.call(n.list[i].uri)
	}
	n.judge()
}

// leave forgets the prefixes that elements brought which are closed.
func (m *markup) leave() {
	n := &m.spaces
	for len(n.list) > m.fixed && n.list[len(n.list)-1].depth > m.depth {
		n.list = n.list[:len(n.list)-1]
	}
	n.judge()
}

func (n *namespaces) judge() {
	n.renamed = false
	for _, b := range n.list {
		n.renamed = n.renamed || b.known != b.prefix && (b.known != foreign || reserved(b.prefix))
	}
}

// uri is the namespace of a prefix, "" without one.
func (n *namespaces) uri(prefix string) string {
	for i := len(n.list) - 1; i >= 0; i-- {
		if n.list[i].prefix == prefix {
			return n.list[i].uri
		}
	}
	return ""
}

// call is how parsers call a namespace.
func (n *namespaces) call(uri string) string {
	if rest, ok := strings.CutPrefix(uri, "urn:oasis:names:tc:opendocument:xmlns:"); ok {
		name, _, _ := strings.Cut(rest, ":")
		if name == "drawing" {
			return "draw"
		}
		return name
	}
	switch uri {
	case n.root:
		return ""
	case "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
		"http://purl.oclc.org/ooxml/officeDocument/relationships":
		return "r"
	case "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0":
		return "calcext"
	}
	return foreign
}

// reserved says whether parsers call a namespace so.
func reserved(prefix string) bool {
	switch prefix {
	case "", "r", "office", "table", "text", "style", "draw", "calcext":
		return true
	}
	return false
}

// resolved is an element's name with the name of its namespace.
func (m *markup) resolved(name []byte) []byte {
	prefix, local := splitName(name)
	n := &m.spaces
	for i := len(n.list) - 1; i >= 0; i-- {
		switch b := &n.list[i]; {
		case b.prefix != prefix:
		case b.known == "":
			return local
		case b.known == prefix:
			return name
		default:
			m.room = append(append(append(m.room[:0], b.known...), ':'), local...)
			return m.room
		}
	}
	if prefix == "" && n.root != "" {
		m.room = append(append(m.room[:0], foreign...), local...)
		return m.room
	}
	return name
}

func splitName(name []byte) (prefix string, local []byte) {
	n := bytes.IndexByte(name, ':')
	return string(name[:max(n, 0)]), name[n+1:]
}

// prefixes are those that stand for a namespace in the whole document, each with its colon.
func (n *namespaces) prefixes(known string) (list []string) {
	for i := len(n.list) - 1; i >= 0; i-- {
		switch b := &n.list[i]; {
		case b.known != known:
		case b.prefix == "":
			list = append(list, "")
		default:
			list = append(list, b.prefix+":")
		}
	}
	return list
}

// attribute is the value, as written, of an attribute; nil without it. The name has the name of its namespace before
// it, if it is in one.
func (n *namespaces) attribute(attrs []byte, name string) []byte {
	known, local, ok := strings.Cut(name, ":")
	if !ok || !n.renamed {
		return attribute(attrs, name)
	}
	list := n.prefixes(known)
	for _, prefix := range list {
		if value := attribute(attrs, prefix+local); value != nil && prefix != "" {
			return value
		}
	}
	if len(list) > 0 || n.uri(known) != "" {
		return nil
	}
	return attribute(attrs, name)
}

// attributeText is an attribute with its references resolved, "" without it.
func (n *namespaces) attributeText(attrs []byte, name string) string {
	text, _ := appendUnescaped(nil, n.attribute(attrs, name), false)
	return string(text)
}

// attr is an attribute of the element whose start tag came last, see namespaces.attribute.
func (m *markup) attr(name string) []byte { return m.spaces.attribute(m.attrs, name) }

func (m *markup) attrText(name string) string { return m.spaces.attributeText(m.attrs, name) }

// markup walks over a stretch of a document of which these are the namespaces.
func (n *namespaces) markup(data []byte) markup {
	return markup{data: data, spaces: *n, fixed: len(n.list)}
}

// documentSpaces are the namespaces that the first element of a document declares.
func documentSpaces(head []byte) namespaces {
	m := markup{data: head}
	for kind := m.next(); kind != tokenEnd; kind = m.next() {
		if kind == tokenOpen {
			return m.spaces
		}
	}
	return namespaces{started: true}
}

// tag is how the start tag of an element begins that is in a namespace, in a document of which this is the beginning:
// with the first of its prefixes that is met.
func (n *namespaces) tag(head []byte, known, local string) []byte {
	list := n.prefixes(known)
	if len(list) == 0 && known != "" {
		list = []string{known + ":"}
	}
	for _, prefix := range list {
		if tag := []byte("<" + prefix + local); tagIndex(head, tag) >= 0 {
			return tag
		}
	}
	return []byte("<" + strings.Join(list[:min(len(list), 1)], "") + local)
}

// prefixOf is the prefix of a start tag, with its colon.
func prefixOf(tag []byte) string { return string(tag[1:max(1, bytes.IndexByte(tag, ':')+1)]) }
