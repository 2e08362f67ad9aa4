package pipeline

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/block"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/trust"
)

// Stretches are the inputs that the second pass takes one after the other: those of one kind together, so that all of a
// kind are in the org, or known not to be, before what belongs to them is sent.
func (r *Running) Stretches() []Stretch {
	var list []Stretch
	kindOf := func(in *bind.Input) string {
		if in.Describes() {
			return mappings.Customers // which they do not hang on
		}
		return in.Kind()
	}
	for n, in := range r.Inputs {
		if n > 0 && kindOf(in) == kindOf(r.Inputs[n-1]) {
			list[len(list)-1].to++
			continue
		}
		list = append(list, Stretch{n, n + 1})
	}
	return list
}

// ends says whether an input's records are conversations that may have to be ended behind all others.
func ends(in *bind.Input) bool {
	return in.Table.Kind != nil && in.Kind() == mappings.Conversations &&
		slices.ContainsFunc(in.Table.Sheets, func(t *bind.Table) bool {
			return slices.ContainsFunc(t.Plan.Slots, func(s mappings.Slot) bool {
				f := t.Kind.Field(s.Path)
				return f != nil && (f.Name == "status" || f.When == object.OnLater)
			})
		})
}

// endConversations ends the conversations whose rows say so, behind their messages. What could not be ended is a
// problem of its row.
func (m *importing) endConversations(ctx context.Context, r *Running, uploader *deliver.Uploader) error {
	closer := &deliver.Closer{Client: uploader.Client, Kinds: uploader.Kinds, Patience: m.config.JobPatience,
		Now: m.config.Now, Sleep: m.config.Sleep, Reopened: slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool {
			return in.Kind() == "message"
		})}
	records := &deliver.Identifier{Ledger: m.ledger}
	if !slices.ContainsFunc(r.Inputs, ends) {
		return nil
	}
	if err := r.Survey.Verdicts.Again(); err != nil {
		return err
	}
	ordinal := int64(0)
	amend := func(left []block.Outcome, err error) error {
		for i := range left {
			err = errors.Join(err, r.roll.leftOpen(&left[i]))
		}
		return err
	}
	for n, in := range r.Inputs {
		first := ordinal
		if ordinal += in.Rows; !ends(in) {
			continue
		}
		err := r.Rows(ctx, Stretch{n, n + 1}, nil, func(w *block.Block) error {
			from := first
			first += int64(len(w.Rows))
			return m.endBlock(r, w, from, records, func(one *block.Record, id string, written bool) error {
				return amend(closer.Add(ctx, one, id, written))
			})
		})
		if err = errors.Join(err, amend(closer.Flush(ctx))); err != nil {
			return err
		}
	}
	if closer.Closed > 0 {
		r.Config.Progress.Say(fmt.Sprintf("%d conversations were ended behind their messages", closer.Closed))
	}
	return nil
}

// endBlock hands on the conversations of a block that the org has, with their ids.
func (m *importing) endBlock(r *Running, w *block.Block, first int64, d *deliver.Identifier,
	end func(one *block.Record, id string, written bool) error) error {
	var records []*block.Record
	var marks []ledger.KeyHash
	for i := range w.Rows {
		if w.Rows[i].Status != outcome.Unsent {
			continue
		}
		verdict, judged, err := r.Survey.Verdicts.At(first + int64(i))
		if err != nil || judged && !verdict.Stays() {
			if err != nil {
				return err
			}
			continue // it is another row's conversation
		}
		one := d.Record(w, i, first+int64(i), &verdict, r.Inputs)
		records, marks = append(records, one), append(marks, one.Mark)
	}
	known, err := m.ledger.Known(m.org.ID(), marks)
	if err != nil {
		return err
	}
	written, err := m.written(first, first+int64(len(w.Rows)))
	if err != nil {
		return err
	}
	for i, one := range records {
		if known[i].Found && known[i].CustomerID != "" {
			if err := end(one, known[i].CustomerID, written[one.Ordinal]); err != nil {
				return err
			}
		}
	}
	return nil
}

// written are the rows, by ordinal, whose records this run made or changed.
func (m *importing) written(from, to int64) (map[int64]bool, error) {
	assigned, err := m.book.Assigned(from, to)
	rows := map[int64]bool{}
	for _, a := range assigned {
		if s := a.Settled; s != nil {
			status := outcome.ParseStatus(s.Status)
			rows[a.Ordinal] = status == outcome.Created || status == outcome.Updated
		}
	}
	return rows, err
}

// leftOpen adds the problem of a conversation that could not be ended to the outcome of its row, which stays what it
// is.
func (r *Reconciler) leftOpen(o *block.Outcome) error {
	r.open++
	return r.change(o, "", false)
}

// standIns reads who stands in for users and teams, by the names that rows give them. Whose column use is blank has
// nobody; a hyphen there says that records go without.
func standIns(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read who stands in for users: %w", err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) == 0 || len(lines[0]) < 3 || lines[0][0] != "named" || lines[0][2] != "use" {
		return nil, &outcome.UsageError{Err: fmt.Errorf("%s is no file of users: its columns are named, rows and use", path)}
	}
	users := map[string]string{}
	for _, line := range lines[1:] {
		switch use := strings.TrimSpace(line[2]); use {
		case "":
		case "-":
			users[strings.ToLower(line[0])] = ""
		default:
			users[strings.ToLower(line[0])] = strings.ToLower(use)
		}
	}
	return users, nil
}

// KindsOf is what is known of an org for the records of the run that are no customers.
func (r *Running) KindsOf(v *kustomer.Viewer, readings *lookup.Reader, l *ledger.Ledger,
	orgID string) (*deliver.Kinds, error) {
	users, err := standIns(bind.From(r.Config.Directory, r.Config.Users))
	if err != nil {
		return nil, err
	}
	s := &deliver.Kinds{Viewer: v, Readings: readings, Ledger: l, OrgID: orgID, Rows: r.Survey.Rows, Users: users}
	var kinds []*object.Kind
	for _, in := range r.Inputs {
		if in.Table.Kind != nil {
			kinds, s.Learns = append(kinds, in.Table.Kind), true
		}
	}
	s.Coming = deliver.NewComing(l, kinds)
	return s, nil
}

// SayMissing writes the users and teams that rows name and the org lacks to a file that says who stands in for them,
// once it is filled in.
func (r *Running) SayMissing(kinds *deliver.Kinds) error {
	missing := kinds.Missing()
	if len(missing) == 0 {
		return nil
	}
	path := filepath.Join(r.Dir, "missing-users.csv")
	f, err := trust.Open(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	w := csv.NewWriter(f)
	_ = w.Write([]string{"named", "rows", "use"})
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		_ = w.Write([]string{name, strconv.FormatInt(missing[name], 10), ""})
	}
	w.Flush()
	if err := errors.Join(w.Error(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	r.Config.Progress.Say(fmt.Sprintf("%d users or teams that rows name are not in the org: write who stands in for "+
		"each into the column use of %s, and give the same command --users %s", len(missing), path, printable.Word(path)))
	return nil
}
