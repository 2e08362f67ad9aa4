package mappings

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"

	"muster/pipeline/spelling"
)

//go:embed countries.txt
var countriesFile string

//go:embed languages.txt
var languagesFile string

//go:embed zones.txt
var zonesFile string

// countryCodes are the two letters of countries by their three letters and their names, folded.
var countryCodes = sync.OnceValue(func() map[string]string { return codesOf(countriesFile) })

// languageCodes are the same of languages.
var languageCodes = sync.OnceValue(func() map[string]string { return codesOf(languagesFile) })

// codesOf reads a list of codes and names. A name that two of them have stands for neither.
func codesOf(file string) map[string]string {
	codes := map[string]string{}
	for line := range strings.Lines(file) {
		code, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		three, names, _ := strings.Cut(rest, " ")
		if !ok || code == "#" {
			continue
		}
		for _, name := range append(strings.Split(names, "|"), three) {
			key := spelling.Fold(name)
			if other, twice := codes[key]; twice && other != code {
				codes[key] = ""
				continue
			}
			codes[key] = code
		}
	}
	return codes
}

// zoneNames are the names of the time zone database by those that Rails has.
var zoneNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(zonesFile) {
		if rails, name, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(line, "#") {
			names[spelling.Fold(rails)] = name
		}
	}
	return names
})

// longestName bounds the texts that are looked up.
const longestName = 80

// readCountry writes a country as its two letters: from three letters, or from its name in one of many languages.
// What it does not know it leaves to the schema.
func readCountry(c *conversion, v *Value, rec *Record) *fault {
	if f := readCode(c, v, rec); f != nil || isCode(v.Text) {
		if bytes.Equal(v.Text, []byte("UK")) {
			v.Text = rec.keep('G', 'B')
		}
		return f
	}
	v.replace(countryCodes()[v.folded()], rec)
	return nil
}

// readAlphaThree writes three letters of a country as two, and leaves names as they are.
func readAlphaThree(c *conversion, v *Value, rec *Record) *fault {
	if f := readCode(c, v, rec); f != nil || len(v.Text) != 3 {
		return f
	}
	v.replace(countryCodes()[v.folded()], rec)
	return nil
}

// take lets another converter read the cells.
func (c *conversion) take(run converter) {
	if c.rewriting != nil {
		c.inner = run
		return
	}
	c.run = run
}

// readZone writes the names that Rails has for time zones as those of the time zone database, and leaves all
// others as they are.
func readZone(c *conversion, v *Value, rec *Record) *fault {
	if f := readLine(c, v, rec); f != nil || bytes.IndexByte(v.Text, '/') >= 0 {
		return f
	}
	v.replace(zoneNames()[v.folded()], rec)
	return nil
}

// readLocale writes a locale as Kustomer's examples have it, en_US: from en-us, from a language's name.
func readLocale(c *conversion, v *Value, rec *Record) *fault { return readTag(c, v, rec, true) }

// readLanguage writes a language as Kustomer's examples have it, en_us.
func readLanguage(c *conversion, v *Value, rec *Record) *fault { return readTag(c, v, rec, false) }

func readTag(c *conversion, v *Value, rec *Record, upper bool) *fault {
	if f := readLine(c, v, rec); f != nil {
		return f
	}
	if isTag(v.Text, upper) {
		return nil
	}
	language, country, parted := v.Text, []byte(nil), false
	if at := bytes.IndexAny(v.Text, "-_"); at >= 0 {
		language, country, parted = v.Text[:at], v.Text[at+1:], true
	}
	switch {
	case !parted && len(language) > 2:
		v.replace(languageCodes()[v.folded()], rec)
		return nil
	case !isCode(language) || parted && !isCode(country):
		return nil // a script, a variant, or no tag at all: as it is
	}
	start := len(rec.buffer)
	rec.buffer = append(rec.buffer, language[0]|0x20, language[1]|0x20)
	if parted {
		if rec.buffer = append(rec.buffer, '_', country[0]|0x20, country[1]|0x20); upper {
			rec.buffer[len(rec.buffer)-2] &^= 0x20
			rec.buffer[len(rec.buffer)-1] &^= 0x20
		}
	}
	v.Text = rec.buffer[start:len(rec.buffer):len(rec.buffer)]
	return nil
}

func isPlainLocale(b []byte) bool   { return isTag(b, true) }
func isPlainLanguage(b []byte) bool { return isTag(b, false) }

// isPlainZone is true for a name of the time zone database that needs nothing done; names of Rails have no slash.
func isPlainZone(b []byte) bool { return isPlain(b) && bytes.IndexByte(b, '/') >= 0 }

// isTag is true for en and en_US, or en_us: what needs nothing done.
func isTag(b []byte, upper bool) bool {
	if len(b) < 2 || b[0] < 'a' || b[0] > 'z' || b[1] < 'a' || b[1] > 'z' {
		return false
	}
	if len(b) != 5 {
		return len(b) == 2
	}
	low := byte('a')
	if upper {
		low = 'A'
	}
	return b[2] == '_' && b[3]-low < 26 && b[4]-low < 26
}

// IsLanguage reports whether a text is the name of a language.
func IsLanguage(text string) bool {
	return len(text) <= longestName && languageCodes()[spelling.Fold(text)] != ""
}

// IsTimeZone reports whether a text is the name of a time zone as Rails has them.
func IsTimeZone(text string) bool {
	return len(text) <= longestName && zoneNames()[spelling.Fold(text)] != ""
}

// folded is the text as names are looked up, "" where it is too long to be one.
func (v *Value) folded() string {
	if len(v.Text) > longestName {
		return ""
	}
	return spelling.Fold(string(v.Text))
}

// replace gives the value another text; "" leaves it.
func (v *Value) replace(text string, rec *Record) {
	if text == "" {
		return
	}
	start := len(rec.buffer)
	rec.buffer = append(rec.buffer, text...)
	v.Text = rec.buffer[start:len(rec.buffer):len(rec.buffer)]
}
