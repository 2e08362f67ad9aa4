// Package printable makes texts of others safe to show: headers, names of files and of what is in archives, what an org
// calls itself, what a server says. What would steer a terminal, break a line or turn the direction of writing is shown
// as a sign in its place. A word in a command to be pasted is quoted so that a shell takes it as it is. Numbers of
// things are put into words.
package printable

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is a text on one line. Letters and signs of any script stay.
func Line(text string) string { return clean(text, "") }

// Lines is Line for a text that may have several, and tabs.
func Lines(text string) string { return clean(text, "\n\t") }

func clean(text, but string) string {
	if harmless(text, but) {
		return text
	}
	return strings.Map(func(c rune) rune {
		if shown(c) || strings.ContainsRune(but, c) {
			return c
		}
		return unicode.ReplacementChar
	}, text)
}

func harmless(text, but string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, c := range text {
		if !shown(c) && !strings.ContainsRune(but, c) {
			return false
		}
	}
	return true
}

// shown says whether a character is seen for what it is: IsPrint leaves out controls, line breaks, and the invisible
// ones that turn the direction of writing. Broken UTF-8 is decoded as U+FFFD, which is.
func shown(c rune) bool { return c == ' ' || unicode.IsPrint(c) }

// Writer is where messages go: what is written to it is cleaned as Lines does.
type Writer struct{ to io.Writer }

// NewWriter cleans what goes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w} }

// Write passes text on. A message is written in one piece, so no character is cut.
func (w *Writer) Write(b []byte) (int, error) {
	if _, err := io.WriteString(w.to, Lines(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// plainSigns are those that no shell takes for more than they are, wherever they stand in a word.
const plainSigns = "%+,-./:=@_"

// Word is a word as a shell takes it: as it stands, or in single quotes, or, where it holds what cannot be seen or
// would break the line, as $'…' with escapes, which bash, zsh and ksh know.
func Word(word string) string {
	if runtime.GOOS == "windows" {
		if quoted, ok := windowsWord(word); ok {
			return quoted
		}
	}
	plain, seen := word != "" && word[0] != '=' && word[0] != '%', utf8.ValidString(word)
	for _, c := range word {
		ascii := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		plain = plain && (ascii || strings.ContainsRune(plainSigns, c) || c > unicode.MaxASCII && unicode.IsLetter(c))
		seen = seen && shown(c)
	}
	switch {
	case plain && seen:
		return word
	case seen:
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(word) {
		switch {
		case c == '\\' || c == '\'':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c) // octal: as long as it is, whatever stands behind it
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// File is a file's name as a word of a command: one that begins with a hyphen is no flag.
func File(name string) string {
	if strings.HasPrefix(name, "-") && name != "-" {
		name = "./" + name
	}
	return Word(name)
}

// Files are several, with spaces between them.
func Files(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = File(name)
	}
	return strings.Join(words, " ")
}

// Noun is a word for so many things: row of one, rows of any other number.
func Noun(n int64, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}

// Counted is a number of things in words: 1 row, 2 rows.
func Counted(n int, one string) string { return fmt.Sprintf("%d %s", n, Noun(int64(n), one)) }
