package undo

import (
	"time"

	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
)

// restore writes customers back. How they are afterwards is read in the next step.
func (a *undoing) restore(idx []int) {
	var bulk []int
	var items []kustomer.Item
	size := 1
	flush := func() {
		if len(bulk) > 1 {
			a.restoreBulk(bulk, items)
		} else if len(bulk) == 1 {
			a.restoreAlone(bulk[0])
		}
		bulk, items, size = nil, nil, 1
	}
	for _, i := range idx {
		t := a.rows[i]
		item := kustomer.Item{Ref: t.ref(), ID: t.row.CustomerID, Payload: t.write}
		if t.sent || deliver.AloneOnly(t.write) || item.Size() >= kustomer.MaxBody {
			a.restoreAlone(i) // also what a bulk request did not do
			continue
		}
		if size+item.Size() > kustomer.MaxBody {
			flush()
		}
		bulk, items, size = append(bulk, i), append(items, item), size+item.Size()
	}
	flush()
}

func (a *undoing) restoreAlone(i int) {
	n, ok := a.intend("single-restore", []int{i})
	if !ok {
		return
	}
	t := a.rows[i]
	t.sent, t.begun = true, a.Now()
	_, err := a.client.Update(kustomer.Detached(a.ctx), t.row.CustomerID, t.write)
	if err != nil && kustomer.VerdictOf(err) != kustomer.NotFound {
		a.refused(t, err)
	}
	if kustomer.VerdictOf(err) != kustomer.InDoubt {
		a.answered(n, "answered")
	}
}

func (a *undoing) restoreBulk(idx []int, items []kustomer.Item) {
	n, ok := a.intend("restore", idx)
	if !ok {
		return
	}
	began := a.Now()
	for _, i := range idx {
		a.rows[i].sent, a.rows[i].begun = true, began
	}
	job, err := a.client.BulkUpdate(kustomer.Detached(a.ctx), items)
	switch verdict := kustomer.VerdictOf(err); verdict {
	case 0:
		if err := a.book.Accept(a.seq, n, job); err != nil {
			a.halt.Stop(err)
		}
		a.await(n, job, idx)
	case kustomer.InDoubt:
	case kustomer.Unauthorized, kustomer.Forbidden, kustomer.Throttled, kustomer.NotBegun:
		a.answered(n, "refused")
		for _, i := range idx {
			a.refused(a.rows[i], err)
		}
	default:
		a.answered(n, "refused")
		for _, i := range idx { // one by one it will show who is meant
			a.restoreAlone(i)
		}
	}
}

// await waits for the end of a job and takes down what the org refuses.
func (a *undoing) await(n int, job string, idx []int) {
	ctx := kustomer.Detached(a.ctx)
	begun := a.Now()
	deadline := begun.Add(patience)
	for wait := deliver.FirstLook; ; wait = min(wait*3/2, deliver.Longest) {
		a.client.Waiting("a bulk operation of the org to end", a.Now().Sub(begun), patience)
		if a.Sleep(ctx, wait) != nil {
			return
		}
		results, err := a.client.Results(ctx, job)
		if err == nil && results.Complete {
			a.objections(idx, results.Items)
			a.answered(n, "results")
			return
		}
		if a.Now().After(deadline) || a.stopped() && a.Now().After(deadline.Add(a.Grace/2-patience)) {
			return // what became of it is read
		}
	}
}

// patience is how long a job may take before its customers are read all the same.
const patience = 5 * time.Minute

func (a *undoing) objections(idx []int, results []kustomer.Result) {
	byRef := map[string]*takenRow{}
	for _, i := range idx {
		byRef[a.rows[i].ref()] = a.rows[i]
	}
	for k := range results {
		if t := byRef[results[k].Ref]; t != nil && results[k].Status == "error" {
			if t.refused = results[k].Error; t.refused == "" {
				t.refused = "without a reason"
			}
		}
	}
}
