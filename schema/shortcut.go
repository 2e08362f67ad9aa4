package schema

import (
	"math"
	"unicode/utf8"
)

// A shortcut is what proves most values of a rule right: that they are of a kind, have so many bytes, and that also,
// when not nil, holds of them. most < least where only check can tell.
type shortcut struct {
	kind        byte
	least, most int
	also        func(text []byte) bool
}

var noShortcut = shortcut{least: 0, most: -1}

// shortcut gives that of text where the rule allows text, else that of numbers, or of true and false.
func (r *Rule) shortcut() shortcut {
	switch {
	case r == nil || r.forbidden:
		return noShortcut
	case r.kinds&kindText != 0:
		return r.textShortcut()
	case r.enum != nil || r.constant != nil:
		return noShortcut
	case r.kinds&kindNumber != 0 && r.bounds == nil:
		return shortcut{'0', 0, math.MaxInt, isNumber}
	case r.kinds&kindBool != 0:
		return shortcut{'t', 0, math.MaxInt, isTruth}
	}
	return noShortcut
}

// textShortcut goes by the length, as far as bytes tell of characters: these are never more, and at least a quarter as
// many.
func (r *Rule) textShortcut() shortcut {
	s := shortcut{'"', 4 * r.minLength, math.MaxInt, nil}
	if r.maxLength >= 0 {
		s.most = r.maxLength
	}
	asks := 0
	if r.enum != nil {
		s.also, asks = r.enum.holdText, asks+1
	}
	if r.constant != nil {
		s.also, asks = r.constant.holdText, asks+1
	}
	if r.format != nil {
		s.also, asks = r.format, asks+1
	}
	if r.pattern != nil {
		s.also, asks = r.pattern.match, asks+1
	}
	switch {
	case asks > 1:
		return noShortcut
	case asks == 0 && s.least > s.most:
		s.least, s.also = r.minLength, isASCII // as a code of two letters: as many characters as bytes
	}
	return s
}

func isNumber(text []byte) bool {
	_, ok := isDecimal(text)
	return ok
}

func isTruth(text []byte) bool { return string(text) == "true" || string(text) == "false" }

func isASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
