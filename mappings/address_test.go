package mappings_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/mappings"
)

func TestAnAddressInOneCellIsTakenApart(t *testing.T) {
	for text, want := range map[string]mappings.PostalAddress{
		"Lindenweg 4, 10115 Berlin":             {Street: "Lindenweg 4", Zip: "10115", City: "Berlin"},
		"Lindenweg 4, Hinterhaus, 10115 Berlin": {Street: "Lindenweg 4, Hinterhaus", Zip: "10115", City: "Berlin"},
		"Gracht 12\n1015 AB Amsterdam\nNederland": {Street: "Gracht 12", Zip: "1015 AB", City: "Amsterdam",
			Country: "Nederland"},
		"Ringstrasse 1, A-1010 Wien, Austria": {Street: "Ringstrasse 1", Zip: "1010", City: "Wien", Country: "Austria"},
		"12 Elm St, Springfield, IL 62704":    {Street: "12 Elm St", City: "Springfield", Region: "IL", Zip: "62704"},
		"12 Elm St, Apt 3, Springfield, IL 62704, USA": {Street: "12 Elm St, Apt 3", City: "Springfield", Region: "IL",
			Zip: "62704", Country: "USA"},
		"1 High Street, London SW1A 1AA": {Street: "1 High Street", City: "London", Zip: "SW1A 1AA"},
		"1 High Street, Leeds, LS1 4AB, United Kingdom": {Street: "1 High Street", City: "Leeds", Zip: "LS1 4AB",
			Country: "United Kingdom"},
		"Somewhere over the hill": {}, "Weg 1, Berlin": {},
	} {
		got, ok := mappings.TakeApart(text)
		if want == (mappings.PostalAddress{}) {
			want = mappings.PostalAddress{Street: text}
			if ok {
				t.Errorf("%q has no form, and is taken apart", text)
			}
		} else if !ok {
			t.Errorf("%q is not taken apart", text)
		}
		if got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}

// Law 10: no letter or digit of an address is lost, whether it is taken apart or not.
func TestNothingOfAnAddressIsLost(t *testing.T) {
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" ,;\n", r) {
				return -1
			}
			return r
		}, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z]{1,6} [0-9]{1,3}(, [A-Za-z]{2,8}){0,2}(, ([A-Z]{2} [0-9]{5}|[0-9]{5} [A-Z][a-z]{2,8}|[A-Z][a-z]{3} [A-Z][0-9] [0-9][A-Z]{2}))?(, (Germany|USA|X))?`).Draw(t, "address")
		a, _ := mappings.TakeApart(text)
		parts := a.Street + a.Zip + a.City + a.Region + a.Country
		if len(bare(parts)) != len(bare(text)) {
			t.Fatalf("%q became %+v", text, a)
		}
	})
}

func TestALastNameInFrontIsTurnedRound(t *testing.T) {
	for name, want := range map[string]string{"Byron, Ada": "Ada Byron", "van Dyk , Jan": "Jan van Dyk",
		"Ada Byron": "Ada Byron", "Byron,": "Byron,", "Byron, Ada, Jr.": "Byron, Ada, Jr."} {
		if got, _ := mappings.FirstNameFirst(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}
