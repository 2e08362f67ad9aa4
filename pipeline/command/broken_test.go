package command

import "testing"

func TestMessagesBreakBetweenWords(t *testing.T) {
	for message, want := range map[string]string{
		"one two three": "one two\nthree", "wordswordswords a b": "wordswordswords\na b",
		"ä ö ü ß é": "ä ö ü ß\né", "a\nbb c d": "a\nbb c d",
	} {
		if got := broken(message, 7); got != want {
			t.Errorf("%q is %q, want %q", message, got, want)
		}
	}
	if got := broken("one two three", 0); got != "one two three" {
		t.Errorf("%q", got)
	}
}
