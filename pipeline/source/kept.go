package source

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/transform"
)

// EncodingFile is the file that says, for muster's own files beside it that people open in a spreadsheet, in which
// encoding they are written: the input's. One with a byte order mark is UTF-8 all the same.
const EncodingFile = ".encoding"

// Charset is an encoding as a Dialect has it in words, by the name that Encode knows; "" is Unicode's.
func Charset(words string) string {
	name, _, _ := strings.Cut(words, " (")
	if strings.HasPrefix(name, "UTF-") {
		return ""
	}
	return name
}

// keptCharset is the charset that is kept for one of muster's own files; false where none is.
func keptCharset(path string) (charset, bool) {
	base := filepath.Base(path)
	if !slices.ContainsFunc([]string{"rejects", "problems", "annotated"}, func(kind string) bool {
		return strings.HasPrefix(base, kind) && strings.HasSuffix(base, ".csv")
	}) {
		return charset{}, false
	}
	name, err := os.ReadFile(filepath.Join(filepath.Dir(path), EncodingFile))
	if err != nil {
		return charset{}, false
	}
	return charsetNamed(strings.TrimSpace(string(name)))
}

// OpenKept opens one of muster's own files, whose text is UTF-8 then; encoding is what it is written in, "" UTF-8.
func OpenKept(path string) (text io.ReadCloser, encoding string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	c, known := keptCharset(path)
	in := bufio.NewReader(file)
	const mark = "\xef\xbb\xbf"
	if head, _ := in.Peek(len(mark)); !known || string(head) == mark {
		return decoded{in, file}, "", nil
	}
	return decoded{transform.NewReader(in, c.code.NewDecoder()), file}, c.name, nil
}

// decoded is a file whose text is read through a decoder.
type decoded struct {
	io.Reader
	file *os.File
}

func (d decoded) Close() error { return d.file.Close() }
