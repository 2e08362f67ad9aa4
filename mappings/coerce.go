package mappings

import (
	"time"
	"unicode/utf8"
)

// valueType is how the text of a cell becomes a value of the record.
type valueType uint8

const (
	asText       valueType = iota // any text
	asLine                        // text of one line
	asID                          // text by which something is found: no scientific notation
	asEmail                       // an identity too
	asPhone                       // E.164
	asNumber                      // decimal text, never through a float
	asDate                        // RFC 3339 in UTC
	asBool                        //
	asURL                         // absolute address
	asGender                      // m, f
	asCode                        // two letters, in upper case
	asCodeOrName                  // a code when it is two letters, else a name: the feed's other slot
	asCountry                     // two letters, made of three or of a name
	asZone                        // a name of the time zone database, made of Rails' names
	asLocale                      // en_US
	asLanguage                    // en_us
	asIs                          // what the org says: text stays text, literals stay literals
)

// conversions has one row for each value type: what people call it, the code of its problem, what a
// cell must look like, and the function that reads it.
var conversions = [...]struct {
	name     string
	code     string
	expected string
	run      converter
}{
	asText:       {"text", codeJSON, "one text, not a list or an object", readText},
	asLine:       {"text", codeJSON, "one text, not a list or an object", readLine},
	asID:         {"id", codeJSON, "one id, not a list or an object", readID},
	asEmail:      {"e-mail address", codeJSON, "one e-mail address, not a list or an object", readID},
	asPhone:      {"phone number", codePhone, "", readPhone},
	asNumber:     {"number", codeNumber, "", readNumber},
	asDate:       {"date", codeDate, "", readDate},
	asBool:       {"yes or no", codeBool, "true or false, yes or no, 1 or 0, on or off", readBool},
	asURL:        {"address", codeURL, "an address with its scheme, like https://example.com/page", readURL},
	asGender:     {"gender", codeJSON, "m or f", readGender},
	asCode:       {"code", codeJSON, "one code, not a list or an object", readCode},
	asCodeOrName: {"code or name", codeJSON, "a two-letter code or a name", readCode},
	asCountry:    {"country", codeJSON, "one country, not a list or an object", readCountry},
	asZone:       {"time zone", codeJSON, "one time zone, not a list or an object", readZone},
	asLocale:     {"locale", codeJSON, "one locale, not a list or an object", readLocale},
	asLanguage:   {"language", codeJSON, "one language, not a list or an object", readLanguage},
	asIs:         {"as it is", codeJSON, "a JSON value", readAsIs},
}

// A converter turns v, which holds a cell's trimmed text and JSON kind (never null or blank), into
// the value of a record, in place. What it must write anew goes into rec's buffer. It returns nil or
// why it cannot.
type converter func(c *conversion, v *Value, rec *Record) *fault

// A conversion is a value type with the properties of its column, decided once when it is bound.
type conversion struct {
	run     converter
	value   valueType
	layout  *layout // dates; nil: ISO 8601
	clock   *clock  // dates without an offset; nil: UTC
	decimal byte    // decimal mark, 0: not stated, so there are no grouping marks
	region  string  // phones, "" none
	daily   bool    // dates of which only the day counts
	clears  bool    // a text that clears makes a null; else it is a blank cell
	fault   *fault

	inner     converter // what run comes down to, where the text is rewritten first
	rewriting *rewriting
}

// A fault is a problem without its column. Its words are made when the column is bound, so that a
// file where every row is wrong costs no more than a clean one.
type fault struct{ code, detail string }

// manners are what a mapping says of how values are written: for all its columns, or for one.
type manners struct {
	layout  *layout
	zone    *time.Location
	decimal byte
	region  string
	blank   blanking
	rewriting
}

// over gives the manners of a column inside those of its mapping.
func (m manners) over(base manners) manners {
	if m.layout == nil {
		m.layout = base.layout
	}
	if m.zone == nil {
		m.zone = base.zone
	}
	if m.decimal == 0 {
		m.decimal = base.decimal
	}
	if m.region == "" {
		m.region = base.region
	}
	if m.blank == blankAsMapping {
		m.blank = base.blank
	}
	if m.clears == nil {
		m.clears = base.clears
	}
	m.strip = m.strip || base.strip
	return m
}

func newConversion(t valueType, m manners) *conversion {
	row := &conversions[t]
	c := &conversion{run: row.run, value: t, layout: m.layout, decimal: m.decimal, region: m.region}
	expected := row.expected
	switch t {
	case asPhone:
		expected = expectedPhone(m.region)
	case asNumber:
		expected = expectedNumber(m.decimal)
	case asDate:
		expected, c.clock = expectedDate(m.layout), newClock(m.zone)
	}
	c.fault = &fault{row.code, expected}
	if !m.idle() {
		c.run, c.inner, c.rewriting = readRewritten, row.run, &m.rewriting
	}
	return c
}

const (
	codeNumber     = "cell.number"
	codeDerived    = "cell.derived"
	codeDate       = "cell.date"
	codeDateOrder  = "cell.date_order"
	codeBool       = "cell.bool"
	codePhone      = "cell.phone"
	codeURL        = "cell.url"
	codeJSON       = "cell.json"
	codeTooMany    = "cell.too_many"
	codeScientific = "cell.scientific"
	codeControl    = "cell.control"
)

// Codes lists every code that a Problem can have.
func Codes() []string {
	return []string{codeNumber, codeDerived, codeDate, codeDateOrder, codeBool, codePhone, codeURL, codeJSON, codeTooMany, codeScientific, codeControl}
}

var (
	brokenJSON = &fault{codeJSON, "valid JSON"}
	scientific = &fault{codeScientific, "all digits of the number; scientific notation, as spreadsheets make of long numbers, has lost some"}
	control    = &fault{codeControl, "text without control characters"}
	manyLines  = &fault{codeControl, "text of one line"}
)

// trim takes off the space around a cell: space is never part of a value, and a cell of nothing else
// is blank. No-break spaces and zero-width marks count as space.
func trim(b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if !isSpace(r) {
			break
		}
		b = b[n:]
	}
	for len(b) > 0 {
		r, n := utf8.DecodeLastRune(b)
		if !isSpace(r) {
			break
		}
		b = b[:len(b)-n]
	}
	return b
}

func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\v', '\f', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return r >= 0x2000 && r <= 0x200B
}
