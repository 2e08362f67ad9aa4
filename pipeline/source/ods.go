package source

import (
	"bytes"
	"strings"
)

// openODS finds the sheets of an OpenDocument spreadsheet, which are all in one part. The error is an *Error.
func openODS(in *input, a *archive, o Options) (Reader, error) {
	b := &book{in: in, archive: a, options: o, format: "ods", texts: &texts{}, textsDone: true}
	manifest, err := a.part("META-INF/manifest.xml")
	if err != nil {
		return nil, err
	}
	if bytes.Contains(manifest, []byte("encryption-data")) {
		return nil, a.refuse("%s", protectedDetail)
	}
	k, err := b.openContent(o.ChunkSize)
	if err != nil {
		return nil, err
	}
	hidden := hiddenTables(k.head(string(b.sheetTag), 16<<20))
	for len(b.sheets) < odsSheets {
		attrs, _, ok := k.enter(string(b.sheetTag))
		if !ok {
			break
		}
		s := &sheet{name: b.content.attributeText(attrs, "table:name"), spaces: b.content}
		s.hidden = hidden[b.content.attributeText(attrs, "table:style-name")]
		b.sheets = append(b.sheets, s)
	}
	if len(b.sheets) == 0 {
		return nil, b.broken(nil, k.fault())
	}
	if err := b.begin(); err != nil {
		return nil, err
	}
	return b, nil
}

const odsSheets = 1000 // sheets that are looked at

// isODS says whether an archive is an OpenDocument spreadsheet.
func (a *archive) isODS() bool {
	kind, err := a.part("mimetype")
	return err == nil && strings.HasPrefix(string(kind), "application/vnd.oasis.opendocument.spreadsheet")
}

func (b *book) openContent(size int) (*rowCutter, error) {
	part := b.archive.files["content.xml"]
	if part == nil {
		return nil, b.archive.refuse("is an OpenDocument file without content")
	}
	k, err := b.openPart(part, size)
	if err != nil {
		return nil, err
	}
	k.carry = k.fill(k.carry, 64<<10)
	b.content = documentSpaces(k.carry)
	b.sheetTag = b.content.tag(k.carry, "table", "table")
	return k, checkMarkup(b.in.name, k.head(string(b.sheetTag), 16<<20))
}

// hiddenTables are the names of the styles that hide a sheet.
func hiddenTables(head []byte) map[string]bool {
	hidden := make(map[string]bool)
	style := ""
	m := markup{data: head}
	for kind := m.next(); kind != tokenEnd; kind = m.next() {
		if kind != tokenOpen {
			continue
		}
		switch string(m.name) {
		case "style:style":
			style = m.attrText("style:name")
		case "style:table-properties":
			if string(m.attr("table:display")) == "false" {
				hidden[style] = true
			}
		}
	}
	return hidden
}

// openTable goes to the rows of a sheet; going back means to start again.
func (b *book) openTable(s *sheet, size int) (*rowCutter, error) {
	index := 0
	for b.sheets[index] != s {
		index++
	}
	if b.stream == nil || b.passed > index {
		k, err := b.openContent(size)
		if err != nil {
			return nil, err
		}
		b.stream, b.passed = k, 0
	}
	k := b.stream
	k.size = size
	for ; b.passed <= index; b.passed++ {
		_, empty, ok := k.enter(string(b.sheetTag))
		if !ok {
			return nil, b.broken(s, k.fault())
		}
		k.ended = empty
	}
	k.several = true
	prefix := prefixOf(b.sheetTag)
	s.tag = []byte("<" + prefix + "table-row")
	k.tag, k.last = s.tag, []byte("</"+prefix+"table")
	return k, nil
}

// repeats is how often a row or cell stands there.
func repeats(value []byte) int64 {
	n, ok := atoi(value)
	if !ok || n < 1 {
		return 1
	}
	return int64(n)
}
