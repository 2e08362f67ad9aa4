package dedupe

import (
	"encoding/binary"
	"slices"
)

// group is what is known of one customer: the row that stays, and what the others that are the same have said.
type group struct {
	number int64
	dirty  bool

	first  At
	last   int64 // ordinal of the last row folded into its record, or its own
	name   Name
	ids    []Identity
	values []Value
}

// What is kept of a group, so that a customer of a million rows takes no more than one of two.
const (
	idsKept    = 64
	valuesKept = 512
)

// against says what a row contradicts the group in. Where only names and external ids count, further addresses and
// numbers contradict nothing.
func (g *group) against(r *Row, loosely bool) Against {
	other := func(counts func(Kind) bool) int {
		return slices.IndexFunc(r.Identities, func(id Identity) bool { return counts(id.kind) && g.otherwise(r, id) })
	}
	for _, strong := range [...]Kind{Own, ExternalID} {
		if other(func(k Kind) bool { return k == strong }) >= 0 {
			return AgainstIdentity + Against(strong)
		}
	}
	if g.name.Contradicts(r.Name) {
		return AgainstName
	}
	if at := other(func(Kind) bool { return !loosely }); at >= 0 {
		return AgainstIdentity + Against(r.Identities[at].kind)
	}
	return AgainstNothing
}

// otherwise says whether a row and the group both have identities of one kind, and none in common.
func (g *group) otherwise(r *Row, one Identity) bool {
	same := func(id Identity) bool { return id.kind == one.kind && id.Network == one.Network }
	return slices.ContainsFunc(g.ids, same) && !slices.ContainsFunc(r.Identities,
		func(id Identity) bool { return same(id) && g.has(id.Hash) })
}

// contradicts says whether two groups cannot be one customer.
func (g *group) contradicts(other *group) bool {
	return g.against(&Row{Name: other.name, Identities: other.ids}, false) != AgainstNothing
}

func (g *group) has(h Hash) bool {
	return slices.ContainsFunc(g.ids, func(id Identity) bool { return id.Hash == h })
}

// learn takes what a row of the customer says of who it is.
func (g *group) learn(r *Row) {
	if len(g.name) == 0 && len(r.Name) > 0 {
		g.name, g.dirty = append(g.name, r.Name...), true
	}
	for _, id := range r.Identities {
		switch {
		case g.has(id.Hash):
		case len(g.ids) < idsKept: // a further one is one that it has not: who has it alone is no duplicate
			g.ids, g.dirty = append(g.ids, id), true
		}
	}
}

// compare says in which columns a row says something else than the group, and in which something that it does not.
func (g *group) compare(r *Row) (differs, adds []int) {
	for i := range r.Values {
		v := &r.Values[i]
		if v.Signs {
			continue
		}
		known, same := false, false
		for k := range g.values {
			if g.values[k].Path == v.Path {
				known, same = true, same || g.values[k].Hash == v.Hash
			}
		}
		switch {
		case same:
		case known && !slices.Contains(differs, v.Column):
			differs = append(differs, v.Column)
		case !known && !slices.Contains(adds, v.Column):
			adds = append(adds, v.Column)
		}
	}
	adds = slices.DeleteFunc(adds, func(c int) bool { return slices.Contains(differs, c) })
	slices.Sort(differs)
	slices.Sort(adds)
	return differs, adds
}

// spelled says in which columns a row, which says the same as the group there, spells it otherwise.
func (g *group) spelled(r *Row, differs []int) (columns []int) {
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Signs || slices.Contains(differs, v.Column) || slices.Contains(columns, v.Column) {
			continue
		}
		other := func(known Value) bool { return known.Path == v.Path }
		if slices.ContainsFunc(g.values, other) && !slices.ContainsFunc(g.values,
			func(known Value) bool { return other(known) && known.Hash == v.Hash }) {
			columns = append(columns, v.Column)
		}
	}
	slices.Sort(columns)
	return columns
}

// fold takes the values of a row that becomes part of the record, and says in which columns it says something that the
// record cannot hold beside what it has.
func (g *group) fold(r *Row) (differs []int) {
	before := g.values[:len(g.values):len(g.values)]
	for i := range r.Values {
		v := &r.Values[i]
		known, same := false, false
		for k := range before {
			if before[k].Path == v.Path {
				known, same = true, same || before[k].Hash == v.Hash
			}
		}
		switch {
		case same:
		case known && v.Signs:
		case known && !v.Listed:
			if !slices.Contains(differs, v.Column) {
				differs = append(differs, v.Column)
			}
		case len(g.values) < valuesKept:
			g.values = append(g.values, *v)
		}
	}
	g.last, g.dirty = r.Ordinal, true
	slices.Sort(differs)
	return differs
}

// append puts a group into bytes.
func (g *group) append(b []byte) []byte {
	for _, n := range []int64{g.first.Ordinal, g.first.Line, int64(g.first.Table), g.last, int64(len(g.name)),
		int64(len(g.ids)), int64(len(g.values))} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, w := range g.name {
		b = binary.LittleEndian.AppendUint64(b, w.hash)
		b = binary.LittleEndian.AppendUint32(b, uint32(w.initial))
		b = append(b, bit(w.short)|bit(w.born)<<1)
	}
	for _, id := range g.ids {
		b = binary.LittleEndian.AppendUint64(b, id.hi)
		b = binary.LittleEndian.AppendUint32(b, id.lo)
		b = binary.LittleEndian.AppendUint32(b, id.Network)
		b = append(b, byte(id.kind))
	}
	for _, v := range g.values {
		b = binary.LittleEndian.AppendUint64(b, v.Hash<<16|uint64(v.Path))
	}
	return b
}

// read is the inverse of append.
func (g *group) read(b []byte) {
	var head [7]int64
	for i := range head {
		n, size := binary.Uvarint(b)
		head[i], b = int64(n), b[size:]
	}
	g.first, g.last = At{head[0], head[1], int(head[2])}, head[3]
	g.name, g.ids, g.values = sized(g.name, head[4]), sized(g.ids, head[5]), sized(g.values, head[6])
	for i := range g.name {
		g.name[i] = word{binary.LittleEndian.Uint64(b), rune(binary.LittleEndian.Uint32(b[8:])), b[12]&1 == 1, b[12]&2 == 2}
		b = b[13:]
	}
	for i := range g.ids {
		g.ids[i] = Identity{Hash: Hash{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]), Kind(b[16])},
			Network: binary.LittleEndian.Uint32(b[12:])}
		b = b[17:]
	}
	for i := range g.values {
		both := binary.LittleEndian.Uint64(b)
		g.values[i] = Value{Path: uint16(both), Hash: both >> 16}
		b = b[8:]
	}
}

// sized is a slice of that length, in the room of one that is not needed any more.
func sized[S ~[]E, E any](s S, length int64) S { return slices.Grow(s[:0], int(length))[:length] }

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}
