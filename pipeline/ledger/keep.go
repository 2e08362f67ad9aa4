package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"muster/pipeline/trust"
)

// Compact takes away what is kept of the batches of runs that were finished before a moment: which row was sent when,
// and what was changed. Runs stay listed with their counts, and every identity stays known: the next import still knows
// who is who and what was landed last. Unfinished runs stay whole. It returns how many batches went. No run may be
// running.
func (l *Ledger) Compact(before time.Time) (batches int64, err error) {
	err = l.write("compact", func(tx *sql.Tx) error {
		const old = `batch IN (SELECT b.id FROM batches b JOIN runs r ON r.id = b.run
			WHERE r.state = 'finished' AND r.ended < ? AND b.doubt = 0)`
		for _, table := range [...]string{"images", "requests"} {
			if _, err := tx.Exec("DELETE FROM "+table+" WHERE "+old, before.UnixMilli()); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("DELETE FROM companies WHERE run IN (SELECT id FROM runs WHERE state = 'finished' AND ended < ?)", before.UnixMilli()); err != nil {
			return err
		}
		// The last night of a job stays, however long ago it was.
		if _, err := tx.Exec(`DELETE FROM nights WHERE coalesce(ended, began) < ? AND id NOT IN (SELECT max(id) FROM nights GROUP BY job)`, before.UnixMilli()); err != nil {
			return err
		}
		done, err := tx.Exec(`DELETE FROM batches WHERE doubt = 0 AND run IN (
			SELECT id FROM runs WHERE state = 'finished' AND ended < ?)`, before.UnixMilli())
		if err != nil {
			return err
		}
		batches, err = done.RowsAffected()
		return err
	})
	if err != nil || batches == 0 {
		return batches, err
	}
	return batches, l.shrink()
}

// shrink gives room back to the disk where a quarter of the file or more is free. Less is left to what comes: to write
// the file anew for it would cost more than it gives.
func (l *Ledger) shrink() error {
	var free, pages int64
	if err := l.writer.QueryRow("SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count").Scan(
		&free, &pages); err != nil {
		return l.explain("compact", err)
	}
	if 4*free < pages {
		return nil
	}
	return l.rewrite("compact")
}

// rewrite writes the file anew without what was deleted, in it and in the log beside it.
func (l *Ledger) rewrite(act string) error {
	if _, err := l.writer.Exec("VACUUM"); err != nil {
		return l.explain(act, err)
	}
	_, err := l.writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return l.explain(act, err)
}

// Backup writes a copy of the ledger as it is at this moment to a file that is not there yet, mode 0600. A run may go
// on meanwhile: the copy holds what had been committed when it began, and was read back and found whole. The error
// wraps os.ErrExist where the file is there.
func (v *View) Backup(path string) error {
	// The connection is another than the view's, which may only ask.
	pool, err := dial(v.ledger.path, url.Values{"mode": {"ro"}}, nil, 1)
	if err == nil {
		err = errors.Join(copyTo(pool, path), pool.Close())
	}
	whole := path
	if err == nil {
		whole, err = filepath.Abs(path)
	}
	if err == nil {
		if err = sound(whole, path); err != nil {
			return errors.Join(fmt.Errorf("what was written is not whole: %w", err), os.Remove(path))
		}
	}
	return v.ledger.explain("back up", err)
}

// copyTo writes what a connection sees to a file that is not there yet, whole or not at all.
func copyTo(pool *sql.DB, path string) error {
	// SQLite takes an empty file that is there as one to write to, so its mode is ours from the first byte on.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if _, err = pool.Exec("VACUUM INTO ?", path); err == nil {
		err = syncFile(path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Restore puts a backup in the place of the ledger of a state directory, in one step. What was there is kept beside it
// under the name that is returned, "" where there was nothing. Errors: *LockedError while a run goes on; *CorruptError
// where the backup is no ledger of muster, or damaged: then nothing has changed.
func Restore(dir, backup string) (kept string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return "", fmt.Errorf("ledger: restore: %w", err)
	}
	if err := trust.State(dir); err != nil {
		return "", fmt.Errorf("ledger: restore: %w", err)
	}
	lock, err := takeLock(filepath.Join(dir, lockName))
	if err != nil {
		return "", fmt.Errorf("ledger: restore: %w", err)
	}
	defer lock.Unlock()
	fresh := filepath.Join(dir, fileName+".restoring")
	defer os.Remove(fresh)
	if err := copyFile(fresh, backup); err != nil {
		return "", fmt.Errorf("ledger: restore: %w", err)
	}
	if err := sound(fresh, backup); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); err == nil {
		kept = path + copyMark + time.Now().UTC().Format("20060102-150405.000")
		// With its log, which may hold what the file does not have yet.
		for _, end := range [...]string{"-wal", ""} {
			if err := os.Rename(path+end, kept+end); err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", fmt.Errorf("ledger: restore: %w", err)
			}
		}
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return kept, fmt.Errorf("ledger: restore: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return kept, fmt.Errorf("ledger: restore: %w", err)
	}
	return kept, nil
}

// sound says whether a file is a whole ledger of muster. name stands for it in the error.
func sound(path, name string) error {
	l := &Ledger{path: name}
	pool, err := dial(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}, nil, 1)
	if err == nil {
		l.writer = pool // verify asks it, and nobody writes
		var version int
		if version, err = l.recognise(pool, len(migrations())); err == nil && version == 0 {
			err = &CorruptError{Path: name, Reason: "the file is empty"}
		}
		if err == nil {
			err = l.verify()
		}
		err = errors.Join(err, pool.Close())
	}
	return l.explain("restore", err)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := trust.Open(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
