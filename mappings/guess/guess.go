package guess

import (
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
)

// Options complete what the file itself says.
type Options struct {
	Attributes []mappings.Attribute // of the org; nil: unknown
	Region     string               // default region of phones, "" none
	File       string               // name of the file, for the comment at the top
}

// A Guess is a mapping that nobody has read yet: what each column of a file most likely is, how surely,
// and why. It holds no values.
type Guess struct {
	Columns []Column // one for each column, in the file's order
	Keys    []string // match keys
	Rows    int      // rows of the sample

	options    Options
	identified bool // a column without a name holds the customers' ids
}

// A Column is one column of a Guess.
type Column struct {
	Name       string
	Target     string   // as a mapping file names it; "ignore"
	Confidence float64  // 0 to 1
	Evidence   []string // in words, without values
	Layout     string   // of dates; "" ISO 8601
	Readings   []string // layouts or decimal marks that fit equally well: a person must choose
	Split      string   // between several values of a cell
	Decimal    string   // "," where the column's numbers have a decimal comma
	Join       bool     // one of the parts of a name
	Prefer     bool     // one of two ids: the first that a row has
	Values     string   // values: and otherwise:, as in the file
	Behind     bool     // of a part of a name: it goes behind the other parts
	Turned     bool     // of a name: it is written "Byron, Ada", and is turned round
	Apart      bool     // of an address: all of it stands in one cell, and is taken apart

	place   int  // among the columns
	byPlace bool // it is named by its place
	read    reading
	look    *look
	words   []string
}

// Infer guesses what columns are by their names and by the values of a sample of rows. Rows may be
// shorter than columns. The more rows, the surer; dates are read as one layout over all of them, and
// where two layouts fit, both are given and neither is taken.
func Infer(columns []string, sample [][]string, o Options) *Guess {
	g := &Guess{Rows: len(sample), options: o, Columns: make([]Column, len(columns))}
	values := make([]string, len(sample))
	for i, name := range columns {
		for j, row := range sample {
			values[j] = ""
			if i < len(row) {
				values[j] = row[i]
			}
		}
		c := &g.Columns[i]
		c.place = i
		c.Name, c.look, c.read, c.words = name, lookAt(values), readHeader(name), wordsOf(name)
		g.decide(c)
	}
	g.settle()
	return g
}

// decide takes what a column's name says when its values do not contradict it, else what they say.
func (g *Guess) decide(c *Column) {
	if a := mappings.AttributeFor(c.Name, g.options.Attributes); a != nil {
		c.take("custom."+a.Name, 0.97, "the org has an attribute of this name")
		if mappings.SuffixOf(a.Name) == "At" {
			c.dates()
		}
		return
	}
	if slices.ContainsFunc(c.words, func(w string) bool { return secretWords[w] }) {
		c.take(mappings.Ignore, 0.9, "a name that means secrets, which have no place in a CRM")
		return
	}
	if c.read.concept != "" && c.conceive() {
		return
	}
	g.byValues(c)
}

// secretWords are in the names of columns that must not travel.
var secretWords = map[string]bool{"password": true, "passwort": true, "passwd": true, "cvc": true, "cvv": true,
	"iban": true, "ssn": true, "government": true, "card": true, "secret": true}

func (c *Column) take(target string, sure float64, why string) {
	c.Target, c.Confidence = target, min(sure, 0.99)
	c.because("%s", why)
}

func (c *Column) because(format string, args ...any) {
	c.Evidence = append(c.Evidence, fmt.Sprintf(format, args...))
}

// conceive takes the target of the concept that the name says, when the values agree. A column with no
// values in the sample has only its name to speak for it.
func (c *Column) conceive() bool {
	l, r := c.look, &c.read
	concept := r.concept
	sure := r.sure
	if l.filled == 0 {
		sure -= 0.02
		if shapely(concept) {
			sure -= 0.04
		}
	}
	if concept == "locations.address" && (slices.Contains(c.words, "formatted") || c.words[len(c.words)-1] == "address") {
		sure -= 0.01 // a column for the street alone is better
	}
	switch {
	case r.label:
		c.label()
		return true
	case strings.HasPrefix(concept, "@"):
		return c.conceiveOwn(concept, sure)
	case !c.agrees(concept):
		c.because("its name says %s, its values do not", concept)
		return false
	}
	c.take(c.placed(concept), sure, r.why)
	switch {
	case concept == "gender":
		c.Values = "values: {Male: m, Female: f, m: m, f: f}, otherwise: null"
	case concept == "tags":
		c.Split = l.split
		if l.arrays > 0 {
			c.Split = ""
		}
	case concept == "emails" || strings.HasPrefix(concept, "phones"):
		if l.arrays == 0 {
			c.Split = l.list
		}
	case strings.HasSuffix(concept, "At"):
		c.dates()
	}
	return true
}

