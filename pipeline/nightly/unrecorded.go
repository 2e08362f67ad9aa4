package nightly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// unrecorded is a night that the ledger could not take, as it is kept in a file beside it until a later night enters
// it.
type unrecorded struct {
	Cause string    `json:"cause"` // the same cause is told once
	Jobs  []*Result `json:"jobs"`

	path string
}

// unrecordedPlaces are where such files are, the best first: beside the ledger, and where nothing can be written there,
// beside the project file.
func unrecordedPlaces(p *config.Project, org *config.Org, state string) []string {
	return []string{filepath.Join(state, "unrecorded"), filepath.Join(p.Path(".muster-unrecorded"), org.Label)}
}

// unrecordedNights are all of them, oldest first. One that cannot be read is passed over: it is worth no night.
func unrecordedNights(p *config.Project, org *config.Org, state string) (all []*unrecorded) {
	for _, dir := range unrecordedPlaces(p, org, state) {
		found, _ := filepath.Glob(filepath.Join(dir, "*.json")) // only a bad pattern fails
		for _, path := range found {
			u := &unrecorded{path: path}
			if text, err := trust.Read(path, 1<<20); err == nil && json.Unmarshal(text, u) == nil {
				all = append(all, u)
			}
		}
	}
	slices.SortFunc(all, func(a, b *unrecorded) int {
		return strings.Compare(filepath.Base(a.path), filepath.Base(b.path))
	})
	return all
}

