// Package sandbox is a Kustomer org inside this process: the public HTTP API for customers, bulk jobs, metadata and
// keys, served on loopback over an embedded SQLite database.
//
// It is written from Kustomer's public documentation (https://developer.kustomer.com/docs) and imports nothing of
// muster's own schema or client, so that a mistake on one side shows on the other. Where the documentation is
// silent, the behaviour is a field of Switches.
package sandbox

import (
	"errors"
	"net/http"
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
	// Expires says when a key of Keys stops working. A key without an entry never does.
	Expires map[string]time.Time
	// RatePerMinute is the org's request budget for 60 s. 0 is 1,000 (the Enterprise plan); below 0 there is no limit.
	RatePerMinute int
	// JobDelay is the time between accepting a bulk job and its completion. 0: as fast as it can be done.
	JobDelay time.Duration
	// Switches choose among behaviours that the public documentation leaves open.
	Switches Switches
	// Now is the org's clock for documents and the rate window; nil is time.Now.
	Now func() time.Time
	// Faults is consulted around every request and job; nil never interferes.
	Faults Faults
}

// Server is a running org. All methods are safe for concurrent use.
type Server struct{}

// Start opens the database, takes up the jobs an earlier process accepted and did not finish, and serves.
// The caller must Close the server. Errors: a database that can't be opened, an address that can't be listened on.
func Start(c Config) (*Server, error) {
	return nil, errors.New("sandbox: not yet")
}

// URL is the base of the org without a slash at its end, such as http://127.0.0.1:41873.
func (s *Server) URL() string { return "" }

// Key is a working API key: the generated one, or the first of Config.Keys in lexical order.
func (s *Server) Key() string { return "" }

// Handler serves the same org without the listener.
func (s *Server) Handler() http.Handler { return http.NotFoundHandler() }

// Close answers the requests that have begun, stops every goroutine and closes the database. Jobs that were accepted
// and are not finished stay in the database and go on at the next Start with the same Path.
func (s *Server) Close() error { return nil }
