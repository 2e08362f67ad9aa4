// Package redact hides customers' values in the files that hold any.
package redact

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"
)

// Redaction is how customers' values are hidden in the files that hold any.
type Redaction string

// The redactions, from none to all.
const (
	None Redaction = ""     // values stand as they are
	Mask Redaction = "mask" // the first character stays, and how long the value is
	Hash Redaction = "hash" // the same value has the same sign within one run, and no other
	Full Redaction = "full" // nothing is left
)

// Parse reads a redaction as people write it; "none" is None.
func Parse(word string) (Redaction, error) {
	switch r := Redaction(word); r {
	case None, Mask, Hash, Full:
		return r, nil
	case "none":
		return None, nil
	}
	return "", fmt.Errorf("%q is none of none, mask, hash, full", word)
}

// Redactor hides values. The zero value hides none; it belongs to one goroutine.
type Redactor struct {
	how  Redaction
	salt []byte
	out  []byte
}

// New hides values in this way; hashes are made under a salt of its own, which is kept nowhere.
func New(how Redaction) *Redactor {
	r := &Redactor{how: how}
	if how == Hash {
		r.salt = make([]byte, sha256.Size)
		_, _ = rand.Read(r.salt) // never fails: it ends the program instead
	}
	return r
}

// Another hides values in the same way, for another goroutine.
func (r *Redactor) Another() *Redactor { return &Redactor{how: r.how, salt: r.salt} }

// Hides says whether values are hidden.
func (r *Redactor) Hides() bool { return r != nil && r.how != None }

// redacted stands for a value of which nothing is left.
const redacted = "[redacted]"

// Hide returns what may be written of a value: the value itself, or bytes that are valid until the next
// call. A blank value stays blank.
func (r *Redactor) Hide(value []byte) []byte {
	if r == nil || r.how == None || len(value) == 0 {
		return value
	}
	switch r.how {
	case Mask:
		first, size := utf8.DecodeRune(value)
		r.out = utf8.AppendRune(r.out[:0], first)
		for range min(utf8.RuneCount(value[size:]), 64) {
			r.out = append(r.out, '*')
		}
	case Hash:
		sum := hmac.New(sha256.New, r.salt)
		sum.Write(value)
		r.out = hex.AppendEncode(append(r.out[:0], '#'), sum.Sum(nil)[:6])
	default:
		r.out = append(r.out[:0], redacted...)
	}
	return r.out
}

// HideAll is Hide for the cells of a row, which are copied where anything is hidden.
func (r *Redactor) HideAll(cells [][]byte) [][]byte {
	if r == nil || r.how == None || cells == nil {
		return cells
	}
	hidden := make([][]byte, len(cells))
	for i, c := range cells {
		hidden[i] = append([]byte(nil), r.Hide(c)...)
	}
	return hidden
}
