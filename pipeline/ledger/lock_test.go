//go:build unix

package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func childHolds(dir string) error {
	if _, err := Open(dir); err != nil {
		return err
	}
	fmt.Println("held")
	time.Sleep(time.Minute)
	return errors.New("nobody killed me")
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	command, lines := child(t, "hold", dir)
	lines.Scan()
	for range 2 {
		_, err := Open(dir)
		var locked *LockedError
		if !errors.As(err, &locked) || locked.PID != command.Process.Pid || time.Since(locked.Since) > time.Minute {
			t.Fatalf("got %v, want a LockedError of process %d", err, command.Process.Pid)
		}
	}
	must(t, command.Process.Kill())
	_ = command.Wait()
	l := open(t, dir)
	if _, err := Open(dir); !errors.As(err, new(*LockedError)) {
		t.Errorf("twice in one process: %v", err)
	}
	reopen(t, l, dir)
}

// childOpensAsNobody prints the error of Open without root's powers.
func childOpensAsNobody(dir string) error {
	const nobody = 65534
	if os.Getuid() == 0 {
		if err := syscall.Setuid(nobody); err != nil {
			return err
		}
	}
	_, err := Open(dir)
	fmt.Println(errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EROFS), err)
	return nil
}

func TestADirectoryThatCannotBeWritten(t *testing.T) {
	base := t.TempDir()
	for dir := base; dir != filepath.Clean(os.TempDir()) && len(dir) > 1; dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755))
	}
	used := filepath.Join(base, "used")
	must(t, open(t, used).Close())
	for _, name := range []string{fileName, lockName} {
		must(t, os.Chmod(filepath.Join(used, name), 0o444))
	}
	must(t, os.Chmod(used, 0o555))
	bare := filepath.Join(base, "bare")
	must(t, os.Mkdir(bare, 0o555))
	must(t, os.Chmod(base, 0o555))
	t.Cleanup(func() { _ = errors.Join(os.Chmod(base, 0o755), os.Chmod(used, 0o755), os.Chmod(bare, 0o755)) })
	for _, dir := range []string{used, bare, filepath.Join(base, "new")} {
		_, lines := child(t, "open as nobody", dir)
		if lines.Scan(); len(lines.Text()) < 4 || lines.Text()[:4] != "true" {
			t.Errorf("%s: got %q, want EACCES or EROFS", filepath.Base(dir), lines.Text())
		}
	}
}
