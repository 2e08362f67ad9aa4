package nightly_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"muster/pipeline/config"
	"muster/pipeline/nightly"
)

// A tale is what the nights of one feed are told with.
type tale struct {
	h      *house
	c      *crowd
	number *int
	run    func() string // a night as it is
	usual  func() string // a night with a few changes
	feed   func(text string)
	whole  func() // the org has what the feed has
	down   func(code int) func(http.ResponseWriter, *http.Request) bool
	last   func() *nightly.Result
}

// rewrite replaces the first place of a text in a file of the project.
func (s *tale) rewrite(name, old, new string) {
	s.h.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.h.dir, name))
	if err != nil || !strings.Contains(string(text), old) {
		s.h.t.Fatalf("%s holds no %q: %v", name, old, err)
	}
	s.h.write(name, strings.Replace(string(text), old, new, 1))
}

func (s *tale) accept() {
	s.h.t.Helper()
	if found, err := nightly.AcceptDrift(filepath.Join(s.h.dir, ".muster"), "customers"); err != nil || len(found) == 0 {
		s.h.t.Fatalf("accepted %v, %v", found, err)
	}
}

// later are the thirty nights after the first thirty: what befalls the machine, the ledger, the project file and those
// who are told.
func (s *tale) later() []thing {
	h, c := s.h, s.c
	ledger := filepath.Join(h.dir, ".muster", "ledger.db")
	var sound []byte
	wider := func() string {
		return strings.ReplaceAll(strings.ReplaceAll(c.csv("id,name,email,city,score,shoe size\n"), "\n", ",41\n"),
			"shoe size,41", "shoe size")
	}
	return []thing{
		{what: "two files come at once", do: func() string {
			h.write(fmt.Sprintf("feed-%02d-a.csv", *s.number), c.csv(header))
			earlier := h.clock.Now().Add(-2 * time.Hour)
			if err := os.Chtimes(filepath.Join(h.dir, fmt.Sprintf("feed-%02d-a.csv", *s.number)), earlier, earlier); err != nil {
				h.t.Fatal(err)
			}
			return s.usual()
		}, after: s.whole, exit: "0", told: "passed over"},
		{what: "an ordinary night", do: s.usual, after: s.whole, exit: "0"},
		{what: "the org and the channel are out of reach",
			do: func() string { h.spoil(s.down(503)); h.hears(false); return s.usual() }, exit: "6"},
		{what: "both are back: the channel never knew", do: func() string { h.spoil(nil); h.hears(true); return s.usual() },
			after: s.whole, exit: "0"},
		{what: "the org and the channel are out of reach",
			do: func() string { h.spoil(s.down(503)); h.hears(false); return s.usual() }, exit: "6"},
		{what: "the channel is back, the org is not", do: func() string { h.hears(true); return s.usual() }, exit: "6",
			told: "the environment"},
		{what: "so is the org", do: func() string { h.spoil(nil); return s.usual() }, after: s.whole, exit: "0",
			told: "well again"},
		{what: "the ledger is damaged", do: func() string {
			var err error
			if sound, err = os.ReadFile(ledger); err == nil {
				err = os.WriteFile(ledger, []byte(strings.Repeat("no ledger ", 1000)), 0o600)
			}
			if err != nil {
				h.t.Fatal(err)
			}
			return s.usual()
		}, exit: "6", told: "muster restore"},
		{what: "it still is", do: s.usual, exit: "6"},
		{what: "it is put back", do: func() string {
			if err := os.WriteFile(ledger, sound, 0o600); err != nil {
				h.t.Fatal(err)
			}
			return s.usual()
		}, after: s.whole, exit: "0", told: "well again"},
		{what: "somebody breaks the project file", do: func() string {
			s.rewrite("muster.yaml", "mapping:", "maping:")
			path := filepath.Join(h.dir, "muster.yaml")
			_, err := config.Load(path)
			p := config.Salvage(path)
			if p == nil || err == nil {
				h.t.Fatal("nothing can be believed of the file, or nothing is wrong with it")
			}
			n := &nightly.Night{Project: p, Version: "test", Now: h.clock.Now, Sleep: h.clock.Sleep,
				Secret: func(context.Context, config.Secret) (string, error) { return "hush", nil }}
			return fmt.Sprint(n.Unreadable(h.t.Context(), fmt.Errorf("the project file has mistakes: %w", err)).ExitCode)
		}, exit: "2", told: "the project file has mistakes"},
		{what: "it is right again", do: func() string { s.rewrite("muster.yaml", "maping:", "mapping:"); return s.usual() },
			after: s.whole, exit: "0", told: "well again"},
		{what: "two rows cannot be used, and the machine dies while 300 changes are sent", do: func() string {
			c.rescore(0, 300)
			s.feed(c.csv(header) + spoilt)
			h.killed(8)
			return "killed"
		}, exit: "killed"},
		{what: "no new file; last night's run is finished", do: s.run, exit: "3", told: "2 of "},
		{what: "no new file", do: s.run, exit: "3"},
		{what: "the two rows are gone", do: s.usual, after: s.whole, exit: "0", told: "well again"},
		{what: "SIGTERM while 300 changes are sent", do: func() string {
			c.rescore(0, 300)
			s.feed(c.csv(header))
			ctx, stop := context.WithCancelCause(h.t.Context())
			var seen atomic.Int64
			h.spoil(func(http.ResponseWriter, *http.Request) bool {
				if seen.Add(1) == 4 {
					stop(errors.New("terminated signal received"))
				}
				return false
			})
			out, err := h.night().Run(ctx, nil)
			h.spoil(nil)
			if err != nil {
				h.t.Fatal(err)
			}
			return fmt.Sprint(out.ExitCode)
		}, exit: "143"},
		{what: "what was left is finished first, then this night's", do: s.usual, after: s.whole, exit: "0"},
		{what: "the org is away for half an hour of a night with retry: 3 in 1h", do: func() string {
			s.rewrite("muster.yaml", "    mapping:", "    retry: 3 in 1h\n    mapping:")
			back := h.clock.Now().Add(30 * time.Minute)
			h.spoil(func(w http.ResponseWriter, _ *http.Request) bool {
				if h.clock.Now().After(back) {
					return false
				}
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			})
			code := s.usual()
			h.spoil(nil)
			if s.last().Retries == 0 {
				h.t.Error("nothing was tried again")
			}
			return code
		}, after: s.whole, exit: "0"},
		{what: "no new file", do: s.run, exit: "0"},
		{what: "no new file", do: s.run, exit: "0"},
		{what: "none for more than two days", do: s.run, exit: "0", told: "the newest file is"},
		{what: "one comes", do: s.usual, after: s.whole, exit: "0"},
		{what: "a column that is not mapped yet", do: func() string { s.feed(wider()); return s.run() }, exit: "5",
			told: "stopped by the guard of columns"},
		{what: "the mapping ignores it, and it is accepted", do: func() string {
			s.rewrite("crm.mapping.yaml", "columns:\n", "columns:\n  shoe size: ignore\n")
			s.accept()
			return s.run()
		}, after: s.whole, exit: "0", told: "well again"},
		{what: "it is gone", do: s.usual, exit: "5", told: "stopped by the guard of columns"},
		{what: "it is taken out of the mapping, and that is accepted, too", do: func() string {
			s.rewrite("crm.mapping.yaml", "  shoe size: ignore\n", "")
			s.accept()
			return s.run()
		}, after: s.whole, exit: "0", told: "well again"},
		{what: "every fifth answer of the org is lost", do: func() string {
			var seen atomic.Int64
			h.spoil(func(w http.ResponseWriter, r *http.Request) bool {
				if seen.Add(1)%5 == 0 && r.Method == http.MethodGet {
					w.WriteHeader(http.StatusBadGateway)
					return true
				}
				return false
			})
			code := s.usual()
			h.spoil(nil)
			return code
		}, after: s.whole, exit: "0"},
		{what: "an ordinary night", do: s.usual, after: s.whole, exit: "0"},
		{what: "the file comes again under a new name", do: func() string { s.feed(c.csv(header)); return s.run() },
			after: s.whole, exit: "0"},
	}
}
