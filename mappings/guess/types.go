package guess

import (
	"fmt"
	"slices"
	"strings"
)

// suffix is the type that the values of a column have, and why.
func (c *Column) suffix() (suffix, why string) {
	l := c.look
	coded := slices.ContainsFunc(c.words, func(w string) bool { return codeWords[w] })
	switch {
	case len(l.layouts) > 0 && !coded && (l.layouts[0] != "epoch" && l.layouts[0] != "epoch_ms" &&
		l.layouts[0] != "YYYYMMDD" || c.timely()):
		return "At", fmt.Sprintf("%s values are dates", l.share(l.filled-l.missed))
	case l.all(l.bools) && l.twoWords() && !(l.all(l.numbers) && !c.yesNo()):
		if l.needsBoolValues() {
			c.Values = l.boolValues()
		}
		return "Bool", fmt.Sprintf("%s values are yes or no", l.share(l.bools))
	case l.all(l.numbers) && l.numeric && !coded:
		c.decimals()
		return "Num", fmt.Sprintf("%s values are numbers", l.share(l.numbers))
	case l.all(l.urls):
		return "Url", fmt.Sprintf("%s values are addresses of web pages", l.share(l.urls))
	case l.lines || l.longest > 120:
		return "Txt", "long text, or text of several lines"
	case l.distinct <= 12 && l.filled >= 3*l.distinct:
		return "Str", fmt.Sprintf("%d different values in %d rows: a closed set", l.distinct, l.filled)
	}
	return "Str", "text"
}

// share says in words how many of the values are so.
func (l *look) share(n int) string {
	if n == l.filled {
		return fmt.Sprintf("all %d", n)
	}
	return fmt.Sprintf("%d of %d", n, l.filled)
}

// codeWords are in the names of columns whose digits are no numbers.
var codeWords = map[string]bool{"id": true, "ids": true, "code": true, "number": true, "no": true, "nr": true,
	"nummer": true, "zip": true, "ref": true, "reference": true,
	"phone": true, "ip": true, "key": true, "token": true, "euid": true, "leid": true, "uid": true, "campaign": true,
	"sku": true, "document": true}

var yesWords = map[string]bool{"is": true, "has": true, "opted": true, "opt": true, "verified": true, "accepts": true,
	"active": true, "deleted": true, "enabled": true,
	"do": true, "not": true, "vip": true, "subscribed": true, "unsubscribed": true, "blacklisted": true, "exempt": true,
	"delinquent": true, "bounced": true, "allowed": true}

func (c *Column) yesNo() bool {
	return slices.ContainsFunc(c.words, func(w string) bool { return yesWords[w] })
}

// timely is true for names that speak of a time.
func (c *Column) timely() bool {
	return slices.ContainsFunc(c.words, func(w string) bool {
		return slices.Contains([]string{"at", "date", "time", "on", "since", "datum", "fecha", "data", "am", "created",
			"updated", "seen"}, w)
	})
}

func (l *look) needsBoolValues() bool {
	for w := range l.words {
		if boolWords[w] != "" {
			return true
		}
	}
	return false
}

// boolPairs are yes and no in the languages whose words Kustomer's reader does not know.
var boolPairs = [][2]string{{"ja", "nein"}, {"ja", "nee"}, {"ja", "nej"}, {"ja", "nei"}, {"oui", "non"}, {"si", "no"},
	{"sí", "no"}, {"sì", "no"}, {"sim", "não"}, {"sim", "nao"},
	{"tak", "nie"}, {"kyllä", "ei"}, {"vrai", "faux"}, {"wahr", "falsch"}, {"verdadero", "falso"}, {"vero", "falso"},
	{"x", ""}}

// boolValues spells the words of the column's language for values:.
func (l *look) boolValues() string {
	means := map[string]string{}
	for _, pair := range boolPairs {
		if l.words[pair[0]] || l.words[pair[1]] {
			means[pair[0]], means[pair[1]] = "true", "false"
		}
	}
	var pairs []string
	for w, to := range means {
		if w != "" && (l.words[w] || l.distinct < 2) {
			pairs = append(pairs, fmt.Sprintf("%q: %q", w, to))
		}
	}
	slices.Sort(pairs)
	return "values: {" + strings.Join(pairs, ", ") + "}"
}

// dates settles the layout of a column of dates. Where several fit, a person must choose.
func (c *Column) dates() {
	fit, count := c.look.layouts, c.look.share(c.look.filled-c.look.missed)
	if c.look.missed > 0 {
		c.Confidence = min(c.Confidence, 0.93)
	}
	switch {
	case len(fit) == 1 && fit[0] == "":
		c.because("%s dates are ISO 8601", count)
	case len(fit) == 1:
		c.Layout = fit[0]
		c.because("%s dates fit %s and no other layout", count, fit[0])
	case len(fit) > 1:
		c.Readings, c.Confidence = fit, min(c.Confidence, 0.5)
		c.because("ambiguous: %s dates fit %s", count, strings.Join(fit, " and "))
	}
}

// decimals settles the decimal mark of a column of numbers.
func (c *Column) decimals() {
	l := c.look
	switch {
	case l.commas > 0 && l.points > 0:
		c.Confidence = min(c.Confidence, 0.5)
		c.because("decimal points and decimal commas are mixed")
	case l.commas > 0:
		c.Decimal = ","
		c.because("decimal commas")
	case l.points > 0:
		if l.thousands {
			c.Decimal = "."
			c.because("decimal points, and commas between thousands")
		}
	case l.grouped:
		c.Readings, c.Confidence = []string{"decimal point", "decimal comma"}, 0.5
		c.because("ambiguous: a mark before three digits can be a decimal mark or group thousands")
	}
}
