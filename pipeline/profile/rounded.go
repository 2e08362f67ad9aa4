package profile

import (
	"bytes"
	"fmt"
	"math/bits"
	"strconv"

	"muster/pipeline/source"
)

// floatSigns is what numbers too long for a float tell: whether all of them are such as a float can hold. One may be so
// by chance, a column of them is not.
type floatSigns struct {
	held  sightings // numbers that a float holds, or that are what it prints
	lucky int64     // how often a coin would have to fall right for that
	edge  int64     // those that a float just holds: ids with empty bits at their end leave room to spare
}

// enoughLuck is how often a coin does not fall right, not even in a file of a million columns.
const enoughLuck = 40

func (f *floatSigns) merge(other *floatSigns) {
	f.held.merge(&other.held)
	f.lucky += other.lucky
	f.edge += other.edge
}

// floatDigits is how many significant digits a float prints.
const floatDigits = 17

// long looks at a number of more than 15 digits, which is where spreadsheets and floats begin to lose them.
func (c *seenColumn) longNumber(cell []byte, row *source.Row) {
	c.long++
	if len(bytes.TrimRight(cell[15:], "0")) == 0 {
		c.signs[signRounded].add(row)
	}
	n, err := strconv.ParseUint(string(cell), 10, 64)
	if err != nil {
		return
	}
	spare := bits.Len64(n) - 53
	zeros := bits.TrailingZeros64(n)
	switch {
	case spare <= 0:
	case zeros >= spare:
		c.floats.held.add(row)
		c.floats.lucky += int64(spare)
		if zeros == spare {
			c.floats.edge++
		}
	case len(cell) > floatDigits && cell[len(cell)-1] == '0' &&
		strconv.FormatFloat(float64(n), 'f', -1, 64) == string(cell):
		c.floats.held.add(row)
		c.floats.lucky += int64(spare)
		c.floats.edge++
	}
}

// rounded is what the column's long numbers tell of digits lost. n 0: nothing.
func (c *seenColumn) rounded() (s *sightings, detail string) {
	s = &c.signs[signRounded]
	if s.n >= 2 && s.n*10 >= c.long*9 {
		return s, fmt.Sprintf("of %d numbers of more than 15 digits %d have nothing but zeros behind the 15th", c.long, s.n)
	}
	f := &c.floats
	if f.held.n*10 >= c.long*9 && f.lucky >= enoughLuck && f.edge*4 >= f.held.n {
		return &f.held, fmt.Sprintf("of %d numbers of more than 15 digits %d are such as a floating-point number has, "+
			"whose last digits are made up", c.long, f.held.n)
	}
	return &sightings{}, ""
}

// decimal says whether the number whose first n bytes are digits is a whole one that was written as a decimal number:
// 12345.0.
func decimal(cell []byte, n int) bool {
	rest := cell[n:]
	return len(rest) >= 2 && len(rest) <= 3 && rest[0] == '.' && rest[1] == '0' && rest[len(rest)-1] == '0'
}
