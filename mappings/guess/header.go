package guess

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/unicode/norm"
)

//go:embed words.txt
var wordsFile string

// concepts are the names in words.txt, their words joined, and what each holds.
var concepts = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(wordsFile) {
		concept, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for name := range strings.SplitSeq(list, ",") {
			if joined := strings.Join(wordsOf(name), ""); names[joined] == "" {
				names[joined] = concept
			}
		}
	}
	return names
})

// kinds are words that say which of several a column is.
var kindWords = map[string]string{
	"work": "work", "business": "work", "office": "work", "professional": "work", "geschaftlich": "work",
	"dienstlich": "work", "beruflich": "work", "firma": "work",
	"travail": "work", "bureau": "work", "professionnel": "work", "trabajo": "work", "oficina": "work", "lavoro": "work",
	"ufficio": "work", "trabalho": "work",
	"werk": "work", "zakelijk": "work", "praca": "work", "sluzbowy": "work", "arbete": "work", "jobb": "work",
	"arbejde": "work", "arbeid": "work", "tyo": "work",
	"home": "home", "private": "home", "personal": "home", "privat": "home", "domicile": "home", "maison": "home",
	"pro": "work", "perso": "home", "prive": "home", "casa": "home", "particular": "home",
	"thuis": "home", "dom": "home", "domowy": "home", "hem": "home", "hjem": "home", "koti": "home", "personnel": "home",
	"haus": "home", "privado": "home", "privato": "home",
	"other": "other", "alternate": "other", "alternative": "other", "secondary": "other", "weitere": "other",
	"andere": "other", "sonstige": "other", "autre": "other",
	"otro": "other", "altro": "other", "outro": "other", "overig": "other", "inny": "other", "annan": "other",
	"muu": "other", "additional": "other", "second": "other", "zweite": "other", "zusatzliche": "other",
	"deuxieme": "other", "secondaria": "other", "secondario": "other", "secundario": "other",
	"secondaire": "other", "tweede": "other",
}

// places tell several addresses of one file apart where no kind does.
var placeWords = map[string]string{"mailing": "1", "billing": "2", "shipping": "3", "delivery": "3", "rechnung": "2",
	"liefer": "3", "facturation": "2", "livraison": "3", "facturacion": "2", "envio": "3"}

// neutral words say nothing of what a column holds.
var neutralWords = map[string]bool{"customer": true, "contact": true, "user": true, "person": true, "client": true,
	"member": true, "lead": true, "subscriber": true, "default": true,
	"primary": true, "main": true, "value": true, "kunde": true, "kunden": true, "kontakt": true, "klant": true,
	"cliente": true, "mi": true, "your": true,
	"the": true, "of": true, "de": true, "del": true, "der": true, "du": true, "van": true, "di": true, "do": true,
	"da": true, "preferred": true, "profile": true, "original": true, "donor": true, "patient": true, "guest": true,
	"attendee": true, "student": true, "participant": true, "buyer": true, "purchaser": true, "mitglied": true, "gast": true, "lid": true, "principale": true,
	"principal": true}

// shortWords are abbreviations that people write in headers, written out: a full stop behind them says no more.
var shortWords = map[string]string{"addr": "address", "mob": "mobile", "cust": "customer", "num": "number",
	"acct": "account", "tele": "telephone", "str": "street", "addl": "additional", "customers": "customer",
	"contacts": "contact", "users": "user", "clients": "client", "members": "member"}

// marks are words that only say how a concept of this field is written.
var marks = map[string]string{"utc": "At", "gmt": "At", "time": "At", "date": "At", "line": "locations.address",
	"mail": "locations", "url": "urls[website]", "fixe": "phones", "fijo": "phones", "festnetz": "phones"}

// A reading is what a column's name says.
type reading struct {
	concept string  // as in words.txt, "" nothing
	kind    string  // work, home, other
	number  string  // of a numbered group
	label   bool    // it holds the kind of another column: E-mail 1 - Label
	sure    float64 // how surely
	why     string
}

