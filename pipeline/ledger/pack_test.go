package ledger

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawItems draws the items of a batch: ordinals far and near, some without a key.
func drawItems(t *rapid.T) []Item {
	list := make([]Item, rapid.IntRange(1, MaxItems).Draw(t, "items"))
	ordinal := int64(-1)
	for i := range list {
		ordinal += rapid.OneOf(rapid.Int64Range(1, 3), rapid.Int64Range(1, math.MaxInt64/2/MaxItems)).Draw(t, "step")
		list[i].Ordinal = ordinal
		if rapid.Bool().Draw(t, "keyed") {
			list[i].Key = KeyHash(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key"))
		}
		list[i].Hash = RecordHash(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "hash"))
	}
	return list
}

func drawEnd(t *rapid.T) Settled {
	return Settled{
		Status: rapid.SampledFrom(Statuses()).Draw(t, "status"),
		CustomerID: rapid.OneOf(rapid.StringMatching("[0-9a-f]{24}"), rapid.StringMatching("[0-9a-fA-F]{23,25}"),
			rapid.String()).Draw(t, "id"),
		Code: rapid.SampledFrom([]string{"", "kustomer.refused"}).Draw(t, "code"), Detail: rapid.String().Draw(t, "detail"),
	}
}

func TestPackedBatchesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawItems(t)
		ends := rapid.SliceOfN(rapid.Custom(drawEnd), len(list), len(list)).Draw(t, "ends")
		picks := rapid.SliceOfNDistinct(rapid.IntRange(0, len(list)-1), 1, len(list), rapid.ID).Draw(t, "picks")
		slices.Sort(picks)
		gotItems, gotEnds, err := unpackBatch(packItems(list), packEnds(ends))
		if err != nil || !reflect.DeepEqual(gotItems, list) || !reflect.DeepEqual(gotEnds, ends) {
			t.Fatalf("%v\nitems %v\nends %v", err, gotItems, gotEnds)
		}
		if got := unpackPicks(packPicks(picks, len(list)), len(list)); !slices.Equal(got, picks) {
			t.Fatalf("picks %v came back as %v", picks, got)
		}
	})
}

func TestPackedSize(t *testing.T) {
	list, ends := make([]Item, MaxItems), make([]Settled, MaxItems)
	for i := range list {
		list[i] = Item{Ordinal: 1_000_000 + int64(i), Key: KeyHash{1}, Hash: RecordHash{1}}
		ends[i] = created(hexID(i))
	}
	// 33 for the step, the key and the hash; 13 for the status and the id.
	if n := len(packItems(list)) + len(packEnds(ends)); n > 47*MaxItems {
		t.Errorf("%d bytes for %d items", n, MaxItems)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(packItems([]Item{{Ordinal: 3}, {Ordinal: 900, Key: KeyHash{1}}}),
		packEnds([]Settled{created(hexID(1)), {Status: "rejected", Code: "c", Detail: "d"}}))
	f.Add([]byte{1, 0xff, 0xff}, []byte{1, 0x21, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{}, []byte{2})
	f.Fuzz(func(t *testing.T, packed, packedEnds []byte) {
		list, ends, err := unpackBatch(packed, packedEnds)
		if err == nil && ends != nil && len(list) != len(ends) {
			t.Errorf("%d items and %d ends", len(list), len(ends))
		}
		unpackPicks(packed, len(packedEnds))
	})
}
