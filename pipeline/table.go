package pipeline

import (
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/schema"
	"muster/schema/engage"
)

// Table is one table of the input, bound: its header, what each column becomes, and what the schema
// says of those places. Immutable once made, so any number of checkers may share it.
type Table struct {
	Header *source.Header
	Plan   *mappings.Plan
	Shape  *schema.Shape

	sheets  []*Table // all tables of the input, this one included, in the order they are read
	binder  *Binder  // made it, and makes those of headers that grow out of this one
	width   int      // columns that are the user's own; those a rejects file adds follow behind
	stamped bool     // records get our importedAt: the mapping brings none
	joined  *joinedTable
	rejects bool // the file is one of our own rejects files: cells come defused

	named bool // records name their customers by Kustomer's own ids
	links bool // records name their companies by other means than ids

	// properties are what the columns are in Engage, by column; nil where no properties were given.
	properties []property
}

// Binder makes tables of headers. It is safe for concurrent use.
type Binder struct {
	mapping   *mappings.Mapping
	options   mappings.BindOptions
	validator *schema.Validator
	lookups   []*joinedFile // of the files that the mapping joins in
	// definitions of customer properties that cells are held to; nil: none
	definitions *engage.Definitions
}

// Bind makes the table of one header. The error is *mappings.BindError: columns no rule knows,
// two columns for one attribute, columns the mapping names and the file lacks.
func (b Binder) Bind(h *source.Header) (*Table, error) {
	t := &Table{Header: h, binder: &b, width: len(h.Names)}
	if own := len(h.Names) - len(report.RejectColumns); own > 0 && slices.Equal(h.Names[own:], report.RejectColumns[:]) {
		t.width, t.rejects = own, true
	}
	options := b.options
	if h.Line == 0 {
		options.Missing = "ignore" // a format without a header: a key may first appear late
	}
	joined, columns, err := b.joins(h.Names[:t.width])
	if err != nil {
		return nil, err
	}
	t.joined, options.Joined, options.Keys, options.Blank = joined, len(columns)-t.width, joined.ownKeys(), h.Blank
	plan, err := b.mapping.Bind(columns, options)
	if err != nil {
		return nil, err
	}
	t.Plan = plan
	paths := make([]string, len(plan.Slots))
	t.stamped = true
	for i, s := range plan.Slots {
		paths[i] = s.Path
		t.stamped = t.stamped && !t.isConversation() && s.Path != "importedAt"
		t.named = t.named || s.Path == schema.OwnID
		t.links = t.links || slices.Contains(schema.CompanyFields(), s.Path)
	}
	t.Shape = b.validator.Shape(paths)
	for i, s := range plan.Slots {
		if s.Fixed != nil {
			t.Shape.Fix(i, s.Fixed.Kind, s.Fixed.Text)
		}
	}
	t.properties = propertiesOf(b.definitions, h.Names[:t.width])
	return t, nil
}

// own cuts a row down to the user's own columns and takes off what we put on cells when we wrote
// them. It is called once for a row.
func (t *Table) own(row *source.Row) {
	if len(row.Cells) > t.width && row.Code == "" {
		row.Cells = row.Cells[:t.width]
	}
	if t.rejects {
		for i, c := range row.Cells {
			row.Cells[i] = report.Undefuse(c)
		}
	}
}

// Column names a column as the file does; "" for -1.
func (t *Table) Column(i int) string {
	if t.joined != nil && i >= t.width {
		return t.joined.name(i - t.width)
	}
	if i < 0 || i >= len(t.Header.Names) {
		return ""
	}
	return t.Header.Names[i]
}

// called is a column's name, or its place where it has none.
func (t *Table) called(i int) string {
	if name := t.Column(i); strings.TrimSpace(name) != "" {
		return name
	}
	return mappings.ColumnAt(i)
}

// leavesOut says whether nothing takes some column.
func (t *Table) leavesOut() bool {
	return slices.ContainsFunc(t.Plan.Uses, func(u mappings.Use) bool { return u.Kind == mappings.LeftOut })
}

// clone copies cells out of a block's buffers, in one allocation for the text.
func clone(cells [][]byte) [][]byte {
	total := 0
	for _, c := range cells {
		total += len(c)
	}
	text := make([]byte, 0, total)
	copies := make([][]byte, len(cells))
	for i, c := range cells {
		start := len(text)
		text = append(text, c...)
		copies[i] = text[start:len(text):len(text)]
	}
	return copies
}

// columnOf finds the column that fills the attribute an org's answer names, -1 where none does.
func (t *Table) columnOf(attribute string) int {
	for _, s := range t.Plan.Slots {
		if s.Path == attribute || s.Path == "custom."+attribute || strings.HasPrefix(s.Path, attribute+"[]") {
			return s.Column
		}
	}
	return -1
}
