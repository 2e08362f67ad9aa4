package kustomer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"muster/pipeline/kustomer"
)

// TestEnding: when its context is done a read ends at once, a write that has begun goes on until the context's end is
// done, and what is detached lasts as long as that end. The server answers nothing and the client waits for an hour:
// without the two ends this test would not end.
func TestEnding(t *testing.T) {
	begun, over := make(chan struct{}, 3), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-over:
		}
	}))
	defer server.Close()
	defer close(over)
	client, err := kustomer.New(kustomer.Config{URL: server.URL, Key: "k", Timeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	outer, cancel := context.WithCancel(t.Context())
	end, give := context.WithCancel(t.Context())
	ctx := kustomer.Ending(outer, end)
	if !kustomer.Ends(ctx) || kustomer.Ends(outer) || kustomer.Detached(ctx).Err() != nil {
		t.Error("a context does not know its end")
	}
	written, read := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := client.Update(ctx, "5f0000000000000000000001", []byte(`{"name":"Ana"}`))
		written <- err
	}()
	<-begun
	go func() {
		_, err := client.Customer(ctx, "5f0000000000000000000001")
		read <- err
	}()
	<-begun
	cancel()
	if err := <-read; !errors.Is(err, context.Canceled) {
		t.Errorf("a read ends with %v", err)
	}
	select {
	case err := <-written:
		t.Errorf("a write that has begun ends with its caller: %v", err)
	default:
	}
	give()
	if err := <-written; kustomer.VerdictOf(err) != kustomer.InDoubt {
		t.Errorf("a write that is given up is %v", kustomer.VerdictOf(err))
	}
	if _, err := client.Customer(kustomer.Detached(ctx), "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("what is detached goes on after the end: %v", err)
	}
}
