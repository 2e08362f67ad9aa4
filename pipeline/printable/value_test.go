package printable

import "testing"

// TestWords: no JSON is shown to a person.
func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		``: "", `null`: "", `""`: "", `[]`: "", `"Ada"`: "Ada", `true`: "yes", `false`: "no",
		`12345678901234567890.10`: "12345678901234567890.10",
		`["a","b"]`:               "a; b", `[{"email":"ada@example.com","type":"work"},{"email":"a@example.org"}]`: "ada@example.com (work); a@example.org",
		`[{"email":"ada@example.com","verified":true}]`:          "ada@example.com, verified",
		`{"polarity":1,"confidence":0.5}`:                        "0.5, 1",
		`[{"cityName":"Köln","countryCode":"DE","type":"home"}]`: "Köln, DE (home)",
		`not JSON`: "not JSON",
	} {
		if got := Words([]byte(text)); got != want {
			t.Errorf("%s is %q, not %q", text, got, want)
		}
	}
}
