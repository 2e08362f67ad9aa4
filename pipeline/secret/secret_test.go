package secret_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"muster/pipeline/config"
	"muster/pipeline/secret"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"key": "  hush\n", "two": "hush\nhush\n", "none": "\n",
		"long": strings.Repeat("x", 1<<20), "marked": "\ufeffhush\n", "wide": "\xff\xfeh\x00u\x00"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keyring.MockInit()
	if err := keyring.Set("muster", "acme", "hush"); err != nil {
		t.Fatal(err)
	}
	stdin := strings.NewReader("hush\nid,name\n")
	o := &secret.Opener{Stdin: stdin, Path: func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	},
		Lookup: func(name string) (string, bool) { return map[string]string{"KEY": "hush"}[name], true }}
	for _, test := range []struct {
		at   config.Secret
		want string // "": an error
		says string
	}{
		{config.Secret{File: "key"}, "hush", ""},
		{config.Secret{File: "-"}, "hush", ""},
		{config.Secret{Env: "KEY"}, "hush", ""},
		{config.Secret{Keyring: "muster/acme"}, "hush", ""},
		{config.Secret{Command: []string{"echo", "hush"}}, "hush", ""},
		{config.Secret{Command: []string{"cat", "key"}}, "hush", ""},
		{config.Secret{File: "two"}, "", "read the secret from two: there is more than one line"},
		{config.Secret{File: "none"}, "", "read the secret from none: there is no secret"},
		{config.Secret{File: "long"}, "", "read the secret from long: there is more than 64 kB, which is no secret"},
		{config.Secret{File: "/dev/zero"}, "", "read the secret from /dev/zero: there is more than 64 kB, which is no secret"},
		{config.Secret{Command: []string{"cat", "long"}}, "",
			"read the secret from the command cat: there is more than 64 kB, which is no secret"},
		{config.Secret{File: "marked"}, "", "read the secret from marked: it begins with a byte order mark, which is no " +
			"part of a secret: save it as UTF-8 without one"},
		{config.Secret{File: "wide"}, "", "read the secret from wide: it begins with a byte order mark, which is no part " +
			"of a secret: save it as UTF-8 without one"},
		{config.Secret{File: "nowhere"}, "", "read the secret from nowhere: no such file or directory"},
		{config.Secret{Env: "OTHER"}, "", "read the secret from the variable OTHER: there is no secret"},
		{config.Secret{Keyring: "muster/other"}, "", "read the secret from the keyring's entry muster/other: there is no " +
			"secret"},
		{config.Secret{Command: []string{"sh", "-c", "echo hush >&2; echo hush; exit 3"}}, "",
			"read the secret from the command sh: it failed with exit code 3"},
		{config.Secret{Command: []string{"/no/program", "hush"}}, "",
			"read the secret from the command /no/program: it cannot be run"},
		{config.Secret{}, "", "read the secret from nowhere: there is no secret"},
	} {
		got, err := o.Open(t.Context(), test.at)
		says := ""
		if err != nil {
			says = err.Error()
		}
		if got != test.want || says != test.says {
			t.Errorf("%+v: %q, %q, want %q, %q", test.at, got, says, test.want, test.says)
		}
	}
	if rest, _ := io.ReadAll(stdin); string(rest) != "id,name\n" {
		t.Errorf("behind the key %q was left of standard input", rest)
	}
	if _, err := o.Open(t.Context(), config.Secret{Env: "OTHER"}); !errors.Is(err, secret.ErrNone) {
		t.Error("a variable that is not set is no ErrNone")
	}
}

// A key that others may read is used, and said.
func TestOthersMayReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	for mode, want := range map[os.FileMode]int{0o600: 0, 0o400: 0, 0o640: 0, 0o644: 1, 0o604: 1} {
		if err := errors.Join(os.WriteFile(path, []byte("hush\n"), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		var heard []string
		o := &secret.Opener{Warn: func(says string) { heard = append(heard, says) }}
		if got, err := o.Open(t.Context(), config.Secret{File: path}); got != "hush" || err != nil || len(heard) != want {
			t.Errorf("%v: %q, %v, %q", mode, got, err, heard)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// A command that tells a secret is told none.
func TestACommandsEnvironment(t *testing.T) {
	t.Setenv("KUSTOMER_API_KEY", "hush")
	t.Setenv("OTHER", "hush")
	o := &secret.Opener{Hidden: []string{"OTHER"}}
	got, err := o.Open(t.Context(), config.Secret{Command: []string{"sh", "-c", "echo -$KUSTOMER_API_KEY-$OTHER-"}})
	if got != "---" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
