package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestKeyIsTheLedgersOwn(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	key := l.Key("email", []byte("ann@example.org"))
	if other := open(t, t.TempDir()).Key("email", []byte("ann@example.org")); other == key {
		t.Error("two ledgers share a key's hash")
	}
	for _, other := range []KeyHash{{}, l.Key("phone", []byte("ann@example.org")),
		l.Key("emaila", []byte("nn@example.org"))} {
		if other == key {
			t.Error("another key has the same hash")
		}
	}
	if l.Key("email", []byte("ann@example.org")) != key {
		t.Error("the hash is another one the second time")
	}
	l = reopen(t, l, dir)
	if l.Key("email", []byte("ann@example.org")) != key {
		t.Error("the hash is another one after reopening")
	}
	value := []byte("ann@example.org")
	if n := testing.AllocsPerRun(100, func() { l.Key("email", value) }); n >= 1 && !raceEnabled {
		t.Errorf("Key allocates %v times", n)
	}
}

func TestNoKeyIsInTheFile(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	const canary = "canary-7231@example.org"
	r := begin(t, l, "run", "")
	_, err := r.Intend(Batch{Seq: 1, Items: []Item{{Key: l.Key("email", []byte(canary))}}}, ask(0))
	must(t, err)
	must(t, r.Settle(1, []Settled{created(hexID(1))}))
	must(t, l.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, file := range files {
		if content, err := os.ReadFile(file); err != nil || bytes.Contains(content, []byte(canary)) {
			t.Errorf("%s: %v, or the key stands in it", file, err)
		}
	}
}

func TestKnownIsWhatLandedLast(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "")
	ids := []string{hexID(1), "a-text-id", strings.ToUpper(hexID(10)), hexID(4), hexID(5), "", "", ""}
	ends := []Settled{created(ids[0]), {Status: "updated", CustomerID: ids[1]}, {Status: "unchanged", CustomerID: ids[2]},
		created(ids[3]), {Status: "rejected", CustomerID: ids[4]}, {Status: "unknown"}, {Status: "unsent"},
		{Status: "duplicate"}}
	list := items(l, 0, 1, 2, 3, 4, 5, 6, 7)
	list[3].Key = KeyHash{}
	_, err := r.Intend(Batch{Seq: 1, Items: list}, ask(0))
	must(t, err)
	must(t, r.Settle(1, ends))
	update := items(l, 9, 10)
	update[1].Key = list[0].Key
	_, err = r.Intend(Batch{Seq: 2, Items: update}, ask(0, 1))
	must(t, err)
	must(t, r.Settle(2, []Settled{{Status: "unsent"}, {Status: "updated", CustomerID: ids[0]}}))

	l = reopen(t, l, dir)
	keys := make([]KeyHash, 250) // more than two look-ups' worth, with repeats and zeroes
	want := make([]Known, len(keys))
	for i := range keys {
		keys[i] = list[i%len(list)].Key
		switch i % len(list) {
		case 0:
			want[i] = Known{Found: true, CustomerID: ids[0], Hash: update[1].Hash}
		case 1, 2:
			want[i] = Known{Found: true, CustomerID: ids[i%len(list)], Hash: list[i%len(list)].Hash}
		}
	}
	for orgID, want := range map[string][]Known{"org": want, "another": make([]Known, len(keys))} {
		if got, err := l.Known(orgID, keys); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("known in %s: %v, got %+v", orgID, err, got[:8])
		}
	}
	if got, err := l.Known("org", nil); err != nil || len(got) != 0 {
		t.Errorf("no keys: %v, %v", got, err)
	}
}

func TestDoubtsLastUntilALaterLanding(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	dead := begin(t, l, "dead", "f1")
	list := items(l, 0, 1, 2, 3)
	list[3].Key = KeyHash{}
	_, err := dead.Intend(Batch{Seq: 1, Items: list}, ask(0, 1, 2, 3))
	must(t, err)
	_, err = dead.Intend(Batch{Seq: 2, Items: items(l, 4, 5)}, ask(0, 1))
	must(t, err)
	must(t, dead.Settle(2, []Settled{created(hexID(4)), {Status: "unknown"}}))
	keys := []KeyHash{list[0].Key, list[1].Key, list[2].Key, items(l, 5)[0].Key}
	expect := func(exceptRun string, want ...KeyHash) {
		t.Helper()
		doubts, err := l.Doubts("org", exceptRun)
		must(t, err)
		var got []KeyHash
		for _, doubt := range doubts {
			if got = append(got, doubt.Key); doubt.Run != "dead" {
				t.Errorf("doubt of run %s", doubt.Run)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %d doubts, want %d", len(got), len(want))
		}
	}
	expect("later", keys...)
	expect("dead")
	if doubts, err := l.Doubts("another", "later"); err != nil || len(doubts) != 0 {
		t.Errorf("doubts of another org: %v, %v", doubts, err)
	}

	l = reopen(t, l, dir)
	later := begin(t, l, "later", "f2")
	list = items(l, 0, 1, 2)
	list[2].Key = keys[3]
	_, err = later.Intend(Batch{Seq: 1, Items: list}, ask(0, 1, 2))
	must(t, err)
	must(t, later.Settle(1, []Settled{{Status: "rejected"}, created(hexID(1)), created(hexID(5))}))
	expect("third", keys[0], keys[2])
}
