package mappings

import (
	"bytes"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// Country codes are as long as the phone library knows them.
func TestCodeDigits(t *testing.T) {
	for region := range phonenumbers.GetSupportedRegions() {
		code := strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))
		if two := code + "0"; codeDigits(two[0], two[1]) != len(code) {
			t.Errorf("+%s has %d digits, not %d", code, len(code), codeDigits(two[0], two[1]))
		}
	}
	if trunkZero([]byte("+12")) {
		t.Error("a number of two digits has a zero behind its country code")
	}
}

// Text of ASCII in which nothing is special is told as such, whatever its length.
func TestPlainASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 ~!\x1f\"\\\x7fé\u200b")), 1, 20, -1).Draw(t, "text"))
		want := isPlain(text) && !bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
		if isPlainASCII(text) != want {
			t.Fatalf("%q: want %v", text, want)
		}
	})
}

func TestDaysInAgreeWithTime(t *testing.T) {
	for year := 1; year <= 2400; year++ {
		for month := 1; month <= 12; month++ {
			if want := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); daysIn(year, month) != want {
				t.Fatalf("%d-%02d has %d days, want %d", year, month, daysIn(year, month), want)
			}
		}
	}
}

func TestDigitsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.OneOf(rapid.ByteRange('0', '9'), rapid.ByteRange('*', '@'), rapid.Byte()), 8, 8).Draw(t, "b")
		want := true
		for _, c := range b {
			want = want && isDigit(c)
		}
		if digitsOnly(load(b, 0)) != want {
			t.Fatalf("%q", b)
		}
	})
}
