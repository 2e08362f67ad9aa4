package suggest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFor(t *testing.T) {
	for _, c := range []struct {
		cell Cell
		want string
	}{
		{Cell{Code: "cell.url", Text: "www.shop.example"}, "https://www.shop.example"},
		{Cell{Code: "cell.url", Text: "shop.example/a?b=1"}, "https://shop.example/a?b=1"},
		{Cell{Code: "cell.url", Text: "http:/shop.example"}, "http://shop.example"},
		{Cell{Code: "cell.url", Text: "contract.pdf"}, ""},
		{Cell{Code: "cell.url", Text: "see our page"}, ""},
		{Cell{Code: "cell.url", Text: "ann@shop.example"}, ""},
		{Cell{Code: "cell.date", Expected: "a date like DD/MM/YYYY", Text: "12/31/2024"}, "31/12/2024"},
		{Cell{Code: "cell.date", Expected: "a date like MM/DD/YYYY", Text: "31/12/2024"}, "12/31/2024"},
		{Cell{Code: "cell.date", Expected: "a date like DD/MM/YYYY", Text: "02/30/2024"}, ""},
		{Cell{Code: "cell.date", Expected: "a date like DD/MM/YYYY", Text: "13/13/2024"}, ""},
		{Cell{Code: "cell.date", Expected: "a date like DD.MM.YYYY", Text: "12/31/2024"}, ""},
		{Cell{Code: "schema.format", Expected: "an e-mail address such as name@example.com", Text: "ann@shop,com"},
			"ann@shop.com"},
		{Cell{Code: "schema.format", Expected: "an e-mail address such as name@example.com", Text: "ann@gmailcom"},
			"ann@gmail.com"},
		{Cell{Code: "schema.format", Expected: "an e-mail address such as name@example.com", Text: "ann@@shop.example"},
			"ann@shop.example"},
		{Cell{Code: "schema.format", Expected: "an e-mail address such as name@example.com", Text: "ann@a.com, bo@b.com"},
			""},
		{Cell{Code: "schema.format", Expected: "an e-mail address such as name@example.com", Text: "none"}, ""},
		{Cell{Code: "schema.length", Expected: "exactly 2 characters", Text: "Nederlnad"}, "NL"},
		{Cell{Code: "schema.length", Expected: "exactly 2 characters", Text: "Atlantis"}, ""},
		{Cell{Code: "cell.phone", Expected: needsRegion, Text: "06-12345678", Region: "NL"}, "+31612345678"},
		{Cell{Code: "cell.phone", Expected: needsRegion, Text: "06-12345678"}, ""},
		{Cell{Code: "cell.phone", Expected: needsRegion, Text: "06-12345678 x12", Region: "NL"}, ""},
		{Cell{Code: "cell.phone", Expected: "a phone number that is possible in NL", Text: "06-1234567", Region: "NL"}, ""},
		{Cell{Code: "rule.one_of", Expected: "one of gold, silver", Text: "Golld"}, "gold"},
		{Cell{Code: "rule.one_of", Expected: "one of gold, silver", Text: "tin"}, ""},
		{Cell{Code: "rule.one_of", Expected: "one of tier1, tier2", Text: "tier3"}, ""},
		{Cell{Code: "rule.one_of", Expected: "one of bold, gold", Text: "hold"}, ""},
	} {
		if got := For(c.cell); got != c.want {
			t.Errorf("%+v: %q, want %q", c.cell, got, c.want)
		}
	}
}

// needsRegion is what is expected of a phone number where no country is known.
const needsRegion = "a phone number in international form, like +31612345678 (other forms need region:)"

// typo makes the mistakes of hands: a letter too many, too few, another, or two that changed places.
func typo(r *rand.Rand, s string) string {
	letters := []rune(s)
	at := 1 + r.IntN(len(letters)-2)
	switch r.IntN(4) {
	case 0:
		letters[at], letters[at+1] = letters[at+1], letters[at]
	case 1:
		letters = append(letters[:at], letters[at+1:]...)
	case 2:
		letters = append(letters[:at], append([]rune{letters[at]}, letters[at:]...)...)
	default:
		letters[at] = rune('a' + r.IntN(26))
	}
	return string(letters)
}