// placed is the target of a concept with the kind or number that the name gives it.
func (c *Column) placed(concept string) string {
	label := c.read.kind
	if label == "" {
		label = c.read.number
	} else if c.read.number != "" {
		label += " " + c.read.number
	}
	switch head, member, _ := strings.Cut(concept, "."); {
	case concept == "emails" || concept == "phones":
		if label != "" {
			return concept + "[" + label + "]"
		}
	case head == "locations" && label != "":
		return head + "[" + label + "]." + member
	}
	return concept
}

// shapely concepts are known by their values as much as by their name.
func shapely(concept string) bool {
	return strings.HasSuffix(concept, "At") || strings.HasSuffix(concept, "Url") || concept == "timeZone" ||
		concept == "defaultLang" || concept == "gender" || strings.HasPrefix(concept, "urls")
}

// label takes a column that holds the kind of another: E-mail 1 - Label.
func (c *Column) label() {
	if c.look.filled == 0 {
		c.take(mappings.Ignore, 0.9, "the kind of a numbered column, without values")
		return
	}
	list, _, _ := strings.Cut(strings.TrimSuffix(c.read.concept, "]"), ".")
	list, _, _ = strings.Cut(list, "[")
	c.take(list+"["+c.read.number+"].type", 0.93, "the kind of a numbered column")
	c.Values = "values: {Work: work, '* Work': work, Home: home, '* Home': home}, otherwise: other"
	if list == "phones" {
		c.Values = "values: {Mobile: mobile, '* Mobile': mobile, Work: work, '* Work': work, Home: home, '* Home': home, " +
			"Work Fax: fax, Home Fax: fax}, otherwise: other"
	}
}

// conceiveOwn takes the concepts that have no field of their own in Kustomer, or several.
func (c *Column) conceiveOwn(concept string, sure float64) bool {
	l := c.look
	switch concept {
	case "@first", "@middle", "@last":
		if l.filled > 0 && !l.most(l.letters) {
			return false
		}
		c.take("name", sure, "a part of a name, by its own name")
		c.Join = true
	case "@company":
		if l.filled > 0 && !l.most(l.letters) {
			return false
		}
		c.take("custom.companyStr", min(sure, 0.96), "the name of a company, by its own name")
	case "@department":
		c.take("custom.departmentStr", 0.94, "its name")
	case "@notes", "@details":
		if l.filled > 0 && (l.all(l.numbers) || l.all(l.urls)) {
			return false
		}
		c.take("custom."+mappings.WithSuffix(mappings.Camel(c.Name), "Txt"), min(sure, 0.95), "free text, by its name")
	case "@title":
		if l.filled > 0 && l.all(l.salutations) {
			c.take(mappings.Ignore, 0.9, "forms of address")
			return true
		}
		c.take("custom.jobTitleStr", 0.8, "its name, which could also mean a form of address")
	case "@job":
		c.take("custom.jobTitleStr", min(sure, 0.96), "its name")
	default: // @salutation @suffix
		c.take(mappings.Ignore, 0.9, "its name; Kustomer has no place for it")
	}
	return true
}

// agrees is false where the values are not what the concept wants.
func (c *Column) agrees(concept string) bool {
	l := c.look
	if l.filled == 0 {
		return true
	}
	head, _, _ := strings.Cut(concept, "[")
	switch head {
	case "emails":
		return l.most(l.emails + l.arrays)
	case "phones", "whatsapps":
		return l.most(l.phones + l.arrays)
	case "avatarUrl", "urls":
		return l.most(l.urls + l.arrays)
	case "signedUpAt", "createdAt", "lastSeenAt", "lastActivityAt", "birthdayAt":
		return len(l.layouts) > 0
	case "timeZone":
		return l.most(l.zones)
	case "defaultLang", "locale":
		return l.most(l.languages)
	case "emails.verified":
		return l.all(l.bools)
	case "gender":
		return l.most(l.genders)
	case "externalId":
		return !l.most(l.emails) && l.objects == 0 && (l.filled < 3 || l.distinct*10 >= l.filled*9 || l.distinct >= 900) &&
			!l.all(l.urls)
	case "locations.latitude", "locations.longitude":
		return l.all(l.numbers)
	case "name", "locations.cityName", "locations.countryName", "locations.regionName":
		return l.objects == 0 && l.most(l.letters)
	case "locations.countryCode":
		return l.all(l.codes)
	case "tags":
		return l.objects == 0 && !l.all(l.urls)
	}
	return l.objects == 0 && l.arrays == 0 && !l.most(l.emails) && !l.most(l.urls)
}

