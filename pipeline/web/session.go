package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// recordFile is where a session's record is kept, in the session's own folder.
const recordFile = "session.json"

// A record is what is kept of one import, from its file to its report. Beside it lie the mapping and the journal of
// edits.
type record struct {
	ID       string    `json:"id"`
	File     string    `json:"file"`               // as a command names it
	Uploaded bool      `json:"uploaded,omitempty"` // File is a copy of what was sent to the page
	Created  time.Time `json:"created"`
	Revision int64     `json:"revision"` // grows with every change: two tabs tell by it who is late
	Stamp    int64     `json:"stamp"`    // grows with every change of what would be sent
	// grows with those of the mapping or of the reading: every row is another one then
	Basis    int64             `json:"basis"`
	Reading  map[string]string `json:"reading,omitempty"`
	Preset   string            `json:"preset,omitempty"`
	Decided  map[string]bool   `json:"decided,omitempty"` // columns of which a person has said where they go
	Org      string            `json:"org,omitempty"`     // as --to takes it
	KeyFile  string            `json:"key_file,omitempty"`
	YesOrg   string            `json:"yes_org,omitempty"` // as it was typed
	Acts     map[string]*act   `json:"acts,omitempty"`    // the last of each kind
	Underway string            `json:"underway,omitempty"`
	With     []string          `json:"with,omitempty"`   // imports that go into the run of this one
	Leader   string            `json:"leader,omitempty"` // the import in whose run this one goes
}

// A session is one import. Its fields are guarded by mu.
type session struct {
	mu     sync.Mutex
	store  *store
	dir    string
	now    func() time.Time
	run    Runner
	record record
	tables tables // what was read of the file; made again when it is gone
}

func (s *session) path(name string) string { return filepath.Join(s.dir, name) }

// name is what people call the file.
func (s *session) name() string { return filepath.Base(s.record.File) }

// save writes the record in one step. The caller holds mu.
func (s *session) save() error {
	s.record.Revision++
	text, err := json.MarshalIndent(&s.record, "", "  ")
	if err == nil {
		err = trust.WriteWhole(s.path(recordFile), text)
	}
	if err != nil {
		return fmt.Errorf("keep what was done: %w", err)
	}
	return nil
}

// changed notes that every row may be another one now, those of the followers too. The caller holds mu and saves.
func (s *session) changed() error {
	s.record.Stamp++
	s.record.Basis++
	var err error
	for _, one := range s.followers() {
		one.mu.Lock()
		one.tables.meaning = nil
		err = errors.Join(err, one.changed(), one.save())
		one.mu.Unlock()
	}
	return err
}

// errLate is the answer to a tab that shows what is no longer so.
var errLate = errors.New("this import was changed in another tab; load the page again to see it")

// at makes sure that a change was made on what is so. The caller holds mu.
func (s *session) at(revision int64) error {
	if revision != s.record.Revision {
		return errLate
	}
	return nil
}

// A store holds the sessions of a state directory.
type store struct {
	joining sync.Mutex // of imports into one run; taken before any mu

	mu   sync.Mutex
	dir  string
	now  func() time.Time
	run  Runner
	all  map[string]*session
	lock *flock.Flock
}

// openStore reads the sessions that there are. Only one server works with a state directory.
func openStore(dir string, run Runner, now func() time.Time) (*store, error) {
	if err := trust.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make the page's directory: %w", err)
	}
	st := &store{dir: dir, now: now, run: run, all: map[string]*session{}, lock: flock.New(filepath.Join(dir, "lock"))}
	if held, err := st.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	} else if !held {
		return nil, fmt.Errorf("another muster ui serves %s: close it, or give this one a state directory of its own with "+
			"--state DIR", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the page's directory: %w", err)
	}
	for _, e := range entries {
		text, err := trust.Read(filepath.Join(dir, e.Name(), recordFile), 1<<20)
		if errors.Is(err, fs.ErrNotExist) || !e.IsDir() {
			continue
		}
		s := &session{store: st, dir: filepath.Join(dir, e.Name()), now: now, run: run}
		if err == nil {
			err = json.Unmarshal(text, &s.record)
		}
		if err != nil || s.record.ID != e.Name() {
			continue // of muster's own files, what cannot be read back is never worth the run
		}
		st.all[s.record.ID] = s
	}
	return st, nil
}

func (st *store) close() {
	for _, s := range st.list() {
		s.mu.Lock()
		s.tables.close()
		s.mu.Unlock()
	}
	st.lock.Close()
}

// find gives a session by its id. An id that leads anywhere else names none.
func (st *store) find(id string) (*session, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s, ok := st.all[id]
	return s, ok
}

// list gives all sessions, the newest first.
func (st *store) list() []*session {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.SortedFunc(maps.Values(st.all), func(a, b *session) int {
		return strings.Compare(b.record.ID, a.record.ID)
	})
}

// create makes an empty session and its folder.
func (st *store) create() (*session, error) {
	id := st.now().UTC().Format("20060102-150405-") + random()[:4]
	s := &session{store: st, dir: filepath.Join(st.dir, id), now: st.now, run: st.run,
		record: record{ID: id, Created: st.now().UTC()}}
	if err := trust.MkdirAll(s.dir); err != nil {
		return nil, fmt.Errorf("make the import's directory: %w", err)
	}
	return s, nil
}

// add begins an import of a file of this machine. Of one that was begun before with the same file the newest is gone on
// with.
func (st *store) add(file string, uploaded bool) (*session, error) {
	if !uploaded {
		whole, err := filepath.Abs(file)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", file, err)
		}
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &source.Error{Code: source.FileMissing, File: file, Detail: "there is no such file", Err: err}
		}
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is no file", file)
		}
		for _, s := range st.list() {
			if s.record.File == whole {
				return s, nil
			}
		}
		file = whole
	}
	s, err := st.create()
	if err != nil {
		return nil, err
	}
	s.record.File, s.record.Uploaded = file, uploaded
	s.settle()
	return s, st.keep(s)
}

// keep saves a session and has it be found.
func (st *store) keep(s *session) error {
	if err := s.save(); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.all[s.record.ID] = s
	return nil
}

// remove forgets a session and deletes all that the page kept of it; a file that was not uploaded stays.
func (st *store) remove(s *session) error {
	st.mu.Lock()
	delete(st.all, s.record.ID)
	st.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables.close()
	return os.RemoveAll(s.dir)
}
