package ledger

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"muster/pipeline/trust"
)

// takeLock takes the lock of a state directory and notes in the file who
// holds it. The lock is the kernel's and dies with its process, however that
// ends; the note only serves the message another process shows.
func takeLock(path string) (*flock.Flock, error) {
	if err := trust.Unlinked(path); err != nil {
		return nil, err
	}
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|trust.NoFollow), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	for looks := 0; err == nil && !held && looks < 5; looks++ { // somebody may only be looking whether it is held
		time.Sleep(5 * time.Millisecond)
		held, err = lock.TryLock()
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !held {
		return nil, readHolder(path)
	}
	if err := noteHolder(lock, path); err != nil {
		_ = lock.Unlock()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return lock, nil
}

// noteHolder writes into the file that is locked, and into no other that has its name by now.
func noteHolder(lock *flock.Flock, path string) error {
	file, err := trust.Open(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	locked, err := lock.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if mine, err := file.Stat(); err != nil || !os.SameFile(mine, locked) {
		return errors.Join(errors.New("somebody has put another file in its place"), err, file.Close())
	}
	note := fmt.Sprintf("%d %s\n", os.Getpid(), time.Now().UTC().Format(time.RFC3339))
	err = file.Truncate(0)
	if err == nil {
		_, err = file.WriteAt([]byte(note), 0)
	}
	return errors.Join(err, file.Close())
}

// readHolder reads the note of the lock's holder, or as much of it as there
// is: the holder may be about to write it.
func readHolder(path string) *LockedError {
	holder := &LockedError{}
	note, err := trust.Read(path, 1<<10)
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

// isHeld tells whether a live process holds the lock, by trying it: the number of a process says nothing, since another
// may have it by now, and in a container each is the first. It is shared, so that those who look do not keep each other
// out, and given back at once.
func isHeld(path string) bool {
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY|trust.NoFollow))
	free, err := lock.TryRLock()
	if err != nil {
		return false // nobody has made it, or it is not ours to read
	}
	if free {
		_ = lock.Unlock()
	}
	return !free
}
