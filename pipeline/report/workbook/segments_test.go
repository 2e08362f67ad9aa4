package workbook

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"
)

// several is Packers with workers that finish in any order.
func several(fill func(func(*Segment) bool) error, do func(*Segment), take func(*Segment) error) error {
	type ticket struct {
		one  *Segment
		done chan bool
	}
	order := make(chan ticket, 4)
	var doers, taker errgroup.Group
	taker.Go(func() (err error) {
		for t := range order {
			<-t.done
			if err == nil {
				err = take(t.one)
			}
		}
		return err
	})
	err := fill(func(s *Segment) bool {
		t := ticket{s, make(chan bool)}
		doers.Go(func() error {
			do(s)
			close(t.done)
			return nil
		})
		order <- t
		return true
	})
	close(order)
	doers.Wait()
	return errors.Join(err, taker.Wait())
}

// Whatever is written, in whatever pieces, is one deflate stream that gives it back; and again for the next part.
func TestSegments(t *testing.T) {
	for name, packers := range map[string]Packers{"in turn": inTurn, "several": several} {
		s := segments{packers: packers}
		for _, size := range []int{0, 1, segmentSize, segmentSize + 1, 5*segmentSize + 12_345} {
			text := bytes.Repeat([]byte(`<row r="1"><c r="A1" t="s"><v>7</v></c></row>`), size/40+1)[:size]
			for range size / 100 {
				text[rand.IntN(size)] = byte(rand.Uint32())
			}
			var out bytes.Buffer
			s.out = &out
			err := s.run(func() error {
				for rest := text; len(rest) > 0; {
					n := min(len(rest), 1+rand.IntN(100_000))
					if _, err := s.Write(rest[:n]); err != nil {
						return err
					}
					rest = rest[n:]
				}
				return nil
			})
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(flate.NewReader(&out))
			if err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s: %d bytes become %d, %v", name, size, len(got), err)
			}
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A full disk ends the writing of a part, and is what its error says.
func TestSegmentsOnFullDisk(t *testing.T) {
	for name, packers := range map[string]Packers{"in turn": inTurn, "several": several} {
		s := segments{packers: packers, out: fullDisk{}}
		err := s.run(func() error {
			for range 8 {
				if _, err := s.Write(make([]byte, segmentSize)); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, errUnwanted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
