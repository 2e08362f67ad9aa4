package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// input is one file as UTF-8 text: decompressed, decoded, the byte order mark off. What was looked at
// to find out the format is put back and comes out of fill first.
type input struct {
	name        string
	sheet       string   // the file's name inside an archive of several
	file        *os.File // nil for a stream
	size        int64
	raw         atomic.Int64 // bytes read of the file itself
	body        io.Reader
	head        []byte // looked at, not yet handed out
	end         error  // what body ended with; nil while it may give more
	compression string // for Describe, "" for none
	encoding    string
	marked      bool       // a byte order mark told the encoding
	packed      bool       // body is a zip file, which openPacked takes on
	keepsBlank  bool       // see Options.KeepBlank
	depth       int        // zip files met so far, one in the other
	temporary   []*os.File // copies of streams, for reading at any place
}

// gzipBuffer is how much compressed data is read at once.
const gzipBuffer = 128 << 10

// openInput opens a file, or takes the stream there is. The error is an *Error; nothing stays open after it.
func openInput(name string, stream io.Reader) (*input, error) {
	in := &input{name: name, encoding: "UTF-8"}
	raw := stream
	if stream == nil && name != "-" {
		f, size, err := openFile(name)
		if err != nil {
			return nil, err
		}
		in.file, in.size, raw = f, size, f
	} else if stream == nil {
		return nil, &Error{Code: FileMissing, File: name, Detail: "there is no standard input to read"}
	}
	in.body = &countingReader{src: raw, n: &in.raw}
	if err := in.unwrap(); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func openFile(name string) (*os.File, int64, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return nil, 0, &Error{Code: fileDirectory, File: name, Detail: "is a directory, not a file"}
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, &Error{Code: FileMissing, File: name, Detail: "there is no such file", Err: err}
	case errors.Is(err, fs.ErrPermission):
		return nil, 0, &Error{Code: filePermission, File: name, Detail: "no permission to read it", Err: err}
	case err != nil:
		return nil, 0, &Error{Code: fileUnreadable, File: name, Detail: "cannot be opened: " + cause(err), Err: err}
	}
	size := int64(0)
	if info.Mode().IsRegular() {
		size = info.Size()
	}
	return f, size, nil
}

// cause is an error's own words without the file name, which the Error already carries.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// unwrap takes off compression and encoding, each told by its first bytes.
func (in *input) unwrap() error {
	head := first(in.body)
	if c := compressionOf(head); c.open != nil {
		in.compression = c.name
		whole := io.MultiReader(bytes.NewReader(head), in.body)
		unpacked, err := c.open(bufio.NewReaderSize(whole, gzipBuffer))
		if err != nil {
			return in.brokenOff(0, err)
		}
		in.body = &ratioReader{src: unpacked, packed: &in.raw}
		head = first(in.body)
	}
	if isArchive(head) {
		in.packed = true
		in.body = io.MultiReader(bytes.NewReader(head), in.body)
		return nil
	}
	if bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")) {
		return oldOffice(in.name, in.body)
	}
	if e := foreignFormat(in.name, head); e != nil {
		return e
	}
	return in.decode(head)
}

// first takes the first 8 bytes of r, fewer when it ends before. An error is left for the next read:
// the readers used here repeat theirs.
func first(r io.Reader) []byte {
	head := make([]byte, 8)
	n, _ := io.ReadFull(r, head)
	return head[:n]
}

// decode chooses the encoding by the byte order mark in head, the bytes taken from the start of body.
func (in *input) decode(head []byte) error {
	skip := 0
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		in.encoding, skip = "UTF-32 little endian", 4
	case bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		in.encoding, skip = "UTF-32 big endian", 4
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		in.encoding, skip = "UTF-8 with byte order mark", 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		in.encoding, skip = "UTF-16 little endian", 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		in.encoding, skip = "UTF-16 big endian", 2
	}
	in.marked = skip > 0
	in.body = io.MultiReader(bytes.NewReader(head[skip:]), in.body)
	switch skip {
	case 2:
		in.body = &utf16Reader{src: in.body, big: head[0] == 0xfe}
	case 4:
		in.decode32(head[0] == 0, in.body, in.encoding)
	}
	return nil
}

// fill reads until dst is full or nothing more comes, and says how many bytes it put there.
func (in *input) fill(dst []byte) int {
	n := copy(dst, in.head)
	in.head = in.head[n:]
	empty := 0
	for n < len(dst) && in.end == nil {
		m, err := in.body.Read(dst[n:])
		n += m
		in.end = err
		if m > 0 {
			empty = 0
		} else if empty++; empty > 100 && err == nil {
			in.end = io.ErrNoProgress
		}
	}
	return n
}

// look makes the next n bytes, or all there are, readable without taking them. The slice is valid until fill.
func (in *input) look(n int) []byte {
	if have := len(in.head); have < n && in.end == nil {
		grown := make([]byte, n)
		copy(grown, in.head)
		in.head = nil
		got := in.fill(grown[have:])
		in.head = grown[:have+got]
	}
	return in.head
}

// supply says whether more bytes may come after those handed out.
func (in *input) supply() supply {
	if len(in.head) > 0 {
		return flowing
	}
	return in.supplyBehind()
}

// supplyBehind says whether more bytes may come after those looked at.
func (in *input) supplyBehind() supply {
	switch in.end {
	case nil:
		return flowing
	case io.EOF:
		return ended
	}
	return broken
}

// outcome is io.EOF after a clean end, else why and on which line the input breaks off.
func (in *input) outcome(line int64) error {
	if in.end == nil || in.end == io.EOF {
		return io.EOF
	}
	return in.brokenOff(line, in.end)
}

func (in *input) brokenOff(line int64, err error) *Error {
	detail := "reading it stops: " + cause(err)
	switch {
	case errors.Is(err, errBomb):
		return &Error{Code: fileFormat, File: in.name, Line: line, Err: err, Detail: "the " + in.compression + " data " +
			errBomb.Error() + "; unpack it first if it is meant"}
	case errors.Is(err, errHalfUnit):
		detail = "stops in the middle of a UTF-16 character"
	case in.compression != "" && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
		detail = "the " + in.compression + " data stops short; the file is not complete"
	case in.compression != "":
		detail = "the " + in.compression + " data is damaged: " + cause(err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		detail = "stops short; the file is not complete"
	}
	return &Error{Code: fileBrokenOff, File: in.name, Line: line, Detail: detail, Err: err}
}

// close releases the file; standard input stays open.
func (in *input) close() error {
	for _, f := range in.temporary {
		f.Close()
	}
	if in.file == nil {
		return nil
	}
	return in.file.Close()
}

// errBomb: what is unpacked is out of all proportion to the file.
var errBomb = fmt.Errorf("unpacks to more than %d times its size: a bomb, or damaged", bombRatio)

// ratioReader ends what is unpacked where it is out of all proportion to what was read of the file, as the readers of
// archives do by what these say of their parts.
type ratioReader struct {
	src    io.Reader
	packed *atomic.Int64
	n      int64
}

func (r *ratioReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if r.n += int64(n); r.n > bombFloor && r.n/bombRatio > r.packed.Load() {
		return 0, errBomb
	}
	return n, err
}

// countingReader adds up what was read, for progress, and repeats the error that ended it.
type countingReader struct {
	src io.Reader
	n   *atomic.Int64
	err error
}

func (r *countingReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.src.Read(p)
	r.n.Add(int64(n))
	r.err = err
	return n, err
}
