package deliver

import (
	"muster/pipeline/block"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
)

// Intent is what a batch is sent for.
type Intent uint8

// The intents.
const (
	ToCreate  Intent = iota // believed new
	ToUpdate                // the ledger knows which customer each record is
	ToLookUp                // an earlier run left them in doubt: look first
	ToFinish                // begun by the run we take up again
	Abandoned               // begun before, and the run ends before all its rows were read again
)

// Batch is up to 100 records and 90 kB that travel together.
type Batch struct {
	Seq     int64 // in the ledger; 0 until the uploader begins it
	Intent  Intent
	Records []*block.Record
	Open    *ledger.OpenBatch // ToFinish only: what was asked for it before
	Indexes []int             // ToFinish only: index in Open.Items of each record
	Canary  bool              // it is read back before more is sent
	After   int               // how many of the canary's steps must be behind us before it may be sent
	bytes   int
}

// conversations says whether the batch's records are conversations; a batch holds records of one kind.
func (b *Batch) conversations() bool {
	return len(b.Records) > 0 && b.Records[0].Table.IsConversation()
}

// isCustomer says whether a record is one of customers.
func isCustomer(r *block.Record) bool { return r.Table.Kind == nil && !r.Table.IsConversation() }

// Batcher decides which records travel together. It belongs to one goroutine.
type Batcher struct {
	Steps   []int        // how many records the next batches of a canary carry; none: no canary, or all of it handed out
	handed  int          // batches of the canary handed out
	filling [2][3]*Batch // by kind and intent: customers, and those of the other kind under way
}

// Add takes a record and returns a batch when one is full, or nil. A record without any key to find
// it by again travels alone: should its request end in doubt, the doubt touches one row.
func (s *Batcher) Add(r *block.Record, intent Intent) *Batch {
	size := kustomer.Item{Ref: clientRef(r), ID: r.CustomerID, Payload: r.Payload}.Size() + stampSize
	if r.Table.Kind != nil {
		size += growth
	}
	if len(r.Keys) == 0 {
		return s.hand(&Batch{Intent: intent, Records: []*block.Record{r}, bytes: size})
	}
	filling := &s.filling[0]
	if !isCustomer(r) {
		filling = &s.filling[1]
	}
	b := filling[intent]
	var full *Batch
	if b != nil && b.bytes+size+1 > kustomer.MaxBody {
		full, b = b, nil
	}
	if b == nil {
		b = &Batch{Intent: intent}
		filling[intent] = b
	}
	b.Records, b.bytes = append(b.Records, r), b.bytes+size
	if most := s.most(r); full == nil && len(b.Records) >= most {
		full, filling[intent] = b, nil
	}
	return s.hand(full)
}

// most is how many records the next batch may carry.
func (s *Batcher) most(r *block.Record) int {
	if len(s.Steps) > 0 && isCustomer(r) {
		return s.Steps[0]
	}
	return kustomer.MaxItems
}

// hand gives a batch its place behind the canary's, or among them.
func (s *Batcher) hand(b *Batch) *Batch {
	if b == nil {
		return nil
	}
	b.After = s.handed
	if len(s.Steps) > 0 && isCustomer(b.Records[0]) {
		b.Canary, s.Steps = true, s.Steps[1:]
		s.handed++
	}
	return b
}

// Flush returns what is not full yet.
func (s *Batcher) Flush() []*Batch {
	var rest []*Batch
	for kind := range s.filling {
		for i, b := range s.filling[kind] {
			if b != nil {
				rest = append(rest, s.hand(b))
			}
			s.filling[kind][i] = nil
		}
	}
	return rest
}
