package extsort

import (
	"cmp"
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever comes in whatever order, the same comes back sorted, as often as it is asked for; nothing stays in the
// folder.
func TestSorts(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		r := &Record[uint64]{Name: "numbers", Size: 8, Held: rapid.IntRange(1, 40).Draw(t, "held"),
			Unique: rapid.Bool().Draw(t, "unique"), Compare: cmp.Compare[uint64],
			Append: func(dst []byte, n uint64) []byte { return binary.LittleEndian.AppendUint64(dst, n) },
			Read:   binary.LittleEndian.Uint64}
		want := rapid.SliceOfN(rapid.Uint64Range(0, 60), 0, 200).Draw(t, "numbers")
		s := New(dir, r)
		defer s.Close()
		for _, n := range want {
			if err := s.Add(n); err != nil {
				t.Fatal(err)
			}
		}
		if cap(s.list) > 2*max(r.Held, 8) {
			t.Fatalf("%d records are held", cap(s.list))
		}
		if err := s.Sort(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if r.Unique {
			want = slices.Compact(want)
		}
		for range 2 {
			c, err := s.Cursor()
			if err != nil {
				t.Fatal(err)
			}
			got := []uint64{}
			for n, some := c.Peek(); some; n, some = c.Peek() {
				got = append(got, n)
				if err := c.Drop(); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	})
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files stay behind", len(left))
	}
}
