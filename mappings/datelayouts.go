package mappings

import (
	"slices"
	"strings"
)

// dateLayouts are the forms in which dates come, those that fit the same values beside each other.
var dateLayouts = func() []string {
	all := []string{"YYYYMMDD", "YYYY/MM/DD", "YYYY/MM/DD HH:mm", "YYYY/MM/DD HH:mm:ss", "D MMM YYYY", "D MMMM YYYY",
		"MMM D, YYYY", "MMMM D, YYYY", "epoch", "epoch_ms"}
	for _, mark := range []string{"/", ".", "-"} {
		for _, order := range []string{"D M", "M D"} {
			for _, year := range []string{"YYYY", "YY"} {
				day := strings.ReplaceAll(order, " ", mark) + mark + year
				for _, clock := range []string{"", " H:mm", " H:mm:ss", " h:mm A"} {
					all = append(all, day+clock)
				}
			}
		}
	}
	return all
}()

// LayoutsOf are the layouts that read the most values as dates, when that is all but one in fifty, which
// may be damaged; [""] when ISO 8601 does. missed counts what the best does not read. A layout that
// comes as near to the best as the best to all is one that fits, too.
func LayoutsOf(values []string) (fit []string, missed int) {
	if len(values) == 0 {
		return nil, 0
	}
	if n := countDates(values, nil); (len(values)-n)*50 <= len(values) {
		return []string{""}, len(values) - n
	}
	counts, best := make([]int, len(dateLayouts)), 0
	for i, pattern := range dateLayouts {
		l, err := compileLayout(pattern)
		if err != nil || l.epoch != 0 && !likeEpoch(values, pattern) {
			continue
		}
		counts[i] = countDates(values, l)
		best = max(best, counts[i])
	}
	missed = len(values) - best
	if missed*50 > len(values) {
		return nil, 0
	}
	for i, pattern := range dateLayouts {
		if counts[i] > 0 && counts[i] >= best-missed {
			fit = append(fit, widen(pattern, func(l *layout) bool { return countDates(values, l) >= counts[i] }))
		}
	}
	return fit, missed
}

// countDates counts the values that a layout reads; nil is ISO 8601.
func countDates(values []string, l *layout) (n int) {
	c := newConversion(asDate, manners{layout: l})
	var rec Record
	for _, v := range values {
		rec.buffer = rec.buffer[:0]
		value := Value{Kind: '"', Text: Unprotect([]byte(v))}
		if c.run(c, &value, &rec) == nil {
			n++
		}
	}
	return n
}

// widen writes a layout with two digits for day and month where every value has them.
func widen(pattern string, reads func(*layout) bool) string {
	wide := widened(pattern)
	if l, err := compileLayout(wide); err == nil && wide != pattern && reads(l) {
		return wide
	}
	return pattern
}

// widened is a layout with two digits for day, month and hour.
func widened(pattern string) string {
	return strings.NewReplacer("MMMM", "MMMM", "MMM", "MMM", "MM", "MM", "DD", "DD", "HH", "HH", "D", "DD", "M", "MM", "H",
		"HH").Replace(pattern)
}

// likeEpoch holds counts since 1970 to the years 1980 to 2060.
func likeEpoch(values []string, pattern string) bool {
	length := 10
	if pattern == "epoch_ms" {
		length = 13
	}
	return !slices.ContainsFunc(values, func(v string) bool {
		return len(v) != length &&
			!(len(v) == length-1 && v[0] >= '3')
	})
}
