package ledger

import "time"

// MaxItems is how many items a batch may hold: as many as Kustomer takes in
// one bulk request (https://developer.kustomer.com/docs/guides/bulk-operations).
const MaxItems = 100

// Item is one record of a batch.
type Item struct {
	Ordinal int64      // the row's number among all rows of the run, from 0
	Key     KeyHash    // what the record is known by; zero: it has no key
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
}

// Settled is the end of one item.
type Settled struct {
	Status     string // one of Statuses
	CustomerID string // needed for created, updated and unchanged
	Code       string // of the problem, "" none
	Detail     string // what was expected; never a value
}

// Assigned is an item of a run with its batch and its end.
type Assigned struct {
	Ordinal, Seq int64
	Index        int // in its batch
	Item         Item
	Settled      *Settled // nil: the batch is open
}

// OpenBatch is a batch that is not settled, with what has been asked for it.
type OpenBatch struct {
	Batch
	Requests []OpenRequest // by N
}

// OpenRequest is a request and how far it came.
type OpenRequest struct {
	N int // its number in the batch, from 1
	Request
	JobID      string    // the job the org answered with, "" none
	State      string    // RequestIntended, RequestAccepted or RequestAnswered
	IntendedAt time.Time // UTC, to the millisecond
}

// NextSeq is the first Seq that no batch of this run has had. It reserves
// nothing: the caller numbers its batches from there.
func (r *Run) NextSeq() int64 { panic("ledger: not written yet") }

// Intend records a batch and its first request before that request is begun
// (the law "intent before act"): when it returns nil both are on the disk.
func (r *Run) Intend(b Batch, q Request) (n int, err error) { panic("ledger: not written yet") }

// Again records a further request for items of an open batch, durably.
func (r *Run) Again(seq int64, q Request) (n int, err error) { panic("ledger: not written yet") }

// Accept records that the org answered request n with a job, durably.
func (r *Run) Accept(seq int64, n int, jobID string) error { panic("ledger: not written yet") }

// Answer records that request n is in doubt no more, durably.
func (r *Run) Answer(seq int64, n int, note string) error { panic("ledger: not written yet") }

// Settle records the end of every item of a batch and which customer each
// one is, durably and at once. s has one entry per item, in their order.
func (r *Run) Settle(seq int64, s []Settled) error { panic("ledger: not written yet") }

// Assigned lists the items of this run with from ≤ Ordinal < to.
func (r *Run) Assigned(from, to int64) ([]Assigned, error) { panic("ledger: not written yet") }

// OpenBatches lists the batches of this run that are not settled, by Seq.
func (r *Run) OpenBatches() ([]OpenBatch, error) { panic("ledger: not written yet") }