// keep writes it, in the first place that takes it.
func (u *unrecorded) keep(n *orgNight, at time.Time) (err error) {
	text, failed := json.Marshal(u)
	if failed != nil {
		return failed
	}
	name := at.UTC().Format("20060102-150405.000000000") + fmt.Sprintf("-%d.json", os.Getpid())
	for _, dir := range unrecordedPlaces(n.Project, n.org, n.state) {
		err = trust.MkdirAll(dir)
		if err == nil {
			u.path = filepath.Join(dir, name)
			err = trust.WriteWhole(u.path, append(text, '\n'))
		}
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("keep the night beside the ledger: %w", err)
}

// unopened ends a night that could not begin, since another run holds the state directory or the ledger cannot be used.
// It is kept in a file beside the ledger, and people are told, each of them once for one cause.
func (n *orgNight) unopened(ctx context.Context, err error) {
	u := &unrecorded{Cause: "skipped"}
	var locked *ledger.LockedError
	if errors.As(err, &locked) {
		u.Cause = fmt.Sprintf("%d %s", locked.PID, locked.Since.UTC().Format(time.RFC3339))
	} else if err != nil {
		u.Cause = err.Error()
	}
	earlier := unrecordedNights(n.Project, n.org, n.state)
	at := n.Now().UTC()
	for _, job := range n.jobs {
		r := &Result{Job: job.Name, Org: n.org.Address, Began: at, Ended: at, State: "skipped"}
		if err != nil {
			r.fail(err)
			r.Fault = faultOf(r.ExitCode)
			if locked == nil && r.Fault != FaultInterrupted && r.Fault != FaultConfiguration {
				r.Fault = FaultLedger
				r.Says = append(r.Says, n.wayBack(err))
			}
		} else {
			r.Says = []string{"another run is under way"}
		}
		r.Meaning = exit.Meaning(r.ExitCode)
		n.results, u.Jobs = append(n.results, r), append(u.Jobs, r)
	}
	if err != nil && !interrupted(exitCode(err)) {
		n.tellUnopened(ctx, u, earlier)
	}
	for _, r := range n.results {
		n.ends(ctx, r)
	}
	if err := u.keep(n, at); err != nil {
		n.Log.Warn("this night is recorded nowhere", "error", err)
	} else if u.Cause != "skipped" {
		n.Log.Warn("this night is recorded beside the ledger", "file", u.path)
	}
}

// Unreadable ends a night whose project file has mistakes, with what of the file can be believed: see [config.Salvage].
func (n *Night) Unreadable(ctx context.Context, err error) *Outcome {
	n.withDefaults()
	ctx, release := kustomer.Graceful(ctx, n.Grace, func() {})
	defer release()
	if p := n.Project; len(p.Jobs) == 0 {
		p.Jobs, p.Orgs = []config.Job{{Name: "project-file", Org: &p.Org, Notify: p.Notify}}, []*config.Org{&p.Org}
	}
	jobs, _ := n.Project.Order(nil)
	out, began := &Outcome{}, n.Now()
	for _, part := range n.byOrg(jobs) {
		part.unopened(ctx, &outcome.UsageError{Err: err})
		out.Jobs = append(out.Jobs, part.results...)
	}
	out.settle()
	n.close(ctx, out, began)
	return out
}

// wayBack is what a person can do about a ledger that cannot be used.
func (n *orgNight) wayBack(err error) string {
	var corrupt *ledger.CorruptError
	if !errors.As(err, &corrupt) {
		return "nothing was begun: see who may write to " + n.state + ", and whether the disk has room"
	}
	backup := "BACKUP"
	copies := ledger.Copies(n.state)
	if n.Project.Backup.To != "" {
		copies = append(copies, ledger.Backups(n.backups())...)
	}
	if len(copies) > 0 {
		backup = printable.Word(copies[len(copies)-1])
	}
	if corrupt.Newer && backup == "BACKUP" {
		return "use the muster that wrote it, or a newer one"
	}
	return "nothing was begun: muster restore " + backup + " --state " + printable.Word(n.state) +
		" puts a copy back; what landed since is found in the org by its keys"
}

// tellUnopened tells those who were not told of the same cause before.
func (n *orgNight) tellUnopened(ctx context.Context, u *unrecorded, earlier []*unrecorded) {
	told := map[string]bool{}
	for _, e := range earlier {
		for _, r := range e.Jobs {
			for _, t := range r.Told {
				if t.Error == "" && e.Cause == u.Cause {
					told[r.Job+"\x00"+t.Channel] = true
				}
			}
		}
	}
	for i, r := range u.Jobs {
		job := n.jobs[i]
		for i := range job.Notify {
			c := &job.Notify[i]
			if name := channelName(job, i); c.Every == "run" || !told[r.Job+"\x00"+name] {
				n.tellOne(ctx, c, name, r, n.message(r, state{}, state{}))
			} else {
				r.Told = append(r.Told, Told{Channel: name, At: r.Ended}) // they know
			}
		}
	}
}

// absorb enters in the ledger the nights that it could not take before. m is the memory of a job that is at work; those
// of the others are read and kept.
func (n *orgNight) absorb(job string, m *memory) {
	for _, u := range unrecordedNights(n.Project, n.org, n.state) {
		var failed error
		for _, r := range u.Jobs {
			mem := m
			if r.Job != job {
				var err error
				if mem, err = recall(n.ledger.Memo, r.Job); err != nil {
					failed = errors.Join(failed, err)
					continue
				}
			}
			err := r.note(n.ledger)
			if r.ExitCode != exit.OK && err == nil {
				mem.unopened(r)
				if r.Job != job {
					err = mem.keep(n.ledger, r.Job)
				}
			}
			failed = errors.Join(failed, err)
		}
		if failed == nil {
			failed = os.Remove(u.path)
		}
		if failed != nil && !errors.Is(failed, fs.ErrNotExist) {
			n.Log.Warn("a night that was kept beside the ledger cannot be entered", "file", u.path, "error", failed)
		}
	}
}

// unopened takes over what was told of a night that the ledger could not take.
func (m *memory) unopened(r *Result) {
	if interrupted(r.ExitCode) {
		return
	}
	before := m.State
	m.State = state{Code: r.ExitCode, Since: r.Ended}
	if before.Code == r.ExitCode {
		m.State.Since = before.Since
	}
	for _, t := range r.Told {
		if _, known := m.Told[t.Channel]; t.Error != "" && known {
			continue
		}
		if m.Told == nil {
			m.Told = map[string]state{}
		}
		m.Told[t.Channel] = before
		if t.Error == "" {
			m.Told[t.Channel] = m.State
		}
	}
}
