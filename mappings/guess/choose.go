package guess

import (
	"errors"
	"slices"

	"muster/mappings"
)

// Questions are the columns that a person should look at: those below limit, and those of which two readings
// fit. They belong to the guess; what is said of them stands in its YAML.
func (g *Guess) Questions(limit float64) (asked []*Column) {
	g.each(func(c *Column) {
		if c.Confidence < limit || len(c.Readings) > 0 {
			asked = append(asked, c)
		}
	})
	return asked
}

// Place is the column's place among the columns, from 0.
func (c *Column) Place() int { return c.place }

// Keep takes the guess of the column as it is. Where several readings fit one must be chosen instead.
func (c *Column) Keep() {
	c.Confidence = 1
	c.Evidence = append(slices.Clip(c.Evidence), "confirmed by hand")
}

// Read takes one of the column's Readings: a layout of dates, or a decimal mark.
func (c *Column) Read(reading string) error {
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
func (c *Column) Choose(place string) error {
	var to mappings.Place
	if place != mappings.Ignore {
		var err error
		switch to, err = mappings.ParsePlace(place); {
		case err != nil:
			return err
		case to.Nameless:
			return errors.New("the attribute has no name (write custom.<name>, as custom.visitsNum)")
		}
	}
	*c = Column{Name: c.Name, Target: place, Confidence: 1, place: c.place, read: c.read, look: c.look, words: c.words}
	if place == mappings.Ignore {
		c.because("left out by hand")
		return nil
	}
	c.because("chosen by hand")
	switch {
	case to.Type == "At":
		c.dates()
	case to.Type == "Num":
		c.decimals()
	case to.Type == "Bool" && c.look.needsBoolValues():
		c.Values = c.look.boolValues()
	case to.Many:
		c.Split = c.look.list
	}
	return nil
}
