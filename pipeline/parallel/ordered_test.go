package parallel_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"muster/pipeline/parallel"
)

// canary stands for a value that a panic's text may hold.
const canary = "canary-4711"

func spring() { panic(canary) }

// springing is a reader that panics.
type springing struct{}

func (springing) Read([]byte) (int, error) { spring(); return 0, nil }

// fifty sends the numbers from 0 on.
func fifty(send func(int) bool) error {
	for i := range 50 {
		if !send(i) {
			return nil
		}
	}
	return nil
}

// What is sent is taken in the order in which it was sent, whoever works on it; after take has failed nothing more is
// taken, and fill hears of it.
func TestOrdered(t *testing.T) {
	var taken []int
	var workers atomic.Int64
	err := parallel.Ordered(4, fifty, func() func(int) { workers.Add(1); return func(int) {} },
		func(i int) error { taken = append(taken, i); return nil })
	if want := slices.Collect(func(yield func(int) bool) { _ = fifty(yield) }); err != nil || !slices.Equal(taken, want) {
		t.Errorf("taken %v, error %v", taken, err)
	}
	if workers.Load() != 4 {
		t.Errorf("%d workers were made", workers.Load())
	}
	failure, sent, took := errors.New("no"), 0, 0
	err = parallel.Ordered(2, func(send func(int) bool) error {
		for ; send(sent) && sent < 1000; sent++ {
		}
		return nil
	}, parallel.Each(func(int) {}), func(int) error { took++; return failure })
	if !errors.Is(err, failure) || took != 1 || sent == 1000 {
		t.Errorf("error %v; %d taken, %d sent", err, took, sent)
	}
}

// Workers, their receiver and a read that is given up may panic, too; nobody waits for them for ever.
func TestPanicsOfHelpersAreErrors(t *testing.T) {
	for name, do := range map[string]func() error{
		"a worker": func() error {
			return parallel.Ordered(3, fifty, parallel.Each(func(int) { spring() }), func(int) error { return nil })
		},
		"the receiver": func() error {
			return parallel.Ordered(3, fifty, parallel.Each(func(int) {}), func(int) error { spring(); return nil })
		},
		"what runs beside": func() error {
			return parallel.Beside(func() error { return nil }, func() error { return nil },
				func() error { spring(); return nil })
		},
		"standard input": func() error {
			_, err := parallel.Interruptible(t.Context(), springing{}).Read(make([]byte, 9))
			return err
		},
	} {
		err := do()
		var internal *parallel.InternalError
		if !errors.As(err, &internal) || !strings.Contains(internal.At, "ordered_test.go:") ||
			strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	taken := 0
	err := parallel.Ordered(1, fifty, parallel.Each(func(i int) {
		if i == 3 {
			panic(canary)
		}
	}), func(int) error { taken++; return nil })
	if err == nil || taken != 3 {
		t.Errorf("%d were taken before the one whose worker panicked: %v", taken, err)
	}
}

// The place that is named is the panic's own, also where the runtime raised it and another panic was on the way.
func TestThePlaceOfAPanic(t *testing.T) {
	for name, do := range map[string]func(){
		"an index": func() { var none []int; _ = none[len(os.Args)] },
		"nil":      func() { var none *struct{ n int }; none.n++ },
		"a kind":   func() { var any any = "a"; _ = any.(int) },
		"again": func() {
			defer func() { _ = recover(); panic("second") }()
			panic("first")
		},
	} {
		err := parallel.Guarded(func() error { do(); return nil })()
		if err == nil || !strings.Contains(err.Error(), "TestThePlaceOfAPanic") ||
			!strings.Contains(err.Error(), "ordered_test.go:") || strings.Contains(err.Error(), "/tmp") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := parallel.Guarded(func() error { return nil })(); err != nil {
		t.Error(err)
	}
}
