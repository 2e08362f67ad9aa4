package pipeline

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/profile"
	"muster/pipeline/refusals"
	"muster/pipeline/report"
)

// columnsOf are the columns of all inputs with what the survey saw of them and how often their cells were refused.
func (r *Running) columnsOf(refused *refusals.Tally) (all []profile.Column) {
	for _, in := range r.Inputs {
		for _, t := range in.Table.Sheets {
			var seen *profile.Table
			for i := range r.Survey.Profiles {
				if r.Survey.Profiles[i].File == t.Header.File && r.Survey.Profiles[i].Sheet == t.Header.Sheet {
					seen = &r.Survey.Profiles[i]
				}
			}
			all = append(all, columnsOf(t, seen, refused)...)
		}
	}
	all = append(all, r.joinedColumns()...)
	late := make([]profile.Place, 0, len(refused.Late))
	for at := range refused.Late {
		late = append(late, at)
	}
	slices.SortFunc(late, func(a, b profile.Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Column, b.Column))
	})
	for _, at := range late {
		if slices.ContainsFunc(all, func(c profile.Column) bool {
			return c.File == at.File && c.Sheet == at.Sheet &&
				c.Place == at.Column
		}) {
			continue
		}
		all = append(all, profile.Column{File: at.File, Sheet: at.Sheet, Name: refused.Late[at], Place: at.Column,
			Values: refused.Counts[at],
			Use:    mappings.Use{Kind: mappings.LeftOut, Why: "nothing takes it, so the rows that have it are refused"}})
	}
	return all
}

// joinedColumns are those of the files that mappings join in, each once, however many tables it is joined to.
func (r *Running) joinedColumns() (all []profile.Column) {
	for _, in := range r.Inputs {
		for _, t := range in.Table.Sheets {
			for i, j := range t.Joined.Columns() {
				use := t.Plan.Uses[t.Width+i]
				if j.Key && use.Kind != mappings.Ignored {
					use = mappings.Use{Kind: mappings.Sent}
				}
				known := slices.IndexFunc(all, func(c profile.Column) bool {
					return c.File == j.File && c.Name == j.Name &&
						c.Place == j.Place
				})
				if known >= 0 {
					if use.Kind == mappings.Sent {
						all[known].Use = use
					}
					continue
				}
				all = append(all, profile.Column{File: j.File, Join: j.Join, Name: j.Name, Place: j.Place, Use: use,
					Values: j.Values, Known: use.Kind == mappings.LeftOut && t.Binder.Mapping.Refers(j.Name)})
			}
		}
	}
	return all
}

// columnsOf are those of one table; seen is nil where no row was read.
func columnsOf(t *bind.Table, seen *profile.Table, refused *refusals.Tally) []profile.Column {
	if seen != nil && seen.Table != nil && seen.Table.Width > t.Width {
		t = seen.Table // the header has grown
	}
	all := make([]profile.Column, t.Width)
	names := map[string]int{}
	for i := range all {
		names[t.Column(i)]++
	}
	for i := range all {
		c := &all[i]
		*c = profile.Column{File: t.Header.File, Sheet: t.Header.Sheet, Name: t.Column(i), Place: i, Use: t.Plan.Uses[i]}
		c.Doubled = names[c.Name] > 1
		c.Known = c.Use.Kind == mappings.LeftOut && t.Binder.Mapping.Refers(c.Name)
		c.Refused = refused.Counts[profile.Place{File: t.Header.File, Sheet: t.Header.Sheet, Column: i}]
		if seen != nil && i < len(seen.Columns) {
			if c.Use.Why == "" && seen.Columns[i].Passed > 0 && seen.Columns[i].Passed == seen.Columns[i].Filled {
				c.Use.Why = "only rows that the mapping skips hold values in it"
			}
			c.Values, c.Suffix = seen.Columns[i].Filled-seen.Columns[i].Passed, seen.Columns[i].Suffix()
		}
	}
	return all
}

