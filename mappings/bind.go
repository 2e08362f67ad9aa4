package mappings

import (
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/spelling"
)

// An Attribute is what the org's Klass says of one custom attribute.
type Attribute struct {
	Name    string // system name, "avgSatScoreNum"
	Display string // the name people see, "Avg Sat Score"; may be ""
	Active  bool
}

// BindOptions complete a mapping with what only the run knows. Zero values leave it to the mapping.
type BindOptions struct {
	Unmapped string // "error", "ignore", "custom"; "" as the mapping says
	// "error", "ignore"; "" as the mapping says. For JSON, where a key may first appear late: "ignore"
	Missing    string
	Attributes []Attribute // nil: unknown, offline
	Region     string      // default region of phones, "" as the mapping says
	Create     bool        // attributes that the org lacks are going to be made: none is left out for being missing
	Ignore     []string    // columns that are left out by name, whatever the mapping says of them
	Keys       []int       // columns by which files are joined in: they are known
	Best       bool        // what the mapping leaves to be chosen is read in the first of its ways: see Plan.OpenMarks
	// "refuse" or "drop": what becomes of a row whose cell cannot be used, where its column does not say; "" as the
	// mapping says
	BadCells string
	// how many of the columns, the last, are of files that are joined in: without a rule they are left out
	Joined int
	Blank  []bool // of the columns, those that hold nothing as far as is known: without a name, they are left out
	Dates  string // layout of dates in columns for which the mapping says none, "" none
	// Layouts are what whole columns have shown of their dates, by the columns' names: see Plan.OpenDates.
	Layouts map[string]DateLayout
}

// Kinds of bind mistakes.
const (
	Unmapped  = "unmapped"  // no rule knows the column
	Doubled   = "doubled"   // two columns for one place and no rule how they combine
	Missing   = "missing"   // the mapping names a column that the file lacks
	Ambiguous = "ambiguous" // the column can mean two things
	Invalid   = "invalid"   // an option or rule that cannot work
)

// A BindMistake is one reason why a mapping does not fit a file.
type BindMistake struct {
	Kind    string   // Unmapped, Doubled, Missing, Ambiguous or Invalid
	Columns []string // the columns concerned, by the file's own names
	Target  string   // the place concerned, "" none
	Message string   // what is wrong, lower case
	Fix     string   // what to do about it, "" none
}

// BindError is the error of Bind: every mistake at once, those of one kind together.
type BindError struct {
	Mapping  string // name of the mapping
	Mistakes []BindMistake
}

// Error gives one line for each mistake.
func (e *BindError) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, one := range e.Mistakes {
		lines[i] = one.Message
		if one.Fix != "" {
			lines[i] += " (" + one.Fix + ")"
		}
	}
	return strings.Join(lines, "\n")
}

// Bind fits the mapping to a file with these columns. The error is *BindError: unmapped columns by
// the file's own names, doubled targets, columns that the mapping names and the file lacks.
func (m *Mapping) Bind(columns []string, o BindOptions) (*Plan, error) {
	b := &binder{mapping: m, columns: m.extend(columns), width: len(columns), options: o, base: m.manners}
	if o.Unmapped == "" {
		b.options.Unmapped = m.Unmapped
	}
	if o.Missing == "" {
		b.options.Missing = m.Missing
	}
	if o.Region != "" {
		b.base.region = Region(o.Region)
	}
	if o.Dates != "" && b.base.layout == nil {
		b.bindDates(o.Dates)
	}
	b.checkOptions()
	b.taken = make([]bool, len(b.columns))
	b.bindIgnored()
	b.bindEntries()
	sieves := b.bindFilters()
	extras := b.bindExtras()
	b.describing()
	b.bindRest()
	b.bindConstants()
	plan := b.build()
	if plan.extras = extras; extras != nil {
		extras.finish(plan)
	}
	plan.writes, plan.rules = b.bindWrites(), b.bindRules()
	plan.empty = b.emptied(plan.writes)
	plan.sieves, plan.drops = sieves, b.letGo()
	if len(b.mistakes) > 0 {
		slices.SortStableFunc(b.mistakes, func(x, y BindMistake) int { return kindOrder(x.Kind) - kindOrder(y.Kind) })
		return nil, &BindError{Mapping: m.Name, Mistakes: b.mistakes}
	}
	plan.Uses, plan.OpenMarks = b.use(extras, sieves), b.marks
	return plan, nil
}

func kindOrder(kind string) int {
	return slices.Index([]string{Invalid, Missing, Unmapped, Ambiguous, Doubled}, kind)
}

// A binder is one binding under way.
type binder struct {
	mapping   *Mapping
	columns   []string // the file's, and behind them those that are worked out
	width     int      // of the file's own
	options   BindOptions
	base      manners
	bindings  []binding // in the order in which values combine and items follow each other
	taken     []bool    // columns that a rule knows
	free      []string  // names of columns that no entry names
	omitted   []omission
	describes bool   // it names conversations by their ids: see describing
	ignored   []bool // by column of the file: left out by name
	marks     []int  // columns whose decimal mark is open
	groups    []int  // columns named as objects, as custom: {} in JSON: their members have columns of their own
	mistakes  []BindMistake
}

