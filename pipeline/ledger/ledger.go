package ledger

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"muster/pipeline/trust"
)

const (
	fileName = "ledger.db"
	lockName = "ledger.lock"

	// 32 bytes: the length of the hash it keys (RFC 2104, section 3).
	saltSize = sha256.Size

	// 2: one for the run's own look-ups and one for whoever watches it.
	readerCount = 2
)

// Ledger is the durable memory of one state directory: one file, one process
// at a time, one writer. Safe for concurrent use; acts queue up for the disk.
type Ledger struct {
	path   string
	lock   *flock.Flock
	writer *sql.DB // one connection
	reader *sql.DB // sees what has been committed
	macs   sync.Pool
	stmt   statements
	now    func() time.Time
	before string // see Before
}

// Open opens the ledger of a state directory; dir (mode 0700) and the ledger
// in it (ledger.db, mode 0600) are made when they do not exist. The lock
// ledger.lock is held until Close. A run that was under way when its process
// died is from now on interrupted.
//
// Errors: *LockedError when another live process holds the directory;
// *CorruptError when the file is damaged, is no ledger or is a newer
// muster's; else what the system said, such as syscall.ENOSPC, EROFS or
// EACCES.
func Open(dir string) (*Ledger, error) {
	return openWith(dir, caches{writer: 16384, reader: usualReader})
}

// OpenSmall is Open for one of many ledgers in one process: it keeps less of the file in memory and leaves that to the
// system.
func OpenSmall(dir string) (*Ledger, error) { return openWith(dir, caches{writer: 1024, reader: 512}) }

// caches are how much of the file its writer and each of its readers keep, in KiB.
type caches struct{ writer, reader int }

const usualReader = 8192

func openWith(dir string, held caches) (*Ledger, error) {
	if err := trust.State(dir); err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	if disk := onNetwork(dir); disk != "" {
		return nil, fmt.Errorf("ledger: open: %w", &NetworkError{dir, disk})
	}
	l := &Ledger{path: filepath.Join(dir, fileName), now: time.Now}
	if l.lock, err = takeLock(filepath.Join(dir, lockName)); err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	if err := l.open(held); err != nil {
		return nil, errors.Join(l.explain("open", err), l.Close())
	}
	return l, nil
}

// open does what needs the lock.
func (l *Ledger) open(held caches) (err error) {
	// Made here and not by SQLite, for the mode and for the system's own error.
	if err := trust.Unlinked(l.path+"-wal", l.path+"-shm", l.path+"-journal"); err != nil {
		return err
	}
	file, err := trust.Open(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if l.writer, err = connect(l.path, writerPragmas(held.writer), 1); err != nil {
		return err
	}
	if err := l.migrate(); err != nil {
		return err
	}
	if l.reader, err = connect(l.path, readerPragmas(held.reader), readerCount); err != nil {
		return err
	}
	if err := l.loadSalt(); err != nil {
		return err
	}
	if err := l.prepare(); err != nil {
		return err
	}
	return l.interruptDead()
}

// Clock has the ledger take the time of its acts from now instead of the system, before it is used by anyone: the
// caller's other times are from there, too.
func (l *Ledger) Clock(now func() time.Time) { l.now = now }

// loadSalt reads what keys are hashed with.
func (l *Ledger) loadSalt() error {
	var salt []byte
	if err := l.reader.QueryRow("SELECT value FROM meta WHERE name = 'salt'").Scan(&salt); err != nil {
		return err
	}
	l.macs.New = func() any { return &mac{keyed: hmac.New(sha256.New, salt)} }
	return nil
}

// interruptDead ends the runs of dead processes: this one holds the lock and
// has begun none yet, so whatever is said to be running is not.
func (l *Ledger) interruptDead() error {
	_, err := l.writer.Exec("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
	return err
}

// Close folds the write-ahead log into the file and gives the lock back.
// Whatever was recorded before is durable whether or not it succeeds.
func (l *Ledger) Close() error {
	var failures []error
	for _, pool := range []*sql.DB{l.reader, l.writer} {
		if pool != nil {
			failures = append(failures, pool.Close())
		}
	}
	return errors.Join(l.explain("close", errors.Join(failures...)), l.lock.Unlock())
}

// writerPragmas: see https://www.sqlite.org/pragma.html. Pages are small
// because keys are random: each key landed rewrites a page of its own.
func writerPragmas(held int) []string {
	return []string{
		"page_size(2048)",   // bytes; counts only for a new file
		"synchronous(FULL)", // a commit returns after its fsync
		"foreign_keys(1)",
		fmt.Sprintf("cache_size(-%d)", held),
		"wal_autocheckpoint(16384)", // pages: the log is folded in when it has 32 MiB
	}
}

func readerPragmas(held int) []string {
	return []string{"query_only(1)", fmt.Sprintf("cache_size(-%d)", held)}
}

// connect opens a pool of at most n connections that all have the pragmas.
func connect(path string, pragmas []string, n int) (*sql.DB, error) {
	return dial(path, url.Values{"_txlock": {"immediate"}}, pragmas, n)
}

// dial is connect with the parameters of the connections (https://www.sqlite.org/uri.html).
func dial(path string, query url.Values, pragmas []string, n int) (*sql.DB, error) {
	name := filepath.ToSlash(path)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	for _, pragma := range append([]string{"busy_timeout(10000)"}, pragmas...) {
		query.Add("_pragma", pragma)
	}
	source := url.URL{Scheme: "file", Path: name, RawQuery: query.Encode()}
	pool, err := sql.Open("sqlite", source.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool, pool.PingContext(context.Background())
}

// write runs one act in one transaction; when it returns nil the act is on
// the disk, and when it returns an error no part of it is.
func (l *Ledger) write(act string, do func(*sql.Tx) error) error {
	tx, err := l.writer.Begin()
	if err != nil {
		return l.explain(act, err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return l.explain(act, err)
	}
	return l.explain(act, tx.Commit())
}

// KeyHash stands for one match key of one record: an HMAC of its kind and
// value under the ledger's own salt, so that the file tells nobody whose keys
// it holds. The zero KeyHash means that there is no key.
type KeyHash [16]byte

// RecordHash stands for a payload. The caller makes it; the zero RecordHash
// is that of no payload.
type RecordHash [16]byte

// mac is a keyed hash and its buffers, used by one goroutine at a time.
type mac struct {
	keyed hash.Hash
	text  []byte
	sum   []byte
}

// Key is the hash by which this ledger, and no other, knows the match key of
// this kind (externalId, email …) and this normalised value. Safe for
// concurrent use; value is not kept.
func (l *Ledger) Key(kind string, value []byte) KeyHash {
	m := l.macs.Get().(*mac)
	m.text = append(append(m.text[:0], kind...), 0) // the 0 parts kind from value
	m.text = append(m.text, value...)
	m.keyed.Reset()
	m.keyed.Write(m.text)
	m.sum = m.keyed.Sum(m.sum[:0])
	key := KeyHash(m.sum[:len(KeyHash{})])
	l.macs.Put(m)
	return key
}
