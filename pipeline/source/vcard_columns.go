package source

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// vcardColumn is one column of the table that cards make. Names are vCard's own, so that a mapping for cards reads as
// their standard does (https://www.rfc-editor.org/rfc/rfc6350#section-6).
type vcardColumn struct {
	name string
	list bool // holds a JSON array of texts: the property may come several times
	free bool // of a property that the standard's columns do not have: a text, or an array where it comes several times
}

// cardMore ends the name of a column of what a card says again where the standard's column holds one text.
const cardMore = ".more"

// vcardColumns are the columns that every file of vCards has, whatever its cards hold.
func vcardColumns() (columns []vcardColumn) {
	add := func(list bool, names ...string) {
		for _, name := range names {
			columns = append(columns, vcardColumn{name: name, list: list})
		}
	}
	add(false, "UID", "FN", "N.family", "N.given", "N.additional", "N.prefix", "N.suffix", "NICKNAME")
	add(true, "EMAIL", "EMAIL.home", "EMAIL.work", "TEL", "TEL.mobile", "TEL.home", "TEL.work", "TEL.fax")
	for _, kind := range []string{"ADR", "ADR.home", "ADR.work"} {
		for _, part := range adrParts() {
			add(false, kind+"."+part)
		}
	}
	add(false, "ORG", "ORG.unit", "TITLE", "ROLE", "BDAY", "ANNIVERSARY", "GENDER", "LANG", "TZ", "GEO")
	add(true, "URL", "IMPP", "X-SOCIALPROFILE", "CATEGORIES")
	add(false, "NOTE", "PHOTO", "KIND", "REV", "PHOTO"+cardEmbedded, "LOGO"+cardEmbedded, "SOUND"+cardEmbedded,
		"KEY"+cardEmbedded, "AGENT"+cardEmbedded)
	return columns
}

// cardEmbedded ends the name of a column that says that a card holds a picture, a sound, a key or another card itself,
// of which nothing is read: the column has the word "embedded".
const cardEmbedded = ".embedded"

// embeddedMark is the property that the cutter puts in the place of such a one: its value is the name.
const embeddedMark = "X-MUSTER-EMBEDDED"

// adrParts are the parts of an address in the order in which a card holds them.
func adrParts() []string {
	return []string{"pobox", "extended", "street", "locality", "region", "code", "country"}
}

// cardTable puts properties into columns.
type cardTable struct {
	columns []vcardColumn
	index   map[string]int
}

// newCardTable has the standard's columns, and those of more properties.
func newCardTable(more []string) *cardTable {
	t := &cardTable{columns: vcardColumns(), index: make(map[string]int)}
	for i, c := range t.columns {
		t.index[c.name] = i
	}
	for _, name := range more {
		t.add(name)
	}
	return t
}

func (t *cardTable) add(name string) {
	t.index[name] = len(t.columns)
	t.columns = append(t.columns, vcardColumn{name: name, free: true})
}

// names are those of the columns from the given one on.
func (t *cardTable) names(from int) (names []string) {
	for _, c := range t.columns[from:] {
		names = append(names, c.name)
	}
	return names
}

// card is one card being read.
type card struct {
	*cardTable
	old    bool
	labels map[string]string   // of groups
	texts  []string            // one for each column that is no list
	lists  map[string][]string // by column
	fresh  []string            // columns that the table has not, in order of appearance
}

// Parse is Reader.Parse.
func (r *vcardReader) Parse(c *Chunk, b *Block) {
	b.Header, b.Rows = r.header, b.Rows[:0]
	table := newCardTable(r.header.Names[len(vcardColumns()):])
	known := len(table.columns)
	limit := min(r.columns, max(blockCells/max(len(c.elements), 1), known+1))
	for i := range c.elements {
		e := &c.elements[i]
		row := b.next()
		row.Line, row.EndLine, row.Number = e.line, e.line+e.lines, c.Number+int64(i)
		if row.Code, row.Detail = e.code, e.detail; e.code == "" {
			table.row(c.Data[e.start:e.end], row, limit)
		}
	}
	if more := table.names(known); len(more) > 0 {
		b.Header = r.grown.with(r.header, more)
		for i := range b.Rows {
			if row := &b.Rows[i]; row.Code == "" {
				missing := len(table.columns) - len(row.Cells)
				row.Cells, row.Kinds = append(row.Cells, make([][]byte, missing)...), append(row.Kinds, make([]byte, missing)...)
			}
		}
	}
	b.passBlank(r.in)
}

