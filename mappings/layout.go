package mappings

import (
	"fmt"
	"strings"
	"time"
)

// A layout is how the dates of a column are written. Immutable.
type layout struct {
	pattern string // as in the mapping
	parts   []layoutPart
	goForm  string        // a Go layout, read by time.Parse; "" when parts are
	dated   bool          // goForm has no time of day
	offset  bool          // goForm has an offset
	epoch   time.Duration // unit of a count since 1970, 0: not a count
	width   int           // bytes of every date, 0: there are shorter and longer ones
}

// A layoutPart is one token of a layout, or one literal byte.
type layoutPart struct {
	token   token
	literal byte
}

type token uint8

const (
	literal token = iota
	year4
	year2
	month2
	month1
	monthName
	monthShort
	day2
	day1
	hour2
	hour1
	half2
	half1
	minute2
	second2
	fraction3
	halfDay
	offset
)

// tokens are what people write in layouts, longest first.
var tokens = []struct {
	text  string
	token token
}{
	{"YYYY", year4}, {"YY", year2}, {"MMMM", monthName}, {"MMM", monthShort}, {"MM", month2}, {"M", month1}, {"DD", day2},
	{"D", day1},
	{"HH", hour2}, {"H", hour1}, {"hh", half2}, {"h", half1}, {"mm", minute2}, {"ss", second2}, {"SSS", fraction3},
	{"A", halfDay}, {"a", halfDay}, {"Z", offset},
}

// wants are the parts of a date, each by one token or not at all.
var wants = [...]struct {
	name   string
	tokens []token
	must   bool
}{
	{"year (YYYY)", []token{year4, year2}, true},
	{"month (MM)", []token{month2, month1, monthName, monthShort}, true},
	{"day (DD)", []token{day2, day1}, true},
	{"hour (HH)", []token{hour2, hour1, half2, half1}, false},
	{"minute (mm)", []token{minute2}, false},
	{"second (ss)", []token{second2}, false},
	{"fraction (SSS)", []token{fraction3}, false},
	{"half of the day (A)", []token{halfDay}, false},
	{"offset (Z)", []token{offset}, false},
}

// compileLayout reads a layout: tokens like DD.MM.YYYY HH:mm, epoch, epoch_ms, or a Go layout, which
// is told by its year 2006. The errors are for people.
func compileLayout(pattern string) (*layout, error) {
	l := &layout{pattern: pattern}
	switch {
	case pattern == "epoch":
		l.epoch, l.pattern = time.Second, "1706709900 (seconds since 1970)"
		return l, nil
	case pattern == "epoch_ms":
		l.epoch, l.pattern = time.Millisecond, "1706709900000 (milliseconds since 1970)"
		return l, nil
	case strings.Contains(pattern, "2006"):
		return l, l.compileGo()
	}
	for rest := pattern; rest != ""; {
		n, err := l.compilePart(rest)
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return l, l.complete()
}

// compilePart reads one token or literal and returns its length.
func (l *layout) compilePart(rest string) (int, error) {
	for _, t := range tokens {
		if strings.HasPrefix(rest, t.text) {
			l.parts = append(l.parts, layoutPart{token: t.token})
			return len(t.text), nil
		}
	}
	c := rest[0]
	if c == '[' {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return 0, fmt.Errorf("layout %q has a [ without its ]", l.pattern)
		}
		for i := 1; i < end; i++ {
			l.parts = append(l.parts, layoutPart{literal: rest[i]})
		}
		return end + 1, nil
	}
	if isLetter(c) && c != 'T' || isDigit(c) {
		return 0, fmt.Errorf("layout %q has %q, which is no part of a date", l.pattern, c)
	}
	l.parts = append(l.parts, layoutPart{literal: c})
	return 1, nil
}

// widths are the bytes of the tokens that always have as many, and of a literal.
var widths = map[token]int{literal: 1, year4: 4, month2: 2, day2: 2, hour2: 2, minute2: 2, second2: 2}

// complete holds the layout to one token for each part of a date, and all parts of a day.
func (l *layout) complete() error {
	counts := map[token]int{}
	even := true
	for _, p := range l.parts {
		counts[p.token]++
		even = even && widths[p.token] > 0
		l.width += widths[p.token]
	}
	if !even {
		l.width = 0
	}
	for _, w := range wants {
		n := 0
		for _, t := range w.tokens {
			n += counts[t]
		}
		if n == 0 && w.must {
			return fmt.Errorf("layout %q has no %s", l.pattern, w.name)
		}
		if n > 1 {
			return fmt.Errorf("layout %q has two tokens for the %s", l.pattern, w.name)
		}
	}
	if half := counts[half1] + counts[half2]; half != counts[halfDay] {
		return fmt.Errorf("layout %q must have both h and A, or neither", l.pattern)
	}
	if counts[minute2]+counts[second2]+counts[offset] > 0 && counts[hour2]+counts[hour1]+counts[half2]+counts[half1] == 0 {
		return fmt.Errorf("layout %q has no hour (HH)", l.pattern)
	}
	return nil
}

