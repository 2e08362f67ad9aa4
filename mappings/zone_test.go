package mappings

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The table of a zone says what package time does, around every change of its clocks, too.
func TestClocks(t *testing.T) {
	names := []string{"UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
		"Africa/Monrovia", "Africa/Casablanca",
		"Asia/Pyongyang", "Pacific/Kiritimati", "America/Sao_Paulo", "Etc/GMT+12"}
	var clocks []*clock
	var zones []*time.Location
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones, clocks = append(zones, zone), append(clocks, newClock(zone))
	}
	hold := func(t interface{ Fatalf(string, ...any) }, n int, s stamp) {
		wall := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, s.nano, zones[n])
		before := s
		ok := s.toUTC(clocks[n])
		if exists := wall.Hour() == before.hour && wall.Minute() == before.minute; clocks[n] != nil && exists != ok {
			t.Fatalf("%s: %+v: %v", names[n], before, ok)
		}
		if got := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, s.nano, time.UTC); ok &&
			!got.Equal(wall) {
			t.Fatalf("%s: %+v is %v, not %v", names[n], before, got, wall.UTC())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(names)-1).Draw(t, "zone")
		s := stamp{year: rapid.IntRange(1960, 2080).Draw(t, "year"), month: rapid.IntRange(1, 12).Draw(t, "month"),
			hour:   rapid.IntRange(0, 23).Draw(t, "hour"),
			minute: rapid.IntRange(0, 59).Draw(t, "minute"), second: rapid.IntRange(0, 59).Draw(t, "second"), timed: true}
		s.day = rapid.IntRange(1, daysIn(s.year, s.month)).Draw(t, "day")
		hold(t, n, s)
	})
	for n, zone := range zones {
		last := 0
		for day := time.Date(1965, 1, 1, 0, 0, 0, 0, zone); day.Year() < 2075; day = day.Add(24 * time.Hour) {
			_, offset := day.Zone()
			if offset == last {
				continue
			}
			last = offset
			for minutes := -49 * 60; minutes <= 49*60; minutes += 15 {
				at := day.UTC().Add(time.Duration(minutes) * time.Minute)
				hold(t, n, stamp{timed: true, year: at.Year(), month: int(at.Month()), day: at.Day(), hour: at.Hour(),
					minute: at.Minute()})
			}
		}
	}
}

// An offset that the text states moves a stamp over the ends of days, months and years.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := stamp{year: rapid.IntRange(1, 9999).Draw(t, "year"),
			month: rapid.SampledFrom([]int{1, 2, 3, 6, 12}).Draw(t, "month"),
			hour:  rapid.IntRange(0, 23).Draw(t, "hour"), minute: rapid.IntRange(0, 59).Draw(t, "minute"), timed: true,
			zoned:  true,
			offset: 60 * rapid.IntRange(-23*60-59, 23*60+59).Draw(t, "offset")}
		s.day = rapid.SampledFrom([]int{1, 15, daysIn(s.year, s.month)}).Draw(t, "day")
		want := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, 0, 0,
			time.UTC).Add(-time.Duration(s.offset) * time.Second)
		ok := s.toUTC(nil)
		if got := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute, s.second, 0,
			time.UTC); ok != (want.Year() >= 1 && want.Year() <= 9999) || ok && !got.Equal(want) {
			t.Fatalf("%v, not %v; %v", got, want, ok)
		}
	})
}

func BenchmarkNewClock(b *testing.B) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		newClock(zone)
	}
}
