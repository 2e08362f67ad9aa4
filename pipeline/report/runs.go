package report

import (
	"io"
	"strconv"
	"strings"
	"time"
)

// Past is one run as the list of runs shows it. Plain data, no value of any cell.
type Past struct {
	Run     string           `json:"run"`
	Command string           `json:"command"`
	Job     string           `json:"job,omitempty"` // of the project file, whose night it was
	Org     string           `json:"org,omitempty"` // "": it had none
	State   string           `json:"state"`         // running, finished, interrupted, failed
	Started time.Time        `json:"started"`
	Ended   *time.Time       `json:"ended,omitempty"` // nil: it is under way, or its process died
	Rows    int64            `json:"rows"`            // as it said when it ended
	Counts  map[string]int64 `json:"counts"`          // rows by status

	Undoes   string `json:"undoes,omitempty"`    // the run that this one took back
	UndoneBy string `json:"undone_by,omitempty"` // the run that took this one back last
}

// act is the command as it was typed: of a night with its job.
func (r *Past) act() string { return strings.TrimSpace(r.Command + " " + r.Job) }

// RunsText writes the list of runs for people, in the order given: for each a line, and its counts below. Names too
// long for the page are cut.
func RunsText(w io.Writer, runs []Past, width int, color bool) error {
	p := newPage(width, color)
	widths := [...]int{len("run"), len("command"), len("org"), len("interrupted"), len("2006-01-02 15:04")}
	for i := range runs {
		widths[0] = max(widths[0], columns(p.clean(runs[i].Run)))
		widths[1] = max(widths[1], columns(p.clean(runs[i].act())))
		widths[2] = max(widths[2], columns(p.clean(runs[i].Org)))
	}
	// The org's name gives way: what is left of the page when the others and 9 digits of rows have theirs.
	widths[2] = min(widths[2], max(p.width-widths[0]-widths[1]-widths[3]-widths[4]-2*len(widths)-9, 12))
	row := func(paint func(string) string, rows string, cells ...string) {
		var line strings.Builder
		for i, cell := range cells {
			cell = p.cut(p.clean(cell), widths[i])
			line.WriteString(cell + strings.Repeat(" ", widths[i]-columns(cell)+2))
		}
		p.line(paint(strings.TrimRight(line.String()+rows, " ")))
	}
	row(p.style.bold, "rows", "run", "command", "org", "state", "started (UTC)")
	for i := range runs {
		r := &runs[i]
		rows := number(r.Rows)
		if r.Ended == nil {
			rows = "-"
		}
		row(func(s string) string { return s }, rows, r.Run, r.act(), r.Org, r.State,
			r.Started.UTC().Format("2006-01-02 15:04"))
		if counts := p.counts(r.Counts); counts != "" {
			p.wrap("  ", "  ", counts)
		}
		if undone := p.undone(r); undone != "" {
			p.line("  " + undone)
		}
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

// counts are the statuses that have rows, in their order.
func (p *page) counts(counts map[string]int64) string {
	var list []string
	for _, s := range Balance(counts) {
		if s.Rows > 0 {
			list = append(list, s.Status+" "+strconv.FormatInt(s.Rows, 10))
		}
	}
	for _, of := range [...]string{ListDeleted, ListRestored, ListKept, ListFailed, ListLeft} { // an undo's
		if n := counts[of]; n > 0 {
			list = append(list, of+" "+strconv.FormatInt(n, 10))
		}
	}
	return strings.Join(list, ", ")
}
