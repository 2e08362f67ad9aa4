package dedupe

import (
	"cmp"
	"slices"
)

// sharedKept is how many values are counted at once: those of which most rows were seen stay.
const sharedKept = 4096

// Shared counts rows that share one address or number though nothing says that they are one customer. It holds no value.
type Shared map[SharedValue]*SharedBy

// SharedValue is one address or number.
type SharedValue struct {
	First int64 // ordinal of the earliest row
	Kind  Kind
}

// SharedBy is what shares it.
type SharedBy struct {
	Rows  int64
	Table int // of the earliest row
	Line  int64
}

// add takes one pair of rows.
func (s Shared) add(t *Duplicate) {
	switch t.Kind {
	case Email, Phone, WhatsApp:
	default:
		return
	}
	if !t.loose {
		return
	}
	value := SharedValue{t.First, t.Kind}
	by := s[value]
	if by == nil {
		if len(s) == sharedKept {
			s.forget()
		}
		by = &SharedBy{Rows: 1, Table: t.Input, Line: t.Line}
		s[value] = by
	}
	by.Rows++
}

// forget makes room: values with fewer rows than most are dropped.
func (s Shared) forget() {
	var counts []int64
	for _, by := range s {
		counts = append(counts, by.Rows)
	}
	slices.Sort(counts)
	limit := counts[len(counts)*3/4]
	for value, by := range s {
		if by.Rows <= limit {
			delete(s, value)
		}
	}
}

// Values are the values counted, in the order of their first rows.
func (s Shared) Values() []SharedValue {
	list := make([]SharedValue, 0, len(s))
	for value := range s {
		list = append(list, value)
	}
	slices.SortFunc(list, func(a, b SharedValue) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Kind, b.Kind))
	})
	return list
}
