package mappings

import (
	"encoding/binary"
	"time"
)

// A stamp is a point in time as it is written: a date, perhaps a time of day, perhaps an offset.
type stamp struct {
	year, month, day     int
	hour, minute, second int
	nano                 int
	offset               int // seconds east of UTC
	timed, zoned         bool
	century              bool // it was written with two digits of its year
}

func expectedDate(l *layout) string {
	if l == nil {
		return "a date like 2024-01-31 or 2024-01-31T14:05:00Z (other forms need layout:)"
	}
	return "a date like " + l.pattern
}

// readDate writes a date in the column's layout as RFC 3339 in UTC with milliseconds, which is how
// Kustomer writes dates. Finer fractions are cut off. A date without a time is midnight UTC of that
// date, whatever the zone, so that no birthday moves. Beside a layout ISO 8601 is read, too: its order is
// never in doubt.
func readDate(c *conversion, v *Value, rec *Record) *fault {
	if v.Kind != '"' && (v.Kind != '0' || c.layout == nil || c.layout.epoch == 0) {
		return c.noDate(v)
	}
	var s stamp
	ok := false
	if c.layout == nil {
		ok = s.parseISO(v.Text)
	} else if ok = c.layout.parse(v.Text, &s); !ok {
		s = stamp{}
		ok = s.parseISO(v.Text) // what real date cells of workbooks come as, whatever the layout of the others
	}
	if !ok || !s.valid() {
		return c.noDate(v)
	}
	if c.daily {
		if f := s.readBirthday(c); f != nil {
			return f
		}
	}
	if !s.toUTC(c.clock) {
		return c.fault
	}
	start := len(rec.buffer)
	rec.buffer = s.append(rec.buffer)
	v.Kind, v.plain, v.Text = '"', true, rec.buffer[start:len(rec.buffer):len(rec.buffer)]
	return nil
}

// noDate is why a cell is no date.
func (c *conversion) noDate(v *Value) *fault {
	if c.daily && (v.Kind == '"' || v.Kind == '0') && isPartial(v.Text) {
		return incomplete
	}
	return c.fault
}

// parseISO reads ISO 8601 as people and programs write it: 2024-01-31, with T or a space before
// 14:05, 14:05:00 or 14:05:00.123, and Z, +02:00, +0200 or +02 behind it.
func (s *stamp) parseISO(b []byte) bool {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	ok := readFour(b[:4], &s.year) && readTwo(b[5:7], &s.month) && readTwo(b[8:10], &s.day)
	if b = b[10:]; !ok || len(b) == 0 {
		return ok
	}
	if len(b) < 6 || b[0] != 'T' && b[0] != ' ' && b[0] != 't' || b[3] != ':' {
		return false
	}
	s.timed = true
	ok = readTwo(b[1:3], &s.hour) && readTwo(b[4:6], &s.minute)
	b = b[6:]
	if ok && len(b) >= 3 && b[0] == ':' {
		ok = readTwo(b[1:3], &s.second)
		if b = b[3:]; ok && len(b) > 0 && (b[0] == '.' || b[0] == ',') {
			n := s.readFraction(b[1:])
			ok = n > 0
			b = b[1+n:]
		}
	}
	if !ok || len(b) == 0 {
		return ok
	}
	if b[0] == ' ' && len(b) > 1 {
		b = b[1:]
	}
	return s.readOffset(b) == len(b)
}

// day0 makes a date of a midnight: of a birthday the day counts as it is written, in whatever zone.
func (s *stamp) day0() {
	if s.hour == 0 && s.minute == 0 && s.second == 0 && s.nano == 0 {
		s.timed, s.zoned, s.offset = false, false, 0
	}
}

// readFraction reads the digits of a fraction of a second, at most nine, and returns how many.
func (s *stamp) readFraction(b []byte) int {
	n, scale := 0, 100_000_000
	for n < len(b) && n < 9 && isDigit(b[n]) {
		s.nano += int(b[n]-'0') * scale
		scale /= 10
		n++
	}
	return n
}

// readOffset reads Z, UTC, +02:00, +0200 or +02 at the start of b and returns its length, 0 when none is there.
func (s *stamp) readOffset(b []byte) int {
	s.zoned = true
	if len(b) > 0 && b[0]|0x20 == 'z' {
		return 1
	}
	if len(b) >= 3 && string(b[:3]) == "UTC" {
		return 3
	}
	var hours, minutes int
	if len(b) < 3 || b[0] != '+' && b[0] != '-' || !readTwo(b[1:3], &hours) {
		return 0
	}
	n := 3
	switch {
	case len(b) >= 6 && b[3] == ':' && readTwo(b[4:6], &minutes):
		n = 6
	case len(b) >= 5 && readTwo(b[3:5], &minutes):
		n = 5
	}
	if hours > 23 || minutes > 59 {
		return 0
	}
	s.offset = (hours*60 + minutes) * 60
	if b[0] == '-' {
		s.offset = -s.offset
	}
	return n
}

// readTwo reads two digits.
func readTwo(b []byte, to *int) bool {
	tens, units := b[0]-'0', b[1]-'0'
	*to = int(tens)*10 + int(units)
	return tens <= 9 && units <= 9
}

// readFour reads four digits.
func readFour(b []byte, to *int) bool {
	var hundreds int
	ok := readTwo(b[:2], &hundreds) && readTwo(b[2:4], to)
	*to += hundreds * 100
	return ok
}

// readInt reads b, which must be digits only and not empty.
func readInt(b []byte, to *int) bool {
	n := 0
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
		n = n*10 + int(c-'0')
	}
	*to = n
	return len(b) > 0
}

// valid holds the stamp to the calendar.
func (s *stamp) valid() bool {
	return s.year >= 1 && s.year <= 9999 && s.month >= 1 && s.month <= 12 && s.day >= 1 &&
		(s.day <= 28 || s.day <= daysIn(s.year, s.month)) &&
		s.hour <= 23 && s.minute <= 59 && s.second <= 59
}

// daysIn is how many days a month has.
func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}

// fromTime takes over a time in UTC.
func (s *stamp) fromTime(t time.Time) bool {
	year, month, day := t.Date()
	s.year, s.month, s.day = year, int(month), day
	s.hour, s.minute, s.second = t.Clock()
	s.nano, s.offset, s.timed, s.zoned = t.Nanosecond(), 0, true, true
	return year >= 1 && year <= 9999
}

// append writes a stamp that is in UTC: 2024-01-31T14:05:00.000Z, in three words of eight bytes.
func (s *stamp) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, two(s.year/100)|two(s.year%100)<<16|'-'<<32|two(s.month)<<40|'-'<<56)
	if !s.timed {
		return append(binary.LittleEndian.AppendUint64(dst, two(s.day)|midnight<<16), ":00.000Z"...)
	}
	dst = binary.LittleEndian.AppendUint64(dst, two(s.day)|'T'<<16|two(s.hour)<<24|':'<<40|two(s.minute)<<48)
	millis := s.nano / 1_000_000
	return binary.LittleEndian.AppendUint64(dst, ':'|two(s.second)<<8|'.'<<24|two(millis/10)<<32|uint64('0'+
		millis%10)<<48|'Z'<<56)
}

// midnight is T00:00, the first byte lowest.
const midnight = 'T' | '0'<<8 | '0'<<16 | ':'<<24 | '0'<<32 | '0'<<40

// two is a number below 100 as two digits, the first one lowest.
func two(n int) uint64 {
	tens := uint64(n) * 103 >> 10 // n / 10
	return '0' | '0'<<8 | tens | (uint64(n)-10*tens)<<8
}
