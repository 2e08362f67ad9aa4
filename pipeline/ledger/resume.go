package ledger

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// States of a request.
const (
	RequestIntended = "intended" // it may have been begun
	RequestAccepted = "accepted" // the org answered with a job
	RequestAnswered = "answered" // it is in doubt no more
)

// Assigned is an item of a run with its batch and its end.
type Assigned struct {
	Ordinal, Seq int64
	Index        int // in the batch's items
	Item         Item
	Settled      *Settled // nil: the batch is open
}

// OpenBatch is a batch that is not settled, and what was asked for it.
type OpenBatch struct {
	Batch
	Requests []OpenRequest // by N
}

// OpenRequest is a request and how far it came. In a settled batch it stays as
// it was: the ends of the items hold what became known by other ways.
type OpenRequest struct {
	N int // its number in the batch, from 1
	Request
	JobID      string    // what the org answered with, "" none
	State      string    // RequestIntended, RequestAccepted or RequestAnswered
	Note       string    // what Answer was told
	IntendedAt time.Time // UTC, to the millisecond
}

// Assigned lists the items of this run with from ≤ Ordinal < to, by Ordinal.
// An ordinal that was tried again in a further batch (after it had settled as
// unsent, say) comes once, as the batch of the highest Seq has it; Trace tells
// the rest. A range above every ordinal of the run costs nothing; else memory
// and time are those of the batches that reach into the range, so ask for some
// thousand ordinals at a time.
func (r *Run) Assigned(from, to int64) ([]Assigned, error) {
	r.mu.Lock()
	top, span := r.top, r.span
	r.mu.Unlock()
	if from > top || from >= to {
		return nil, nil
	}
	rows, err := r.ledger.stmt.assigned.Query(r.row, from-span, to-1, from)
	if err != nil {
		return nil, r.ledger.explain("read items", err)
	}
	defer rows.Close()
	var list []Assigned
	for rows.Next() {
		if list, err = appendAssigned(list, rows, from, to); err != nil {
			return nil, r.ledger.explain("read items", err)
		}
	}
	slices.SortFunc(list, func(a, b Assigned) int {
		return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(b.Seq, a.Seq))
	})
	latest := slices.CompactFunc(list, func(a, b Assigned) bool { return a.Ordinal == b.Ordinal })
	return latest, r.ledger.explain("read items", rows.Err())
}

func appendAssigned(list []Assigned, row *sql.Rows, from, to int64) ([]Assigned, error) {
	var seq int64
	var packed, packedEnds []byte
	if err := row.Scan(&seq, &packed, &packedEnds); err != nil {
		return nil, err
	}
	items, ends, err := unpackBatch(packed, packedEnds)
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", seq, err)
	}
	for i := range items {
		if from <= items[i].Ordinal && items[i].Ordinal < to {
			list = append(list, assign(seq, items, ends, i))
		}
	}
	return list, nil
}

// assign tells of item i of a batch; ends is nil while it is open.
func assign(seq int64, items []Item, ends []Settled, i int) Assigned {
	assigned := Assigned{Ordinal: items[i].Ordinal, Seq: seq, Index: i, Item: items[i]}
	if ends != nil {
		assigned.Settled = &ends[i]
	}
	return assigned
}

// OpenBatches lists the batches of this run that are not settled, by Seq, as
// many as there were workers when the run stopped. Each must be resolved (by
// its requests' jobs, or by look-ups) and settled before the run can finish.
func (r *Run) OpenBatches() ([]OpenBatch, error) {
	rows, err := r.ledger.stmt.left.Query(r.row)
	if err != nil {
		return nil, r.ledger.explain("list open batches", err)
	}
	defer rows.Close()
	var list []OpenBatch
	for rows.Next() {
		if list, err = appendOpen(list, rows); err != nil {
			return nil, r.ledger.explain("list open batches", err)
		}
	}
	return list, r.ledger.explain("list open batches", rows.Err())
}

func appendOpen(list []OpenBatch, row *sql.Rows) ([]OpenBatch, error) {
	var seq int64
	var packed []byte
	var q storedRequest
	if err := row.Scan(append([]any{&seq, &packed}, q.columns()...)...); err != nil {
		return nil, err
	}
	if len(list) == 0 || list[len(list)-1].Seq != seq {
		items, err := unpackItems(packed)
		if err != nil {
			return nil, fmt.Errorf("batch %d: %w", seq, err)
		}
		list = append(list, OpenBatch{Batch: Batch{Seq: seq, Items: items}})
	}
	batch := &list[len(list)-1]
	batch.Requests = append(batch.Requests, q.unpack(len(batch.Items)))
	return list, nil
}

// requestColumns are what storedRequest reads.
const requestColumns = "q.n, q.verb, q.items, q.payload, coalesce(q.job, ''), q.state, coalesce(q.note, ''), q.at"

// storedRequest is a request as its table holds it.
type storedRequest struct {
	OpenRequest
	picks, payload []byte
	at             int64
}

func (q *storedRequest) columns() []any {
	return []any{&q.N, &q.Verb, &q.picks, &q.payload, &q.JobID, &q.State, &q.Note, &q.at}
}

// unpack yields the request of a batch of size items.
func (q *storedRequest) unpack(size int) OpenRequest {
	q.Items = unpackPicks(q.picks, size)
	q.IntendedAt = time.UnixMilli(q.at).UTC()
	copy(q.Payload[:], q.payload)
	return q.OpenRequest
}
