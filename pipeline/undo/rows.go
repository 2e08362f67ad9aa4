package undo

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"muster/pipeline"
	"muster/pipeline/block"
	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/ledger"
	"muster/pipeline/lookup"
	"muster/pipeline/object"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
)

// act is what is to be done to a customer.
type act uint8

const (
	toLeave act = iota // nothing: its list says why
	toDelete
	toRestore
)

// takenRow is one row of the run that is taken back: it made or changed a customer, or may have.
type takenRow struct {
	ordinal int64
	key     ledger.KeyHash
	hash    ledger.RecordHash
	was     string // created, updated or unknown
	payload []byte // what was sent; nil: it cannot be worked out
	keys    []customer.Identity
	images  []ledger.Kept // of its customer before each update
	kind    *object.Kind  // of its record; nil: a customer, or a conversation that was described
	rev     int64         // of the record, or of a customer that is to be restored, as it was read
	later   string        // the later run of muster that changed the customer again, "" none
	row     report.UndoRow

	act     act
	write   []byte    // toRestore: the payload
	done    bool      // row.List is its end
	sent    bool      // a request for it was begun in this execution
	begun   time.Time // when; zero: none was that writes it back
	refused string    // in which words the org refused it
}

// landed is 1 for a row whose customer the run says it made or changed.
func (t *takenRow) landed() int64 {
	if t.was == outcome.Created.String() || t.was == outcome.Updated.String() {
		return 1
	}
	return 0
}

// tagged says whether the run wrote tags.
func (t *takenRow) tagged() bool {
	return lookup.Tagged(t.payload) || slices.ContainsFunc(t.images,
		func(k ledger.Kept) bool { return lookup.Tagged(k.Update) })
}

// end puts the row into its list.
func (t *takenRow) end(list, reason, detail string) {
	t.act, t.done = toLeave, true
	t.row.List, t.row.Reason, t.row.Detail = list, reason, detail
}

// batch is some rows that are dealt with together, in the order of their ordinals.
type batch struct {
	number int64 // from 0
	rows   []*takenRow
	err    error
}

// gatherer cuts the rows of a run that are to be taken back into batches. Each time it is the same cut.
type gatherer struct {
	*Planner
	size   int
	next   int64 // ordinal
	number int64
	some   []*takenRow
	send   func(*batch) bool
}

// each sends the rows that made or changed a customer, so many at a time. replay is nil where the inputs cannot be read
// again.
func (p *Planner) each(replay *pipeline.Replay, size int, send func(*batch) bool) error {
	g := &gatherer{Planner: p, size: size, send: send}
	var err error
	if replay != nil {
		err = replay.Rows(p.ctx, g.block)
	} else {
		err = pipeline.ReadOutcomes(p.State, p.Run, g.claims)
	}
	switch {
	case errors.Is(err, pipeline.ErrEnough):
		return nil // who told it to stop says why
	case err == nil && p.ctx.Err() == nil && len(g.some) > 0:
		send(&batch{number: g.number, rows: g.some})
	}
	return err
}

// block takes a block of rows of the inputs.
func (g *gatherer) block(w *block.Block) error {
	file, sheet := w.Table.Header.File, w.Table.Header.Sheet
	return g.take(int64(len(w.Rows)), func(i int, t *takenRow) error {
		checked := &w.Rows[i]
		t.row.File, t.row.Sheet, t.row.Line = file, sheet, w.Parsed.Rows[i].Line
		t.row.Key = string(w.Key(checked))
		t.kind = w.Table.Kind
		if w.Table.IsConversation() {
			t.end(report.ListKept, whyDescribed, "")
			return nil
		}
		for _, k := range w.Keys[checked.Keys.From:checked.Keys.To] {
			t.keys = append(t.keys, customer.Identity{Kind: k.Kind.String(), Value: string(w.Arena[k.Value.From:k.Value.To])})
		}
		if payload := w.Payload(checked); len(payload) > 0 && deliver.RecordHash(payload) == t.hash {
			t.payload = bytes.Clone(payload)
		}
		return nil
	})
}

// claimBlock is how many lines of outcomes.csv are looked up in the ledger together.
const claimBlock = 2000

