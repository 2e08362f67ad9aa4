package refusals

import (
	"fmt"
	"strings"

	"muster/mappings"
	"muster/pipeline/block"
)

// numbersTried is how many phone numbers that could not be read are tried for the country they may be of: enough that
// half of them is no accident.
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

// fix is the line that says so; "" no country fits most of them.
func (f *foreign) fix() string {
	region, fits, others := mappings.RegionOfAll(f.numbers, f.countries)
	if region == "" {
		return ""
	}
	others = others[:min(len(others), 3)]
	of := fmt.Sprintf("that reads %d of the %d numbers looked at", fits, len(f.numbers))
	if fits == len(f.numbers) {
		of = fmt.Sprintf("that reads all %d numbers looked at", fits)
	}
	if len(others) > 0 {
		return fmt.Sprintf("use --region %s (or %s, whichever country they are of): %s", region, strings.Join(others, ", "),
			of)
	}
	return fmt.Sprintf("use --region %s: %s; in a mapping it is region: %s", region, of, region)
}
