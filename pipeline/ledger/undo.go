package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// What a run that takes another back needs of the ledger.

// Landing is what landed a key last.
type Landing struct {
	Run, Command string // "": the key is not known, or what landed it was tidied away
	Status       string // of the item: created, updated, unchanged or restored
	CustomerID   string
}

// Landings tells for each key what landed it last. The result has the length and order of keys.
func (l *Ledger) Landings(orgID string, keys []KeyHash) ([]Landing, error) {
	batches, found := make([]int64, len(keys)), make([]Landing, len(keys))
	err := l.known(orgID, keys, func(i int, k landed) { batches[i], found[i].CustomerID = k.batch, k.CustomerID })
	if err != nil {
		return nil, err
	}
	last := int64(0)
	var run, command string
	var status map[KeyHash]string
	for i, batch := range batches {
		if batch == 0 {
			continue
		}
		if batch != last { // neighbours travelled together
			if run, command, status, err = l.statuses(batch); err != nil {
				return nil, l.explain("look landings up", err)
			}
			last = batch
		}
		found[i].Run, found[i].Command, found[i].Status = run, command, status[keys[i]]
	}
	return found, nil
}

// statuses are how the keys of a batch ended; nothing where there is no such batch.
func (l *Ledger) statuses(batch int64) (run, command string, byKey map[KeyHash]string, err error) {
	var packed, packedEnds []byte
	err = l.reader.QueryRow(`SELECT r.name, r.command, b.items, b.ends FROM batches b JOIN runs r ON r.id = b.run
		WHERE b.id = ?`, batch).Scan(&run, &command, &packed, &packedEnds)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil, nil
	}
	if err != nil {
		return "", "", nil, err
	}
	items, ends, err := unpackBatch(packed, packedEnds)
	if err != nil {
		return "", "", nil, fmt.Errorf("batch %d: %w", batch, err)
	}
	byKey = make(map[KeyHash]string, len(items))
	for i := range ends {
		byKey[items[i].Key] = ends[i].Status
	}
	return run, command, byKey, nil
}

// ImagesOf are the Images of the items with from ≤ Ordinal < to, in the order of Images. As with
// Assigned, ask for some thousand ordinals at a time.
func (r *Run) ImagesOf(from, to int64) (list []Kept, err error) {
	r.mu.Lock()
	top, span := r.top, r.span
	r.mu.Unlock()
	if from > top || from >= to {
		return nil, nil
	}
	rows, err := r.ledger.reader.Query(`
		SELECT b.seq, b.items, b.ends, q.n, q.items, q.state, i.packed
		FROM batches b JOIN images i ON i.batch = b.id JOIN requests q ON q.batch = i.batch AND q.n = i.n
		WHERE b.run = ? AND b.first BETWEEN ? AND ? AND b.last >= ? ORDER BY b.seq, i.n`, r.row, from-span, to-1, from)
	if err != nil {
		return nil, r.ledger.explain("read images", err)
	}
	defer rows.Close()
	for rows.Next() {
		some, err := scanImages(rows)
		if err != nil {
			return nil, r.ledger.explain("read images", err)
		}
		for _, one := range some {
			if from <= one.Ordinal && one.Ordinal < to {
				list = append(list, one)
			}
		}
	}
	return list, r.ledger.explain("read images", rows.Err())
}

// Abandon ends a run for good that has not finished and is not running: what of it is open is from
// now on unknown, which the next run that meets it asks the org about, and nobody takes it up again.
// A finished run stays as it is. ErrNoRun: there is none of this ID. ErrState: it is running.
func (l *Ledger) Abandon(id string) error {
	return l.write("abandon run", func(tx *sql.Tx) error {
		var run int64
		var state string
		err := tx.QueryRow("SELECT id, state FROM runs WHERE name = ?", id).Scan(&run, &state)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("run %s: %w", id, ErrNoRun)
		case err != nil || state == RunFinished:
			return err
		case state == RunRunning:
			return fmt.Errorf("run %s is running: %w", id, ErrState)
		}
		if err := abandonBatches(tx, run); err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE runs SET state = 'finished', ended = coalesce(ended, started) WHERE id = ?", run)
		return err
	})
}

