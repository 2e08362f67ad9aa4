package mappings

import (
	"bytes"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"muster/pipeline/spelling"
)

// Region is a country as the phone library calls it: two letters, upper case. UK, as people say, is GB; a name or three
// letters are a country, too.
func Region(word string) string {
	if code := countryCodes()[spelling.Fold(word)]; code != "" {
		return code
	}
	if word = strings.ToUpper(strings.TrimSpace(word)); word == "UK" {
		return "GB"
	}
	return word
}

// regionsTried are the countries that phone numbers without a country code are tried for, those with the most exports
// first.
func regionsTried() []string {
	return []string{"US", "GB", "DE", "NL", "FR", "ES", "IT", "BE", "AT", "CH", "CA", "AU", "IE", "SE", "NO", "DK", "FI",
		"PL", "PT", "CZ", "BR", "MX", "IN", "ZA", "NZ", "SG", "JP"}
}

// RegionsOf are the countries of which a phone number without a country code can be. The more numbers are asked about,
// the fewer countries fit most of them. It asks the phone library two dozen times: ask about a sample.
func RegionsOf(number string) (regions []string) {
	if len(number) > longestPhone {
		return nil
	}
	digits := strings.TrimLeft(number, " (\t")
	for _, region := range regionsTried() {
		// A country whose numbers are written with a zero in front has it; where there is none of that kind, it has not.
		if zero := phonenumbers.GetNddPrefixForRegion(region, true) == "0"; region != "IT" &&
			zero != strings.HasPrefix(digits, "0") {
			continue
		}
		n, err := phonenumbers.Parse(number, region)
		if err == nil && n.GetExtension() == "" && phonenumbers.IsValidNumberForRegion(n, region) {
			regions = append(regions, region)
		}
	}
	return regions
}

// PossibleIn says whether a phone number without a country code is taken where the region is given.
func PossibleIn(number, region string) bool {
	if len(number) > longestPhone || !isRegion(region) {
		return false
	}
	n, err := phonenumbers.Parse(number, region)
	return err == nil && n.GetExtension() == "" && phonenumbers.IsPossibleNumber(n)
}

// PhoneIn is a phone number that is written as in a country, in international form; "" it is no number in use there, or
// something else stands beside it.
func PhoneIn(number, region string) string {
	if len(number) > longestPhone || !isRegion(region) || strings.Trim(number, "+0123456789 ().-/\u00a0") != "" {
		return ""
	}
	n, err := phonenumbers.Parse(number, region)
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsValidNumberForRegion(n, region) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// RegionOfAll is the country that most of the numbers are of, and how many; others are those that fit as well.
// countries is how many of their rows name a country, which goes first where it fits. "": there is none.
func RegionOfAll(numbers []string, countries map[string]int) (region string, fits int, others []string) {
	for code, rows := range countries {
		if 2*rows <= len(numbers) {
			continue
		}
		n := 0
		for _, number := range numbers {
			if PossibleIn(number, code) {
				n++
			}
		}
		if 2*n > len(numbers) {
			return code, n, nil
		}
	}
	counts, order := map[string]int{}, []string{}
	for _, number := range numbers {
		for _, r := range RegionsOf(number) {
			if counts[r]++; counts[r] == 1 {
				order = append(order, r)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return counts[b] - counts[a] })
	if len(order) == 0 || 2*counts[order[0]] <= len(numbers) {
		return "", 0, nil
	}
	region, fits = order[0], counts[order[0]]
	for _, r := range order[1:] {
		if counts[r]*10 >= fits*9 {
			others = append(others, r)
		}
	}
	return region, fits, others
}

// CountryCode is the two letters of a country by its code or its name; "" it is none that is known.
func CountryCode(text string) string {
	if region := Region(text); isRegion(region) {
		return region
	}
	return countryCodes()[spelling.Fold(text)]
}

// WithRegion is a mapping file's text with the country of its phone numbers.
func WithRegion(text []byte, region string) []byte {
	if region == "" {
		return text
	}
	var out []byte
	done := false
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("region:")) {
			continue
		}
		if !done && bytes.HasPrefix(line, []byte("columns:")) {
			out, done = append(out, "region: "+Region(region)+"\n"...), true
		}
		out = append(out, line...)
	}
	return out
}

// WithoutMissing is a mapping file's text that takes a file as well that lacks some of the columns it names.
func WithoutMissing(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("missing:")) {
			continue
		}
		if bytes.HasPrefix(line, []byte("columns:")) {
			out = append(out, "missing: ignore\n"...)
		}
		out = append(out, line...)
	}
	return out
}
