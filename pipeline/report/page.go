package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"
)

// page gathers the lines of a terminal report.
type page struct {
	text  strings.Builder
	width int
	style style
}

// style is how signs and stress look.
type style struct {
	ansi        bool
	rule        string // under a column of figures
	arrow       string
	more        string // before what a list leaves out
	ellipsis    string // where a name is cut
	replacement string // for what could steer a terminal
}

func plainStyle() style {
	return style{rule: "-", arrow: "->", more: "...", ellipsis: "...", replacement: "?"}
}

func colorStyle() style {
	return style{ansi: true, rule: "─", arrow: "→", more: "…", ellipsis: "…", replacement: "�"}
}

// The SGR codes of ECMA-48 that every terminal of the last decades knows.
func (s style) paint(code, text string) string {
	if !s.ansi || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.paint("1", text) }
func (s style) dim(text string) string  { return s.paint("2", text) }
func (s style) good(text string) string { return s.paint("1;32", text) }
func (s style) bad(text string) string  { return s.paint("1;31", text) }
func (s style) warn(text string) string { return s.paint("33", text) }

// status returns how a status with rows is painted: what arrived, what a person should look at, what needs action.
func (s style) status(name string) func(string) string {
	code := "31"
	switch name {
	case "created", "updated", "unchanged", "ready":
		code = "32"
	case "duplicate", "skipped", "unsent":
		code = "33"
	}
	return func(text string) string { return s.paint(code, text) }
}

func (p *page) line(parts ...string) {
	for _, part := range parts {
		p.text.WriteString(part)
	}
	p.text.WriteByte('\n')
}

// item is a line "name  value" below the inputs; long values go on below themselves.
func (p *page) item(name, value string) {
	p.wrap(strings.Repeat(" ", 12), fmt.Sprintf("  %-8s  ", name), value)
}

// wrap writes first, which may hold colours, and then the words of text, in lines no wider than the page; lines after
// the first begin with indent. A word wider than a line stands alone.
func (p *page) wrap(indent, first, text string) {
	line, used, empty := first, columns(first), true
	for _, word := range strings.Split(text, " ") {
		room := columns(word)
		if !empty && used+1+room > p.width {
			p.line(strings.TrimRight(line, " "))
			line, used, empty = indent, columns(indent), true
		}
		if !empty {
			line += " "
			used++
		}
		line += word
		used += room
		empty = false
	}
	p.line(strings.TrimRight(line, " "))
}

// columns is how many columns of a terminal text takes, colours not counted.
func columns(text string) int {
	for {
		from := strings.Index(text, "\x1b[")
		if from < 0 {
			return uniseg.StringWidth(text)
		}
		to := strings.IndexByte(text[from:], 'm')
		if to < 0 {
			return uniseg.StringWidth(text)
		}
		text = text[:from] + text[from+to+1:]
	}
}

// cut shortens text, which has no colours, to so many columns.
func (p *page) cut(text string, width int) string {
	if columns(text) <= width {
		return text
	}
	room := width - columns(p.style.ellipsis)
	if room < 1 {
		return ""
	}
	kept, used := 0, 0
	for letters := uniseg.NewGraphemes(text); letters.Next(); {
		used += letters.Width()
		if used > room {
			break
		}
		_, kept = letters.Positions()
	}
	return text[:kept] + p.style.ellipsis
}

// cutFront shortens text as cut does, at its beginning.
func (p *page) cutFront(text string, width int) string {
	over := columns(text) - width
	if over <= 0 {
		return text
	}
	over += columns(p.style.ellipsis)
	letters := uniseg.NewGraphemes(text)
	for over > 0 && letters.Next() {
		over -= letters.Width()
	}
	_, from := letters.Positions()
	return p.style.ellipsis + text[from:]
}

// clean makes a name safe to print: letters and signs of any script stay; control characters, line breaks, marks that
// turn the direction of writing, invisible ones and broken UTF-8 are replaced.
func (p *page) clean(text string) string {
	var b strings.Builder
	changed := false
	for i, c := range text {
		if c == ' ' || c != unicode.ReplacementChar && unicode.IsPrint(c) {
			if changed {
				b.WriteRune(c)
			}
			continue
		}
		if !changed {
			changed = true
			b.WriteString(text[:i])
		}
		b.WriteString(p.style.replacement)
	}
	if !changed {
		return text
	}
	return b.String()
}

// table is rows of cells to be aligned.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// align makes lines of the table's rows, each column as wide as its widest cell, to the left (l) or right (r) as sides
// says. Where lines would be too wide the first column loses its beginning: of a path the end tells more.
func (p *page) align(t *table, sides string) []string {
	widths := make([]int, len(sides))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	others := 2
	for _, w := range widths[1:] {
		others += 2 + w
	}
	widths[0] = min(widths[0], max(p.width-others, 8))
	var lines []string
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			if i == 0 {
				cell = p.cutFront(cell, widths[i])
			}
			fill := strings.Repeat(" ", widths[i]-columns(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if sides[i] == 'r' {
				cell, fill = fill, cell
			}
			line.WriteString(cell)
			line.WriteString(fill)
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}

// number writes n with its thousands apart.
func number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// size writes bytes in decimal units, as files are sized.
func size(bytes int64) string {
	if bytes < 1000 {
		return number(bytes) + " B"
	}
	value, unit := float64(bytes), 0
	const units = " kMGTPE"
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f %cB", value, units[unit])
	}
	return fmt.Sprintf("%.0f %cB", value, units[unit])
}

func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%s h %02d min", number(int64(d.Hours())), int(d.Minutes())%60)
	}
}

func percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", share*100)
}
