// Package inflate reads deflate streams (RFC 1951), as the sheets of workbooks are packed. It does what compress/flate does in
// half the time: a sheet is mostly long repetitions, which it looks up with one step each and copies eight bytes at a time.
package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

// ErrCorrupt means that the data is no deflate stream.
var ErrCorrupt = errors.New("corrupt deflate data")

const (
	history = 32 << 10 // how far back repetitions reach
	ahead   = 64 << 10 // bytes unpacked at once
	longest = 258      // bytes of one repetition
	slack   = 16       // bytes that may be touched behind what is written, or must be there to read without asking
	packed  = 64 << 10 // bytes read at once

	longestCode = 48 // bits of a length and its distance: 15 and 5 more, 15 and 13 more
)

// reader unpacks one stream. Bits are taken from the low end of bits, which holds the n that come next; those above n
// are what data[pos:] starts with, or zero.
type reader struct {
	in       io.Reader
	inErr    error // what in ended with
	data     []byte
	pos, end int // data[pos:end] is read and not yet in bits
	bits     uint64
	n        uint

	out      []byte // the history, and what is unpacked behind it
	from, to int    // out[from:to] is unpacked and not yet handed out
	err      error  // what comes behind that

	coded     bool // a block of codes is under way
	stored    int  // bytes left of a stored block
	last      bool // the block under way is the last
	lengths   lengthTable
	distances distanceTable
}

// NewReader unpacks the stream that in holds. It may read in further than the stream goes. Reading ends with
// io.ErrUnexpectedEOF where in ends within the stream, with ErrCorrupt where it is none, or with in's own error.
func NewReader(in io.Reader) io.ReadCloser {
	return &reader{in: in, data: make([]byte, packed), out: make([]byte, history+ahead+longest+2*slack)}
}

// Close does nothing: what is read belongs to the caller.
func (r *reader) Close() error { return nil }

// Read is io.Reader's.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.from == r.to {
		if r.err != nil {
			return 0, r.err
		}
		if r.to > history {
			r.to = copy(r.out, r.out[r.to-history:r.to])
			r.from = r.to
		}
		r.err = r.unpack()
	}
	n := copy(p, r.out[r.from:r.to])
	r.from += n
	return n, nil
}

// unpack goes on until out is full or the stream ends, with io.EOF.
func (r *reader) unpack() error {
	for r.to < history+ahead {
		switch {
		case r.stored > 0:
			if err := r.copyStored(); err != nil {
				return err
			}
		case r.coded:
			if err := r.decode(); err != nil {
				return err
			}
		case r.last:
			return io.EOF
		default:
			if err := r.begin(); err != nil {
				return err
			}
		}
	}
	return nil
}

// fill reads on, behind what is left, until there are slack bytes or in has ended.
func (r *reader) fill() {
	if r.inErr != nil {
		return
	}
	r.end = copy(r.data, r.data[r.pos:r.end])
	r.pos = 0
	for empty := 0; r.inErr == nil && r.end < slack; {
		n, err := r.in.Read(r.data[r.end:packed])
		r.end += n
		r.inErr = err
		if n > 0 {
			empty = 0
		} else if empty++; empty > 100 && err == nil {
			r.inErr = io.ErrNoProgress
		}
	}
}

// short is why there is no more: in ended within the stream, or could not be read.
func (r *reader) short() error {
	if r.inErr == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return r.inErr
}

// need makes the next count bits, at most 56, be there.
func (r *reader) need(count uint) error {
	for r.n < count {
		if r.pos == r.end {
			if r.fill(); r.pos == r.end {
				return r.short()
			}
		}
		r.bits = r.bits&(1<<r.n-1) | uint64(r.data[r.pos])<<r.n
		r.pos++
		r.n += 8
	}
	return nil
}

// take takes count bits that are there.
func (r *reader) take(count uint) int {
	value := r.bits & (1<<count - 1)
	r.bits >>= count
	r.n -= count
	return int(value)
}

// begin reads the head of a block.
func (r *reader) begin() error {
	if err := r.need(3); err != nil {
		return err
	}
	r.last = r.take(1) == 1
	switch r.take(2) {
	case 0:
		return r.beginStored()
	case 1:
		fixed := fixedLengths()
		r.coded = true
		if !r.lengths.build(fixed[:symbols]) || !r.distances.build(fixed[symbols:]) {
			return ErrCorrupt
		}
		return nil
	case 2:
		r.coded = true
		return r.readTables()
	}
	return ErrCorrupt
}

// beginStored reads the length of a stored block, which starts with the next byte.
func (r *reader) beginStored() error {
	r.take(r.n & 7)
	if err := r.need(32); err != nil {
		return err
	}
	size, check := r.take(16), r.take(16)
	if size != ^check&0xffff {
		return ErrCorrupt
	}
	r.pos -= int(r.n / 8)
	r.bits, r.n, r.stored = 0, 0, size
	return nil
}