// row makes cells of a card's text. The table grows by what the card has besides, to as many columns as the limit.
func (t *cardTable) row(text []byte, row *Row, limit int) {
	if !utf8.Valid(text) {
		row.Code, row.Detail = rowEncoding, notUTF8
		return
	}
	list, old, wrong := properties(text)
	if wrong != "" {
		row.Code, row.Detail = rowVCard, wrong
		return
	}
	one := &card{cardTable: t, old: old, labels: labelsOf(list), texts: make([]string, len(t.columns)),
		lists: make(map[string][]string)}
	slices.SortStableFunc(list, func(a, b property) int { return b.preference() - a.preference() })
	for i := range list {
		one.add(&list[i])
	}
	if slices.ContainsFunc(one.fresh, func(name string) bool { return len(name) > maxName }) {
		row.Code, row.Detail = rowVCard, cardLongName
		return
	}
	if len(t.columns)+len(one.fresh) > limit {
		row.Code, row.Detail = rowWidth, fmt.Sprintf("more different properties than the %d columns allowed", limit)
		return
	}
	for _, name := range one.fresh {
		t.add(name)
	}
	row.Cells, row.Kinds = one.cells()
}

// preference is 1 for a property that its card prefers to others of its kind.
func (p *property) preference() int {
	if p.is("PREF") || p.param("PREF") == "1" {
		return 1
	}
	return 0
}

// labelsOf are what Apple's programs call the properties of a group.
func labelsOf(list []property) map[string]string {
	labels := make(map[string]string)
	for _, p := range list {
		if p.name == "X-ABLABEL" && p.group != "" {
			text := strings.TrimSuffix(strings.TrimPrefix(string(p.value), "_$!<"), ">!$_")
			labels[p.group] = strings.ToUpper(strings.TrimSpace(text))
		}
	}
	return labels
}

// is says whether the property is of a type, by its parameters or its group's label.
func (c *card) is(p *property, kinds ...string) bool {
	for _, kind := range kinds {
		if p.is(kind) || p.group != "" && c.labels[p.group] == kind {
			return true
		}
	}
	return false
}

// place is home, work or "".
func (c *card) place(p *property) string {
	switch {
	case c.is(p, "HOME"):
		return ".home"
	case c.is(p, "WORK"):
		return ".work"
	}
	return ""
}

func (c *card) add(p *property) {
	value := strings.TrimSpace(unescapeCard(p.value, c.old))
	switch {
	case p.name == "AGENT":
		c.embeds(p.name)
		return
	case p.name == embeddedMark:
		c.embeds(value)
		return
	case value == "", p.embedded(), p.name == "PRODID":
		return
	}
	switch p.name {
	case "N":
		c.parts(p, " ", "N.family", "N.given", "N.additional", "N.prefix", "N.suffix")
	case "ADR":
		c.address(p, value)
	case "ORG":
		units := splitCard(p.value, ';', c.old)
		c.set("ORG", units[0])
		c.set("ORG.unit", strings.Join(units[1:], ", "))
	case "EMAIL":
		c.push("EMAIL"+c.place(p), cutScheme(value, "mailto:"))
	case "TEL":
		c.push(c.phone(p), cutScheme(value, "tel:"))
	case "CATEGORIES":
		for _, one := range splitCard(p.value, ',', c.old) {
			c.push("CATEGORIES", one)
		}
	case "KIND", "X-ADDRESSBOOKSERVER-KIND": // the other is Apple's, in version 3.0
		c.set("KIND", strings.ToLower(value))
	case "BDAY", "ANNIVERSARY", "REV":
		c.set(p.name, plainDate(value, p))
	case "NOTE":
		if n := c.index["NOTE"]; c.texts[n] != "" {
			value = c.texts[n] + "\n" + value
			c.texts[n] = ""
		}
		c.set("NOTE", value)
	case "X-SOCIALPROFILE":
		c.push(p.name, value)
	case "X-ABLABEL":
		if !slices.Contains([]string{"HOME", "WORK", "MOBILE", "OTHER", "HOMEPAGE"}, c.labels[p.group]) {
			c.push(p.name, value)
		}
	default:
		n, ok := c.index[p.name]
		if !ok || c.columns[n].list || c.columns[n].free {
			c.push(p.name, value)
		} else {
			c.set(p.name, value)
		}
	}
}

