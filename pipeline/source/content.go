package source

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// sampleSize is how much of the text is looked at to find out format, dialect and columns. It does not
// depend on ChunkSize, so that neither do the findings.
const sampleSize = 256 << 10

const picture = "is a picture, not a table; save the table itself, as .xlsx or CSV UTF-8"

// foreignFormat knows files that hold or show tables but not as text, by their first bytes, and says the way out.
func foreignFormat(name string, head []byte) *Error {
	for _, f := range []struct{ magic, detail string }{
		{"%PDF", "is a PDF; export the data as CSV"},
		{"\xfd7zXZ", "is xz-compressed; unpack it first"},
		{"7z\xbc\xaf", "is a 7-Zip archive; unpack it first"},
		{"\x89PNG", picture},
		{"\xff\xd8\xff", picture}, // JPEG
		{"GIF89a", picture},
		{"SQLite f", "is an SQLite database; export the table as CSV"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return &Error{Code: fileFormat, File: name, Detail: f.detail}
		}
	}
	return nil
}

// markupText knows web pages and other markup that is offered as a table, and says the way out. Programs of the web
// write HTML under the name of an .xls, which spreadsheet programs open.
func markupText(name string, sample []byte) *Error {
	text := bytes.ToLower(bytes.TrimLeft(sample[:min(len(sample), 4096)], " \t\r\n"))
	detail := ""
	switch {
	case !bytes.HasPrefix(text, []byte{'<'}):
		return nil
	case bytes.HasPrefix(text, []byte("<?xml")) && bytes.Contains(text,
		[]byte("urn:schemas-microsoft-com:office:spreadsheet")):
		detail = "is an XML spreadsheet of Excel 2003; open it and save it as .xlsx, or the sheet as CSV UTF-8"
	case bytes.HasPrefix(text, []byte("<?xml")):
		detail = "is XML, not a table; export the data as CSV"
	default:
		for _, tag := range [...]string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div", "<!--"} {
			if bytes.HasPrefix(text, []byte(tag)) {
				detail = "is a web page (HTML), whatever its name says; open it in a spreadsheet program and save it as .xlsx, " +
					"or export the data as CSV"
			}
		}
	}
	if detail == "" {
		return nil
	}
	return &Error{Code: fileFormat, File: name, Detail: detail}
}

// noText says whether a sample is no text: it holds zero bytes, and of its bytes one in ten is none that text has. A
// zero byte or two are a damaged row, which is refused as any other is.
func noText(sample []byte) bool {
	sample = sample[:min(len(sample), 1024)]
	odd := 0
	for _, c := range sample {
		if c < ' ' && (c < '\t' || c > '\r') {
			odd++
		}
	}
	return odd*10 > len(sample) && bytes.IndexByte(sample, 0) >= 0
}

// checkText refuses what is no text.
func checkText(name string, sample []byte) *Error {
	if noText(sample) {
		return &Error{Code: fileBinary, File: name, Detail: "holds zero bytes near its start: not a text file"}
	}
	return nil
}

// mostlyUTF8 says whether what is not ASCII in a sample is UTF-8, but for fewer wrong bytes or lines, which are left to
// their rows. perhaps: it may be, if it is nothing else.
func mostlyUTF8(sample []byte) (mostly, perhaps bool) {
	right, wrong, letters, wrongLines, rightLines := 0, 0, 0, 0, 0
	for len(sample) > 0 {
		n := nextLine(sample, 0)
		rightBefore, wrongBefore := right, wrong
		for i := 0; i < n; {
			if sample[i] < utf8.RuneSelf {
				i++
				continue
			}
			if n == len(sample) && !utf8.FullRune(sample[i:]) {
				break // the sample's own end
			}
			r, size := utf8.DecodeRune(sample[i:n])
			if r != utf8.RuneError || size > 1 {
				right++
			} else if wrong++; letterInWindows1252(sample, i) {
				letters++
			}
			i += size
		}
		switch {
		case wrong > wrongBefore:
			wrongLines++
		case right > rightBefore:
			rightLines++
		}
		sample = sample[n:]
	}
	return wrong == 0 || right >= wrong || right > 0 && rightLines >= wrongLines, letters <= right && wrong <= right+3
}

// letterInWindows1252 says whether the byte b[i], which is no UTF-8, would be an accented letter behind a plain one
// in the encoding most files that are not UTF-8 have: then it is no accident.
func letterInWindows1252(b []byte, i int) bool {
	if i == 0 || b[i] < 0xc0 || b[i] == 0xd7 || b[i] == 0xf7 || b[i] == 0xff {
		return false
	}
	before := b[i-1] | 0x20
	return 'a' <= before && before <= 'z'
}

// decideFormat tells the format by the first characters, and where these leave it open, by the file's name.
func decideFormat(name string, sample []byte) string {
	text := bytes.TrimLeft(sample, " \t\r\n")
	if len(text) > 0 {
		next := bytes.TrimLeft(text[1:], " \t\r\n")
		switch {
		case text[0] == '{' && (len(next) == 0 || next[0] == '"' || next[0] == '}'):
			return "ndjson"
		case text[0] == '[' && (len(next) == 0 || next[0] == '{' || next[0] == ']'):
			return "json"
		case isVCard(text):
			return "vcard"
		}
	}
	switch extension(name) {
	case ".ndjson", ".jsonl", ".json":
		return "ndjson"
	}
	return "csv"
}

// extension is the name's ending in lower case, one for compression left out.
func extension(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return filepath.Ext(name)
}

// describe joins what was decided to one line for people.
func describe(in *input, parts ...string) string {
	parts = append(parts, in.encoding)
	if in.compression != "" {
		parts = append(parts, in.compression)
	}
	return strings.Join(parts, ", ")
}
