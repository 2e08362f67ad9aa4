package report

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline/printable"
)

// What the terminal shows of long lists. The rest is in report.json and problems.csv, which it says.
const (
	codesShown   = 12
	columnsShown = 4 // of one code
	inputsShown  = 8
	filesShown   = 8
)

// defaultWidth is what a terminal has that does not tell; below the narrowest the figures would not stand in lines.
const (
	defaultWidth = 80
	narrowest    = 60
)

// Text writes the summary for people, in lines of at most width columns (0: 80; less than 60 counts as 60). Only paths
// and commands, which are there to be copied, may be longer. With color it uses ANSI colours and Unicode signs, without
// it signs of ASCII; names of files and columns stay as the user wrote them, except that what could steer a terminal is
// taken out. It shows no cell of the input. The error is w's.
func Text(w io.Writer, s *Summary, width int, color bool) error {
	p := newPage(width, color)
	p.head(s)
	p.moved(s)
	p.columns(s.Columns, placing(s.Inputs))
	p.balance(s)
	p.differences(s.Differences)
	p.plan(s)
	p.problems(s)
	p.damages(s)
	p.files(s)
	p.next(s)
	_, err := io.WriteString(w, p.text.String())
	return err
}

// head says what ran, on what, how long.
func (p *page) head(s *Summary) {
	title := strings.TrimSpace("muster " + p.clean(s.Command))
	if s.Org != nil {
		title += " " + p.style.arrow + " " + p.org(s.Org)
	}
	p.line(p.style.bold(p.cut(title, p.width)))
	if s.Run != "" {
		p.line("run " + p.clean(s.Run))
	}
	p.line()
	p.inputs(s.Inputs)
	if s.Mapping != "" {
		p.item("mapping", p.clean(s.Mapping))
	}
	if s.Columns != nil && s.Columns.Columns > 0 {
		p.item("columns", p.clean(s.Columns.words()))
	}
	p.item("time", p.pace(s))
	if s.Budget != nil || s.Requests > 0 {
		p.item("requests", p.requests(s))
	}
	if s.Stopped != "" {
		p.line()
		p.wrap("", p.style.bad("Stopped early")+": ", p.clean(s.Stopped))
	}
	p.line()
}

func (p *page) org(o *Org) string {
	name, host := p.clean(o.Name), p.clean(o.Host)
	if name == "" || name == host {
		return host
	}
	return name + " (" + host + ")"
}

// inputs lists what was read, names to the left and figures under each other.
func (p *page) inputs(inputs []Input) {
	shown := inputs[:min(len(inputs), inputsShown)]
	var t table
	for _, in := range shown {
		name := in.File
		if name == "-" {
			name = "standard input"
		}
		if in.Sheet != "" {
			name += " [" + in.Sheet + "]"
		}
		t.add(p.clean(name), p.clean(in.Format), number(in.Rows)+" "+printable.Noun(in.Rows, "row"), size(in.Bytes))
	}
	for _, row := range p.align(&t, "llrr") {
		p.line("  " + row)
	}
	if hidden := inputs[len(shown):]; len(hidden) > 0 {
		var rows int64
		for _, in := range hidden {
			rows += in.Rows
		}
		p.line(fmt.Sprintf("  %s %d more inputs with %s %s", p.style.more, len(hidden), number(rows),
			printable.Noun(rows, "row")))
	}
}

func (p *page) pace(s *Summary) string {
	text := duration(time.Duration(s.Duration * float64(time.Second)))
	if s.Throughput > 0 && s.Rows > 0 {
		text += ", " + number(int64(s.Throughput)) + " rows/s"
	}
	return text
}

func (p *page) requests(s *Summary) string {
	text := number(s.Requests)
	if b := s.Budget; b != nil && b.Limit > 0 {
		text += fmt.Sprintf("; %s a minute of %s granted", number(int64(b.Used+0.5)), number(b.Granted))
		text += fmt.Sprintf(", %s of the org's %s", percent(b.Share), number(b.Limit))
		if b.Throttled > 0 {
			text += fmt.Sprintf("; slowed down %s %s", number(b.Throttled), printable.Noun(b.Throttled, "time"))
		}
	}
	return text
}

// balance is the roll: every status, their sum, and whether it is the rows read.
func (p *page) balance(s *Summary) {
	digits := len(number(max(s.Rows, s.sum())))
	for _, status := range s.roll() {
		figure := fmt.Sprintf("  %-9s  %*s", status.Status, digits, number(status.Rows))
		paint := p.style.dim
		if status.Rows > 0 {
			paint = p.style.status(status.Status)
		}
		meaning := p.cut(status.Meaning, p.width-len(figure)-2)
		p.line(strings.TrimRight(paint(figure)+"  "+p.style.dim(meaning), " "))
	}
	p.line("  " + strings.Repeat(p.style.rule, 9) + "  " + strings.Repeat(p.style.rule, digits))
	sum := fmt.Sprintf("  rows read  %*s  ", digits, number(s.Rows))
	if s.Balanced && s.sum() == s.Rows {
		p.line(sum + p.style.good("balances"))
		p.blank(s)
		return
	}
	p.line(sum + p.style.bad("DOES NOT BALANCE"))
	p.wrap("  ", "  ", p.gap(s))
}

// roll is the statuses as people read them: of a check, which sends nothing, those that a row of it can have, the good
// rows first.
func (s *Summary) roll() []StatusCount {
	if s.Command != "check" {
		return s.Statuses
	}
	roll := make([]StatusCount, 0, len(s.Statuses))
	for _, c := range s.Statuses {
		switch {
		case c.Status == "unsent":
			c.Status = "ready"
			c.Meaning = strings.TrimPrefix(c.Meaning, "ready: ")
			roll = slices.Insert(roll, 0, c)
		case c.Status == "duplicate", c.Status == "invalid", c.Rows > 0:
			roll = append(roll, c)
		}
	}
	return roll
}

