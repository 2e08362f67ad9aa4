package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"

	"muster/pipeline/config"
)

// TestAFullDiskIsNotTriedAgain: what cannot be written down here is no fault of the place.
func TestAFullDiskIsNotTriedAgain(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no device here that is full")
	}
	defer full.Close()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		io.WriteString(w, "id\n1\n")
	}))
	defer server.Close()
	f := &Fetcher{HTTP: http.DefaultClient, Idle: time.Minute,
		Sleep: func(context.Context, time.Duration) error { return nil }}
	s := &config.Source{From: server.URL + "/people.csv"}
	at, err := f.place(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	err = f.again(t.Context(), func() error {
		_, err := f.bring(t.Context(), at, s, Entry{Name: "people.csv", Size: -1}, Entry{}, full)
		return err
	})
	if !errors.Is(err, syscall.ENOSPC) || asked != 1 {
		t.Errorf("asked for %d times: %v", asked, err)
	}
}
