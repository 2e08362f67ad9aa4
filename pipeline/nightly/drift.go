package nightly

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"muster/pipeline/config"
	"muster/pipeline/profile"
)

// Finding is one thing in which a file differs from those before it.
type Finding struct {
	Guard string      `json:"guard"`
	Rule  config.Rule `json:"rule"` // stop or warn
	Says  string      `json:"says"` // one line; names columns, never a value
}

// drift compares a night's shape with those of the last good nights, the newest last. With none there is nothing to
// compare with, and only an empty file is found.
func drift(g *config.Guards, past []shape, now *shape) (found []Finding) {
	note := func(guard string, rule config.Rule, format string, args ...any) {
		if rule != config.Off {
			found = append(found, Finding{guard, rule, fmt.Sprintf(format, args...)})
		}
	}
	if now.Rows == 0 {
		note("empty", g.Empty, "the file has no row")
		return found
	}
	if len(past) == 0 {
		return nil
	}
	last := &past[len(past)-1]
	for i := range last.Tables {
		if t := now.table(last.Tables[i].Sheet); t != nil {
			found = append(found, header(g, &last.Tables[i], t)...)
		} else if len(last.Tables) > 1 {
			note("columns", g.Columns, "the sheet %q is missing", last.Tables[i].Sheet)
		} else if len(now.Tables) > 0 {
			found = append(found, header(g, &last.Tables[i], &now.Tables[0])...) // a workbook's only sheet has another name
		}
	}
	found = append(found, kinds(g, past, now)...)
	if len(past) >= g.History {
		found = append(found, amounts(g, past, now)...)
	}
	return found
}

// header compares the columns of two tables. A column that is new tonight is named by its letter: where a header is
// missing its name is what a customer's cell holds (law 5).
func header(g *config.Guards, before, now *table) (found []Finding) {
	var missing, fresh []string
	for _, c := range before.Columns {
		if now.column(c.Name) == nil {
			missing = append(missing, c.Name)
		}
	}
	for _, c := range now.Columns {
		if before.column(c.Name) == nil {
			fresh = append(fresh, c.Name)
		}
	}
	if !before.Headed || !now.Headed {
		// A format without a header shows a column only where a record has it: blank columns are not missing.
		missing = nil
	}
	if headless(before, now) {
		return slices.DeleteFunc([]Finding{{"columns", g.Columns, saysHeadless(now)}},
			func(f Finding) bool { return f.Rule == config.Off })
	}
	for _, name := range missing {
		says := fmt.Sprintf("the column %q is missing", name)
		if heir := successor(before, now, name, fresh); heir != "" {
			says += fmt.Sprintf("; it may be column %s now", now.letter(heir))
			fresh = slices.DeleteFunc(fresh, func(s string) bool { return s == heir })
		}
		found = append(found, Finding{"columns", g.Columns, says})
	}
	for _, name := range fresh {
		found = append(found, Finding{"new-columns", g.NewColumns, fmt.Sprintf("column %s is new", now.letter(name))})
	}
	if len(missing) == 0 && before.Headed && now.Headed && reordered(before, now) {
		found = append(found, Finding{"order", g.Order, "the columns stand in another order"})
	}
	return slices.DeleteFunc(found, func(f Finding) bool { return f.Rule == config.Off })
}

// successor is the new column that stands where a missing one stood, or is called nearly the same; "" none.
func successor(before, now *table, name string, fresh []string) string {
	plain := func(s string) string {
		return strings.Map(func(c rune) rune {
			if strings.ContainsRune(" _-.", c) {
				return -1
			}
			return c
		}, strings.ToLower(s))
	}
	for _, other := range fresh {
		if plain(other) == plain(name) {
			return other
		}
	}
	at := slices.IndexFunc(before.Columns, func(c column) bool { return c.Name == name })
	if at < len(now.Columns) && slices.Contains(fresh, now.Columns[at].Name) {
		return now.Columns[at].Name
	}
	return ""
}

// reordered says whether the columns that both tables have stand in another order.
func reordered(before, now *table) bool {
	at := -1
	for _, c := range before.Columns {
		i := slices.IndexFunc(now.Columns, func(o column) bool { return o.Name == c.Name })
		if i < at {
			return true
		}
		at = i
	}
	return false
}

// What makes a column one of a kind: at least so many values seen, and so great a part of them of that kind; and what
// makes it one no longer. Between the two lies what an ordinary night changes.
const (
	kindValues = 20
	kindIs     = 0.8
	kindWas    = 0.5
)

