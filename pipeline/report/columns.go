package report

import (
	_ "embed" // the page's part
	"fmt"
	"path/filepath"
	"strings"

	"muster/pipeline/printable"
)

// The fates of a column: each column of each input has exactly one.
const (
	FateSent     = "sent"
	FateRefusals = "sent, with refusals"
	FateIgnored  = "ignored"
	FateLeftOut  = "left out"
	FateBlank    = "blank"
)

// FateMeaning is a fate in one line for people.
func FateMeaning(fate string) string {
	switch fate {
	case FateSent:
		return "its values go into the records, as they are or as a part of something"
	case FateRefusals:
		return "as sent, and some of its cells could not be used: the row was refused, or went without the cell"
	case FateIgnored:
		return "the mapping, or --ignore, leaves it out by name"
	case FateLeftOut:
		return "it holds values, and nothing takes it"
	default:
		return "it holds no value"
	}
}

// Fates lists them in the order of every report.
func Fates() []string { return []string{FateSent, FateRefusals, FateIgnored, FateLeftOut, FateBlank} }

// Columns is what became of every column of every input. Counts are exact, lists are cut. It holds no value.
type Columns struct {
	Columns int64       `json:"columns"` // of all inputs
	Fates   []FateCount `json:"fates"`   // the five in their order; their columns add up to Columns
	// that hold values and nothing takes, those with the most values first
	LeftOut []LeftOut `json:"left_out,omitempty"`
	More    int64     `json:"more_left_out"`             // that LeftOut does not list
	Unread  []Unread  `json:"sheets_not_read,omitempty"` // hidden sheets, whose columns are not counted
	// check: columns that it takes its best guess of, and that an import asks about
	Unsure []Unsure `json:"unsure,omitempty"`
	Ways   []Next   `json:"ways_in,omitempty"` // commands that bring them in, or leave them out by name
	// the file whose lines say what becomes of them; "" there is none yet
	Mapping string `json:"mapping,omitempty"`
}

// FateCount is how many columns have one fate, and how many cells of them hold a value.
type FateCount struct {
	Fate    string `json:"fate"`
	Columns int64  `json:"columns"`
	Values  int64  `json:"values"`
	Refused int64  `json:"refused"` // problems found in their cells
}

// LeftOut is one column that holds values and that nothing takes.
type LeftOut struct {
	Column string `json:"column"` // its name, or "column 7" where it has none
	File   string `json:"file"`
	Sheet  string `json:"sheet,omitempty"`
	Join   string `json:"join,omitempty"` // by which the mapping calls the file, where it joins it in
	Place  int    `json:"place"`          // among the columns, from 1
	Named  bool   `json:"named"`          // the mapping names it
	Values int64  `json:"values"`         // cells that are not blank
	Why    string `json:"why"`
	Lacks  string `json:"lacks,omitempty"`        // the attribute that would take it, had the org it
	Line   string `json:"mapping_line,omitempty"` // the line of a mapping that brings it in
}

// Unsure is a column of which a check has taken its best guess.
type Unsure struct {
	Column string  `json:"column"` // its name, or "column 7" where it has none
	File   string  `json:"file"`
	Sheet  string  `json:"sheet,omitempty"`
	Place  int     `json:"place"`  // among the columns, from 1
	Target string  `json:"target"` // what it was taken for, as a mapping writes it
	Sure   float64 `json:"sure"`   // 0..1
	Why    string  `json:"why"`
}

// Unread is a sheet that was passed over since it is hidden.
type Unread struct {
	File  string `json:"file"`
	Sheet string `json:"sheet"`
}

// of is the count of one fate.
func (c *Columns) of(fate string) FateCount {
	for _, f := range c.Fates {
		if f.Fate == fate {
			return f
		}
	}
	return FateCount{Fate: fate}
}

// Lost is how many columns hold values that nothing takes. A nil c has none.
func (c *Columns) Lost() int64 {
	if c == nil {
		return 0
	}
	return c.of(FateLeftOut).Columns
}

// Headline says in one line how many columns are not imported; "" none is left out.
func (c *Columns) Headline() string {
	lost := c.Lost()
	if lost == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s %s %s NOT imported", number(lost), number(c.Columns), printable.Noun(c.Columns, "column"),
		areIs(lost))
}

