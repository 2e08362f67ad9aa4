package ledger

import (
	"database/sql"
	"errors"
	"fmt"
)

// Memo is what the caller noted under a name, nil where there is nothing.
func (l *Ledger) Memo(name string) ([]byte, error) {
	var value []byte
	err := l.reader.QueryRow("SELECT value FROM memos WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, l.explain("read memo", err)
}

// Remember notes a value under a name, durably, in place of what was there; nil takes it away. The value may hold no
// customer data and at most a megabyte: a memo is for what a job must know of its last runs.
func (l *Ledger) Remember(name string, value []byte) error {
	const most = 1 << 20
	if name == "" || len(value) > most {
		return fmt.Errorf("ledger: remember %q with %d bytes: %w", name, len(value), ErrState)
	}
	return l.write("remember", func(tx *sql.Tx) error {
		if value == nil {
			_, err := tx.Exec("DELETE FROM memos WHERE name = ?", name)
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO memos (name, value, at) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at`, name, value, l.now().UnixMilli())
		return err
	})
}

// ForgetMemos takes away every memo and every night's record of which holds says that it holds somebody, and returns
// how many. Afterwards the file is written anew, so that nothing is left in its free pages. A job whose memo goes
// begins its history anew.
func (l *Ledger) ForgetMemos(holds func(value []byte) bool) (gone int64, err error) {
	rows, err := l.reader.Query("SELECT name, value FROM memos")
	if err != nil {
		return 0, l.explain("forget", err)
	}
	var names []string
	for rows.Next() {
		var name string
		var value []byte
		if err := rows.Scan(&name, &value); err != nil {
			return 0, errors.Join(err, rows.Close())
		}
		if holds(value) {
			names = append(names, name)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, l.explain("forget", err)
	}
	if _, err := l.writer.Exec("PRAGMA secure_delete = ON"); err != nil {
		return 0, l.explain("forget", err)
	}
	if gone, err = l.forgetNights(holds); err != nil {
		return gone, l.explain("forget", err)
	}
	for _, name := range names {
		if err := l.Remember(name, nil); err != nil {
			return gone, err
		}
		gone++
	}
	if gone == 0 {
		return 0, nil
	}
	return gone, l.rewrite("forget")
}

// Memo is Ledger.Memo. A ledger of a time before memos has none.
func (v *View) Memo(name string) ([]byte, error) {
	var tables int
	err := v.ledger.reader.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'memos'").Scan(
		&tables)
	if err != nil || tables == 0 {
		return nil, v.ledger.explain("read memo", err)
	}
	return v.ledger.Memo(name)
}
