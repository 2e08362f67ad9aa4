package ledger

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// applicationID marks the file as ours: "MUST" in ASCII, kept by SQLite in
// its header (https://www.sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x4d555354

// migrations are the steps from an empty file to the present form. Step i
// leads to version i+1, which the file's user_version keeps. A step that has
// been released is never edited: a change is a further step.
func migrations() []string {
	return []string{`
		CREATE TABLE meta (
			name  TEXT NOT NULL PRIMARY KEY,
			value BLOB NOT NULL
		) STRICT, WITHOUT ROWID;

		CREATE TABLE runs (
			id          INTEGER PRIMARY KEY,
			name        TEXT NOT NULL UNIQUE,
			command     TEXT NOT NULL,
			org         INTEGER NOT NULL REFERENCES orgs,
			org_name    TEXT NOT NULL,
			fingerprint TEXT NOT NULL,
			version     TEXT NOT NULL,
			stamp       TEXT NOT NULL,
			started     INTEGER NOT NULL, -- this and all times: milliseconds since 1970, UTC
			ended       INTEGER,
			state       TEXT NOT NULL CHECK (state IN ('running', 'finished', 'interrupted', 'failed')),
			rows        INTEGER NOT NULL DEFAULT 0,
			counts      TEXT NOT NULL DEFAULT '{}'
		) STRICT;
		CREATE UNIQUE INDEX runs_unfinished ON runs (org, fingerprint) WHERE state <> 'finished';

		CREATE TABLE orgs (
			id   INTEGER PRIMARY KEY,
			name TEXT NOT NULL UNIQUE
		) STRICT;

		CREATE TABLE batches (
			id    INTEGER PRIMARY KEY, -- grows in the order of intents, over all runs
			run   INTEGER NOT NULL REFERENCES runs,
			seq   INTEGER NOT NULL,
			first INTEGER NOT NULL,    -- lowest and highest ordinal of its items
			last  INTEGER NOT NULL,
			doubt INTEGER NOT NULL,    -- 1 while any of its items has no evidence of its end
			items BLOB NOT NULL,
			ends  BLOB,                -- NULL while the batch is open
			UNIQUE (run, seq)
		) STRICT;
		CREATE INDEX batches_by_ordinal ON batches (run, first, last);
		CREATE INDEX batches_in_doubt ON batches (run) WHERE doubt = 1;

		CREATE TABLE requests (
			batch   INTEGER NOT NULL REFERENCES batches,
			n       INTEGER NOT NULL,
			verb    TEXT NOT NULL,
			items   BLOB,              -- one bit per item of the batch; NULL: all of them
			payload BLOB NOT NULL,
			at      INTEGER NOT NULL,
			state   TEXT NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'accepted', 'answered')),
			job     TEXT,
			note    TEXT,
			PRIMARY KEY (batch, n)
		) STRICT, WITHOUT ROWID;

		CREATE TABLE known (
			org      INTEGER NOT NULL,
			key      BLOB NOT NULL,
			customer ANY NOT NULL,     -- 12 bytes for an id of 24 hex digits, else its text
			hash     BLOB NOT NULL,
			batch    INTEGER NOT NULL, -- the one that landed it last
			PRIMARY KEY (org, key)
		) STRICT, WITHOUT ROWID;
	`, `
		CREATE TABLE memos (
			name  TEXT NOT NULL PRIMARY KEY,
			value BLOB NOT NULL,
			at    INTEGER NOT NULL
		) STRICT, WITHOUT ROWID;

		CREATE TABLE rosters (
			job  TEXT NOT NULL,
			n    INTEGER NOT NULL,
			keys BLOB NOT NULL, -- of 16 bytes, in their order, over all n of the job
			UNIQUE (job, n)
		) STRICT;
	`, `
		CREATE TABLE images (
			batch  INTEGER NOT NULL,
			n      INTEGER NOT NULL,
			packed BLOB NOT NULL,
			PRIMARY KEY (batch, n),
			FOREIGN KEY (batch, n) REFERENCES requests (batch, n)
		) STRICT;
	`, `
		CREATE TABLE companies (
			run     INTEGER NOT NULL REFERENCES runs,
			key     BLOB NOT NULL,
			company TEXT NOT NULL,
			made    INTEGER NOT NULL, -- 1: the run made it, and nobody has taken that back
			PRIMARY KEY (run, key)
		) STRICT, WITHOUT ROWID;
	`, `
		SELECT 1; -- items and ends of batches have checksums from here on, which an older program cannot read
	`, `
		CREATE TABLE nights (
			id     INTEGER PRIMARY KEY,
			job    TEXT NOT NULL,
			began  INTEGER NOT NULL,
			ended  INTEGER,           -- NULL: it is under way, or its process died
			record BLOB NOT NULL
		) STRICT;
		CREATE INDEX nights_by_job ON nights (job, id);
	`}
}

