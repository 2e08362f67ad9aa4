package dedupe

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// Verdicts are what is known of every row that is not the first of its customer, in order of ordinal. They are held in
// memory up to a limit and on disk beyond it.
type Verdicts struct {
	dir    string
	buffer []byte
	file   *os.File
	in     *bufio.Reader
	next   Verdict
	some   bool
}

// verdictsHeld is how many bytes of verdicts wait in memory.
const verdictsHeld = 1 << 20

func (v *Verdicts) add(one *Verdict) error {
	if v.buffer = one.append(v.buffer); len(v.buffer) < verdictsHeld {
		return nil
	}
	return v.flush()
}

func (v *Verdicts) flush() error {
	if v.file == nil {
		f, err := unnamed(v.dir, "duplicates")
		if err != nil {
			return err
		}
		v.file = f
	}
	if _, err := v.file.Write(v.buffer); err != nil {
		return fmt.Errorf("write duplicates: %w", err)
	}
	v.buffer = v.buffer[:0]
	return nil
}

// rewind ends the adding.
func (v *Verdicts) rewind() error {
	if v.file == nil {
		v.in = bufio.NewReader(bytes.NewReader(v.buffer))
		return v.step()
	}
	if err := v.flush(); err != nil {
		return err
	}
	v.buffer = nil
	if _, err := v.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read duplicates back: %w", err)
	}
	v.in = bufio.NewReader(v.file)
	return v.step()
}

// Again begins the asking anew.
func (v *Verdicts) Again() error {
	if v == nil {
		return nil
	}
	return v.rewind()
}

// At gives the verdict of a row, false where it is the first of its customer. Ordinals are asked in increasing order.
func (v *Verdicts) At(ordinal int64) (Verdict, bool, error) {
	if v == nil {
		return Verdict{}, false, nil
	}
	for v.some && v.next.Ordinal < ordinal {
		if err := v.step(); err != nil {
			return Verdict{}, false, err
		}
	}
	if !v.some || v.next.Ordinal != ordinal {
		return Verdict{}, false, nil
	}
	return v.next, true, nil
}

// Close gives the temporary file back.
func (v *Verdicts) Close() {
	if v != nil && v.file != nil {
		v.file.Close()
	}
}

func (v *Verdicts) step() error {
	_, err := v.in.Peek(1)
	if v.some = err == nil; err == io.EOF {
		return nil
	}
	if err == nil {
		err = v.next.read(v.in)
	}
	if err != nil {
		return fmt.Errorf("read duplicates back: %w", err)
	}
	return nil
}

func (v *Verdict) append(b []byte) []byte {
	for _, n := range [...]int64{v.Ordinal, int64(v.Relation), int64(v.Kind), int64(v.Column) + 1, int64(v.Against),
		int64(v.Other), int64(len(v.Differs)), int64(len(v.Adds)), int64(len(v.Spelled)), int64(len(v.Repeats))} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, at := range [...]At{v.First, v.Holder, v.Rival} {
		b = at.append(b)
	}
	for _, one := range v.Repeats {
		b = one.Holder.append(binary.AppendUvarint(b, uint64(one.Rule)))
	}
	for _, list := range [...][]int{v.Differs, v.Adds, v.Spelled} {
		for _, c := range list {
			b = binary.AppendUvarint(b, uint64(c))
		}
	}
	return b
}

func (a At) append(b []byte) []byte {
	for _, n := range [...]int64{a.Ordinal, a.Line, int64(a.Table)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// read is the inverse of append.
func (v *Verdict) read(in io.ByteReader) (err error) {
	number := func() int64 {
		n, failed := binary.ReadUvarint(in)
		if err == nil {
			err = failed
		}
		return int64(n)
	}
	*v = Verdict{Ordinal: number(), Relation: Relation(number()), Kind: Kind(number()), Column: int(number()) - 1,
		Against: Against(number()), Other: Kind(number())}
	differs, adds, spelled, repeats := int(number()), int(number()), int(number()), int(number())
	for _, at := range [...]*At{&v.First, &v.Holder, &v.Rival} {
		*at = At{number(), number(), int(number())}
	}
	for range repeats {
		v.Repeats = append(v.Repeats, Repeat{int(number()), At{number(), number(), int(number())}})
	}
	for range differs {
		v.Differs = append(v.Differs, int(number()))
	}
	for range adds {
		v.Adds = append(v.Adds, int(number()))
	}
	for range spelled {
		v.Spelled = append(v.Spelled, int(number()))
	}
	return err
}
