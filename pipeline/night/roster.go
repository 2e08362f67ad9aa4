package night

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"muster/pipeline/ledger"
)

// roster is the keys of tonight's file, sorted in memory that does not grow with it: what does not fit is written to a
// temporary file in sorted runs, and read back merged.
type roster struct {
	dir    string
	held   []ledger.KeyHash
	spill  *os.File
	runs   []int64 // where each run ends
	before int64   // how many keys the last file had, once vanished has counted them
}

// rosterHeld is how many keys wait in memory: 4 MiB.
const rosterHeld = 256 << 10

const keySize = len(ledger.KeyHash{})

func newRoster(dir string) *roster { return &roster{dir: dir} }

func (r *roster) add(key ledger.KeyHash) error {
	r.held = append(r.held, key)
	if len(r.held) < rosterHeld {
		return nil
	}
	return r.flush()
}

func compareKeys(a, b ledger.KeyHash) int { return bytes.Compare(a[:], b[:]) }

func (r *roster) flush() error {
	if r.spill == nil {
		file, err := os.CreateTemp(r.dir, ".roster-*")
		if err != nil {
			return fmt.Errorf("open a temporary file for the roster: %w", err)
		}
		os.Remove(file.Name()) // whatever ends the process, nothing stays behind
		r.spill = file
	}
	if err := r.sort(); err != nil {
		return err
	}
	w := bufio.NewWriterSize(r.spill, 1<<16)
	for i := range r.held {
		if _, err := w.Write(r.held[i][:]); err != nil {
			return fmt.Errorf("write the roster: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the roster: %w", err)
	}
	end := int64(len(r.held) * keySize)
	if len(r.runs) > 0 {
		end += r.runs[len(r.runs)-1]
	}
	r.runs, r.held = append(r.runs, end), r.held[:0]
	return nil
}

// sort ends the adding.
func (r *roster) sort() error {
	slices.SortFunc(r.held, compareKeys)
	r.held = slices.Compact(r.held)
	return nil
}

func (r *roster) close() {
	if r.spill != nil {
		r.spill.Close()
	}
}

// keys gives tonight's keys in increasing order, each once. It may be called again.
func (r *roster) keys() iter.Seq2[ledger.KeyHash, error] {
	return func(yield func(ledger.KeyHash, error) bool) {
		heads := []*head{{next: held(r.held)}}
		from := int64(0)
		for _, end := range r.runs {
			heads = append(heads, &head{next: spilled(bufio.NewReaderSize(io.NewSectionReader(r.spill, from, end-from), 1<<16))})
			from = end
		}
		merge(heads, yield)
	}
}

// head is where a sorted run is being read.
type head struct {
	next func() (ledger.KeyHash, bool, error)
	key  ledger.KeyHash
	live bool
}

func held(list []ledger.KeyHash) func() (ledger.KeyHash, bool, error) {
	return func() (key ledger.KeyHash, more bool, err error) {
		if len(list) == 0 {
			return key, false, nil
		}
		key, list = list[0], list[1:]
		return key, true, nil
	}
}

func spilled(r io.Reader) func() (ledger.KeyHash, bool, error) {
	return func() (key ledger.KeyHash, more bool, err error) {
		if _, err = io.ReadFull(r, key[:]); err == io.EOF {
			return key, false, nil
		}
		if err != nil {
			return key, false, fmt.Errorf("read the roster back: %w", err)
		}
		return key, true, nil
	}
}

// merge gives the keys of all runs in order, each once.
func merge(heads []*head, yield func(ledger.KeyHash, error) bool) {
	for _, h := range heads {
		var err error
		if h.key, h.live, err = h.next(); err != nil {
			yield(h.key, err)
			return
		}
	}
	var before ledger.KeyHash
	for {
		var least *head
		for _, h := range heads {
			if h.live && (least == nil || compareKeys(h.key, least.key) < 0) {
				least = h
			}
		}
		if least == nil {
			return
		}
		if least.key != before {
			if before = least.key; !yield(before, nil) {
				return
			}
		}
		var err error
		if least.key, least.live, err = least.next(); err != nil {
			yield(least.key, err)
			return
		}
	}
}

// without gives the keys of the first list that the second does not have. Both are in increasing order. counted is told
// of every key of the first.
func without(first, second iter.Seq2[ledger.KeyHash, error], counted func()) iter.Seq2[ledger.KeyHash, error] {
	return func(yield func(ledger.KeyHash, error) bool) {
		next, stop := iter.Pull2(second)
		defer stop()
		other, err, more := next()
		for key, failed := range first {
			if failed != nil || err != nil {
				yield(key, cmpErr(failed, err))
				return
			}
			counted()
			for more && err == nil && compareKeys(other, key) < 0 {
				other, err, more = next()
			}
			if (!more || other != key) && !yield(key, err) {
				return
			}
		}
	}
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
