package mappings

import (
	"math"
	"time"
)

// A clock is a time zone as it is read from a table: for most days between 1970 and 2070 the zone has one
// offset all day and around it, so no calendar needs to be asked. Immutable.
type clock struct {
	zone    *time.Location
	offsets []int32 // seconds east of UTC, by spells of eight days of a month; changing where the offset does
}

const (
	clockFrom, clockTo = 1970, 2070
	spells             = 4 // of a month
	changing           = 1 << 30
)

// newClock makes the table of a zone; nil for UTC, and where no zone is stated.
func newClock(zone *time.Location) *clock {
	if zone == nil || zone == time.UTC {
		return nil
	}
	const day = 24 * 60 * 60
	c := &clock{zone: zone, offsets: make([]int32, 0, (clockTo-clockFrom)*12*spells)}
	until, offset := int64(math.MinInt64), 0 // the second until which the zone has this offset
	for len(c.offsets) < cap(c.offsets) {
		month, spell := len(c.offsets)/spells, len(c.offsets)%spells
		first := time.Date(clockFrom, time.January+time.Month(month), 1+8*spell, 0, 0, 0, 0, time.UTC).Unix()
		if until <= first-day {
			at := time.Unix(first-day, 0).In(zone)
			_, offset = at.Zone()
			until = math.MaxInt64
			if _, end := at.ZoneBounds(); !end.IsZero() {
				until = end.Unix()
			}
		}
		if until < first+9*day {
			c.offsets = append(c.offsets, changing)
		} else {
			c.offsets = append(c.offsets, int32(offset))
		}
	}
	return c
}

// offset is what the zone is east of UTC at a wall clock's day; false where the table does not say it.
func (c *clock) offset(s *stamp) (seconds int, ok bool) {
	if s.year < clockFrom || s.year >= clockTo {
		return 0, false
	}
	offset := c.offsets[((s.year-clockFrom)*12+s.month-1)*spells+(s.day-1)/8]
	return int(offset), offset != changing
}

// toUTC moves a valid stamp to UTC. It is false when that leaves the years 1 to 9999, or when the
// clocks of the zone skipped this time of day.
func (s *stamp) toUTC(c *clock) bool {
	switch {
	case !s.timed || !s.zoned && c == nil:
		return true
	case s.zoned:
		return s.shift(s.offset)
	}
	if offset, ok := c.offset(s); ok {
		return s.shift(offset)
	}
	t := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, s.nano, c.zone)
	if t.Hour() != s.hour || t.Minute() != s.minute {
		return false
	}
	return s.fromTime(t.UTC())
}

// shift takes an offset of less than a day off a valid stamp, which is in UTC then.
func (s *stamp) shift(offset int) bool {
	const day = 24 * 60 * 60
	seconds := (s.hour*60+s.minute)*60 + s.second - offset
	switch {
	case seconds < 0:
		seconds += day
		s.dayBefore()
	case seconds >= day:
		seconds -= day
		s.dayAfter()
	}
	s.hour, s.minute, s.second = seconds/3600, seconds/60%60, seconds%60
	s.offset, s.zoned = 0, true
	return s.year >= 1 && s.year <= 9999
}

func (s *stamp) dayBefore() {
	if s.day--; s.day > 0 {
		return
	}
	if s.month--; s.month == 0 {
		s.month = 12
		s.year--
	}
	s.day = daysIn(s.year, s.month)
}

func (s *stamp) dayAfter() {
	if s.day++; s.day <= daysIn(s.year, s.month) {
		return
	}
	s.day = 1
	if s.month++; s.month > 12 {
		s.month = 1
		s.year++
	}
}
