//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the most memory a process held at once, in bytes; 0 where the system does not say.
func peak(state *os.ProcessState) int64 {
	usage, known := state.SysUsage().(*syscall.Rusage)
	if !known {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) // in bytes there, in KiB elsewhere
	}
	return int64(usage.Maxrss) << 10
}
