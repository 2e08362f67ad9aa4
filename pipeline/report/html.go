package report

import (
	"bytes"
	_ "embed" // the page's template and style
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

//go:embed report.tmpl.html
var htmlPage string

//go:embed report.css
var htmlStyle string

// What the page shows of long lists and names, so that it stays below 2 MB whatever the run was: a row of the problems'
// tables may take 2.3 kB where names are hostile. report.json has all.
const (
	htmlColumns       = 600 // rows of the problems' tables, of all codes together
	htmlColumnsOfCode = 60
	htmlLines         = 40   // inputs, and files
	htmlName          = 100  // characters of a column's or file's name
	htmlPath          = 400  // characters of a path
	htmlCommand       = 4000 // characters of a command or a sentence
)

// WriteHTML writes s to path as one page that needs no network, no script and no other file: for a browser, a printer,
// a mail's attachment. It is written in one step as WriteJSON does, mode 0600. The page holds no more than s does, so
// no value of any cell, and stays below 2 MB.
func WriteHTML(path string, s *Summary) error {
	var text bytes.Buffer
	if err := HTML(&text, s); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return trust.WriteWhole(path, text.Bytes())
}

// HTML writes the page of WriteHTML to w. Beside a mistake in the page itself the error is w's.
func HTML(w io.Writer, s *Summary) error {
	page, err := template.New("report").Parse(htmlPage + columnsPart)
	if err != nil {
		return err
	}
	return page.Execute(w, newSheet(s))
}

// sheet is the page's content, worded and bounded: the template only places it.
type sheet struct {
	Style           template.CSS
	Title           string
	Command, Org    string
	Grade, Word     string // good, warn or bad; the verdict in two words
	Exit            string
	Stopped         string
	Facts           []fact
	Inputs          []inputLine
	MoreInputs      string
	Wide, Narrow    *flow
	Balance         []balanceLine
	Rows            string
	Balanced        bool
	Sum             string // the sentence that the books balance, or how they do not
	Differences     *differencesPart
	Problems        []problemPart
	ProblemsTitle   string
	MoreProblems    string
	Unsure          *unsurePart // nil: no column needs a decision
	Lost            *lostPart   // nil: no column is left out
	Tables          []tablePart
	MoreTables      string
	Chart           *chart
	Customers       []linkLine
	Damages         []damagePart
	MoreDamages     string
	Budget          *budgetPart
	Files           []File
	MoreFiles       string
	Moved, MovedFix string // a header that came again in another order, "" none
	Stray           string // refused rows that no file of rejects has, "" none
	Next            []Next
	Muster          string
}

type fact struct {
	Name, Value string
	Moment      string // machine-readable form of a time, "" it is none
	Code        bool
}

type inputLine struct{ Name, Format, Rows, Size string }

type balanceLine struct{ Status, Rows, Share, Meaning, Bar string }

type problemPart struct {
	Anchor, Code, Meaning, Cause, Fix string
	Count, Word, Bar                  string
	Columns                           []columnLine
	More                              string
}

type columnLine struct {
	Name     string // "" the whole row
	Count    string
	Places   []string
	Rest     string // "" all places are named
	Expected string // "" nothing is to be said of it
}

type budgetPart struct {
	Words                string
	Limit, Granted, Used string
	GrantedBar, UsedBar  string
	Requests, Throttled  string
}

// newSheet words s. Names keep their letters; what a page cannot hold or what would turn its writing around is
// replaced.
func newSheet(s *Summary) *sheet {
	p := &page{width: 1 << 20, style: colorStyle()}
	h := &sheet{Style: template.CSS(htmlStyle), Command: tidy(p, s.Command, htmlName), Rows: number(s.Rows),
		Balanced: s.Balanced, Stopped: tidy(p, s.Stopped, htmlCommand), Muster: tidy(p, s.Muster, htmlName)}
	h.Title = strings.TrimSpace("muster " + h.Command)
	if s.Org != nil {
		h.Org = shorten(p.org(s.Org), htmlName)
		h.Title += " → " + h.Org
	}
	h.Title += ", " + s.Started.UTC().Format("2 January 2006 15:04") + " UTC"
	h.verdict(p, s)
	h.facts(p, s)
	h.inputs(p, s)
	h.Wide = drawFlow(s, frame{"wide", 920, 2, 240, 460, 710}, p.clean)
	h.Narrow = drawFlow(s, frame{"narrow", 350, -1, 2, -1, 160}, p.clean)
	h.balance(p, s)
	h.differences(p, s)
	h.problems(p, s)
	h.Unsure = unsurePartOf(p, s.Columns, placing(s.Inputs))
	h.Lost = lostOf(p, s.Columns, placing(s.Inputs))
	h.tables(p, s)
	h.customers(p, s)
	h.Chart = drawChart(s)
	h.damages(p, s)
	h.budget(s)
	for _, f := range s.Files[:min(len(s.Files), htmlLines)] {
		h.Files = append(h.Files, File{Kind: tidy(p, f.Kind, htmlName), Path: tidy(p, f.Path, htmlPath)})
	}
	h.MoreFiles = hidden(len(s.Files)-len(h.Files), "file")
	if s.Moved != nil {
		h.Moved, h.MovedFix = tidy(p, s.Moved.sentence(), htmlCommand), tidy(p, s.Moved.Fix, htmlCommand)
	}
	stray, _ := s.stray()
	h.Stray = tidy(p, stray, htmlCommand)
	for _, n := range s.Next[:min(len(s.Next), htmlLines)] {
		h.Next = append(h.Next, Next{Command: tidy(p, n.Command, htmlCommand), Why: tidy(p, n.Why, htmlCommand)})
	}
	return h
}

// tidy makes a name or sentence fit for the page.
func tidy(p *page, s string, most int) string {
	if len(s) > 8*most { // cleaning costs; what is cut anyway need not be
		s = s[:4*most] + s[len(s)-4*most:]
	}
	return shorten(p.clean(s), most)
}

func hidden(n int, word string) string {
	if n <= 0 {
		return ""
	}
	return number(int64(n)) + " more " + printable.Noun(int64(n), word) + ": report.json names all"
}

func (h *sheet) verdict(p *page, s *Summary) {
	h.Grade, h.Word = "good", "Done"
	switch {
	case !s.Balanced:
		h.Grade, h.Word = "bad", "Does not balance"
	case s.ExitCode == 3:
		h.Grade, h.Word = "warn", "Done, with rows left out"
		if s.Columns.Lost() > 0 {
			h.Word = s.Columns.Headline()
		}
	case s.ExitCode != 0 && s.Stopped != "":
		h.Grade, h.Word = "bad", "Stopped early"
	case s.Moved != nil:
		h.Grade, h.Word = "bad", "Rows under the wrong columns"
	case s.ExitCode == 5:
		h.Grade, h.Word = "bad", "Columns are damaged"
	case s.ExitCode != 0:
		h.Grade, h.Word = "bad", "Not proven"
	}
	h.Exit = fmt.Sprint("Exit code ", s.ExitCode)
	if s.Exit != "" {
		h.Exit += ": " + tidy(p, s.Exit, htmlCommand)
	}
}

func (h *sheet) facts(p *page, s *Summary) {
	add := func(name, value string, code bool) {
		if value != "" {
			h.Facts = append(h.Facts, fact{Name: name, Value: tidy(p, value, htmlCommand), Code: code})
		}
	}
	add("Command", s.Line, true)
	add("Org", h.Org, false)
	add("Mapping", s.Mapping, false)
	moment := func(name string, t time.Time) {
		t = t.UTC()
		h.Facts = append(h.Facts, fact{Name: name, Value: t.Format("2006-01-02 15:04:05") + " UTC",
			Moment: t.Format(time.RFC3339)})
	}
	moment("Began", s.Started)
	moment("Ended", s.Ended)
	add("Took", p.pace(s), false)
	add("Run", s.Run, true)
}

func (h *sheet) inputs(p *page, s *Summary) {
	for _, in := range s.Inputs[:min(len(s.Inputs), htmlLines)] {
		name := in.File
		if name == "-" {
			name = "standard input"
		}
		if in.Sheet != "" {
			name += " [" + in.Sheet + "]"
		}
		h.Inputs = append(h.Inputs, inputLine{tidy(p, name, htmlName), tidy(p, in.Format, htmlName), number(in.Rows),
			size(in.Bytes)})
	}
	h.MoreInputs = hidden(len(s.Inputs)-len(h.Inputs), "input")
}

func (h *sheet) balance(p *page, s *Summary) {
	var parts []string
	for _, c := range s.roll() {
		share := ""
		if s.Rows > 0 {
			share = fine(float64(c.Rows) / float64(s.Rows))
		}
		h.Balance = append(h.Balance, balanceLine{tidy(p, c.Status, htmlName), number(c.Rows), share,
			tidy(p, c.Meaning, htmlCommand), barLength(c.Rows, s.Rows)})
		if c.Rows > 0 {
			parts = append(parts, number(c.Rows)+" "+tidy(p, c.Status, htmlName))
		}
	}
	switch {
	case !s.Balanced:
		h.Sum = "The books do not balance. " + p.gap(s)
	case s.Rows == 0:
		h.Sum = "No row was read: the books balance."
	default:
		h.Sum = strings.Join(parts, " + ") + " = " + number(s.Rows) + " " + printable.Noun(s.Rows, "row") +
			" read. The books balance: every row has exactly one outcome."
		if n := s.blank(); n > 0 {
			h.Sum += " " + blankRows(n) + "."
		}
	}
}

// fine is a share with as many digits as tell it apart from none and from all.
func fine(share float64) string {
	switch {
	case share <= 0:
		return "0 %"
	case share < 0.001:
		return "< 0.1 %"
	case share > 0.999 && share < 1:
		return "> 99.9 %"
	default:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", share*100), ".0") + " %"
	}
}

// barLength is a part of a bar 100 units long; what is there is seen.
func barLength(part, whole int64) string {
	if part <= 0 || whole <= 0 {
		return "0"
	}
	return length(min(max(float64(part)/float64(whole)*100, 1), 100))
}

func (h *sheet) problems(p *page, s *Summary) {
	if len(s.Problems) == 0 {
		return
	}
	h.ProblemsTitle = number(s.ProblemCount) + " " + printable.Noun(s.ProblemCount, "problem")
	if s.ProblemRows > 0 {
		h.ProblemsTitle += " in " + number(s.ProblemRows) + " " + printable.Noun(s.ProblemRows, "row")
	}
	places, room, most := placing(s.Inputs), htmlColumns, s.Problems[0].Count
	for i := range s.Problems {
		if room <= 0 {
			h.MoreProblems = hidden(len(s.Problems)-i, "code")
			return
		}
		problem := &s.Problems[i]
		part := problemPart{Anchor: fmt.Sprint("problem-", i+1), Code: tidy(p, problem.Code, htmlName),
			Meaning: tidy(p, problem.Meaning, htmlCommand),
			Cause:   tidy(p, problem.Cause, htmlCommand), Fix: tidy(p, problem.Fix, htmlCommand),
			Count: number(problem.Count), Word: printable.Noun(problem.Count, "problem"), Bar: barLength(problem.Count, most)}
		shown := problem.Columns[:min(len(problem.Columns), htmlColumnsOfCode, room)]
		room -= len(shown) + 1
		for c := range shown {
			part.Columns = append(part.Columns, columnPart(p, &shown[c], places))
		}
		part.More = hidden(len(problem.Columns)-len(shown), "column")
		h.Problems = append(h.Problems, part)
	}
}

func columnPart(p *page, c *Column, places place) columnLine {
	line := columnLine{Name: c.called(tidy(p, c.Column, htmlName), ""), Count: number(c.Count),
		Expected: tidy(p, c.expects(), htmlCommand)}
	for i := range c.Samples {
		line.Places = append(line.Places, tidy(p, places.of(p, &c.Samples[i]), htmlName))
	}
	if len(line.Places) > 0 && c.Count > int64(len(line.Places)) {
		line.Rest = fmt.Sprintf("the first %d of %s", len(line.Places), number(c.Count))
	}
	return line
}

func (h *sheet) budget(s *Summary) {
	if s.Budget == nil && s.Requests == 0 {
		return
	}
	part := &budgetPart{Requests: number(s.Requests) + " " + printable.Noun(s.Requests, "request")}
	if b := s.Budget; b != nil && b.Limit > 0 {
		used := int64(b.Used + 0.5)
		part.Limit, part.Granted, part.Used = number(b.Limit), number(b.Granted), number(used)
		part.GrantedBar, part.UsedBar = barLength(b.Granted, b.Limit), barLength(used, b.Limit)
		part.Words = fmt.Sprintf("%s requests a minute on average, %s of the org's %s; this run allowed itself %s.",
			part.Used, percent(b.Share), part.Limit, part.Granted)
		if b.Throttled > 0 {
			part.Throttled = number(b.Throttled) + " " + printable.Noun(b.Throttled, "time")
		}
	}
	h.Budget = part
}
