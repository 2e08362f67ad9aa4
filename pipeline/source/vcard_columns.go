package source

import (
	"bytes"
	"cmp"
	"encoding/json"
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
}

// vcardNames are the columns of every file of vCards. They do not hang on what the cards hold.
func vcardNames() []string {
	names := make([]string, 0, len(vcardColumns()))
	for _, c := range vcardColumns() {
		names = append(names, c.name)
	}
	return names
}

func vcardColumns() []vcardColumn {
	columns := []vcardColumn{{"UID", false}, {"FN", false},
		{"N.family", false}, {"N.given", false}, {"N.additional", false}, {"N.prefix", false}, {"N.suffix", false},
		{"NICKNAME", false},
		{"EMAIL", true}, {"EMAIL.home", true}, {"EMAIL.work", true},
		{"TEL", true}, {"TEL.mobile", true}, {"TEL.home", true}, {"TEL.work", true}, {"TEL.fax", true}}
	for _, kind := range []string{"ADR", "ADR.home", "ADR.work"} {
		for _, part := range adrParts() {
			columns = append(columns, vcardColumn{kind + "." + part, false})
		}
	}
	return append(columns, []vcardColumn{{"ORG", false}, {"ORG.unit", false}, {"TITLE", false}, {"ROLE", false},
		{"BDAY", false}, {"ANNIVERSARY", false}, {"GENDER", false}, {"LANG", false}, {"TZ", false}, {"GEO", false},
		{"URL", true}, {"IMPP", true}, {"X-SOCIALPROFILE", true}, {"CATEGORIES", true}, {"NOTE", false}, {"PHOTO", false},
		{"KIND", false}, {"REV", false}, {"OTHER", true},
		{"PHOTO" + cardEmbedded, false}, {"LOGO" + cardEmbedded, false}, {"SOUND" + cardEmbedded, false},
		{"KEY" + cardEmbedded, false}, {"AGENT" + cardEmbedded, false}}...)
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

func newCardTable() *cardTable {
	t := &cardTable{columns: vcardColumns(), index: make(map[string]int)}
	for i, c := range t.columns {
		t.index[c.name] = i
	}
	return t
}

// card is one card being read.
type card struct {
	*cardTable
	old    bool
	labels map[string]string   // of groups
	texts  []string            // one for each column that is no list
	lists  map[string][]string // by column
}

// Parse is Reader.Parse.
func (r *vcardReader) Parse(c *Chunk, b *Block) {
	b.Header, b.Rows = r.header, b.Rows[:0]
	table := newCardTable()
	for i := range c.elements {
		e := &c.elements[i]
		row := b.next()
		row.Line, row.EndLine, row.Number = e.line, e.line+e.lines, c.Number+int64(i)
		row.Code, row.Detail = e.code, e.detail
		if e.code != "" {
			continue
		}
		text := c.Data[e.start:e.end]
		if !utf8.Valid(text) {
			row.Code, row.Detail = rowEncoding, notUTF8
			continue
		}
		list, old, wrong := properties(text)
		if wrong != "" {
			row.Code, row.Detail = rowVCard, wrong
			continue
		}
		one := &card{cardTable: table, old: old, labels: labelsOf(list), texts: make([]string, len(table.columns)),
			lists: make(map[string][]string)}
		slices.SortStableFunc(list, func(a, b property) int { return b.preference() - a.preference() })
		for i := range list {
			one.add(&list[i])
		}
		row.Cells, row.Kinds = one.cells()
	}
	b.passBlank(r.in)
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
			c.push("OTHER", p.name+"="+value)
		}
	default:
		n, ok := c.index[p.name]
		switch {
		case !ok || p.name == "OTHER":
			c.push("OTHER", p.name+"="+value)
		case c.columns[n].list:
			c.push(p.name, value)
		default:
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
			c.push("OTHER", "ADR="+value)
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
			c.push("OTHER", p.name+"="+text)
		}
	}
}

// set fills a column that is no list; of a property that comes again, the later ones are among the others.
func (c *card) set(column, text string) {
	n := c.index[column]
	switch {
	case text == "":
	case c.texts[n] == "":
		c.texts[n] = text
	default:
		c.push("OTHER", column+"="+text)
	}
}

// embeds notes that the card holds something itself of which nothing is read.
func (c *card) embeds(name string) {
	if n, known := c.index[name+cardEmbedded]; known {
		c.texts[n] = cardEmbedded[1:]
	}
}

func (c *card) push(column, text string) {
	if text != "" {
		c.lists[column] = append(c.lists[column], text)
	}
}

// cells are the row's cells: nothing where the card has nothing to say.
func (c *card) cells() (cells [][]byte, kinds []byte) {
	cells, kinds = make([][]byte, len(c.columns)), make([]byte, len(c.columns))
	for i, column := range c.columns {
		switch list := c.lists[column.name]; {
		case len(list) > 0:
			var b bytes.Buffer
			w := json.NewEncoder(&b)
			w.SetEscapeHTML(false)
			if w.Encode(list) == nil {
				cells[i], kinds[i] = bytes.TrimSpace(b.Bytes()), '['
			}
		case c.texts[i] != "":
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
