package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// MaxItems is how many items a batch may hold: as many as Kustomer takes in
// one bulk request (https://developer.kustomer.com/docs/guides/bulk-operations).
const MaxItems = 100

// Item is one record of a batch.
type Item struct {
	Ordinal int64      // the row's number among all rows of the run, from 0
	Key     KeyHash    // by what its customer is known; zero: it has no key
	Hash    RecordHash // of the record's payload
}

// Batch is a group of records that travel together.
type Batch struct {
	Seq   int64  // its number in the run, from 1
	Items []Item // 1 to MaxItems, by strictly increasing Ordinal
}

// Request is one request for some items of a batch.
type Request struct {
	Verb    string     // what is asked of the org: create, update, single-create …
	Items   []int      // indexes into Batch.Items, strictly increasing, at least one
	Payload RecordHash // of the whole request's body
	Images  []Image    // of updates: what they change; nothing but Run.Images reads them back
	Undoes  bool       // it takes its items back: from its intent on none of their keys counts as landed
}

// Settled is the end of one item.
type Settled struct {
	Status     string // one of Statuses
	CustomerID string // must be there for created, updated and unchanged
	Code       string // of the problem, "" none
	Detail     string // what was expected; never a value
}

// NextSeq is the first Seq that is above every batch of this run, 1 when
// there is none. It reserves nothing: the caller numbers on from there.
func (r *Run) NextSeq() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}

// Intend records a batch and its first request, whose number in the batch it
// returns (always 1). Only when it has returned without an error may the
// request be begun: then both are on the disk, and the images of what it
// changes with them. Neither b nor q is kept.
// ErrState: Seq has been used, the run is not running, or the batch or the
// request is not as its type says.
func (r *Run) Intend(b Batch, q Request) (n int, err error) {
	if err := checkBatch(b); err != nil {
		return 0, fmt.Errorf("ledger: intend batch %d: %w", b.Seq, err)
	}
	first, last := b.Items[0].Ordinal, b.Items[len(b.Items)-1].Ordinal
	err = r.ledger.write("intend batch", func(tx *sql.Tx) error {
		done, err := tx.Stmt(r.ledger.stmt.intend).Exec(b.Seq, first, last, packItems(b.Items), r.row)
		if err := expectOne(done, err); err != nil {
			return err
		}
		id, err := done.LastInsertId()
		if err != nil {
			return err
		}
		return r.request(tx, id, 1, q, b.Items)
	})
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next, r.top, r.span = max(r.next, b.Seq+1), max(r.top, last), max(r.span, last-first)
	return 1, nil
}

func checkBatch(b Batch) error {
	if b.Seq < 1 || len(b.Items) < 1 || len(b.Items) > MaxItems {
		return fmt.Errorf("seq %d with %d items: %w", b.Seq, len(b.Items), ErrState)
	}
	before := int64(-1)
	for i := range b.Items {
		if b.Items[i].Ordinal <= before {
			return fmt.Errorf("ordinal %d after %d: %w", b.Items[i].Ordinal, before, ErrState)
		}
		before = b.Items[i].Ordinal
	}
	return nil
}

// request inserts request n of a batch of these items.
func (r *Run) request(tx *sql.Tx, batch int64, n int, q Request, items []Item) error {
	size := len(items)
	inOrder := slices.IsSorted(q.Items) && len(slices.Compact(slices.Clone(q.Items))) == len(q.Items)
	if q.Verb == "" || len(q.Items) == 0 || !inOrder || q.Items[0] < 0 || q.Items[len(q.Items)-1] >= size {
		return fmt.Errorf("a request %q for %d of %d items: %w", q.Verb, len(q.Items), size, ErrState)
	}
	_, err := tx.Stmt(r.ledger.stmt.request).Exec(
		batch, n, q.Verb, packPicks(q.Items, size), q.Payload[:], r.ledger.now().UnixMilli())
	if err != nil {
		return err
	}
	if q.Undoes {
		if err := r.unland(tx, &q, items); err != nil {
			return err
		}
	}
	return r.ledger.keep(tx, batch, n, &q)
}

