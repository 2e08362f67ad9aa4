package trust

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// keysName is the file of a state directory that remembers to which hosts keys have gone.
const keysName = "keys.json"

// mostKeys bounds what is remembered, and with it the file: thirty orgs of an agency need a hundredth of it.
const mostKeys = 1000

// remembered is that file. It holds no key: each is an HMAC under a salt of the file's own, which nobody makes up who
// has not got the key.
type remembered struct {
	Version int                 `json:"version"`
	Salt    string              `json:"salt"`
	Hosts   map[string][]string `json:"hosts"` // origins by the hash of the key
}

func (r *remembered) hash(key string) string {
	mac := hmac.New(sha256.New, []byte(r.Salt))
	mac.Write([]byte(key))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// recall reads the memory; what cannot be read back is none.
func recall(state string) *remembered {
	none := &remembered{Version: 1, Salt: rand.Text(), Hosts: map[string][]string{}}
	file, err := Open(filepath.Join(state, keysName), os.O_RDONLY|nonblock, 0)
	if err != nil {
		return none
	}
	defer file.Close()
	text, err := ReadOpen(file, 1<<20)
	r := &remembered{}
	if err != nil || json.Unmarshal(text, r) != nil || r.Version != 1 || r.Salt == "" || r.Hosts == nil {
		return none
	}
	return r
}

// Remembers says whether a key has gone to this address before, by the word of whoever worked with the state directory.
func Remembers(state, key, address string) bool {
	r := recall(state)
	return slices.Contains(r.Hosts[r.hash(key)], Origin(address))
}

// Remember notes that a key belongs to the org at an address. It writes only what is new, in one step; of two who write
// at once one may be lost, which costs a question later.
func Remember(state, key, address string) error {
	r := recall(state)
	hash, origin := r.hash(key), Origin(address)
	if slices.Contains(r.Hosts[hash], origin) {
		return nil
	}
	if len(r.Hosts) >= mostKeys {
		clear(r.Hosts)
	}
	r.Hosts[hash] = append(r.Hosts[hash], origin)
	text, err := json.Marshal(r)
	if err == nil {
		err = State(state)
	}
	if err == nil {
		err = WriteWhole(filepath.Join(state, keysName), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("remember to which org the key belongs: %w", err)
	}
	return nil
}
