package source

import (
	"strings"
	"sync"
)

// grown are the headers of a reader whose records bring columns not seen at open: equal columns keep one pointer. The
// zero value is ready, and safe for concurrent use.
type grown struct {
	mu      sync.Mutex
	headers map[string]*Header // by the names behind the first header's
}

// maxGrown bounds how many grown headers are remembered; beyond it, chunks get one of their own.
const maxGrown = 256

// with is first, the header known at open, with more names behind it.
func (g *grown) with(first *Header, more []string) *Header {
	key := strings.Join(more, "\x00")
	g.mu.Lock()
	defer g.mu.Unlock()
	if h, ok := g.headers[key]; ok {
		return h
	}
	h := &Header{File: first.File, Sheet: first.Sheet, Format: first.Format}
	h.Names = append(append(h.Names, first.Names...), more...)
	if g.headers == nil {
		g.headers = make(map[string]*Header)
	}
	if len(g.headers) < maxGrown {
		g.headers[key] = h
	}
	return h
}
