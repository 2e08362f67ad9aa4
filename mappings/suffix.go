package mappings

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Suffix is the end of a custom attribute's name, which is its type
// (https://developer.kustomer.com/docs/concepts/custom-attributes).
type Suffix struct {
	Name    string // "Num"
	Type    string // "number"
	Limit   string // what Kustomer allows, "" nothing said
	Meaning string // what a cell may hold
	value   valueType
}

// suffixes has one row for each type.
var suffixes = []Suffix{
	{"Str", "text", "at most 1024 characters", "any text", asText},
	{"Txt", "long text", "at most 1024 characters", "any text, of several lines too", asText},
	{"Num", "number", "", "a number in the column's decimal form", asNumber},
	{"At", "date", "", "a date in the column's layout", asDate},
	{"Bool", "yes or no", "", "true false, yes no, y n, 1 0, on off", asBool},
	{"Url", "address", "", "an absolute address, https://…", asURL},
	{"Id", "reference", "24 hexadecimal digits", "the id of another object in Kustomer", asID},
	{"Tree", "choice", "", "the id of a node of a multi-level list", asLine},
}

// Suffixes lists the types of custom attributes. The slice belongs to the caller.
func Suffixes() []Suffix { return append([]Suffix(nil), suffixes...) }

// suffixOf is the type that a name ends in, nil when it ends in none. The name must be more than the
// suffix, and the suffix a word of its own: paid ends in no Id.
func suffixOf(name string) *Suffix {
	for i := range suffixes {
		base, found := strings.CutSuffix(name, suffixes[i].Name)
		if found && base != "" && !unicode.IsUpper(rune(base[len(base)-1])) {
			return &suffixes[i]
		}
	}
	return nil
}

// SuffixOf is the type that a name ends in, "" where it ends in none.
func SuffixOf(name string) string {
	if s := suffixOf(name); s != nil {
		return s.Name
	}
	return ""
}

func suffixNames() []string {
	names := make([]string, len(suffixes))
	for i, s := range suffixes {
		names[i] = s.Name
	}
	return names
}

func suffixList() string { return strings.Join(suffixNames(), " ") }

// Camel makes a system name of a display name: Avg Sat Score, avg_sat_score → avgSatScore. Accents go
// off; what has no Latin letters or digits gives "".
func Camel(name string) string {
	var b strings.Builder
	upper := false
	for _, r := range norm.NFKD.String(strings.ReplaceAll(name, "ß", "ss")) {
		switch {
		case r < unicode.MaxASCII && (isLetter(byte(r)) || isDigit(byte(r)) && b.Len() > 0):
			if upper && b.Len() > 0 {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
			upper = false
		case unicode.Is(unicode.Mn, r):
		default:
			upper = true
		}
	}
	return lowerFirst(b.String())
}

// SystemName makes an attribute's name of a column's. One that is a system name already stays as it is:
// custom.shoeSizeNum and customShoeSizeNum, as exports write members of custom, are shoeSizeNum. own says that it was
// one.
func SystemName(column string) (name string, own bool) {
	name = BareName(column)
	if isName(name) && suffixOf(name) != nil && !strings.ContainsAny(name, "_-") && unicode.IsLower(rune(name[0])) {
		return name, true
	}
	return Camel(name), false
}

// BareName takes off a column's name what says that it is a member of custom.
func BareName(column string) string {
	name := strings.TrimSpace(column)
	if rest, found := strings.CutPrefix(name, "custom"); found && rest != "" {
		switch bare := strings.TrimLeft(rest, "./_-"); {
		case bare != rest && bare != "":
			name = bare
		case isName(rest) && unicode.IsUpper(rune(rest[0])):
			name = lowerFirst(rest)
		}
	}
	return name
}

// lowerFirst puts the first word in lower case: VIP → vip, IDNumber → idNumber, Name → name.
func lowerFirst(name string) string {
	n := 0
	for n < len(name) && name[n] >= 'A' && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) && isLetter(name[n]) {
		n--
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// WithSuffix adds a type to a name that does not end in it yet.
func WithSuffix(base, suffix string) string {
	if s := suffixOf(base); s != nil && s.Name == suffix {
		return base
	}
	// A suffix is a word of its own, so that no capital may stand before it: klaviyoID → klaviyoId.
	end := len(base)
	for end > 1 && base[end-1] >= 'A' && base[end-1] <= 'Z' && base[end-2] >= 'A' && base[end-2] <= 'Z' {
		end--
	}
	if end == len(base) && base[end-1] >= 'A' && base[end-1] <= 'Z' {
		end--
	}
	return base[:end] + strings.ToLower(base[end:]) + suffix
}
