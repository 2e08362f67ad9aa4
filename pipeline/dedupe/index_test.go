package dedupe

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"
)

// shared goes through an index by two goroutines, as a run does, and gives the rows of each shared identity.
func shared(t interface{ Fatal(...any) }, index *Index) [][]int64 {
	search := index.Search(2)
	var helpers errgroup.Group
	for range 2 {
		helpers.Go(search.Help)
	}
	if err := helpers.Wait(); err != nil {
		t.Fatal(err)
	}
	shares, err := search.Shares()
	if err != nil {
		t.Fatal(err)
	}
	defer shares.Close()
	all, err := shares.Before(1<<ordinalBits, nil)
	if err != nil || shares.Some() {
		t.Fatal("shares are left", err)
	}
	if !slices.IsSortedFunc(all, byRow) {
		t.Fatal("shares are not in order")
	}
	by := map[int64][]int64{}
	for _, s := range all {
		by[s.Number] = append(by[s.Number], s.Ordinal)
	}
	return sorted(slices.Collect(maps.Values(by)))
}

func sorted(groups [][]int64) [][]int64 {
	slices.SortFunc(groups, slices.Compare)
	return groups
}

func add(t interface{ Fatal(...any) }, index *Index, ordinal int64, hashes ...Hash) {
	if err := index.Add(ordinal, hashes); err != nil {
		t.Fatal(err)
	}
}

func TestIndexFindsEveryShare(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 0, 4, rapid.ID), 0, 80).Draw(t, "rows")
		index, seeds, want := NewIndex(dir), NewSeeds(), map[int][]int64{}
		for n, ids := range rows {
			var hashes []Hash
			for _, id := range ids {
				hashes = append(hashes, seeds.Hash(Kind(id%5), fmt.Append(nil, id)))
				want[id] = append(want[id], int64(n))
			}
			add(t, index, int64(n), hashes...)
		}
		maps.DeleteFunc(want, func(_ int, rows []int64) bool { return len(rows) < 2 })
		if got := shared(t, index); fmt.Sprint(got) != fmt.Sprint(sorted(slices.Collect(maps.Values(want)))) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestIndexSpills goes over every limit: segments of a part on disk, and more shares than memory holds.
func TestIndexSpills(t *testing.T) {
	const n = held + 1000
	index, seeds := NewIndex(t.TempDir()), NewSeeds()
	for i := range int64(2 * n) {
		add(t, index, i, seeds.Hash(Email, binary.LittleEndian.AppendUint64(nil, uint64(min(i, 2*n-1-i)))))
	}
	got := shared(t, index)
	if len(got) != n {
		t.Fatalf("%d shared, want %d", len(got), n)
	}
	for i, rows := range got {
		if !slices.Equal(rows, []int64{int64(i), 2*n - 1 - int64(i)}) {
			t.Fatalf("%d is shared by %v", i, rows)
		}
	}
}

// A part that is larger than one pass holds is gone through in several, and no share is lost or found twice; one that
// has the same identity over and over takes no more room, and no more passes, than if it were one row.
func TestIndexOfSeveralPasses(t *testing.T) {
	const n = passSize/entrySize + 1000
	for name, customers := range map[string]int64{"many": n, "one": 1} {
		t.Run(name, func(t *testing.T) {
			index := NewIndex(t.TempDir())
			for ordinal := range int64(2 * n) {
				customer := uint64(ordinal % customers)
				add(t, index, ordinal, Hash{hi: 7<<56 | customer, lo: uint32(customer * 0x9e3779b1), kind: Email})
			}
			search := index.Search(1)
			d := desk{search: search}
			if err := d.part(&index.parts[7]); err != nil {
				t.Fatal(err)
			}
			if customers == 1 && (d.bits != 0 || cap(d.kept) > 4096 || len(d.table) > 64) {
				t.Errorf("one identity takes %d passes and %d bytes", 1<<d.bits, cap(d.kept))
			}
			if customers == n && (d.bits == 0 || cap(d.kept) > 2*search.room) {
				t.Errorf("many take %d passes and %d bytes", 1<<d.bits, cap(d.kept))
			}
			search.next.Store(parts)
			if err := search.add(d.found); err != nil {
				t.Fatal(err)
			}
			shares, err := search.Shares()
			if err != nil {
				t.Fatal(err)
			}
			all, err := shares.Before(1<<ordinalBits, nil)
			if err != nil || len(all) != 2*n || search.number.Load() != customers {
				t.Fatalf("%d shares of %d, %v", len(all), search.number.Load(), err)
			}
		})
	}
}

func TestKindNamed(t *testing.T) {
	for i, kind := range Names() {
		if got := KindNamed(kind); got != Kind(i) {
			t.Errorf("%s is %d, want %d", kind, got, i)
		}
	}
}

// An entry holds what was dealt, up to the longest input there may be.
func TestEntryHoldsWhatWasDealt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Hash{rapid.Uint64().Draw(t, "hi"), rapid.Uint32().Draw(t, "lo"),
			Kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind"))}
		want := entry{h.kind, rapid.Int64Range(0, 1<<ordinalBits-1).Draw(t, "ordinal")}
		var dealt, other [entrySize]byte
		deal(&dealt, &h, want.ordinal)
		if got := readEntry(dealt[:]); got != want {
			t.Fatalf("dealt %+v, read %+v", want, got)
		}
		deal(&other, &h, 1<<ordinalBits-1-want.ordinal)
		if !sameHash(dealt[:], other[:]) {
			t.Fatal("entries with one hash are told apart")
		}
		if bit := rapid.IntRange(0, 87).Draw(t, "bit"); bit < 32 { // the upper 8 of 96 say the part
			h.lo ^= 1 << bit
		} else {
			h.hi ^= 1 << (bit - 32)
		}
		deal(&other, &h, want.ordinal)
		if sameHash(dealt[:], other[:]) {
			t.Fatal("entries whose hashes differ are not told apart")
		}
	})
}

func TestIndexRefusesAnInputTooLong(t *testing.T) {
	index := NewIndex(t.TempDir())
	if err := index.Add(1<<ordinalBits, nil); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Error(err)
	}
	if err := index.Add(1<<ordinalBits-1, nil); err != nil {
		t.Error(err)
	}
}

func BenchmarkIndexAdd(b *testing.B) {
	seeds := NewSeeds()
	index := NewIndex(b.TempDir())
	defer index.Close()
	hashes := make([]Hash, 3)
	b.ReportAllocs()
	for i := range b.N {
		for k := range hashes {
			hashes[k] = seeds.Hash(Kind(k), []byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24), byte(k)})
		}
		if err := index.Add(int64(i), hashes); err != nil {
			b.Fatal(err)
		}
	}
}
