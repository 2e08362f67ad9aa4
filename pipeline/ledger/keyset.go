package ledger

import (
	"database/sql"
	"fmt"
	"iter"
)

// A key set is the keys of all customers that one file of a job had, so that the next can be held against it. It is
// kept in order and read from its beginning, which takes the memory of one chunk however many there are.

// keySetChunk is how many keys are in one row of the table: 64 KiB, which SQLite reads in one go.
const keySetChunk = 4096

// KeepKeySet keeps the keys of a job's file in place of what was kept before, in one step. They come in strictly
// increasing order; an error among them undoes everything.
func (l *Ledger) KeepKeySet(job string, keys iter.Seq2[KeyHash, error]) error {
	return l.write("keep key set", func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM rosters WHERE job = ?", job); err != nil {
			return err
		}
		n, chunk := 0, make([]byte, 0, keySetChunk*len(KeyHash{}))
		flush := func() error {
			if len(chunk) == 0 {
				return nil
			}
			_, err := tx.Exec("INSERT INTO rosters (job, n, keys) VALUES (?, ?, ?)", job, n, chunk)
			n, chunk = n+1, chunk[:0]
			return err
		}
		var before KeyHash
		for key, err := range keys {
			if err == nil && string(key[:]) <= string(before[:]) {
				err = fmt.Errorf("keys out of order: %w", ErrState)
			}
			if err == nil && len(chunk) == cap(chunk) {
				err = flush()
			}
			if err != nil {
				return err
			}
			chunk, before = append(chunk, key[:]...), key
		}
		return flush()
	})
}

// KeySet gives the keys that were kept for a job, in increasing order. An error ends it.
func (l *Ledger) KeySet(job string) iter.Seq2[KeyHash, error] {
	return func(yield func(KeyHash, error) bool) {
		for n := 0; ; n++ {
			var chunk []byte
			err := l.reader.QueryRow("SELECT keys FROM rosters WHERE job = ? AND n = ?", job, n).Scan(&chunk)
			if err == sql.ErrNoRows {
				return
			}
			if err != nil {
				yield(KeyHash{}, l.explain("read key set", err))
				return
			}
			for size := len(KeyHash{}); len(chunk) >= size; chunk = chunk[size:] {
				if !yield(KeyHash(chunk[:size]), nil) {
					return
				}
			}
		}
	}
}
