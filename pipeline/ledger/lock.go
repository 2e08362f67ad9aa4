package ledger

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// takeLock takes the lock of a state directory and notes in the file who
// holds it. The lock is the kernel's and dies with its process, however that
// ends; the note only serves the message another process shows.
func takeLock(path string) (*flock.Flock, error) {
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !held {
		return nil, readHolder(path)
	}
	note := fmt.Sprintf("%d %s\n", os.Getpid(), time.Now().UTC().Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(note), 0o600); err != nil {
		_ = lock.Unlock()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return lock, nil
}

// readHolder reads the note of the lock's holder, or as much of it as there
// is: the holder may be about to write it.
func readHolder(path string) *LockedError {
	holder := &LockedError{}
	note, err := os.ReadFile(path)
	if err != nil {
		return holder
	}
	pid, since, _ := strings.Cut(strings.TrimSpace(string(note)), " ")
	if holder.PID, err = strconv.Atoi(pid); err != nil {
		return &LockedError{}
	}
	if holder.Since, err = time.Parse(time.RFC3339, since); err != nil {
		return &LockedError{}
	}
	return holder
}

// alive tells whether the process that is noted as the last holder of the lock
// still lives. It only serves what people are shown: another process may have
// its number by now, so nothing is decided by it.
func alive(path string) bool {
	holder := readHolder(path)
	if holder.PID <= 0 {
		return false
	}
	process, err := os.FindProcess(holder.PID)
	if err != nil {
		return false
	}
	defer process.Release()
	return !errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
