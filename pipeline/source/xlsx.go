package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"strings"
)

// openXLSX reads what a workbook says of its sheets, styles and dates, and finds the headers. The error is an *Error.
func openXLSX(in *input, a *archive, o Options) (Reader, error) {
	b := &book{in: in, archive: a, options: o, format: "xlsx", texts: &texts{dir: o.Scratch, limit: textsHeld}}
	if err := b.workbook(); err != nil {
		return nil, err
	}
	if err := b.styles(); err != nil {
		return nil, err
	}
	if err := b.begin(); err != nil {
		b.texts.close()
		return nil, err
	}
	return b, nil
}

// isXLSX says whether an archive is a workbook of Excel 2007 or later.
func (a *archive) isXLSX() bool { return a.mainPart() != "" }

// mainPart is the name of the part that lists the sheets, "" without it.
func (a *archive) mainPart() string {
	rels, err := a.relations("_rels/.rels")
	if err == nil {
		for _, r := range rels {
			if strings.HasSuffix(r.kind, "/officeDocument") && a.files[strings.ToLower(r.target)] != nil &&
				strings.HasSuffix(strings.ToLower(r.target), ".xml") && strings.Contains(strings.ToLower(r.target), "workbook") {
				return r.target
			}
		}
	}
	if a.files["xl/workbook.xml"] != nil {
		return "xl/workbook.xml"
	}
	return ""
}

// relation says where a part that another one names is found.
type relation struct{ id, kind, target string }

// relations reads a .rels part; targets are made names in the archive.
func (a *archive) relations(name string) ([]relation, error) {
	data, err := a.part(name)
	if err != nil || data == nil {
		return nil, err
	}
	base := path.Dir(path.Dir(name))
	var list []relation
	for m := (markup{data: data}); ; {
		switch m.next() {
		case tokenEnd:
			return list, nil
		case tokenOpen:
			if string(m.name) != "Relationship" || m.attrText("TargetMode") == "External" {
				continue
			}
			target := m.attrText("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(base, target)
			}
			list = append(list, relation{m.attrText("Id"), m.attrText("Type"), strings.TrimPrefix(target, "/")})
		}
	}
}

