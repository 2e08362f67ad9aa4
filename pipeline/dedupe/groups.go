package dedupe

import (
	"encoding/binary"
	"errors"
	"slices"
)

// groups keeps what is known of customers, and who has which shared identity. What does not fit into memory is on disk.
type groups struct {
	owners *pages // by number of a shared identity: an owner each
	places *pages // by number of a group: where its bytes are
	bytes  *pages // of groups
	end    int64  // of the bytes in use
	count  int64
	near   map[int64]*group // those in use
	idle   []*group         // whose room is used again
	buffer []byte
}

// groupsNear is how many groups stand ready.
const groupsNear = 64

func newGroups(dir string) *groups {
	return &groups{owners: newPages(dir), places: newPages(dir), bytes: newPages(dir), near: map[int64]*group{}}
}

// owner is who has a shared identity.
type owner struct {
	group  int64 // 0 nobody
	holder At    // the first row that has it
	others int64 // rows that have it, too, and that nothing else shows to be the same customer
}

const (
	ownerSize = 40
	placeSize = 16
)

func (g *groups) owner(number int64) (o owner, err error) {
	var b [ownerSize]byte
	if err := g.owners.read(number*ownerSize, b[:]); err != nil {
		return o, err
	}
	n := func(i int) int64 { return int64(binary.LittleEndian.Uint64(b[8*i:])) }
	return owner{n(0), At{n(1), n(2), int(n(3))}, n(4)}, nil
}

func (g *groups) own(number int64, o owner) error {
	var b [ownerSize]byte
	for i, n := range [...]int64{o.group, o.holder.Ordinal, o.holder.Line, int64(o.holder.Table), o.others} {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(n))
	}
	return g.owners.write(number*ownerSize, b[:])
}

// add makes a group of a row.
func (g *groups) add(r *Row) *group {
	g.count++
	one := g.room()
	*one = group{number: g.count, first: At{r.Ordinal, r.Line, r.Table}, last: r.Ordinal, dirty: true, name: one.name[:0],
		ids:    one.ids[:0],
		values: one.values[:0]}
	one.learn(r)
	one.values = append(one.values, r.Values[:min(len(r.Values), valuesKept)]...)
	g.near[one.number] = one
	return one
}

// of is a group by its number. It is good until rest is called.
func (g *groups) of(number int64) (*group, error) {
	if one := g.near[number]; one != nil {
		return one, nil
	}
	offset, length, _, err := g.place(number)
	if err != nil {
		return nil, err
	}
	g.buffer = slices.Grow(g.buffer[:0], int(length))[:length]
	if err := g.bytes.read(offset, g.buffer); err != nil {
		return nil, err
	}
	one := g.room()
	one.number, one.dirty = number, false
	one.read(g.buffer)
	g.near[number] = one
	return one, nil
}

// room is a group to be filled.
func (g *groups) room() *group {
	last := len(g.idle) - 1
	if last < 0 {
		return &group{}
	}
	one := g.idle[last]
	g.idle = g.idle[:last]
	return one
}

func (g *groups) place(number int64) (offset int64, length, room uint32, err error) {
	var b [placeSize]byte
	err = g.places.read(number*placeSize, b[:])
	return int64(binary.LittleEndian.Uint64(b[:])), binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:]),
		err
}

// rest puts groups away where many stand ready.
func (g *groups) rest() error {
	if len(g.near) < groupsNear {
		return nil
	}
	for number, one := range g.near {
		if one.dirty {
			if err := g.put(one); err != nil {
				return err
			}
		}
		delete(g.near, number)
		g.idle = append(g.idle, one)
	}
	return nil
}

// put writes a group where it was, or, where it has grown, at the end.
func (g *groups) put(one *group) error {
	g.buffer = one.append(g.buffer[:0])
	offset, _, room, err := g.place(one.number)
	if err != nil {
		return err
	}
	if length := uint32(len(g.buffer)); length > room {
		offset, room = g.end, length
		g.end += int64(length)
	}
	var b [placeSize]byte
	binary.LittleEndian.PutUint64(b[:], uint64(offset))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(g.buffer)))
	binary.LittleEndian.PutUint32(b[12:], room)
	return errors.Join(g.places.write(one.number*placeSize, b[:]), g.bytes.write(offset, g.buffer))
}

func (g *groups) close() {
	g.owners.close()
	g.places.close()
	g.bytes.close()
}
