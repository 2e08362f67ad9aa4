package schema

import (
	"encoding/json"
	"unicode/utf8"
)

// A Rule is what the schema says of one place, compiled. Immutable, safe for concurrent use.
type Rule struct {
	kinds                kinds
	forbidden            bool // no value may stand here
	enum, constant       *literals
	minLength, maxLength int  // in characters; maxLength -1: none
	units                bool // maxLength is in UTF-16 units as well
	pattern              *pattern
	format               func([]byte) bool
	bounds               []bound
	findings             [failures]Finding // what to say of each failure; Path is the place with [] for lists
}

// kinds is a set of JSON types.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBool
	kindInteger
	kindNumber // and integers
	kindText
	kindArray
	kindObject
	anyKind = kindNull | kindBool | kindInteger | kindNumber | kindText | kindArray | kindObject
)

// kindsByName is the vocabulary of the keyword type.
var kindsByName = map[string]kinds{
	"null": kindNull, "boolean": kindBool, "integer": kindInteger, "number": kindNumber | kindInteger,
	"string": kindText, "array": kindArray, "object": kindObject,
}

// failed is a set of keywords a value does not satisfy, by position in failureNames.
type failed uint16

const (
	failsType failed = 1 << iota
	failsConst
	failsEnum
	failsMinLength
	failsMaxLength
	failsPattern
	failsFormat
	failsMinimum
	failsExclusiveMinimum
	failsMaximum
	failsExclusiveMaximum
	failsUnits // maxLength, in UTF-16 units alone
	failsBeing // additionalProperties is false: nothing may stand here

	failures = iota
)

var failureNames = [failures]string{
	"type", "const", "enum", "minLength", "maxLength", "pattern", "format",
	"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "maxLength", "additionalProperties",
}

// A bound is one of the four keywords that limit a number.
type bound struct {
	fails     failed
	value     fixed
	upper     bool
	exclusive bool
}

// Rule compiles what the schema says of the values at path ("emails[].email", "custom.avgSatScoreNum", "tags[]"). nil:
// the schema says something there, or above it, that the compiler does not understand, or does not allow the place at
// all; such values must go to the judge. Costs microseconds: call it once for each column, not for each row.
func (v *Validator) Rule(path string) *Rule {
	if r := v.rule(v.resolve(path)); r != nil && !r.forbidden {
		return r
	}
	return nil
}

// Proves reports whether a value certainly satisfies everything the schema says of the place. kind is the JSON kind by
// first byte ('"' '0' 't' 'n' '[' '{'); text is the plain text of a string, not escaped, and the literal of all others.
// false is no verdict: ask the judge. A nil Rule proves nothing. It does not allocate and keeps no reference to text.
func (r *Rule) Proves(kind byte, text []byte) bool {
	if r == nil {
		return false
	}
	fails, sure := r.check(kind, text)
	return sure && fails == 0
}

// rule compiles the place that resolve found, nil when it cannot be compiled.
func (v *Validator) rule(t target) *Rule {
	if t.forbidden {
		r := &Rule{forbidden: true}
		r.findings[failures-1] = v.finding(t.path, "additionalProperties", t.containers[len(t.containers)-1], t.name)
		return r
	}
	if t.opaque {
		return nil
	}
	fields, always, isObject := v.doc.follow(t.node)
	if !isObject && !always {
		return nil
	}
	r := &Rule{kinds: anyKind, maxLength: -1, units: v.isCustomer}
	for name, value := range fields {
		if keywords[name].reading == opaque || !r.keyword(name, value) {
			return nil
		}
	}
	for i, name := range failureNames {
		if _, says := fields[name]; says {
			r.findings[i] = v.finding(t.path, name, fields, "")
		}
		if failed(1)<<i == failsUnits {
			r.findings[i].Expected += inUnits
		}
	}
	return r
}

// keyword takes one keyword of the schema into the rule; false when its value is not of a form the rule can hold to.
// Keywords about the inside of lists and objects need nothing: check leaves those values to the judge.
func (r *Rule) keyword(name string, value any) (ok bool) {
	switch name {
	case "type":
		r.kinds, ok = kindsOf(value)
		return ok
	case "enum":
		r.enum, ok = newLiterals(value)
		return ok
	case "const":
		r.constant, ok = newLiterals([]any{value})
		return ok
	case "minLength":
		r.minLength, ok = count(value)
		return ok
	case "maxLength":
		r.maxLength, ok = count(value)
		return ok
	case "pattern":
		text, _ := value.(string)
		r.pattern = newPattern(text)
		return r.pattern != nil
	case "format":
		text, _ := value.(string)
		r.format = formatRule(text)
		return r.format != nil
	case "minimum":
		return r.bound(value, bound{fails: failsMinimum})
	case "exclusiveMinimum":
		return r.bound(value, bound{fails: failsExclusiveMinimum, exclusive: true})
	case "maximum":
		return r.bound(value, bound{fails: failsMaximum, upper: true})
	case "exclusiveMaximum":
		return r.bound(value, bound{fails: failsExclusiveMaximum, upper: true, exclusive: true})
	}
	return true
}