// blank says how many rows were passed over because nothing can be seen in them.
func (p *page) blank(s *Summary) {
	if n := s.blank(); n > 0 {
		p.line("  " + p.style.dim(blankRows(n)))
	}
}

// blankRows is the sentence that all reports have for it.
func blankRows(n int64) string {
	return number(n) + " blank " + printable.Noun(n, "row") + " passed over"
}

func (s *Summary) blank() (n int64) {
	for i := range s.Inputs {
		n += s.Inputs[i].Blank
	}
	return n
}

// gap says in words how the books fail to balance.
func (p *page) gap(s *Summary) string {
	sum, text := s.sum(), ""
	if sum != s.Rows {
		text = "The statuses add up to " + number(sum) + ". "
	}
	if s.Missing > 0 {
		text += number(s.Missing) + " " + printable.Noun(s.Missing, "row") + " got no outcome. "
	}
	return text + "Take no figure of this report as proof; report this."
}

// problems groups what was found by code and column.
func (p *page) problems(s *Summary) {
	if len(s.Problems) == 0 {
		return
	}
	p.line()
	title := number(s.ProblemCount) + " " + printable.Noun(s.ProblemCount, "problem")
	if s.ProblemRows > 0 {
		title += " in " + number(s.ProblemRows) + " " + printable.Noun(s.ProblemRows, "row")
	}
	p.line(p.style.bold(title))
	places := placing(s.Inputs)
	shown := s.Problems[:min(len(s.Problems), codesShown)]
	for i := range shown {
		p.line()
		p.problem(&shown[i], places)
	}
	if hidden := s.Problems[len(shown):]; len(hidden) > 0 {
		var count int64
		for _, problem := range hidden {
			count += problem.Count
		}
		p.line()
		p.wrap("      ", "  "+p.style.more+" ", fmt.Sprintf("%d more codes with %s %s: all are in problems.csv and "+
			"report.json",
			len(hidden), number(count), printable.Noun(count, "problem")))
	}
}

// problem shows one code: its meaning, where it stands, what to do.
func (p *page) problem(problem *Problem, places place) {
	p.wrap("    ", "  "+p.style.warn(p.clean(problem.Code))+"  ", number(problem.Count)+"  "+p.clean(problem.Meaning))
	shown := problem.Columns[:min(len(problem.Columns), columnsShown)]
	var t table
	for i := range shown {
		t.add(shown[i].called(p.cut(p.clean(shown[i].Column), p.width/3), "(whole row)"), number(shown[i].Count))
	}
	for i, head := range p.align(&t, "lr") {
		where := p.where(&shown[i], places)
		if shown[i].Expected != "" {
			where += shown[i].colon() + p.clean(shown[i].Expected)
		}
		p.wrap("      ", "    "+head+"  ", where)
	}
	if hidden := problem.Columns[len(shown):]; len(hidden) > 0 {
		var count int64
		for _, c := range hidden {
			count += c.Count
		}
		p.line(fmt.Sprintf("    %s %d more columns with %s %s", p.style.more, len(hidden), number(count),
			printable.Noun(count, "problem")))
	}
	if problem.Fix != "" {
		p.wrap("         ", "    "+p.style.good("fix")+": ", p.clean(problem.Fix))
	}
}

// where lists the places of a code in one column, and how many more there are.
func (p *page) where(c *Column, places place) string {
	var list []string
	for _, s := range c.Samples {
		list = append(list, places.of(p, &s))
	}
	text := strings.Join(list, ", ")
	if rest := c.Count - int64(len(list)); rest > 0 && len(list) > 0 {
		text += fmt.Sprintf(" and %s more", number(rest))
	}
	return text
}

// place knows how much of a sample's position must be said: the file where there are several, the sheet where a file
// has several.
type place struct{ files, sheets bool }

func placing(inputs []Input) place {
	files, sheets := make(map[string]bool), false
	for _, in := range inputs {
		sheets = sheets || files[in.File]
		files[in.File] = true
	}
	return place{files: len(files) > 1, sheets: sheets}
}

func (l place) of(p *page, s *Sample) string {
	at := s.Cell
	if at == "" {
		at = fmt.Sprint("line ", s.Line)
	}
	if l.sheets && s.Sheet != "" {
		at = p.cut(p.clean(s.Sheet), 20) + "!" + at
	}
	if l.files {
		at = p.cut(p.clean(filepath.Base(s.File)), 24) + ":" + at
	}
	return at
}

// files lists what the run wrote.
func (p *page) files(s *Summary) {
	if len(s.Files) == 0 {
		return
	}
	p.line()
	p.line(p.style.bold("Files"))
	shown := s.Files[:min(len(s.Files), filesShown)]
	stray, behind := s.stray()
	for i, f := range shown {
		p.line(fmt.Sprintf("  %-9s  %s", p.clean(f.Kind), p.clean(f.Path)))
		if i == min(behind, len(shown)-1) {
			p.wrap("    ", "    ", p.style.warn(p.clean(stray)))
		}
	}
	if hidden := len(s.Files) - len(shown); hidden > 0 {
		p.line(fmt.Sprintf("  %s %d more files: all are in report.json", p.style.more, hidden))
	}
}

// next lists the commands that make sense now, whole, so that they can be copied.
func (p *page) next(s *Summary) {
	if len(s.Next) == 0 {
		return
	}
	p.line()
	p.line(p.style.bold("Next"))
	for _, n := range s.Next {
		p.line("  " + p.clean(n.Command))
		p.wrap("      ", "      ", p.clean(n.Why))
	}
}
