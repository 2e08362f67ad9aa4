package profile

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"testing"
)

// The estimate is near the truth from one value to a million.
func TestSketchEstimates(t *testing.T) {
	seed := maphash.MakeSeed()
	for _, n := range []int{0, 1, 2, 7, 100, 1000, 20_000, 300_000} {
		var s sketch
		for i := range 2 * n { // every value twice
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], uint64(i%n))
			s.add(maphash.Bytes(seed, b[:]))
		}
		off := math.Abs(float64(s.estimate()) - float64(n))
		if off > 0.5+0.08*float64(n) || n <= 7 && off > 0.5 { // five standard deviations
			t.Errorf("%d values are estimated as %d", n, s.estimate())
		}
	}
}