// kindsOf reads the keyword type.
func kindsOf(value any) (set kinds, ok bool) {
	names, isList := value.([]any)
	if !isList {
		names = []any{value}
	}
	for _, name := range names {
		text, _ := name.(string)
		if kindsByName[text] == 0 {
			return 0, false
		}
		set |= kindsByName[text]
	}
	return set, len(names) > 0
}

// count reads a keyword whose value is a number of things.
func count(value any) (int, bool) {
	number, _ := value.(json.Number)
	n, err := number.Int64()
	return int(n), err == nil && n >= 0 && n < 1<<31
}

func (r *Rule) bound(value any, b bound) bool {
	number, _ := value.(json.Number)
	if _, ok := isDecimal([]byte(number)); !ok {
		return false
	}
	var ok bool
	b.value, ok = parseFixed([]byte(number))
	r.bounds = append(r.bounds, b)
	return ok
}

// check gives the keywords that the value certainly fails, as the judge would; !sure: only the judge can tell.
func (r *Rule) check(kind byte, text []byte) (fails failed, sure bool) {
	if r.forbidden {
		return failsBeing, isJudgeable(kind, text)
	}
	switch kind {
	case '"':
		fails = r.checkText(text)
		// Invalid UTF-8 may reach the judge as other text: such a value can be proven right, not wrong.
		return fails, fails == 0 || utf8.Valid(text)
	case '0':
		return r.checkNumber(text)
	case 't', 'f':
		if r.kinds&kindBool == 0 {
			return failsType, true
		}
		return r.checkLiterals('t', text), isTruth(text)
	case 'n':
		if r.kinds&kindNull == 0 {
			return failsType, true
		}
		return r.checkLiterals('n', nil), true
	}
	return 0, false
}

// isJudgeable reports whether the judge can surely be asked about a record that holds the value: see sane.
func isJudgeable(kind byte, text []byte) bool {
	switch kind {
	case '"', 't', 'f', 'n':
		return true
	case '0':
		_, ok := isDecimal(text)
		return ok
	}
	return false
}

func (r *Rule) checkText(text []byte) (fails failed) {
	if r.kinds&kindText == 0 {
		return failsType
	}
	if r.enum != nil || r.constant != nil {
		fails = r.checkLiterals('"', text)
	}
	// Characters are never more than bytes, and at least a quarter of them: mostly nothing needs to be counted.
	if r.maxLength >= 0 && len(text) > r.maxLength {
		switch n := utf8.RuneCount(text); {
		case n > r.maxLength:
			fails |= failsMaxLength
		case r.units && n+pairs(text) > r.maxLength:
			fails |= failsUnits
		}
	}
	if len(text) < 4*r.minLength && utf8.RuneCount(text) < r.minLength {
		fails |= failsMinLength
	}
	if r.format != nil && !r.format(text) {
		fails |= failsFormat
	}
	if r.pattern != nil && !r.pattern.match(text) {
		fails |= failsPattern
	}
	return fails
}

func (r *Rule) checkNumber(text []byte) (fails failed, sure bool) {
	integer, ok := isDecimal(text)
	if !ok {
		return 0, false
	}
	if r.kinds&kindNumber == 0 && (r.kinds&kindInteger == 0 || !integer) {
		return failsType, r.kinds&kindInteger == 0 // 1.0 is an integer too
	}
	fails, sure = r.checkLiterals('0', text), true
	if fails != 0 {
		sure = isSmallInteger(text) && r.enum.onlySmallIntegers() && r.constant.onlySmallIntegers()
	}
	if len(r.bounds) == 0 {
		return fails, sure
	}
	value, ok := parseFixed(text)
	for _, b := range r.bounds {
		if b.exclusive && value == b.value || !b.upper && value < b.value || b.upper && value > b.value {
			fails |= b.fails
		}
	}
	return fails, sure && ok
}

func (r *Rule) checkLiterals(kind byte, text []byte) (fails failed) {
	if r.enum != nil && !r.enum.hold(kind, text) {
		fails |= failsEnum
	}
	if r.constant != nil && !r.constant.hold(kind, text) {
		fails |= failsConst
	}
	return fails
}
