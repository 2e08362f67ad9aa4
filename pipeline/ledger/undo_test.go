package ledger

import (
	"errors"
	"reflect"
	"testing"
)

// TestTakenBackIsNotLanded: from the intent on nothing counts as landed, and at the end under no key.
func TestTakenBackIsNotLanded(t *testing.T) {
	l := open(t, t.TempDir())
	r := begin(t, l, "run", "f")
	list := items(l, 1, 2, 3)
	_, err := r.Intend(Batch{Seq: 1, Items: list}, ask(0, 1, 2))
	must(t, err)
	must(t, r.Settle(1, []Settled{created(hexID(1)), created(hexID(2)), created(hexID(3))}))
	must(t, r.Finish(RunFinished, 3, nil))
	other := begin(t, l, "other", "g")
	alias := items(l, 7, 8)
	_, err = other.Intend(Batch{Seq: 1, Items: alias}, ask(0, 1))
	must(t, err)
	must(t, other.Settle(1, []Settled{created(hexID(1)), created(hexID(2))}))

	undo := begin(t, l, "undo", "undo run")
	_, err = undo.Intend(Batch{Seq: 1, Items: list}, Request{Verb: "delete", Items: []int{0, 1}, Undoes: true})
	must(t, err)
	keys := []KeyHash{list[0].Key, list[1].Key, list[2].Key, alias[0].Key, alias[1].Key}
	hashes := func() (all []Known) {
		t.Helper()
		all, err := l.Known("org", keys)
		must(t, err)
		return all
	}
	if got := hashes(); got[0].Hash != (RecordHash{}) || got[1].Hash != (RecordHash{}) || got[2].Hash != list[2].Hash ||
		!got[0].Found {
		t.Errorf("after the intent: %+v", got)
	}
	must(t, undo.Settle(1, []Settled{{Status: "deleted", CustomerID: hexID(1)}, {Status: "restored", CustomerID: hexID(2)},
		{Status: "kept"}}))
	must(t, undo.Unlearn())
	must(t, undo.Unlearn()) // it may be done again
	want := []Known{{}, {Found: true, CustomerID: hexID(2)}, {Found: true, CustomerID: hexID(3), Hash: list[2].Hash}, {},
		{Found: true, CustomerID: hexID(2)}}
	if got := hashes(); !reflect.DeepEqual(got, want) {
		t.Errorf("after the end: %+v\nwant %+v", got, want)
	}
	landings, err := l.Landings("org", keys)
	must(t, err)
	if landings[0] != (Landing{}) || landings[1].Run != "undo" || landings[1].Status != "restored" ||
		landings[2].Run != "run" || landings[4].Run != "other" {
		t.Errorf("landings %+v", landings)
	}
}

// TestAbandon: a run that was interrupted is over, and what it left open is in doubt for every other.
func TestAbandon(t *testing.T) {
	l := open(t, t.TempDir())
	r := begin(t, l, "run", "f")
	list := items(l, 1, 2)
	_, err := r.Intend(Batch{Seq: 1, Items: list}, Request{Verb: "update", Items: []int{1},
		Images: []Image{update(1, hexID(1), `{}`, `{"name":"Bo"}`)}})
	must(t, err)
	if err := l.Abandon("run"); !errors.Is(err, ErrState) {
		t.Errorf("a running run is abandoned: %v", err)
	}
	must(t, r.Finish(RunInterrupted, 2, nil))
	must(t, l.Abandon("run"))
	must(t, l.Abandon("run"))
	if err := l.Abandon("none"); !errors.Is(err, ErrNoRun) {
		t.Errorf("a run that is not there is abandoned: %v", err)
	}
	if again := begin(t, l, "again", "f"); again.Resumed() {
		t.Error("it is taken up again")
	}
	doubts, err := l.Doubts("org", "again")
	must(t, err)
	if len(doubts) != 2 {
		t.Errorf("%d doubts, want 2", len(doubts))
	}
	r, err = l.Find("run")
	must(t, err)
	images, err := r.ImagesOf(2, 3)
	must(t, err)
	if none, err := r.ImagesOf(0, 2); err != nil || len(none) > 0 {
		t.Errorf("images of others: %+v, %v", none, err)
	}
	if len(images) != 1 || images[0].Ordinal != 2 || images[0].Settled.Status != "unknown" {
		t.Errorf("images %+v", images)
	}
}