// byValues takes what only the values say.
func (g *Guess) byValues(c *Column) {
	l := c.look
	switch {
	case l.filled == 0:
		c.take(mappings.Ignore, 0.6, "no value in the sample")
		return
	case l.all(l.emails) && l.filled >= 2 && !c.somebodyElse():
		c.take("emails", 0.85, "all values are e-mail addresses")
		c.Split = l.list
		return
	case l.all(l.phones) && l.all(l.plus) && !c.somebodyElse():
		c.take("phones", 0.8, "all values are phone numbers in international form")
		return
	case l.all(l.separable) && l.filled >= 2 && !c.somebodyElse():
		c.take("locations[home].address", 0.75, "all values are postal addresses")
		return
	case c.nameless() && l.all(l.turnable) && l.filled >= 2:
		c.take("name", 0.75, "all values are written as names with the last name in front")
		return
	case c.nameless() && l.all(l.serials) && l.filled >= 5 && l.filled == g.Rows &&
		l.distinct*50 >= min(l.filled, 1000)*49 && !g.identified:
		c.take("externalId", 0.6, "every row has a code of its own")
		g.identified = true
		return
	case c.nameless() && l.all(l.phones) && l.filled >= 2 && !l.all(l.numbers) && len(l.layouts) == 0:
		c.take("phones", 0.7, "all values are written as phone numbers")
		return
	case c.endsAs("phones") && l.most(l.phones) && !c.somebodyElse():
		c.take("phones", 0.8, "the end of its name, and its values are written as phone numbers")
		return
	case l.arrays > 0 || l.objects > 0:
		c.take(mappings.Ignore, 0.5, "lists or objects, for which no attribute has a type")
		return
	}
	base, own := mappings.SystemName(c.Name)
	if own && c.typed(base) {
		return
	}
	suffix, why := c.suffix()
	if bare := mappings.BareName(c.Name); bare == strings.ToUpper(bare) {
		base = mappings.Camel(strings.ToLower(bare))
	}
	if base == "" {
		c.take(mappings.Ignore, 0.3, "a name without letters, of which no system name can be made")
		return
	}
	c.take("custom."+mappings.WithSuffix(base, suffix), 0.6+min(0.3, 0.03*float64(l.filled)), why)
	if suffix == "At" {
		c.dates()
	}
}

// endsAs says whether the last word of the column's name means this, as below a header that is merged over several
// columns.
func (c *Column) endsAs(concept string) bool {
	last := c.words[max(len(c.words)-1, 0):]
	return len(last) == 1 && strings.HasPrefix(concepts()[last[0]], concept)
}

// nameless is true of a column whose file has no header: its name is the letter of its place.
func (c *Column) nameless() bool { return c.Name == letter(c.place) }

// typed takes a column that is called as attributes are where its values are of the type that its name ends in.
func (c *Column) typed(name string) bool {
	l, suffix := c.look, mappings.SuffixOf(name)
	switch suffix {
	case "Num":
		if !l.all(l.numbers) {
			return false
		}
	case "Bool":
		if !l.all(l.bools) {
			return false
		}
	case "Url":
		if !l.all(l.urls) {
			return false
		}
	case "At":
		if len(l.layouts) == 0 {
			return false
		}
	}
	sure := 0.97
	if suffix == "Id" {
		sure = 0.9 // other systems end names so, too
	}
	c.take("custom."+name, sure, "it is called as attributes are, and its name ends in their type")
	switch {
	case suffix == "Num":
		c.decimals()
	case suffix == "At":
		c.dates()
	case suffix == "Bool" && l.needsBoolValues():
		c.Values = l.boolValues()
	}
	return true
}

// somebodyElse is true for names that speak of another person than the customer.
func (c *Column) somebodyElse() bool {
	return slices.ContainsFunc(c.words, func(w string) bool { return othersWords[w] })
}

var othersWords = map[string]bool{"assistant": true, "assistants": true, "manager": true, "owner": true, "agent": true,
	"spouse": true, "parent": true, "emergency": true,
	"referrer": true, "referred": true, "created": true, "modified": true, "by": true, "billing": true, "company": true,
	"account": true}
