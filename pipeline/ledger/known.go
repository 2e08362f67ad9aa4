package ledger

import (
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// Known is what the ledger knows of one key.
type Known struct {
	Found      bool
	CustomerID string
	Hash       RecordHash // of the payload that was landed last
}

// landed is a Known and the batch that landed it.
type landed struct {
	Known
	batch int64
}

// Known tells for each key which customer of the org it is, and with what
// payload, as the latest Settle of any run had it; the zero key is never
// found. The result has the length and order of keys and belongs to the
// caller. It is memory, not evidence: others write to the org too, and a key
// among Doubts may have changed since.
func (l *Ledger) Known(orgID string, keys []KeyHash) ([]Known, error) {
	found := make([]Known, len(keys))
	err := l.known(orgID, keys, func(i int, k landed) { found[i] = k.Known })
	return found, err
}

// Knows says how many keys of this org are known, and how many of them a batch has landed that was sent after a moment.
func (l *Ledger) Knows(orgID string, since time.Time) (all, late int, err error) {
	err = l.reader.QueryRow(`
		SELECT count(*), coalesce(sum(batch >= (SELECT min(batch) FROM requests WHERE at > ?)), 0)
		FROM known WHERE org = (SELECT id FROM orgs WHERE name = ?)`, since.UnixMilli(), orgID).Scan(&all, &late)
	if err != nil {
		return 0, 0, l.explain("count keys", err)
	}
	return all, late, nil
}

// Landed tells for each key when the last request for the batch that landed it
// was begun, so at the earliest when muster itself last wrote that customer;
// zero for a key that is not known. The result has the length and order of keys.
func (l *Ledger) Landed(orgID string, keys []KeyHash) ([]time.Time, error) {
	batches := make([]int64, len(keys))
	if err := l.known(orgID, keys, func(i int, k landed) { batches[i] = k.batch }); err != nil {
		return nil, err
	}
	at := map[int64]time.Time{0: {}}
	times := make([]time.Time, len(keys))
	for i, batch := range batches {
		if _, known := at[batch]; !known {
			var asked int64
			if err := l.stmt.asked.QueryRow(batch).Scan(&asked); err != nil {
				return nil, l.explain("look keys up", err)
			}
			at[batch] = time.UnixMilli(asked).UTC()
		}
		times[i] = at[batch]
	}
	return times, nil
}

// known hands every key it finds to see, with its index.
func (l *Ledger) known(orgID string, keys []KeyHash, see func(int, landed)) error {
	arguments := make([]any, knownGroup+1)
	arguments[knownGroup] = orgID
	start := 0
	for group := range slices.Chunk(keys, knownGroup) {
		clear(arguments[:knownGroup])
		for i := range group {
			if group[i] != (KeyHash{}) {
				arguments[i] = group[i][:]
			}
		}
		if err := l.knownOf(arguments, start, see); err != nil {
			return l.explain("look keys up", err)
		}
		start += len(group)
	}
	return nil
}

func (l *Ledger) knownOf(arguments []any, start int, see func(int, landed)) error {
	rows, err := l.stmt.known.Query(arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		k := landed{Known: Known{Found: true}}
		var i int
		var customer any
		var hash sql.RawBytes
		if err := rows.Scan(&i, &customer, &hash, &k.batch); err != nil {
			return err
		}
		if k.CustomerID, err = unpackID(customer); err != nil {
			return err
		}
		copy(k.Hash[:], hash)
		see(start+i, k)
	}
	return rows.Err()
}

// Doubt is a key for which a request was begun that has no evidence of its end.
type Doubt struct {
	Key  KeyHash
	Run  string    // the ID of the run that asked
	Jobs string    // of its batch, those of which the run has not had every result; ids with spaces between
	At   time.Time // when the last request of its batch was intended
}

// Doubts lists the keys of this org for which a run other than exceptRun left
// an item without evidence, in a batch that is open or that ended as unknown,
// and that no later batch has landed since. Whoever meets such a key must look
// it up in the org before creating it, and before taking it as unchanged. A
// key that is in doubt twice is listed twice. What exceptRun itself left is
// among its OpenBatches.
func (l *Ledger) Doubts(orgID, exceptRun string) ([]Doubt, error) {
	doubts, batches, err := l.doubts(orgID, exceptRun)
	if err != nil {
		return nil, l.explain("list doubts", err)
	}
	keys := make([]KeyHash, len(doubts))
	for i := range doubts {
		keys[i] = doubts[i].Key
	}
	resolved := make([]bool, len(doubts))
	err = l.known(orgID, keys, func(i int, k landed) { resolved[i] = k.batch > batches[i] })
	if err != nil {
		return nil, err
	}
	kept := doubts[:0]
	for i := range doubts {
		if !resolved[i] {
			kept = append(kept, doubts[i])
		}
	}
	return kept, nil
}

// doubts lists doubts, resolved or not, and the batch of each.
func (l *Ledger) doubts(orgID, exceptRun string) (doubts []Doubt, batches []int64, err error) {
	rows, err := l.stmt.doubts.Query(orgID, exceptRun)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var batch int64
		var packed, packedEnds []byte
		var run, jobs string
		var at int64
		if err := rows.Scan(&batch, &packed, &packedEnds, &run, &at, &jobs); err != nil {
			return nil, nil, err
		}
		one := Doubt{Run: run, Jobs: jobs, At: time.UnixMilli(at).UTC()}
		items, ends, err := unpackBatch(packed, packedEnds)
		if err != nil {
			return nil, nil, fmt.Errorf("batch %d: %w", batch, err)
		}
		for i := range items {
			if items[i].Key != (KeyHash{}) && (ends == nil || ends[i].Status == "unknown") {
				one.Key = items[i].Key
				doubts, batches = append(doubts, one), append(batches, batch)
			}
		}
	}
	return doubts, batches, rows.Err()
}

// unpackBatch unpacks both blobs of a batch; ends is nil while it is open.
func unpackBatch(packed, packedEnds []byte) (items []Item, ends []Settled, err error) {
	if items, err = unpackItems(packed); err != nil || packedEnds == nil {
		return items, nil, err
	}
	if ends, err = unpackEnds(packedEnds); err == nil && len(ends) != len(items) {
		err = errPacked
	}
	return items, ends, err
}
