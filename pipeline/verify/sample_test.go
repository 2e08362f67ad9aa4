package verify_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"muster/pipeline/verify"
)

// TestVerifySample: as many are read as were asked for, each as likely as any other, and what that
// proves is the exact bound.
func TestVerifySample(t *testing.T) {
	seen := make([]int, 20)
	for range 4000 {
		choose, picked := verify.Chooser(20, 5, rand.Int64N), 0
		for i := range seen {
			if choose() {
				seen[i]++
				picked++
			}
		}
		if picked != 5 {
			t.Fatalf("%d of 5 were chosen", picked)
		}
	}
	for i, n := range seen {
		if n < 800 || n > 1200 { // 1000 ± 7 standard deviations
			t.Errorf("thing %d was chosen %d times of about 1000", i, n)
		}
	}
	for _, one := range []struct{ total, n, bad, most int64 }{
		{1_000_000, 300, 0, 9935}, {1_000_000, 3000, 0, 997}, {10, 10, 2, 2}, {10, 5, 5, 10}, {100, 10, 0, 24}, {0, 0, 0, 0},
	} {
		if got := verify.AtMost(one.total, one.n, one.bad); math.Abs(float64(got-one.most)) > float64(one.most)/100 {
			t.Errorf("%d of %d read, %d bad: at most %d, want %d", one.n, one.total, one.bad, got, one.most)
		}
	}
}
