package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"muster/pipeline/backup"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/link"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// importing is the mode of an import: the ledger has what is intended, sent and answered.
type importing struct {
	config   *Config
	org      *Org
	ledger   *ledger.Ledger
	book     *ledger.Run  // its part of the ledger
	linker   *link.Linker // of the second pass
	forecast forecast
	backup   *backup.Backup // nil: none is written
	spoilt   bool           // the canary found customers that are not as they were sent
}

// Admit makes the attributes that the inputs fill and the org lacks, where the user agrees.
func (m *importing) Admit(ctx context.Context, r *Running) error { return r.createAttributes(ctx) }

// Open takes up the unfinished run of the same inputs, or begins one.
func (m *importing) Open(r *Running) error {
	if err := m.begin(r); err != nil {
		return err
	}
	if err := r.makeDirectory(); err != nil {
		return err
	}
	return m.keepSettings(r)
}

// begin opens the ledger and takes up the unfinished run of the same inputs, mapping, verb and
// org, if there is one.
func (m *importing) begin(r *Running) (err error) {
	if m.ledger = m.config.Ledger; m.ledger == nil {
		if m.ledger, err = ledger.Open(m.config.State); err != nil {
			return err
		}
		if copied := m.ledger.Before(); copied != "" {
			m.config.Progress.Say("the ledger was brought to the version of this muster; an older one refuses it, and muster " +
				"restore " + printable.Word(copied) +
				" --state " + printable.Word(m.config.State) + " is the way back")
		}
	}
	if err := m.strange(); err != nil {
		return err
	}
	content, err := bind.Fingerprint(r.Inputs)
	if err != nil {
		return err
	}
	c := m.config
	what := fmt.Sprintf("%x %x %s %s %s %v%s", content, r.identity, c.Verb, c.Unmapped, c.Region, c.Source, c.planOf())
	if len(c.Ignore) > 0 || c.BadCells != "" {
		what += fmt.Sprintf(" ignore %q bad cells %s", c.Ignore, c.BadCells)
	}
	if c.Channel != "" {
		what += " channel " + c.Channel
	}
	if c.Dates != "" {
		what += " " + c.Dates
	}
	if c.Users != "" {
		what += " users " + c.Users
	}
	if c.OnConflict.Policy != deliver.RejectConflict {
		what += " " + c.OnConflict.String()
	}
	if err := errors.Join(m.mustBe(c.Resume, what), m.remember()); err != nil {
		return err
	}
	m.book, err = m.ledger.Begin(ledger.RunInfo{ID: r.Run, Command: c.Command, OrgID: m.org.ID(), Org: m.org.Name,
		Fingerprint: what, Version: c.Version, Started: r.Started, Stamp: kustomer.Stamp(r.Started)})
	if err != nil {
		return err
	}
	r.Run = m.book.ID()
	if m.book.Resumed() {
		c.Progress.Say("taking up run " + r.Run + " where its evidence ends")
	}
	return nil
}

// mustBe refuses to go on unless the run that Begin would take up is the one that was asked for.
// The ledger is held, so nobody changes it meanwhile.
func (m *importing) mustBe(run, fingerprint string) error {
	if run == "" {
		return nil
	}
	kept, err := m.ledger.Find(run)
	if err != nil {
		return err
	}
	info := kept.Info()
	switch {
	case info.State == ledger.RunFinished:
		return &outcome.UsageError{Err: fmt.Errorf("run %s is finished: there is nothing to resume", run)}
	case info.OrgID != m.org.ID():
		return fmt.Errorf("%s is %w", m.org.Host, outcome.ErrOtherOrg)
	case info.Fingerprint != fingerprint:
		return fmt.Errorf("run %s: an input or its mapping: %w", run, bind.ErrInputChanged)
	}
	return nil
}

// keepSettings writes what the run was begun with, in one step. A run taken up again keeps what it has.
func (m *importing) keepSettings(r *Running) error {
	path := settingsPath(m.config.State, r.Run)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	s, err := r.Settings(m.org.Reach)
	if err != nil {
		return fmt.Errorf("keep the run's settings: %w", err)
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = trust.WriteWhole(path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep the run's settings: %w", err)
	}
	return nil
}

// remember has the ledger know the key from now on, if the org was asked about it just now.
func (m *importing) remember() error {
	o := m.org
	if o.Asked.IsZero() || o.Token.OrgID == "" {
		return nil
	}
	raw, err := json.Marshal(memory{o.Token, o.Asked})
	if err != nil {
		return err
	}
	return m.ledger.Remember(memoOfKey(o.Client.Viewer, m.ledger.Key), raw)
}

// forgetKey has the next run ask again who the key is, after the org has refused it.
func (m *importing) forgetKey(cause error) error {
	switch kustomer.VerdictOf(cause) {
	case kustomer.Unauthorized, kustomer.Forbidden:
		if m.ledger != nil {
			return m.ledger.Remember(memoOfKey(m.org.Client.Viewer, m.ledger.Key), nil)
		}
	}
	return nil
}

// Close closes the ledger, unless the caller holds it.
func (m *importing) Close() error {
	if m.ledger != nil && m.config.Ledger == nil {
		return m.ledger.Close()
	}
	return nil
}

// Look names the customers of a block's rows to the watch, as the ledger would.
func (m *importing) Look(_ *Running, w *block.Block, _ int64) error {
	if m.config.Watch == nil {
		return nil
	}
	for i := range w.Rows {
		row := &w.Rows[i]
		var key ledger.KeyHash
		named := row.Lead.Value.To > row.Lead.Value.From
		if named {
			key = m.ledger.Key(row.Lead.Kind.String(), w.Arena[row.Lead.Value.From:row.Lead.Value.To])
		}
		if err := m.config.Watch.Row(key, row.Status != outcome.Invalid || named &&
			w.Table.Leads(row.Lead.Kind.String())); err != nil {
			return err
		}
	}
	return nil
}

// Begun is what the process before this one began to send, where the run is taken up again.
func (m *importing) Begun(from, to int64) ([]ledger.Assigned, error) {
	if !m.book.Resumed() {
		return nil, nil
	}
	return m.book.Assigned(from, to)
}

// Gate holds the survey to the limits, to damage and to the watch.
func (m *importing) Gate(s *Survey) error {
	err := cmp.Or(s.Unmoved(), m.config.Limits.Surveyed(s.Invalid, s.Rows), undamaged(s.Damages))
	if err == nil && m.config.Watch != nil {
		err = m.config.Watch.Surveyed(s)
	}
	return err
}

// Twice is true: what is fit is sent.
func (m *importing) Twice() bool { return true }
