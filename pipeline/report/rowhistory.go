package report

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"muster/pipeline/printable"
)

// RowHistory is what happened to one row: where it stands, what was found wrong with it or how it travelled, and what
// other runs did with the same customer. It is plain data and holds no value of any cell; the ids in it are the org's.
type RowHistory struct {
	Run     string `json:"run"`
	Command string `json:"command"`
	Org     string `json:"org,omitempty"`

	File  string `json:"file,omitempty"` // "" where only the ledger knows of the row
	Sheet string `json:"sheet,omitempty"`
	Line  int64  `json:"line,omitempty"` // 1-based line where the row starts
	Row   int64  `json:"row"`            // 1-based place among all rows of the run

	Status     string `json:"status"`
	Meaning    string `json:"meaning"`          // of the status
	SoFar      bool   `json:"so_far,omitempty"` // the run has not ended, so the status may change
	CustomerID string `json:"customer_id,omitempty"`
	Detail     string `json:"detail,omitempty"` // where no problem tells

	Problems []ProblemLine `json:"problems,omitempty"`
	Passages []Passage     `json:"passages,omitempty"` // in this run, oldest first
	Others   []Passage     `json:"others,omitempty"`   // of the same customer in other runs, oldest first
	Later    []Later       `json:"later,omitempty"`    // what later runs said of its key without a request, oldest first
	NotRead  int           `json:"not_read,omitempty"` // later runs that were not looked through for Later
}

// Later is what a later run said of the same key without sending anything.
type Later struct {
	Run     string    `json:"run"`
	Started time.Time `json:"started"`
	File    string    `json:"file"`
	Line    int64     `json:"line"`
	Status  string    `json:"status"`
	Code    string    `json:"code,omitempty"`
}

// Passage is one way of a record through a batch to the org.
type Passage struct {
	Run        string    `json:"run"`
	Started    time.Time `json:"started"` // the run
	Later      bool      `json:"later"`   // the run is later than the one asked about
	Row        int64     `json:"row"`     // as RowHistory.Row, in its run
	Batch      int64     `json:"batch"`
	Place      int       `json:"place"`  // 1-based in its batch
	Status     string    `json:"status"` // "" while the batch is open
	CustomerID string    `json:"customer_id,omitempty"`
	Code       string    `json:"code,omitempty"`
	Detail     string    `json:"detail,omitempty"`
	Requests   []Request `json:"requests"`
}

// Request is one request that carried the record.
type Request struct {
	Verb    string    `json:"verb"`
	Records int       `json:"records"` // in it
	Begun   time.Time `json:"begun"`
	Job     string    `json:"job,omitempty"`
	State   string    `json:"state"` // intended, accepted, answered
	Note    string    `json:"note,omitempty"`
}

