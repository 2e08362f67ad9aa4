package source

import (
	"encoding/binary"
	"fmt"
	"os"
)

// texts holds the strings that a workbook's cells share, by number. Up to a limit they stay in memory; beyond
// it they go to a temporary file that nobody else can open, and are read back in pages.
type texts struct {
	dir    string // for the temporary file, "" the system's
	limit  int    // bytes in memory
	page   []byte // under way: each text behind its length
	pages  []textPage
	places []uint64 // of each 8th text: page in the upper half, index in it in the lower
	held   int
	size   int64
	count  int
	file   *os.File
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
	return nil
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

// textCache keeps the pages of the file that were read last.
type textCache struct {
	of    *texts
	pages [4]struct {
		number int
		data   []byte
	}
	turn int
}

// at is text number i, false without it. It stays valid for as long as t, or until cache's block is reused.
// Safe for concurrent use with distinct blocks, once nothing is added.
func (t *texts) at(i int, b *Block) ([]byte, bool) {
	if i < 0 || i >= t.count {
		return nil, false
	}
	place := t.places[i/textGroup]
	data, lasting := t.pageData(int(place>>32), b)
	if data == nil {
		return nil, false
	}
	data = data[uint32(place):]
	for i %= textGroup; ; i-- {
		size, n := uint64(data[0]), 1
		if size >= 0x80 {
			size, n = binary.Uvarint(data)
		}
		if i == 0 {
			data = data[n : n+int(size) : n+int(size)]
			break
		}
		data = data[n+int(size):]
	}
	if lasting {
		return data, true
	}
	from := len(b.text)
	b.text = append(b.text, data...)
	return b.text[from:len(b.text):len(b.text)], true
}

// pageData is a page's bytes, and whether they stay as they are for as long as t.
func (t *texts) pageData(number int, b *Block) ([]byte, bool) {
	if number == len(t.pages) {
		return t.page, true
	}
	p := &t.pages[number]
	if p.data != nil {
		return p.data, true
	}
	c := &b.shared
	if c.of != t {
		*c = textCache{of: t}
		for i := range c.pages {
			c.pages[i].number = -1
		}
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
