package report

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"muster/pipeline/printable"
)

// flow is the picture of the balance: bars joined by ribbons, each as thick as the rows that go that way, from the
// inputs to the rows read, to what the checks let pass, to the statuses. What leaves a bar is what came into it.
// Lengths are in units of the picture's own.
type flow struct {
	Name          string // of this drawing, part of the ids in it
	Title, Says   string // what a screen reader says of it
	Width, Height string
	Bars          []bar
	Ribbons       []ribbon
}

// bar is one station of the way.
type bar struct {
	Class, Stage string
	Rows         int64
	X, Y, W, H   string
	Name, Figure string
	TextX, TextY string

	x, y, h float64
}

// ribbon is the way between two stations.
type ribbon struct {
	Class, Stage string // Stage is that of the bar it leads to; of the one it comes from where it leads to the rows read
	Rows         int64
	Path, Title  string
	Thick        string
}

// The measures of a drawing.
const (
	flowThick    = 240.0 // all rows together
	flowThinnest = 2.0   // of a bar: a thing that is there is seen
	flowBar      = 12.0
	flowLine     = 20.0 // between two lines of text
	flowInputs   = 7    // inputs with a bar of their own
)

// frame says where the columns of a drawing stand. A negative place leaves a column out.
type frame struct {
	name                           string
	width                          float64
	inputs, read, groups, statuses float64
}

// station is a bar before it has a place.
type station struct {
	class, name, group string
	rows               int64
	thick              float64
}

// The groups of statuses, in the order they are drawn: no two ribbons cross.
const (
	groupPassed  = "passed the checks"
	groupLeft    = "left out by the checks"
	groupMissing = "without an outcome"
)

// drawFlow draws the balance of s; nil where no row was read.
func drawFlow(s *Summary, f frame, clean func(string) string) *flow {
	ends := flowEnds(s)
	var total int64
	for _, e := range ends {
		total += e.rows
	}
	if total == 0 {
		return nil
	}
	spread(ends, flowThick)
	d := &flow{Name: f.name, Width: length(f.width), Title: "Where every row went", Says: flowWords(s, ends, total)}
	groups := flowGroups(ends)
	starts := flowStarts(s, total, clean)
	read := []station{{class: "read", name: "rows read", rows: total, thick: flowThick}}
	if total != s.Rows {
		read[0].name = "outcomes of " + number(s.Rows) + " rows read"
		read[0].class = "missing"
	}
	if f.inputs < 0 || f.groups < 0 {
		starts, groups = nil, nil
	}
	d.Height = length(max(columnHeight(ends, 0)+flowLine, columnHeight(groups, flowLine), columnHeight(starts, flowLine),
		columnHeight(read, flowLine)))
	to := d.column(ends, "status", f.statuses)
	from := d.column(read, "read", f.read)
	if groups != nil {
		between := d.column(groups, "group", f.groups)
		d.fan(from, between, "group", false)
		d.groupFans(between, to, ends)
	} else {
		d.fan(from, to, "status", false)
	}
	if starts != nil {
		d.fan(from, d.column(starts, "input", f.inputs), "input", true)
	}
	return d
}

// flowEnds are the statuses that have rows, those that passed the checks first, and the rows that got none.
func flowEnds(s *Summary) []station {
	var passed, left, ends []station
	for _, c := range s.Statuses {
		e := station{class: c.Status, name: c.Status, rows: c.Rows, group: groupPassed}
		switch {
		case c.Rows <= 0:
		case c.Status == "duplicate" || c.Status == "skipped" || c.Status == "invalid":
			e.group = groupLeft
			left = append(left, e)
		default:
			passed = append(passed, e)
		}
	}
	ends = append(passed, left...)
	if lost := max(s.Rows-s.sum(), s.Missing); lost > 0 {
		ends = append(ends, station{class: "missing", name: "no outcome", rows: lost, group: groupMissing})
	}
	return ends
}

func flowGroups(ends []station) []station {
	var groups []station
	for _, e := range ends {
		if len(groups) == 0 || groups[len(groups)-1].name != e.group {
			class := map[string]string{groupPassed: "passed", groupLeft: "left", groupMissing: "missing"}[e.group]
			groups = append(groups, station{class: class, name: e.group})
		}
		g := &groups[len(groups)-1]
		g.rows += e.rows
		g.thick += e.thick
	}
	return groups
}

// flowStarts are the inputs; nil where their rows are not what was read, since the picture would not add up.
func flowStarts(s *Summary, total int64, clean func(string) string) []station {
	var starts []station
	var sum, rest int64
	for i, in := range s.Inputs {
		sum += in.Rows
		if in.Rows == 0 {
			continue
		}
		if len(starts) == flowInputs && i < len(s.Inputs) {
			rest += in.Rows
			continue
		}
		name := filepath.Base(in.File)
		if in.File == "-" {
			name = "standard input"
		}
		if in.Sheet != "" {
			name = in.Sheet
		}
		starts = append(starts, station{class: "input", name: shorten(clean(name), 18), rows: in.Rows})
	}
	if sum != total {
		return nil
	}
	if rest > 0 {
		starts = append(starts, station{class: "input", name: "other inputs", rows: rest})
	}
	spread(starts, flowThick)
	return starts
}

