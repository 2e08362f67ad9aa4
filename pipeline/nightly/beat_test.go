package nightly_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Whoever watches the heartbeat learns that a night begins, and how it ended.
func TestTheHeartbeatSaysHowANightWas(t *testing.T) {
	var mu sync.Mutex
	var beats []string
	watch := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		beats = append(beats, r.URL.Path)
	}))
	defer watch.Close()
	h := newHouse(t, nightProject+strings.ReplaceAll("heartbeat: {start: URL/start, good: URL/good, failure: "+
		"URL/failure}\n", "URL", watch.URL))
	h.write("crm.mapping.yaml", nightMapping)
	h.run(1)
	c := &crowd{}
	c.grow(3)
	h.write("feed-01.csv", c.csv(header))
	h.run(2)
	if want := []string{"/start", "/failure", "/start", "/good"}; !slices.Equal(beats, want) {
		t.Errorf("%v, want %v", beats, want)
	}
}
