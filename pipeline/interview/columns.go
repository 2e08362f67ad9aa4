package interview

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/mappings"
	"muster/mappings/guess"
	"muster/pipeline/printable"
)

// inferred are the places that columns would go to by their names alone.
func inferred(names []string) (targets []string) {
	for _, c := range guess.Infer(names, nil, guess.Options{}).Columns {
		targets = append(targets, c.Target)
	}
	return targets
}

// decided is the guess with the answers so far in it. Answers that do not go together any more are passed over: their
// questions come again.
func (v *Interview) decided() *guess.Guess {
	g := *v.table.guess
	g.Columns = slices.Clone(g.Columns)
	for i := range g.Columns {
		c := &g.Columns[i]
		at := strconv.Itoa(c.Place() + 1)
		if said := v.answers["column:"+at]; said != "" && choose(c, said) != nil {
			delete(v.answers, "column:"+at)
		}
		if said := v.answers["reading:"+at]; said == LeaveIt {
			_ = c.Choose(LeaveIt) // leaving a column out is always possible
		} else if said != "" {
			_ = c.Read(said) // a reading that the column has not any more
		}
	}
	for i := range g.Columns {
		c := &g.Columns[i]
		at := strconv.Itoa(c.Place() + 1)
		c.Turned = v.answers["turned:"+at] == Yes && c.IsFullName()
		c.Apart = v.answers["apart:"+at] == Yes && strings.HasSuffix(c.Target, ".address")
	}
	g.JoinNames()
	if parts := g.NameParts(); v.answers["joined"] == "last" && len(parts) == 2 {
		parts[0].Behind = true
	}
	return &g
}

// choose sends a column to the place of an answer.
func choose(c *guess.Column, answer string) error {
	if answer == c.Target && c.Target != LeaveIt {
		if len(c.Readings) == 0 {
			c.Keep()
		}
		return nil
	}
	return c.Choose(answer)
}

// try says why a column cannot go to a place.
func (v *Interview) try(place, answer string) error {
	n, err := strconv.Atoi(place)
	if err != nil || n < 1 || n > len(v.table.guess.Columns) {
		return errors.New("there is no such column")
	}
	c := v.table.guess.Columns[n-1]
	return choose(&c, answer)
}

// columns asks about each column that nothing sure is known of.
func (v *Interview) columns() (list []*Question) {
	g := v.decided()
	left := v.leftByPreset()
	for i := range v.table.guess.Columns {
		c, now := &v.table.guess.Columns[i], &g.Columns[i]
		id := columnID(c)
		open := c.Confidence < guess.Limit && len(c.Readings) == 0
		if v.usesPreset() {
			open = slices.Contains(left, i)
		}
		if c.Filled() == 0 || v.usesPreset() && !open {
			continue
		}
		if open {
			list = append(list, v.column(id, c))
		}
		if len(now.Readings) > 0 || v.answers["reading:"+strconv.Itoa(c.Place()+1)] != "" {
			list = append(list, v.reading(c, now))
		}
	}
	return list
}

// leftByPreset are the columns that a system's mapping leaves out though nobody said so.
func (v *Interview) leftByPreset() (left []int) {
	if !v.usesPreset() {
		return nil
	}
	plan, err := v.table.base.Bind(v.table.names, mappings.BindOptions{})
	if err != nil {
		return nil
	}
	for i, use := range plan.Uses {
		if use.Kind == mappings.LeftOut && i < len(v.table.names) {
			left = append(left, i)
		}
	}
	return left
}

// column asks what one column is.
func (v *Interview) column(id string, c *guess.Column) *Question {
	q := &Question{ID: id, Text: fmt.Sprintf("What is column %q?", called(c)), Samples: c.Samples(), Filled: c.Filled(),
		Rows:  len(v.table.rows),
		Other: "another place, such as emails[work]"}
	offer := func(target, text string) {
		if target == "" || slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == target }) {
			return
		}
		q.Options = append(q.Options, Option{target, text})
	}
	if c.Target != mappings.Ignore {
		offer(c.Target, meaning(c.Target))
	}
	offer(c.Custom(), meaning(c.Custom()))
	offer(LeaveIt, "leave it out")
	q.Default = q.Options[0].Value
	return q
}

func columnID(c *guess.Column) string { return "column:" + strconv.Itoa(c.Place()+1) }

func called(c *guess.Column) string {
	if name := printable.Line(c.Name); strings.TrimSpace(name) != "" {
		return name
	}
	return mappings.ColumnAt(c.Place())
}

// meaning is a place in words, and as a mapping has it.
func meaning(target string) string {
	if strings.HasPrefix(target, "custom.") {
		kind := "text"
		for _, s := range mappings.Suffixes() {
			if strings.HasSuffix(target, s.Name) {
				kind = s.Type
			}
		}
		return fmt.Sprintf("an attribute of your own: %s (%s)", target, kind)
	}
	words := map[string]string{"name": "a name", "externalId": "the customer's id in your own system",
		"emails": "an e-mail address", "phones": "a phone number",
		"locations": "part of a postal address", "tags": "tags", "birthdayAt": "the date of birth",
		"signedUpAt": "when the customer signed up",
		"createdAt":  "when the customer was created", "lastSeenAt": "when the customer was last seen",
		"lastActivityAt": "when anything last happened",
		"urls":           "a web page", "username": "the user name", "gender": "the gender", "defaultLang": "the language",
		"timeZone":  "the time zone",
		"avatarUrl": "a picture", "socials": "an account in a social network", "whatsapps": "a WhatsApp number",
		"locale": "language and country"}
	if strings.HasPrefix(target, "locations") && strings.HasSuffix(target, ".address") {
		return "a postal address, or its street (" + target + ")"
	}
	head := target[:strings.IndexAny(target+"[", "[.")]
	if says := words[head]; says != "" {
		return says + " (" + target + ")"
	}
	return target
}

