package mappings

import (
	"strings"
	"testing"
	"time"
)

// Countries, locales, languages and zones in the forms they come in, as Kustomer has them.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ target, cells, want string }{
		{"locations.countryCode", "NL|nl|NLD|Netherlands|The Netherlands|Niederlande|PAYS-BAS|UK|United " +
			"Kingdom|Deutschland|Atlantis|Holland", "NL|NL|NL|NL|NL|NL|NL|GB|GB|DE|Atlantis|NL"},
		{"locations.country", "NL|NLD|Netherlands|usa|U", "code NL|code NL|Netherlands|code US|U"},
		{"locale", "en_US|en-us|EN|de-DE|German|deutsch|zh-Hans-CN|Klingon|pt",
			"en_US|en_US|en|de_DE|de|de|zh-Hans-CN|Klingon|pt"},
		{"defaultLang", "en_us|en-US|French|nederlands|deu", "en_us|en_us|fr|nl|de"},
		{"timeZone", "Copenhagen|Europe/Amsterdam|Pacific Time (US & Canada)|Eastern time (us & canada)|UTC|Mars",
			"Europe/Copenhagen|Europe/Amsterdam|America/Los_Angeles|America/New_York|Etc/UTC|Mars"},
	} {
		plan := bound(t, "version: 1\ncolumns: {A: "+c.target+"}\n", "A", BindOptions{})
		wants := strings.Split(c.want, "|")
		for i, cell := range strings.Split(c.cells, "|") {
			var rec Record
			plan.Map(splitCells(cell), nil, &rec)
			got := string(rec.Values[0].Text)
			if strings.HasSuffix(plan.Slots[rec.Values[0].Slot].Path, "countryCode") && c.target == "locations.country" {
				got = "code " + got
			}
			if got != wants[i] || len(rec.Problems) > 0 {
				t.Errorf("%s: %s is %s, want %s", c.target, cell, got, wants[i])
			}
		}
	}
}

// Every zone that a name stands for is one, and every list was read to its end.
func TestPlaceLists(t *testing.T) {
	for rails, zone := range zoneNames() {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", rails, err)
		}
	}
	if len(zoneNames()) < 140 || len(countryCodes()) < 2000 || len(languageCodes()) < 1000 {
		t.Error(len(zoneNames()), len(countryCodes()), len(languageCodes()))
	}
	for _, m := range []map[string]string{countryCodes(), languageCodes()} {
		for name, code := range m {
			if code != "" && len(code) != 2 {
				t.Errorf("%s is %q", name, code)
			}
		}
	}
}
