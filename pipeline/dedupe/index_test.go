package dedupe

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"
)

// rowOf is one row of a generated input: its identities as small numbers, so that many collide.
type rowOf struct {
	ids []int // identity k of kind ids[k]%5
}

// duplicatesByHand is the definition: a row is a duplicate of the earliest row with which it shares an identity.
func duplicatesByHand(rows []rowOf) map[int64]int64 {
	first := map[int]int64{}
	duplicates := map[int64]int64{}
	for n, row := range rows {
		for _, id := range row.ids {
			before, seen := first[id]
			if !seen {
				first[id] = int64(n)
				continue
			}
			if before == int64(n) {
				continue
			}
			if known, is := duplicates[int64(n)]; !is || before < known {
				duplicates[int64(n)] = before
			}
		}
	}
	return duplicates
}

// call goes through a index by two goroutines, as a run does.
func find(index *Index) (*Duplicates, error) {
	search := index.Search(2)
	var helpers errgroup.Group
	for range 2 {
		helpers.Go(search.Help)
	}
	if err := helpers.Wait(); err != nil {
		return nil, err
	}
	return search.Duplicates()
}

func duplicatesOf(t interface{ Fatal(...any) }, dir string, rows []rowOf) map[int64]int64 {
	seeds := NewSeeds()
	index := NewIndex(dir)
	for n, row := range rows {
		var hashes []Hash
		for _, id := range row.ids {
			hashes = append(hashes, seeds.Hash(Kind(id%5), fmt.Append(nil, id)))
		}
		if err := index.Add(int64(n), int64(n)+2, 0, hashes); err != nil {
			t.Fatal(err)
		}
	}
	duplicates, err := find(index)
	if err != nil {
		t.Fatal(err)
	}
	defer duplicates.Close()
	found := map[int64]int64{}
	last := int64(-1)
	err = duplicates.Each(func(duplicate Duplicate) error {
		if duplicate.Ordinal <= last {
			t.Fatal("duplicates are not in order, or one row has two")
		}
		if duplicate.Line != duplicate.First+2 || duplicate.At != duplicate.Ordinal+2 {
			t.Fatal("a duplicate names the wrong line")
		}
		last = duplicate.Ordinal
		found[duplicate.Ordinal] = duplicate.First
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestIndexFindsEveryDuplicate(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rowOf {
			return rowOf{rapid.SliceOfN(rapid.IntRange(0, 60), 0, 4).Draw(t, "ids")}
		}), 0, 80).Draw(t, "rows")
		want, got := duplicatesByHand(rows), duplicatesOf(t, dir, rows)
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("duplicates %v, by hand %v", got, want)
		}
	})
}

// TestIndexSpills goes over every limit: segments of a part on disk, and more duplicates than memory holds.
func TestIndexSpills(t *testing.T) {
	n := 2*held + 1000
	rows := make([]rowOf, 0, 2*n)
	for i := range n {
		rows = append(rows, rowOf{[]int{i}})
	}
	for i := range n {
		rows = append(rows, rowOf{[]int{n - 1 - i}})
	}
	got := duplicatesOf(t, t.TempDir(), rows)
	if len(got) != n {
		t.Fatalf("%d duplicates, want %d", len(got), n)
	}
	for later, first := range got {
		if int64(n)+int64(n-1)-first != later {
			t.Fatalf("row %d is said to be the duplicate of %d", later, first)
		}
	}
}