// StoryText writes stories for people, as Text writes a summary.
func StoryText(w io.Writer, stories []RowHistory, width int, color bool) error {
	p := newPage(width, color)
	for i := range stories {
		if i > 0 {
			p.line()
		}
		p.story(&stories[i])
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

// newPage is an empty page for a terminal of so many columns.
func newPage(width int, color bool) *page {
	if width <= 0 {
		width = defaultWidth
	}
	p := &page{width: max(width, narrowest), style: plainStyle()}
	if color {
		p.style = colorStyle()
	}
	return p
}

// storyIndent stands before what goes on below a line of a story.
const storyIndent = "      "

func (p *page) story(s *RowHistory) {
	p.line(p.style.bold(p.cut(p.position(s), p.width)))
	from := s.Command
	if s.Org != "" {
		from += " " + p.style.arrow + " " + s.Org
	}
	p.line("run " + p.clean(s.Run) + ", " + p.clean(from))
	p.line()
	status := p.style.status(s.Status)(p.clean(s.Status))
	if s.SoFar {
		status += " so far"
	}
	text := s.Meaning
	if s.CustomerID != "" {
		text += ": customer " + s.CustomerID
	}
	p.wrap(storyIndent, "  "+status+"  ", p.clean(text))
	if s.Detail != "" {
		p.wrap(storyIndent, storyIndent, p.clean(s.Detail))
	}
	for i := range s.Problems {
		p.found(&s.Problems[i])
	}
	for i := range s.Passages {
		p.line()
		p.passage(&s.Passages[i], "")
	}
	p.others(s)
}

// position says where the row stands.
func (p *page) position(s *RowHistory) string {
	row := "row " + number(s.Row)
	if s.File == "" {
		return row + " of the run"
	}
	name := p.clean(s.File)
	if name == "-" {
		name = "standard input"
	}
	if s.Sheet != "" {
		name += " [" + p.clean(s.Sheet) + "]"
	}
	return fmt.Sprintf("%s, line %d (%s of the run)", name, s.Line, row)
}

func (p *page) found(l *ProblemLine) {
	p.line()
	at := p.clean(l.Column)
	if l.Cell != "" {
		at = p.clean(l.Cell) + "  " + at
	}
	if at == "" {
		at = "(whole row)"
	}
	p.line("  " + at + "  " + p.style.warn(p.clean(l.Code)))
	p.wrap(storyIndent, storyIndent, p.clean(l.Message))
	if l.Fix != "" {
		p.wrap(storyIndent, storyIndent+p.style.good("fix")+": ", p.clean(l.Fix))
	}
}

// passage shows batch, requests, jobs and the result.
func (p *page) passage(g *Passage, run string) {
	p.line(fmt.Sprintf("  %sbatch %d, record %d", run, g.Batch, g.Place))
	for _, r := range g.Requests {
		text := fmt.Sprintf("with %s %s at %s", number(int64(r.Records)), printable.Noun(int64(r.Records), "record"),
			moment(r.Begun))
		if r.Job != "" {
			text += ", job " + r.Job
		}
		text += ", " + r.State
		if r.Note != "" {
			text += ": " + r.Note
		}
		p.wrap(storyIndent+"    ", storyIndent+"request  "+p.clean(r.Verb)+" ", p.clean(text))
	}
	result := "open: its end is not known yet"
	if g.Status != "" {
		result = g.Status
	}
	for _, part := range []string{customerOf(g.CustomerID), g.Code, g.Detail} {
		if part != "" {
			result += ", " + part
		}
	}
	p.wrap(storyIndent+"    ", storyIndent+"result   ", p.clean(result))
}

func customerOf(id string) string {
	if id == "" {
		return ""
	}
	return "customer " + id
}

func (p *page) others(s *RowHistory) {
	if len(s.Others)+len(s.Later)+s.NotRead == 0 {
		return
	}
	p.line()
	p.line(p.style.bold("The same customer in other runs"))
	for i := range s.Others {
		g := &s.Others[i]
		when := "earlier"
		if g.Later {
			when = "later"
		}
		p.passage(g, when+": run "+p.clean(g.Run)+", row "+number(g.Row)+", ")
	}
	p.later(s.Later)
	if s.NotRead > 0 {
		p.line(fmt.Sprintf("  %s %s %s in between not looked through", p.style.more, number(int64(s.NotRead)),
			printable.Noun(int64(s.NotRead), "run")))
	}
}

// later shows what further runs said: of those that found the row unchanged, only the last.
func (p *page) later(list []Later) {
	last, unchanged := -1, int64(0)
	for i := range list {
		if list[i].Status == "unchanged" {
			last, unchanged = i, unchanged+1
		}
	}
	for i := range list {
		l := &list[i]
		if l.Status == "unchanged" && i != last {
			continue
		}
		text := fmt.Sprintf("later: run %s, %s line %d: %s", l.Run, l.File, l.Line, l.Status)
		if l.Code != "" {
			text += " (" + l.Code + ")"
		}
		if i == last && unchanged > 1 {
			text += ", as in " + number(unchanged-1) + " " + printable.Noun(unchanged-1, "run") + " before it"
		}
		p.wrap(storyIndent, "  ", p.clean(text))
	}
}

// moment is a time to the second, in UTC.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// fewestOfProblem is how many columns the problems.csv of the first versions has.
const fewestOfProblem = 8

// EachProblem calls f with every line of a problems.csv in turn, the defusing taken off; line is f's to keep. Its own
// errors name the line and never quote it.
func EachProblem(r io.Reader, f func(line *ProblemLine) error) error {
	text, delimiter := OpenedForSpreadsheet(bufio.NewReader(r), bufio.NewWriter(io.Discard))
	records := csv.NewReader(text)
	records.Comma = rune(delimiter)
	header, err := records.Read()
	if err != nil || !strings.HasPrefix(ProblemHeader, strings.Join(header, ",")) || len(header) < fewestOfProblem {
		return errors.Join(errors.New("problems: not a file that muster wrote"), err)
	}
	for {
		cells, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("problems: %w", err)
		}
		for i := range cells {
			cells[i] = Undefuse(cells[i])
		}
		at, err := strconv.ParseInt(cells[2], 10, 64)
		if err != nil {
			line, _ := records.FieldPos(2)
			return fmt.Errorf("problems: line %d is not one that muster wrote", line)
		}
		l := &ProblemLine{File: cells[0], Sheet: cells[1], Line: at, Cell: cells[3], Column: cells[4],
			Code: cells[5], Message: cells[6], Fix: cells[7]}
		if len(cells) > fewestOfProblem {
			l.Severity = cells[8]
		}
		if len(cells) > fewestOfProblem+1 {
			l.Suggestion = cells[9]
		}
		if err := f(l); err != nil {
			return err
		}
	}
}
