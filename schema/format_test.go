package schema

import (
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xeipuuv/gojsonschema"
	"pgregory.net/rapid"
)

func mustJSON(t rapid.TB, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var formatFixtures = map[string]struct{ good, bad []string }{
	"email-relaxed": {
		[]string{"a@example.com", "A.B+c@EXAMPLE.co.uk", "o'neil@a-b.museum", ".dots..everywhere.@example.com",
			"jörg@müller.de", "a@b_c.example.com", "a@1.2",
			strings.Repeat("a", 242) + "@example.com"},
		[]string{"", "@", "a@", "@example.com", "a@b", "a@b.", "a@.b", "a@b..c", "a b@example.com", "a@exa mple.com",
			"a@@example.com", "a@b@example.com", "a@-b.com", "a@b-.com",
			"a,b@example.com", "<a@example.com>", `"a b"@example.com`, "a@example.com ", " a@example.com", "a@example.com\n",
			"a@[127.0.0.1]", "a@example.com:25", "mailto:a@example.com",
			"a@" + strings.Repeat("b", 64) + ".com", strings.Repeat("a", 243) + "@example.com"},
	},
	"phone-number": {
		[]string{"+31201234567", "31201234567", "+12", "+123456789012345"},
		[]string{"", "+", "1", "+1", "+0201234567", "0201234567", "+1234567890123456", "+31 20 1234567", "+31-20",
			"++31201234567", "(020)1234567", "+3120123456x", "٣١٢٠١٢٣٤٥٦٧"},
	},
	"whatsapp-number": {
		[]string{"+31612345678", "1234567"},
		[]string{"", "+123456", "+06123456789", "+1234567890123456", "+31 6 12345678"},
	},
	"url": {
		[]string{"http://example.com", "https://example.com/a?b=c#d", "HTTPS://EXAMPLE.COM", "ftp://example.com/x",
			"http://user:pw@example.com:8080/", "http://[::1]/", "https://example.com/%C3%A9", "http://localhost"},
		[]string{"", "example.com", "www.example.com", "http://", "http:///x", "https://?q", "http:example.com",
			"mailto:a@example.com", "javascript:alert(1)", "https://exa mple.com", "https://example.com/é",
			"https://example.com/%C", "https://example.com/%zz", "https://example.com/<x>", "//example.com",
			"https://example.com\n"},
	},
	"uri": {
		[]string{"https://example.com", "mailto:a@example.com", "urn:isbn:0451450523", "tel:+31201234567", "a+b-c.d:x",
			"https://example.com/a%20b"},
		[]string{"", "example", "example.com/x", ":x", "1a:x", "a:", "https://example.com/a b", "https://example.com/é",
			`c:\x`, "a:%2", "a:{x}"},
	},
	"date-time": {
		[]string{"2024-05-31T09:30:00Z", "2024-02-29T00:00:00Z", "2000-02-29T23:59:59.9Z", "1970-01-01T00:00:00.123456789Z",
			"2024-05-31T09:30:00+02:00", "2024-05-31T09:30:00.5-23:59", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"},
		[]string{"", "2024-05-31", "09:30:00", "2024-05-31T09:30:00", "2024-05-31 09:30:00Z", "2024-05-31t09:30:00z",
			"2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z",
			"2024-13-01T00:00:00Z",
			"2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-05-31T24:00:00Z", "2024-05-31T09:60:00Z",
			"2024-05-31T09:30:60Z", "2024-05-31T09:30:00.Z", "2024-05-31T09:30:00.1234567890Z", "2024-05-31T09:30:00,5Z",
			"2024-05-31T09:30:00+0200", "2024-05-31T09:30:00+24:00", "2024-05-31T09:30:00+02:60", "2024-05-31T09:30:00ZZ",
			"20240531T093000Z", "2024-5-31T09:30:00Z", "2024-05-31T09:30:00.5", "2024-05-31T09:30:00Z "},
	},
}

func TestFormats(t *testing.T) {
	for _, f := range formats {
		fixtures, ok := formatFixtures[f.name]
		if !ok {
			t.Errorf("%s has no fixtures", f.name)
		}
		for _, text := range fixtures.good {
			if !f.holds([]byte(text)) {
				t.Errorf("%s refuses %q", f.name, text)
			}
		}
		for _, text := range fixtures.bad {
			if f.holds([]byte(text)) {
				t.Errorf("%s takes %q", f.name, text)
			}
		}
		if example := f.expected[strings.LastIndex(f.expected, " ")+1:]; f.name != "url" && !f.holds([]byte(example)) {
			t.Errorf("%s refuses its own example %q", f.name, example)
		}
	}
}

// What the formats take, the standard library can read.
func TestFormatsAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.StringMatching(`[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?(Z|[+-][0-2][0-9]:[0-6][0-9]|z|)`).Draw(t, "moment")
		_, err := time.Parse(time.RFC3339Nano, moment)
		// Go takes any number of digits after the point, we at most 9; Go takes offsets up to 24:00 and 23:60.
		if isDateTime([]byte(moment)) && err != nil {
			t.Errorf("%q: %v", moment, err)
		}
		if _, zone, _ := strings.Cut(moment, "T"); err == nil && !isDateTime([]byte(moment)) && len(zone) < 19 &&
			!strings.Contains(zone, ":6") && !strings.ContainsAny(zone, "+-") {
			t.Errorf("%q is refused", moment)
		}
		address := rapid.StringMatching(`[a-zA-Z0-9+:/?#@%. é<-]{0,20}`).Draw(t, "address")
		if u, err := url.Parse(address); isURI([]byte(address)) && err == nil && u.Scheme == "" {
			t.Errorf("%q has no scheme", address)
		}
	})
}

func TestFormatsAreRegisteredUnderNamesOfTheirOwn(t *testing.T) {
	before := gojsonschema.FormatCheckers.IsFormat("date-time", "09:30:00")
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { newTestValidator(t, nil) })
	}
	wait.Wait()
	if after := gojsonschema.FormatCheckers.IsFormat("date-time", "09:30:00"); before != after {
		t.Error("the library's own date-time has changed for everyone")
	}
	for _, f := range formats {
		if !gojsonschema.FormatCheckers.Has(judged(f.name)) {
			t.Errorf("%s is not registered", f.name)
		}
	}
	if v, err := Compile([]byte(`{"properties":{"a":{"format":"date-time"},"format":{"enum":["date-time"]}}}`)); err != nil {
		t.Fatal(err)
	} else if findings, _ := v.Validate([]byte(`{"a":"09:30:00","format":"date-time"}`)); len(findings) != 1 ||
		findings[0].Path != "a" {
		t.Errorf("%+v", findings)
	}
}
