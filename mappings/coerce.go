package mappings

import (
	"time"
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
	asHandle                      // a name by which an account is found
	asObject                      // a JSON object, also where a cell holds it as text
	asIs                          // what the org says: text stays text, literals stay literals
)

// conversions has one row for each value type: what people call it, the code of its problem, what a
// cell must look like, the function that reads it, and what tells the texts that are ready (see conversion).
var conversions = [...]struct {
	name     string
	code     string
	expected string
	run      converter
	ready    func(text []byte) bool
}{
	asText:       {"text", codeJSON, "one text, not a list or an object", readText, isPlain},
	asLine:       {"text", codeJSON, "one text, not a list or an object", readLine, isPlain},
	asID:         {"id", codeJSON, "one id, not a list or an object", readID, isPlainID},
	asEmail:      {"e-mail address", codeJSON, "one e-mail address, not a list or an object", readID, isPlainID},
	asPhone:      {"phone number", codePhone, "", readPhone, isReadyPhone},
	asNumber:     {"number", codeNumber, "", readNumber, isPlainNumber},
	asDate:       {"date", codeDate, "", readDate, nil},
	asBool:       {"yes or no", codeBool, "true or false, yes or no, 1 or 0, on or off", readBool, nil},
	asURL:        {"address", codeURL, "an address with its scheme, like https://example.com/page", readURL, isPlainURL},
	asGender:     {"gender", codeJSON, "m or f", readGender, nil},
	asCode:       {"code", codeJSON, "one code, not a list or an object", readCode, isUpperCode},
	asCodeOrName: {"code or name", codeJSON, "a two-letter code or a name", readCode, isUpperCode},
	asCountry:    {"country", codeJSON, "one country, not a list or an object", readCountry, isUpperCode},
	asZone:       {"time zone", codeJSON, "one time zone, not a list or an object", readZone, isPlainZone},
	asLocale:     {"locale", codeJSON, "one locale, not a list or an object", readLocale, isPlainLocale},
	asLanguage:   {"language", codeJSON, "one language, not a list or an object", readLanguage, isPlainLanguage},
	asHandle:     {"text", codeJSON, "one text, not a list or an object", readHandle, isPlainHandle},
	asObject:     {"JSON object", codeJSON, "a JSON object", readObject, nil},
	asIs:         {"as it is", codeJSON, "a JSON value", readAsIs, isPlain},
}

// A converter turns v, which holds a cell's trimmed text and JSON kind (never null or blank), into
// the value of a record, in place. What it must write anew goes into rec's buffer. It returns nil or
// why it cannot.
type converter func(c *conversion, v *Value, rec *Record) *fault

// A conversion is a value type with the properties of its column, decided once when it is bound.
type conversion struct {
	run     converter
	value   valueType
	ready   func(text []byte) bool // true: run would make the text the value as it stands, plain, of kind; nil: of none
	kind    byte
	layout  *layout // dates; nil: ISO 8601
	clock   *clock  // dates without an offset; nil: UTC
	decimal byte    // decimal mark, 0: not stated, so there are no grouping marks
	region  string  // phones, "" none
	daily   bool    // dates of which only the day counts
	today   int     // for these: later ones are in the future; 20240131
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
	c := &conversion{run: row.run, value: t, ready: row.ready, kind: '"', layout: m.layout, decimal: m.decimal,
		region: m.region}
	expected := row.expected
	switch t {
	case asPhone:
		expected = expectedPhone(m.region)
	case asNumber:
		expected, c.kind = expectedNumber(m.decimal), '0'
		if m.decimal == ',' {
			c.ready = nil
		}
	case asDate:
		expected, c.clock = expectedDate(m.layout), newClock(m.zone)
	}
	c.fault = &fault{row.code, expected}
	if !m.idle() {
		c.run, c.ready, c.inner, c.rewriting = readRewritten, nil, row.run, &m.rewriting
	}
	return c
}

const (
	codeNumber     = "cell.number"
	codeDerived    = "cell.derived"
	codeDate       = "cell.date"
	codeDateOrder  = "cell.date_order"
	codeBirthday   = "cell.birthday"
	codeBool       = "cell.bool"
	codePhone      = "cell.phone"
	codeURL        = "cell.url"
	codeJSON       = "cell.json"
	codeTooMany    = "cell.too_many"
	codeScientific = "cell.scientific"
	codeDecimal    = "cell.decimal"
	codeControl    = "cell.control"
)

// Codes lists every code that a Problem can have.
func Codes() []string {
	return []string{codeNumber, codeDerived, codeDate, codeDateOrder, codeBirthday, codeBool, codePhone, codeURL, codeJSON,
		codeTooMany, codeScientific, codeDecimal, codeControl,
		codeRuleRequired, codeRulePattern, codeRuleRange, codeRuleLength, codeRuleOneOf, codeRuleUnique, codeRuleLookup,
		codeRuleCheck}
}

var (
	brokenJSON = &fault{codeJSON, "valid JSON"}
	scientific = &fault{codeScientific, "all digits of the number; scientific notation, as spreadsheets make of long " +
		"numbers, has lost some"}
	decimal = &fault{codeDecimal, "the number without .0 behind it; a program that took it for an amount wrote it " +
		"so, and may have rounded it"}
	control   = &fault{codeControl, "text without control characters"}
	manyLines = &fault{codeControl, "text of one line"}
)
