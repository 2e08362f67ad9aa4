package spelling

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"externalId", "email", "phones", "to"}
	for word, want := range map[string]string{
		"emial": "email", "External ID": "externalId", "external_id": "externalId", "phone": "phones", "PHONES": "phones",
		"ta": "to", "": "", "x": "", "address": "", "lamie": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}
