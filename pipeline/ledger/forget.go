package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Forgotten is what Forget took away.
type Forgotten struct {
	Customers []string  // ids of the customers it was about
	Keys      []KeyHash // by which they were known
	Known     int64     // identities
	Rows      int64     // rows of runs whose key, customer and record hash are gone; their statuses stay
	Images    int64     // of what they were like before updates
}

// Forget takes a person out of the ledger: every identity by which these customers, and whoever has one of these keys,
// are known in the org, their key and id in every row of every run, and what was kept of them before updates. The rows
// stay with their statuses, so that every balance stays what it was. Afterwards the file is written anew, so that
// nothing is left in its free pages. ErrState: a run that is not finished is about one of them, so that what became of
// it could not be found out any more.
func (l *Ledger) Forget(orgID string, customers []string, keys []KeyHash) (Forgotten, error) {
	f := &forgetting{Forgotten: Forgotten{Customers: slices.Clone(customers), Keys: slices.Clone(keys)}}
	if _, err := l.writer.Exec("PRAGMA secure_delete = ON"); err != nil {
		return f.Forgotten, l.explain("forget", err)
	}
	err := l.write("forget", func(tx *sql.Tx) error {
		if err := tx.QueryRow("SELECT id FROM orgs WHERE name = ?", orgID).Scan(&f.org); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		return errors.Join(f.widen(tx), f.batches(tx), f.identities(tx))
	})
	if err != nil {
		return f.Forgotten, err
	}
	if err := l.forgetRosters(f.Keys); err != nil {
		return f.Forgotten, err
	}
	return f.Forgotten, l.rewrite("forget")
}

// forgetting is a Forget under way.
type forgetting struct {
	Forgotten
	org int64
}

// widen finds the customers of the keys, and all keys of the customers.
func (f *forgetting) widen(tx *sql.Tx) error {
	for _, key := range slices.Clone(f.Keys) {
		var packed any
		err := tx.QueryRow("SELECT customer FROM known WHERE org = ? AND key = ?", f.org, key[:]).Scan(&packed)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		id, err := unpackID(packed)
		if err != nil {
			return err
		}
		if !slices.Contains(f.Customers, id) {
			f.Customers = append(f.Customers, id)
		}
	}
	for _, id := range f.Customers {
		rows, err := tx.Query("SELECT key FROM known WHERE org = ? AND customer = ?", f.org, packID(id))
		if err != nil {
			return err
		}
		for rows.Next() {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				return errors.Join(err, rows.Close())
			}
			if key := KeyHash(raw); !slices.Contains(f.Keys, key) {
				f.Keys = append(f.Keys, key)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

// identities takes away what is known.
func (f *forgetting) identities(tx *sql.Tx) error {
	for _, key := range f.Keys {
		done, err := tx.Exec("DELETE FROM known WHERE org = ? AND key = ?", f.org, key[:])
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		f.Known += n
	}
	return nil
}

// batches goes through every batch of the org.
func (f *forgetting) batches(tx *sql.Tx) error {
	after := int64(0)
	for {
		var id int64
		var packed, packedEnds []byte
		var state string
		err := tx.QueryRow(`
			SELECT b.id, b.items, b.ends, r.state FROM batches b JOIN runs r ON r.id = b.run
			WHERE b.id > ? AND r.org = ? ORDER BY b.id LIMIT 1`, after, f.org).Scan(&id, &packed, &packedEnds, &state)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		after = id
		items, ends, err := unpackBatch(packed, packedEnds)
		if err != nil {
			return fmt.Errorf("batch %d: %w", id, err)
		}
		hit := f.strike(items, ends)
		if len(hit) == 0 {
			continue
		}
		if ends == nil || state != RunFinished {
			return fmt.Errorf("a run that is not finished is about this person: %w", ErrState)
		}
		f.Rows += int64(len(hit))
		if _, err := tx.Exec("UPDATE batches SET items = ?, ends = ? WHERE id = ?", packItems(items), packEnds(ends),
			id); err != nil {
			return err
		}
		if err := f.images(tx, id, hit); err != nil {
			return err
		}
	}
}

// nobody stands where the id of a customer stood.
const nobody = "000000000000000000000000"

// strike takes the person out of a batch and returns the indexes of the items that were theirs.
func (f *forgetting) strike(items []Item, ends []Settled) (hit []int) {
	for i := range items {
		theirs := items[i].Key != (KeyHash{}) && slices.Contains(f.Keys, items[i].Key)
		if ends != nil && ends[i].CustomerID != "" && slices.Contains(f.Customers, ends[i].CustomerID) {
			theirs = true
		}
		if !theirs {
			continue
		}
		hit = append(hit, i)
		items[i].Key, items[i].Hash = KeyHash{}, RecordHash{}
		if ends != nil {
			ends[i].Detail = ""
			if ends[i].CustomerID != "" {
				ends[i].CustomerID = nobody
			}
		}
	}
	return hit
}

// forgetRosters takes keys off the rosters of all jobs.
func (l *Ledger) forgetRosters(keys []KeyHash) error {
	rows, err := l.reader.Query("SELECT DISTINCT job FROM rosters")
	if err != nil {
		return l.explain("forget", err)
	}
	var jobs []string
	for rows.Next() {
		var job string
		if err := rows.Scan(&job); err != nil {
			return errors.Join(err, rows.Close())
		}
		jobs = append(jobs, job)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return l.explain("forget", err)
	}
	for _, job := range jobs {
		if err := l.KeepKeySet(job, exceptKeys(l.KeySet(job), keys)); err != nil {
			return err
		}
	}
	return nil
}

func exceptKeys(all iter.Seq2[KeyHash, error], keys []KeyHash) iter.Seq2[KeyHash, error] {
	return func(yield func(KeyHash, error) bool) {
		for key, err := range all {
			if err == nil && slices.Contains(keys, key) {
				continue
			}
			if !yield(key, err) {
				return
			}
		}
	}
}

// images takes away what was kept of the items of a batch before their updates.
func (f *forgetting) images(tx *sql.Tx, batch int64, hit []int) error {
	rows, err := tx.Query("SELECT n, packed FROM images WHERE batch = ?", batch)
	if err != nil {
		return err
	}
	packed := map[int64][]byte{}
	for rows.Next() {
		var n int64
		var blob []byte
		if err := rows.Scan(&n, &blob); err != nil {
			return errors.Join(err, rows.Close())
		}
		packed[n] = blob
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for n, blob := range packed {
		images, err := unpackImages(blob)
		if err != nil {
			return fmt.Errorf("batch %d, request %d: %w", batch, n, err)
		}
		left := slices.DeleteFunc(slices.Clone(images), func(i Image) bool {
			return slices.Contains(hit, i.Index) || slices.Contains(f.Customers, i.CustomerID)
		})
		if len(left) == len(images) {
			continue
		}
		f.Images += int64(len(images) - len(left))
		if len(left) == 0 {
			_, err = tx.Exec("DELETE FROM images WHERE batch = ? AND n = ?", batch, n)
		} else if blob, err = packImages(left); err == nil {
			_, err = tx.Exec("UPDATE images SET packed = ? WHERE batch = ? AND n = ?", blob, batch, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
