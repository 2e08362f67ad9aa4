//go:build unix

package pipeline_test

import (
	"os/signal"
	"syscall"
)

// limitFiles has every file of this process end at so many bytes, as a full disk would.
func limitFiles(most uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most})
}