// kinds finds columns whose values were nearly all of one kind and are not any more.
func kinds(g *config.Guards, past []shape, now *shape) (found []Finding) {
	if g.Types == config.Off {
		return nil
	}
	for i := range now.Tables {
		t := &now.Tables[i]
		for k := range t.Columns {
			c := &t.Columns[k]
			was, share := mostly(pooled(past, t.Sheet, c.Name))
			is, _ := mostly(c.Kinds)
			if share < kindIs || total(c.Kinds) < kindValues || float64(c.Kinds[was])/float64(total(c.Kinds)) >= kindWas {
				continue
			}
			found = append(found, Finding{"types", g.Types, fmt.Sprintf("the column %q held values like a %s, and now like a %s",
				c.Name, profile.ValueKind(was), profile.ValueKind(is))})
		}
	}
	return found
}

// pooled adds up what a column held in the last nights.
func pooled(past []shape, sheet, name string) []int64 {
	var sum []int64
	for i := range past {
		t := past[i].table(sheet)
		if t == nil {
			continue
		}
		if c := t.column(name); c != nil && c.Kinds != nil {
			if sum == nil {
				sum = make([]int64, len(c.Kinds))
			}
			for kind, n := range c.Kinds {
				sum[kind] += n
			}
		}
	}
	return sum
}

// mostly is the most frequent kind and its share; 0 where too few values were seen.
func mostly(counts []int64) (kind int, share float64) {
	for i, n := range counts {
		if n > counts[kind] {
			kind = i
		}
	}
	if all := total(counts); all >= kindValues {
		share = float64(counts[kind]) / float64(all)
	}
	return kind, share
}

func total(counts []int64) (sum int64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// When an amount is out of the ordinary: it is further from the median of the last nights than so many deviations (the
// median of the nights' distances, scaled to a standard deviation), and further than an amount that would matter to
// anybody. The first alone would cry at every change of a feed that is always the same.
const (
	deviations  = 4
	toStandard  = 1.4826 // https://en.wikipedia.org/wiki/Median_absolute_deviation
	rowsMatter  = 0.25   // of the median
	nullsMatter = 0.10   // points of the share
	badMatter   = 0.02
)

// amounts compares numbers with their history.
func amounts(g *config.Guards, past []shape, now *shape) (found []Finding) {
	rows := ofNights(past, func(s *shape) (float64, bool) { return float64(s.Rows), true })
	if usual, odd := unusual(rows, float64(now.Rows), rowsMatter*median(rows)); odd && g.Rows != config.Off {
		found = append(found, Finding{"rows", g.Rows, fmt.Sprintf("%d rows, usually about %.0f", now.Rows, usual)})
	}
	bad := ofNights(past, func(s *shape) (float64, bool) { return s.invalid(), true })
	if usual, odd := unusual(bad, now.invalid(), badMatter); odd && now.invalid() > usual && g.Rejects != config.Off {
		found = append(found, Finding{"rejects", g.Rejects,
			fmt.Sprintf("%s of the rows are invalid, usually %s", percent(now.invalid()), percent(usual))})
	}
	if g.Nulls == config.Off {
		return found
	}
	for i := range now.Tables {
		t := &now.Tables[i]
		for k := range t.Columns {
			c := &t.Columns[k]
			shares := ofNights(past, func(s *shape) (float64, bool) {
				before := s.table(t.Sheet)
				if before == nil || before.column(c.Name) == nil || before.column(c.Name).Filled < 0 {
					return 0, false
				}
				return before.blank(before.column(c.Name)), true
			})
			if len(shares) < g.History {
				continue
			}
			if usual, odd := unusual(shares, t.blank(c), nullsMatter); odd && t.blank(c) > usual {
				found = append(found, Finding{"nulls", g.Nulls,
					fmt.Sprintf("%s of the column %q is blank, usually %s", percent(t.blank(c)), c.Name, percent(usual))})
			}
		}
	}
	return found
}

func ofNights(past []shape, of func(*shape) (float64, bool)) []float64 {
	var list []float64
	for i := range past {
		if value, there := of(&past[i]); there {
			list = append(list, value)
		}
	}
	return list
}

// unusual says whether a value is far from the median of those before it, by deviations and by what matters.
func unusual(before []float64, now, matters float64) (usual float64, odd bool) {
	usual = median(before)
	distances := make([]float64, len(before))
	for i, value := range before {
		distances[i] = math.Abs(value - usual)
	}
	return usual, math.Abs(now-usual) > max(matters, deviations*toStandard*median(distances))
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
