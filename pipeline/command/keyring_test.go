package command

import (
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// --key-file takes the key from the keyring, too; a name that is none of an entry, and an entry that is not there, are
// told with what to do.
func TestKeyFromTheKeyring(t *testing.T) {
	keyring.MockInit()
	if err := keyring.Set("muster", "acme", "hush\n"); err != nil {
		t.Fatal(err)
	}
	a := &app{Env: Env{Lookup: func(string) (string, bool) { return "", false }}}
	for from, want := range map[string]string{
		"keyring:muster/acme":  "hush",
		"keyring:muster/other": "! read the secret from the keyring's entry muster/other: there is no secret",
		"keyring:muster":       "! --key-file keyring:muster: an entry of the keyring is keyring:SERVICE/USER",
	} {
		key, err := a.key(t.Context(), &orgFlags{keyFile: from})
		if err != nil {
			key = "! " + err.Error()
		}
		if !strings.HasPrefix(key, want) {
			t.Errorf("%s: %q, want %q", from, key, want)
		}
	}
}
