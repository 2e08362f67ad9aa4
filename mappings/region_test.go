package mappings_test

import (
	"slices"
	"testing"

	"muster/mappings"
)

// People say UK; its numbers are those of GB, in a flag and in a mapping.
func TestUKMeansGB(t *testing.T) {
	m, err := mappings.Parse("m", []byte("version: 1\nregion: uk\ncolumns:\n  tel: phones\n"))
	if err != nil || m.Region != "GB" {
		t.Fatal(err, m)
	}
	m, err = mappings.Parse("m", []byte("version: 1\ncolumns:\n  tel: phones\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Bind([]string{"tel"}, mappings.BindOptions{Region: "UK"}); err != nil {
		t.Error(err)
	}
	if got := mappings.Region("Germany"); got != "DE" {
		t.Error(got)
	}
	for word, want := range map[string]string{"uk": "GB", "United Kingdom": "GB", "de": "DE", "Deutschland": "DE",
		"Nowhere": ""} {
		if got := mappings.CountryCode(word); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestRegionsOf(t *testing.T) {
	for number, want := range map[string]string{"07400 123456": "GB", "0612345678": "NL", "(217) 555-0123": "US"} {
		if got := mappings.RegionsOf(number); !slices.Contains(got, want) {
			t.Errorf("%s: %v, want %s among them", number, got, want)
		}
	}
	if got := mappings.RegionsOf("nobody"); got != nil {
		t.Error(got)
	}
}

func TestWithRegion(t *testing.T) {
	const before = "version: 1\nregion: US\nkeys: [email]\ncolumns:\n  a: emails\n"
	if got := string(mappings.WithRegion([]byte(before),
		"uk")); got != "version: 1\nkeys: [email]\nregion: GB\ncolumns:\n  a: emails\n" {
		t.Error(got)
	}
	for _, m := range mappings.Presets() {
		name := m.Name[len("preset "):]
		with, err := mappings.Parse(name, mappings.WithRegion(mappings.PresetFile(name), "NL"))
		if err != nil || with.Region != "NL" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
