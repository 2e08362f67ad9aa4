//go:build unix

package source

import (
	"bytes"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// strictCut cuts text at the last record end of each stretch, quotes respected and trusted: all that a reader has to do
// that gives up at the first fault.
type strictCut struct {
	r     io.Reader
	carry []byte
	line  int64
}

func (s *strictCut) cut(c *Chunk) error {
	c.bad, c.inner = c.bad[:0], 0
	c.window = append(c.window[:0], s.carry...)
	n := len(c.window)
	if cap(c.window) < defaultChunkSize+pad {
		c.window = append(make([]byte, 0, defaultChunkSize+pad), c.window...)
	}
	m, err := io.ReadFull(s.r, c.window[n:defaultChunkSize])
	w := c.window[:n+m]
	if len(w) == 0 {
		return io.EOF
	}
	end := len(w)
	if err == nil {
		end = bytes.LastIndexByte(w, '\n') + 1
		for bytes.Count(w[:end], []byte{'"'})%2 == 1 { // inside a quoted cell
			end = bytes.LastIndexByte(w[:end-1], '\n') + 1
		}
	}
	s.carry = append(s.carry[:0], w[end:]...)
	c.Data, c.Line, c.Number = w[:end], s.line, s.line
	c.inner = 1
	s.line += int64(bytes.Count(c.Data, []byte{'\n'}))
	seal(w[:cap(w)], end)
	return nil
}

// userTime is how long the process has computed.
func userTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano())
}

// BenchmarkRecovery is reading with recovery against the strict path, on clean files, in turns: time computed, not
// passed.
func BenchmarkRecovery(b *testing.B) {
	texts := benchTexts(b)
	for _, name := range [...]string{"csv", "crlf", "quoted", "accents", "several lines"} {
		b.Run(name, func(b *testing.B) {
			text := texts[name]
			var chunk, strict Chunk
			var block Block
			var with, without time.Duration
			for b.Loop() {
				start := userTime()
				r, err := Open("-", strings.NewReader(text), Options{})
				if err != nil {
					b.Fatal(err)
				}
				rows := 0
				for r.Cut(&chunk) == nil {
					r.Parse(&chunk, &block)
					rows += len(block.Rows)
				}
				middle := userTime()
				with += middle - start
				s := strictCut{r: strings.NewReader(text), line: 1}
				for s.cut(&strict) == nil {
					r.Parse(&strict, &block)
					rows -= len(block.Rows)
				}
				without += userTime() - middle
				if rows != -1 { // the strict one reads the header as a row
					b.Fatalf("%d rows more", rows)
				}
			}
			b.ReportMetric(float64(with)/float64(without), "with/without")
			rate(b)
		})
	}
}
