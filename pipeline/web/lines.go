package web

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"sort"
	"strings"

	"muster/pipeline/trust"
)

// linesPath is the file that says on which line of the fixed file each row starts: 8 bytes a row.
func (s *session) linesPath() string { return s.path("fixed.idx") }

// A lineWriter notes on which line each row starts.
type lineWriter struct {
	to   *bufio.Writer
	line int64
	b    [8]byte
}

// row notes a row that is about to be written. JSON writes line ends inside a text as \n.
func (l *lineWriter) row(cells []string, isJSON bool) {
	binary.LittleEndian.PutUint64(l.b[:], uint64(l.line))
	l.to.Write(l.b[:]) // a writer keeps its first error for Flush
	if isJSON {
		l.line++
		return
	}
	l.pass(cells)
}

func (l *lineWriter) pass(cells []string) {
	l.line++
	for _, c := range cells {
		l.line += int64(strings.Count(c, "\n"))
	}
}

// lineIndex finds rows by the lines on which they start.
type lineIndex struct {
	*os.File
	count int
}

func openLines(path string) (*lineIndex, error) {
	file, err := trust.OpenAny(path)
	if err != nil {
		return nil, fmt.Errorf("read where the rows of the fixed file stand: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("read where the rows of the fixed file stand: %w", err)
	}
	return &lineIndex{file, int(info.Size() / 8)}, nil
}

// ordinal is that of the row that starts on a line, -1 where none does.
func (l *lineIndex) ordinal(line int64) int64 {
	at := func(i int) int64 {
		var b [8]byte
		if _, err := l.ReadAt(b[:], int64(i)*8); err != nil {
			return 1 << 62
		}
		return int64(binary.LittleEndian.Uint64(b[:]))
	}
	i := sort.Search(l.count, func(i int) bool { return at(i) >= line })
	if i == l.count || at(i) != line {
		return -1
	}
	return int64(i)
}
