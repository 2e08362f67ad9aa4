package pipeline

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

// twinsByHand is the definition: a row is a twin of the earliest row with which it shares an identity.
func twinsByHand(rows []rowOf) map[int64]int64 {
	first := map[int]int64{}
	twins := map[int64]int64{}
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
			if known, is := twins[int64(n)]; !is || before < known {
				twins[int64(n)] = before
			}
		}
	}
	return twins
}

// call goes through a roll by two goroutines, as a run does.
func call(roll *Roll) (*Twins, error) {
	calling := roll.Call(2)
	var helpers errgroup.Group
	for range 2 {
		helpers.Go(calling.Help)
	}
	if err := helpers.Wait(); err != nil {
		return nil, err
	}
	return calling.Twins()
}

func callRoll(t interface{ Fatal(...any) }, dir string, rows []rowOf) map[int64]int64 {
	seeds := newMarkSeeds()
	roll := NewRoll(dir)
	for n, row := range rows {
		var marks []mark
		for _, id := range row.ids {
			marks = append(marks, seeds.mark(uint8(id%5), fmt.Append(nil, id)))
		}
		if err := roll.Add(int64(n), int64(n)+2, 0, marks); err != nil {
			t.Fatal(err)
		}
	}
	twins, err := call(roll)
	if err != nil {
		t.Fatal(err)
	}
	defer twins.Close()
	found := map[int64]int64{}
	last := int64(-1)
	err = twins.Each(func(twin Twin) error {
		if twin.Ordinal <= last {
			t.Fatal("twins are not in order, or one row has two")
		}
		if twin.Line != twin.First+2 || twin.At != twin.Ordinal+2 {
			t.Fatal("a twin names the wrong line")
		}
		last = twin.Ordinal
		found[twin.Ordinal] = twin.First
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRollFindsEveryTwin(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rowOf {
			return rowOf{rapid.SliceOfN(rapid.IntRange(0, 60), 0, 4).Draw(t, "ids")}
		}), 0, 80).Draw(t, "rows")
		want, got := twinsByHand(rows), callRoll(t, dir, rows)
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("twins %v, by hand %v", got, want)
		}
	})
}

// TestRollSpills goes over every limit: segments of a part on disk, and more twins than memory holds.
func TestRollSpills(t *testing.T) {
	n := 2*twinsHeld + 1000
	rows := make([]rowOf, 0, 2*n)
	for i := range n {
		rows = append(rows, rowOf{[]int{i}})
	}
	for i := range n {
		rows = append(rows, rowOf{[]int{n - 1 - i}})
	}
	got := callRoll(t, t.TempDir(), rows)
	if len(got) != n {
		t.Fatalf("%d twins, want %d", len(got), n)
	}
	for later, first := range got {
		if int64(n)+int64(n-1)-first != later {
			t.Fatalf("row %d is said to be the twin of %d", later, first)
		}
	}
}

// A part that is larger than one pass holds is gone through in several, and no twin is lost or found twice.
func TestRollOfSeveralPasses(t *testing.T) {
	const n = rollPass/entrySize + 1000
	roll := NewRoll(t.TempDir())
	for ordinal := range int64(2 * n) {
		customer := ordinal % n
		one := mark{hi: 7<<56 | uint64(customer), lo: uint32(customer), kind: 1}
		if err := roll.Add(ordinal, ordinal+2, 0, []mark{one}); err != nil {
			t.Fatal(err)
		}
	}
	twins, err := call(roll)
	if err != nil {
		t.Fatal(err)
	}
	defer twins.Close()
	found := int64(0)
	err = twins.Each(func(twin Twin) error {
		if twin.Ordinal != n+found || twin.First != found {
			t.Fatalf("row %d is said to be the twin of %d", twin.Ordinal, twin.First)
		}
		found++
		return nil
	})
	if err != nil || found != n {
		t.Fatalf("%d twins, want %d; %v", found, int64(n), err)
	}
}

func TestKindIndex(t *testing.T) {
	for i, kind := range identityKinds[:byContent] {
		if got := kindIndex(kind); got != uint8(i) {
			t.Errorf("%s is %d, want %d", kind, got, i)
		}
	}
}