// compileGo takes a Go layout. What it holds is found by writing times with it.
func (l *layout) compileGo() error {
	l.goForm = l.pattern
	write := func(month time.Month, day, hour int, zone *time.Location) string {
		return time.Date(2020, month, day, hour, 0, 0, 0, zone).Format(l.goForm)
	}
	base := write(1, 1, 0, time.UTC)
	if write(2, 1, 0, time.UTC) == base || write(1, 2, 0, time.UTC) == base {
		return fmt.Errorf("the Go layout %q has no month (01) or no day (02)", l.pattern)
	}
	l.dated = write(1, 1, 7, time.UTC) == base && write(1, 1, 19, time.UTC) == base
	l.offset = write(1, 1, 0, time.FixedZone("", 3600)) != base
	if _, err := time.Parse(l.goForm, base); err != nil {
		return fmt.Errorf("the Go layout %q cannot read the dates it writes", l.pattern)
	}
	return nil
}

// parse reads b into s, which must be zero. The whole of b must fit the layout.
func (l *layout) parse(b []byte, s *stamp) bool {
	switch {
	case l.epoch != 0:
		return l.parseEpoch(b, s)
	case l.goForm != "":
		return l.parseGo(b, s)
	case l.width > 0:
		return len(b) == l.width && s.readEven(l.parts, b)
	}
	afternoon, noon := false, false
	for _, p := range l.parts {
		n := 0
		switch p.token {
		case literal:
			if len(b) > 0 && b[0] == p.literal {
				n = 1
			}
		case halfDay:
			if len(b) >= 2 && b[1]|0x20 == 'm' && (b[0]|0x20 == 'a' || b[0]|0x20 == 'p') {
				n, noon, afternoon = 2, true, b[0]|0x20 == 'p'
			}
		default:
			n = s.readToken(p.token, b)
		}
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	if noon {
		if s.hour < 1 || s.hour > 12 {
			return false
		}
		s.hour %= 12
		if afternoon {
			s.hour += 12
		}
	}
	return len(b) == 0
}

// readEven reads parts that have one width each; b is as long as they are together.
func (s *stamp) readEven(parts []layoutPart, b []byte) bool {
	ok := true
	for _, p := range parts {
		to := &s.second
		switch p.token {
		case literal:
			ok, b = ok && b[0] == p.literal, b[1:]
			continue
		case year4:
			ok, b = readFour(b, &s.year) && ok, b[4:]
			continue
		case month2:
			to = &s.month
		case day2:
			to = &s.day
		case hour2:
			to, s.timed = &s.hour, true
		case minute2:
			to = &s.minute
		}
		ok, b = readTwo(b, to) && ok, b[2:]
	}
	return ok
}

// readToken reads one part of a date at the start of b and returns its length, 0 when it is not there.
func (s *stamp) readToken(t token, b []byte) int {
	switch t {
	case year4:
		if len(b) < 4 || !readFour(b, &s.year) {
			return 0
		}
		return 4
	case year2:
		n := twoDigits(b, &s.year)
		s.century = true
		s.year += 1900 // 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068, as POSIX has it
		if s.year < 1969 {
			s.year += 100
		}
		return n
	case month2:
		return twoDigits(b, &s.month)
	case month1:
		return readDigits(b, 1, 2, &s.month)
	case monthName, monthShort:
		return s.readMonthName(b, t == monthShort)
	case day2:
		return twoDigits(b, &s.day)
	case day1:
		return readDigits(b, 1, 2, &s.day)
	case hour2, half2:
		s.timed = true
		return twoDigits(b, &s.hour)
	case hour1, half1:
		s.timed = true
		return readDigits(b, 1, 2, &s.hour)
	case minute2:
		return twoDigits(b, &s.minute)
	case second2:
		return twoDigits(b, &s.second)
	case fraction3:
		return s.readFraction(b)
	case offset:
		return s.readOffset(b)
	}
	return 0
}

func twoDigits(b []byte, to *int) int {
	if len(b) < 2 || !readTwo(b, to) {
		return 0
	}
	return 2
}

// readDigits reads between least and most digits and returns how many.
func readDigits(b []byte, least, most int, to *int) int {
	n := min(digits(b), most)
	if n < least {
		return 0
	}
	readInt(b[:n], to)
	return n
}

func (s *stamp) readMonthName(b []byte, short bool) int {
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if short {
			name = name[:3]
		}
		if len(b) >= len(name) && strings.EqualFold(string(b[:len(name)]), name) {
			s.month = int(m)
			return len(name)
		}
	}
	return 0
}

func (l *layout) parseEpoch(b []byte, s *stamp) bool {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	var count int
	if len(b) > 15 || !readInt(b, &count) { // 15 digits reach beyond the year 9999 in either unit
		return false
	}
	if negative {
		count = -count
	}
	t := time.UnixMilli(int64(count))
	if l.epoch == time.Second {
		t = time.Unix(int64(count), 0)
	}
	return s.fromTime(t.UTC())
}

func (l *layout) parseGo(b []byte, s *stamp) bool {
	t, err := time.Parse(l.goForm, string(b))
	if err != nil {
		return false
	}
	if l.offset {
		return s.fromTime(t.UTC())
	}
	ok := s.fromTime(t)
	s.timed, s.zoned = !l.dated, false
	return ok
}
