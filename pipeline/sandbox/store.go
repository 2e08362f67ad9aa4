package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	_ "modernc.org/sqlite" // the driver named sqlite
	"muster/pipeline/trust"
)

// layoutVersion is the version of the tables below, kept in the file's user_version.
const layoutVersion = 1

// layout: a customer is one row with its document, and one row for each of its identities. Both grow at their end
// or by a key of their own, so that a job touches few pages. A job's payload lies apart from its state because
// SQLite writes the whole row when a part of it changes.
const layout = `
create table org (name text primary key, value blob) without rowid;
create table klasses (name text primary key, properties blob) without rowid;
create table customers (row integer primary key, rev integer, created integer, updated integer, deleted integer, author text, document blob);
create index customers_updated on customers (updated);
create table identities (kind integer, value text, customer integer, primary key (kind, value)) without rowid;
create table companies (row integer primary key, rev integer, created integer, updated integer, author text, document blob);
create table jobs (row integer primary key, act integer, state integer, size integer, batches integer, done integer, accepted integer, updated integer, author text, request text, ids text);
create index jobs_unfinished on jobs (row) where state <> 2;
create table payloads (job integer primary key, body blob);
create table batches (row integer primary key, job integer, number integer, succeeded integer, failed integer, finished integer, ids blob, errors blob, results blob);
create index batches_job on batches (job, number);
`

// store is the org's database: one connection that writes, owned by the goroutine of writer.go, and a few that read.
type store struct {
	seed      orgSeed
	temporary string // a directory to remove at the end, "" when the file is to stay
	lock      *flock.Flock
	db        *sql.DB
	reads     *sql.DB
	statements

	tags tagBook

	// the last rows in use; the writer's
	nextCustomer, nextCompany, nextJob, nextConversation, nextThing, nextPerson, nextAttachment, nextEdge int64
}

// ErrInUse is that another process, or another Server of this one, serves the same file.
var ErrInUse = errors.New("in use by another sandbox")

// openStore opens or makes the file at path. "" is a temporary file.
func openStore(path string, knownTags []string) (_ *store, err error) {
	st := &store{}
	if path == "" {
		if st.temporary, err = os.MkdirTemp("", "sandbox-"); err != nil {
			return nil, err
		}
		path = filepath.Join(st.temporary, "sandbox.db")
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", path, err), st.close())
		}
	}()
	if err = trust.Unlinked(path+".lock", path+"-wal", path+"-shm", path+"-journal"); err != nil {
		return nil, err
	}
	file, err := trust.Open(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite would make it readable for everyone
	if err != nil {
		return nil, err
	}
	if err = file.Close(); err != nil {
		return nil, err
	}
	if err = st.take(path); err != nil {
		return nil, err
	}
	if st.db, err = openDatabase(path, 1); err != nil {
		return nil, err
	}
	if err = st.prepareLayout(); err != nil {
		return nil, err
	}
	if st.reads, err = openDatabase(path, 4); err != nil {
		return nil, err
	}
	if err = st.prepareTags(knownTags); err != nil {
		return nil, err
	}
	return st, st.prepare()
}

// take locks the file at path by another one beside it, for as long as this process lives or until close. SQLite's own
// locks would let two writers take turns.
func (st *store) take(path string) error {
	st.lock = flock.New(path+".lock", flock.SetFlag(os.O_CREATE|os.O_RDWR|trust.NoFollow), flock.SetPermissions(0o600))
	taken, err := st.lock.TryLock()
	if err == nil && !taken {
		st.lock, err = nil, ErrInUse
	}
	return err
}

