package workbook

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Packers do work on several cores: what fill sends is given to do, on any of them, and then to take, one after the
// other in the order in which it was sent. After take has failed send says that no more is wanted. Packers return once
// all have ended.
type Packers func(fill func(send func(*Segment) (wanted bool)) error, do func(*Segment),
	take func(*Segment) error) error

// Segment is a stretch of a part of a workbook on its way through Packers.
type Segment struct {
	text   []byte
	packed bytes.Buffer
	to     *flate.Writer
}

// segmentSize is how many bytes are deflated by themselves: what a stretch could have found in the 32 KiB before it,
// and does not know, makes the part 2 % larger.
const segmentSize = 256 << 10

// deflate packs the segment so that others can follow it in one stream.
func (s *Segment) deflate() {
	s.packed.Reset()
	if s.to == nil {
		s.to, _ = flate.NewWriter(&s.packed, flate.BestSpeed) // the level is a good one
	} else {
		s.to.Reset(&s.packed)
	}
	s.to.Write(s.text) // a bytes.Buffer takes everything
	s.to.Flush()
}

// segments is a compressor of zip's that has its work done by packers. It is written to within run, and closed behind
// it.
type segments struct {
	packers Packers
	free    sync.Pool // of *Segment

	out  io.Writer // set by zip when the part begins
	send func(*Segment) bool
	last *Segment // being filled
}

// errUnwanted is what writing ends with when the packers have failed, and know why.
var errUnwanted = errors.New("no more is wanted")

// run has write write the part.
func (s *segments) run(write func() error) error {
	return s.packers(func(send func(*Segment) bool) error {
		s.send = send
		err := write()
		if err == nil && s.last != nil {
			err = s.turn()
		}
		if errors.Is(err, errUnwanted) {
			err = nil
		}
		return err
	}, (*Segment).deflate, func(one *Segment) error {
		_, err := s.out.Write(one.packed.Bytes())
		s.free.Put(one)
		return err
	})
}

// Write takes over more of the part.
func (s *segments) Write(p []byte) (int, error) {
	size := len(p)
	for len(p) > 0 {
		if s.last == nil {
			if s.last, _ = s.free.Get().(*Segment); s.last == nil {
				s.last = &Segment{text: make([]byte, 0, segmentSize)}
			}
			s.last.text = s.last.text[:0]
		}
		n := min(len(p), segmentSize-len(s.last.text))
		s.last.text = append(s.last.text, p[:n]...)
		p = p[n:]
		if len(s.last.text) == segmentSize {
			if err := s.turn(); err != nil {
				return size - len(p), err
			}
		}
	}
	return size, nil
}

// turn sends the segment under way.
func (s *segments) turn() error {
	one := s.last
	s.last = nil
	if !s.send(one) {
		return errUnwanted
	}
	return nil
}

// Close ends the stream, with a last block that is empty (RFC 1951, 3.2.6).
func (s *segments) Close() error {
	_, err := s.out.Write([]byte{3, 0})
	return err
}
