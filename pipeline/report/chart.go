package report

import (
	"fmt"
	"strings"
)

// chart is how fast a run was from its beginning to its end: one line of rows and, where there was an org, one of
// requests.
type chart struct {
	Lines []chartLine
	Took  string
}

// chartLine is one picture: a rate over time.
type chartLine struct {
	Name, Title, Says string
	Class             string
	Area, Line        string // paths
	Top               string // what the top of the picture stands for
	Ceiling           string // place of a line that must not be crossed, "" none
	CeilingName       string
}

// The measures of a chart, in units of its own.
const (
	chartWidth  = 900.0
	chartHeight = 120.0
	chartFewest = 4 // moments: fewer are no line
)

// drawChart draws the rates of s; nil where the run was too short to have any.
func drawChart(s *Summary) *chart {
	m := s.Moments
	if len(m) < chartFewest || m[len(m)-1].Seconds <= 0 {
		return nil
	}
	c := &chart{Took: seconds(m[len(m)-1].Seconds)}
	c.add("rows", "Rows per second", "rows/s", rates(m, 1, func(at Moment) int64 { return at.Rows }), m, 0, "")
	if m[len(m)-1].Requests > m[0].Requests && s.Budget != nil {
		c.add("asked", "Requests per minute", "requests a minute", rates(m, 60, func(at Moment) int64 { return at.Requests }),
			m, float64(s.Budget.Granted), "granted "+number(s.Budget.Granted))
	}
	return c
}

// rates are the steps between moments, each over a stretch wide enough not to jump about.
func rates(m []Moment, per float64, of func(Moment) int64) []float64 {
	list := make([]float64, len(m))
	wide := max(1, len(m)/40)
	for i := range m {
		from, to := max(0, i-wide), min(len(m)-1, i+wide)
		if seconds := m[to].Seconds - m[from].Seconds; seconds > 0 {
			list[i] = float64(of(m[to])-of(m[from])) / seconds * per
		}
	}
	return list
}

func (c *chart) add(class, title, unit string, values []float64, m []Moment, ceiling float64, ceilingName string) {
	top, least := ceiling, values[0]
	var sum float64
	for _, v := range values {
		top, least, sum = max(top, v), min(least, v), sum+v
	}
	if top == 0 {
		return
	}
	first, last := m[0].Seconds, m[len(m)-1].Seconds
	var line strings.Builder
	for i, v := range values {
		word := "L"
		if i == 0 {
			word = "M"
		}
		fmt.Fprintf(&line, "%s%s %s", word, length((m[i].Seconds-first)/(last-first)*chartWidth),
			length(chartHeight*(1-v/top*0.95)))
	}
	l := chartLine{Name: "chart-" + class, Class: class, Title: title, Line: line.String(), Top: number(int64(top + 0.5)),
		Area: line.String() + "L" + length(chartWidth) + " " + length(chartHeight) + "L0 " + length(chartHeight) + "Z",
		Says: fmt.Sprintf("Over %s between %s and %s %s, %s on average.", c.Took, number(int64(least+0.5)),
			number(int64(peak(values)+0.5)), unit, number(int64(sum/float64(len(values))+0.5)))}
	if ceiling > 0 {
		l.Ceiling, l.CeilingName = length(chartHeight*(1-ceiling/top*0.95)), ceilingName
	}
	c.Lines = append(c.Lines, l)
}

func peak(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	return most
}
