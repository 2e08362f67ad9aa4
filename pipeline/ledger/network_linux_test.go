package ledger

import "testing"

// The kernel's own list says which file system a directory is on.
func TestMounted(t *testing.T) {
	if kind := mounted("/proc/self"); kind != "proc" {
		t.Errorf("/proc is %q", kind)
	}
}
