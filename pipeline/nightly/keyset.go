package nightly

import (
	"bytes"
	"iter"

	"muster/pipeline/extsort"
	"muster/pipeline/ledger"
)

// keySet is the keys of tonight's file, sorted in memory that does not grow with it.
type keySet struct {
	sorter *extsort.Sorter[ledger.KeyHash]
	before int64 // how many keys the last file had, once vanished has counted them
}

// keysHeld is how many keys wait in memory: 4 MiB.
const keysHeld = 256 << 10

func newKeySet(dir string) *keySet {
	return &keySet{sorter: extsort.New(dir, &extsort.Record[ledger.KeyHash]{
		Name:    "the set of keys",
		Size:    len(ledger.KeyHash{}),
		Held:    keysHeld,
		Unique:  true,
		Compare: compareKeys,
		Append:  func(dst []byte, key ledger.KeyHash) []byte { return append(dst, key[:]...) },
		Read:    func(from []byte) ledger.KeyHash { return ledger.KeyHash(from) },
	})}
}

func compareKeys(a, b ledger.KeyHash) int { return bytes.Compare(a[:], b[:]) }

func (r *keySet) add(key ledger.KeyHash) error { return r.sorter.Add(key) }

// sort ends the adding.
func (r *keySet) sort() error { return r.sorter.Sort() }

func (r *keySet) close() { r.sorter.Close() }

// keys gives tonight's keys in increasing order, each once. It may be called again.
func (r *keySet) keys() iter.Seq2[ledger.KeyHash, error] {
	return func(yield func(ledger.KeyHash, error) bool) {
		cursor, err := r.sorter.Cursor()
		for err == nil {
			key, some := cursor.Peek()
			if !some || !yield(key, nil) {
				return
			}
			err = cursor.Drop()
		}
		yield(ledger.KeyHash{}, err)
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
