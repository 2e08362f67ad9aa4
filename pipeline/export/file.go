package export

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"muster/pipeline/customer"
	"muster/pipeline/deliver"
	"muster/pipeline/kustomer"
	"muster/pipeline/trust"
)

// A File is an export under way. What was read stands in FILE.part, one record a line; how far it has come and what
// those lines must be stands in FILE.part.json, written behind each page. So an export that was killed goes on behind
// the last page whose lines are whole. Once all is read, Finish makes FILE of it.
type File struct {
	Config
	Path    string
	Records int64 // that were read, deleted ones aside
	Resumed bool  // it goes on where another has ended

	columns []string
	part    *os.File
	state   state
	sum     hash.Hash
	known   known
	see     func(records int64, total int) // told behind each page; nil nobody
}

// state is how far an export has come.
type state struct {
	Kind    string    `json:"kind"`
	Org     string    `json:"org"`
	Columns []string  `json:"columns"`
	Begun   time.Time `json:"begun"` // by the org's clock
	Way     way       `json:"way"`
	Page    int       `json:"page"` // of a list: pages that were read
	From    time.Time `json:"from"` // of what is read by time: the last moment that was read
	Records int64     `json:"records"`
	Bytes   int64     `json:"bytes"`
	Sum     string    `json:"sum"` // SHA-256 of these bytes
	Ended   bool      `json:"ended"`
}

// line is one record in FILE.part.
type line struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"` // when it was updated
	Opaque bool      `json:"opaque,omitempty"`
	Row    Row       `json:"row"`
}

// Part is where an export to a path keeps what it has read.
func Part(path string) string { return path + ".part" }

func stateOf(path string) string { return Part(path) + ".json" }

// Open begins an export to a file, or takes up one that was begun with the same kind, org and columns.
func Open(c Config, path string) (*File, error) {
	f := &File{Config: c, Path: path, columns: c.Columns(), sum: sha256.New()}
	if err := f.open(); err != nil {
		if f.part != nil {
			err = errors.Join(err, f.part.Close())
		}
		return nil, fmt.Errorf("write %s: %w", Part(path), err)
	}
	f.Records = f.state.Records
	return f, nil
}

func (f *File) open() (err error) {
	if f.part, err = trust.Open(Part(f.Path), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	begun := f.Now().Add(f.Viewer.Budget().Skew)
	fresh := state{Kind: f.Kind, Org: f.Org, Columns: f.columns, Begun: begun}
	text, err := os.ReadFile(stateOf(f.Path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var old state
	same := err == nil && json.Unmarshal(text, &old) == nil && old.Kind == fresh.Kind && old.Org == fresh.Org &&
		slices.Equal(old.Columns, fresh.Columns)
	if same {
		if same, err = f.holds(&old); err != nil {
			return err
		}
	}
	if f.Resumed = same && old.Records > 0; same {
		f.state = old
	} else {
		f.sum, f.known = sha256.New(), known{}
		f.state = fresh
	}
	if err := f.part.Truncate(f.state.Bytes); err != nil {
		return err
	}
	_, err = f.part.Seek(f.state.Bytes, io.SeekStart)
	return err
}

// holds says whether the part has all that the state says of it, to the byte. It takes in whom it has.
func (f *File) holds(s *state) (bool, error) {
	in := bufio.NewReader(io.TeeReader(io.LimitReader(f.part, s.Bytes), f.sum))
	var read int64
	for {
		text, err := in.ReadBytes('\n')
		read += int64(len(text))
		var one line
		if len(text) > 0 && json.Unmarshal(text, &one) == nil {
			f.known.add(one.ID, one.At)
		}
		switch {
		case errors.Is(err, io.EOF):
			return read == s.Bytes && hex.EncodeToString(f.sum.Sum(nil)) == s.Sum, nil
		case err != nil:
			return false, err
		}
	}
}

// take writes a page of records, and how far the export has come with it.
func (f *File) take(ctx context.Context, page []*kustomer.Customer, total int, next state) error {
	page, err := f.Readings.Named(ctx, page, func(int) bool { return true })
	if err != nil {
		return err
	}
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	for _, one := range page {
		if f.known.has(one.ID, one.UpdatedAt) {
			continue
		}
		f.known.add(one.ID, one.UpdatedAt)
		if err := lines.Encode(f.line(one)); err != nil {
			return err
		}
		next.Records++
	}
	f.sum.Write(text.Bytes())
	if _, err := f.part.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", f.part.Name(), err)
	}
	next.Bytes, next.Sum = f.state.Bytes+int64(text.Len()), hex.EncodeToString(f.sum.Sum(nil))
	f.state, f.Records = next, next.Records
	if f.see != nil {
		f.see(f.Records, total)
	}
	return f.keep()
}

// line is one record as the part holds it.
func (f *File) line(one *kustomer.Customer) line {
	l := line{ID: one.ID, At: one.UpdatedAt, Row: f.row(f.columns, one)}
	if l.Row["tags"] != nil && customer.OpaqueTags(one) {
		delete(l.Row, "tags")
		l.Opaque = true
	}
	return l
}

// keep has the disk hold what was written, and then the state that says so.
func (f *File) keep() error {
	if err := f.part.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", f.part.Name(), err)
	}
	text, err := json.Marshal(f.state)
	if err == nil {
		err = trust.WriteWhole(stateOf(f.Path), text)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", stateOf(f.Path), err)
	}
	return nil
}

// Close gives the part back. It stays, so that the same export goes on with it.
func (f *File) Close() error { return f.part.Close() }

// Keep writes records as they are; of one that was written before that stands.
func (f *File) Keep(ctx context.Context, records []*kustomer.Customer) error {
	var fresh []*kustomer.Customer
	for _, one := range records {
		if _, kept := f.known.at(one.ID); !kept {
			other := *one
			other.Attributes = maps.Clone(one.Attributes)
			if one.Company != "" {
				other.Attributes["company"], _ = json.Marshal(one.Company) // a text always marshals
			}
			fresh = append(fresh, &other)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return f.take(ctx, fresh, -1, f.state)
}

// comparable are records as customers are compared, those that are deleted left out.
func comparable(records []*kustomer.Record) []*kustomer.Customer {
	list := make([]*kustomer.Customer, 0, len(records))
	for _, r := range records {
		if !r.Deleted() {
			list = append(list, deliver.Comparable(r))
		}
	}
	return list
}

// known is whom an export has read of late: a page may show again whom the one before has shown.
type known struct{ fresh, stale map[string]int64 }

// mostKnown is more than the records of all pages of one search.
const mostKnown = 60_000

func (k *known) add(id string, at time.Time) {
	if k.fresh == nil || len(k.fresh) >= mostKnown {
		k.fresh, k.stale = map[string]int64{}, k.fresh
	}
	k.fresh[id] = at.UnixMilli()
}

func (k *known) has(id string, at time.Time) bool {
	was, is := k.at(id)
	return is && was == at.UnixMilli()
}

func (k *known) at(id string) (was int64, is bool) {
	if was, is = k.fresh[id]; !is {
		was, is = k.stale[id]
	}
	return was, is
}
