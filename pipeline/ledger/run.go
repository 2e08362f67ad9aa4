package ledger

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// States of a run.
const (
	RunRunning     = "running"
	RunFinished    = "finished"    // every batch is settled; it is never taken up again
	RunInterrupted = "interrupted" // stopped before its end, or its process died
	RunFailed      = "failed"      // stopped by a failure of its own
)

// RunInfo is what the ledger holds of a run itself. Times are in UTC, to the
// millisecond. None of the texts may hold customer data.
type RunInfo struct {
	ID          string // given by the caller, unique in the ledger
	Command     string
	OrgID       string // the org's id, to which identities and doubts belong
	Org         string // its name, for people
	Fingerprint string // of all that must be equal for a later run to be this one
	Version     string // of muster
	Stamp       string // the caller's own; kept when the run is taken up again
	Started     time.Time
	Ended       time.Time // zero: it runs, or its process died
	State       string
	Rows        int64            // as Finish was told
	Counts      map[string]int64 // by status, as Finish was told
}

// Run is one run in the ledger. Safe for concurrent use by the workers that
// share it.
type Run struct {
	ledger  *Ledger
	row     int64 // its row in the table, as org is its org's
	org     int64
	resumed bool

	mu   sync.Mutex
	info RunInfo
	next int64 // seq
	top  int64 // the highest ordinal in any batch, -1 none
	span int64 // the greatest distance between two ordinals of one batch
}

// Begin takes up again the run of the same OrgID and Fingerprint that has not
// finished (there is at most one): Resumed is then true and Info is that of
// the old run, its ID, Started and Stamp included, with the state running.
// Else it commits a new run of these ID, texts and Started (now when zero).
// ErrState: the ID is missing or another run has it.
func (l *Ledger) Begin(info RunInfo) (*Run, error) {
	var name string
	var resumed bool
	err := l.write("begin run", func(tx *sql.Tx) error {
		err := tx.QueryRow(`
			SELECT name FROM runs
			WHERE org = (SELECT id FROM orgs WHERE name = ?) AND fingerprint = ? AND state <> 'finished'`, info.OrgID, info.Fingerprint).Scan(&name)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			name = info.ID
			return insertRun(tx, info, l.now)
		case err != nil:
			return err
		}
		resumed = true
		_, err = tx.Exec("UPDATE runs SET state = 'running', ended = NULL WHERE name = ?", name)
		return err
	})
	if err != nil {
		return nil, err
	}
	r, err := l.Find(name)
	if err != nil {
		return nil, err
	}
	r.resumed = resumed
	return r, nil
}

func insertRun(tx *sql.Tx, info RunInfo, now func() time.Time) error {
	if info.ID == "" {
		return fmt.Errorf("a run without an ID: %w", ErrState)
	}
	if info.Started.IsZero() {
		info.Started = now()
	}
	if _, err := tx.Exec("INSERT INTO orgs (name) VALUES (?) ON CONFLICT DO NOTHING", info.OrgID); err != nil {
		return err
	}
	done, err := tx.Exec(`
		INSERT INTO runs (name, command, org, org_name, fingerprint, version, stamp, started, state)
		SELECT ?, ?, id, ?, ?, ?, ?, ?, 'running' FROM orgs WHERE name = ? ON CONFLICT DO NOTHING`,
		info.ID, info.Command, info.Org, info.Fingerprint, info.Version, info.Stamp, info.Started.UnixMilli(), info.OrgID)
	return expectOne(done, err)
}

// expectOne makes ErrState of an act that found nothing it may act on.
func expectOne(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	rows, err := done.RowsAffected()
	if err == nil && rows != 1 {
		err = ErrState
	}
	return err
}

const selectRuns = `
	SELECT r.id, r.org, r.name, r.command, o.name, r.org_name, r.fingerprint, r.version, r.stamp,
		r.started, coalesce(r.ended, 0), r.state, r.rows, r.counts
	FROM runs r JOIN orgs o ON o.id = r.org`

