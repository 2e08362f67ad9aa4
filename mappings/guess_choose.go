package mappings

import (
	"errors"
	"slices"
)

// Questions are the columns that a person should look at: those below limit, and those of which two readings
// fit. They belong to the guess; what is said of them stands in its YAML.
func (g *Guess) Questions(limit float64) (asked []*GuessedColumn) {
	g.each(func(c *GuessedColumn) {
		if c.Confidence < limit || len(c.Readings) > 0 {
			asked = append(asked, c)
		}
	})
	return asked
}

// Keep takes the guess of the column as it is. Where several readings fit one must be chosen instead.
func (c *GuessedColumn) Keep() {
	c.Confidence = 1
	c.Evidence = append(slices.Clip(c.Evidence), "confirmed by hand")
}

// Read takes one of the column's Readings: a layout of dates, or a decimal mark.
func (c *GuessedColumn) Read(reading string) error {
	if !slices.Contains(c.Readings, reading) {
		return errors.New("that is none of its readings")
	}
	switch reading {
	case "decimal point":
		c.Decimal = "."
	case "decimal comma":
		c.Decimal = ","
	default:
		c.Layout = reading
	}
	c.Readings = nil
	c.Keep()
	return nil
}

// Choose sends the column to another place, as a mapping file names it, or to "ignore". The error says why
// there is no such place, and what could be meant.
func (c *GuessedColumn) Choose(place string) error {
	t := target{member: -1}
	if place != onIgnore {
		var err *targetError
		switch t, err = parseTarget(place); {
		case err != nil && err.fix != "":
			return errors.New(err.message + " (" + err.fix + ")")
		case err != nil:
			return err
		case t.field.shape == custom && t.name == "":
			return errors.New("the attribute has no name (write custom.<name>, as custom.visitsNum)")
		}
	}
	*c = GuessedColumn{Name: c.Name, Target: place, Confidence: 1, place: c.place, read: c.read, look: c.look, words: c.words}
	if place == onIgnore {
		c.because("left out by hand")
		return nil
	}
	c.because("chosen by hand")
	switch {
	case t.value == asDate:
		c.dates()
	case t.value == asNumber:
		c.decimals()
	case t.value == asBool && c.look.needsBoolValues():
		c.Values = c.look.boolValues()
	case t.field.shape == words || t.field.shape == list && t.member < 0:
		c.Split = c.look.list
	}
	return nil
}
