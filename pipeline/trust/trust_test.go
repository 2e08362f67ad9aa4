//go:build unix

package trust_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"muster/pipeline/trust"
)

func TestLoopbackIsAnAddress(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.8.7": true, "::1": true, "[::1]": true, "localhost": true, "LocalHost": true,
		"::ffff:127.0.0.1": true,
		"127.evil.example": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false, "127.1": false,
		"10.0.0.1": false, "0.0.0.0": false, "": false, "::": false, "127.0.0.1@evil.example": false,
	} {
		if got := trust.Loopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
	for address, want := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "localhost:1": true,
		"127.evil.example:80": false, "127.0.0.1": true} {
		if got := trust.LoopbackAddress(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestKustomersHosts(t *testing.T) {
	for host, want := range map[string]bool{
		"acme.api.kustomerapp.com": true, "ACME.API.KUSTOMERAPP.COM": true, "acme.api.prod2.kustomerapp.com": true,
		"kustomerapp.com.evil.example": false, "evilkustomerapp.com": false, ".kustomerapp.com": false,
		"kustomerapp.com": false, "": false,
	} {
		if got := trust.Kustomers(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// Whoever has not got the key cannot make a state directory say that it knows it, and none says what the key is.
func TestKeysAreRemembered(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	if trust.Remembers(state, "key", "https://acme.api.kustomerapp.com") {
		t.Error("a directory that is not there remembers")
	}
	for range 2 {
		if err := trust.Remember(state, "key", "https://acme.api.kustomerapp.com/"); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		key, address string
		want         bool
	}{
		{"key", "https://acme.api.kustomerapp.com", true}, {"key", "https://ACME.api.kustomerapp.com:443", true},
		{"key", "http://acme.api.kustomerapp.com", false}, {"key", "https://acme.api.kustomerapp.com:8443", false},
		{"key", "https://evil.example", false}, {"other", "https://acme.api.kustomerapp.com", false},
	} {
		if got := trust.Remembers(state, test.key, test.address); got != test.want {
			t.Errorf("%s to %s: %v", test.key, test.address, got)
		}
	}
	path := filepath.Join(state, "keys.json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// What cannot be read back is no memory, and is written anew.
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if trust.Remembers(state, "key", "https://acme.api.kustomerapp.com") {
		t.Error("a broken file remembers")
	}
	if err := trust.Remember(state, "key", "https://acme.api.kustomerapp.com"); err != nil {
		t.Error(err)
	}
}

func TestStrangers(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		mode     os.FileMode
		uid, gid int
		want     string
	}{
		{0o700, -1, -1, ""}, {0o755, -1, -1, ""}, {0o777, -1, -1, "everybody"}, {0o770, -1, -1, ""},
		{0o770, 0, 12345, "group (id 12345)"}, {0o755, 0, 12345, ""}, {0o755, 12345, 12345, "another user (id 12345)"},
	} {
		if test.uid >= 0 && os.Getuid() != 0 {
			continue
		}
		path := filepath.Join(dir, "d")
		if err := errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700), os.Chown(path, test.uid, test.gid),
			os.Chmod(path, test.mode)); err != nil {
			t.Fatal(err)
		}
		err := trust.State(path)
		var stranger *trust.Stranger
		if test.want == "" && err != nil || test.want != "" &&
			(!errors.As(err, &stranger) || !strings.Contains(err.Error(), test.want) || stranger.Fix == "") {
			t.Errorf("%v %d %d: %v, want %q", test.mode, test.uid, test.gid, err, test.want)
		}
	}
}

// No link is followed where muster keeps something, and nothing without an end is read.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	victim, link, pipe := filepath.Join(dir, "victim"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(victim, []byte("dear"), 0o600), os.Symlink(victim, link),
		syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	var stranger *trust.Stranger
	if _, err := trust.Open(link, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); !errors.As(err, &stranger) {
		t.Errorf("a link: %v", err)
	}
	if err := trust.Unlinked(victim, link); !errors.As(err, &stranger) {
		t.Errorf("a link: %v", err)
	}
	if err := trust.WriteWhole(link, []byte("new")); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "dear" {
		t.Errorf("what the link leads to holds %q, %v", text, err)
	}
	if _, err := trust.Read(victim, 3); !errors.Is(err, trust.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	for _, path := range []string{pipe, "/dev/zero", dir} {
		if _, err := trust.Read(path, 10); err == nil || !strings.Contains(err.Error(), "no file but") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestEnvironment(t *testing.T) {
	before := []string{"PATH=/bin", "KUSTOMER_API_KEY=hush", "SMTP_PASSWORD=hush", "OTEL_EXPORTER_OTLP_HEADERS=x=hush",
		"HOME=/root"}
	if got := trust.Environment(before, "SMTP_PASSWORD"); !slices.Equal(got, []string{"PATH=/bin", "HOME=/root"}) {
		t.Errorf("%v", got)
	}
}