// pick is one of some.
func pick[T any](r *rand.Rand, some ...T) T { return some[r.IntN(len(some))] }

// kinds make, of each kind, a cell that went wrong as people get it wrong with what was meant, or one that only looks
// like it: "".
func kinds() map[string]func(r *rand.Rand) (Cell, string) {
	domain := func(r *rand.Rand) string {
		return pick(r, "gmail.com", "hotmail.com", "acme.example", "mail.shop.nl", "uni-x.edu", "web.de", "outlook.com")
	}
	return map[string]func(r *rand.Rand) (Cell, string){
		"address": func(r *rand.Rand) (Cell, string) {
			bare := pick(r, "www.", "", "shop.") + pick(r, "acme", "north-wind", "q7") +
				pick(r, ".com", ".example", ".de", ".co.uk") + pick(r, "", "/a", "/a?b=1#c")
			switch r.IntN(6) {
			case 0:
				return Cell{Code: "cell.url", Text: "https:/" + bare}, "https://" + bare
			case 1:
				return Cell{Code: "cell.url", Text: pick(r, "contract.pdf", "n/a", "soon", "v1.2", "ann@acme.com", "acme", "www",
					"12.5", "Smith & Co.", "see acme.com for it", "photo.jpeg", "C:\\a.txt")}, ""
			}
			return Cell{Code: "cell.url", Text: bare}, "https://" + bare
		},
		"date": func(r *rand.Rand) (Cell, string) {
			mark := pick(r, "/", ".", "-")
			day, month, year := 13+r.IntN(16), 1+r.IntN(12), 1950+r.IntN(75)
			expected := "a date like DD" + mark + "MM" + mark + "YYYY"
			switch r.IntN(4) {
			case 0:
				return Cell{Code: "cell.date", Expected: expected,
					Text: fmt.Sprint(13+r.IntN(20), mark, 13+r.IntN(20), mark, year)}, ""
			case 1:
				return Cell{Code: "cell.date", Expected: expected,
					Text: pick(r, "02/30/2024", "soon", "00/13/2020", "2024", "1/2", "45292", "12/31/24x")}, ""
			}
			return Cell{Code: "cell.date", Expected: expected,
					Text: fmt.Sprintf("%02d%s%02d%s%d", month, mark, day, mark, year)},
				fmt.Sprintf("%02d%s%02d%s%d", day, mark, month, mark, year)
		},
		"e-mail": func(r *rand.Rand) (Cell, string) {
			name, at := pick(r, "ann", "bo.lee", "c_d", "eva+x"), domain(r)
			right := name + "@" + at
			c := Cell{Code: "schema.format", Expected: "an e-mail address such as name@example.com"}
			dot := strings.LastIndexByte(at, '.')
			switch r.IntN(8) {
			case 0:
				c.Text = name + "@" + at[:dot] + "," + at[dot+1:]
			case 1:
				c.Text = name + "@@" + at
			case 2:
				c.Text = name + " @ " + at
			case 3:
				c.Text = right + pick(r, ".", ",", ";")
			case 4:
				c.Text = name + pick(r, "(at)", "[at]", " at ") + at
			case 5:
				c.Text = name + "@" + at[:dot] + ".." + at[dot+1:]
			case 6:
				c.Text = pick(r, "<", "mailto:") + right + pick(r, ">", ".")
			default:
				c.Text = pick(r, "none", "a@b.com, c@d.com", "a@b.com;c@d.com", "ann@", "@acme.com", "ann at home", "n/a",
					"see file", "ann@acme", "a b@c.com")
				return c, ""
			}
			return c, right
		},
		"country": func(r *rand.Rand) (Cell, string) {
			c := Cell{Code: "schema.length", Expected: "exactly 2 characters"}
			if r.IntN(4) == 0 {
				c.Text = pick(r, "Atlantis", "Europe", "Amsterdam", "Bavaria", "unknown", "Scandinavia", "England and Wales",
					"Benelux", "Earth", "Congo", "Korea", "Catalonia", "Holand", "Guinee")
				if c.Text == "Holand" {
					return c, "NL"
				}
				if c.Text == "Guinee" {
					return c, "GN"
				}
				return c, ""
			}
			right := [][2]string{{"Netherlands", "NL"}, {"Germany", "DE"}, {"Deutschland", "DE"}, {"Belgium", "BE"},
				{"Österreich", "AT"}, {"Portugal", "PT"}, {"Australia", "AU"}, {"España", "ES"},
				{"United Kingdom", "GB"}, {"Switzerland", "CH"}, {"Sverige", "SE"}, {"Danmark", "DK"}, {"Slovenia", "SI"},
				{"Slovakia", "SK"}, {"Ireland", "IE"}, {"Iceland", "IS"}, {"Niger", "NE"}, {"Austria", "AT"}}
			one := pick(r, right...)
			c.Text = typo(r, one[0])
			return c, one[1]
		},
		"phone": func(r *rand.Rand) (Cell, string) {
			digits := func(n int) (s string) {
				for range n {
					s += fmt.Sprint(r.IntN(10))
				}
				return s
			}
			c := Cell{Code: "cell.phone", Expected: needsRegion, Region: "NL"}
			if r.IntN(4) == 0 {
				c.Text = pick(r, "n/a", "call me", digits(5), "06-"+digits(7), "06"+digits(9), "12-05-1980", "2024-11-30",
					"06"+digits(8)+"/06"+digits(8), "06"+digits(8)+" x12", "06"+digits(8)+" or at work", "12,50", "020-"+digits(4),
					"00"+digits(6))
				return c, ""
			}
			mark, own := pick(r, "", " ", "-"), digits(8)
			country := pick(r, [2]string{"NL", "+316"}, [2]string{"GB", "+447911"}, [2]string{"FR", "+336"})
			switch c.Region = country[0]; country[0] {
			case "NL":
				c.Text = "06" + mark + own[:4] + pick(r, "", mark) + own[4:]
			case "GB":
				own = own[:6]
				c.Text = "07911" + mark + own
			case "FR":
				c.Text = strings.Join([]string{"06", own[:2], own[2:4], own[4:6], own[6:]}, pick(r, "", " ", ".", "-"))
			}
			return c, country[1] + own
		},
		"choice": func(r *rand.Rand) (Cell, string) {
			c := Cell{Code: "klass.enum", Expected: "one of Gold, Silver, Platinum, On hold, Tier 1, Tier 2"}
			if r.IntN(4) == 0 {
				c.Text = pick(r, "Tier 3", "tin", "bronze", "cold", "unknown", "old", "gold plus", "hold")
				return c, map[string]string{"cold": ""}[c.Text]
			}
			right := pick(r, "Gold", "Silver", "Platinum", "On hold")
			if c.Text = typo(r, right); r.IntN(3) == 0 {
				c.Text = strings.ToUpper(right)
			}
			return c, right
		},
	}
}

// TestPrecision measures each kind on cells spoilt at random, by seeds that nothing was tuned on. The words they are
// made of stand in this file: people's own files will show other mistakes. The manual has the figures.
func TestPrecision(t *testing.T) {
	for name, make := range kinds() {
		r := rand.New(rand.NewPCG(3, 7))
		var said, right, wanted int
		wrong := map[string]int{}
		for range 20_000 {
			cell, want := make(r)
			if cell.Text == want {
				continue // the hand slipped and hit the same letter
			}
			got := For(cell)
			if want != "" {
				wanted++
			}
			if got != "" {
				said++
			}
			switch {
			case got != "" && got == want:
				right++
			case got != "":
				wrong[cell.Text+" → "+got+", meant "+want]++
			}
		}
		precision, recall := float64(right)/float64(said), float64(right)/float64(wanted)
		t.Logf("%-8s precision %.2f %%, recall %.1f %% (%d cells, %d suggestions)", name, 100*precision, 100*recall, wanted,
			said)
		if precision < 0.99 {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}
