package mappings

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	records "muster/pipeline/object"
)

// A Form is how the values of a member are held against each other: in which form equal ones are equal texts.
type Form uint8

// The forms.
const (
	AsWritten Form = iota // every sign counts
	Folded                // capitals make no difference: e-mail addresses
	Digits                // only digits count: phone numbers, with or without whatsapp: and signs
	Account               // neither capitals nor an @ in front count: names of accounts
	Address               // neither the capitals of a host, its usual port nor a / alone behind it count: web pages
)

// A ListKey is a member that tells one entry of a list from another.
type ListKey struct {
	Member string
	Form   Form
}

// A List is a list of a customer's. This is the one description of how its entries are told apart: for the rows of a
// file, for what is compared with an org, and for what is joined with it.
type List struct {
	Name    string
	Members []string  // those that may be written
	Keys    []ListKey // two entries are the same where all of these are; none: where one says all that the other says
	Typed   bool      // its entries have a type, by which write: replace goes
	Most    int       // entries that it can hold
}

// Lists are all lists of a customer but its tags, and the domains of a company.
func Lists() []List {
	var all []List
	listed := fields
	if companies := records.Called("company"); companies != nil {
		listed = append(listed[:len(listed):len(listed)], domainsField(companies.Field("domains")))
	}
	for i := range listed {
		f := &listed[i]
		if f.shape != list {
			continue
		}
		one := List{Name: f.name, Keys: slices.Clone(f.same), Typed: f.typed(), Most: f.items}
		for _, m := range f.members {
			one.Members = append(one.Members, m.name)
		}
		all = append(all, one)
	}
	return all
}

// MostTags is how many tags a customer can have.
const MostTags = mostTags

func (f *field) typed() bool { return len(f.types) > 0 }

// Normal is a value in the form in which equal ones are equal texts.
func (f Form) Normal(text string) string {
	switch f {
	case Folded:
		return strings.ToLower(strings.TrimSpace(text))
	case Account:
		return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(text), "@"))
	case Digits:
		digits := strings.Map(func(c rune) rune {
			if c < '0' || c > '9' {
				return -1
			}
			return c
		}, text)
		if digits == "" {
			return text // no number, as one that is masked
		}
		return digits
	case Address:
		return normalAddress(text)
	}
	return text
}

// normalAddress is a web address as RFC 3986, 6.2.2 and 6.2.3 make equal ones the same; what is none stays as it is.
func normalAddress(text string) string {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" {
		return text
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	if u.Path == "/" {
		u.Path = ""
	}
	return u.String()
}

// equal says whether two values have the same Normal; it allocates nothing where they are plainly others.
func (f Form) equal(a, b []byte) bool {
	switch {
	case f == Digits && endOtherwise(a, b), f == Folded && beginOtherwise(a, b):
		return false
	case bytes.Equal(a, b):
		return true
	case f == Folded:
		return bytes.EqualFold(a, b)
	case f == Account:
		return bytes.EqualFold(bytes.TrimPrefix(a, at), bytes.TrimPrefix(b, at))
	case f == Digits:
		return sameDigits(a, b)
	case f == Address && (bytes.EqualFold(bytes.TrimSuffix(a, slash), bytes.TrimSuffix(b, slash)) || bytes.Count(a, colon)+
		bytes.Count(b, colon) > 2):
		return f.Normal(string(a)) == f.Normal(string(b))
	}
	return false
}

var at, slash, colon = []byte("@"), []byte("/"), []byte(":")

// beginOtherwise says whether two texts begin with other characters of ASCII, whatever their case.
func beginOtherwise(a, b []byte) bool {
	return len(a) > 0 && len(b) > 0 && (a[0]^b[0])&^0x20 != 0 && (a[0]|b[0]) < utf8.RuneSelf
}

// endOtherwise says whether two numbers end with other digits, as most do of which one is not the other.
func endOtherwise(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	x, y := a[len(a)-1], b[len(b)-1]
	return x != y && isDigit(x) && isDigit(y)
}

// sameDigits compares the digits of two texts, of which there must be some. It begins at their ends, where numbers of
// one country differ soonest.
func sameDigits(a, b []byte) bool {
	i, j := len(a)-1, len(b)-1
	for some := false; ; some = true {
		for i >= 0 && !isDigit(a[i]) {
			i--
		}
		for j >= 0 && !isDigit(b[j]) {
			j--
		}
		if i < 0 || j < 0 || a[i] != b[j] {
			return some && i < 0 && j < 0
		}
		i, j = i-1, j-1
	}
}
