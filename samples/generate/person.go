package main

import "strconv"

// person is one invented customer, made of a seed and a number alone.
type person struct {
	number int64 // 1-based
	dice   [3]uint64
	luck   uint64 // whether, and in which way, the row is wrong
	place  *place
	first  *name
	last   *name
	note   *note
	tags   *phrase
}

// become makes the person of row i.
func (p *person) become(seed uint64, i int64) {
	state := mix(seed) + uint64(i)*4*golden
	for d := range p.dice {
		state += golden
		p.dice[d] = mix(state)
	}
	p.luck = mix(state + golden)
	p.number = i + 1
	a := p.dice[0]
	p.place = &places[a%uint64(len(places))]
	folk := &folks[p.place.folk]
	p.first = &folk.first[a>>8&0xFF%uint64(len(folk.first))]
	p.last = &folk.last[a>>16&0xFF%uint64(len(folk.last))]
	p.note = &notes[a>>24&0xFF%uint64(len(notes))]
	p.tags = &tags[a>>32&0xFF%uint64(len(tags))]
}

// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): every number of the sequence can be had at once, so that a row
// hangs on no row before it.
const golden = 0x9E3779B97F4A7C15

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// mostRows is how many rows have phone numbers of their own, two each.
const mostRows = areaCodes * exchanges * 10_000 / 2

// The numbers: +1, an area code N9X with N from 2 to 9, an exchange from 200 to 999, a line of four digits.
const (
	areaCodes = 80
	exchanges = 800
)

// appendPhone appends the person's number 0 or 1.
func (p *person) appendPhone(dst []byte, which int64) []byte {
	n := (p.number-1)*2 + which
	line := n % 10_000
	n /= 10_000
	exchange := 200 + n%exchanges
	area := n / exchanges // 0..79
	dst = append(dst, '+', '1', byte('2'+area/10), '9', byte('0'+area%10))
	dst = appendDigits(dst, int(exchange), 3)
	return appendDigits(dst, int(line), 4)
}

// appendEmail appends the person's main address, or the second.
func (p *person) appendEmail(dst []byte, second bool) []byte {
	if !second {
		dst = append(dst, p.first.plain...)
		dst = append(dst, '.')
	}
	dst = append(dst, p.last.plain...)
	dst = append(dst, '.')
	dst = strconv.AppendInt(dst, p.number, 10)
	switch p.dice[0] >> 40 & 3 {
	case 0:
		return append(dst, "@example.org"...)
	case 1:
		return append(dst, "@example.net"...)
	default:
		return append(dst, "@example.com"...)
	}
}

func (p *person) twoEmails() bool  { return p.dice[0]>>42&3 == 0 }
func (p *person) hasTier() bool    { return p.dice[0]>>44&3 != 0 }
func (p *person) hasScore() bool   { return p.dice[0]>>46&7 != 0 }
func (p *person) hasTwitter() bool { return p.dice[0]>>49&1 == 0 }
func (p *person) isVIP() bool      { return p.dice[0]>>50&15 == 0 }
func (p *person) orders() int      { return int(p.dice[0] >> 54 & 0xFF) }

// standard are the columns of samples/customers.csv.
func standard() []column {
	quote := func(f func(dst []byte, p *person) []byte) func(dst []byte, p *person) []byte {
		return func(dst []byte, p *person) []byte {
			start := len(dst)
			dst = f(append(dst, '"'), p)
			if len(dst) == start+1 {
				return dst[:start]
			}
			return append(dst, '"')
		}
	}
	same := func(name string, f func(dst []byte, p *person) []byte) column { return column{name, f, f} }
	text := func(name string, f func(dst []byte, p *person) []byte) column { return column{name, f, quote(f)} }
	return []column{
		text("Customer ID", appendID),
		text("Name", appendName),
		{"E-mail", appendEmails, appendEmailsJSON},
		text("Phone", func(dst []byte, p *person) []byte { return p.appendPhone(dst, 0) }),
		text("Mobile", func(dst []byte, p *person) []byte { return p.appendPhone(dst, 1) }),
		text("City", func(dst []byte, p *person) []byte { return append(dst, p.place.city...) }),
		text("Country", func(dst []byte, p *person) []byte { return append(dst, p.place.country...) }),
		text("Language", func(dst []byte, p *person) []byte { return append(dst, p.place.language...) }),
		text("Time zone", func(dst []byte, p *person) []byte { return append(dst, p.place.zone...) }),
		text("Birthday", appendBirthday),
		text("Signed up", appendSignedUp),
		{"Tags", func(dst []byte, p *person) []byte { return append(dst, p.tags.csv...) },
			func(dst []byte, p *person) []byte { return append(dst, p.tags.json...) }},
		same("Avg Sat Score", appendScore),
		text("Loyalty Tier", appendTier),
		{"VIP", appendVIP, func(dst []byte, p *person) []byte { return strconv.AppendBool(dst, p.isVIP()) }},
		same("Orders", func(dst []byte, p *person) []byte { return strconv.AppendInt(dst, int64(p.orders()), 10) }),
		text("Last Order", appendLastOrder),
		text("Profile", appendProfile),
		{"Notes", appendNote, appendNoteJSON},
		text("Twitter", appendTwitter),
	}
}