// migrate brings the file to the present version, each step whole or not at
// all. It writes nothing before it has recognised and verified the file.
func (l *Ledger) migrate() error {
	steps := migrations()
	version, err := l.recognise(l.writer, len(steps))
	if err != nil {
		return err
	}
	if err := l.verify(); err != nil {
		return err
	}
	if err := l.keepLog(); err != nil {
		return err
	}
	if version > 0 && version < len(steps) {
		if err := l.keepCopy(len(steps)); err != nil {
			return fmt.Errorf("keep a copy before the migration to version %d: %w", len(steps), err)
		}
	}
	for ; version < len(steps); version++ {
		if err := l.step(version+1, steps[version]); err != nil {
			return fmt.Errorf("migrate to version %d: %w", version+1, err)
		}
	}
	return nil
}

// keepCopy writes the ledger as an older program can read it beside it: muster restore puts it back.
func (l *Ledger) keepCopy(version int) error {
	path := l.path + fmt.Sprintf("%sversion-%d-%s", copyMark, version, l.now().UTC().Format("20060102-150405.000"))
	if err := copyTo(l.writer, path); err != nil {
		return err
	}
	l.before = path
	return nil
}

// Before is the copy that was made when the ledger was brought to a newer version as it was opened; "" it was not.
func (l *Ledger) Before() string { return l.before }

// copyMark is in the name of every copy beside a ledger.
const copyMark = ".before-"

// Copies are the copies of the ledger of a state directory that were made before a migration, oldest first.
func Copies(dir string) []string {
	found, _ := filepath.Glob(filepath.Join(dir, fileName+copyMark+"version-*")) // only a bad pattern fails
	return found
}

// keepLog has SQLite commit to a write-ahead log: one fsync a commit, and
// readers do not wait for the writer (https://www.sqlite.org/wal.html).
func (l *Ledger) keepLog() error {
	var mode string
	if err := l.writer.QueryRow("PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return errors.New("the file system of the state directory cannot hold a write-ahead log")
	}
	return nil
}

// recognise tells a ledger, or an empty file (version 0), from anything else.
func (l *Ledger) recognise(pool *sql.DB, newest int) (version int, err error) {
	var application, tables int
	err = pool.QueryRow(`
		SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id, pragma_user_version`).Scan(&application, &version, &tables)
	empty := application == 0 && version == 0 && tables == 0
	switch {
	case err != nil || empty:
		return 0, err
	case application != applicationID || version == 0:
		return 0, &CorruptError{Path: l.path, Reason: "a database, but not a ledger of muster"}
	case version > newest:
		return 0, &CorruptError{Path: l.path, Newer: true, Reason: fmt.Sprintf(
			"version %d of the ledger, made by a newer muster; this one knows version %d", version, newest)}
	}
	return version, nil
}

// verify reads the whole file and compares what its pages say of each other.
func (l *Ledger) verify() error {
	var verdict string
	if err := l.writer.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return &CorruptError{Path: l.path, Reason: "damaged: " + strings.ReplaceAll(verdict, "\n", " ")}
	}
	return l.verifyBatches()
}

// verifyBatches holds each batch against its checksum: bits that turn within what a page holds leave the page sound.
func (l *Ledger) verifyBatches() error {
	var tables int
	if err := l.writer.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name = 'batches'").Scan(&tables); err != nil ||
		tables == 0 {
		return err
	}
	rows, err := l.writer.Query("SELECT id, items, ends FROM batches")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var items, ends sql.RawBytes
		if err := rows.Scan(&id, &items, &ends); err != nil {
			return err
		}
		for _, packed := range [...]sql.RawBytes{items, ends} {
			if _, ok := packedBody(packed); !ok && packed != nil {
				return fmt.Errorf("batch %d: %w", id, errPacked)
			}
		}
	}
	return rows.Err()
}

// step makes one migration. The first also marks the file as ours and gives
// it its salt; these and the version stand in the same transaction.
func (l *Ledger) step(version int, statements string) error {
	tx, err := l.writer.Begin()
	if err != nil {
		return err
	}
	if err := stepIn(tx, version, statements); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

func stepIn(tx *sql.Tx, version int, statements string) error {
	if _, err := tx.Exec(statements); err != nil {
		return err
	}
	if version == 1 {
		salt := make([]byte, saltSize)
		_, _ = rand.Read(salt) // never fails: it ends the program instead
		if _, err := tx.Exec("INSERT INTO meta VALUES ('salt', ?)", salt); err != nil {
			return err
		}
	}
	_, err := tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
	return err
}
