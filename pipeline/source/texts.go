package source

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
)

// texts holds the strings that a workbook's cells share, by number. Up to a limit they stay in memory; beyond
// it they go to a temporary file that nobody else can open, and are read back in pages. One goroutine adds at a
// time; others read what has been shown.
type texts struct {
	dir    string // for the temporary file, "" the system's
	limit  int    // bytes in memory
	page   []byte // under way: each text behind its length
	pages  []textPage
	places []uint64 // of each 8th text: page in the upper half, index in it in the lower
	held   int
	size   int64
	count  int
	turned int // texts in pages
	file   *os.File
	shown  atomic.Pointer[textsShown] // nil: nothing yet
}

// textsShown is what had been added at some moment. It stays as it is.
type textsShown struct {
	pages  []textPage
	page   []byte // behind the pages
	places []uint64
	count  int
}

// textPage is a stretch of texts, in memory or in the file.
type textPage struct {
	data   []byte // nil: in the file
	offset int64
	size   int
}

const (
	textsHeld   = 24 << 20 // bytes of shared strings in memory
	textsStored = 4 << 30  // bytes of shared strings in the file
	textPages   = 64 << 10 // bytes of a page, more only for long texts
	textGroup   = 8
)

// add takes over one more text.
func (t *texts) add(text []byte) error {
	if t.count%textGroup == 0 {
		if len(t.page) >= textPages {
			if err := t.turn(); err != nil {
				return err
			}
		}
		t.places = append(t.places, uint64(len(t.pages))<<32|uint64(len(t.page)))
	}
	t.page = binary.AppendUvarint(t.page, uint64(len(text)))
	t.page = append(t.page, text...)
	t.count++
	return nil
}

// turn ends the page under way.
func (t *texts) turn() error {
	p := textPage{data: t.page, offset: t.size, size: len(t.page)}
	if t.held+len(t.page) <= t.limit {
		t.held += len(t.page)
		t.page = make([]byte, 0, textPages+textPages/8)
	} else {
		if t.size+int64(p.size) > textsStored {
			return fmt.Errorf("more than %d bytes of text", int64(textsStored))
		}
		if err := t.spill(p); err != nil {
			return err
		}
		t.size += int64(p.size)
		p.data, t.page = nil, t.page[:0]
	}
	t.pages = append(t.pages, p)
	t.turned = t.count
	return nil
}

// show lets others read the texts in pages, or all. After all of them nothing more is added: the page under way is used
// again where pages go to the file.
func (t *texts) show(all bool) {
	s := textsShown{pages: t.pages, places: t.places[:t.turned/textGroup], count: t.turned}
	if all {
		s.page, s.places, s.count = t.page, t.places, t.count
	}
	t.shown.Store(&s)
}

func (t *texts) spill(p textPage) error {
	if t.file == nil {
		f, err := os.CreateTemp(t.dir, ".strings-*")
		if err != nil {
			return err
		}
		os.Remove(f.Name())
		t.file = f
	}
	_, err := t.file.WriteAt(p.data, p.offset)
	return err
}

func (t *texts) close() {
	if t.file != nil {
		t.file.Close()
	}
}

// textCache is what a block knows of a workbook's texts: those that were shown, the pages of the file that were read
// last, and where it stands, as the texts of a sheet mostly follow one another, but for a few that come again and
// again.
type textCache struct {
	of     *texts
	shown  textsShown
	next   int    // number of the text behind the one that was read last
	offset uint32 // of text next in its page, where both are in one group
	known  [256]struct {
		number int
		text   []byte // nil: none
	}
	pages [4]struct {
		number int
		data   []byte
	}
	turn int
}

// begin forgets all.
func (c *textCache) begin(t *texts) {
	*c = textCache{of: t}
	for i := range c.pages {
		c.pages[i].number = -1
	}
}

// at is text number i, false while it is not shown. It stays valid for as long as t, or until cache's block is reused.
// Safe for concurrent use with distinct blocks.
func (t *texts) at(i int, b *Block) ([]byte, bool) {
	c := &b.shared
	if c.of != t {
		c.begin(t)
	}
	if i < 0 {
		return nil, false
	}
	known := &c.known[i%len(c.known)]
	if known.number == i && known.text != nil {
		return known.text, true
	}
	if i >= c.shown.count {
		shown := t.shown.Load()
		if shown == nil || i >= shown.count {
			return nil, false
		}
		c.shown = *shown
	}
	place := c.shown.places[i/textGroup]
	data, lasting := t.pageData(int(place>>32), c)
	if data == nil {
		return nil, false
	}
	offset, passed := uint32(place), i%textGroup
	follows := i == c.next
	if follows && passed > 0 {
		offset, passed = c.offset, 0
	}
	text, end := textAt(data, offset, passed)
	c.next, c.offset = i+1, end
	if lasting {
		if !follows {
			known.number, known.text = i, text
		}
		return text, true
	}
	from := len(b.text)
	b.text = append(b.text, text...)
	return b.text[from:len(b.text):len(b.text)], true
}

// textAt is the text that stands so many texts behind an offset in a page, and the offset behind it.
func textAt(data []byte, offset uint32, passed int) ([]byte, uint32) {
	for ; ; passed-- {
		size, n := uint32(data[offset]), uint32(1)
		if size >= 0x80 {
			long, read := binary.Uvarint(data[offset:])
			size, n = uint32(long), uint32(read)
		}
		offset += n
		if passed == 0 {
			return data[offset : offset+size : offset+size], offset + size
		}
		offset += size
	}
}

// pageData is a page's bytes, and whether they stay as they are for as long as t.
func (t *texts) pageData(number int, c *textCache) ([]byte, bool) {
	if number == len(c.shown.pages) {
		return c.shown.page, true
	}
	p := &c.shown.pages[number]
	if p.data != nil {
		return p.data, true
	}
	for i := range c.pages {
		if c.pages[i].number == number {
			return c.pages[i].data, false
		}
	}
	slot := &c.pages[c.turn]
	c.turn = (c.turn + 1) % len(c.pages)
	if cap(slot.data) < p.size {
		slot.data = make([]byte, p.size)
	}
	slot.data, slot.number = slot.data[:p.size], number
	if _, err := t.file.ReadAt(slot.data, p.offset); err != nil {
		slot.number = -1
		return nil, false
	}
	return slot.data, false
}
