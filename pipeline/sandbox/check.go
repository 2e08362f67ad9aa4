package sandbox

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// violation is the first thing in a body that breaks a rule.
type violation struct {
	title     string // in words, without the value
	parameter string // the attribute it is about
	path      string // where the schema forbids it: /properties/custom/additionalProperties
	value     []byte // the value as written, nil for none
}

// checker holds values to rules. It is safe for concurrent use.
type checker struct {
	formats  map[string]func([]byte) bool
	patterns map[string]func([]byte) bool
}

func newChecker() *checker { return &checker{formats(), patterns()} }

// check gives the first violation in the order of the text, nil for none. name is the member v stands in.
func (c *checker) check(v value, r *rule, name string) *violation {
	if v.isNull() && r.null || r.shape == anything {
		return nil
	}
	if !shaped(v, r.shape) {
		return broken(v, name, "/type", "Invalid type: %s (expected %s)", typeName(v), shapeName(r))
	}
	if r.enum != nil && !among(v, r.enum) {
		return broken(v, name, "/enum", "No enum match")
	}
	switch r.shape {
	case text:
		return c.checkText(v, r, name)
	case number, integer:
		if r.low < r.high {
			return checkRange(v, r, name)
		}
	case list:
		return c.checkList(v, r, name)
	case group:
		return c.checkGroup(v, r, name)
	}
	return nil
}

func (c *checker) checkText(v value, r *rule, name string) *violation {
	b := v.bytes()
	if r.min > 0 || r.max > 0 {
		length := units(b)
		if length < r.min {
			return broken(v, name, "/minLength", "String is too short (%d chars), minimum %d", length, r.min)
		}
		if length > r.most() {
			return broken(v, name, "/maxLength", "String is too long (%d chars), maximum %d", length, r.max)
		}
	}
	if r.format != "" && !c.formats[r.format](b) {
		return broken(v, name, "/format", "Format validation failed (%s)", r.format)
	}
	if r.pattern != "" && !c.patterns[r.pattern](b) {
		return broken(v, name, "/pattern", "String does not match pattern")
	}
	return nil
}

// units is the length of a text as the org counts it: in UTF-16 units, since its errors on the wire are those of a
// JavaScript validator, which compares the length of a string
// (https://github.com/geraintluff/tv4/blob/master/source/string.js).
func units(b []byte) int {
	n := utf8.RuneCount(b)
	for _, c := range b {
		if c >= 0xF0 { // begins a character beyond the first 65,536, which has two
			n++
		}
	}
	return n
}

func checkRange(v value, r *rule, name string) *violation {
	switch f := v.float(); {
	case f < r.low:
		return broken(v, name, "/minimum", "Value is less than minimum %g", r.low)
	case f > r.high:
		return broken(v, name, "/maximum", "Value is greater than maximum %g", r.high)
	}
	return nil
}

func (c *checker) checkList(v value, r *rule, name string) *violation {
	if v.len() > r.most() {
		return broken(v, name, "/maxItems", "Array is too long (%d), maximum %d", v.len(), r.max)
	}
	for i, item := range v.items() {
		if r.item == nil {
			continue
		}
		if found := c.check(item, r.item, name); found != nil {
			return found.under("/items")
		}
		if !r.unique {
			continue
		}
		for j, other := range v.items() {
			if j == i {
				break
			}
			if item.equal(other) {
				return broken(v, name, "/uniqueItems", "Array items are not unique (indices %d and %d)", j, i)
			}
		}
	}
	return nil
}

func (c *checker) checkGroup(v value, r *rule, name string) *violation {
	if v.len() > r.most() {
		return broken(v, name, "/maxProperties", "Too many properties defined (%d), maximum %d", v.len(), r.max)
	}
	var space [32]*rule
	seen, needed := space[:0], 0
	for key, member := range v.members() {
		b := key.bytes()
		mine := r.fields[string(b)]
		if mine == nil {
			if r.open {
				continue
			}
			return broken(member, string(b), "/additionalProperties", "Additional properties not allowed")
		}
		if slices.Contains(seen, mine) {
			return broken(member, string(b), "/properties/"+string(b), "Property defined twice")
		}
		if found := c.check(member, mine, string(b)); found != nil {
			return found.under("/properties/" + string(b))
		}
		seen = append(seen, mine)
		if mine.required {
			needed++
		}
	}
	if needed == len(r.needs) {
		return nil
	}
	return r.missing(v)
}

// missing is the violation of a group without one of its required members.
func (r *rule) missing(v value) *violation {
	for i, name := range r.needs {
		if !v.get(name).exists() {
			return &violation{title: "Missing required property: " + name, parameter: name, path: "/required/" + strconv.Itoa(i)}
		}
	}
	return nil
}

func (r *rule) most() int {
	if r.max == 0 {
		return unbounded
	}
	return r.max
}

func broken(v value, name, path, title string, args ...any) *violation {
	return &violation{title: fmt.Sprintf(title, args...), parameter: name, path: path, value: v.raw()}
}

func (x *violation) under(path string) *violation {
	x.path = path + x.path
	return x
}

func shaped(v value, s shape) bool {
	switch s {
	case text:
		return v.kind() == '"'
	case number:
		return v.kind() == '0' && !math.IsInf(v.float(), 0)
	case integer:
		return v.kind() == '0' && v.float() == math.Trunc(v.float())
	case flag:
		return v.kind() == 't' || v.kind() == 'f'
	case list:
		return v.kind() == '['
	default:
		return v.kind() == '{'
	}
}

// among reports whether v is one of the JSON texts of an enum.
func among(v value, enum []string) bool {
	raw := v.raw()
	switch {
	case v.kind() == '0':
		raw = strconv.AppendFloat(nil, v.float(), 'f', -1, 64)
	case v.node().escaped:
		raw = slices.Concat([]byte{'"'}, v.bytes(), []byte{'"'})
	}
	for _, one := range enum {
		if string(raw) == one {
			return true
		}
	}
	return false
}

func typeName(v value) string {
	return map[byte]string{'n': "null", 't': "boolean", 'f': "boolean", '0': "number", '"': "string", '[': "array",
		'{': "object"}[v.kind()]
}

func shapeName(r *rule) string {
	name := [...]string{"any", "string", "number", "integer", "boolean", "array", "object"}[r.shape]
	if r.null {
		return name + "/null"
	}
	return name
}
