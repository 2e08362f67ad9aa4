package ledger

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"pgregory.net/rapid"
)

func (m *machine) compare(t *rapid.T) {
	infos, err := m.l.Runs()
	if err != nil || len(infos) != len(m.model.runs) {
		t.Fatalf("%d runs, want %d: %v", len(infos), len(m.model.runs), err)
	}
	for i, info := range infos {
		if want := m.model.runs[len(infos)-1-i]; info.ID != want.id || info.State != want.state {
			t.Fatalf("run %s is %s, want %s %s", info.ID, info.State, want.id, want.state)
		}
	}
	m.compareBatches(t)
	m.compareAssigned(t)
	m.compareKeys(t)
}

func (m *machine) compareBatches(t *rapid.T) {
	got, err := m.run.OpenBatches()
	if err != nil {
		t.Fatal(err)
	}
	var want []OpenBatch
	for _, seq := range m.mine.open() {
		b := m.mine.batches[seq]
		want = append(want, OpenBatch{Batch: Batch{Seq: seq, Items: b.items}, Requests: slices.Clone(b.requests)})
	}
	for i := range got {
		for k := range got[i].Requests {
			got[i].Requests[k].IntendedAt = OpenRequest{}.IntendedAt
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("open batches: got %+v\nwant %+v", got, want)
	}
}

func (m *machine) compareAssigned(t *rapid.T) {
	from := rapid.Int64Range(0, 80).Draw(t, "from")
	to := from + rapid.Int64Range(0, 40).Draw(t, "width")
	got, err := m.run.Assigned(from, to)
	if err != nil {
		t.Fatal(err)
	}
	latest := map[int64]Assigned{}
	for _, seq := range slices.Sorted(maps.Keys(m.mine.batches)) {
		b := m.mine.batches[seq]
		for i, item := range b.items {
			if from <= item.Ordinal && item.Ordinal < to {
				latest[item.Ordinal] = assign(seq, b.items, b.ends, i)
			}
		}
	}
	var want []Assigned
	for _, ordinal := range slices.Sorted(maps.Keys(latest)) {
		want = append(want, latest[ordinal])
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("assigned in [%d, %d): got %+v\nwant %+v", from, to, got, want)
	}
}

func (m *machine) compareKeys(t *rapid.T) {
	keys := []KeyHash{{}}
	for key := range 9 {
		keys = append(keys, m.l.Key("email", fmt.Append(nil, key+1)))
	}
	known, err := m.l.Known("org", keys)
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range keys {
		if known[i] != m.model.known[key] {
			t.Fatalf("key %d: known %+v, want %+v", i, known[i], m.model.known[key])
		}
	}
	got, err := m.l.Doubts("org", m.mine.id)
	if err != nil {
		t.Fatal(err)
	}
	want := map[Doubt]int{}
	for _, r := range m.model.runs {
		for _, b := range r.batches {
			for i, item := range b.items {
				noEnd := b.ends == nil || b.ends[i].Status == "unknown"
				if r != m.mine && noEnd && item.Key != (KeyHash{}) && m.model.landedAt[item.Key] <= b.order {
					want[Doubt{Key: item.Key, Run: r.id}]++
				}
			}
		}
	}
	counted := map[Doubt]int{}
	for _, doubt := range got {
		counted[Doubt{Key: doubt.Key, Run: doubt.Run}]++
	}
	if !maps.Equal(counted, want) {
		t.Fatalf("doubts: got %d, want %d", len(got), len(want))
	}
}
