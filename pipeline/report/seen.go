package report

// pageBits is how many ordinals one page of seen stands for: 64 Ki, 8 KiB a page.
const pageBits = 1 << 16

// seen is the set of ordinals that were added ahead of their turn. A page whose ordinals are all in it takes no memory
// beyond its place in the map, and pages behind the turn are forgotten: what it holds is at most one bit a row between
// the row whose turn it is and the farthest row added, and as a rule a few pages.
type seen struct {
	pages map[int64]*page
	count int64 // ordinals in the set, at or after those forgotten
}

// page is a part of the set; nil in the map stands for a full one.
type page struct {
	words [pageBits / 64]uint64
	count int
}

func (s *seen) has(ordinal int64) bool {
	if s.count == 0 {
		return false
	}
	p, ok := s.pages[ordinal/pageBits]
	if !ok || p == nil {
		return ok
	}
	bit := ordinal % pageBits
	return p.words[bit/64]&(1<<(bit%64)) != 0
}

// add puts in an ordinal that is not there.
func (s *seen) add(ordinal int64) {
	if s.pages == nil {
		s.pages = make(map[int64]*page)
	}
	number := ordinal / pageBits
	p := s.pages[number]
	if p == nil {
		p = new(page)
		s.pages[number] = p
	}
	bit := ordinal % pageBits
	p.words[bit/64] |= 1 << (bit % 64)
	p.count++
	s.count++
	if p.count == pageBits {
		s.pages[number] = nil
	}
}

// pass says that the turn of ordinal has come, and that of all before it; taken, that it was in the set.
func (s *seen) pass(ordinal int64, taken bool) {
	if taken {
		s.count--
	}
	if ordinal%pageBits == pageBits-1 {
		delete(s.pages, ordinal/pageBits)
	}
}
