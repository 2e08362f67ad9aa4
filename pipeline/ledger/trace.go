package ledger

import "slices"

// Trace is one passage of a record through a batch: what happened to it.
type Trace struct {
	Run string // the run's ID
	Assigned
	Requests []OpenRequest // those that carried it, by N
}

// traced is a Trace and its batch.
type traced struct {
	Trace
	batch int64
	size  int // of the batch
}

// Trace tells what happened to the record of this ordinal: one entry for each
// batch it was in, oldest first; none when no request for it was intended.
func (r *Run) Trace(ordinal int64) ([]Trace, error) {
	r.mu.Lock()
	span := r.span
	r.mu.Unlock()
	return r.ledger.trace(func(item *Item) bool { return item.Ordinal == ordinal },
		"b.run = ? AND b.first BETWEEN ? AND ? AND b.last >= ?", r.row, ordinal-span, ordinal, ordinal)
}

// Trace tells what happened in any run to the records of this key in an org,
// oldest first. It reads every batch there has been for the org.
func (l *Ledger) Trace(orgID string, key KeyHash) ([]Trace, error) {
	if key == (KeyHash{}) {
		return nil, nil
	}
	return l.trace(func(item *Item) bool { return item.Key == key },
		"r.org = (SELECT id FROM orgs WHERE name = ?) AND instr(b.items, ?) > 0", orgID, key[:])
}

// trace tells of the items that match in the batches that the SQL selects.
func (l *Ledger) trace(match func(*Item) bool, where string, arguments ...any) ([]Trace, error) {
	found, err := l.passages(match, where, arguments)
	if err != nil {
		return nil, l.explain("trace", err)
	}
	traces := make([]Trace, len(found))
	for i := range found {
		if err := l.requests(&found[i]); err != nil {
			return nil, l.explain("trace", err)
		}
		traces[i] = found[i].Trace
	}
	return traces, nil
}

func (l *Ledger) passages(match func(*Item) bool, where string, arguments []any) ([]traced, error) {
	rows, err := l.reader.Query(`
		SELECT b.id, r.name, b.seq, b.items, b.ends FROM batches b JOIN runs r ON r.id = b.run
		WHERE `+where+` ORDER BY b.id`, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []traced
	for rows.Next() {
		var t traced
		var seq int64
		var packed, packedEnds []byte
		if err := rows.Scan(&t.batch, &t.Run, &seq, &packed, &packedEnds); err != nil {
			return nil, err
		}
		items, ends, err := unpackBatch(packed, packedEnds)
		if err != nil {
			return nil, err
		}
		t.size = len(items)
		for i := range items {
			if match(&items[i]) {
				t.Assigned = assign(seq, items, ends, i)
				found = append(found, t)
			}
		}
	}
	return found, rows.Err()
}

// requests adds those that carried the item.
func (l *Ledger) requests(t *traced) error {
	rows, err := l.reader.Query("SELECT "+requestColumns+" FROM requests q WHERE q.batch = ? ORDER BY q.n", t.batch)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var q storedRequest
		if err := rows.Scan(q.columns()...); err != nil {
			return err
		}
		if request := q.unpack(t.size); slices.Contains(request.Items, t.Index) {
			t.Requests = append(t.Requests, request)
		}
	}
	return rows.Err()
}
