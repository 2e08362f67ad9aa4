package mappings

import (
	"testing"

	"pgregory.net/rapid"
)

// What is the same entry of a list to a file is the same one to an org: equal and Normal never disagree.
func TestForms(t *testing.T) {
	for _, one := range []struct {
		form Form
		a, b string
		same bool
	}{
		{AsWritten, "A-1", "A-1", true}, {AsWritten, "A-1", "a-1", false},
		{Folded, "Ann@Example.com", "ann@example.COM", true}, {Folded, "ann@example.com", "anne@example.com", false},
		{Digits, "+31612345678", "whatsapp:+31612345678", true}, {Digits, "+31612345678", "31 6 1234 5678", true},
		{Digits, "+31612345678", "+31612345679", false}, {Digits, "*****", "***", false}, {Digits, "+3161", "+31612", false},
		{Account, "@Ann", "ann", true}, {Account, "ann", "anna", false},
		{Address, "HTTPS://Example.com", "https://example.com/", true},
		{Address, "https://example.com:443/a", "https://example.com/a", true},
		{Address, "https://example.com/A", "https://example.com/a", false},
		{Address, "https://example.com/a/", "https://example.com/a", false},
		{Address, "http://example.com", "https://example.com", false}, {Address, "no address", "no Address", false},
	} {
		if got := one.form.equal([]byte(one.a), []byte(one.b)); got != one.same {
			t.Errorf("%d: %q and %q are the same: %v", one.form, one.a, one.b, got)
		}
		if got := one.form.Normal(one.a) == one.form.Normal(one.b); got != one.same {
			t.Errorf("%d: %q and %q have one normal form: %v", one.form, one.a, one.b, got)
		}
	}
}

func TestFormsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom([]Form{AsWritten, Folded, Digits, Account, Address}).Draw(t, "form")
		text := rapid.StringMatching(`((whatsapp:)?\+?[0-9]{0,4}|@?[aAbB]{1,3}|HTTPS?://[aB]\.nl(:80|:443)?/?[aA]?/?)`)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if one, other := form.equal([]byte(a), []byte(b)), form.Normal(a) == form.Normal(b); one != other {
			t.Fatalf("form %d: %q and %q: equal %v, one normal form %v", form, a, b, one, other)
		}
	})
}