// Again records a further request for items of an open batch (such as the
// update of those that exist already) and returns its number in the batch.
// As with Intend, the request may be begun only after that. ErrState: the
// batch is not open or the request is not as its type says.
func (r *Run) Again(seq int64, q Request) (n int, err error) {
	err = r.ledger.write("intend request", func(tx *sql.Tx) error {
		batch, items, err := r.open(tx, seq)
		if err != nil {
			return err
		}
		if err := tx.Stmt(r.ledger.stmt.count).QueryRow(batch).Scan(&n); err != nil {
			return err
		}
		n++
		return r.request(tx, batch, n, q, items)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// open reads a batch that may be acted on; ErrState when it may not.
func (r *Run) open(tx *sql.Tx, seq int64) (id int64, items []Item, err error) {
	var packed []byte
	err = tx.Stmt(r.ledger.stmt.open).QueryRow(r.row, seq).Scan(&id, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, fmt.Errorf("batch %d is not open: %w", seq, ErrState)
	}
	if err != nil {
		return 0, nil, err
	}
	items, err = unpackItems(packed)
	return id, items, err
}

// Accept records, durably, that the org answered request n of an open batch
// with a job. ErrState: the request is not in the state intended, or jobID is
// empty.
func (r *Run) Accept(seq int64, n int, jobID string) error {
	if jobID == "" {
		return fmt.Errorf("ledger: accept request %d of batch %d without a job: %w", n, seq, ErrState)
	}
	return r.advance("accept", r.ledger.stmt.accept, seq, n, jobID)
}

// Answer records, durably, that request n of an open batch is in doubt no
// more: its results were read, it was refused as a whole, or look-ups showed
// what became of it. note says which, for people; it never holds a value.
// ErrState: the request is answered already, or there is none.
func (r *Run) Answer(seq int64, n int, note string) error {
	return r.advance("answer", r.ledger.stmt.answer, seq, n, note)
}

func (r *Run) advance(act string, stmt *sql.Stmt, seq int64, n int, text string) error {
	err := expectOne(stmt.Exec(text, r.row, seq, n))
	return r.ledger.explain(fmt.Sprintf("%s request %d of batch %d", act, n, seq), err)
}

// Settle records, durably and as one, the end of every item of an open batch,
// in the order of its items, and lands the identities: a key whose item was
// created, updated or unchanged is from now on known as that customer with
// that payload. One that was deleted is known no more, and of one that was
// restored no payload counts as landed. What state its requests are in does not matter: a settled
// batch has its evidence, or says unknown. ErrState: the batch is not open,
// there is not one end for each item, a status is none of Statuses, or
// one of a customer that is there comes without a CustomerID.
func (r *Run) Settle(seq int64, ends []Settled) error {
	doubt, err := checkEnds(ends)
	if err != nil {
		return fmt.Errorf("ledger: settle batch %d: %w", seq, err)
	}
	return r.ledger.write(fmt.Sprintf("settle batch %d", seq), func(tx *sql.Tx) error {
		batch, items, err := r.open(tx, seq)
		if err != nil {
			return err
		}
		if len(items) != len(ends) {
			return fmt.Errorf("%d ends for %d items: %w", len(ends), len(items), ErrState)
		}
		if _, err := tx.Stmt(r.ledger.stmt.settle).Exec(packEnds(ends), doubt, batch); err != nil {
			return err
		}
		return r.land(tx, batch, items, ends)
	})
}

// lands tells whether a status says that the org has the record.
func lands(status string) bool {
	return status == "created" || status == "updated" || status == "unchanged"
}

func checkEnds(ends []Settled) (doubt bool, err error) {
	statuses := Statuses()
	for i := range ends {
		status := ends[i].Status
		if !slices.Contains(statuses, status) {
			return false, fmt.Errorf("item %d has no status: %w", i, ErrState)
		}
		if (lands(status) || status == "restored") && ends[i].CustomerID == "" {
			return false, fmt.Errorf("item %d is %s without a customer: %w", i, status, ErrState)
		}
		doubt = doubt || status == "unknown"
	}
	return doubt, nil
}

func (r *Run) land(tx *sql.Tx, batch int64, items []Item, ends []Settled) error {
	land := tx.Stmt(r.ledger.stmt.land)
	for i := range items {
		if err := r.takeBack(tx, batch, &items[i], &ends[i]); err != nil {
			return err
		}
		if items[i].Key == (KeyHash{}) || !lands(ends[i].Status) {
			continue
		}
		hash := items[i].Hash
		if ends[i].Code != "" { // not all of it landed: the same row is no other time unchanged by that
			hash = RecordHash{}
		}
		_, err := land.Exec(r.org, items[i].Key[:], packID(ends[i].CustomerID), hash[:], batch)
		if err != nil {
			return err
		}
	}
	return nil
}