// claims takes the rows from the run's outcomes.csv, which has one for each in their order.
func (g *gatherer) claims(claims *report.Outcomes) error {
	for {
		var lines []report.OutcomeRow
		for len(lines) < claimBlock {
			row, err := claims.Next()
			if err != nil {
				return err
			}
			if row == nil {
				break
			}
			lines = append(lines, *row)
		}
		if len(lines) == 0 {
			return nil
		}
		err := g.take(int64(len(lines)), func(i int, t *takenRow) error {
			t.row.File, t.row.Sheet, t.row.Line, t.row.Key = lines[i].File, lines[i].Sheet, lines[i].Line, lines[i].Key
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// take looks the next n rows up in the ledger and has fill tell of those that made or changed a customer.
func (g *gatherer) take(n int64, fill func(i int, t *takenRow) error) error {
	from := g.next
	g.next += n
	assigned, err := g.book.Assigned(from, g.next)
	if err != nil {
		return err
	}
	images, err := g.imagesOf(from, g.next)
	if err != nil {
		return err
	}
	var some []*takenRow
	for i := range assigned {
		t := takenOf(&assigned[i], images)
		if t == nil {
			continue
		}
		if err := fill(int(t.ordinal-from), t); err != nil {
			return err
		}
		some = append(some, t)
	}
	if err := g.taken(some, from); err != nil {
		return err
	}
	if err := g.later(some); err != nil {
		return err
	}
	for _, t := range some {
		if err := g.add(t); err != nil {
			return err
		}
	}
	return nil
}

func (g *gatherer) add(t *takenRow) error {
	if len(g.some) > 0 && g.some[0].kindName() != t.kindName() {
		if err := g.flush(); err != nil {
			return err
		}
	}
	if g.some = append(g.some, t); len(g.some) < g.size {
		return nil
	}
	return g.flush()
}

// flush sends what was gathered.
func (g *gatherer) flush() error {
	b := &batch{number: g.number, rows: g.some}
	g.number, g.some = g.number+1, nil
	if !g.send(b) || g.ctx.Err() != nil {
		return pipeline.ErrEnough
	}
	return nil
}

func (g *gatherer) imagesOf(from, to int64) (map[int64][]ledger.Kept, error) {
	list, err := g.book.ImagesOf(from, to)
	if err != nil {
		return nil, err
	}
	images := make(map[int64][]ledger.Kept, len(list))
	for _, k := range list {
		images[k.Ordinal] = append(images[k.Ordinal], k)
	}
	return images, nil
}

// takenOf is a row that may have made or changed a customer; nil when it has not.
func takenOf(a *ledger.Assigned, images map[int64][]ledger.Kept) *takenRow {
	t := &takenRow{ordinal: a.Ordinal, key: a.Item.Key, hash: a.Item.Hash, was: outcome.Unknown.String()}
	if a.Settled != nil {
		t.was, t.row.CustomerID = a.Settled.Status, a.Settled.CustomerID
	}
	switch t.was {
	case outcome.Created.String():
		return t
	case outcome.Updated.String(), outcome.Unknown.String():
	default:
		return nil
	}
	for _, k := range images[a.Ordinal] {
		if t.row.CustomerID == "" {
			t.row.CustomerID = k.CustomerID
		}
		if k.CustomerID == t.row.CustomerID {
			t.images = append(t.images, k)
		}
	}
	return t
}

// taken ends the rows that an earlier run took back; some have ordinals from from on.
func (g *gatherer) taken(some []*takenRow, from int64) error {
	for _, run := range g.earlier {
		ends, err := run.Assigned(from, g.next)
		if err != nil {
			return err
		}
		by := make(map[int64]*ledger.Settled, len(ends))
		for i := range ends {
			by[ends[i].Ordinal] = ends[i].Settled
		}
		for _, t := range some {
			if end := by[t.ordinal]; end != nil && !t.done &&
				(end.Status == report.ListDeleted || end.Status == report.ListRestored) {
				t.end(end.Status, whyTaken, "")
			}
		}
	}
	return nil
}

// later finds who was changed again by a run of muster that came after.
func (g *gatherer) later(some []*takenRow) error {
	keys := make([]ledger.KeyHash, len(some))
	for i, t := range some {
		keys[i] = t.key
	}
	landings, err := g.ledger.Landings(g.info.OrgID, keys)
	if err != nil {
		return err
	}
	for i, l := range landings {
		changed := l.Status == outcome.Created.String() || l.Status == outcome.Updated.String()
		if changed && l.Run != g.Run && l.CustomerID == some[i].row.CustomerID {
			some[i].later = l.Run
		}
	}
	return nil
}

// settledAs is the row's end as the ledger keeps it.
func (t *takenRow) settledAs() ledger.Settled {
	words := t.row.Reason
	if t.row.Detail != "" {
		words += reasonEnd + t.row.Detail
	}
	return ledger.Settled{Status: t.row.List, CustomerID: t.row.CustomerID, Detail: words}
}

// reasonEnd parts a reason from its detail; no reason holds it.
const reasonEnd = ": "

// settled takes the end that the ledger has of the row.
func (t *takenRow) settled(s *ledger.Settled) {
	reason, detail, _ := strings.Cut(s.Detail, reasonEnd)
	t.row.CustomerID = s.CustomerID
	t.end(s.Status, reason, detail)
}

// ref names the row in requests and results.
func (t *takenRow) ref() string { return fmt.Sprintf("row-%d", t.ordinal) }
