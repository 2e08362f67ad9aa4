package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"muster/pipeline/trust"
)

// backupForm is how backups in a folder are called, so that they are told from everything else that lies there.
const backupForm = "ledger-20060102-150405.db"

// BackupInto is Backup into a folder, which is made where it is not there, under a name that says when. Backups of this
// kind that are older than keep go once the new one is whole; 0 keeps all. It returns the backup and those that went.
func (v *View) BackupInto(dir string, at time.Time, keep time.Duration) (path string, gone []string, err error) {
	if err := trust.MkdirAll(dir); err != nil {
		return "", nil, fmt.Errorf("ledger: back up: %w", err)
	}
	path = filepath.Join(dir, at.UTC().Format(backupForm))
	if err := v.Backup(path); err != nil {
		return "", nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil || keep == 0 {
		return path, nil, err
	}
	for _, e := range entries {
		made, is := time.Parse(backupForm, e.Name())
		if is != nil || !e.Type().IsRegular() || at.Sub(made) <= keep {
			continue
		}
		old := filepath.Join(dir, e.Name())
		err = errors.Join(err, os.Remove(old))
		gone = append(gone, old)
	}
	return path, gone, err
}

// Backups are the backups in a folder, oldest first.
func Backups(dir string) (paths []string) {
	entries, _ := os.ReadDir(dir) // none where it cannot be read
	for _, e := range entries {
		if _, is := time.Parse(backupForm, e.Name()); is == nil && e.Type().IsRegular() {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}
