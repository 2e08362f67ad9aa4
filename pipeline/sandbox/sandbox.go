// Package sandbox is a Kustomer org inside this process: the public HTTP API for customers, companies, KObjects,
// conversations, messages, notes, attachments, users, teams, bulk jobs, metadata and keys, served on loopback over an
// embedded SQLite database.
//
// It is written from Kustomer's public documentation (https://developer.kustomer.com/docs) and imports nothing of
// muster's own schema or client, so that a mistake on one side shows on the other. Where the documentation is
// silent, the behaviour is a field of Switches.
//
// The way of a request is serve in serve.go; what is written goes through the one goroutine of writer.go.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Config says what kind of org to start. The zero value is a usable org that is gone after Close.
type Config struct {
	// Path is the SQLite file, made with mode 0600 when missing. "" is a temporary file that Close removes.
	Path string
	// Addr is the loopback address to listen on. "" is 127.0.0.1:0: any free port.
	Addr string
	// Keys are the API keys and the roles of each. Empty: one key with all roles, generated once and kept in Path.
	Keys map[string][]string
	// Admin gives the generated key the role org.admin, too: the dates and authors that it writes are honoured.
	Admin bool
	// Expires says when a key of Keys stops working. A key without an entry never does.
	Expires map[string]time.Time
	// RatePerMinute is the org's request budget for 60 s. 0 is 1,000 (the Enterprise plan); below 0 there is no limit.
	RatePerMinute int
	// JobDelay is the time between accepting a bulk job and its completion. 0: as fast as it can be done.
	JobDelay time.Duration
	// Switches choose among behaviours that the public documentation leaves open.
	Switches Switches
	// Workflows and Webhooks are those that the org shows; nil Workflows: the one that an org begins with.
	Workflows, Webhooks []Automation
	// Now is the org's clock for documents and budgets; nil is time.Now. Jobs run in real time all the same.
	Now func() time.Time
	// Faults is consulted around every request and job; nil never interferes.
	Faults Faults
	// Misbehaviour is faults by chance. With any rate set, Faults must be nil.
	Misbehaviour Misbehaviour
}

// Server is a running org. All methods are safe for concurrent use.
type Server struct {
	config     Config
	switches   Switches
	store      *store
	writer     *writer
	keys       *keyring
	limiter    *limiter
	checker    *checker
	identities *identityReader
	present    *presenter
	resent     *resends
	bodies     atomic.Pointer[bodies]            // by the attributes the org has now
	targets    atomic.Pointer[map[string]string] // custom attributes that name another thing's id, and its kind
	required   atomic.Pointer[[]string]          // custom attributes that no customer should be without
	talks      atomic.Bool                       // some conversation may be of a customer
	metadata   sync.Mutex                        // one change of the attributes at a time
	fired      atomic.Int64
	started    time.Time

	handler  http.Handler
	listener net.Listener
	http     *http.Server
	closing  context.Context // done when Close begins
	close    context.CancelFunc
	closed   sync.Once
	served   chan struct{} // closed when the listener's goroutine has ended
	fresh    freshConns
}

