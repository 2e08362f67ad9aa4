package bind

import (
	"fmt"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline/attach"
	"muster/pipeline/object"
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
	// Kind describes its records; nil: customers, or conversations that are described
	Kind      *object.Kind
	Validator *schema.Validator
	describes bool
	attaches  bool

	Sheets  []*Table // all tables of the input, this one included, in the order they are read
	Binder  *Binder  // made it, and makes those of headers that grow out of this one
	Width   int      // columns that are the user's own; those a rejects file adds follow behind
	Stamped bool     // records get our importedAt: the mapping brings none
	Joined  *joinedTable
	Rejects bool // the file is one of our own rejects files: cells come defused

	Named bool // records name their customers by Kustomer's own ids
	Links bool // records name their companies by other means than ids

	// Properties are what the columns are in Engage, by column; nil where no properties were given.
	Properties []property
}

// Binder makes tables of headers. It is safe for concurrent use.
type Binder struct {
	Mapping   *mappings.Mapping
	options   mappings.BindOptions
	Validator *schema.Validator // of records; where some are described, of these
	makes     *schema.Validator // of records that are made, where others are described; nil: Validator
	lookups   []*joinedFile     // of the files that the mapping joins in
	files     attach.Source     // where attachments are found
	// definitions of customer properties that cells are held to; nil: none
	definitions *engage.Definitions
}

// Bind makes the table of one header. The error is *mappings.BindError: columns no rule knows,
// two columns for one attribute, columns the mapping names and the file lacks.
func (b Binder) Bind(h *source.Header) (*Table, error) {
	t := &Table{Header: h, Binder: &b, Width: len(h.Names)}
	if own := len(h.Names) - len(report.RejectColumns); own > 0 && slices.Equal(h.Names[own:], report.RejectColumns[:]) {
		t.Width, t.Rejects = own, true
	}
	options := b.options
	if h.Line == 0 {
		options.Missing = "ignore" // a format without a header: a key may first appear late
	}
	joined, columns, err := b.joins(h.Names[:t.Width])
	if err != nil {
		return nil, err
	}
	t.Joined, options.Joined, options.Keys, options.Blank = joined, len(columns)-t.Width, joined.ownKeys(), h.Blank
	plan, err := b.Mapping.Bind(columns, options)
	if err != nil {
		return nil, err
	}
	t.Plan = plan
	t.Validator = b.Validator
	if b.Mapping.Kind == mappings.Conversations {
		t.describes = slices.ContainsFunc(plan.Slots, func(s mappings.Slot) bool { return s.Path == "id" })
	}
	if !t.describes {
		t.Kind = object.Called(b.Mapping.Kind)
		if b.makes != nil {
			t.Validator = b.makes
		}
	}
	paths := make([]string, len(plan.Slots))
	t.Stamped = true
	for i, s := range plan.Slots {
		paths[i] = s.Path
		t.Stamped = t.Stamped && !t.IsConversation() && s.Path != "importedAt"
		t.attaches = t.attaches || s.Path == object.Attachments+"[]"
		t.Named = t.Named || s.Path == schema.OwnID
		t.Links = t.Links || t.Kind == nil && slices.Contains(schema.CompanyFields(), s.Path)
	}
	t.Shape = t.Validator.Shape(paths)
	for i, s := range plan.Slots {
		if s.Fixed != nil {
			t.Shape.Fix(i, s.Fixed.Kind, s.Fixed.Text)
		}
	}
	t.Properties = propertiesOf(b.definitions, h.Names[:t.Width])
	return t, nil
}

// Attachments is where the attachments of the rows are found, nil where no column names any.
func (t *Table) Attachments() *attach.Source {
	if t.attaches {
		return &t.Binder.files
	}
	return nil
}

// Own cuts a row down to the user's own columns and takes off what we put on cells when we wrote
// them. It is called once for a row.
func (t *Table) Own(row *source.Row) {
	if len(row.Cells) > t.Width && row.Code == "" {
		row.Cells = row.Cells[:t.Width]
	}
	if t.Rejects || t.Binder.Mapping.Defused {
		for i, c := range row.Cells {
			row.Cells[i] = report.Undefuse(c)
		}
	}
}

// Column names a column as the file does; "" for -1.
func (t *Table) Column(i int) string {
	if t.Joined != nil && i >= t.Width {
		return t.Joined.name(i - t.Width)
	}
	if i < 0 || i >= len(t.Header.Names) {
		return ""
	}
	return t.Header.Names[i]
}

// Called is a column's name, or its place where it has none.
func (t *Table) Called(i int) string {
	if name := t.Column(i); strings.TrimSpace(name) != "" {
		return name
	}
	return mappings.ColumnAt(i)
}

// leavesOut says whether nothing takes some column of the file's own.
func (t *Table) leavesOut() bool {
	return slices.ContainsFunc(t.Plan.Uses[:t.Width], func(u mappings.Use) bool { return u.Kind == mappings.LeftOut })
}

// Clone copies cells out of a block's buffers, in one allocation for the text.
func Clone(cells [][]byte) [][]byte {
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

// ColumnOf finds the column that fills the attribute an org's answer names, -1 where none does.
func (t *Table) ColumnOf(attribute string) int {
	for _, s := range t.Plan.Slots {
		if s.Path == attribute || s.Path == "custom."+attribute || strings.HasPrefix(s.Path, attribute+"[]") {
			return s.Column
		}
	}
	return -1
}

// IsConversation says whether a table's records are attributes of conversations that are there.
func (t *Table) IsConversation() bool { return t.describes }

// Realm is what the identities of a table's records are unique in: "" among customers and conversations that are
// described, else among the records of their kind.
func (t *Table) Realm() string {
	if t.Kind == nil {
		return ""
	}
	return t.Kind.Name
}

// Folds says whether rows of one customer are folded into one record.
func (t *Table) Folds() bool { return t.Binder.Mapping.Fold }

// Leads says whether no identity of another kind would go before this one, had its cell been valid.
func (t *Table) Leads(kind string) bool {
	if kind == "externalId" {
		return true
	}
	return t.ColumnOf("externalId") < 0 && len(t.Plan.MatchKeys()) > 0 && t.Plan.MatchKeys()[0] == kind
}

// columnsNamed is how many columns one outcome names.
const columnsNamed = 8

// ColumnNames lists columns by name.
func (t *Table) ColumnNames(columns []int) string {
	var names []string
	for _, c := range columns[:min(len(columns), columnsNamed)] {
		names = append(names, t.Column(c))
	}
	if more := len(columns) - len(names); more > 0 {
		return fmt.Sprintf("%s and %d more columns", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}

// Address is a cell's address as a spreadsheet writes it.
func Address(column int, number int64) string { return source.Address(column, number) }