func appendID(dst []byte, p *person) []byte {
	dst = append(dst, "C-"...)
	return appendDigits(dst, int(p.number), 8)
}

func appendName(dst []byte, p *person) []byte {
	first, last := p.first.shown, p.last.shown
	if folks[p.place.folk].familyFirst {
		first, last = last, first
	}
	dst = append(dst, first...)
	dst = append(dst, ' ')
	return append(dst, last...)
}

func appendEmails(dst []byte, p *person) []byte {
	dst = p.appendEmail(dst, false)
	if p.twoEmails() {
		dst = p.appendEmail(append(dst, ';'), true)
	}
	return dst
}

func appendEmailsJSON(dst []byte, p *person) []byte {
	dst = append(p.appendEmail(append(dst, '[', '"'), false), '"')
	if p.twoEmails() {
		dst = append(p.appendEmail(append(dst, ',', '"'), true), '"')
	}
	return append(dst, ']')
}

func appendBirthday(dst []byte, p *person) []byte {
	d := p.dice[1]
	return appendDate(dst, 1942+int(d&63), 1+int(d>>6&0xFF)%12, 1+int(d>>14&0xFF)%28)
}

func appendSignedUp(dst []byte, p *person) []byte {
	d := p.dice[1] >> 22
	dst = appendDate(dst, 2011+int(d&0xFF)%14, 1+int(d>>8&0xFF)%12, 1+int(d>>16&0xFF)%28)
	dst = append(dst, ' ')
	// by day: clocks that are put forward skip an hour of the night
	dst = append(appendDigits(dst, 6+int(d>>24&0xFF)%16, 2), ':')
	return appendDigits(dst, int(d>>32&0xFF)%60, 2)
}

func appendScore(dst []byte, p *person) []byte {
	if !p.hasScore() {
		return dst
	}
	score := 10 + int(p.dice[2]&0xFF)%41
	return append(dst, byte('0'+score/10), '.', byte('0'+score%10))
}

func appendTier(dst []byte, p *person) []byte {
	if !p.hasTier() {
		return dst
	}
	return append(dst, [...]string{"bronze", "silver", "gold", "platinum"}[p.dice[2]>>8&3]...)
}

func appendVIP(dst []byte, p *person) []byte {
	if p.isVIP() {
		return append(dst, "yes"...)
	}
	return append(dst, "no"...)
}

// appendLastOrder writes the day first, as the system that the sample comes from does.
func appendLastOrder(dst []byte, p *person) []byte {
	if p.orders() == 0 {
		return dst
	}
	d := p.dice[2] >> 10
	dst = append(appendDigits(dst, 1+int(d&0xFF)%28, 2), '.')
	dst = append(appendDigits(dst, 1+int(d>>8&0xFF)%12, 2), '.')
	return appendDigits(dst, 2019+int(d>>16&7), 4)
}

func appendProfile(dst []byte, p *person) []byte {
	dst = append(dst, "https://crm.example.com/customers/"...)
	dst = appendDigits(dst, int(p.number), 8)
	return append(dst, "/orders?from=import"...)
}

func appendNote(dst []byte, p *person) []byte {
	if !p.note.quoted {
		return append(append(append(dst, p.note.csv...), ' '), p.place.city...)
	}
	dst = append(append(append(dst, '"'), p.note.csv...), ' ')
	return append(append(dst, p.place.city...), '"')
}

func appendNoteJSON(dst []byte, p *person) []byte {
	dst = append(append(append(dst, '"'), p.note.json...), ' ')
	return append(append(dst, p.place.city...), '"')
}

func appendTwitter(dst []byte, p *person) []byte {
	if !p.hasTwitter() {
		return dst
	}
	dst = append(append(dst, p.last.plain...), '_')
	return strconv.AppendInt(dst, p.number, 10)
}

func appendDate(dst []byte, year, month, day int) []byte {
	dst = append(appendDigits(dst, year, 4), '-')
	dst = append(appendDigits(dst, month, 2), '-')
	return appendDigits(dst, day, 2)
}

// appendDigits appends n, which is not negative, with at least so many digits, at most eight.
func appendDigits(dst []byte, n, width int) []byte {
	for ; width > 1 && n < tens[width-1]; width-- {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

var tens = [...]int{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}
