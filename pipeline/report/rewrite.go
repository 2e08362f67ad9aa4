package report

import (
	"bufio"
	"errors"
	"io"
)

// rewriting copies old books to new ones with some entries replaced. Stretches of entries that stay are copied in one go.
type rewriting struct {
	old, fresh *books
	headers    [][]byte
	outcomes   stretch
	problems   stretch
	rejects    []stretch // by table
	buffer     []byte
}

// stretch is what of an old file has been passed over and what of that is copied: copied ≤ passed.
type stretch struct{ copied, passed int64 }

// rewrite makes the books anew with the entries of late in place of those they hold. old must be flushed and open; both
// are closed afterwards, and the new files have the old names.
func rewrite(old *books, late *shelf, headers [][]byte) (*books, error) {
	r := &rewriting{
		old:      old,
		fresh:    newBooks(old.dir, ".new", old.open),
		headers:  headers,
		buffer:   make([]byte, runBuffer),
		outcomes: stretch{int64(len(OutcomeHeader)), int64(len(OutcomeHeader))},
		problems: stretch{int64(len(ProblemHeader)), int64(len(ProblemHeader))},
	}
	for _, header := range headers {
		r.rejects = append(r.rejects, stretch{int64(len(header)), int64(len(header))})
	}
	err := errors.Join(r.run(late), old.close(), r.fresh.close())
	if err != nil {
		for _, s := range r.fresh.sinks() {
			err = errors.Join(err, removeIfThere(s.path))
		}
		return old, err
	}
	return r.fresh, r.fresh.settle(old)
}

func (r *rewriting) run(late *shelf) error {
	index := spans{in: bufio.NewReaderSize(io.NewSectionReader(r.old.index.file, 0, r.old.index.written), runBuffer), last: -1}
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
			r.pass(&e)
			if e.reject > 0 {
				r.fresh.rejectsOf(e.table, r.headers) // gets its name in the order of first lines
			}
			continue
		}
		if err := r.copyPassed(); err != nil {
			return err
		}
		r.pass(&e)
		r.skipPassed()
		if err := late.take(func(e *Entry) error { return r.fresh.write(e, r.headers) }); err != nil {
			return err
		}
	}
}

func (r *rewriting) pass(e *span) {
	r.outcomes.passed += e.outcome
	r.problems.passed += e.problems
	if e.reject > 0 {
		r.rejects[e.table].passed += e.reject
	}
}

func (r *rewriting) skipPassed() {
	r.outcomes.copied, r.problems.copied = r.outcomes.passed, r.problems.passed
	for i := range r.rejects {
		r.rejects[i].copied = r.rejects[i].passed
	}
}

func (r *rewriting) copyPassed() error {
	if err := r.outcomes.copy(r.buffer, &r.fresh.outcomes, &r.old.outcomes); err != nil {
		return err
	}
	if err := r.problems.copy(r.buffer, &r.fresh.problems, &r.old.problems); err != nil {
		return err
	}
	for table := range r.rejects {
		if r.rejects[table].copied == r.rejects[table].passed {
			continue
		}
		if err := r.rejects[table].copy(r.buffer, r.fresh.rejectsOf(table, r.headers), r.old.rejects[table]); err != nil {
			return err
		}
	}
	return nil
}

// copy brings what was passed over to the new file.
func (s *stretch) copy(buffer []byte, to, from *sink) error {
	for s.copied < s.passed {
		n := min(int64(len(buffer)), s.passed-s.copied)
		if got, err := from.file.ReadAt(buffer[:n], s.copied); int64(got) < n {
			return err
		}
		if err := to.append(buffer[:n]); err != nil {
			return err
		}
		s.copied += n
	}
	return nil
}