// A part that is larger than one pass holds is gone through in several, and no duplicate is lost or found twice.
func TestIndexOfSeveralPasses(t *testing.T) {
	const n = passSize/entrySize + 1000
	index := NewIndex(t.TempDir())
	for ordinal := range int64(2 * n) {
		customer := ordinal % n
		one := Hash{hi: 7<<56 | uint64(customer), lo: uint32(customer), kind: 1}
		if err := index.Add(ordinal, ordinal+2, 0, []Hash{one}); err != nil {
			t.Fatal(err)
		}
	}
	duplicates, err := find(index)
	if err != nil {
		t.Fatal(err)
	}
	defer duplicates.Close()
	found := int64(0)
	err = duplicates.Each(func(duplicate Duplicate) error {
		if duplicate.Ordinal != n+found || duplicate.First != found {
			t.Fatalf("row %d is said to be the duplicate of %d", duplicate.Ordinal, duplicate.First)
		}
		found++
		return nil
	})
	if err != nil || found != n {
		t.Fatalf("%d duplicates, want %d; %v", found, int64(n), err)
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
		m := Hash{rapid.Uint64().Draw(t, "hi"), rapid.Uint32().Draw(t, "lo"), Kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind"))}
		want := entry{m.kind, rapid.Uint32().Draw(t, "primary"),
			rapid.Int64Range(0, 1<<ordinalBits-1).Draw(t, "ordinal"), rapid.Int64Range(0, 1<<lineBits-1).Draw(t, "line")}
		var dealt, other [entrySize]byte
		deal(&dealt, &m, want.primary, want.ordinal, want.line)
		if got := readEntry(dealt[:]); got != want {
			t.Fatalf("dealt %+v, read %+v", want, got)
		}
		deal(&other, &m, ^want.primary, 1<<ordinalBits-1-want.ordinal, 1<<lineBits-1-want.line)
		if !sameHash(dealt[:], other[:]) {
			t.Fatal("entries with one hash are told apart")
		}
		if bit := rapid.IntRange(0, 87).Draw(t, "bit"); bit < 32 { // the upper 8 of 96 say the part
			m.lo ^= 1 << bit
		} else {
			m.hi ^= 1 << (bit - 32)
		}
		deal(&other, &m, want.primary, want.ordinal, want.line)
		if sameHash(dealt[:], other[:]) {
			t.Fatal("entries whose hashes differ are not told apart")
		}
	})
}

func TestIndexRefusesAnInputTooLong(t *testing.T) {
	index := NewIndex(t.TempDir())
	for _, at := range [][2]int64{{1 << ordinalBits, 2}, {1, 1 << lineBits}} {
		if err := index.Add(at[0], at[1], 0, nil); err == nil || !strings.Contains(err.Error(), "split it") {
			t.Errorf("row %d on line %d: %v", at[0], at[1], err)
		}
	}
	if err := index.Add(1<<ordinalBits-1, 1<<lineBits-1, 0, nil); err != nil {
		t.Error(err)
	}
}

// The rows of several tables are named with their table.
func TestDuplicateNamesItsTables(t *testing.T) {
	index := NewIndex(t.TempDir())
	for ordinal, table := range []int{0, 0, 3, 7, 7, 7, 8} {
		one := Hash{hi: uint64(ordinal % 2), kind: 1}
		if err := index.Add(int64(ordinal), 2, table, []Hash{one}); err != nil {
			t.Fatal(err)
		}
	}
	duplicates, err := find(index)
	if err != nil {
		t.Fatal(err)
	}
	defer duplicates.Close()
	var got []string
	_ = duplicates.Each(func(duplicate Duplicate) error {
		got = append(got, fmt.Sprint(duplicate.Ordinal, duplicate.AtInput, duplicate.First, duplicate.Input))
		return nil
	})
	if want := "[2 3 0 0 3 7 1 0 4 7 0 0 5 7 1 0 6 8 0 0]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestDuplicateOfAnotherExternalIDIsAConflict(t *testing.T) {
	seeds := NewSeeds()
	hashOf := func(kind Kind, v string) Hash { return seeds.Hash(kind, []byte(v)) }
	index := NewIndex(t.TempDir())
	for n, hashes := range [][]Hash{
		{hashOf(0, "A"), hashOf(1, "x@example.com")},
		{hashOf(0, "B"), hashOf(1, "x@example.com")}, // another person with the same address
		{hashOf(0, "A"), hashOf(1, "y@example.com")}, // the same person again
		{hashOf(1, "y@example.com")},                 // no external id: nothing to disagree with
	} {
		index.Add(int64(n), int64(n), 0, hashes)
	}
	duplicates, err := find(index)
	if err != nil {
		t.Fatal(err)
	}
	for ordinal, conflict := range map[int64]bool{1: true} {
		duplicate, is, _ := duplicates.At(ordinal)
		if !is || duplicate.Conflict != conflict {
			t.Errorf("row %d: duplicate %v conflict %v", ordinal, is, duplicate.Conflict)
		}
	}
	for _, ordinal := range []int64{2, 3} {
		if duplicate, is, _ := duplicates.At(ordinal); !is || duplicate.Conflict {
			t.Errorf("row %d: duplicate %v conflict %v, want a duplicate without conflict", ordinal, is, duplicate.Conflict)
		}
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
		if err := index.Add(int64(i), int64(i), 0, hashes); err != nil {
			b.Fatal(err)
		}
	}
}
