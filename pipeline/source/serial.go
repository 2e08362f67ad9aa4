package source

import (
	"math"
	"strconv"
	"time"
)

// numberFormat is what a cell's format makes of its number.
type numberFormat struct {
	date, clock, elapsed bool // a date, a time of day, or a stretch of time such as [h]:mm
	zeros                int  // the format pads whole numbers to this many digits, as for postcodes; 0 it does not
}

func (f numberFormat) timed() bool { return f.date || f.clock || f.elapsed }

// builtInFormat is the format behind a number that files do not spell out (ECMA-376 part 1, 18.8.30;
// 27 to 36 and 50 to 58 are dates in the East Asian versions).
func builtInFormat(id int) numberFormat {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return numberFormat{date: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return numberFormat{clock: true}
	case id == 22:
		return numberFormat{date: true, clock: true}
	case id == 46:
		return numberFormat{elapsed: true}
	}
	return numberFormat{}
}

// parseFormat reads a format code, such as dd.mm.yyyy hh:mm or 00000. Of its sections, for positive and negative
// numbers, the first counts.
func parseFormat(code string) numberFormat {
	var f numberFormat
	zeros, digits, months := 0, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; code[i] {
		case ';':
			i = len(code)
		case '"':
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case '\\', '_', '*':
			i++
		case '[':
			from := i + 1
			for i++; i < len(code) && code[i] != ']'; i++ {
			}
			f.elapsed = f.elapsed || isElapsed(code[from:min(i, len(code))])
		case '0':
			zeros++
		case '#', '?', '.', ',', '%', 'E', 'e', '/', '@':
			digits = true
		default:
			switch {
			case c == 'y' || c == 'd' || c == 'b':
				f.date = true
			case c == 'h' || c == 's':
				f.clock = true
			case c == 'm':
				months = true
			case c == 'g': // General, and the era of Japanese dates
				if len(code) >= i+7 && (code[i:i+7] == "General" || code[i:i+7] == "GENERAL") {
					return numberFormat{}
				}
			}
		}
	}
	if months && !f.clock && !f.elapsed {
		f.date = true
	}
	if zeros > 1 && !digits && !f.timed() {
		f.zeros = zeros
	}
	return f
}

// isElapsed says whether the text of a bracket counts hours, minutes or seconds beyond their clock.
func isElapsed(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c != 'h' && c != 'm' && c != 's' || c != s[0]|0x20 {
			return false
		}
	}
	return s != ""
}

// lastSerial is the day behind 9999-12-31 in the 1900 system.
const lastSerial = 2958466

// appendSerial writes a day number as ISO 8601: 2024-01-31, 2024-01-31T14:05:00, 14:05:00. A fraction of the day is
// never dropped, whatever the format shows. false: the number is no point in time.
func appendSerial(dst []byte, serial float64, f numberFormat, date1904 bool) ([]byte, bool) {
	if !(serial >= 0) || serial >= lastSerial {
		return dst, false
	}
	millis := int64(math.Round(serial * 86400_000))
	day, rest := millis/86400_000, millis%86400_000
	switch {
	case f.elapsed && !f.date:
		return appendClock(dst, millis), true
	case !f.date && day == 0:
		return appendClock(dst, rest), true
	case day == 0 && !date1904:
		return dst, false // 1900-01-00, which is what blank cells give when a date is made of them
	}
	year, month, d := civil(day, date1904)
	if year > 9999 {
		return dst, false
	}
	dst = appendPadded(dst, int64(year), 4)
	dst = appendPadded(append(dst, '-'), int64(month), 2)
	dst = appendPadded(append(dst, '-'), int64(d), 2)
	if f.clock || f.elapsed || rest != 0 {
		dst = appendClock(append(dst, 'T'), rest)
	}
	return dst, true
}

// civil is the date of a day number. Day 60 of the 1900 system is the 29 February that 1900 did not have: Excel
// took that error over from Lotus 1-2-3.
func civil(day int64, date1904 bool) (year int, month time.Month, d int) {
	switch {
	case date1904:
		day += 1462
	case day == 60:
		return 1900, time.February, 29
	case day < 60:
		day++
	}
	return time.Unix((day-25569)*86400, 0).UTC().Date()
}

// appendClock writes 14:05:00, with a fraction only where there is one.
func appendClock(dst []byte, millis int64) []byte {
	dst = appendPadded(dst, millis/3600_000, 2)
	dst = appendPadded(append(dst, ':'), millis/60_000%60, 2)
	dst = appendPadded(append(dst, ':'), millis/1000%60, 2)
	if millis%1000 != 0 {
		dst = appendPadded(append(dst, '.'), millis%1000, 3)
	}
	return dst
}

// appendPadded writes n ≥ 0 with at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	var room [20]byte
	digits := strconv.AppendInt(room[:0], n, 10)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