// balanceColumns says what became of every column, and how those come in that nothing takes.
func (r *Running) balanceColumns() []profile.Column {
	columns := r.columnsOf(r.roll.cells)
	r.Survey.Columns = profile.Balance(columns)
	for _, in := range r.Inputs {
		r.Survey.Columns.Unsure = append(r.Survey.Columns.Unsure, in.Unsure...)
		for _, name := range in.Unread {
			r.Survey.Columns.Unread = append(r.Survey.Columns.Unread, report.Unread{File: in.Name, Sheet: name})
		}
	}
	if r.Survey.Columns.Lost() > 0 || len(r.Survey.Columns.Unsure) > 0 {
		r.ways(r.Survey.Columns)
	}
	return columns
}

// mostIgnored is how many columns a command names to leave them out.
const mostIgnored = 20

// ways fills in how columns that nothing takes come in, or are left out by name.
func (r *Running) ways(b *report.Columns) {
	c := r.Config
	lacking := slices.ContainsFunc(b.LeftOut, func(l report.LeftOut) bool { return l.Lacks != "" })
	open := len(b.Unsure) > 0 || slices.ContainsFunc(b.LeftOut, func(l report.LeftOut) bool { return l.Lacks == "" })
	if imports := c.importing(); lacking && imports != "" && c.Agree == nil {
		b.Ways = append(b.Ways, report.Next{Command: withFlags(imports, " --create-attributes"),
			Why: "makes the attributes that the org lacks, and imports their columns"})
	}
	if file := r.Inputs[0].Ruled; file != "" && c.Properties == "" {
		b.Mapping = file
	} else if open && c.Properties == "" && c.Files[0] != "-" {
		file := printable.File(bind.MappingBeside(c.Files[0]))
		then := "run the same command again"
		if c.Mapping != "" {
			then = "give --mapping " + file + " in place of " + c.Mapping
		}
		flags := sourceFlags(&c.Source)
		if sheet := r.Inputs[0].SheetToMap(); sheet != "" {
			flags += " --sheet " + printable.Word(sheet)
			then += " with --sheet " + printable.Word(sheet)
		}
		b.Ways = append(b.Ways, report.Next{Command: "muster map " + printable.File(c.Files[0]) + flags + " -o " + file,
			Why: "writes a mapping with a line for each of them, a guess or undecided: name its target there, or ignore, and " +
				then})
	}
	if !c.takesIgnore() || b.Lost() == 0 || b.Lost() > mostIgnored {
		return
	}
	flags := ""
	for _, l := range b.LeftOut {
		flags += " --ignore " + printable.Word(l.Column)
	}
	b.Ways = append(b.Ways, report.Next{Command: withFlags(c.Again, flags),
		Why: "leaves them out by name: the run is clean without them"})
}

// sayColumns says before anything is sent which columns are not going to be imported.
func (r *Running) sayColumns() {
	if r.Survey.Columns.Lost() == 0 {
		return
	}
	r.Config.Progress.Say(r.Survey.Columns.Headline() + ": " + r.Survey.Columns.Named(r.Config.ByLetter))
	if r.Config.ByLetter {
		return // commands name them
	}
	for _, way := range r.Survey.Columns.Ways {
		r.Config.Progress.Say("  " + way.Command + "  (" + way.Why + ")")
	}
}

// ignoresKnown is the mistake of names after --ignore that no input has. Formats without a header may have them later.
func ignoresKnown(c *Config, inputs []*bind.Input) error {
	for _, name := range c.Ignore {
		known := slices.ContainsFunc(inputs, func(in *bind.Input) bool {
			return slices.ContainsFunc(in.Table.Sheets, func(t *bind.Table) bool {
				return t.Header.Line == 0 || mappings.Knows(t.Header.Names[:t.Width], name) ||
					mappings.Knows(t.Joined.Names(), name)
			})
		})
		if !known {
			return &outcome.UsageError{Err: fmt.Errorf("no input has a column %q, which is to be ignored: muster read %s "+
				"shows the columns", name, filepath.Base(c.Files[0]))}
		}
	}
	return nil
}
