package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartRefusals(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config Config
		says   string
	}{
		"garbage":   {Config{Path: garbage}, "garbage.db"},
		"directory": {Config{Path: dir}, "open"},
		"nowhere":   {Config{Path: filepath.Join(dir, "no", "such", "x.db")}, "no such file"},
		"public":    {Config{Addr: "0.0.0.0:0"}, "not a loopback address"},
		"no port":   {Config{Addr: "127.0.0.1"}, "missing port"},
		"switches": {Config{Switches: Switches{BatchesShape: "round", ErrorShape: "odd", DuplicateStatus: 200,
			BatchSize: -1}}, "BatchesShape"},
	} {
		s, err := Start(c.config)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", name)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", name, err, c.says)
		}
	}
	_, err := Start(Config{Switches: Switches{BatchesShape: "round", ErrorShape: "odd", DuplicateStatus: 200,
		BatchSize: -1}})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 4 {
		t.Errorf("%d of 4 mistakes: %v", len(lines), err)
	}
}

func TestOneServerPerFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	first := start(t, Config{Path: path})
	if _, err := Start(Config{Path: path}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second server: %v", err)
	}
	first.value(`{"externalId":"1"}`)
	first.stop()
	second := start(t, Config{Path: path})
	if second.count() != 1 {
		t.Errorf("%d customers", second.count())
	}
	for _, name := range []string{"sandbox.db", "sandbox.db-wal", "sandbox.db.lock"} {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// A file made by a later version is left alone.
func TestLaterLayoutIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	o := start(t, Config{Path: path})
	if _, err := o.store.reads.Exec("pragma user_version = 9"); err != nil {
		t.Fatal(err)
	}
	o.stop()
	if _, err := Start(Config{Path: path}); err == nil || !strings.Contains(err.Error(), "layout 9") {
		t.Errorf("%v", err)
	}
}

func TestTemporaryFilesGo(t *testing.T) {
	o := start(t, Config{})
	if _, err := os.Stat(o.store.temporary); err != nil {
		t.Fatal(err)
	}
	o.stop()
	if _, err := os.Stat(o.store.temporary); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
