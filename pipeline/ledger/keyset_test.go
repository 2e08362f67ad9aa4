package ledger

import (
	"encoding/binary"
	"errors"
	"iter"
	"testing"
)

func keysUpTo(n int, failing error) iter.Seq2[KeyHash, error] {
	return func(yield func(KeyHash, error) bool) {
		for i := range n {
			var key KeyHash
			binary.BigEndian.PutUint64(key[:], uint64(i+1))
			if !yield(key, nil) {
				return
			}
		}
		if failing != nil {
			yield(KeyHash{}, failing)
		}
	}
}

func TestRosters(t *testing.T) {
	l := open(t, t.TempDir())
	count := func(job string) (n int) {
		var before KeyHash
		for key, err := range l.KeySet(job) {
			must(t, err)
			if string(key[:]) <= string(before[:]) {
				t.Fatal("not in order")
			}
			n, before = n+1, key
		}
		return n
	}
	const many = 3*keySetChunk + 7
	must(t, l.KeepKeySet("a", keysUpTo(keySetChunk, nil)))
	must(t, l.KeepKeySet("a", keysUpTo(many, nil)))
	must(t, l.KeepKeySet("b", keysUpTo(1, nil)))
	if count("a") != many || count("b") != 1 || count("c") != 0 {
		t.Errorf("rosters of %d, %d and %d keys", count("a"), count("b"), count("c"))
	}
	broken := errors.New("broken")
	if err := l.KeepKeySet("a", keysUpTo(5, broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	twice := func(yield func(KeyHash, error) bool) {
		if yield(KeyHash{1}, nil) {
			yield(KeyHash{1}, nil)
		}
	}
	if err := l.KeepKeySet("a", twice); !errors.Is(err, ErrState) {
		t.Errorf("a key twice: %v", err)
	}
	if count("a") != many {
		t.Errorf("what failed left %d keys", count("a"))
	}
}