// spread gives stations their thickness, by their rows, none thinner than can be seen; together they are exactly thick.
func spread(list []station, thick float64) {
	var total float64
	for _, s := range list {
		total += float64(s.rows)
	}
	// Who would be too thin gets the least there is; the others share the rest, which may make the next too thin.
	for settled := false; !settled; {
		settled = true
		room, rows := thick, total
		for _, s := range list {
			if s.thick > 0 {
				room, rows = room-flowThinnest, rows-float64(s.rows)
			}
		}
		for i := range list {
			if list[i].thick == 0 && float64(list[i].rows)/rows*room < flowThinnest {
				list[i].thick, settled = flowThinnest, false
			}
		}
		if settled {
			for i := range list {
				if list[i].thick == 0 {
					list[i].thick = float64(list[i].rows) / rows * room
				}
			}
		}
	}
}

// columnHeight is how tall a column gets when every station has room for its text. above is what stands over each.
func columnHeight(list []station, above float64) float64 {
	var tall float64
	for _, s := range list {
		tall += slot(s, above)
	}
	return tall
}

func slot(s station, above float64) float64 {
	if above > 0 {
		return s.thick + above + 12
	}
	return max(s.thick, flowLine) + 8
}

// column places stations one below the other and draws their bars: the text of a status stands beside its bar, that of
// others above.
func (d *flow) column(list []station, stage string, x float64) []bar {
	above, y := flowLine, 0.0
	if stage == "status" {
		above, y = 0, flowLine
	}
	from := len(d.Bars)
	for _, s := range list {
		top := y + above
		if above == 0 {
			top += max(flowLine-s.thick, 0) / 2
		}
		y += slot(s, above)
		b := bar{Class: s.class, Stage: stage, Rows: s.rows, Name: s.name, Figure: number(s.rows), x: x, y: top, h: s.thick,
			X: length(x), Y: length(top), W: length(flowBar), H: length(s.thick)}
		if stage == "status" {
			b.TextX, b.TextY = length(x+flowBar+8), length(top+s.thick/2+5)
		} else {
			b.TextX, b.TextY = length(x), length(top-7)
		}
		d.Bars = append(d.Bars, b)
	}
	return d.Bars[from:]
}

// fan joins one bar with several that stand beside it; backwards where the several come first.
func (d *flow) fan(one, several []bar, stage string, backwards bool) {
	y := one[0].y
	for i := range several {
		d.join(one[0], y, several[i], stage, backwards)
		y += several[i].h
	}
}

// groupFans joins every group with its statuses.
func (d *flow) groupFans(groups, statuses []bar, ends []station) {
	for g := range groups {
		from := 0
		for from < len(ends) && ends[from].group != groups[g].Name {
			from++
		}
		to := from
		for to < len(ends) && ends[to].group == groups[g].Name {
			to++
		}
		d.fan(groups[g:g+1], statuses[from:to], "status", false)
	}
}

// join draws the ribbon between a bar, from y on, and the whole of another.
func (d *flow) join(one bar, y float64, other bar, stage string, backwards bool) {
	left, right := one.x+flowBar, other.x
	ly, ry := y, other.y
	if backwards {
		left, right = other.x+flowBar, one.x
		ly, ry = other.y, y
	}
	h, bend := other.h, (left+right)/2
	var path strings.Builder
	fmt.Fprintf(&path, "M%s %sC%s %s %s %s %s %s", length(left), length(ly), length(bend), length(ly), length(bend),
		length(ry), length(right), length(ry))
	fmt.Fprintf(&path, "V%sC%s %s %s %s %s %sZ", length(ry+h), length(bend), length(ry+h), length(bend), length(ly+h),
		length(left), length(ly+h))
	d.Ribbons = append(d.Ribbons, ribbon{Class: other.Class, Stage: stage, Rows: other.Rows, Path: path.String(),
		Thick: length(h),
		Title: other.Name + ": " + number(other.Rows) + " " + printable.Noun(other.Rows, "row")})
}

// flowWords says the picture in one sentence.
func flowWords(s *Summary, ends []station, total int64) string {
	var parts []string
	for _, e := range ends {
		parts = append(parts, number(e.rows)+" "+e.name)
	}
	says := "Of " + number(s.Rows) + " " + printable.Noun(s.Rows, "row") + " read: " + strings.Join(parts, ", ") + "."
	if total != s.Rows {
		says += " These are " + number(total) + " outcomes."
	}
	return says
}

// length writes a length of the picture.
func length(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// shorten cuts a name to so many characters, its middle first: of a file's name both ends tell.
func shorten(name string, most int) string {
	letters := []rune(name)
	if len(letters) <= most {
		return name
	}
	tail := (most - 1) / 2
	return string(letters[:most-1-tail]) + "…" + string(letters[len(letters)-tail:])
}
