package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"

	"muster/pipeline/bind"
	"muster/pipeline/trust"
)

// Files with the same columns may go into one run. One of them leads: its mapping, plan, run and report are those of
// all. The others follow; each has its own reading, problems and edits. Who leads follows nobody, so that a leader's mu
// is always taken before those of its followers.

// offered is how many other imports, the newest, a page looks at whether they could be taken along.
const offered = 20

// errUnlike: a file cannot go into the run of another.
var errUnlike = errors.New("it has other columns, or is read in another way")

// A shape is what the files of one run have in common.
type shape struct {
	names   []string
	json    bool // its columns show row by row
	reading map[string]string
}

func (a *shape) like(b *shape) bool {
	return a.json == b.json && (a.json || slices.Equal(a.names, b.names)) && maps.Equal(a.reading, b.reading)
}

// shape reads a file's header. The caller holds mu.
func (s *session) shape(ctx context.Context) (*shape, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	h := r.Header()
	return &shape{names: bind.OwnNames(h), json: isJSON(h.Format), reading: maps.Clone(s.record.Reading)}, nil
}

// followers are the imports that go into the run of this one. The caller holds mu, and takes theirs.
func (s *session) followers() (all []*session) {
	for _, id := range s.record.With {
		if one, there := s.store.find(id); there {
			all = append(all, one)
		}
	}
	return all
}

// leader is the import in whose run this one goes, nil its own. The caller holds mu.
func (s *session) leader() *session {
	one, _ := s.store.find(s.record.Leader)
	return one
}

// led is why a follower does not do by itself what its leader does for all. The caller holds mu.
func (s *session) led() error {
	if one := s.leader(); one != nil {
		return fmt.Errorf("this file goes in with %s: that is done there, for both", one.name())
	}
	return nil
}

// lead has these imports go into the run of this one, and no others. Of those that do not fit, the first is the error,
// or they are passed over. The caller holds the store's joining and mu.
func (s *session) lead(ctx context.Context, ids []string, passOver bool) error {
	if err := s.led(); err != nil {
		return err
	}
	mine, err := s.shape(ctx)
	if err == nil {
		_, err = s.understand(ctx)
	}
	if err != nil {
		return err
	}
	var with []string
	for _, id := range ids {
		one, there := s.store.find(id)
		if !there || one == s {
			continue
		}
		err := one.fits(ctx, s.record.ID, mine)
		switch {
		case err == nil:
			with = append(with, id)
		case !passOver:
			return fmt.Errorf("%s cannot go into this run: %w", one.name(), err)
		}
	}
	for _, one := range s.followers() {
		if !slices.Contains(with, one.record.ID) {
			if err := one.leave(); err != nil {
				return err
			}
		}
	}
	if !slices.Equal(with, s.record.With) {
		s.record.With = with // before any of them follows: what follows is in the run, whatever fails behind this
		s.record.Stamp++
		if err := s.save(); err != nil {
			return err
		}
	}
	for _, one := range s.followers() {
		if err := one.follow(s.record.ID); err != nil {
			return err
		}
	}
	return nil
}

// fits is why an import cannot go into the run of another, nil it can.
func (s *session) fits(ctx context.Context, leader string, like *shape) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.Leader == leader {
		return nil
	}
	if s.record.Leader != "" || len(s.record.With) > 0 {
		return errors.New("it goes into another run already")
	}
	if its, err := s.shape(ctx); err != nil {
		return err
	} else if !its.like(like) {
		return errUnlike
	}
	return nil
}

// follow has an import that fits go into the run of another.
func (s *session) follow(leader string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.Leader == leader {
		return nil
	}
	s.record.Leader = leader
	return errors.Join(s.changed(), s.save())
}

// leave has a follower be an import of its own again; what was decided of the columns stays decided. The caller holds
// the leader's mu.
func (s *session) leave() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := trust.Read(s.mappingPath(), 1<<20)
	leader := s.leader()
	s.record.Leader, s.tables.meaning = "", nil
	if err == nil {
		err = trust.WriteWhole(s.mappingPath(), text)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if leader != nil {
		s.record.Decided = maps.Clone(leader.record.Decided)
	}
	return errors.Join(err, s.changed(), s.save())
}

// standings says what the followers hold now, so that a plan of something else is known by it. The caller holds mu.
func (s *session) standings() map[string]string {
	var all map[string]string
	for _, one := range s.followers() {
		if all == nil {
			all = map[string]string{}
		}
		one.mu.Lock()
		all[one.record.ID] = fmt.Sprint(one.record.Stamp, " ", one.under())
		one.mu.Unlock()
	}
	return all
}

