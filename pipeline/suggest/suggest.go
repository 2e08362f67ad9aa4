// Package suggest says which value was likely meant where a cell cannot be used. Its functions are pure, and say
// nothing where two values are as likely: what they suggest is shown to people and never applied unasked.
package suggest

import (
	"regexp"
	"strings"

	"muster/mappings"
	"muster/pipeline/spelling"
)

// A Cell is a cell that cannot be used.
type Cell struct {
	Code     string // of the problem
	Expected string // what would be right there, in the words of the problem
	Text     string
	Region   string // of which the phone numbers of its column are; "" unknown
}

// For is the value that was likely meant, "" where nothing is likely.
func For(c Cell) string {
	text := strings.TrimSpace(c.Text)
	got := ""
	switch {
	case text == "" || len(text) > longest:
	case c.Code == "cell.url":
		got = address(text)
	case c.Code == "cell.date":
		got = swappedDate(text, c.Expected)
	// a country: nothing else has so many
	case c.Code == "schema.length" && strings.HasPrefix(c.Expected, "exactly 2 characters"):
		got = mappings.NearCountry(text)
	case c.Code == "schema.format" && strings.Contains(c.Expected, "e-mail address"):
		got = email(text)
	case c.Code == "cell.phone" && strings.Contains(c.Expected, "need region"):
		got = mappings.PhoneIn(text, c.Region)
	case c.Code == "rule.one_of", c.Code == "klass.enum", c.Code == "schema.enum", c.Code == "cell.choice":
		got = choice(text, c.Expected)
	}
	if got == c.Text {
		return ""
	}
	return got
}

// longest bounds the texts that are looked at.
const longest = 320

var (
	host       = regexp.MustCompile(`^(?i)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#]\S*)?$`)
	damaged    = regexp.MustCompile(`^(?i)(https?)(?::/?|//?|;//|:\\\\)([a-z0-9][^\s:/\\@].*)$`)
	mailbox    = regexp.MustCompile(`^(?i)[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}$`)
	threeParts = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})([./-])(\d{4}|\d{2})$`)
)

// address puts https:// before what is one but for its scheme, and mends one whose scheme is torn.
func address(text string) string {
	if host.MatchString(text) && (strings.HasPrefix(strings.ToLower(text), "www.") || knownEnd(text)) {
		return "https://" + text
	}
	if parts := damaged.FindStringSubmatch(text); parts != nil && host.MatchString(parts[2]) {
		return strings.ToLower(parts[1]) + "://" + parts[2]
	}
	return ""
}

// knownEnd says whether a host ends as hosts do, and not as names of files do.
func knownEnd(text string) bool {
	name := text
	if at := strings.IndexAny(name, ":/?#"); at >= 0 {
		name = name[:at]
	}
	switch strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]) {
	case "com", "org", "net", "edu", "gov", "info", "biz", "eu", "io", "app", "dev", "shop", "example",
		"nl", "de", "uk", "fr", "es", "it", "be", "at", "ch", "se", "no", "dk", "fi", "pl", "cz", "pt", "ie", "us", "ca",
		"au", "nz", "br", "jp", "in":
		return true
	}
	return false
}

// swappedDate puts day and month in the order of the column's layout, where one of them can only be a day.
func swappedDate(text, expected string) string {
	dayFirst, monthFirst := strings.Contains(expected, "like DD") || strings.Contains(expected, "like D/") ||
		strings.Contains(expected, "like D."),
		strings.Contains(expected, "like MM") || strings.Contains(expected, "like M/")
	parts := threeParts.FindStringSubmatch(text)
	if parts == nil || parts[2] != parts[4] || dayFirst == monthFirst || !strings.Contains(expected, parts[2]) {
		return ""
	}
	one, two := number(parts[1]), number(parts[3])
	if dayFirst && one >= 1 && one <= 12 && two > 12 && two <= days(one) || monthFirst && two >= 1 && two <= 12 &&
		one > 12 && one <= days(two) {
		return parts[3] + parts[2] + parts[1] + parts[4] + parts[5]
	}
	return ""
}

func number(digits string) (n int) {
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// days is how many days a month has in every year.
func days(month int) int {
	switch month {
	case 2:
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// email undoes what people do to addresses: a comma for a dot, two signs for one, a space, what a list or a sentence
// left behind.
func email(text string) string {
	mended := strings.TrimFunc(text, func(r rune) bool { return strings.ContainsRune(" .,;:<>()\"'", r) })
	mended = strings.TrimPrefix(mended, "mailto:")
	for _, written := range []string{"(at)", "[at]", " at ", "@@"} {
		if strings.Count(mended, "@") == 0 || written == "@@" {
			mended = strings.Replace(mended, written, "@", 1)
		}
	}
	name, domain, one := strings.Cut(mended, "@")
	if !one {
		return ""
	}
	name, domain = strings.TrimSpace(name), strings.TrimSpace(domain)
	domain = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(domain, ",", "."), " .", "."), ". ", ".")
	for strings.Contains(domain, "..") {
		domain = strings.ReplaceAll(domain, "..", ".")
	}
	domain = provider(domain)
	if mended = name + "@" + domain; !mailbox.MatchString(mended) {
		return ""
	}
	return mended
}

// provider mends the domain of an address that is misspelt and one of those that most people have.
func provider(domain string) string {
	for _, known := range []string{"gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com"} {
		if strings.EqualFold(domain, strings.Replace(known, ".", "", 1)) || spelling.Near(strings.ToLower(domain), known) &&
			!host.MatchString(domain) {
			return known
		}
	}
	return domain
}

// choice is the one of a few values that was likely meant. expected names them all, as "one of gold, silver".
func choice(text, expected string) string {
	list, _, _ := strings.Cut(strings.TrimPrefix(expected, "one of "), ";")
	if !strings.HasPrefix(expected, "one of ") || strings.Contains(list, " more") {
		return ""
	}
	found := ""
	folded := spelling.Fold(text)
	for _, one := range strings.Split(list, ", ") {
		other := spelling.Fold(strings.Trim(one, `"`))
		if folded == other {
			return strings.Trim(one, `"`)
		}
		if max(len(folded), len(other)) < shortestChoice || digits(folded) || digits(other) || !spelling.Near(folded, other) {
			continue
		}
		if found != "" {
			return ""
		}
		found = strings.Trim(one, `"`)
	}
	return found
}

// shortestChoice is how many letters the longer of the two must have for a misspelt choice to be told from another
// word.
const shortestChoice = 5

func digits(text string) bool { return strings.ContainsAny(text, "0123456789") }