// Named lists columns that are left out with their values: "Total Spent (1,200 values), Notes (17 values)". byLetter:
// those that the mapping does not name are told by their letters, for whoever does not know the file (law 5).
func (c *Columns) Named(byLetter bool) string {
	const most = 12 // names that a line still bears
	var names []string
	for i := range c.LeftOut[:min(len(c.LeftOut), most)] {
		l := &c.LeftOut[i]
		name := l.Column
		if byLetter && !l.Named {
			if name = "column " + letters(l.Place); l.Join != "" {
				name = l.Join + "." + name
			}
		}
		names = append(names, fmt.Sprintf("%s (%s %s)", name, number(l.Values), printable.Noun(l.Values, "value")))
	}
	if more := c.Lost() - int64(len(names)); more > 0 {
		names = append(names, "and "+number(more)+" more")
	}
	return strings.Join(names, ", ")
}

// letters are what a spreadsheet calls the column at a place: A, Z, AA.
func letters(place int) (name string) {
	for ; place > 0; place = (place - 1) / 26 {
		name = string(rune('A'+(place-1)%26)) + name
	}
	return name
}

// leftShown is how many columns the terminal lists.
const leftShown = 12

// columns says which columns are not imported, and how they would be.
func (p *page) columns(c *Columns, places place) {
	if c.Lost() == 0 {
		if c != nil && len(c.Unsure) > 0 {
			p.unsure(c, places)
			p.ways(c)
		}
		return
	}
	p.unsure(c, places)
	p.line(p.style.bad(c.Headline()))
	p.line()
	shown := c.LeftOut[:min(len(c.LeftOut), leftShown)]
	var t table
	for i := range shown {
		t.add(p.cut(p.leftName(&shown[i], places), p.width/3), number(shown[i].Values)+" "+
			printable.Noun(shown[i].Values, "value"))
	}
	for i, head := range p.align(&t, "lr") {
		p.wrap("      ", "  "+head+"  ", p.clean(shown[i].Why))
	}
	if more := c.Lost() - int64(len(shown)); more > 0 {
		p.line(fmt.Sprintf("  %s %s more: report.json names them", p.style.more, number(more)))
	}
	p.linesOf(c, shown)
	p.ways(c)
}

// unsure names the columns of which a check has taken its best guess.
func (p *page) unsure(c *Columns, places place) {
	if len(c.Unsure) == 0 {
		return
	}
	n := int64(len(c.Unsure))
	p.line(p.style.warn(c.Undecided()))
	p.line()
	shown := c.Unsure[:min(len(c.Unsure), leftShown)]
	var t table
	for _, u := range shown {
		t.add(p.cut(p.leftName(&LeftOut{Column: u.Column, File: u.File, Sheet: u.Sheet}, places), p.width/3),
			p.cut(p.clean(u.Target), p.width/3))
	}
	for i, head := range p.align(&t, "ll") {
		p.wrap("      ", "  "+head+"  ", fmt.Sprintf("%.0f %% sure: %s", 100*shown[i].Sure, p.clean(shown[i].Why)))
	}
	if more := n - int64(len(shown)); more > 0 {
		p.line(fmt.Sprintf("  %s %s more: report.json names them", p.style.more, number(more)))
	}
	if c.Lost() > 0 {
		p.line()
	}
}

// Undecided says in one line of how many columns a check has taken its best guess; "" of none.
func (c *Columns) Undecided() string {
	if c == nil || len(c.Unsure) == 0 {
		return ""
	}
	n := int64(len(c.Unsure))
	return fmt.Sprintf("%s %s your decision; this check takes its best guess", number(n)+" "+printable.Noun(n, "column"),
		map[bool]string{true: "needs", false: "need"}[n == 1])
}

// ways are the commands that bring columns in, or settle them.
func (p *page) ways(c *Columns) {
	if len(c.Ways) > 0 {
		p.line()
	}
	for _, way := range c.Ways {
		p.line("  " + p.clean(way.Command))
		p.wrap("      ", "      ", p.clean(way.Why))
	}
	p.line()
}

