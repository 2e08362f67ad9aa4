package report

// leafBits is how many ordinals one leaf of seen stands for: 64 Ki, 8 KiB a leaf.
const leafBits = 1 << 16

// seen is the set of ordinals that were added ahead of their turn. A leaf whose ordinals are all in it takes no memory
// beyond its place in the map, and leaves behind the turn are forgotten: what it holds is at most one bit a row between
// the row whose turn it is and the farthest row added, and as a rule a few leaves.
type seen struct {
	leaves map[int64]*leaf
	count  int64 // ordinals in the set, at or after those forgotten
}

// leaf is a part of the set; nil in the map stands for a full one.
type leaf struct {
	words [leafBits / 64]uint64
	count int
}

func (s *seen) has(ordinal int64) bool {
	if s.count == 0 {
		return false
	}
	p, ok := s.leaves[ordinal/leafBits]
	if !ok || p == nil {
		return ok
	}
	bit := ordinal % leafBits
	return p.words[bit/64]&(1<<(bit%64)) != 0
}

// add puts in an ordinal that is not there.
func (s *seen) add(ordinal int64) {
	if s.leaves == nil {
		s.leaves = make(map[int64]*leaf)
	}
	number := ordinal / leafBits
	p := s.leaves[number]
	if p == nil {
		p = new(leaf)
		s.leaves[number] = p
	}
	bit := ordinal % leafBits
	p.words[bit/64] |= 1 << (bit % 64)
	p.count++
	s.count++
	if p.count == leafBits {
		s.leaves[number] = nil
	}
}

// pass says that the turn of ordinal has come, and that of all before it; taken, that it was in the set.
func (s *seen) pass(ordinal int64, taken bool) {
	if taken {
		s.count--
	}
	if ordinal%leafBits == leafBits-1 {
		delete(s.leaves, ordinal/leafBits)
	}
}

// forget gives back the leaves of a set that has come to hold nothing.
func (s *seen) forget() {
	if len(s.leaves) > 0 {
		clear(s.leaves)
	}
}
