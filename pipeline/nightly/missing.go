package nightly

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/trust"
)

// Missing is what became of customers who were in the last good file and are not in this one.
type Missing struct {
	Act       string `json:"act"` // report, tag or delete
	Customers int64  `json:"customers"`
	Done      int64  `json:"done"`           // tagged or deleted
	Left      int64  `json:"left,omitempty"` // who could not be tagged
	// nothing was done, since some rows leave open whose they are; it is tried again next time
	Held bool   `json:"held"`
	File string `json:"file,omitempty"` // lists their ids in the org
}

// together is how many keys are looked up, and how many customers acted on, at a time.
const together = 100

// vanished counts the customers of the last good file who are not in tonight's, and hands their keys and ids to each in
// groups. A key that no customer of the org is known by counts for nobody.
func (g *guard) vanished(each func(keys []ledger.KeyHash, ids []string) error) (count int64, err error) {
	g.keySet.before = 0
	gone := without(g.ledger.KeySet(g.job.Name), g.keySet.keys(), func() { g.keySet.before++ })
	var group []ledger.KeyHash
	flush := func() error {
		known, err := g.ledger.Known(g.reached.ID(), group)
		if err != nil {
			return err
		}
		var keys []ledger.KeyHash
		var ids []string
		for i := range known {
			if known[i].Found {
				keys, ids = append(keys, group[i]), append(ids, known[i].CustomerID)
			}
		}
		group, count = group[:0], count+int64(len(ids))
		if each == nil || len(ids) == 0 {
			return nil
		}
		return each(keys, ids)
	}
	for key, err := range gone {
		if err != nil {
			return count, err
		}
		if group = append(group, key); len(group) == together {
			if err := flush(); err != nil {
				return count, err
			}
		}
	}
	return count, flush()
}

// depart sees to who vanished, and keeps the keys of tonight's file for the next night.
func (g *jobRun) depart(ctx context.Context, w *guard) error {
	act := g.job.OnMissing.Act
	if act == "ignore" {
		return nil
	}
	m := &Missing{Act: act, Customers: w.gone}
	g.result.Missing = m
	if w.gone == 0 {
		g.result.Missing = nil
		return g.ledger.KeepKeySet(g.job.Name, w.keySet.keys())
	}
	m.Held = act != "report" && w.unsure > 0
	m.File = filepath.Join(g.state, "runs", g.result.Run, "missing.csv")
	began := g.Now()
	err := w.actOn(ctx, m)
	if g.result.did("missing", began, g.Now(), err); err != nil {
		return err
	}
	g.result.Says = append(g.result.Says, m.says(w.unsure))
	if m.Held {
		// They stay in the set of keys, so that the next file whose rows are all readable settles what became of them.
		return g.ledger.KeepKeySet(g.job.Name, union(w.keySet.keys(), g.ledger.KeySet(g.job.Name)))
	}
	return g.ledger.KeepKeySet(g.job.Name, w.keySet.keys())
}

func (m *Missing) says(unsure int64) string {
	says := fmt.Sprintf("%d customers are not in the file any more", m.Customers)
	if m.Customers == 1 {
		says = "1 customer is not in the file any more"
	}
	open := fmt.Sprintf("%d invalid rows leave open whose they are", unsure)
	if unsure == 1 {
		open = "1 invalid row leaves open whose it is"
	}
	switch {
	case m.Held:
		return says + "; nothing was done to them, since " + open
	case m.Act == "tag":
		says += fmt.Sprintf(", %d were tagged", m.Done)
		if m.Left > 0 {
			says += fmt.Sprintf("; %d were not, since a tag more would take off those they have: 20 are allowed, and this "+
				"key needs the role %s to read them", m.Left, lookup.RoleTagRead)
		}
		return says
	case m.Act == "delete":
		return says + fmt.Sprintf(", %d were deleted", m.Done)
	case unsure > 0:
		return says + ", unless they are among the rows that were refused: " + open
	default:
		return says
	}
}

// actOn lists who vanished in the run's directory and does to them what the job says.
func (g *guard) actOn(ctx context.Context, m *Missing) (err error) {
	file, err := trust.Open(m.File, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("list who is missing: %w", err)
	}
	defer file.Close()
	if _, err := fmt.Fprintln(file, "customer_id"); err != nil {
		return fmt.Errorf("list who is missing: %w", err)
	}
	gone := NewDeparted(g.reached, g.Now)
	_, err = g.vanished(func(_ []ledger.KeyHash, ids []string) error {
		for _, id := range ids {
			if _, err := fmt.Fprintln(file, id); err != nil {
				return fmt.Errorf("list who is missing: %w", err)
			}
		}
		var done, left int
		switch {
		case m.Held:
		case m.Act == "tag":
			done, left, err = gone.Tag(ctx, ids, g.job.OnMissing.Tag)
		case m.Act == "delete":
			done, err = gone.Delete(ctx, ids)
		}
		m.Done += int64(done)
		m.Left += int64(left)
		return err
	})
	return err
}

// union gives the keys of both lists in increasing order, each once.
func union(a, b iter.Seq2[ledger.KeyHash, error]) iter.Seq2[ledger.KeyHash, error] {
	return func(yield func(ledger.KeyHash, error) bool) {
		nextA, stopA := iter.Pull2(a)
		defer stopA()
		nextB, stopB := iter.Pull2(b)
		defer stopB()
		x, errX, moreX := nextA()
		y, errY, moreY := nextB()
		for moreX || moreY {
			if err := cmpErr(errX, errY); err != nil {
				yield(ledger.KeyHash{}, err)
				return
			}
			order := compareKeys(x, y)
			switch {
			case !moreX:
				order = 1
			case !moreY:
				order = -1
			}
			key := x
			if order > 0 {
				key = y
			}
			if !yield(key, nil) {
				return
			}
			if order <= 0 {
				x, errX, moreX = nextA()
			}
			if order >= 0 {
				y, errY, moreY = nextB()
			}
		}
	}
}
