package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Night is the record of one night of a job: what it saw, took, did, and who was told. The ledger knows its times only.
type Night struct {
	ID     int64
	Job    string
	Began  time.Time
	Ended  time.Time // zero: it is under way, or its process died
	Record []byte    // the caller's; it may hold no customer data
}

// NoteNight notes a night durably: a new one where its ID is 0, which is then set, else in place of what was noted
// before.
func (l *Ledger) NoteNight(n *Night) error {
	return l.write("note night", func(tx *sql.Tx) error {
		var ended *int64
		if !n.Ended.IsZero() {
			at := n.Ended.UnixMilli()
			ended = &at
		}
		if n.ID == 0 {
			done, err := tx.Exec("INSERT INTO nights (job, began, ended, record) VALUES (?, ?, ?, ?)", n.Job,
				n.Began.UnixMilli(), ended, n.Record)
			if err == nil {
				n.ID, err = done.LastInsertId()
			}
			return err
		}
		done, err := tx.Exec("UPDATE nights SET ended = ?, record = ? WHERE id = ?", ended, n.Record, n.ID)
		if err != nil {
			return err
		}
		if rows, err := done.RowsAffected(); err != nil || rows != 1 {
			return errors.Join(fmt.Errorf("night %d: %w", n.ID, ErrState), err)
		}
		return nil
	})
}

// Nights are the last nights of a job, newest first, at most so many.
func (l *Ledger) Nights(job string, most int) (list []Night, err error) {
	rows, err := l.reader.Query("SELECT id, job, began, coalesce(ended, 0), record FROM nights WHERE job = ? ORDER BY "+
		"id DESC LIMIT ?", job, most)
	if err != nil {
		return nil, l.explain("read nights", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n Night
		var began, ended int64
		if err := rows.Scan(&n.ID, &n.Job, &began, &ended, &n.Record); err != nil {
			return nil, l.explain("read nights", err)
		}
		if n.Began = time.UnixMilli(began).UTC(); ended != 0 {
			n.Ended = time.UnixMilli(ended).UTC()
		}
		list = append(list, n)
	}
	return list, l.explain("read nights", rows.Err())
}

// Nights is Ledger.Nights. A ledger of a time before nights were recorded has none.
func (v *View) Nights(job string, most int) ([]Night, error) {
	var tables int
	err := v.ledger.reader.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'nights'").Scan(
		&tables)
	if err != nil || tables == 0 {
		return nil, v.ledger.explain("read nights", err)
	}
	return v.ledger.Nights(job, most)
}

// NightRecords gives the records of all nights of all jobs, oldest first.
func (v *View) NightRecords() (records [][]byte, err error) {
	var tables int
	err = v.ledger.reader.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'nights'").Scan(
		&tables)
	if err != nil || tables == 0 {
		return nil, v.ledger.explain("read nights", err)
	}
	rows, err := v.ledger.reader.Query("SELECT record FROM nights ORDER BY id")
	if err != nil {
		return nil, v.ledger.explain("read nights", err)
	}
	defer rows.Close()
	for rows.Next() {
		var record []byte
		if err := rows.Scan(&record); err != nil {
			return nil, v.ledger.explain("read nights", err)
		}
		records = append(records, record)
	}
	return records, v.ledger.explain("read nights", rows.Err())
}

// Held says whether a live process held the directory when the view was opened.
func (v *View) Held() bool { return v.held }

// forgetNights takes away every night whose record holds somebody, and returns how many.
func (l *Ledger) forgetNights(holds func([]byte) bool) (gone int64, err error) {
	rows, err := l.reader.Query("SELECT id, record FROM nights")
	if err != nil {
		return 0, err
	}
	var ids []int64
	for rows.Next() {
		var id int64
		var record []byte
		if err := rows.Scan(&id, &record); err != nil {
			return 0, errors.Join(err, rows.Close())
		}
		if holds(record) {
			ids = append(ids, id)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := l.writer.Exec("DELETE FROM nights WHERE id = ?", id); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}
