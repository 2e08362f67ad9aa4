package printable

import "strings"

// windowsSigns stand bare in a word, beside letters and digits, in the Command Prompt and in PowerShell. A comma does
// not: PowerShell makes two words of it.
const windowsSigns = `-_./\:+`

// windowsWord is a word of a command as both shells of Windows take it: bare, or in double quotes; in single ones,
// which PowerShell alone knows, where it would put a value in. The Command Prompt puts one in for %NAME% in any quotes.
// false: it has characters that neither can be given.
func windowsWord(word string) (quoted string, ok bool) {
	plain := word != ""
	for _, c := range word {
		if !shown(c) {
			return "", false
		}
		ascii := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		plain = plain && (ascii || strings.ContainsRune(windowsSigns, c))
	}
	switch {
	case plain:
		return word, true
	case strings.ContainsAny(word, "$`"):
		return "'" + strings.ReplaceAll(word, "'", "''") + "'", true
	}
	// a backslash before a quote, or before the last one, is doubled (CommandLineToArgvW)
	var b strings.Builder
	slashes := 0
	for _, c := range word {
		if c == '"' {
			b.WriteString(strings.Repeat(`\`, slashes+1))
		}
		if slashes++; c != '\\' {
			slashes = 0
		}
		b.WriteRune(c)
	}
	return `"` + b.String() + strings.Repeat(`\`, slashes) + `"`, true
}
