package source

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// zstdWindow is how far back a zstd stream may reach, and so what it takes of memory: `zstd --long` asks for it.
const zstdWindow = 128 << 20

// compressions are the ways of packing one stream, by its first bytes.
func compressions() []compression {
	return []compression{
		{"gzip", "\x1f\x8b\x08", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"bzip2", "BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
		{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
			// With one worker it starts no goroutine.
			return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(zstdWindow))
		}},
	}
}

type compression struct {
	name, magic string
	open        func(io.Reader) (io.Reader, error)
}

// compressionOf is the compression of what starts with head; open is nil without one.
func compressionOf(head []byte) compression {
	for _, c := range compressions() {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c
		}
	}
	return compression{}
}

// isArchive says whether head starts a zip file, an empty one included.
func isArchive(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// packedDepth is how many archives may stand inside each other: a workbook in a zip file.
const packedDepth = 2

// openPacked chooses the reader for a zip file: workbook or packed data file.
func openPacked(in *input, o Options) (Reader, error) {
	if in.depth++; in.depth > packedDepth {
		return nil, &Error{Code: fileFormat, File: in.name,
			Detail: "is an archive in an archive in an archive; unpack it first"}
	}
	a, err := openArchive(in, o.Scratch)
	if err != nil {
		return nil, err
	}
	switch {
	case a.isXLSX():
		return openXLSX(in, a, o)
	case a.isODS():
		return openODS(in, a, o)
	}
	if err := a.foreign(); err != nil {
		return nil, err
	}
	if data, passed := a.dataFiles(); len(data) > 1 && len(data) <= mostMembers && o.Sheet == "" {
		return openMembers(in, a, data, passed, o)
	}
	f, err := a.member(&o)
	if err != nil {
		return nil, err
	}
	r, err := a.open(f)
	if err != nil {
		return nil, err
	}
	in.body, in.compression, in.packed = r, "zip", false
	if err := in.unwrap(); err != nil {
		return nil, err
	}
	return read(in, o)
}

// foreign knows archives that are documents of another program, and says the way out.
func (a *archive) foreign() error {
	for _, f := range []struct{ part, detail string }{
		{"encryptedpackage", protectedDetail},
		{"xl/workbook.bin", "is a binary workbook (.xlsb); open it and save it as .xlsx, or the sheet as CSV UTF-8"},
		{"word/document.xml", "is a Word document; put the table into a spreadsheet and save that"},
		{"ppt/presentation.xml", "is a presentation; put the table into a spreadsheet and save that"},
		{"index/document.iwa", "is an Apple Numbers file; export it as Excel or CSV (File, Export To)"},
		{"content.xml", "is an OpenDocument file, but no spreadsheet"},
	} {
		if a.files[f.part] != nil {
			return a.refuse("%s", f.detail)
		}
	}
	return nil
}

const protectedDetail = "is protected with a password; open it, take the password off and save it again, or save " +
	"the sheet as CSV UTF-8"

// member is the one data file of an archive, or the one that was asked for as a sheet.
func (a *archive) member(o *Options) (*zip.File, error) {
	var data []*zip.File
	var names []string
	for _, f := range a.zip.File {
		base := path.Base(f.Name)
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") || strings.HasPrefix(base, ".") {
			continue
		}
		if o.Sheet != "" && (strings.EqualFold(o.Sheet, f.Name) || strings.EqualFold(o.Sheet, base)) {
			o.Sheet = ""
			return f, nil
		}
		data, names = append(data, f), append(names, f.Name)
	}
	switch {
	case len(data) == 1:
		return data[0], nil
	case len(data) == 0:
		return nil, &Error{Code: fileEmpty, File: a.name, Detail: "is an archive without files"}
	case o.Sheet != "":
		return nil, &Error{Code: fileSheet, File: a.name, Detail: "has no file of this name; it has " + quoteList(names)}
	}
	return nil, a.refuse("is an archive of %d files (%s); unpack it, or say which to read with --sheet NAME", len(data),
		quoteList(names))
}

// oldOffice says what a file in Microsoft's container of before 2007 is, and the way out: password-protected workbooks
// of today are in such a container too.
func oldOffice(name string, body io.Reader) error {
	const lookedAt = 32 << 20
	data, _ := io.ReadAll(io.LimitReader(body, lookedAt))
	detail := "is an old Excel or Office file; open it and save it as .xlsx, or the sheet as CSV UTF-8"
	switch {
	case bytes.Contains(data, utf16Name("EncryptedPackage")):
		detail = protectedDetail
	case bytes.Contains(data, utf16Name("WordDocument")):
		detail = "is an old Word document; put the table into a spreadsheet and save that"
	case bytes.Contains(data, utf16Name("Workbook")), bytes.Contains(data, utf16Name("Book")):
		detail = "is an old Excel workbook (.xls); open it and save it as .xlsx, or the sheet as CSV UTF-8"
	}
	return &Error{Code: fileFormat, File: name, Detail: detail}
}

// utf16Name is how the container's directory writes a name.
func utf16Name(s string) []byte {
	var b []byte
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}