// Find opens a run to look into. Unless it is running, every act on it is
// refused with ErrState. ErrNoRun: there is none of this ID.
func (l *Ledger) Find(id string) (*Run, error) {
	r := &Run{ledger: l}
	err := r.scan(l.reader.QueryRow(selectRuns+" WHERE r.name = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("ledger: run %s: %w", id, ErrNoRun)
	}
	if err == nil {
		err = l.reader.QueryRow(`
			SELECT coalesce(max(seq), 0) + 1, coalesce(max(last), -1), coalesce(max(last - first), 0)
			FROM batches WHERE run = ?`, r.row).Scan(&r.next, &r.top, &r.span)
	}
	if err != nil {
		return nil, l.explain("find run", err)
	}
	return r, nil
}

// Runs lists every run, newest first.
func (l *Ledger) Runs() ([]RunInfo, error) {
	rows, err := l.reader.Query(selectRuns + " ORDER BY r.id DESC")
	if err != nil {
		return nil, l.explain("list runs", err)
	}
	defer rows.Close()
	var infos []RunInfo
	for rows.Next() {
		var r Run
		if err := r.scan(rows); err != nil {
			return nil, l.explain("list runs", err)
		}
		infos = append(infos, r.info)
	}
	return infos, l.explain("list runs", rows.Err())
}

// scan reads a row of selectRuns.
func (r *Run) scan(row interface{ Scan(...any) error }) error {
	var started, ended int64
	var counts []byte
	info := &r.info
	err := row.Scan(&r.row, &r.org, &info.ID, &info.Command, &info.OrgID, &info.Org, &info.Fingerprint,
		&info.Version, &info.Stamp, &started, &ended, &info.State, &info.Rows, &counts)
	if err != nil {
		return err
	}
	info.Started = time.UnixMilli(started).UTC()
	if ended != 0 {
		info.Ended = time.UnixMilli(ended).UTC()
	}
	return json.Unmarshal(counts, &info.Counts)
}

// ID is the run's ID: the old one's when it was taken up again.
func (r *Run) ID() string { return r.Info().ID }

// Info is what the ledger holds of the run. The caller owns it.
func (r *Run) Info() RunInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := r.info
	info.Counts = maps.Clone(info.Counts)
	return info
}

// Resumed tells whether Begin took up an earlier run.
func (r *Run) Resumed() bool { return r.resumed }

// Finish ends the run, durably: state is RunFinished, RunInterrupted or
// RunFailed; rows and counts are for people. ErrState: the run is not running
// (it has ended already), the state is another word, or it would be finished
// with a batch that is not settled.
func (r *Run) Finish(state string, rows int64, counts map[string]int64) error {
	if state != RunFinished && state != RunInterrupted && state != RunFailed {
		return fmt.Errorf("ledger: finish run %s as %q: %w", r.ID(), state, ErrState)
	}
	told, err := json.Marshal(maps.Collect(maps.All(counts)))
	if err != nil {
		return fmt.Errorf("ledger: finish run: %w", err)
	}
	ended := r.ledger.now().UTC().Truncate(time.Millisecond)
	err = r.ledger.write("finish run "+r.ID(), func(tx *sql.Tx) error {
		return expectOne(tx.Exec(`
			UPDATE runs SET state = ?1, ended = ?2, rows = ?3, counts = ?4
			WHERE id = ?5 AND state = 'running' AND (?1 <> 'finished' OR NOT EXISTS (
				SELECT 1 FROM batches INDEXED BY batches_in_doubt WHERE run = ?5 AND doubt = 1 AND ends IS NULL))`,
			state, ended.UnixMilli(), rows, string(told), r.row))
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.info.State, r.info.Ended, r.info.Rows, r.info.Counts = state, ended, rows, maps.Clone(counts)
	return nil
}
