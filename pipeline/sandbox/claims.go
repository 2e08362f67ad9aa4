package sandbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// claims is who owns which identities within one transaction. They are read and written for many customers at once,
// and decided upon in memory in between, in the order of the customers: the first to claim has it.
//
// New customers rarely claim what another has, so their identities may be assumed to be free instead of being read.
// When flush finds the assumption wrong the transaction is done again without it.
type claims struct {
	st      *store
	wary    bool // nothing is assumed
	met     bool // an owner was read
	index   map[identity]int
	entries []claim
}

type claim struct {
	identity
	before, now int64 // rows of customers, 0 for none
	assumed     bool  // before was not read
}

// errAssumed is that an identity which was assumed to be free is not, or that more must be known of it.
var errAssumed = errors.New("an identity was assumed to be free")

func newClaims(st *store, wary bool) *claims {
	return &claims{st: st, wary: wary, index: map[identity]int{}}
}

// assume takes those of ids that are not known yet for free.
func (c *claims) assume(ids []identity) error {
	if c.wary {
		return c.load(ids)
	}
	c.add(ids, true)
	return nil
}

// add makes an entry of each of ids that has none.
func (c *claims) add(ids []identity, assumed bool) {
	for _, id := range ids {
		if _, known := c.index[id]; !known {
			c.index[id] = len(c.entries)
			c.entries = append(c.entries, claim{identity: id, assumed: assumed})
		}
	}
}

// load reads the owners of those of ids that are not known yet. It returns errAssumed when one is assumed to be free.
func (c *claims) load(ids []identity) error {
	for _, id := range ids {
		if at, known := c.index[id]; known && c.entries[at].assumed {
			return errAssumed
		}
	}
	first := len(c.entries)
	c.add(ids, false)
	return inSteps(len(c.entries)-first, func(step, from, to int) error {
		args := make([]any, 0, 2*(to-from))
		for _, e := range c.entries[first+from : first+to] {
			args = append(args, int64(e.kind), e.value)
		}
		rows, err := c.st.readOwners[step].QueryContext(context.Background(), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, owner int64
			var value string
			if err := rows.Scan(&kind, &value, &owner); err != nil {
				return err
			}
			e := &c.entries[c.index[identity{byte(kind), value}]]
			e.before, e.now = owner, owner
			c.met = true
		}
		return rows.Err()
	})
}

// take gives a customer the identities wanted in place of those it had, or none of them when one belongs to another.
// All must have been loaded or assumed.
func (c *claims) take(customer int64, had, wanted []identity) bool {
	for _, id := range wanted {
		if owner := c.entries[c.index[id]].now; owner != 0 && owner != customer {
			return false
		}
	}
	for _, id := range had {
		c.entries[c.index[id]].now = 0
	}
	for _, id := range wanted {
		c.entries[c.index[id]].now = customer
	}
	return true
}

// flush writes what changed, in the order of the table. It returns errAssumed when that can't be.
func (c *claims) flush() error {
	var added []claim
	for _, e := range c.entries {
		if e.now == e.before {
			continue
		}
		if e.before != 0 {
			if _, err := c.st.deleteIdentity.ExecContext(context.Background(), int64(e.kind), e.value); err != nil {
				return err
			}
		}
		if e.now != 0 {
			added = append(added, e)
		}
	}
	slices.SortFunc(added, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.value, b.value))
	})
	return inSteps(len(added), func(step, from, to int) error {
		args := make([]any, 0, 3*(to-from))
		for _, e := range added[from:to] {
			args = append(args, int64(e.kind), e.value, e.now)
		}
		done, err := c.st.insertIdentities[step].ExecContext(context.Background(), args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n < int64(to-from) {
			return errors.Join(err, errAssumed)
		}
		return nil
	})
}

// inSteps calls do for consecutive parts of n things, each as large as one of steps.
func inSteps(n int, do func(step, from, to int) error) error {
	from := 0
	for step, size := range steps() {
		for ; n-from >= size; from += size {
			if err := do(step, from, from+size); err != nil {
				return err
			}
		}
	}
	return nil
}
