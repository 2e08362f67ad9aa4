package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
)

// archive is a zip file: a workbook, or a data file that was packed.
type archive struct {
	name  string
	zip   *zip.Reader
	files map[string]*zip.File
	raw   *countingAt
}

const (
	// Sheets of real rows shrink to a tenth, of blank styled cells to a thirtieth. Apache POI refuses the same
	// (https://poi.apache.org/apidocs/dev/org/apache/poi/openxml4j/util/ZipSecureFile.html).
	bombRatio = 100
	bombFloor = 64 << 20 // bytes below which no ratio is suspicious
	zipParts  = 10_000   // members of an archive
	partLimit = 64 << 20 // bytes of a part that is read whole: styles, the list of sheets
)

// openArchive reads the directory of a zip file. The error is an *Error.
func openArchive(in *input, scratch string) (*archive, error) {
	a := &archive{name: in.name}
	at, size, err := a.random(in, scratch)
	if err != nil {
		return nil, err
	}
	a.raw = &countingAt{src: at, n: &in.raw, size: size}
	in.raw.Store(0)
	in.size = size
	a.zip, err = zip.NewReader(a.raw, size)
	if err != nil {
		detail := "the archive cannot be read: " + cause(err)
		if errors.Is(err, zip.ErrFormat) {
			detail = "is an archive or a workbook (XLSX) without its directory: the file is not complete"
		}
		return nil, &Error{Code: fileBrokenOff, File: in.name, Detail: detail, Err: err}
	}
	a.zip.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	if err := a.check(); err != nil {
		return nil, err
	}
	return a, nil
}

// random gives the archive for reading at any place, which its directory at the end asks for: the file itself, or a
// temporary copy of the stream.
func (a *archive) random(in *input, scratch string) (io.ReaderAt, int64, error) {
	if in.file != nil && in.compression == "" && in.size > 0 {
		return in.file, in.size, nil
	}
	f, err := os.CreateTemp(scratch, ".workbook-*")
	if err != nil {
		return nil, 0, &Error{Code: fileUnreadable, File: in.name, Detail: "cannot be kept for reading: " + cause(err),
			Err: err}
	}
	in.temporary = append(in.temporary, f)
	os.Remove(f.Name())
	for size := int64(0); ; {
		n, err := io.CopyN(f, in.body, 1<<20)
		size += n
		switch {
		case err == io.EOF:
			return f, size, nil
		case err != nil:
			return nil, 0, in.brokenOff(0, err)
		case in.compression != "" && size > bombFloor && size/bombRatio > in.raw.Load():
			return nil, 0, a.refuse("unpacks to more than %d times its size: a bomb, or damaged", bombRatio)
		}
	}
}

// check refuses archives that are bombs, or hold two files of one name, of which readers choose differently, before
// anything of them is unpacked.
func (a *archive) check() error {
	if len(a.zip.File) > zipParts {
		return a.refuse("holds %d files, more than the %d allowed", len(a.zip.File), zipParts)
	}
	a.files = make(map[string]*zip.File, len(a.zip.File))
	names := make(map[string]bool, len(a.zip.File))
	for _, f := range a.zip.File {
		if names[f.Name] && !strings.HasSuffix(f.Name, "/") {
			return a.refuse("holds two files that are called %s, so that nobody can tell which is meant; pack it again with "+
				"one of each name", f.Name)
		}
		names[f.Name] = true
		a.files[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
	}
	return nil
}

func (a *archive) refuse(format string, args ...any) *Error {
	return &Error{Code: fileFormat, File: a.name, Detail: fmt.Sprintf(format, args...)}
}

// open gives the unpacked bytes of one member. The error is an *Error.
func (a *archive) open(f *zip.File) (io.ReadCloser, error) {
	switch {
	case f.Flags&1 != 0:
		return nil, a.refuse("is protected with a password; unpack it, or save it without one")
	case f.UncompressedSize64 > bombFloor && f.UncompressedSize64/bombRatio > f.CompressedSize64:
		return nil, a.refuse("holds a part that unpacks to %d times its size: a zip bomb, or damaged; save it again with "+
			"a spreadsheet program, or as CSV UTF-8",
			f.UncompressedSize64/max(f.CompressedSize64, 1))
	}
	r, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, a.refuse("is packed by a method that is not read; unpack it, or pack it again as an ordinary zip")
	}
	if err != nil {
		return nil, &Error{Code: fileBrokenOff, File: a.name, Detail: "the archive is damaged: " + cause(err), Err: err}
	}
	return r, nil
}

// part is a member that is small enough to be held whole; nil without it. The error is an *Error.
func (a *archive) part(name string) ([]byte, error) {
	f := a.files[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	if f.UncompressedSize64 > partLimit {
		return nil, a.refuse("holds a part %s of %d bytes, more than the %d allowed", path.Base(f.Name), f.UncompressedSize64,
			partLimit)
	}
	r, err := a.open(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, partLimit))
	if err != nil {
		return nil, &Error{Code: fileBrokenOff, File: a.name, Detail: "the archive is damaged: " + cause(err), Err: err}
	}
	return data, checkMarkup(a.name, data)
}

// checkMarkup refuses XML that is not UTF-8, or declares a document type: there entities are made that unfold to
// any size. No spreadsheet program writes either.
func checkMarkup(name string, head []byte) error {
	head = head[:min(len(head), 1024)]
	declared := bytes.ToLower(head[:max(0, bytes.Index(head, []byte("?>")))])
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")),
		bytes.Contains(declared, []byte("encoding=")) && !bytes.Contains(declared, []byte("utf-8")) &&
			!bytes.Contains(declared, []byte("ascii")):
		return &Error{Code: fileEncoding, File: name, Detail: "holds XML that is not UTF-8; save it again with a " +
			"spreadsheet program"}
	case bytes.Contains(head, []byte("<!DOCTYPE")), bytes.Contains(head, []byte("<!ENTITY")):
		return &Error{Code: fileFormat, File: name, Detail: "holds XML with a document type, where entities can unfold to " +
			"any size; save it again with a spreadsheet program"}
	}
	return nil
}

// countingAt adds up what is read, for progress.
type countingAt struct {
	src  io.ReaderAt
	n    *atomic.Int64
	size int64
}

func (r *countingAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.src.ReadAt(p, off)
	if total := r.n.Add(int64(n)); total > r.size {
		r.n.Store(r.size)
	}
	return n, err
}