// databaseURI names a file, of which the path is whole and with slashes, for SQLite: what stands before a drive of
// Windows, as C:, must be a slash, too (https://www.sqlite.org/uri.html).
func databaseURI(path string, query url.Values) string {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// openDatabase opens path with at most so many connections. cache_size: 64 MiB (given in KiB, below 0) keeps the
// identities of about a million customers at hand. wal_autocheckpoint: 16,000 pages of 4 kB, since pages that many
// jobs touch are then copied to the file once and not once for each job; measured, 4,000 costs a fifth more time.
func openDatabase(path string, connections int) (*sql.DB, error) {
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)", "temp_store(memory)",
		fmt.Sprintf("cache_size(%d)", -65536/connections), "wal_autocheckpoint(16000)", "journal_size_limit(67108864)",
	}}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", databaseURI(filepath.ToSlash(full), pragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// prepareLayout makes the tables in a new file and reads who the org is.
func (st *store) prepareLayout() error {
	var version int
	if err := st.db.QueryRow("pragma user_version").Scan(&version); err != nil {
		return err
	}
	switch version {
	case layoutVersion:
	case 0:
		if err := st.create(); err != nil {
			return err
		}
	default:
		return fmt.Errorf("made by another version of muster (layout %d, this one knows %d)", version, layoutVersion)
	}
	for _, name := range []string{"company", "conversation", "message"} {
		if _, err := st.db.Exec("insert or ignore into klasses values (?, '{}')", name); err != nil {
			return err
		}
	}
	if _, err := st.db.Exec("create index if not exists companies_external on companies (" + companyExternalID +
		")"); err != nil {
		return err
	}
	if err := st.prepareConversations(context.Background(), time.Now()); err != nil {
		return err
	}
	if err := st.prepareThings(); err != nil {
		return err
	}
	var seed []byte
	if err := st.db.QueryRow("select value from org where name = 'seed'").Scan(&seed); err != nil {
		return err
	}
	copy(st.seed[:], seed)
	return st.db.QueryRow(`select (select ifnull(max(row), 0) from customers), (select ifnull(max(row), 0) from companies),
		(select ifnull(max(row), 0) from jobs), (select count(*) from conversations),
		(select ifnull(max(row), 0) from things), (select ifnull(max(row), 0) from people), (select ifnull(max(row), 0) from attachments), (select ifnull(max(row), 0) from edges)`).
		Scan(&st.nextCustomer, &st.nextCompany, &st.nextJob, &st.nextConversation, &st.nextThing, &st.nextPerson,
			&st.nextAttachment, &st.nextEdge)
}

func (st *store) create() error {
	tx, err := st.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit there is nothing to roll back
	properties, err := json.Marshal(demoKlass(time.Now()))
	if err != nil {
		return err
	}
	seed := make([]byte, len(st.seed))
	rand.Read(seed)
	_, e1 := tx.Exec(layout + fmt.Sprintf("pragma user_version = %d", layoutVersion))
	_, e2 := tx.Exec("insert into org values ('seed', ?), ('key', ?)", seed, "sandbox-"+rand.Text())
	_, e3 := tx.Exec("insert into klasses values ('customer', ?)", properties)
	if err := cmp.Or(e1, e2, e3); err != nil {
		return err
	}
	return tx.Commit()
}

// generatedKey is the API key that was made with the org.
func (st *store) generatedKey() (key string, err error) {
	err = st.reads.QueryRow("select value from org where name = 'key'").Scan(&key)
	return key, err
}

func (st *store) orgID() string { return hex.EncodeToString(st.seed[:]) + "0000000000" }

// klass reads a Klass by name; ok is false when the org has none of that name.
func (st *store) klass(ctx context.Context, name string) (k klass, ok bool, err error) {
	var properties []byte
	err = st.reads.QueryRowContext(ctx, "select properties from klasses where name = ?", name).Scan(&properties)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return k, true, json.Unmarshal(properties, &k)
}

func (st *store) close() error {
	var errs []error
	for _, db := range []*sql.DB{st.reads, st.db} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if st.lock != nil {
		errs = append(errs, st.lock.Unlock())
	}
	if st.temporary != "" {
		errs = append(errs, os.RemoveAll(st.temporary))
	}
	return errors.Join(errs...)
}
