package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/block"
	"muster/pipeline/report"
)

// numbersTried is how many phone numbers that could not be read are tried for the country they may be of: enough that half of
// them is no accident.
const numbersTried = 100

// foreign are phone numbers that could not be read, and the countries that their rows name.
type foreign struct {
	numbers   []string
	countries map[string]int
}

// note keeps the number of a row.
func (f *foreign) note(o *block.Outcome, column int) {
	if len(f.numbers) == numbersTried || column >= len(o.Cells) || len(o.Cells[column]) == 0 {
		return
	}
	f.numbers = append(f.numbers, string(o.Cells[column]))
	for _, s := range o.Table.Plan.Slots {
		if s.Column < 0 || s.Column >= len(o.Cells) || !strings.Contains(s.Path, ".country") {
			continue
		}
		if code := mappings.CountryCode(string(o.Cells[s.Column])); code != "" {
			if f.countries == nil {
				f.countries = map[string]int{}
			}
			f.countries[code]++
			return
		}
	}
}

// region is the country that most of the numbers are of, and how many; others are those that fit as well. "" there is none.
func (f *foreign) region() (region string, fits int, others []string) {
	for code, rows := range f.countries {
		n := 0
		for _, number := range f.numbers {
			if mappings.PossibleIn(number, code) {
				n++
			}
		}
		if 2*rows > len(f.numbers) && 2*n > len(f.numbers) {
			return code, n, nil
		}
	}
	counts, order := map[string]int{}, []string{}
	for _, number := range f.numbers {
		for _, r := range mappings.RegionsOf(number) {
			if counts[r]++; counts[r] == 1 {
				order = append(order, r)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return counts[b] - counts[a] })
	if len(order) == 0 || 2*counts[order[0]] <= len(f.numbers) {
		return "", 0, nil
	}
	region, fits = order[0], counts[order[0]]
	for _, r := range order[1:] {
		if counts[r]*10 >= fits*9 {
			others = append(others, r)
		}
	}
	return region, fits, others
}

// fix is the line that says so; "" no country fits most of them.
func (f *foreign) fix() string {
	region, fits, others := f.region()
	if region == "" {
		return ""
	}
	others = others[:min(len(others), 3)]
	of := fmt.Sprintf("that reads %d of the %d numbers looked at", fits, len(f.numbers))
	if fits == len(f.numbers) {
		of = fmt.Sprintf("that reads all %d numbers looked at", fits)
	}
	if len(others) > 0 {
		return fmt.Sprintf("use --region %s (or %s, whichever country they are of): %s", region, strings.Join(others, ", "), of)
	}
	return fmt.Sprintf("use --region %s: %s; in a mapping it is region: %s", region, of, region)
}

// phoneCode is the code of phone numbers that cannot be read.
const phoneCode = "cell.phone"

// advise puts the country of the phone numbers into what the report says of them.
func (r *Reconciler) advise(s *report.Summary) {
	fix := r.cells.foreign.fix()
	for i := range s.Problems {
		if p := &s.Problems[i]; p.Code == phoneCode && fix != "" {
			p.Fix = fix
		}
	}
}