// abandonBatches settles what is open as unknown; as many batches as there were workers.
func abandonBatches(tx *sql.Tx, run int64) error {
	open := map[int64]int{}
	rows, err := tx.Query("SELECT id, items FROM batches INDEXED BY batches_in_doubt WHERE run = ? AND doubt = 1 AND "+
		"ends IS NULL", run)
	if err != nil {
		return err
	}
	for rows.Next() {
		var id int64
		var packed []byte
		err := rows.Scan(&id, &packed)
		items, broken := unpackItems(packed)
		if err = errors.Join(err, broken); err != nil {
			return errors.Join(err, rows.Close())
		}
		open[id] = len(items)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for id, n := range open {
		ends := make([]Settled, n)
		for i := range ends {
			ends[i] = Settled{Status: "unknown", Detail: "the run was ended for good before it could ask"}
		}
		if _, err := tx.Exec("UPDATE batches SET ends = ? WHERE id = ?", packEnds(ends), id); err != nil {
			return err
		}
	}
	return nil
}

// unland forgets, within the intent to take items back, what was landed for them. Their customers
// stay known, so that whoever meets their keys asks the org.
func (r *Run) unland(tx *sql.Tx, q *Request, items []Item) error {
	for _, i := range q.Items {
		if items[i].Key == (KeyHash{}) {
			continue
		}
		_, err := tx.Exec("UPDATE known SET hash = zeroblob(16) WHERE org = ? AND key = ?", r.org, items[i].Key[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// takeBack adjusts, within a settlement, what is known of an item that was taken back.
func (r *Run) takeBack(tx *sql.Tx, batch int64, item *Item, end *Settled) (err error) {
	id := packID(end.CustomerID)
	switch {
	case item.Key == (KeyHash{}):
	case end.Status == "deleted":
		_, err = tx.Exec("DELETE FROM known WHERE org = ? AND key = ? AND customer = ?", r.org, item.Key[:], id)
	case end.Status == "restored":
		_, err = tx.Exec("UPDATE known SET hash = zeroblob(16), batch = ? WHERE org = ? AND key = ? AND customer = ?",
			batch, r.org, item.Key[:], id)
	}
	return err
}

// Unlearn has the ledger hold nothing for landed that this run took back, under whatever keys other
// runs know those customers. It goes through all that is known, once.
func (r *Run) Unlearn() error { return r.unlearn("restored") }

// Overtake has the ledger hold no payload for landed that an earlier batch landed in a customer that this run updated
// under another key. It goes through all that is known, once.
func (r *Run) Overtake() error { return r.unlearn("updated") }

// unlearn is Unlearn for those who were deleted, and for those whose rows ended so.
func (r *Run) unlearn(ended string) error {
	return r.ledger.write("unlearn", func(tx *sql.Tx) error {
		if _, err := tx.Exec("CREATE TEMP TABLE taken (customer ANY NOT NULL PRIMARY KEY, gone INTEGER NOT NULL) STRICT, " +
			"WITHOUT ROWID"); err != nil {
			return err
		}
		if err := r.gatherTaken(tx, ended); err != nil {
			return err
		}
		for _, act := range [...]string{
			"DELETE FROM known WHERE org = ?1 AND customer IN (SELECT customer FROM temp.taken WHERE gone = 1)",
			"UPDATE known SET hash = zeroblob(16) WHERE org = ?1 AND customer IN (SELECT customer FROM temp.taken WHERE gone = 0) " +
				"AND (?2 = 'restored' OR batch < (SELECT min(id) FROM batches WHERE run = ?3))",
		} {
			if _, err := tx.Exec(act, r.org, ended, r.row); err != nil {
				return err
			}
		}
		_, err := tx.Exec("DROP TABLE temp.taken")
		return err
	})
}

// gatherTaken writes down which customers the run took back, or whose rows ended so, batch by batch.
func (r *Run) gatherTaken(tx *sql.Tx, ended string) error {
	for after := int64(0); ; {
		var packed []byte
		err := tx.QueryRow("SELECT seq, ends FROM batches WHERE run = ? AND seq > ? AND ends IS NOT NULL ORDER BY seq LIMIT 1",
			r.row, after).Scan(&after, &packed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		ends, broken := unpackEnds(packed)
		if err = errors.Join(err, broken); err != nil {
			return err
		}
		for i := range ends {
			gone := ends[i].Status == "deleted"
			if !gone && ends[i].Status != ended || ends[i].CustomerID == "" {
				continue
			}
			if _, err := tx.Exec("INSERT OR REPLACE INTO temp.taken VALUES (?, ?)", packID(ends[i].CustomerID),
				gone); err != nil {
				return err
			}
		}
	}
}

// undoes begins the fingerprint of a run that takes another back; the other's id follows.
const undoes = "undo "

// UndoFingerprint is the fingerprint of a run that takes another back.
func UndoFingerprint(run string) string { return undoes + run }

// Undoes is the run that a run takes back, "" none.
func (i RunInfo) Undoes() string {
	run, is := strings.CutPrefix(i.Fingerprint, undoes)
	if i.Command != "undo" || !is {
		return ""
	}
	return run
}