// workbook reads the list of sheets.
func (b *book) workbook() error {
	main := b.archive.mainPart()
	data, err := b.archive.part(main)
	if err != nil {
		return err
	}
	rels, err := b.archive.relations(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	byID := make(map[string]relation)
	for _, r := range rels {
		byID[r.id] = r
		switch {
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			b.textsPart = b.archive.files[strings.ToLower(r.target)]
		case strings.HasSuffix(r.kind, "/styles"):
			b.stylesPart = r.target
		}
	}
	m := markup{data: data}
	for kind := m.next(); kind != tokenEnd; kind = m.next() {
		if kind != tokenOpen {
			continue
		}
		switch string(m.name) {
		case "extLst":
			m.skip()
		case "workbookPr":
			b.date1904 = isTrue(m.attr("date1904"))
		case "sheet":
			r := byID[sheetRelation(&m)]
			part := b.archive.files[strings.ToLower(r.target)]
			if part == nil || !strings.HasSuffix(r.kind, "/worksheet") {
				continue // a chart or a macro
			}
			state := m.attrText("state")
			s := &sheet{name: m.attrText("name"), part: part, hidden: state != "" && state != "visible"}
			if err := b.tableTotals(s, r.target); err != nil {
				return err
			}
			b.sheets = append(b.sheets, s)
		}
	}
	if m.bad || len(b.sheets) == 0 {
		return &Error{Code: fileFormat, File: b.in.name,
			Detail: "the workbook's list of sheets cannot be read; open it in a spreadsheet program and save it again"}
	}
	return nil
}

// tableTotals reads which rows of a sheet are the totals of its tables: no row of them is a record (ECMA-376 part 1,
// 18.5.1.2).
func (b *book) tableTotals(s *sheet, part string) error {
	rels, err := b.archive.relations(path.Join(path.Dir(part), "_rels", path.Base(part)+".rels"))
	if err != nil {
		return err
	}
	for _, r := range rels {
		if !strings.HasSuffix(r.kind, "/table") {
			continue
		}
		data, err := b.archive.part(r.target)
		if err != nil {
			return err
		}
		m := markup{data: data}
		for kind := m.next(); kind != tokenEnd; kind = m.next() {
			if kind != tokenOpen {
				continue
			}
			area, ok := parseMerge(m.attr("ref"))
			if n, counted := atoi(m.attr("totalsRowCount")); ok && counted && n > 0 && string(m.name) == "table" {
				area.top = area.bottom - int64(n) + 1
				s.totals = append(s.totals, area)
				s.notes = append(s.notes, fmt.Sprintf("totals in row %d left out", area.bottom))
			}
			break
		}
	}
	return nil
}

// sheetRelation is the id by which the sheet whose start tag came last is found. Some programs declare the namespace of
// relations by a name of their own; no other attribute of a sheet is called id.
func sheetRelation(m *markup) string {
	if id := m.attrText("r:id"); id != "" {
		return id
	}
	for key, value, attrs, ok := nextAttribute(m.attrs); ok; key, value, attrs, ok = nextAttribute(attrs) {
		if bytes.HasSuffix(key, []byte(":id")) {
			return string(value)
		}
	}
	return ""
}

func isTrue(value []byte) bool { return string(value) == "1" || bytes.EqualFold(value, trueText) }

// styles reads which cell formats show numbers as dates.
func (b *book) styles() error {
	data, err := b.archive.part(b.stylesPart)
	if err != nil || data == nil {
		return err
	}
	custom := make(map[int]numberFormat)
	cells := false
	m := markup{data: data}
	for kind := m.next(); kind != tokenEnd; kind = m.next() {
		name := string(m.name)
		switch {
		case kind == tokenClose && name == "cellXfs":
			cells = false
		case kind != tokenOpen:
		case name == "cellXfs":
			cells = !m.empty
		case name == "dxfs", name == "extLst":
			m.skip() // formats that conditions bring have numbers of their own
		case name == "numFmt":
			if id, ok := atoi(m.attr("numFmtId")); ok {
				custom[id] = parseFormat(m.attrText("formatCode"))
			}
		case name == "xf" && cells:
			id, _ := atoi(m.attr("numFmtId"))
			f, ok := custom[id]
			if !ok {
				f = builtInFormat(id)
			}
			b.formats = append(b.formats, f)
		}
	}
	if m.bad {
		return &Error{Code: fileFormat, File: b.in.name,
			Detail: "the workbook's styles, which say what is a date, cannot be read; open it in a spreadsheet program and " +
				"save it again"}
	}
	return nil
}

// atoi reads a number of up to nine digits.
func atoi(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(b) > 0 && len(b) < 10
}

// openSheetPart starts reading a sheet's rows.
func (b *book) openSheetPart(s *sheet, size int) (*rowCutter, error) {
	k, err := b.openPart(s.part, size)
	if err != nil {
		return nil, err
	}
	k.carry = k.fill(k.carry, 64<<10)
	s.spaces = documentSpaces(k.carry)
	tag := s.spaces.tag(k.carry, "", "sheetData")
	head := k.head(string(tag), 4<<20)
	if err := checkMarkup(b.in.name, head); err != nil {
		return nil, err
	}
	s.read(head)
	if _, empty, ok := k.enter(string(tag)); !ok || empty {
		if !ok {
			return nil, b.broken(s, k.fault())
		}
		k.ended = true
	}
	s.tag = s.spaces.tag(k.carry, "", "row")
	k.tag, k.last = s.tag, []byte("</"+prefixOf(tag)+"sheetData")
	return k, nil
}

// openPart starts reading a member of the archive as XML.
func (b *book) openPart(f *zip.File, size int) (*rowCutter, error) {
	r, err := b.archive.open(f)
	if err != nil {
		return nil, err
	}
	return &rowCutter{body: r, limit: markupPerText * b.options.MaxRow, size: size, elements: sheetRows}, nil
}

// sheetRows is how many rows a sheet may have: twice what Excel allows, for programs that count differently.
// https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
const sheetRows = 2 << 20

// markupPerText is how many bytes of XML one byte of a row may take: a cell of one digit has 40 around it, but
// few rows are made of nothing else.
const markupPerText = 8