// An entry holds what was dealt, up to the longest input there may be.
func TestEntryHoldsWhatWasDealt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := mark{rapid.Uint64().Draw(t, "hi"), rapid.Uint32().Draw(t, "lo"), uint8(rapid.IntRange(0, len(identityKinds)-1).Draw(t, "kind"))}
		want := entry{m.kind, rapid.Uint32().Draw(t, "primary"),
			rapid.Int64Range(0, 1<<ordinalBits-1).Draw(t, "ordinal"), rapid.Int64Range(0, 1<<lineBits-1).Draw(t, "line")}
		var dealt, other [entrySize]byte
		deal(&dealt, &m, want.primary, want.ordinal, want.line)
		if got := readEntry(dealt[:]); got != want {
			t.Fatalf("dealt %+v, read %+v", want, got)
		}
		deal(&other, &m, ^want.primary, 1<<ordinalBits-1-want.ordinal, 1<<lineBits-1-want.line)
		if !sameMark(dealt[:], other[:]) {
			t.Fatal("entries with one mark are told apart")
		}
		if bit := rapid.IntRange(0, 87).Draw(t, "bit"); bit < 32 { // the upper 8 of 96 say the part
			m.lo ^= 1 << bit
		} else {
			m.hi ^= 1 << (bit - 32)
		}
		deal(&other, &m, want.primary, want.ordinal, want.line)
		if sameMark(dealt[:], other[:]) {
			t.Fatal("entries whose marks differ are not told apart")
		}
	})
}

func TestRollRefusesAnInputTooLong(t *testing.T) {
	roll := NewRoll(t.TempDir())
	for _, at := range [][2]int64{{1 << ordinalBits, 2}, {1, 1 << lineBits}} {
		if err := roll.Add(at[0], at[1], 0, nil); err == nil || !strings.Contains(err.Error(), "split it") {
			t.Errorf("row %d on line %d: %v", at[0], at[1], err)
		}
	}
	if err := roll.Add(1<<ordinalBits-1, 1<<lineBits-1, 0, nil); err != nil {
		t.Error(err)
	}
}

// The rows of several tables are named with their table.
func TestTwinNamesItsTables(t *testing.T) {
	roll := NewRoll(t.TempDir())
	for ordinal, table := range []int{0, 0, 3, 7, 7, 7, 8} {
		one := mark{hi: uint64(ordinal % 2), kind: 1}
		if err := roll.Add(int64(ordinal), 2, table, []mark{one}); err != nil {
			t.Fatal(err)
		}
	}
	twins, err := call(roll)
	if err != nil {
		t.Fatal(err)
	}
	defer twins.Close()
	var got []string
	_ = twins.Each(func(twin Twin) error {
		got = append(got, fmt.Sprint(twin.Ordinal, twin.AtInput, twin.First, twin.Input))
		return nil
	})
	if want := "[2 3 0 0 3 7 1 0 4 7 0 0 5 7 1 0 6 8 0 0]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTwinOfAnotherExternalIDIsAConflict(t *testing.T) {
	seeds := newMarkSeeds()
	markOf := func(kind uint8, v string) mark { return seeds.mark(kind, []byte(v)) }
	roll := NewRoll(t.TempDir())
	for n, marks := range [][]mark{
		{markOf(0, "A"), markOf(1, "x@example.com")},
		{markOf(0, "B"), markOf(1, "x@example.com")}, // another person with the same address
		{markOf(0, "A"), markOf(1, "y@example.com")}, // the same person again
		{markOf(1, "y@example.com")},                 // no external id: nothing to disagree with
	} {
		roll.Add(int64(n), int64(n), 0, marks)
	}
	twins, err := call(roll)
	if err != nil {
		t.Fatal(err)
	}
	for ordinal, conflict := range map[int64]bool{1: true} {
		twin, is, _ := twins.At(ordinal)
		if !is || twin.Conflict != conflict {
			t.Errorf("row %d: twin %v conflict %v", ordinal, is, twin.Conflict)
		}
	}
	for _, ordinal := range []int64{2, 3} {
		if twin, is, _ := twins.At(ordinal); !is || twin.Conflict {
			t.Errorf("row %d: twin %v conflict %v, want a twin without conflict", ordinal, is, twin.Conflict)
		}
	}
}

func BenchmarkRollAdd(b *testing.B) {
	seeds := newMarkSeeds()
	roll := NewRoll(b.TempDir())
	defer roll.close()
	marks := make([]mark, 3)
	b.ReportAllocs()
	for i := range b.N {
		for k := range marks {
			marks[k] = seeds.mark(uint8(k), []byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24), byte(k)})
		}
		if err := roll.Add(int64(i), int64(i), 0, marks); err != nil {
			b.Fatal(err)
		}
	}
}
