package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// rewriting copies old books to fresh ones with late entries applied. What stays is copied in stretches.
type rewriting struct {
	old, fresh *books
	headers    [][]byte
	outcomes   stretch
	problems   stretch
	rejects    []stretch // by table
	current    Entry     // the one being changed; its slices are the rewriting's own
	line       []byte
}

// stretch is where the reading of an old file stands.
type stretch struct {
	in     *bufio.Reader // nil: the file never came to be
	passed int64         // bytes that stay and are still to be copied, from in's position on
}

// rewrite makes the books anew with what is in late. The old ones must be flushed and open; afterwards all are closed
// and the books returned have the files' names.
func rewrite(old *books, late *reorderBuffer, headers [][]byte) (*books, error) {
	r := &rewriting{old: old, fresh: newBooks(old.dir, ".new", old.open), headers: headers}
	old.keeps, r.fresh.keeps = false, old.keeps
	r.outcomes = old.outcomes.reread()
	r.problems = old.problems.reread()
	for table := range headers {
		var s stretch
		if table < len(old.rejects) && old.rejects[table] != nil {
			s = old.rejects[table].reread()
		}
		r.rejects = append(r.rejects, s)
	}
	err := errors.Join(r.run(late), old.close(), r.fresh.close())
	if err != nil {
		for _, s := range append(r.fresh.sinks(), &r.fresh.index) {
			err = errors.Join(err, removeIfThere(s.path))
		}
		return old, err
	}
	return r.fresh, r.fresh.settle(old)
}

// reread starts reading what the sink wrote, after its header.
func (s *sink) reread() stretch {
	if s.file == nil {
		return stretch{}
	}
	header := int64(len(s.header))
	return stretch{in: bufio.NewReaderSize(io.NewSectionReader(s.file, header, s.written-header), s.limit)}
}

func (r *rewriting) run(late *reorderBuffer) error {
	index := spans{in: r.old.index.reread().in, last: -1}
	apply := r.apply
	var e span
	for {
		err := index.next(&e)
		if errors.Is(err, io.EOF) {
			return r.copyPassed()
		}
		if err != nil {
			return err
		}
		if ordinal, ok := late.first(); !ok || ordinal != e.ordinal {
			if err := r.pass(&e); err != nil {
				return err
			}
			continue
		}
		if err := errors.Join(r.copyPassed(), r.load(&e)); err != nil {
			return err
		}
		for ordinal, ok := late.first(); ok && ordinal == e.ordinal; ordinal, ok = late.first() {
			if err := late.take(apply); err != nil {
				return err
			}
		}
		if err := r.fresh.write(&r.current, r.headers); err != nil {
			return err
		}
		if r.fresh.keeps {
			if err := r.fresh.note(&r.current); err != nil {
				return err
			}
		}
	}
}

// pass goes over an entry that stays.
func (r *rewriting) pass(e *span) error {
	r.outcomes.passed += e.outcome
	r.problems.passed += e.problems
	if e.reject > 0 {
		r.rejects[e.table].passed += e.reject
		r.fresh.rejectsOf(e.table, r.headers) // gets its name in the order of first lines
	}
	if r.fresh.keeps {
		return r.fresh.noteSpan(e)
	}
	return nil
}

func (r *rewriting) copyPassed() error {
	if err := r.outcomes.copyTo(&r.fresh.outcomes); err != nil {
		return err
	}
	if err := r.problems.copyTo(&r.fresh.problems); err != nil {
		return err
	}
	for table := range r.rejects {
		if r.rejects[table].passed == 0 {
			continue
		}
		if err := r.rejects[table].copyTo(r.fresh.rejectsOf(table, r.headers)); err != nil {
			return err
		}
	}
	return nil
}

// copyTo brings what was passed over to the new file.
func (s *stretch) copyTo(to *sink) error {
	for s.passed > 0 {
		part, err := s.in.Peek(int(min(s.passed, int64(s.in.Size()))))
		if err != nil {
			return shortened(err)
		}
		if err := to.append(part); err != nil {
			return err
		}
		s.passed -= int64(len(part))
		if _, err := s.in.Discard(len(part)); err != nil {
			return err
		}
	}
	return nil
}

// load reads an entry that changes into current.
func (r *rewriting) load(e *span) (err error) {
	c := &r.current
	c.Ordinal, c.RejectTable = e.ordinal, e.table
	if c.Outcome, err = r.outcomes.read(c.Outcome, e.outcome); err != nil {
		return err
	}
	if c.Problems, err = r.problems.read(c.Problems, e.problems); err != nil {
		return err
	}
	c.Reject = c.Reject[:0]
	if e.reject > 0 {
		c.Reject, err = r.rejects[e.table].read(c.Reject, e.reject)
	}
	return err
}

// read reads the next n bytes in place of what dst holds.
func (s *stretch) read(dst []byte, n int64) ([]byte, error) {
	dst = dst[:0]
	for n > 0 {
		part, err := s.in.Peek(int(min(n, int64(s.in.Size()))))
		if err != nil {
			return dst, shortened(err)
		}
		dst = append(dst, part...)
		n -= int64(len(part))
		if _, err := s.in.Discard(len(part)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// shortened is the error of a report file that somebody else has cut off.
func shortened(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reports changed while they were written: %w", err)
}

// apply brings current to what late says of it.
func (r *rewriting) apply(late *Entry) error {
	c := &r.current
	if len(late.Reject) > 0 || !late.amends {
		c.Reject, c.RejectTable = append(c.Reject[:0], late.Reject...), late.RejectTable
	}
	if !late.amends {
		c.Outcome = append(c.Outcome[:0], late.Outcome...)
		c.Problems = append(c.Problems[:0], late.Problems...)
		return nil
	}
	c.Problems = append(c.Problems, late.Problems...)
	var has [9][]byte
	var says [4][]byte
	if !fields(c.Outcome, has[:]) || !fields(late.Outcome, says[:]) {
		return fmt.Errorf("row %d: the outcome to amend is not a line of AppendOutcome's", c.Ordinal)
	}
	if len(says[1]) == 0 && len(has[6]) > 0 { // the problem that the row has stays its problem
		says[1], says[2], says[3] = has[6], has[7], joinFields(says[3], has[8])
	}
	if len(says[0]) > 0 {
		has[4] = says[0]
	}
	has[6], has[7], has[8] = says[1], says[2], says[3]
	line := r.line[:0]
	for i, field := range has {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(line, field...)
	}
	r.line = append(line, '\n')
	c.Outcome, r.line = r.line, c.Outcome
	return nil
}

// joinFields puts two finished fields into one.
func joinFields(first, second []byte) []byte {
	quoted := false
	var joined []byte
	for i, field := range [...][]byte{first, second} {
		if i > 0 && len(joined) > 0 && len(field) > 0 {
			joined = append(joined, "; "...)
		}
		if len(field) > 1 && field[0] == '"' {
			quoted, field = true, field[1:len(field)-1]
		}
		joined = append(joined, field...)
	}
	if quoted {
		joined = append(append([]byte{'"'}, joined...), '"')
	}
	return joined
}

// fields splits a finished CSV line into its fields as they stand, quotes and all; false where there are not as many as
// dst has places.
func fields(line []byte, dst [][]byte) bool {
	n, from, inside := 0, 0, false
	for i, c := range line {
		switch {
		case c == '"':
			inside = !inside
		case !inside && (c == ',' || c == '\n'):
			if n == len(dst) {
				return false
			}
			dst[n] = line[from:i]
			n, from = n+1, i+1
		}
	}
	return n == len(dst) && from == len(line)
}
