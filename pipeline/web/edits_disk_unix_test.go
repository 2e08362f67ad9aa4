//go:build unix

package web

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// TestEditsAfterAFullDisk: an edit that could not be kept is not told of, and those after it are kept.
func TestEditsAfterAFullDisk(t *testing.T) {
	c := begun(t, "c.csv", "Name,City\nAda,Bath\nBob,Leeds\nEve,Hull\n")
	c.edit(0, 1, "Wells")
	path := c.s.editsPath(c.s.tables.under)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var room syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &room); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	full := room
	full.Cur = uint64(info.Size()) + 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	o := &operation{Cells: []cell{{Row: 1, Column: 1, Before: "Leeds", After: strings.Repeat("York", 10)}}}
	_, failed := c.s.tables.edits.do(o)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &room); err != nil {
		t.Fatal(err)
	}
	if failed == nil {
		t.Fatal("an edit is told of that the disk had no room for")
	}
	c.edit(2, 1, "Ely")
	e, err := openEdits(path)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	_, lost := e.at(1, 1)
	kept, there := e.at(2, 1)
	if lost || !there || kept != "Ely" || e.n != 2 {
		t.Errorf("%d cells are edited, the last is %q", e.n, kept)
	}
}
