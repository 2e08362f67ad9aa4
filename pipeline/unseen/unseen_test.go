package unseen

import (
	"slices"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTrim(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"plain":                        "plain",
		" \t\u00a0a b\u202f\u3000\r\n": "a b",
		"\ufeffname":                   "name",
		"\u200b\u200e\u2060a\u00ad":    "a",
		"\u202abo@example.org\u202c":   "bo@example.org",
		"\u2066\u200fa\u2069":          "a",
		"\u202bשלום\u202c abc":         "\u202bשלום\u202c abc", // the end of the stretch stands inside
		" \u202bשלום\u202c abc ":       "\u202bשלום\u202c abc",
		"\u200d\u200c\ufe0f":           "",
		"\u3164\u2800\U000e0001":       "",
		"نامه\u200cها":                 "نامه\u200cها",
		"ക്\u200d":                     "ക്\u200d", // a letter of Malayalam
		"👩\u200d🦰":                     "👩\u200d🦰",
		"❤\ufe0f":                      "❤\ufe0f",
		"葛\U000e0100 ":                 "葛\U000e0100",
		"\U0001f3f4\U000e0067\U000e0062\U000e007f": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
		"a\u200d":  "a",
		"a\u200bb": "a\u200bb",
		"—":        "—",
	} {
		if got := string(Trim([]byte(text))); got != want {
			t.Errorf("%+q: got %+q, want %+q", text, got, want)
		}
	}
}

// Most texts are not looked at twice, letters beyond ASCII or not.
func TestAtEdges(t *testing.T) {
	for _, text := range []string{"a", "é", "横浜", "鈴木 陽菜", "Łódź", "Владимир", "o’hara"} {
		if AtEdges([]byte(text)) {
			t.Errorf("%q is looked at twice", text)
		}
	}
}

// The quick look at bytes overlooks nothing; what is left of a text after trimming is trimmed; a text is blank if
// nothing is left of it; and what is compared holds nothing of the class.
func TestClass(t *testing.T) {
	letters := []rune("ab @\t\u00a0\u00e9\u200b\u200c\u200d\u200e\u202a\u202c\u2060\u00ad\ufeff\u3000\ufe0f\u3164\u061c\U000e0020字😀—")
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringOf(rapid.SampledFrom(letters)).Draw(t, "text"))
		trimmed := Trim(text)
		if len(text) > 0 && !AtEdges(text) && len(trimmed) != len(text) {
			t.Fatalf("%+q: the edges are clean, and yet it is trimmed to %+q", text, trimmed)
		}
		if string(Trim(trimmed)) != string(trimmed) {
			t.Fatalf("%+q: trimmed twice", text)
		}
		if Blank(text) != (len(trimmed) == 0) {
			t.Fatalf("%+q: blank %v, trimmed to %+q", text, Blank(text), trimmed)
		}
		compared := Append(nil, text)
		if In(compared) || string(Append(nil, compared)) != string(compared) || !utf8.Valid(compared) {
			t.Fatalf("%+q: compared as %+q", text, compared)
		}
		if !In(text) && string(compared) != string(trimSpace(text)) {
			t.Fatalf("%+q: nothing is in it, and it is compared as %+q", text, compared)
		}
	})
}

// The stretches that are gone through at the start hold the whole class.
func TestStretchesHoldTheClass(t *testing.T) {
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if !IsSpace(r) && !Is(r) {
			continue
		}
		if !slices.ContainsFunc(stretches[:], func(s [2]rune) bool { return s[0] <= r && r <= s[1] }) {
			t.Errorf("%U is in none", r)
		}
	}
}