// A binding is one column, or one constant, and the place it goes to.
type binding struct {
	column  int // -1: a constant
	target  target
	manners manners
	split   string
	pick    string
	combine combine
	glue    string
	write   string
	drop    bool  // a cell that cannot be used may go
	value   Value // of a constant
}

func (b *binder) mistake(kind, target, fix string, columns []string, format string, args ...any) {
	b.mistakes = append(b.mistakes, BindMistake{Kind: kind, Columns: columns, Target: target,
		Message: fmt.Sprintf(format, args...), Fix: fix})
}

func (b *binder) checkOptions() {
	if w := b.options.BadCells; w != "" && w != onRefuse && w != onDrop {
		b.mistake(Invalid, "", "write refuse or drop", nil, "cells that cannot be used cannot be %q", w)
	}
	if o := b.options.Unmapped; o != onError && o != Ignore && o != onCustom {
		b.mistake(Invalid, "", "write error, ignore or custom", nil, "unmapped columns cannot be %q", o)
	}
	if o := b.options.Missing; o != onError && o != Ignore {
		b.mistake(Invalid, "", "write error or ignore", nil, "missing columns cannot be %q", o)
	}
	if r := b.base.region; r != "" && !isRegion(r) {
		b.mistake(Invalid, "", "write the country's two letters, like NL or DE", nil, "phones have no region %q", r)
	}
}

// name is the file's own name of a column, or its place when it has none.
func (b *binder) name(column int) string {
	if column < 0 {
		return "a constant"
	}
	if strings.TrimSpace(b.columns[column]) == "" {
		return fmt.Sprintf("column %d, which has no name", column+1)
	}
	return fmt.Sprintf("column %q", b.columns[column])
}

// bindEntries finds the columns of the mapping's entries: by the exact name, and where no column has
// it, by a name that differs only in capitals, spaces, hyphens and underscores.
func (b *binder) bindEntries() {
	reported := map[string]bool{}
	exact, loose := map[string][]int{}, map[string][]int{}
	for i, name := range b.columns {
		exact[name] = append(exact[name], i)
	}
	claimed := map[string]bool{}
	entries := b.expand()
	for i := range entries {
		claimed[entries[i].column] = true
	}
	for i, name := range b.columns {
		if !claimed[name] && spelling.Fold(name) != "" {
			loose[spelling.Fold(name)] = append(loose[spelling.Fold(name)], i)
			b.free = append(b.free, name)
		}
	}
	for i := range entries {
		e := &entries[i]
		found := exact[e.column]
		if len(found) == 0 {
			found = loose[spelling.Fold(e.column)]
		}
		if len(found) == 0 {
			found = b.placed(e.column)
		}
		if len(found) == 0 && !e.optional && b.options.Missing == onError && !reported[e.column] {
			reported[e.column] = true
			b.mistake(Missing, "", b.missingFix(e.column), []string{e.column},
				"the file has no column %q, which the mapping names", e.column)
		}
		for i, column := range found {
			b.taken[column] = true
			switch {
			case column < b.width && b.ignored[column]:
			case i > 0 && b.mapping.Doubles == onFirst:
				b.omit(column, "an earlier column has its name", "")
			case e.open != "":
				b.omit(column, e.open, "")
			case e.ignore && column < b.width:
				b.ignored[column] = true
			case e.ignore:
			case !b.lacks(e.target, column):
				b.bindings = append(b.bindings, b.entryBinding(e, column))
			}
		}
	}
}

func (b *binder) missingFix(column string) string {
	if near := b.nearest(column, b.free); near != "" {
		return fmt.Sprintf("it has %q", near)
	}
	return "take the entry off, or add optional: true to it"
}

// mostHints bounds the search for near names: it costs as much as all names together, for each.
const mostHints = 100

func (b *binder) nearest(name string, candidates []string) string {
	if len(b.mistakes) >= mostHints {
		return ""
	}
	return spelling.Nearest(name, candidates)
}

func (b *binder) entryBinding(e *entry, column int) binding {
	t := e.target
	if t.field.shape == custom {
		if a := b.attribute(t.name); a != nil {
			t.name = a.Name // the org's own capitals
		}
	}
	how := e.manners.over(b.base)
	if how.decimal == openMark {
		how.decimal = '.'
		b.openMark(column, t)
	}
	return binding{column: column, target: t, manners: how, split: e.split, pick: e.pick, combine: e.combine, glue: e.glue,
		write: e.write, drop: b.drops(e.bad)}
}

// openMark notes a column whose decimal mark nobody has chosen, or is the mistake of it.
func (b *binder) openMark(column int, t target) {
	if b.options.Best {
		b.marks = append(b.marks, column)
		return
	}
	b.mistake(Invalid, t.path(), `write decimal: "." or decimal: ","`, []string{b.columns[column]},
		"the numbers of %s fit a decimal point and a decimal comma, and the mapping does not say which: decimal: %s",
		b.name(column), Choose)
}

func (b *binder) bindConstants() {
	for _, c := range b.mapping.constants {
		if b.lacks(c.target, -1) {
			continue
		}
		b.bindings = append(b.bindings, binding{column: -1, target: c.target, value: c.value})
	}
}
