package mappings

import (
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// A name with characters that cannot be seen, or that turn a line round, is written so that they are seen, and read as
// it was.
func TestQuotedNamesAreSeen(t *testing.T) {
	for _, name := range []string{"na\u202eme", "\u200bemail", "a\x1b[31m", "tag\U000E0041", "Größe 名前", "100 % \"net\""} {
		line := Quote(name)
		if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q is written %q", name, line)
		}
		var back string
		if err := yaml.Unmarshal([]byte(line), &back); err != nil || back != name {
			t.Errorf("%q came back as %q: %v", name, back, err)
		}
		if comment := Printable(name); strings.ContainsFunc(comment, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q stands in a comment as %q", name, comment)
		}
	}
}
