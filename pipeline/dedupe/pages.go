package dedupe

import (
	"fmt"
	"os"
)

// pages is room for bytes that may be read and written anywhere. Some pages of it stand in memory, the others in a
// temporary file that comes to be when it is needed.
type pages struct {
	dir   string
	file  *os.File
	held  []page
	by    map[int64]int // index in held, by number
	hand  int           // of the clock that chooses which page goes
	grown int64         // pages that have been in the file
}

type page struct {
	number       int64
	bytes        []byte
	fresh, dirty bool // was used since the hand passed; differs from the file
}

const (
	pageSize  = 4 << 10
	pagesHeld = 1 << 10 // 4 MiB
)

func newPages(dir string) *pages { return &pages{dir: dir, by: map[int64]int{}} }

// at is the page of an offset, from the offset on. It is good until the next call.
func (p *pages) at(offset int64, writes bool) ([]byte, error) {
	number := offset / pageSize
	i, held := p.by[number]
	if !held {
		var err error
		if i, err = p.load(number); err != nil {
			return nil, err
		}
	}
	one := &p.held[i]
	one.fresh, one.dirty = true, one.dirty || writes
	return one.bytes[offset%pageSize:], nil
}

// load brings a page into memory. One that was never there is zero.
func (p *pages) load(number int64) (int, error) {
	i := len(p.held)
	if i < pagesHeld {
		p.held = append(p.held, page{number: number, bytes: make([]byte, pageSize)})
	} else {
		var err error
		if i, err = p.give(); err != nil {
			return 0, err
		}
		p.held[i].number, p.held[i].dirty = number, false
		clear(p.held[i].bytes)
	}
	p.by[number] = i
	if number < p.grown {
		if _, err := p.file.ReadAt(p.held[i].bytes, number*pageSize); err != nil {
			return 0, fmt.Errorf("read who shares identities back: %w", err)
		}
	}
	return i, nil
}

// give takes a page out of memory that was not used for a while.
func (p *pages) give() (int, error) {
	for p.held[p.hand].fresh {
		p.held[p.hand].fresh = false
		p.hand = (p.hand + 1) % len(p.held)
	}
	i := p.hand
	p.hand = (p.hand + 1) % len(p.held)
	one := &p.held[i]
	delete(p.by, one.number)
	if !one.dirty {
		return i, nil
	}
	if p.file == nil {
		f, err := unnamed(p.dir, "who shares identities")
		if err != nil {
			return 0, err
		}
		p.file = f
	}
	if one.number >= p.grown { // pages between that were never written are zero
		if err := p.file.Truncate((one.number + 1) * pageSize); err != nil {
			return 0, fmt.Errorf("write who shares identities: %w", err)
		}
		p.grown = one.number + 1
	}
	if _, err := p.file.WriteAt(one.bytes, one.number*pageSize); err != nil {
		return 0, fmt.Errorf("write who shares identities: %w", err)
	}
	return i, nil
}

func (p *pages) write(offset int64, b []byte) error {
	for len(b) > 0 {
		room, err := p.at(offset, true)
		if err != nil {
			return err
		}
		n := copy(room, b)
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}

func (p *pages) read(offset int64, b []byte) error {
	for len(b) > 0 {
		from, err := p.at(offset, false)
		if err != nil {
			return err
		}
		n := copy(b, from)
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}

func (p *pages) close() {
	if p.file != nil {
		p.file.Close()
	}
}