// wordsOf splits a name into its words: accents off, lower case, cut at capitals and at what is no letter.
func wordsOf(name string) []string {
	if name != strings.ToUpper(name) {
		name = cutCapitals(name)
	}
	name = strings.NewReplacer("ß", "ss", "ø", "o", "Ø", "o", "ł", "l", "Ł", "l", "æ", "ae", "Æ", "ae", "'s ",
		" ").Replace(name)
	var b strings.Builder
	last := rune(' ')
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if last != ' ' && unicode.IsDigit(r) != unicode.IsDigit(last) {
				b.WriteByte(' ')
			}
		default:
			r = ' '
		}
		b.WriteRune(r)
		last = r
	}
	return strings.Fields(b.String())
}

// cutCapitals puts a space before capitals that begin a word: firstName → first Name.
func cutCapitals(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i := range r {
		if i > 0 && unicode.IsUpper(r[i]) && (unicode.IsLower(r[i-1]) || i+1 < len(r) && unicode.IsUpper(r[i-1]) &&
			unicode.IsLower(r[i+1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(r[i])
	}
	return b.String()
}

// readHeader finds the concept that the most words of a name agree on. Each word that is left over must
// say which of several it is, or nothing at all; otherwise the column is about something else.
func readHeader(name string) reading {
	r := readWords(name)
	before, after, either := strings.Cut(name, "/")
	if r.concept != "" || !either || strings.Contains(after, "/") {
		return r
	}
	// Postal/Zip Code, State/County: two words for one thing, of which either says it.
	for _, one := range []string{after, before} {
		if r := readWords(one); r.concept != "" {
			r.sure -= 0.05
			return r
		}
	}
	return r
}

// readWords is readHeader for a name whose words all count.
func readWords(name string) reading {
	parts := cardWords(wordsOf(name))
	for i, w := range parts {
		if long := shortWords[w]; long != "" && len(parts) > 1 || w == "mob" || w == "addr" {
			parts[i] = long
		}
		if w == "l" && i > 0 && parts[i-1] == "address" {
			parts[i] = "line"
		}
	}
	var best reading
	for length := len(parts); length > 0; length-- {
		for from := 0; from+length <= len(parts); from++ {
			joined := strings.Join(parts[from:from+length], "")
			concept, sure, why := lookUp(joined)
			if concept == "" || sure < best.sure {
				continue
			}
			r := reading{concept: concept, sure: sure, why: why}
			rest := append(append([]string{}, parts[:from]...), parts[from+length:]...)
			if !r.explain(rest) {
				continue
			}
			if r.concept == "locations.address" && r.kind == "" && from+length == len(parts)-1 &&
				(r.number == "2" || r.number == "3") && parts[len(parts)-1] == r.number {
				r.concept, r.number = r.concept+r.number, "" // Street Address 2 is a line, and no second address
			}
			if len(joined) <= 3 && len(rest) > 0 {
				r.sure -= 0.06 // via, by, cap: short words mean much else in other languages
			}
			closer := strings.Contains(r.concept, "[") && !strings.Contains(best.concept, "[") // mobile says more than phone
			if r.sure > best.sure || r.sure == best.sure && closer {
				best = r
			}
		}
		if best.sure > misspelt {
			break // of a name that is nearly one of the list, a part may be one exactly
		}
	}
	if last := len(parts) - 1; best.concept == "" && last > 0 && (parts[last] == "no" || parts[last] == "nr") {
		best.concept, best.sure, best.why = lookUp(strings.Join(parts[:last], "") + "number")
	}
	if best.concept == "" && len(parts) == 1 {
		return readGlued(parts[0])
	}
	return best
}

// cardWords writes the parts of a vCard's address, ADR.home.locality, in words that others use, too.
func cardWords(parts []string) []string {
	if len(parts) < 2 || parts[0] != "adr" {
		return parts
	}
	parts = append([]string{"address"}, parts[1:]...)
	others := map[string]string{"code": "zip", "locality": "city", "extended": "address2"}
	if other := others[parts[len(parts)-1]]; other != "" {
		parts[len(parts)-1] = other
	}
	return parts
}

// readGlued reads a name whose words stand together without capitals: OTHERPHONE, mailingcity.
func readGlued(word string) (best reading) {
	for at := 3; at+3 <= len(word); at++ {
		head, tail := word[:at], word[at:]
		if kindWords[head] == "" && placeWords[head] == "" {
			continue
		}
		r := reading{concept: concepts()[tail], sure: 0.97, why: "its name"}
		if r.concept != "" && r.explain([]string{head}) {
			return r
		}
	}
	return best
}

// misspelt is surer than any name is that differs in letters from those of the list.
const misspelt = 0.86

// lookUp finds a concept by its name, or by one that differs in a letter or two.
func lookUp(joined string) (concept string, sure float64, why string) {
	all := concepts()
	if concept := all[joined]; concept != "" {
		return concept, 0.98, "its name"
	}
	if len(joined) < 6 || joined[len(joined)-1] <= '9' { // a digit more or less is no mistake of spelling
		return "", 0, ""
	}
	most := 1
	if len(joined) > 10 {
		most = 2
	}
	nearest, tied := most+1, false
	for name, found := range all {
		if len(name) < 5 || len(name)-len(joined) > most || len(joined)-len(name) > most {
			continue
		}
		d := levenshtein.ComputeDistance(joined, name)
		if d < nearest {
			nearest, concept, tied = d, found, false
		} else if d == nearest && d <= most && found != concept {
			tied = true
		}
	}
	if nearest > most || tied {
		return "", 0, ""
	}
	return concept, misspelt - 0.04*float64(nearest), "a name that differs in few letters"
}

// explain takes the words beside the concept's name.
func (r *reading) explain(rest []string) bool {
	for _, w := range rest {
		switch {
		case kindWords[w] != "" && r.kind == "":
			r.kind = kindWords[w]
		case placeWords[w] != "" && r.number == "" && strings.HasPrefix(r.concept, "locations"):
			r.number = placeWords[w]
		case len(w) <= 2 && digitsOf(w) == w && r.number == "":
			r.number = strings.TrimLeft(w, "0")
		case (w == "label" || w == "type") && len(rest) > 1 && r.typed():
			r.label = true
		case w == "address" || w == "location":
			if !strings.HasPrefix(r.concept, "locations") && r.concept != "emails" {
				return false
			}
		case marks[w] != "" && (strings.HasPrefix(r.concept, marks[w]) || strings.HasSuffix(r.concept, marks[w])):
		case w == "preferred" && (r.concept == "name" || strings.HasPrefix(r.concept, "@")):
			r.sure -= 0.13 // what somebody is called, which may be no full name
		case w == "billing" && slices.Contains([]string{"emails", "phones", "@first", "@last"}, r.concept):
			r.sure -= 0.13 // mostly the customer, but not for sure
		case sameField(concepts()[w], r.concept):
			if !strings.Contains(r.concept, "[") {
				r.concept = concepts()[w] // mobile says more than phone
			}
		case neutralWords[w]:
		default:
			return false
		}
	}
	if len(rest) > 0 {
		r.sure -= 0.01
	}
	if r.label && r.number == "" {
		return false // Email Type: of which there is only one, so it says nothing of the customer
	}
	return !(r.kind != "" && strings.HasPrefix(r.concept, "@") && r.concept != "@company" && r.concept != "@notes")
}

// sameField is true for two concepts of one list: a phone is a phone, mobile or not.
func sameField(a, b string) bool {
	a, _, _ = strings.Cut(a, "[")
	b, _, _ = strings.Cut(b, "[")
	return a == b && (a == "phones" || a == "emails")
}

func (r *reading) typed() bool {
	return r.concept == "emails" || strings.HasPrefix(r.concept, "phones") || strings.HasPrefix(r.concept, "locations")
}
