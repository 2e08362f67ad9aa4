package mappings

import "strings"

// An Attribute is what the org's Klass says of one custom attribute.
type Attribute struct {
	Name    string // system name, "avgSatScoreNum"
	Display string // the name people see, "Avg Sat Score"; may be ""
	Active  bool
}

// BindOptions complete a mapping with what only the run knows. Zero values leave it to the mapping.
type BindOptions struct {
	Unmapped   string      // "error", "ignore", "custom"; "" as the mapping says
	Missing    string      // "error", "ignore"; "" as the mapping says. For JSON, where a key may first appear late: "ignore"
	Attributes []Attribute // nil: unknown, offline
	Region     string      // default region of phones, "" as the mapping says
}

// Kinds of bind mistakes.
const (
	Unmapped  = "unmapped"  // no rule knows the column
	Doubled   = "doubled"   // two columns for one place and no rule how they combine
	Missing   = "missing"   // the mapping names a column that the file lacks
	Ambiguous = "ambiguous" // the column can mean two things
)

// A BindMistake is one reason why a mapping does not fit a file.
type BindMistake struct {
	Kind    string   // Unmapped, Doubled, Missing or Ambiguous
	Columns []string // the columns concerned, by the file's own names
	Target  string   // the place concerned, "" none
	Message string   // what is wrong, lower case
	Fix     string   // what to do about it, "" none
}

// BindError is the error of Bind: every mistake at once.
type BindError struct {
	Mapping  string
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
func (m *Mapping) Bind(columns []string, o BindOptions) (*Plan, error) { return &Plan{}, nil }
