package web

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"muster/pipeline/parallel"
	"muster/pipeline/progress"
	"muster/pipeline/report"
	"muster/pipeline/trust"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// Config is what the page is told.
type Config struct {
	State   string        // directory of ledger and reports; the page keeps its own in ui/ below it
	Files   []string      // taken up at once, as if they had been chosen
	Project string        // project file whose jobs are shown; "" none
	Org     string        // the org that the environment names; "" none
	Keyed   bool          // the environment holds an API key
	Idle    time.Duration // without any request for so long, and with nothing under way, the server ends; default an hour
	Run     Runner
	Now     func() time.Time // nil: the clock's
}

// A Runner carries out a command line as muster does, and gives the exit code.
type Runner func(ctx context.Context, c Call) int

// Call is one command line to be carried out.
type Call struct {
	Args           []string // without the program's name
	Key            string   // stands for KUSTOMER_API_KEY; "" as the environment says
	Stdout, Stderr io.Writer
	Progress       progress.Reporter
}

// Server serves the page to one person on this machine.
type Server struct {
	config   Config
	listener net.Listener
	guard    *guard
	idle     *idle
	pages    *template.Template
	store    *store
	acts     *acts
	keys     *keys

	mostUpload int64
}

// Listen takes a free port of this machine; no other machine can reach it.
func Listen(c Config) (*Server, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Idle = cmp.Or(c.Idle, time.Hour)
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	if err := trust.State(c.State); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	sessions, err := openStore(filepath.Join(c.State, "ui"), c.Run, c.Now)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a port of this machine: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s := &Server{config: c, listener: l, guard: newGuard(port), idle: &idle{last: c.Now(), now: c.Now}, pages: pages,
		store:      sessions,
		mostUpload: mostUpload}
	s.acts, s.keys = &acts{run: c.Run, now: c.Now}, &keys{of: map[string]string{}}
	var all []*session
	for _, file := range c.Files {
		one, err := s.store.add(file, false)
		if err != nil {
			sessions.close()
			return nil, errors.Join(err, l.Close())
		}
		all = append(all, one)
	}
	if err := s.store.gather(context.Background(), all); err != nil {
		sessions.close()
		return nil, errors.Join(err, l.Close())
	}
	if len(all) > 0 && len(all[0].record.With) == len(all)-1 {
		s.guard.first = all[0].url(all[0].next())
	}
	return s, nil
}

// Address opens the page, once: it holds the launch token.
func (s *Server) Address() string {
	return "http://" + s.listener.Addr().String() + enterPath + "?token=" + s.guard.token
}

// Serve answers until ctx is done or nobody has asked for anything for the time that Idle says. What is under way then
// is told to stop and waited for. The error is nil after either.
func (s *Server) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.acts.begin(ctx)
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	var ended error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer parallel.Caught(&ended)
		if err := server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			ended = err
			cancel()
		}
	}()
	s.untilIdle(ctx)
	cancel()
	s.acts.wait()
	closing, end := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer end()
	if err := server.Shutdown(closing); err != nil {
		server.Close() // a stream that is still open
	}
	<-done
	s.store.close()
	return ended
}

// untilIdle waits until ctx is done or the page is idle.
func (s *Server) untilIdle(ctx context.Context) {
	every := time.NewTicker(min(s.config.Idle, 30*time.Second))
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			if s.idle.since() >= s.config.Idle && !s.acts.busy() {
				return
			}
		}
	}
}

// Handler answers requests, the guard before them.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	assets, _ := fs.Sub(assetFiles, "assets") // the folder is embedded
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.HandleFunc("GET /assets/report.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		io.WriteString(w, report.Style())
	})
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("POST /files", s.upload)
	mux.HandleFunc("GET /runs/{run}", s.showRun)
	mux.HandleFunc("GET /runs/{run}/{page}", s.showPage)
	s.steps(mux)
	return s.guard.before(s.idle.before(s.sound(mux)))
}

// sound answers a defect of ours with where it is, and with nothing of the file (law 5).
func (s *Server) sound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := parallel.Guarded(func() error { next.ServeHTTP(w, r); return nil })(); err != nil {
			s.refuse(w, r, http.StatusInternalServerError, err)
		}
	})
}
