package mappings

import (
	"bytes"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"muster/pipeline/spelling"
)

// Region is a country as the phone library calls it: two letters, upper case. UK, as people say, is GB; a name or three letters
// are a country, too.
func Region(word string) string {
	if code := countryCodes()[spelling.Fold(word)]; code != "" {
		return code
	}
	if word = strings.ToUpper(strings.TrimSpace(word)); word == "UK" {
		return "GB"
	}
	return word
}

// regionsTried are the countries that phone numbers without a country code are tried for, those with the most exports first.
func regionsTried() []string {
	return []string{"US", "GB", "DE", "NL", "FR", "ES", "IT", "BE", "AT", "CH", "CA", "AU", "IE", "SE", "NO", "DK", "FI", "PL", "PT", "CZ", "BR", "MX", "IN", "ZA", "NZ", "SG", "JP"}
}

// RegionsOf are the countries of which a phone number without a country code can be. The more numbers are asked about, the fewer
// countries fit most of them. It asks the phone library two dozen times: ask about a sample.
func RegionsOf(number string) (regions []string) {
	if len(number) > longestPhone {
		return nil
	}
	digits := strings.TrimLeft(number, " (\t")
	for _, region := range regionsTried() {
		// A country whose numbers are written with a zero in front has it; where there is none of that kind, it has not.
		if zero := phonenumbers.GetNddPrefixForRegion(region, true) == "0"; region != "IT" && zero != strings.HasPrefix(digits, "0") {
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
