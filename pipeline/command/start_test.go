package command_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What every run of muster pays before main begins is what its packages set up. Their allocations are
// counted, since time cannot be: a dependency that builds tables or compiles expressions when it is
// loaded shows here. Most of what there is belongs to the phone library, and to excelize, which only tests load.
const (
	startBytes  = 7 << 20
	startAllocs = 80_000
)

func TestStartIsCheap(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own allocations are counted with ours: the run without it holds the bound")
	}
	run := exec.Command(os.Args[0], "-test.run=^$")
	run.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	type set struct {
		name          string
		bytes, allocs int
	}
	var all []set
	bytes, allocs := 0, 0
	for _, m := range regexp.MustCompile(`(?m)^init (\S+) .* (\d+) bytes, (\d+) allocs`).FindAllStringSubmatch(string(out),
		-1) {
		one := set{name: m[1]}
		one.bytes, _ = strconv.Atoi(m[2])
		one.allocs, _ = strconv.Atoi(m[3])
		all = append(all, one)
		bytes, allocs = bytes+one.bytes, allocs+one.allocs
	}
	if len(all) < 50 || bytes == 0 {
		t.Fatalf("%d packages and %d bytes: this Go prints its inittrace in another form", len(all), bytes)
	}
	if bytes <= startBytes && allocs <= startAllocs {
		return
	}
	slices.SortFunc(all, func(a, b set) int { return cmp.Compare(b.bytes, a.bytes) })
	var most strings.Builder
	for _, one := range all[:10] {
		fmt.Fprintf(&most, "\n%10d bytes %7d allocs  %s", one.bytes, one.allocs, one.name)
	}
	t.Errorf("before main begins there are %d bytes in %d allocations, of %d and %d:%s", bytes, allocs, startBytes,
		startAllocs, &most)
}
