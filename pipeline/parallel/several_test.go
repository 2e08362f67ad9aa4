package parallel_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"muster/pipeline/parallel"
)

// Never more than so many are done at a time; all are done, also where one panics.
func TestSeveral(t *testing.T) {
	var under, most, done atomic.Int64
	err := parallel.Several(40, 3, func(i int) error {
		if now := under.Add(1); now > most.Load() {
			most.Store(now)
		}
		defer under.Add(-1)
		if i == 7 {
			panic(canary)
		}
		done.Add(1)
		return nil
	})
	if most.Load() > 3 || done.Load() != 39 || err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("%d at a time, %d done, %v", most.Load(), done.Load(), err)
	}
}
