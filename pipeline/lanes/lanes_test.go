package lanes_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"muster/pipeline/lanes"
)

func TestLanesOpenWhileAllIsWell(t *testing.T) {
	l := lanes.NewLimiter(16)
	if l.Open() != lanes.OpenAtFirst {
		t.Fatalf("%d lanes at first, want %d", l.Open(), lanes.OpenAtFirst)
	}
	for range 300 {
		l.Heard(20*time.Millisecond, 0)
	}
	if l.Open() != 16 {
		t.Errorf("%d lanes after 300 good answers, want all 16", l.Open())
	}
}

func TestLanesHalveOnPressureOncePerRound(t *testing.T) {
	troubles := int64(0)
	for name, press := range map[string]func(l *lanes.Limiter){
		"refused or failed": func(l *lanes.Limiter) { troubles++; l.Heard(time.Millisecond, troubles) },
		"slow":              func(l *lanes.Limiter) { l.Heard(5*time.Second, troubles) },
	} {
		troubles = 0
		l := lanes.NewLimiter(16)
		for range 300 {
			l.Heard(20*time.Millisecond, 0)
		}
		for range 8 {
			l.Enter()
		}
		press(l)
		if l.Open() != 8 {
			t.Errorf("%s: %d lanes after one sign of pressure, want 8", name, l.Open())
		}
		for range 7 {
			press(l) // the others that were under way tell of the same trouble
		}
		if l.Open() != 8 {
			t.Errorf("%s: %d lanes after a round of the same trouble, want 8 still", name, l.Open())
		}
		press(l)
		if l.Open() != 4 {
			t.Errorf("%s: %d lanes after trouble in the next round, want 4", name, l.Open())
		}
	}
}

func TestLanesStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 32).Draw(t, "most")
		l := lanes.NewLimiter(most)
		troubles := 0
		for range rapid.IntRange(0, 200).Draw(t, "answers") {
			troubles += rapid.IntRange(0, 1).Draw(t, "trouble")
			l.Heard(time.Duration(rapid.IntRange(1, 10000).Draw(t, "ms"))*time.Millisecond, int64(troubles))
			if open := l.Open(); open < 1 || open > most {
				t.Fatalf("%d lanes are open of 1 … %d", open, most)
			}
		}
	})
}

// TestPlacesInTheirOrder: batches that wait for a place get it in the order in which they came.
func TestPlacesInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lanes.NewLimiter(1)
		l.Enter()
		var mu sync.Mutex
		var order []int
		for i := range 30 {
			go func() {
				l.Enter()
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				l.Leave()
			}()
			synctest.Wait()
		}
		l.Leave()
		synctest.Wait()
		if !slices.IsSorted(order) || len(order) != 30 {
			t.Errorf("%v", order)
		}
	})
}