// Start opens the database, takes up the jobs an earlier process accepted and did not finish, and serves.
// The caller must Close the server. Errors: all switches in unknown positions, ErrInUse, a database that can't be
// opened, an address that is not on loopback or can't be listened on.
func Start(c Config) (*Server, error) {
	if err := errors.Join(c.Switches.check(), c.Misbehaviour.Check()); err != nil {
		return nil, err
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	st, err := openStore(c.Path, c.Switches.KnownTags)
	if err != nil {
		return nil, err
	}
	s, err := newServer(c, st)
	if err != nil {
		return nil, errors.Join(err, st.close())
	}
	go s.writer.loop()
	go func() {
		defer close(s.served)
		_ = s.http.Serve(s.listener) // ends with http.ErrServerClosed when Close is called
	}()
	return s, nil
}

// newServer is a server that does not run yet. When it fails nothing is left but st.
func newServer(c Config, st *store) (*Server, error) {
	if len(c.Keys) == 0 {
		key, err := st.generatedKey()
		if err != nil {
			return nil, err
		}
		roles := Roles()
		if c.Admin {
			roles = append(roles, roleAdmin)
		}
		c.Keys = map[string][]string{key: roles}
	}
	s := &Server{
		config: c, switches: c.Switches, store: st, keys: newKeyring(c.Keys, c.Expires),
		limiter: newLimiter(c.RatePerMinute, c.Switches), checker: newChecker(), identities: newIdentityReader(c.Switches),
		present: newPresenter(st, c.Switches), resent: &resends{}, started: c.Now(), served: make(chan struct{}),
	}
	if len(c.Misbehaviour.Rates) > 0 {
		s.config.Faults = newMischief(c.Misbehaviour, s)
	}
	if c.Switches.ResentIsSameJob {
		s.resent.jobs = map[[32]byte]*job{}
	}
	if err := s.adopt(context.Background()); err != nil {
		return nil, err
	}
	s.talks.Store(st.nextConversation > int64(len(demoConversations())))
	s.present.counts = s.counts
	s.writer = &writer{
		st: st, writes: make(chan write), stop: make(chan struct{}), stopped: make(chan struct{}),
		queue: &queue{hold: s.holds}, fired: &s.fired,
	}
	jobs, err := s.unfinished()
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		s.writer.queue.add(j)
	}
	s.handler = s.newHandler()
	s.http = &http.Server{
		Handler: s.handler, ReadHeaderTimeout: time.Minute, ConnState: s.fresh.follow,
		ErrorLog: log.New(io.Discard, "", 0), // a server within a program has no standard error of its own
	}
	s.closing, s.close = context.WithCancel(context.Background())
	s.listener, err = listen(c.Addr)
	return s, err
}

// listen refuses addresses that other machines could reach: the org is open to whoever sees its key.
func listen(addr string) (net.Listener, error) {
	at, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	if !at.IP.IsLoopback() {
		return nil, fmt.Errorf("listen on %s: not a loopback address", addr)
	}
	return net.Listen("tcp", addr)
}

func (s *Server) now() time.Time { return s.config.Now() }

// holds reports whether a job is to stay as it is for now.
func (s *Server) holds(job string) bool { return s.config.Faults != nil && s.config.Faults.Hold(job) }

// URL is the base of the org without a slash at its end, such as http://127.0.0.1:41873.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Key is a working API key: the generated one, or the first of Config.Keys in lexical order.
func (s *Server) Key() string { return s.keys.first }

// Handler serves the same org without the listener.
func (s *Server) Handler() http.Handler { return s.handler }

// closeTime is how long Close waits for requests that have begun.
const closeTime = 5 * time.Second

// Close answers the requests that have begun, stops every goroutine and closes the database. Jobs that were accepted
// and are not finished stay in the database and go on at the next Start with the same Path. It may be called again,
// and then does nothing.
func (s *Server) Close() (err error) {
	s.closed.Do(func() { err = s.shutDown() })
	return err
}

func (s *Server) shutDown() error {
	s.close()
	s.fresh.close()
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	<-s.served
	close(s.writer.stop)
	<-s.writer.stopped
	return errors.Join(err, s.store.close())
}

// freshConns are the connections on which no request has begun. http.Server.Shutdown waits up to five seconds for
// each of those; clients that open connections in advance leave some.
type freshConns struct {
	mutex  sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func (f *freshConns) follow(c net.Conn, state http.ConnState) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	switch {
	case state != http.StateNew:
		delete(f.conns, c)
	case f.closed:
		_ = c.Close()
	default:
		if f.conns == nil {
			f.conns = map[net.Conn]bool{}
		}
		f.conns[c] = true
	}
}

func (f *freshConns) close() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.closed = true
	for c := range f.conns {
		_ = c.Close()
	}
}
