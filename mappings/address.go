package mappings

import (
	"regexp"
	"slices"
	"strings"

	"muster/pipeline/unseen"
)

// PostalAddress is a postal address that stood in one cell, taken apart.
type PostalAddress struct{ Street, Zip, City, Region, Country string }

// part is one member of an address, as the function address of an expression names it.
func (a *PostalAddress) part(name string) (string, bool) {
	at := slices.Index(addressParts(), name)
	if at < 0 {
		return "", false
	}
	return [...]string{a.Street, a.Zip, a.City, a.Region, a.Country}[at], true
}

func addressParts() []string { return []string{"street", "zip", "city", "region", "country"} }

var (
	zipThenCity = regexp.MustCompile(`^(?:[A-Z]{1,2}-)?(\d{4} ?[A-Z]{2}|\d{4,5}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}) (\p{L}.*)$`)
	stateAndZip = regexp.MustCompile(`^([A-Z]{2}) (\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)$`)
	cityThenZip = regexp.MustCompile(`^(\p{L}.*?) ([A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})$`)
	britishZip  = regexp.MustCompile(`^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$`)
)

// TakeApart takes an address apart that is written with commas or on several lines, as in Germany ("Weg 1, 10115
// Berlin"), the United States ("1 Main St, Springfield, IL 62704, USA") or Britain ("1 High Street, London SW1A 1AA").
// ok is false where it has no such form: then all of it is the street, so that nothing of it is lost.
func TakeApart(text string) (a PostalAddress, ok bool) {
	text = string(unseen.Trim([]byte(text)))
	whole := PostalAddress{Street: text}
	var parts []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			parts = append(parts, part)
		}
	}
	if n := len(parts); n > 2 && len(parts[n-1]) > 2 && CountryCode(parts[n-1]) != "" {
		a.Country, parts = parts[n-1], parts[:n-1]
	}
	n := len(parts)
	if n < 2 {
		return whole, false
	}
	end := parts[n-1]
	switch {
	case n > 2 && stateAndZip.MatchString(end):
		m := stateAndZip.FindStringSubmatch(end)
		a.Region, a.Zip, a.City, parts = m[1], m[2], parts[n-2], parts[:n-2]
	case n > 2 && britishZip.MatchString(end):
		a.Zip, a.City, parts = end, parts[n-2], parts[:n-2]
	case zipThenCity.MatchString(end):
		m := zipThenCity.FindStringSubmatch(end)
		a.Zip, a.City, parts = m[1], m[2], parts[:n-1]
	case cityThenZip.MatchString(end):
		m := cityThenZip.FindStringSubmatch(end)
		a.City, a.Zip, parts = m[1], m[2], parts[:n-1]
	default:
		return whole, false
	}
	a.Street = strings.Join(parts, ", ")
	return a, true
}

// FirstNameFirst turns "Byron, Ada" round. ok is false where a name is not written so: it stays as it is.
func FirstNameFirst(name string) (turned string, ok bool) {
	last, first, comma := strings.Cut(name, ",")
	last, first = strings.TrimSpace(last), strings.TrimSpace(first)
	if !comma || last == "" || first == "" || strings.Contains(first, ",") {
		return name, false
	}
	return first + " " + last, true
}
