package interview

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/printable"
	"muster/pipeline/source"
)

// again asks whether what was decided before is meant for this file, too.
func (v *Interview) again() *Question {
	q := &Question{ID: "again", Default: Yes, Options: []Option{{Yes, "yes, use it"}, {No, "no, ask me anew"}}}
	switch d := v.options.Earlier; {
	case v.options.Beside != "":
		q.Text = fmt.Sprintf("%s lies beside the file and says what its columns are. Use it?", v.options.Beside)
	case d != nil:
		q.Text = fmt.Sprintf("The file has the columns of %s, of which you decided on %s. The same again?",
			filepath.Base(d.File), d.When.Format("2 January 2006"))
	default:
		return nil
	}
	return q
}

// encoding asks how the file is written, by one of its words as each encoding reads it.
func (v *Interview) encoding() *Question {
	q := &Question{ID: "encoding", Text: "The file does not say how its letters are written. Which of these is spelt " +
		"right?"}
	for _, r := range v.table.trouble.Readings {
		q.Options = append(q.Options, Option{r.Encoding, fmt.Sprintf("%s  (%s)", printable.Line(r.Word), r.Encoding)})
	}
	return q
}

// sheet asks which sheet of a workbook has the customers, where their columns are not the same.
func (v *Interview) sheet() *Question {
	if q := v.asked["sheet"]; q != nil {
		return q
	}
	t := v.table
	unlike := func(h *source.Header) bool { return !slices.Equal(h.Names, t.sheets[0].Names) }
	if len(t.sheets) < 2 || !slices.ContainsFunc(t.sheets, unlike) {
		return nil
	}
	q := &Question{ID: "sheet", Text: "The sheets of this workbook have different columns. Which one has the customers?"}
	best := -1
	for _, h := range t.sheets {
		q.Options = append(q.Options, Option{h.Sheet, fmt.Sprintf("%s: %s", printable.Line(h.Sheet), some(h.Names))})
		if n := people(h.Names); n > best {
			best, q.Default = n, h.Sheet
		}
	}
	return q
}

// people is how many of the columns speak of a person.
func people(names []string) (n int) {
	for _, c := range inferred(names) {
		head, _, _ := strings.Cut(c, "[")
		if head, _, _ = strings.Cut(head, "."); slices.Contains([]string{"name", "emails", "phones", "externalId",
			"locations", "birthdayAt"}, head) {
			n++
		}
	}
	return n
}

// some are the first of many names.
func some(names []string) string {
	const most = 5
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, printable.Line(name))
	}
	if more := len(names) - most; more > 0 {
		shown = append(shown, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(shown, ", ")
}

// known asks whether the built-in mapping of a system is right for the file.
func (v *Interview) known() *Question {
	t := v.table
	if t.base == nil || t.sure == 0 {
		return nil
	}
	return &Question{ID: "preset", Default: Yes, Text: fmt.Sprintf("This is an export of %s (%.0f %% sure). Use what "+
		"muster knows of its columns?", t.base.Match.Name, 100*t.sure),
		Options: []Option{{Yes, "yes"}, {No, "no, ask me about the columns"}}}
}

// usesPreset says whether a system's own mapping is taken.
func (v *Interview) usesPreset() bool { return v.table.base != nil && v.answers["preset"] != No }

// country asks where phone numbers are from that do not say it.
func (v *Interview) country() *Question {
	if d := v.options.Earlier; d != nil && d.Region != "" && v.answers["again"] == Yes {
		return nil
	}
	if v.options.Region != "" || v.usesPreset() && v.table.base.Region != "" {
		return nil
	}
	numbers, countries := v.local()
	if len(numbers) == 0 {
		return nil
	}
	q := &Question{ID: "region", Samples: numbers[:min(3, len(numbers))], Filled: len(numbers), Rows: len(v.table.rows),
		Text:  "Phone numbers have no country code. Of which country are they?",
		Other: "a country: two letters, or its name"}
	region, fits, others := mappings.RegionOfAll(numbers, countries)
	if region != "" {
		for _, code := range append([]string{region}, others[:min(len(others), 3)]...) {
			n := fits
			if code != region {
				n = possible(numbers, code)
			}
			q.Options = append(q.Options, Option{code, fmt.Sprintf("%s: reads %d of %d", code, n, len(numbers))})
		}
		if len(others) == 0 {
			q.Default = region
		} else if named := only(countries); named == region || slices.Contains(others, named) {
			q.Default = named // the one country that rows name
		}
	}
	q.Options = append(q.Options, Option{None, "none of them: such numbers are refused, each by its cell"})
	if region == "" {
		q.Default = None
	}
	return q
}

// only is the country that all rows name which name one; "" there is none, or several.
func only(countries map[string]int) (one string) {
	for code := range countries {
		if len(countries) == 1 {
			one = code
		}
	}
	return one
}

func possible(numbers []string, region string) (n int) {
	for _, number := range numbers {
		if mappings.PossibleIn(number, region) {
			n++
		}
	}
	return n
}

// local are phone numbers of the file without a country code, and the countries that rows name.
func (v *Interview) local() (numbers []string, countries map[string]int) {
	const enough = 200
	phones, places := v.at("phones"), v.at("country")
	countries = map[string]int{}
	for _, row := range v.table.rows {
		for _, i := range phones {
			number := ""
			if i < len(row) {
				number = strings.TrimSpace(string(mappings.Unprotect([]byte(row[i]))))
			}
			if len(number) < 5 || len(numbers) == enough || strings.HasPrefix(number, "+") || strings.HasPrefix(number, "00") ||
				strings.IndexFunc(number, digit) < 0 {
				continue
			}
			numbers = append(numbers, number)
			for _, k := range places {
				if k < len(row) {
					if code := mappings.CountryCode(row[k]); code != "" {
						countries[code]++
						break
					}
				}
			}
		}
	}
	return numbers, countries
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// at are the columns that go to a place of this kind.
func (v *Interview) at(kind string) (columns []int) {
	fits := func(path string) bool {
		return kind == "phones" && (strings.HasPrefix(path, "phones") || strings.HasPrefix(path, "sharedPhones") ||
			strings.HasPrefix(path, "whatsapps")) && !strings.HasSuffix(path, "type") ||
			kind == "country" && strings.Contains(path, ".country")
	}
	if v.usesPreset() {
		plan, err := v.table.base.Bind(v.table.names, mappings.BindOptions{})
		if err != nil {
			return nil // what is wrong is said when the file is read
		}
		for _, s := range plan.Slots {
			if s.Column >= 0 && s.Column < len(v.table.names) && fits(s.Path) && !slices.Contains(columns, s.Column) {
				columns = append(columns, s.Column)
			}
		}
		return columns
	}
	for _, c := range v.decided().Columns {
		if fits(c.Target) {
			columns = append(columns, c.Place())
		}
	}
	return columns
}