// copyStored copies what there is of a stored block, as far as there is room.
func (r *reader) copyStored() error {
	if r.pos == r.end {
		if r.fill(); r.pos == r.end {
			return r.short()
		}
	}
	n := copy(r.out[r.to:history+ahead], r.data[r.pos:min(r.end, r.pos+r.stored)])
	r.pos, r.to, r.stored = r.pos+n, r.to+n, r.stored-n
	return nil
}

// decode unpacks a block of codes to its end, or until out is full.
func (r *reader) decode() error {
	for r.coded && r.to < history+ahead {
		if r.pos+slack > r.end {
			r.fill()
		}
		step := r.run
		if r.pos+slack > r.end {
			step = r.step // the last bytes of the stream
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// run unpacks while there are slack bytes to take bits from, so that it need not ask for each code whether there are. It
// keeps in variables what it changes with each code.
func (r *reader) run() error {
	data, out, to := r.data, r.out, r.to
	bits, n, pos := r.bits, r.n, r.pos
	lengths, distances := &r.lengths, &r.distances
	err := error(nil)
	for to < history+ahead && pos+slack <= r.end {
		bits |= binary.LittleEndian.Uint64(data[pos:]) << n // as many as there is room for, at least 56 then
		pos += int((63 - n) >> 3)
		n |= 56
		e := lengths[bits&(1<<lengthBits-1)]
		if e&literal != 0 { // and one more, for which the bits suffice
			bits >>= e & 63
			n -= uint(e & 63)
			out[to] = byte(e >> 16)
			to++
			if e = lengths[bits&(1<<lengthBits-1)]; e&literal != 0 {
				bits >>= e & 63
				n -= uint(e & 63)
				out[to] = byte(e >> 16)
				to++
				e = lengths[bits&(1<<lengthBits-1)]
			}
			bits |= binary.LittleEndian.Uint64(data[pos:]) << n
			pos += int((63 - n) >> 3)
			n |= 56
		}
		if e&further != 0 {
			bits >>= lengthBits
			n -= lengthBits
			e = lengths[e.second(bits)&(lengthRoom-1)]
		}
		bits >>= e & 63
		n -= uint(e & 63)
		if e&literal != 0 {
			out[to] = byte(e >> 16)
			to++
			continue
		}
		if e&special != 0 {
			r.coded, err = false, e.end()
			break
		}
		length := e.value(bits)
		bits >>= e.extra()
		n -= e.extra()
		if e = distances[bits&(1<<distanceBits-1)]; e&further != 0 {
			bits >>= distanceBits
			n -= distanceBits
			e = distances[e.second(bits)&(distanceRoom-1)]
		}
		bits >>= e & 63
		distance := e.value(bits)
		bits >>= e.extra()
		n -= uint(e&63) + e.extra()
		if e&special != 0 || distance > to {
			err = ErrCorrupt
			break
		}
		repeat(out, to, distance, length)
		to += length
	}
	r.bits, r.n, r.pos, r.to = bits, n, pos, to
	return err
}

// step unpacks one code, of as many bits as there are.
func (r *reader) step() error {
	_ = r.need(longestCode) // fewer may do
	r.bits &= 1<<r.n - 1
	e, ok := r.look(r.lengths[:], lengthBits)
	switch {
	case !ok:
		return r.short()
	case e&literal != 0:
		r.out[r.to] = byte(e >> 16)
		r.to++
		return nil
	case e&special != 0:
		r.coded = false
		return e.end()
	}
	length, enough := e.value(r.bits), e.extra() <= r.n
	if !enough {
		return r.short()
	}
	r.take(e.extra())
	if e, ok = r.look(r.distances[:], distanceBits); !ok || e.extra() > r.n {
		return r.short()
	}
	distance := e.value(r.bits)
	r.take(e.extra())
	if e&special != 0 || distance > r.to {
		return ErrCorrupt
	}
	repeat(r.out, r.to, distance, length)
	r.to += length
	return nil
}

// look takes the next code; false where there are not enough bits for it.
func (r *reader) look(table []entry, first uint) (e entry, ok bool) {
	e, used := table[r.bits&(1<<first-1)], uint(0)
	if e&further != 0 {
		e, used = table[e.second(r.bits>>first)], first
	}
	if used += uint(e & 63); used > r.n {
		return e, false
	}
	r.take(used)
	return e, true
}

// repeat writes length bytes at out[to] that stand so far before it. It may touch slack bytes behind them.
func repeat(out []byte, to, distance, length int) {
	from := to - distance
	if distance < 8 {
		for i := range length {
			out[to+i] = out[from+i]
		}
		return
	}
	dst, src := out[to:to+length+slack], out[from:from+length+slack]
	for len(dst) > slack {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src))
		dst, src = dst[8:], src[8:]
	}
}
