package deliver

import (
	"bytes"
	"fmt"
	"slices"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/customer"
	"muster/pipeline/ledger"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
)

// Coming are the names of records of the input that others of it may belong to: those that a plan says would be made,
// and those that are refused. They are entered by one goroutine; any may ask for those that have been sealed.
type Coming struct {
	Ledger        *ledger.Ledger
	named         map[string][]string // by kind: by which identities others name it
	made, refused names
}

// mostComing bounds how many names are kept: of 16 bytes each, 64 MB.
const mostComing = 4_000_000

// NewComing keeps the names of those kinds of records that others, of the kinds given, may name.
func NewComing(l *ledger.Ledger, kinds []*object.Kind) *Coming {
	c := &Coming{Ledger: l, named: map[string][]string{"company": {"externalId"}}} // customers are linked to them
	for _, k := range kinds {
		for _, ref := range k.References {
			if !slices.Contains(c.named[ref.Kind], ref.By) {
				c.named[ref.Kind] = append(c.named[ref.Kind], ref.By)
			}
		}
	}
	return c
}

// KindOf is the kind of a table's records, as references name it.
func KindOf(t *bind.Table) string {
	if t.Kind == nil {
		return mappings.Customers
	}
	return t.Kind.Name
}

// Makes enters a record that would be made, by an identity. The error is that of more names than are kept.
func (c *Coming) Makes(kind, by, value string) error {
	if !slices.Contains(c.named[kind], by) {
		return nil
	}
	if len(c.made.sorted)+len(c.made.late) >= mostComing {
		return &outcome.UsageError{Err: fmt.Errorf("the input has more than %d new records that others may belong to, which "+
			"a plan does not hold: plan fewer files at a time", mostComing)}
	}
	c.made.add(c.mark(kind, by, value))
	return nil
}

// Refuses enters a record that is not sent, by what reports call it: the identity that leads. Beyond the bound it is
// forgotten.
func (c *Coming) Refuses(kind, value string) {
	if value == "" || len(c.refused.sorted)+len(c.refused.late) >= mostComing/4 {
		return
	}
	for _, by := range c.named[kind] {
		c.refused.add(c.mark(kind, by, value))
	}
}

// Seal ends the entering of records of a kind: from now on they may be asked for.
func (c *Coming) Seal() {
	c.made.seal()
	c.refused.seal()
}

// Made says whether a record of a name would be made; nil: nothing would be.
func (c *Coming) Made(kind, by, value string) bool {
	return c != nil && c.made.has(c.mark(kind, by, value))
}

// Refused says whether a record of a name is in the input and is not sent; nil: none is known to be.
func (c *Coming) Refused(kind, by, value string) bool {
	return c != nil && c.refused.has(c.mark(kind, by, value))
}

func (c *Coming) mark(kind, by, value string) ledger.KeyHash {
	return MarkOf(c.Ledger, kind, by, customer.Normal(by, value))
}

// names is a set of names.
type names struct{ sorted, late []ledger.KeyHash }

func (s *names) add(mark ledger.KeyHash) { s.late = append(s.late, mark) }

func (s *names) seal() {
	if len(s.late) == 0 {
		return
	}
	s.sorted = append(s.sorted, s.late...)
	s.late = nil
	slices.SortFunc(s.sorted, func(a, b ledger.KeyHash) int { return bytes.Compare(a[:], b[:]) })
}

func (s *names) has(mark ledger.KeyHash) bool {
	_, there := slices.BinarySearchFunc(s.sorted, mark, func(a, b ledger.KeyHash) int { return bytes.Compare(a[:], b[:]) })
	return there
}
