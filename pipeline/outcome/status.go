package outcome

import "slices"

// Status is what became of one row. The nine statuses are a closed list: the rows read are their
// sum, always.
type Status uint8

// The nine statuses in the order every report shows them.
const (
	Created     Status = iota // Kustomer has it: a result with our reference and an object id, or a keyed read
	Updated                   // Kustomer has it, and it was there before this run
	Unchanged                 // Kustomer has exactly this already
	Duplicate                 // another row of this input is the same customer
	Skipped                   // the mapping's own filter left it out, or --on-conflict skip
	Invalid                   // we refused it; nothing was sent
	Rejected                  // Kustomer refused it
	Unsent                    // the run ended before any request for it began
	Unknown                   // a request began and no evidence of its end could be had
	StatusCount               // how many there are, for tables by status
)

// names and meanings stand in the order of the constants.
func (s Status) row() (name, meaning string) {
	switch s {
	case Created:
		return "created", "new in Kustomer, confirmed"
	case Updated:
		return "updated", "was in Kustomer already, changed as the row says"
	case Unchanged:
		return "unchanged", "Kustomer has exactly this already"
	case Duplicate:
		return "duplicate", "another row of this input is the same customer"
	case Skipped:
		return "skipped", "left out by a filter, --on-conflict or an old plan"
	case Invalid:
		return "invalid", "has a problem; nothing of it was sent"
	case Rejected:
		return "rejected", "Kustomer refused it"
	case Unsent:
		return "unsent", "not sent: the run ended, or its parent is not there"
	default:
		return "unknown", "sent, but no answer came; run again to find out"
	}
}

// String is the status as reports spell it.
func (s Status) String() string { name, _ := s.row(); return name }

// Meaning is one line for people.
func (s Status) Meaning() string { _, meaning := s.row(); return meaning }

// Statuses lists all nine in report order.
func Statuses() []Status {
	all := make([]Status, StatusCount)
	for i := range all {
		all[i] = Status(i)
	}
	return all
}

// ParseStatus is the inverse of String; an unfamiliar word is Unknown, which claims nothing.
func ParseStatus(name string) Status {
	for s := Created; s < StatusCount; s++ {
		if s.String() == name {
			return s
		}
	}
	return Unknown
}

// Problem is why a row or a cell cannot be used. It never holds the cell's value.
type Problem struct {
	Code   string // a row of the registry, see [Codes]
	Column int    // index of the column, -1: the row as a whole
	Detail string // what exactly, in words; "" where the code says it all

	Dropped bool // the record goes without the cell: the problem has not kept the row back
	Warning bool // a rule of the mapping only warns of it: it has not kept the row back
}

// Severity is how much a problem weighs, as reports have it.
func (p *Problem) Severity() string {
	if p.Warning {
		return "warning"
	}
	return "error"
}

// Refuses says whether the problem keeps its row back.
func (p *Problem) Refuses() bool { return !p.Dropped && !p.Warning }

// Ordered puts warnings behind the other problems of a row, in place.
func Ordered(problems []Problem) []Problem {
	if slices.ContainsFunc(problems, func(p Problem) bool { return p.Warning }) {
		slices.SortStableFunc(problems, func(a, b Problem) int { return a.weight() - b.weight() })
	}
	return problems
}

func (p *Problem) weight() int {
	if p.Warning {
		return 1
	}
	return 0
}

// Refused says whether some problem keeps the row back.
func Refused(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Refuses() })
}

// Warns says whether problems are warnings, all of them.
func Warns(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}