// linesOf shows the lines of a mapping that bring columns in.
func (p *page) linesOf(c *Columns, shown []LeftOut) {
	if c.Mapping == "" {
		return
	}
	begun := false
	for i := range shown {
		if shown[i].Line == "" {
			continue
		}
		if !begun {
			p.line()
			p.wrap("    ", "  ", "In "+p.clean(c.Mapping)+", under columns:, such lines bring them in; ignore in place of "+
				"the target leaves one out:")
			begun = true
		}
		p.line("    " + p.clean(shown[i].Line))
	}
}

// leftName is a column's name, with its file and sheet where there are several.
func (p *page) leftName(l *LeftOut, places place) string {
	name := p.clean(l.Column)
	if places.sheets && l.Sheet != "" {
		name = p.cut(p.clean(l.Sheet), 20) + ": " + name
	}
	if places.files {
		name = p.cut(p.clean(filepath.Base(l.File)), 24) + ": " + name
	}
	return name
}

// words counts the columns by their fates.
func (c *Columns) words() string {
	var parts []string
	for _, f := range c.Fates {
		if f.Columns == 0 {
			continue
		}
		text := number(f.Columns) + " " + f.Fate
		if f.Fate == FateRefusals {
			text = fmt.Sprintf("%s sent with %s %s refused", number(f.Columns), number(f.Refused),
				printable.Noun(f.Refused, "cell"))
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, " + ") + " = " + number(c.Columns) + " in all"
	if n := int64(len(c.Unread)); n > 0 {
		text += fmt.Sprintf("; %s hidden %s not read: %s (--sheet NAME reads one)", number(n), printable.Noun(n, "sheet"),
			c.sheets())
	}
	return text
}

// sheets names the first hidden ones.
func (c *Columns) sheets() string {
	const most = 5
	var names []string
	for _, u := range c.Unread[:min(len(c.Unread), most)] {
		names = append(names, u.Sheet)
	}
	if more := len(c.Unread) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

//go:embed columns.tmpl.html
var columnsPart string

// htmlLost is how many columns that are not imported the page shows.
const htmlLost = 200

// lostPart is what a page says of the columns that are not imported.
type lostPart struct {
	Headline, Words, More string
	Columns               []lostLine
	Ways                  []Next
}

type lostLine struct{ Name, Values, Why, Line string }

// lostOf words them; nil where there is none.
func lostOf(p *page, c *Columns, places place) *lostPart {
	if c.Lost() == 0 {
		return nil
	}
	h := &lostPart{Headline: c.Headline(), Words: tidy(p, c.words(), htmlCommand)}
	for i := range c.LeftOut[:min(len(c.LeftOut), htmlLost)] {
		l := &c.LeftOut[i]
		h.Columns = append(h.Columns, lostLine{tidy(p, p.leftName(l, places), htmlName), number(l.Values),
			tidy(p, l.Why, htmlCommand), tidy(p, l.Line, htmlPath)})
	}
	h.More = hidden(int(c.Lost())-len(h.Columns), "column")
	for _, way := range c.Ways {
		h.Ways = append(h.Ways, Next{Command: tidy(p, way.Command, htmlCommand), Why: tidy(p, way.Why, htmlCommand)})
	}
	return h
}

// unsurePart is what a page says of the columns of which a check has taken its best guess.
type unsurePart struct {
	Headline, More string
	Columns        []unsureLine
	Ways           []Next
}

type unsureLine struct{ Name, Target, Why string }

// unsurePartOf words them; nil where there is none. The ways stand beside the columns that are left out, where there
// are any.
func unsurePartOf(p *page, c *Columns, places place) *unsurePart {
	if c == nil || len(c.Unsure) == 0 {
		return nil
	}
	h := &unsurePart{Headline: c.Undecided()}
	for _, u := range c.Unsure[:min(len(c.Unsure), htmlLost)] {
		name := p.leftName(&LeftOut{Column: u.Column, File: u.File, Sheet: u.Sheet}, places)
		h.Columns = append(h.Columns, unsureLine{tidy(p, name, htmlName), tidy(p, u.Target, htmlName),
			tidy(p, fmt.Sprintf("%.0f %% sure: %s", 100*u.Sure, u.Why), htmlCommand)})
	}
	h.More = hidden(len(c.Unsure)-len(h.Columns), "column")
	for _, way := range c.Ways {
		if c.Lost() == 0 {
			h.Ways = append(h.Ways, Next{Command: tidy(p, way.Command, htmlCommand), Why: tidy(p, way.Why, htmlCommand)})
		}
	}
	return h
}
