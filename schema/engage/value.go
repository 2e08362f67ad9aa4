package engage

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Misfit is why a value is none of its property's type. It never holds the value.
type Misfit struct{ Code, Expected string }

// MisfitCodes lists every code a Misfit can have, sorted. The slice belongs to the caller.
func MisfitCodes() []string {
	return []string{"cell.choice", "cell.date", "cell.location", "cell.number", "cell.scientific", "cell.time",
		"cell.word", "schema.required"}
}

var (
	rounded      = regexp.MustCompile(`^\d(\.\d+)?[eE]\+\d+$`) // what a spreadsheet makes of a long number
	engageNumber = regexp.MustCompile(`^\d+(\.\d+)?$`)
	decimalComma = regexp.MustCompile(`^\d+,\d+$`)
	// grouped is what a comma between thousands looks like as well.
	grouped  = regexp.MustCompile(`^[1-9]\d{0,2},\d{3}$`)
	mapsLink = regexp.MustCompile(`^https?://(maps\.app\.goo\.gl|goo\.gl/maps|maps\.google\.(com|[a-z]{2}|com?\.[a-z]{2})|(www\.)?google\.(com|[a-z]{2}|com?\.[a-z]{2})/maps)(/|\?|$)`)
	// betweenChoices is what may stand between several choices in one cell; no choice may hold it.
	betweenChoices = ";,|\n"
)

// Check holds a cell to the property's type as Engage's page on customer properties describes it. nil: it fits; a blank
// cell does.
func (p *Definition) Check(cell string) *Misfit {
	if cell = strings.TrimSpace(cell); cell == "" {
		return nil
	}
	switch p.Type {
	case "Number":
		switch {
		case grouped.MatchString(cell):
			return &Misfit{"cell.number", "a number that can be read in one way: its comma may stand for a decimal mark or " +
				"between thousands; write a point, or no mark"}
		case !engageNumber.MatchString(Point(cell)):
			return &Misfit{"cell.number", "digits, with a decimal separator where there is one: 3.1415926, 3,1415926 or 65535"}
		}
	case "Word":
		if !isWord(cell) {
			return &Misfit{"cell.word", "letters and digits without a space: ClassOf2023"}
		}
	case "Single choice":
		if !slices.Contains(p.Choices, cell) {
			return &Misfit{"cell.choice", "one of " + strings.Join(p.Choices, ", ")}
		}
	case "Multiple choice":
		return p.checkChoices(cell)
	case "Location":
		if !isLocation(cell) {
			return &Misfit{"cell.location", "latitude,longitude in degrees, such as 48.8584,2.2945, or a link to Google Maps"}
		}
	case "Date":
		if _, err := time.Parse("2006-01-02", cell); err != nil {
			return &Misfit{"cell.date", "a date without a time: YYYY-MM-DD"}
		}
	case "Time":
		if _, err := time.Parse("15:04", cell); err != nil || len(cell) != len("15:04") {
			return &Misfit{"cell.time", "hours and minutes, no seconds: HH:MM, 00:00 to 23:59"}
		}
	}
	return nil
}

// Point is a Number's cell with a decimal point where it has a decimal comma, "a series of digits that can include a
// decimal separator"; one whose comma may as well stand between thousands is as it was, and so is anything else.
func Point(cell string) string {
	trimmed := strings.TrimSpace(cell)
	if !decimalComma.MatchString(trimmed) || grouped.MatchString(trimmed) {
		return cell
	}
	return strings.Replace(trimmed, ",", ".", 1)
}

func (p *Definition) checkChoices(cell string) *Misfit {
	seen := []string{}
	for _, one := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(betweenChoices, r) }) {
		one = strings.TrimSpace(one)
		if !slices.Contains(p.Choices, one) {
			return &Misfit{"cell.choice", "some of " + strings.Join(p.Choices, ", ") + ", with ; between them"}
		}
		if slices.Contains(seen, one) {
			return &Misfit{"cell.choice", "each choice once"}
		}
		seen = append(seen, one)
	}
	if len(seen) == 0 {
		return &Misfit{"cell.choice", "some of " + strings.Join(p.Choices, ", ") + ", with ; between them"}
	}
	return nil
}

// CheckNumber holds a customer's number to its channel.
func (d *Definitions) CheckNumber(cell string) *Misfit {
	switch {
	case strings.TrimSpace(cell) == "":
		return &Misfit{"schema.required", "the number by which " + d.Channel + " knows the customer"}
	case !d.IsPhone() && rounded.MatchString(strings.TrimSpace(cell)):
		return &Misfit{"cell.scientific", "the id with all its digits"}
	case !d.IsPhone() && strings.ContainsFunc(strings.TrimSpace(cell), unicode.IsSpace):
		return &Misfit{"cell.word", "the id by which " + d.Channel + " knows the customer, without a space"}
	}
	return nil // a phone number is the mapping's to judge
}

func isWord(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// isLocation reports a place as Google Maps gives it: its coordinates, or its link.
func isLocation(text string) bool {
	if mapsLink.MatchString(text) {
		return !strings.ContainsFunc(text, unicode.IsSpace)
	}
	latitude, longitude, two := strings.Cut(text, ",")
	return two && within(latitude, 90) && within(longitude, 180)
}

func within(text string, most float64) bool {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n >= -most && n <= most && !strings.ContainsAny(text, "eExXnNpP_")
}