// phone is the column of a phone number.
func (c *card) phone(p *property) string {
	switch {
	case c.is(p, "FAX"), c.is(p, "HOME FAX", "WORK FAX"):
		return "TEL.fax"
	case c.is(p, "CELL", "MOBILE", "IPHONE"):
		return "TEL.mobile"
	}
	return "TEL" + c.place(p)
}

// address fills the columns of the first address of its place.
func (c *card) address(p *property, value string) {
	column := "ADR" + c.place(p)
	names := make([]string, 0, len(adrParts()))
	for _, part := range adrParts() {
		names = append(names, column+"."+part)
		if c.texts[c.index[column+"."+part]] != "" {
			c.push(column+cardMore, value)
			return
		}
	}
	c.parts(p, ", ", names...)
}

// parts puts the parts of a value into columns; several values of one part are joined.
func (c *card) parts(p *property, glue string, columns ...string) {
	from := 0
	var list [][]byte
	for i := 0; i <= len(p.value); i++ {
		switch {
		case i == len(p.value) || p.value[i] == ';':
			list = append(list, p.value[from:i])
			from = i + 1
		case p.value[i] == '\\':
			i++
		}
	}
	for i, part := range list {
		text := strings.TrimSpace(unescapeCard(part, c.old))
		if !c.old {
			text = strings.Join(slices.DeleteFunc(splitCard(part, ',', false), func(s string) bool { return s == "" }), glue)
		}
		if i < len(columns) {
			c.set(columns[i], text)
		} else if text != "" {
			c.push(p.name+cardMore, text)
		}
	}
}

// set fills a column that is no list; a property that comes again has a column of its own for the later ones.
func (c *card) set(column, text string) {
	n := c.index[column]
	switch {
	case text == "":
	case c.texts[n] == "":
		c.texts[n] = text
	default:
		c.push(column+cardMore, text)
	}
}

// embeds notes that the card holds something itself of which nothing is read.
func (c *card) embeds(name string) {
	if n, known := c.index[name+cardEmbedded]; known {
		c.texts[n] = cardEmbedded[1:]
	}
}

func (c *card) push(column, text string) {
	if text == "" {
		return
	}
	if _, known := c.index[column]; !known && len(c.lists[column]) == 0 {
		c.fresh = append(c.fresh, column)
	}
	c.lists[column] = append(c.lists[column], text)
}

// cells are the row's cells: nothing where the card has nothing to say.
func (c *card) cells() (cells [][]byte, kinds []byte) {
	cells, kinds = make([][]byte, len(c.columns)), make([]byte, len(c.columns))
	for i, column := range c.columns {
		switch list := c.lists[column.name]; {
		case column.free && len(list) == 1:
			cells[i], kinds[i] = []byte(list[0]), '"'
		case len(list) > 0:
			var b bytes.Buffer
			w := json.NewEncoder(&b)
			w.SetEscapeHTML(false)
			if w.Encode(list) == nil {
				cells[i], kinds[i] = bytes.TrimSpace(b.Bytes()), '['
			}
		case !column.free && c.texts[i] != "":
			cells[i], kinds[i] = []byte(c.texts[i]), '"'
		}
	}
	return cells, kinds
}

func cutScheme(value, scheme string) string {
	if len(value) >= len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		return value[len(scheme):]
	}
	return value
}

// cardDate is a date, perhaps without its year, and a time of day, with the marks of ISO 8601 between their parts or
// not (https://www.rfc-editor.org/rfc/rfc6350#section-4.3).
var cardDate = regexp.MustCompile(`^(\d{4}|-)-?(\d\d)-?(\d\d)(?:T(\d\d)(?::?(\d\d)(?::?(\d\d))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$`)

// plainDate writes a date in ISO 8601's longer form. Apple's programs give a birthday without a year one that is none.
func plainDate(value string, p *property) string {
	if m := cardDate.FindStringSubmatch(strings.ToUpper(value)); m != nil {
		value = m[1] + "-" + m[2] + "-" + m[3]
		if m[4] != "" {
			value += "T" + m[4] + ":" + cmp.Or(m[5], "00") + ":" + cmp.Or(m[6], "00") + m[7]
		}
	}
	if year := p.param("X-APPLE-OMIT-YEAR"); year != "" && strings.HasPrefix(value, year+"-") {
		value = "-" + strings.TrimPrefix(value, year)
	}
	return value
}