// reading asks which of two ways a column is to be read.
func (v *Interview) reading(c, now *guess.Column) *Question {
	q := &Question{ID: "reading:" + strconv.Itoa(c.Place()+1), Samples: c.Samples(), Filled: c.Filled(),
		Rows: len(v.table.rows)}
	readings := now.Readings
	if len(readings) == 0 {
		readings = c.Readings
	}
	for _, r := range readings {
		q.Options = append(q.Options, Option{r, example(r, c.Samples())})
	}
	q.Text = fmt.Sprintf("The dates in column %q can be read in two ways. Which is right?", called(c))
	if len(readings) > 0 && strings.HasPrefix(readings[0], "decimal") {
		q.Text = fmt.Sprintf("The numbers in column %q can be read in two ways. Which is right?", called(c))
	}
	q.Options = append(q.Options, Option{LeaveIt, "leave the column out"})
	return q
}

// example shows what a reading makes of a value.
func example(reading string, samples []string) string {
	for _, s := range samples {
		parts := strings.FieldsFunc(s, func(r rune) bool { return !digit(r) })
		layout := strings.FieldsFunc(reading, func(r rune) bool { return r < 'A' || r > 'Z' })
		if len(parts) < 3 || len(layout) < 3 {
			continue
		}
		var day, month, year string
		for i, field := range layout[:3] {
			switch field {
			case "D", "DD":
				day = parts[i]
			case "M", "MM":
				month = parts[i]
			default:
				year = parts[i]
			}
		}
		m, err := strconv.Atoi(month)
		if err == nil && m >= 1 && m <= 12 && strings.TrimLeft(day, "0") != month &&
			strings.TrimLeft(day, "0") != strings.TrimLeft(month, "0") {
			return fmt.Sprintf("%s: %s is %s %s %s", reading, s, strings.TrimLeft(day, "0"), time.Month(m), year)
		}
	}
	return reading
}

// names asks about names and addresses that stand in another form than they are wanted in.
func (v *Interview) names() (list []*Question) {
	if v.usesPreset() {
		return nil
	}
	g := v.decided()
	for i := range g.Columns {
		c := &g.Columns[i]
		at := strconv.Itoa(c.Place() + 1)
		if c.IsFullName() && c.Filled() > 0 && c.Turnable()*5 >= c.Filled()*4 {
			list = append(list, &Question{ID: "turned:" + at, Default: Yes, Samples: c.Samples(), Filled: c.Turnable(),
				Rows:    len(v.table.rows),
				Text:    fmt.Sprintf("The names in column %q have the last name in front. Turn them round?", called(c)),
				Options: []Option{{Yes, "yes: " + turned(c.Samples())}, {No, "no, keep them as they are"}}})
		}
		if strings.HasPrefix(c.Target, "locations") && strings.HasSuffix(c.Target, ".address") &&
			c.Separable()*2 > c.Filled() && !g.HasPlace("cityName") && !g.HasPlace("zipCode") {
			q := &Question{ID: "apart:" + at, Samples: c.Samples(), Filled: c.Separable(), Rows: len(v.table.rows), Default: No,
				Text:    fmt.Sprintf("Column %q has the whole address in one cell. Take it apart into street, postal code and city?", called(c)),
				Options: []Option{{Yes, "yes: " + apart(c.Samples())}, {No, "no, keep it as one line"}}}
			if c.Separable() == c.Filled() {
				q.Default = Yes
			}
			list = append(list, q)
		}
	}
	return append(list, v.joined(g)...)
}

// joined asks in which order two columns make one name, where their own names do not say it.
func (v *Interview) joined(g *guess.Guess) []*Question {
	parts := g.NameParts()
	if len(parts) != 2 || parts[0].Confidence >= guess.Limit && parts[1].Confidence >= guess.Limit && parts[0].Known() &&
		parts[1].Known() {
		return nil
	}
	one, two := parts[0], parts[1]
	q := &Question{ID: "joined", Default: "first", Text: fmt.Sprintf("The name stands in two columns, %q and %q. In "+
		"which order?", called(one), called(two))}
	if len(one.Samples()) > 0 && len(two.Samples()) > 0 {
		q.Options = []Option{{"first", one.Samples()[0] + " " + two.Samples()[0]},
			{"last", two.Samples()[0] + " " + one.Samples()[0]}}
		return []*Question{q}
	}
	return nil
}

func turned(samples []string) string {
	for _, s := range samples {
		if name, ok := mappings.FirstNameFirst(s); ok {
			return name
		}
	}
	return ""
}

func apart(samples []string) string {
	for _, s := range samples {
		if a, ok := mappings.TakeApart(s); ok {
			var parts []string
			for _, part := range []string{a.Street, a.Zip, a.City, a.Region, a.Country} {
				if part != "" {
					parts = append(parts, part)
				}
			}
			return strings.Join(parts, " | ")
		}
	}
	return ""
}
