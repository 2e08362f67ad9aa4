package printable_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"muster/pipeline/printable"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"Ana de Vries": "Ana de Vries", "Bücher – 顧客 (2)": "Bücher – 顧客 (2)", "\x1b[31mred\x1b[0m": "�[31mred�[0m",
		"a\nb\r\tc":     "a�b��c",
		"\u202egnp.exe": "�gnp.exe", "a\u2066b\u2069": "a�b�", "\u009b31m": "�31m", "a\u2028b\u200b": "a�b�",
		"\xff\xfe": "��", "\x7f\x00": "��",
	} {
		if got := printable.Line(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	var b bytes.Buffer
	if n, err := printable.NewWriter(&b).Write([]byte("a\tb\n\x1b]0;title\a\n")); n != 15 || err != nil ||
		b.String() != "a\tb\n�]0;title�\n" {
		t.Errorf("%d, %v, %q", n, err, b.String())
	}
}

// Whatever a word holds, a shell gives it back as it was, the printed form is one line, and can be seen.
func TestAWordComesBack(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	back := func(t interface{ Fatalf(string, ...any) }, word string) {
		quoted := printable.Word(word)
		if strings.ContainsFunc(quoted, func(c rune) bool { return c != ' ' && !unicode.IsPrint(c) }) {
			t.Fatalf("%q: %q cannot be seen", word, quoted)
		}
		// An interactive shell: it expands ! and knows comments. HISTFILE: it must leave nothing behind.
		c := exec.Command("bash", "--norc", "--noprofile", "-O", "expand_aliases", "-c", "set -H; printf %s "+quoted)
		c.Env = []string{"HISTFILE=/dev/null", "HOME=/home/x"}
		if out, err := c.Output(); err != nil || string(out) != word {
			t.Fatalf("%q: %s gives %q, %v", word, quoted, out, err)
		}
	}
	for _, word := range []string{"", "a b", "`id`", "a\nb", "#x", "a#b", "~", "~root/x", "!!", "a!b", "{a,b}", "{}",
		"$HOME", "a'b", `a\b`, "a;b", "=x", "%1",
		"[ab]*", "\x1b[31m", "\u202ex", "\xff", "a\"b", "&", "|", "-rf", "a^b", "x=~", "PATH=x", "a\r", "7\x017", "ü", "*"} {
		back(t, word)
	}
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.StringOfN(rapid.SampledFrom([]rune("ab7 '\"`$\\!#~{}[]()*?;&|<>^=%\n\t\r\x1b\u202eü…")), 0, 12,
			-1).Draw(r, "word")
		back(r, word)
	})
}

func TestFiles(t *testing.T) {
	if got := printable.Files([]string{"-rf.csv", "-", "a b.csv"}); got != "./-rf.csv - 'a b.csv'" {
		t.Errorf("%s", got)
	}
}
