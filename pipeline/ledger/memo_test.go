package ledger

import (
	"errors"
	"testing"
)

func TestMemos(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	for _, value := range []string{"one", "two"} {
		must(t, l.Remember("job", []byte(value)))
	}
	must(t, l.Remember("gone", []byte("x")))
	must(t, l.Remember("gone", nil))
	if err := l.Remember("", []byte("x")); !errors.Is(err, ErrState) {
		t.Errorf("a memo without a name: %v", err)
	}
	if err := l.Remember("big", make([]byte, 2<<20)); !errors.Is(err, ErrState) {
		t.Errorf("a memo without bounds: %v", err)
	}
	must(t, l.Close())
	l = open(t, dir)
	v, err := OpenReadOnly(dir)
	must(t, err)
	defer v.Close()
	for name, want := range map[string]string{"job": "two", "gone": "", "never": ""} {
		mine, err := l.Memo(name)
		must(t, err)
		theirs, err := v.Memo(name)
		must(t, err)
		if string(mine) != want || string(theirs) != want {
			t.Errorf("%s is %q, and %q to a view; want %q", name, mine, theirs, want)
		}
	}
}

// A ledger of version 1 has no memos, to a view that may not bring it up to date.
func TestAViewOfALedgerBeforeMemos(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	_, err := l.writer.Exec("DROP TABLE memos; DROP TABLE rosters; PRAGMA user_version = 1")
	must(t, err)
	v, err := OpenReadOnly(dir)
	must(t, err)
	defer v.Close()
	if value, err := v.Memo("job"); value != nil || err != nil {
		t.Errorf("got %q, %v", value, err)
	}
}