// files are those of the session's run, their edits written in them, and the flags by which all are read. Where one can
// only be written as CSV, all are: one run reads its files in one way. The caller holds mu.
func (s *session) files(ctx context.Context) (files, how []string, err error) {
	mine, err := s.shape(ctx)
	if err != nil {
		return nil, nil, err
	}
	table := false
	each := func(do func(one *session) error) error {
		err := do(s)
		for _, one := range s.followers() {
			if err != nil {
				return err
			}
			one.mu.Lock()
			err = do(one)
			one.mu.Unlock()
		}
		return err
	}
	err = each(func(one *session) error {
		its, err := one.shape(ctx)
		if err == nil && !its.like(mine) {
			err = fmt.Errorf("%s cannot go into one run with %s: %w; take it out of the run in File", one.name(), s.name(),
				errUnlike)
		}
		if err != nil {
			return err
		}
		if _, err := one.rows(ctx); err != nil {
			return err
		}
		path, _ := one.fixed()
		if path != "" && one.fixedBook() != "" { // whether it can stay a workbook shows when it is written
			err = one.writeFixed(ctx)
			path, _ = one.fixed()
		}
		table = table || filepath.Ext(path) == ".csv"
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	err = each(func(one *session) (err error) {
		path, _ := one.fixed()
		switch {
		case table:
			path = filepath.Join(one.path("together"), stem(one.name())+".csv")
			if at := one.tables.edits.size + 1; one.tables.togetherAt != at || !exists(path) {
				err = one.writeTable(ctx, path, &tableForm{delimiter: ','})
				one.tables.togetherAt = at
			}
		case path == "":
			path = one.record.File
		case isJSON(one.tables.rows.format):
			err = one.writeFixed(ctx)
		}
		files = append(files, path)
		return err
	})
	how = flags(s.record.Reading)
	if table {
		how = append([]string{"--header", "--delimiter", ","}, flags(map[string]string{
			"region": s.record.Reading["region"], "dates": s.record.Reading["dates"]})...)
	}
	return files, how, err
}

// runWords are a command that plans or imports the files of the session's run, without the program's name; the files
// that it names are there. The caller holds mu.
func (s *session) runWords(ctx context.Context, command string, more []string) ([]string, error) {
	if len(s.record.With) == 0 {
		return s.words(command, more), s.writeFixed(ctx)
	}
	files, how, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{command}, files, how, more), nil
}

// A companion is an import that could go into the run of the one that is shown.
type companion struct {
	ID, Name string
	Joined   bool
}

// companions are those. No mu is held.
func (s *Server) companions(ctx context.Context, one *session) (all []companion) {
	one.mu.Lock()
	mine, err := one.shape(ctx)
	led, id := one.record.Leader != "", one.record.ID
	one.mu.Unlock()
	if err != nil || led {
		return nil
	}
	others := s.store.list()
	for _, other := range others[:min(len(others), offered+1)] {
		if other == one {
			continue
		}
		other.mu.Lock()
		joined := other.record.Leader == id
		if joined || other.record.Leader == "" && len(other.record.With) == 0 && other.landed() == "" {
			its, err := other.shape(ctx)
			if joined || err == nil && its.like(mine) {
				all = append(all, companion{other.record.ID, other.name(), joined})
			}
		}
		other.mu.Unlock()
	}
	return all
}

// setWith changes which files go into one run.
func (s *Server) setWith(w http.ResponseWriter, r *http.Request, one *session) {
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, http.StatusBadRequest, errors.New("the form could not be read"))
		return
	}
	s.store.joining.Lock()
	defer s.store.joining.Unlock()
	one.mu.Lock()
	defer one.mu.Unlock()
	revision, _ := strconv.ParseInt(r.PostForm.Get("revision"), 10, 64)
	err := one.at(revision)
	if err == nil && s.acts.busy() {
		err = errBusy
	}
	if err == nil {
		err = one.lead(r.Context(), r.PostForm["with"], false)
	}
	if err != nil {
		s.failed(w, r, err)
		return
	}
	http.Redirect(w, r, one.url("file"), http.StatusSeeOther)
}

// gather has files that came together, and of which nothing was decided yet, go into one run where they fit.
func (st *store) gather(ctx context.Context, all []*session) error {
	fresh := all[:0:0]
	for _, one := range all {
		if one.record.Revision == 1 {
			fresh = append(fresh, one)
		}
	}
	if len(fresh) < 2 {
		return nil
	}
	var ids []string
	for _, one := range fresh[1:] {
		ids = append(ids, one.record.ID)
	}
	st.joining.Lock()
	defer st.joining.Unlock()
	fresh[0].mu.Lock()
	defer fresh[0].mu.Unlock()
	if _, err := fresh[0].shape(ctx); err != nil {
		return nil // what cannot be read is told on its page
	}
	return fresh[0].lead(ctx, ids, true)
}

// apart takes an import out of the run that it leads or follows, before it is removed.
func (s *Server) apart(one *session) error {
	s.store.joining.Lock()
	defer s.store.joining.Unlock()
	one.mu.Lock()
	leader := one.leader()
	var err error
	for _, other := range one.followers() { // whose mapping is read here
		err = errors.Join(err, other.leave())
	}
	one.record.With = nil
	one.mu.Unlock()
	if leader == nil || err != nil {
		return err
	}
	leader.mu.Lock()
	defer leader.mu.Unlock()
	leader.record.With = slices.DeleteFunc(leader.record.With, func(id string) bool { return id == one.record.ID })
	leader.record.Stamp++
	return leader.save()
}
